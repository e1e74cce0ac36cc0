// Agenda: which obligations of one policy arise, and when each is due. Fed with what the log holds, in its order; a pure
// reckoning that scheduler, replay and verifier share.
import {
  equalBytes,
  FormatError,
  fromHex,
  type Obligation,
  obligationId,
  type Policy,
  policyHash,
  toHex,
} from '@trine/protocol';
import type { ZoneTable } from '../protocol/calendar/zones.ts';
import { Calendar } from './calendar/calendar.ts';
import { zonesIdentity } from './calendar/identity.ts';
import { DEMAND_TYPE, type Domain, type LoggedEvent, type Trigger } from './domain.ts';
import { SubjectIndex, selectorsOf } from './inputs.ts';
import { addLate, CorrectionWatch, correctionDueMs, type Late } from './late.ts';
import { type OpenSession, OpenSessions } from './sessions.ts';
import { matchesSubject } from './subjects.ts';

/** What the agenda must know of a statement. */
export interface Noted {
  readonly leaf: number;
  readonly arrivalMs: number;
  readonly kind: string;
  readonly subject: string;
  readonly firstMs: number;
  readonly lastMs: number;
  readonly event?: LoggedEvent | undefined;
  /** Statements that it replaces, and those that they did: it concerns their times as well. */
  readonly replaces?: readonly Pick<Noted, 'kind' | 'subject' | 'firstMs' | 'lastMs'>[];
}

/** An obligation, and when it may be decided: once the log holds something that arrived by then. */
export interface Due {
  readonly obligation: Obligation;
  /** End and grace; of a correction, arrival of what is corrected by and grace. */
  readonly dueMs: number;
}

/** @see Agenda.snapshot */
export interface AgendaSnapshot {
  readonly due: readonly (readonly [string, Arisen])[];
  readonly open: readonly OpenSession[];
  readonly decided: readonly (readonly [string, Decided])[];
  readonly forgotten: readonly (readonly [string, number])[];
}

interface Arisen extends Due {
  /** What it is about. */
  readonly opening: LoggedEvent | undefined;
  /** What came about it after its cut, before it was decided. */
  readonly late: Late[];
}

interface Decided {
  readonly obligation: Obligation;
  readonly opening: LoggedEvent | undefined;
  /** First leaf that the decision did not see. */
  readonly cut: number;
  readonly revision: number;
  readonly late: Late[];
}

/** One statement may not make more windows than this arise. */
const WINDOWS_PER_STATEMENT_MAX = 10_000;
const DECIDED_MAX = 10_000;
/** What opens an obligation is remembered until it is over: a longer body opens nothing. */
const OPENING_BYTES_MAX = 4_096;

type TimeTrigger = Extract<Trigger, { on: 'window' | 'calendar' }>;
type EventTrigger = Exclude<Trigger, TimeTrigger>;
type SessionTrigger = Extract<Trigger, { on: 'session' }>;

/** Asks a domain about what strangers wrote: one that throws has not recognised it, and nothing else stops. */
function ask<A>(question: () => A): A | undefined {
  try {
    return question();
  } catch {
    return undefined;
  }
}

/** @throws FormatError where the policy names another table of time zones than the one at hand */
function checkZones(policy: Policy, zones: ZoneTable): void {
  const here = zonesIdentity(zones);
  if (policy.zones?.hash !== here.hash)
    throw new FormatError(
      'malformed',
      `"${policy.title}" reckons by the time zones of release ${policy.zones?.release ?? 'none'}; here is ${here.release}.`,
    );
}

/** @throws FormatError where the period is longer than the table of time zones reaches */
function calendarOf({ timeZone, period }: Extract<Trigger, { on: 'calendar' }>, policy: Policy, zones: ZoneTable) {
  checkZones(policy, zones);
  const calendar = new Calendar(zones, timeZone);
  calendar.periodOf(period, policy.period.startMs);
  calendar.periodOf(period, policy.period.endMs - 1);
  return calendar;
}

export class Agenda {
  readonly policy: Policy;
  readonly #domain: Domain;
  readonly #terms: unknown;
  readonly #triggers: readonly Trigger[];
  readonly #calendars = new Map<string, Calendar>();
  readonly #hash: Uint8Array;
  readonly #sinceMs: number;
  readonly #only: string | undefined;
  /** Subjects that it looks at, exact or ending with `*`. */
  readonly subjects: readonly string[];
  readonly #matching = new SubjectIndex<true>();
  readonly #due = new Map<string, Arisen>();
  readonly #open = new OpenSessions();
  readonly #decided = new Map<string, Decided>();
  /** Bases of which something came late. */
  readonly #corrigible = new Set<string>();
  /** Ends of the decided windows that are remembered no more, by trigger: none up to then arises again. */
  readonly #forgotten = new Map<string, number>();
  readonly #watch = new CorrectionWatch();

  /**
   * @param sinceMs arrival of the policy: what lies before it is due then, and decided on all that came until then
   * @param only where nothing is asked but whether it arises: key of a row, whose things it looks at
   * @throws FormatError when the terms are not the domain's, or the table of time zones is another
   */
  constructor(domain: Domain, policy: Policy, zones: ZoneTable, sinceMs = 0, only?: string) {
    this.policy = policy;
    this.#sinceMs = sinceMs;
    this.#only = only;
    this.#domain = domain;
    this.#terms = domain.terms.parse(policy.terms);
    this.#triggers = domain.triggers(this.#terms);
    this.#hash = policyHash(policy);
    for (const trigger of this.#triggers)
      if (trigger.on === 'calendar') this.#calendars.set(trigger.timeZone, calendarOf(trigger, policy, zones));
    this.subjects = this.#subjectsOf();
    this.#matching.add(this.subjects, true);
  }

  #subjectsOf(): string[] {
    const probes = this.#triggers.map(({ name }) => ({ trigger: name, fromMs: 0, toMs: 1 }));
    const selected = probes.flatMap((probe) =>
      selectorsOf(this.#domain, this.policy, this.#terms, probe, undefined, this.#only),
    );
    const triggering = this.#triggers.flatMap((trigger) =>
      trigger.on === 'demand' ? trigger.askers : 'subjects' in trigger ? trigger.subjects : [],
    );
    return [...new Set([...selected.flatMap(({ subjects }) => subjects), ...triggering])];
  }

  /** Takes in a statement. Those that concern nothing here change nothing. */
  note(noted: Noted): void {
    const isOurs = this.#matching.of(noted.subject).size > 0;
    if (!isOurs) return;
    for (const trigger of this.#triggers) {
      if (trigger.on === 'window' || trigger.on === 'calendar') this.#noteTime(trigger, noted);
      else if (noted.event) this.#noteEvent(trigger, noted.event);
    }
    if (this.policy.correctableMs !== undefined) this.#noteLate(noted);
  }

  /** Times in which anything came make windows arise: those in which neither thing nor heartbeat spoke are passed over. */
  #noteTime(trigger: TimeTrigger, { firstMs, lastMs }: Noted): void {
    const { startMs, endMs } = this.policy.period;
    const forgottenMs = this.#forgotten.get(trigger.name) ?? Number.NEGATIVE_INFINITY;
    let at = Math.max(firstMs, startMs);
    const lastOf = Math.min(lastMs, endMs - 1);
    for (let n = 0; at <= lastOf && n < WINDOWS_PER_STATEMENT_MAX; n++) {
      const period = this.#periodOf(trigger, at);
      if (period.fromMs >= startMs && period.toMs <= endMs && period.toMs > forgottenMs)
        this.#arise({ trigger: trigger.name, ...period }, period.toMs + trigger.graceMs);
      at = period.toMs;
    }
  }

  #periodOf(trigger: TimeTrigger, ms: number): { fromMs: number; toMs: number } {
    if (trigger.on === 'calendar')
      return (this.#calendars.get(trigger.timeZone) as Calendar).periodOf(trigger.period, ms);
    const fromMs = trigger.startMs + Math.floor((ms - trigger.startMs) / trigger.lengthMs) * trigger.lengthMs;
    return { fromMs, toMs: fromMs + trigger.lengthMs };
  }

  /** Obligations end within the policy's period. */
  #arise(obligation: Obligation, dueMs: number, opening?: LoggedEvent): void {
    const id = toHex(obligationId(obligation));
    if (obligation.toMs > this.policy.period.endMs || this.#due.has(id) || this.#decided.has(id)) return;
    this.#due.set(id, { obligation, dueMs: Math.max(dueMs, this.#sinceMs), opening, late: [] });
    this.#watchFor(id, obligation, opening);
  }

  #watchFor(base: string, obligation: Obligation, opening: LoggedEvent | undefined): void {
    const { correctableMs } = this.policy;
    if (correctableMs === undefined) return;
    const selectors = selectorsOf(this.#domain, this.policy, this.#terms, obligation, opening, this.#only);
    this.#watch.add(base, selectors, obligation.toMs + correctableMs);
  }

  #noteEvent(trigger: EventTrigger, event: LoggedEvent): void {
    const { startMs, endMs } = this.policy.period;
    if (event.timeMs < startMs || event.timeMs >= endMs) return;
    if (trigger.on === 'demand') this.#noteDemand(trigger, event);
    else if (!matchesSubject(trigger.subjects, event.subject)) return;
    else if (trigger.on === 'session') this.#noteSession(trigger, event);
    else if (event.body.length <= OPENING_BYTES_MAX && ask(() => trigger.matches(event))) {
      const { timeMs: fromMs } = event;
      const lengthMs = trigger.on === 'deadline' ? lengthOf(trigger, event) : 1;
      if (lengthMs === undefined) return;
      const obligation = { trigger: trigger.name, fromMs, toMs: fromMs + lengthMs, about: fromHex(event.id) };
      this.#arise(obligation, obligation.toMs + trigger.graceMs, event);
    }
  }

  #noteDemand(trigger: Extract<Trigger, { on: 'demand' }>, event: LoggedEvent): void {
    const { subject, mediaType, body, timeMs } = event;
    if (!trigger.askers.includes(subject) || mediaType !== DEMAND_TYPE || !equalBytes(body, this.#hash)) return;
    const fromMs = Math.max(this.policy.period.startMs, timeMs - trigger.lookBackMs);
    const obligation = { trigger: trigger.name, fromMs, toMs: timeMs + 1, about: fromHex(event.id) };
    this.#arise(obligation, obligation.toMs + trigger.graceMs, event);
  }

  /** A session is due at its close, or without one at its longest duration; a later close changes nothing then. */
  #noteSession(trigger: SessionTrigger, event: LoggedEvent): void {
    const { name, maxMs, graceMs } = trigger;
    const closed = ask(() => trigger.closes(event));
    for (const { opening } of closed === undefined ? [] : this.#open.under(name, closed))
      if (event.timeMs < opening.timeMs + maxMs) this.#close(trigger, opening, event);
    const key = event.body.length <= OPENING_BYTES_MAX ? ask(() => trigger.opens(event)) : undefined;
    const obligation = { trigger: name, fromMs: event.timeMs, toMs: event.timeMs + maxMs, about: fromHex(event.id) };
    if (key === undefined || obligation.toMs > this.policy.period.endMs) return;
    const id = toHex(obligationId(obligation));
    if (this.#due.has(id) || this.#decided.has(id)) return;
    if (this.#open.add({ trigger: name, key, opening: event }))
      this.#arise(obligation, obligation.toMs + graceMs, event);
  }

  #close({ name, graceMs }: SessionTrigger, opening: LoggedEvent, closing: LoggedEvent): void {
    this.#open.delete(name, opening.id);
    const obligation = {
      trigger: name,
      fromMs: opening.timeMs,
      toMs: closing.timeMs + 1,
      about: fromHex(opening.id),
      closedBy: fromHex(closing.id),
    };
    const id = toHex(obligationId(obligation));
    const dueMs = Math.max(obligation.toMs + graceMs, this.#sinceMs);
    this.#due.set(id, { obligation, dueMs, opening, late: [] });
    this.#watchFor(id, obligation, opening);
  }

  /** What came after the cut of a decision, made or still to be made, about its time: a correction is due. */
  #noteLate(noted: Noted): void {
    const { arrivalMs, replaces = [] } = noted;
    const both = [noted, ...replaces.map((one) => ({ ...one, arrivalMs }))];
    for (const base of new Set(both.flatMap((one) => [...this.#watch.concerned(one)]))) {
      const known = this.#due.get(base) ?? this.#decided.get(base);
      if (known === undefined) continue;
      const isSeen = 'dueMs' in known ? noted.arrivalMs < known.dueMs : noted.leaf < known.cut;
      if (isSeen) continue;
      addLate(known.late, noted.arrivalMs, noted.leaf, this.graceOf(known.obligation));
      if ('cut' in known) this.#corrigible.add(base);
    }
  }

  /** How long what is decided waits for what comes, milliseconds. */
  graceOf({ trigger }: Obligation): number {
    return this.#triggers.find(({ name }) => name === trigger)?.graceMs ?? 0;
  }

  /** Takes in that an obligation was decided. @param cut first leaf that the decision did not see */
  decided(obligation: Obligation, cut: number): void {
    const base = toHex(obligation.base ?? obligationId(obligation));
    const due = this.#due.get(base);
    this.#due.delete(base);
    if (obligation.about) this.#open.delete(obligation.trigger, toHex(obligation.about));
    const known = this.#decided.get(base);
    const late = [...(known?.late ?? []), ...(due?.late ?? [])].filter(({ lastLeaf }) => lastLeaf >= cut);
    this.#decided.set(base, {
      obligation: known?.obligation ?? withoutBase(obligation),
      opening: known?.opening ?? due?.opening,
      cut,
      revision: obligation.revision ?? 0,
      late,
    });
    if (late.length > 0) this.#corrigible.add(base);
    else this.#corrigible.delete(base);
    if (this.#decided.size > DECIDED_MAX) this.#forget();
  }

  #forget(): void {
    const [oldest] = this.#decided;
    if (oldest === undefined) return;
    const [base, { obligation }] = oldest;
    this.#decided.delete(base);
    this.#corrigible.delete(base);
    this.#watch.delete(base);
    const { trigger, toMs, about } = obligation;
    // What is about a statement arises with it, once; windows would arise again with whatever comes about their time.
    if (about === undefined) this.#forgotten.set(trigger, Math.max(toMs, this.#forgotten.get(trigger) ?? toMs));
  }

  /** What is due by a time, the earliest end first. */
  due(nowMs: number): Due[] {
    const found = [...this.#pending()].filter(({ dueMs }) => dueMs <= nowMs);
    return found.sort((a, b) => a.obligation.toMs - b.obligation.toMs || a.dueMs - b.dueMs);
  }

  *#pending(): Iterable<Due> {
    for (const { obligation, dueMs } of this.#due.values()) yield { obligation, dueMs };
    for (const base of this.#corrigible) {
      const { obligation, revision, late } = this.#decided.get(base) as Decided;
      yield {
        obligation: { ...obligation, base: fromHex(base), revision: revision + 1 },
        dueMs: correctionDueMs(late[0] as Late, this.graceOf(obligation)),
      };
    }
  }

  /** Is anything open or due that this subject opened? */
  isOpener(subject: string): boolean {
    if (this.#open.isOpener(subject)) return true;
    for (const { opening } of this.#due.values()) if (opening?.subject === subject) return true;
    return false;
  }

  /** Everything it knows, as values that survive a structured clone. */
  snapshot(): AgendaSnapshot {
    return structuredClone({
      due: [...this.#due],
      open: this.#open.all(),
      decided: [...this.#decided],
      forgotten: [...this.#forgotten],
    });
  }

  /** Continues from a snapshot: of an agenda that noted nothing yet. */
  restore(snapshot: AgendaSnapshot): void {
    const { due, open, decided, forgotten } = structuredClone(snapshot);
    for (const [trigger, toMs] of forgotten) this.#forgotten.set(trigger, toMs);
    for (const session of open) this.#open.add(session);
    for (const [base, one] of decided) {
      this.#decided.set(base, one);
      if (one.late.length > 0) this.#corrigible.add(base);
      this.#watchFor(base, one.obligation, one.opening);
    }
    for (const [id, one] of due) {
      this.#due.set(id, one);
      this.#watchFor(id, one.obligation, one.opening);
    }
  }
}

/** A length that is one: a domain reads it from what strangers wrote. */
function lengthOf({ withinMs }: Extract<Trigger, { on: 'deadline' }>, event: LoggedEvent): number | undefined {
  const ms = typeof withinMs === 'number' ? withinMs : ask(() => withinMs(event));
  return ms !== undefined && Number.isSafeInteger(ms) && ms > 0 ? ms : undefined;
}

function withoutBase({ base: _, revision: __, ...obligation }: Obligation): Obligation {
  return obligation;
}
