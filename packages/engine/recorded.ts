// A log as it was recorded: what deciding again needs of it, and its statements found by their times.
import {
  type Decision,
  type LoggedRecovery,
  type ModelIdentity,
  type Parameters,
  type Policy,
  type Release,
  recoveryOf,
  toHex,
} from '@trine/protocol';
import type { LoggedEvent, Selector } from './domain.ts';
import { commitHeadsOf, lookedAt } from './heads.ts';
import { isSelected, type OpenedInput, replacements } from './inputs.ts';
import type { States } from './states.ts';
import { matchesSubject } from './subjects.ts';

/** A model, and what was learnt or set of it. */
export interface DecidingModel {
  readonly identity: ModelIdentity;
  readonly parameters: Parameters;
}

export interface RecordedDecision {
  readonly leaf: number;
  readonly decision: Decision;
}

/** A row that was decided, on an obligation or a correction of it. */
export interface RecordedRow extends Pick<Decision, 'outcome' | 'effects'> {
  readonly leaf: number;
  /** Obligation id, hex. */
  readonly obligation: string;
  readonly key: string;
}

/** A word by hand that counts, where it stands. */
export interface LoggedWord extends Pick<Release, 'ruling'> {
  readonly index: number;
}

/** A statement that cannot be read: its body was erased, or it is of no form known here. */
export interface Unread {
  readonly index: number;
  readonly arrivalMs: number;
  readonly subject: string;
  /** Of one whose body alone was erased. */
  readonly said?: Pick<OpenedInput, 'keyOwner' | 'statement' | 'index' | 'order'>;
}

/** Statements about some subjects, each list in the order of the log. */
export interface RecordedInputs {
  readonly opened: readonly OpenedInput[];
  readonly erased: readonly Unread[];
  readonly unreadable: readonly Unread[];
  /** Both sides of each fork. */
  readonly forks: readonly (readonly [OpenedInput, OpenedInput])[];
  readonly recoveries: readonly LoggedRecovery[];
}

export interface RecordedLog {
  readonly origin: string;
  readonly size: number;
  readonly models: {
    deciding(identity: ModelIdentity): DecidingModel;
    /** The model that decides obligations that begin at `fromMs`. */
    active(policy: Policy, agreement: Uint8Array | undefined, fromMs: number): DecidingModel;
  };
  /** The first leaf that arrived at a time or later; the size where none did. */
  cutAt(atMs: number): number;
  /** The first decision on each obligation, by the hash of the policy, in the order of the log. */
  decisions(policy: string): readonly RecordedDecision[];
  /** Rows of an obligation and its corrections, in the order of the log; without those whose bodies were erased. */
  rows(policy: string, base: string): readonly RecordedRow[];
  /**
   * The first word by hand that covers a line; none where the agreement is not settled in batches.
   * @param decision its id, hex
   */
  wordOn(policy: string, decision: string, row: string): LoggedWord | undefined;
  /** The newest states that were kept below a leaf. */
  states(policy: string, leaf: number): States;
  inputs(subjects: readonly string[]): Promise<RecordedInputs>;
  /** HMAC-SHA-256 under a policy's secret, for whoever has it: without, states and rows cannot be committed to alike. */
  readonly hmac?: ((policy: string, message: Uint8Array) => Uint8Array) | undefined;
}

/** What a decision on an obligation may look at. */
export interface Candidates {
  readonly candidates: readonly OpenedInput[];
  readonly forks: readonly OpenedInput[];
  readonly recoveries: readonly LoggedRecovery[];
  readonly unreadable: readonly Unread[];
  /** Some of what may belong to the time was erased. */
  readonly isErased: boolean;
}

/** What spans more than this is looked at for every obligation: it must not widen the search for all others. */
const SPAN_MS_MAX = 86_400_000;

/** Statements by their times, so that those of an obligation are found without looking through all. */
export class InputIndex {
  readonly #inputs: RecordedInputs;
  /** By first event time. */
  readonly #short: readonly OpenedInput[];
  readonly #long: readonly OpenedInput[];
  readonly #longestMs: number;
  readonly #replacing: ReturnType<typeof replacements>;
  readonly #byId: ReadonlyMap<string, OpenedInput>;

  constructor(inputs: RecordedInputs) {
    this.#inputs = inputs;
    this.#replacing = replacements(inputs.opened);
    this.#byId = new Map(inputs.opened.map((one) => [toHex(one.statement.id), one]));
    const span = ({ firstMs, lastMs }: OpenedInput) => lastMs - firstMs;
    this.#short = inputs.opened.filter((one) => span(one) <= SPAN_MS_MAX).sort((a, b) => a.firstMs - b.firstMs);
    this.#long = inputs.opened.filter((one) => span(one) > SPAN_MS_MAX);
    this.#longestMs = this.#short.reduce((longest, one) => Math.max(longest, span(one)), 0);
  }

  /** The event that an obligation is about. @param id of its statement */
  eventOf(id: Uint8Array | undefined): LoggedEvent | undefined {
    return id && this.#byId.get(toHex(id))?.event;
  }

  /** Heads of what the selectors look at. @param cut first leaf that is not seen */
  heads(selectors: readonly Selector[], cut: number): Decision['heads'] {
    const { opened, erased, forks, recoveries } = this.#inputs;
    const said = [...opened, ...erased.flatMap((one) => one.said ?? [])]
      .filter(({ index }) => index < cut)
      .sort((a, b) => a.index - b.index);
    const ended = recoveries.filter(({ index }) => index < cut);
    const standing = forks.filter(
      (sides) => sides.every(({ index }) => index < cut) && !sides.some((side) => recoveryOf(ended, side)),
    );
    return commitHeadsOf(lookedAt(selectors), said, standing.flat());
  }

  /** @param cut first leaf that is not seen @param fromMs start of the obligation */
  candidates(selectors: readonly Selector[], cut: number, fromMs: number): Candidates {
    const selected = new Set<OpenedInput>();
    for (const selector of selectors)
      for (const input of this.#near(selector)) {
        const { kind, subject } = input.statement.header;
        if (input.index < cut && isSelected(selector, { kind, subject, ...input })) selected.add(input);
      }
    const found = [...this.#replacing(selected)].filter(({ index }) => index < cut);
    const looksAt = (subject: string, skipped?: string) =>
      selectors.some(({ name, subjects }) => name !== skipped && matchesSubject(subjects, subject));
    const { forks, recoveries, unreadable, erased } = this.#inputs;
    const standing = forks.filter(
      (sides) => sides.every(({ index }) => index < cut) && looksAt(sides[0].statement.header.subject, '$heartbeat'),
    );
    return {
      candidates: found.sort((a, b) => a.index - b.index),
      forks: [...new Set(standing.flat())],
      recoveries: recoveries.filter(({ index, subject }) => index < cut && looksAt(subject, '$heartbeat')),
      unreadable: unreadable.filter(({ index, subject }) => index < cut && looksAt(subject, '$heartbeat')),
      // Nobody knows the times of what was erased: it is taken to speak of nothing after its arrival.
      isErased: erased.some(({ index, arrivalMs, subject }) => index < cut && arrivalMs >= fromMs && looksAt(subject)),
    };
  }

  *#near({ fromMs, toMs }: Selector): Iterable<OpenedInput> {
    yield* this.#long;
    for (let i = this.#firstFrom(fromMs - this.#longestMs); i < this.#short.length; i++) {
      const input = this.#short[i] as OpenedInput;
      if (input.firstMs >= toMs) return;
      yield input;
    }
  }

  #firstFrom(ms: number): number {
    let low = 0;
    let high = this.#short.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#short[middle] as OpenedInput).firstMs < ms) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
