// What a domain is: manifest, terms, triggers, inputs, and an engine that decides. Pure: the node does all reading,
// appending and paying, and draws the panels.
import type {
  Alert,
  Effect,
  Entry,
  Facts,
  Obligation,
  Parameters,
  Reading,
  Reason,
  UnknownEffect,
} from '@trine/protocol';
import type { Period } from './calendar/calendar.ts';
import type { Terms } from './terms.ts';

/** What a kind of device may send (a part of a W3C WoT Thing Model). Limits are enforced when it is admitted. */
export interface ThingModel {
  readonly title: string;
  readonly properties: Readonly<Record<string, PropertyModel>>;
}

export interface PropertyModel {
  readonly title: string;
  /** SenML unit symbol; '' for none. */
  readonly unit: string;
  readonly minimum?: number;
  readonly maximum?: number;
}

/** A word of the domain for people: what a verdict or an alert is called, and how it looks. */
export interface Word {
  readonly label: string;
  readonly tone: 'ok' | 'info' | 'warn' | 'bad' | 'quiet';
}

/** What the console draws on the page of a policy. */
export interface Panel {
  readonly id: string;
  readonly title: string;
  /** `facts`: facts of the decisions over time, by name. `readings`: quantities of the policy's things. `rows`: lines. */
  readonly kind: 'facts' | 'readings' | 'rows';
  /** Names of facts, or quantities; of rows, the facts that become columns. */
  readonly of: readonly string[];
  /** SenML unit, 'money' (minor units of the policy's currency) or 'ppm'. */
  readonly unit?: string;
}

export interface Manifest {
  /** Lower-case letters and hyphens. */
  readonly name: string;
  readonly version: string;
  readonly title: string;
  readonly about: string;
  /** By name: what enrolments name as the model of a thing. */
  readonly things: Readonly<Record<string, ThingModel>>;
  /** Roles of the parties under an agreement, `payer` and `recipient` among them. */
  readonly roles: readonly string[];
  readonly reads: readonly ('pack' | 'event')[];
  readonly verdicts: Readonly<Record<string, Word>>;
  readonly alerts: Readonly<Record<string, Word>>;
  readonly panels: readonly Panel[];
  /** Answered by the node under `/api/v1/domains/<name>/`, from what is public under the policy. */
  readonly routes: readonly Route[];
}

/** A read-only question about one policy: its decisions, oldest first, to an answer in JSON. */
export interface Route {
  /** Last part of the path, lower-case with hyphens. */
  readonly path: string;
  readonly summary: string;
  /** Names that a caller may give in the query, and what they mean. */
  readonly asks?: Readonly<Record<string, string>>;
  readonly answer: (
    decisions: readonly RouteDecision[],
    policy: { readonly terms: unknown; readonly currency?: string | undefined },
    asked?: Readonly<Record<string, string>>,
  ) => unknown;
}

export interface RouteDecision {
  readonly id: string;
  readonly fromMs: number;
  readonly toMs: number;
  readonly verdict: string;
  readonly facts: Facts;
  readonly entries: readonly Entry[];
  readonly outcome: string;
  /** Name of the trigger, and id of the statement that it is about, hex. */
  readonly trigger?: string;
  readonly about?: string | undefined;
  /** Obligation that it corrects, hex. */
  readonly base?: string | undefined;
  /** Lines that the caller may read: one's own, or all of an operator; a stranger gets none. */
  readonly rows?: readonly RouteRow[];
}

/** A party's line, for who may read it. */
export interface RouteRow {
  readonly key: string;
  readonly verdict: string;
  readonly facts: Facts;
  readonly entries: readonly Entry[];
  readonly outcome: string;
}

/** A statement of kind `event`: media type and bytes of anybody's. */
export interface LoggedEvent {
  /** Id of the statement, hex. */
  readonly id: string;
  readonly subject: string;
  readonly mediaType: string;
  readonly body: Uint8Array;
  /** When it arrived: an event has no other time that anybody checked. */
  readonly timeMs: number;
  readonly leaf: number;
}

/** When obligations arise. Each has a name, unique in the domain. */
export type Trigger = { readonly name: string; readonly graceMs: number } & (
  | { readonly on: 'window'; readonly startMs: number; readonly lengthMs: number }
  | { readonly on: 'calendar'; readonly period: Period; readonly timeZone: string }
  /** Ends at its close, or `maxMs` after its opening. One that could outlast the policy is not opened. */
  | {
      readonly on: 'session';
      readonly subjects: readonly string[];
      readonly maxMs: number;
      /** Under which key an event opens one, if it does; its own id where each has a close of its own. */
      readonly opens: (event: LoggedEvent) => string | undefined;
      /** Key of the open sessions that an event closes. */
      readonly closes: (event: LoggedEvent) => string | undefined;
    }
  /** One for each event that matches. */
  | { readonly on: 'event'; readonly subjects: readonly string[]; readonly matches: (event: LoggedEvent) => boolean }
  /** `withinMs` after each event that matches. */
  | {
      readonly on: 'deadline';
      readonly subjects: readonly string[];
      readonly withinMs: number | ((event: LoggedEvent) => number);
      readonly matches: (event: LoggedEvent) => boolean;
    }
  /** When one of the askers asks, by an event of media type {@link DEMAND_TYPE} that names the policy. */
  | { readonly on: 'demand'; readonly askers: readonly string[]; readonly lookBackMs: number }
);

/** Media type of a request to decide now: the body is the policy's hash, 32 bytes. */
export const DEMAND_TYPE = 'application/vnd.trine.demand';

/** Which statements are looked at for an obligation. The proof shows that all of exactly these went in. */
export interface Selector {
  /** The engine finds them under this name; unique within a row, and among those that are common. */
  readonly name: string;
  /** Exact subjects, or ending with `*`. */
  readonly subjects: readonly string[];
  readonly kinds: readonly ('pack' | 'event')[];
  /** `[fromMs, toMs)` of event time. */
  readonly fromMs: number;
  readonly toMs: number;
  /** Whose line it is for; absent: for what is common to all. */
  readonly row?: string;
}

/** A reading with a usable value, and where it came from. */
export interface LoggedReading extends Reading {
  readonly subject: string;
  readonly leaf: number;
}

/** What one selector found. */
export interface Selected {
  /** By event time, then by place in the log. */
  readonly readings: readonly LoggedReading[];
  readonly events: readonly LoggedEvent[];
  /** Statements with a usable reading within the times. */
  readonly statements: number;
}

export interface DecisionInput<T> {
  readonly terms: T;
  /** What was learnt or set; none for the model as it is delivered. */
  readonly parameters: Parameters;
  readonly obligation: Obligation;
  /** Of the policy: no obligation ends after it. */
  readonly period: { readonly startMs: number; readonly endMs: number };
  /** Of amounts; undefined under a monitor without any. */
  readonly currency: string | undefined;
  /** By the selector's name; of rows only those for what is common. */
  readonly inputs: ReadonlyMap<string, Selected>;
  /** State under a key after the decision before; no bytes where there is none. */
  state(key: string): Uint8Array;
  /** The statements that opened and closed a session, or that an event, a deadline or a demand is about. */
  readonly opening: LoggedEvent | undefined;
  readonly closing: LoggedEvent | undefined;
}

export interface Outcome {
  /** One of the manifest's. */
  readonly verdict: string;
  readonly facts: Facts;
  readonly score?: { readonly ppm: number; readonly thresholdPpm: number };
  readonly reason: Reason;
  /** By subject; what is left out stays as it was. */
  readonly states: ReadonlyMap<string, Uint8Array>;
  readonly effects: readonly Effect[];
}

/** Input of one party's line: its own inputs and state, and what was decided for all. */
export interface RowInput<T> extends DecisionInput<T> {
  readonly key: string;
  readonly common: Outcome;
}

/** What is said in public of all lines together. */
export interface Total {
  readonly verdict: string;
  /** Besides those of what is common, which stay. */
  readonly facts: Facts;
  readonly reason: Reason;
}

/** A line; its state is the one under its key. */
export interface RowOutcome extends Omit<Outcome, 'states'> {
  readonly state?: Uint8Array;
}

/** A decision on which a person spoke. */
export interface LabelledDecision<T> {
  readonly input: DecisionInput<T>;
  readonly decided: string;
  /** Does a verdict agree with what the person said? */
  agrees(verdict: string): boolean;
  /** The member who said so: no one person may teach a model everything. */
  readonly by: string;
}

/** One quantity: what was expected and what came, for a plot. */
export interface ExplainedSeries {
  readonly quantity: string;
  readonly unit: string;
  /** Share of this quantity in the score, 0 to 1; the shares add to 1 where anything was remarkable. */
  readonly share: number;
  readonly timeMs: readonly number[];
  readonly value: readonly number[];
  /** Null where nothing was expected yet. */
  readonly expected: readonly (number | null)[];
  readonly low: readonly (number | null)[];
  readonly high: readonly (number | null)[];
  /** 0 to 1, one for each reading. */
  readonly score: readonly number[];
}

/** Why it was decided so. */
export interface Explanation {
  /** Sentences, the weightiest first. */
  readonly words: readonly string[];
  readonly series: readonly ExplainedSeries[];
}

/** Prepared once, then pure and synchronous: the same input gives the same outcome to the bit. */
export interface Engine<T> {
  decide(input: DecisionInput<T>): Outcome;
  /** A party's line, where the domain has rows. */
  row?(input: RowInput<T>): RowOutcome;
  /**
   * Sums over all lines, once they are there. Only who has all of them can recompute it, and it is public: of few
   * parties a sum tells of each.
   */
  total?(input: DecisionInput<T>, common: Outcome, rows: ReadonlyMap<string, RowOutcome>): Total;
  explain?(input: DecisionInput<T>): Explanation;
  /** Parameters with which more of the labelled decisions come out as people said. */
  learn?(decisions: readonly LabelledDecision<T>[], before: Parameters): Parameters;
}

/** The part of a domain that decides: what a bundle holds. */
// biome-ignore lint/suspicious/noExplicitAny: a list of domains holds domains of different terms.
export interface Deciding<T = any> {
  readonly terms: Pick<Terms<T>, 'parse'>;
  triggers(terms: T): readonly Trigger[];
  /**
   * @param opening what the obligation is about; its statement must be among what is selected. Absent where an obligation
   *   is about none, or only its subjects are asked for
   * @param only key of the one row that is wanted, with what is common: selectors of others may be left out, so that one line
   *   of thousands is proven without them. They must not depend on it
   */
  inputs(terms: T, obligation: Obligation, opening?: LoggedEvent, only?: string): readonly Selector[];
  /** Keys of the parties that get a line each, where the domain has rows. @param only as for inputs */
  rows?(terms: T, obligation: Obligation, opening?: LoggedEvent, only?: string): readonly string[];
  /**
   * Prepares what decides: WebAssembly, solvers, models.
   * @throws FormatError naming the parameter that this domain does not know
   */
  open(parameters: Parameters): Promise<Engine<T>>;
  /** Names the form of the state under these parameters: a state of another form cannot be continued. */
  stateForm?(parameters: Parameters): string;
}

// biome-ignore lint/suspicious/noExplicitAny: a list of domains holds domains of different terms.
export interface Domain<T = any> extends Deciding<T> {
  readonly manifest: Manifest;
  /** Validated before anything is appended; drives form, words and what-if. */
  readonly terms: Terms<T>;
}

/** @example entry('payer', 'recipient', 500, 'EUR') // five euros */
export function entry(from: string, to: string, amount: number, currency: string): Entry {
  return { tag: 'entry', from, to, amount, currency };
}

/** @example alert('warning', 'leak', 'pipe/7', { template: '{litres} l in the night', arguments: { litres: 90 } }) */
export function alert(severity: Alert['severity'], code: string, subject: string, reason: Reason): Alert {
  return { tag: 'alert', severity, code, subject, reason };
}

/** Effects that this version knows what to do with; any other holds. */
export function isKnownEffect(effect: Effect): effect is Exclude<Effect, UnknownEffect> {
  return effect.tag === 'entry' || effect.tag === 'alert';
}
