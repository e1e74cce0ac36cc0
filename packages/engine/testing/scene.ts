// A scene for tests of engine and domains: things that sign, a log in memory, and decisions on it, with nothing behind it
// but the formats. Times and leaves are given.
import {
  type Agreement,
  type AssuranceClass,
  contentTypes,
  type Decision,
  decisionId,
  type Entry,
  encodePack,
  entriesOf,
  forkSides,
  type InputStatement,
  type Monitor,
  type Obligation,
  obligationId,
  type Parameters,
  type Policy,
  policyHash,
  type Reading,
  runtimeHash,
  runtimes,
  type Signer,
  sha256,
  signStatement,
  toHex,
} from '@trine/protocol';
import { temporarySigner } from '@trine/protocol/testing/signer.ts';
import { zones } from '../../protocol/calendar/zones.ts';
import { Agenda, type Due } from '../agenda.ts';
import { zonesIdentity } from '../calendar/identity.ts';
import type { Domain } from '../domain.ts';
import { type Evaluated, type Evaluation, evaluate, type OpenedModel } from '../evaluate.ts';
import { commitHeadsOf } from '../heads.ts';
import { notedOf, type OpenedInput, openInput, replaced } from '../inputs.ts';
import { NO_STATES, type States, saltsOf } from '../states.ts';

export const ORIGIN = 'test.example/log';
const NETWORK = `trine:${'0'.repeat(32)}`;
export const HEARTBEAT_SUBJECT = 'node/1';
const address = (digit: string) => `0x${digit.repeat(40)}`;
/** Of the one decider; nobody checks its signature here. */
const DECIDER = 'did:key:z6MkiTBz1ymuepAQ4HEHYSF1H8quG5GLVVQR3djdX3mDooWp';

/** A strict model identity for tests. */
export function testIdentity(name: string) {
  const hash = (text: string) => toHex(sha256(new TextEncoder().encode(text)));
  return { name, version: '1', code: hash(name), configuration: hash(''), runtime: runtimeHash(runtimes.strict) };
}

export interface SceneOptions<T> {
  readonly domain: Domain<T>;
  /** As a person gives them. */
  readonly terms: unknown;
  readonly subject: string;
  readonly startMs: number;
  readonly endMs: number;
  readonly parameters?: Parameters;
  readonly policy?: Partial<Agreement> | Partial<Monitor>;
  readonly monitor?: boolean;
  /** The node gives a sign of life so often by itself, from the start on. */
  readonly heartbeatEveryMs?: number;
}

export interface SayOptions {
  readonly atMs?: number;
  readonly class?: AssuranceClass;
  readonly owner?: string;
  readonly supersedes?: Uint8Array;
  readonly epoch?: number;
  readonly seq?: number;
  readonly prev?: Uint8Array;
}

/** Things that speak, a log of what they said, and a policy under which it is decided. */
export class Scene<T> {
  readonly policy: Policy;
  readonly log: InputStatement[] = [];
  readonly decisions: { readonly due: Due; readonly evaluated: Evaluated }[] = [];
  readonly domain: Domain<T>;
  readonly agenda: Agenda;
  states: States = NO_STATES;
  #last: Uint8Array | undefined;
  readonly #parameters: Parameters;
  #model: OpenedModel | undefined;
  readonly #signers = new Map<string, Signer>();
  readonly #heads = new Map<string, { seq: number; id: Uint8Array }>();
  readonly #ordered = new Map<string, Entry[]>();
  readonly #rows = new Map<string, Map<string, Entry[]>>();
  /** Where each obligation started from, for its corrections. */
  readonly #before = new Map<string, { readonly states: States; readonly continues: Uint8Array | undefined }>();

  readonly #heartbeatEveryMs: number;
  #heartbeatMs: number;

  constructor(options: SceneOptions<T>) {
    const { domain, parameters = {} } = options;
    this.#heartbeatEveryMs = options.heartbeatEveryMs ?? Number.POSITIVE_INFINITY;
    this.#heartbeatMs = options.heartbeatEveryMs ? options.startMs : Number.POSITIVE_INFINITY;
    this.domain = domain;
    this.#parameters = parameters;
    this.policy = options.monitor ? monitorOf(options) : agreementOf(options);
    this.agenda = new Agenda(domain, this.policy, zones);
  }

  /** The terms as the domain reads them. */
  get terms(): T {
    return this.domain.terms.parse(this.policy.terms);
  }

  /** A thing says readings, arriving when the last of them is taken unless told otherwise. */
  async say(subject: string, readings: readonly Reading[], options: SayOptions = {}): Promise<InputStatement> {
    const atMs = options.atMs ?? Math.max(...readings.map(({ timeMs }) => timeMs));
    return this.#append(subject, 'pack', contentTypes.senmlCbor, encodePack(readings), atMs, options);
  }

  /** A thing or a person says something of a media type. */
  async event(
    subject: string,
    mediaType: string,
    body: unknown,
    atMs: number,
    options: SayOptions = {},
  ): Promise<InputStatement> {
    const bytes = body instanceof Uint8Array ? body : new TextEncoder().encode(JSON.stringify(body));
    return this.#append(subject, 'event', mediaType, bytes, atMs, options);
  }

  /** The node's signs of life, often enough for the gate. */
  async heartbeats(fromMs: number, toMs: number, everyMs: number): Promise<void> {
    for (let atMs = fromMs; atMs < toMs; atMs += everyMs)
      await this.say(HEARTBEAT_SUBJECT, [{ quantity: 'log/size', unit: 'count', timeMs: atMs, value: 1 }], {
        owner: 'node',
      });
  }

  /** The signs of life that are due by a time. */
  async #beat(nowMs: number): Promise<void> {
    while (this.#heartbeatMs <= nowMs) {
      const atMs = this.#heartbeatMs;
      this.#heartbeatMs += this.#heartbeatEveryMs;
      await this.heartbeats(atMs, atMs + 1, 1);
    }
  }

  async #append(
    subject: string,
    kind: 'pack' | 'event',
    contentType: number | string,
    payload: Uint8Array,
    arrivalMs: number,
    options: SayOptions,
  ): Promise<InputStatement> {
    if (subject !== HEARTBEAT_SUBJECT) await this.#beat(arrivalMs);
    const lastMs = this.log.at(-1)?.arrivalMs ?? 0;
    if (arrivalMs < lastMs) throw new RangeError(`Arrivals never decrease in a log: ${arrivalMs} after ${lastMs}.`);
    const signer = this.#signers.get(subject) ?? temporarySigner('Ed25519', sha256(new TextEncoder().encode(subject)));
    this.#signers.set(subject, signer);
    const head = this.#heads.get(subject);
    const seq = options.seq ?? (head ? head.seq + 1 : 0);
    const prev = options.prev ?? head?.id;
    const statement = await signStatement(signer, {
      kind,
      subject,
      network: NETWORK,
      epoch: options.epoch ?? 0,
      seq,
      ...(prev && { prev }),
      clock: 'synchronised',
      class: options.class ?? 'software',
      contentType,
      payload,
      ...(options.supersedes && { supersedes: options.supersedes }),
    });
    this.#heads.set(subject, { seq, id: statement.id });
    const owner = options.owner ?? `owner of ${subject}`;
    const logged = {
      origin: ORIGIN,
      index: this.log.length,
      arrivalMs,
      statement,
      body: payload,
      keyOwner: subject,
      owner,
      ownerAddress: address('9'),
    };
    this.log.push(logged);
    const opened = openInput(logged);
    this.agenda.note(notedOf(opened, options.supersedes ? replaced(this.opened()) : () => []));
    return logged;
  }

  /** What a decision on an obligation rests on. @param cut first leaf that is not seen */
  async evaluation(obligation: Obligation, cut: number, atMs: number): Promise<Evaluation> {
    this.#model ??= {
      domain: this.domain,
      engine: await this.domain.open(this.#parameters),
      identity: this.policy.model,
      parameters: this.#parameters,
    };
    const base = toHex(obligation.base ?? obligationId(obligation));
    const before = this.decisions.findLast(
      ({ due }) => toHex(due.obligation.base ?? obligationId(due.obligation)) === base,
    );
    const { states, continues } = (obligation.base && this.#before.get(base)) || {
      states: this.states,
      continues: this.#last,
    };
    return {
      model: this.#model,
      agreement: undefined,
      policy: this.policy,
      obligation,
      cuts: [{ origin: ORIGIN, index: cut, atMs }],
      continues,
      states,
      heads: commitHeadsOf(['*'], this.log.slice(0, cut), forkSides(this.log.slice(0, cut))),
      candidates: this.log.slice(0, cut).map(openInput),
      salt: saltsOf((message) => sha256(message), policyHash(this.policy), obligation),
      corrected:
        obligation.base && before
          ? {
              decision: decisionId(before.evaluated.decision),
              entries: this.#ordered.get(base) ?? [],
              rows: this.#rows.get(base) ?? new Map(),
            }
          : undefined,
    };
  }

  /** Decides everything that is due by a time, in order, as a decider does. */
  async decide(nowMs: number): Promise<Evaluated[]> {
    await this.#beat(nowMs);
    const decided: Evaluated[] = [];
    for (const due of this.agenda.due(nowMs)) {
      const found = this.log.findIndex(({ arrivalMs }) => arrivalMs >= due.dueMs);
      const cut = found < 0 ? this.log.length : found;
      const evaluated = evaluate(await this.evaluation(due.obligation, cut, due.dueMs));
      const { decision } = evaluated;
      const base = toHex(due.obligation.base ?? obligationId(due.obligation));
      this.#ordered.set(base, [
        ...(this.#ordered.get(base) ?? []),
        ...(decision.outcome === 'hold' ? [] : entriesOf(decision)),
      ]);
      const rows = this.#rows.get(base) ?? new Map<string, Entry[]>();
      for (const [key, { row }] of evaluated.rows)
        rows.set(key, [...(rows.get(key) ?? []), ...(row.outcome === 'hold' ? [] : entriesOf(row))]);
      this.#rows.set(base, rows);
      // A correction continues no states: those after it stand as they were.
      if (!due.obligation.base) {
        this.#before.set(base, { states: this.states, continues: this.#last });
        this.states = evaluated.states;
        this.#last = decisionId(decision);
      }
      this.agenda.decided(due.obligation, cut);
      this.decisions.push({ due, evaluated });
      decided.push(evaluated);
    }
    return decided;
  }

  /** Opened candidates, for tests of selection. */
  opened(): OpenedInput[] {
    return this.log.map(openInput);
  }
}

function commonOf<T>({ domain, terms, subject, startMs, endMs }: SceneOptions<T>) {
  const parsed = domain.terms.parse(terms);
  const isCalendar = domain.triggers(parsed).some(({ on }) => on === 'calendar');
  return {
    network: NETWORK,
    origins: [ORIGIN],
    domain: domain.manifest.name,
    title: 'Test',
    subject,
    terms: parsed as never,
    period: { startMs, endMs },
    ...(isCalendar && { zones: zonesIdentity(zones) }),
    model: testIdentity(domain.manifest.name),
    gate: { ownersMin: 1, classMin: 'software' as const, heartbeat: HEARTBEAT_SUBJECT, heartbeatGapMsMax: 15_000 },
  };
}

function monitorOf<T>(options: SceneOptions<T>): Monitor {
  return {
    trine: 'monitor/1',
    ...commonOf(options),
    deciders: { list: [{ key: DECIDER }] },
    currency: 'EUR',
    ...(options.policy as Partial<Monitor>),
  };
}

function agreementOf<T>(options: SceneOptions<T>): Agreement {
  return {
    trine: 'agreement/1',
    ...commonOf(options),
    parties: [
      { role: 'payer', name: 'Payer', address: address('1') },
      { role: 'recipient', name: 'Recipient', address: address('2') },
    ],
    arbiter: address('3'),
    money: {
      chainId: 1,
      contract: address('4'),
      token: address('5'),
      currency: 'EUR',
      perObligationMax: 1_000_000,
      totalMax: 10_000_000,
      ...{ obligationMaxS: 40 * 86_400, settleWithinS: 366 * 86_400, holdMaxS: 86_400, afterHold: 'pay' as const },
      disputeWindowS: 0,
      deadlineS: 60,
    },
    deciders: { list: [{ key: DECIDER, address: address('6') }], quorum: 1 },
    ...(options.policy as Partial<Agreement>),
  };
}

/** Entries of a decision in short, for assertions. @example ['payer → recipient 5 EUR'] */
export function shortEntries(effects: Decision['effects']): string[] {
  return entriesOf({ effects }).map(({ from, to, amount, currency }) => `${from} → ${to} ${amount} ${currency}`);
}
