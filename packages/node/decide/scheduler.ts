// Scheduler: the agendas of all policies that can be decided here. A projection: fed with every leaf once it is durable.
import {
  Agenda,
  type AgendaSnapshot,
  type Domains,
  type Due,
  matchesSubject,
  type Noted,
  openInput,
  zones,
} from '@trine/engine';
import { decisionPayload, obligationId, type Statement, sha256, toHex } from '@trine/protocol';
import type { LoggedPolicy, PolicyRegistry } from '../projections/policies.ts';
import type { Entry, Projection } from '../projections/projection.ts';

export interface SchedulerOptions {
  readonly domains: Domains;
  readonly policies: PolicyRegistry;
  /** did:key of the member whose decisions count as ours. */
  readonly decider: string;
  /** A policy whose obligations may lie in the past: notes what the log held about it below a leaf. */
  readonly noteThePast: (policy: LoggedPolicy, agenda: Agenda, below: number) => Promise<void>;
  /** What the statement at a leaf replaces. */
  readonly replacedBy: (leaf: number) => Promise<NonNullable<Noted['replaces']>>;
}

/** A policy that is decided here, and what is due under it. */
export interface Scheduled {
  readonly logged: LoggedPolicy;
  readonly agenda: Agenda;
  /** Resolves once the agenda knows the past; until then, what is new waits its turn. */
  ready: Promise<void>;
  waiting: (() => void | Promise<void>)[] | undefined;
}

interface Snapshot {
  /** Leaves below are in the agendas. */
  readonly leaf: number;
  readonly agendas: readonly { readonly hash: string; readonly agenda: AgendaSnapshot }[];
}

export class Scheduler implements Projection {
  readonly name = 'agendas';
  readonly #options: SchedulerOptions;
  readonly #scheduled = new Map<string, Scheduled>();
  readonly #bySubject = new Map<string, Scheduled[]>();
  readonly #byPrefix: Scheduled[] = [];
  #next = 0;
  /** Why a policy is not decided here, by hash. */
  readonly undecidable = new Map<string, string>();

  constructor(options: SchedulerOptions) {
    this.#options = options;
  }

  apply(entry: Entry): void {
    this.#next = entry.index + 1;
    if (entry.kind === 'pack' || entry.kind === 'event') this.#note(entry);
    else if (entry.kind === 'agreement' || entry.kind === 'monitor') {
      const logged = this.#options.policies.get(toHex(sha256(entry.statement().payload)));
      if (logged?.index === entry.index) this.#adopt(logged, entry.index);
    } else if (entry.kind === 'decision' && entry.issuer === this.#options.decider) this.#decided(entry.statement());
  }

  #note(entry: Entry): void {
    const { subject } = entry;
    const concerned = [
      ...(this.#bySubject.get(subject) ?? []),
      ...this.#byPrefix.filter(({ agenda }) => matchesSubject(agenda.subjects, subject)),
    ];
    if (concerned.length === 0) return;
    const { index: leaf, arrivalMs, kind, firstMs, lastMs } = entry;
    const noted = {
      leaf,
      arrivalMs,
      kind,
      subject,
      firstMs,
      lastMs,
      event: kind === 'event' ? eventOf(entry) : undefined,
    };
    if (entry.supersedes) {
      // What it replaces may lie at other times: the tables know.
      const replaced = this.#options.replacedBy(leaf);
      replaced.catch(() => undefined);
      for (const scheduled of concerned)
        later(scheduled, async () => scheduled.agenda.note({ ...noted, replaces: await replaced }));
    } else for (const scheduled of concerned) inTurn(scheduled, () => scheduled.agenda.note(noted));
  }

  /** Begins with a policy, and with what the log held about it below a leaf. */
  #adopt(logged: LoggedPolicy, below: number): void {
    const scheduled = this.#schedule(logged);
    if (scheduled === undefined) return;
    scheduled.waiting = [];
    scheduled.ready = this.#options.noteThePast(logged, scheduled.agenda, below).then(() => catchUp(scheduled));
    // Whoever decides hears of it.
    scheduled.ready.catch(() => undefined);
  }

  #schedule(logged: LoggedPolicy): Scheduled | undefined {
    const { domains, decider } = this.#options;
    const { policy, hash } = logged;
    if (!policy.deciders.list.some(({ key }) => key === decider)) {
      this.undecidable.set(hash, 'this node is none of its deciders');
      return undefined;
    }
    try {
      const agenda = new Agenda(domains.of(policy).domain, policy, zones, logged.arrivalMs);
      const scheduled: Scheduled = { logged, agenda, ready: Promise.resolve(), waiting: undefined };
      this.#scheduled.set(hash, scheduled);
      this.#index(scheduled);
      return scheduled;
    } catch (error) {
      this.undecidable.set(hash, (error as Error).message);
      return undefined;
    }
  }

  #index(scheduled: Scheduled): void {
    const { subjects } = scheduled.agenda;
    if (subjects.some((subject) => subject.endsWith('*'))) this.#byPrefix.push(scheduled);
    else
      for (const subject of subjects)
        this.#bySubject.set(subject, [...(this.#bySubject.get(subject) ?? []), scheduled]);
  }

  #decided({ payload }: Statement): void {
    const { policy, obligation, cuts } = decisionPayload.decode(payload.slice());
    const scheduled = this.#scheduled.get(toHex(policy));
    if (scheduled) inTurn(scheduled, () => scheduled.agenda.decided(obligation, cuts[0]?.index ?? 0));
  }

  all(): Scheduled[] {
    return [...this.#scheduled.values()];
  }

  get(hash: string): Scheduled | undefined {
    return this.#scheduled.get(hash);
  }

  /** What is due by a time under one policy; nothing that begins after its end, or after another monitor took its place. */
  due({ logged, agenda }: Scheduled, nowMs: number): Due[] {
    const endMs = this.#options.policies.endedFrom(logged.hash) ?? Number.POSITIVE_INFINITY;
    return agenda.due(nowMs).filter(({ obligation }) => obligation.fromMs < endMs);
  }

  snapshot(): Snapshot {
    const known = this.all().filter(({ waiting }) => waiting === undefined);
    return {
      leaf: this.#next,
      agendas: known.map(({ logged, agenda }) => ({ hash: logged.hash, agenda: agenda.snapshot() })),
    };
  }

  /** The policies must be restored before. */
  restore(snapshot: unknown): void {
    const { leaf, agendas } = snapshot as Snapshot;
    this.#next = leaf;
    const known = new Map(agendas.map(({ hash, agenda }) => [hash, agenda]));
    for (const logged of this.#options.policies.all()) {
      const before = known.get(logged.hash);
      if (before) this.#schedule(logged)?.agenda.restore(before);
      // Its domain was installed only now: its past has yet to be noted.
      else this.#adopt(logged, leaf);
    }
  }
}

function inTurn({ waiting }: Scheduled, step: () => void): void {
  if (waiting) waiting.push(step);
  else step();
}

/** A step that takes its time: what comes after it waits its turn. */
function later(scheduled: Scheduled, step: () => Promise<void>): void {
  if (scheduled.waiting) return void scheduled.waiting.push(step);
  scheduled.waiting = [step];
  scheduled.ready = catchUp(scheduled);
  scheduled.ready.catch(() => undefined);
}

async function catchUp(scheduled: Scheduled): Promise<void> {
  for (let step = scheduled.waiting?.shift(); step; step = scheduled.waiting?.shift()) await step();
  scheduled.waiting = undefined;
}

function eventOf(entry: Entry) {
  const body = entry.body();
  const statement = entry.statement();
  const shared = {
    origin: '',
    index: entry.index,
    arrivalMs: entry.arrivalMs,
    statement,
    keyOwner: '',
    owner: '',
    ownerAddress: '',
  };
  return openInput({ ...shared, body: body?.slice() }).event;
}

/** Id of the obligation that stands, whatever corrects it; hex. */
export function baseOf({ obligation }: Due): string {
  return toHex(obligation.base ?? obligationId(obligation));
}
