// What every streaming detector is: one subject's readings in, one score each out, and a state that fits in a leaf of the
// log, so that anyone who has the model, a snapshot and the readings after it gets the same scores to the bit.

/** Why a score is what it is: a stable code, put into words by whoever shows it. */
export type Reason =
  /** Nothing stands out. */
  | 'ordinary'
  /** Too few readings yet to judge. */
  | 'warming-up'
  /** No value, or one that is not a finite number; nothing was learnt. */
  | 'missing'
  /** The reading's time lies before the previous one's; nothing was learnt. */
  | 'late'
  /** A sudden step from the readings just before. */
  | 'jump'
  /** Far from what is usual at this time. */
  | 'unusual-value'
  /** The last readings together lie off what is usual. */
  | 'level-shift'
  /** A slow, lasting departure from what is usual. */
  | 'drift'
  /** The readings move much more, or much less, than they used to. */
  | 'variability'
  /** The readings stopped moving. */
  | 'flatline';

/** What a detector thinks of one reading. Not a decision: a policy makes that of it. */
export interface Score {
  /**
   * 0 (ordinary) to 1. Comparable between streams and detectors: at 0.5 and above the detector would speak up by itself.
   */
  readonly score: number;
  /** The value that was expected, in the reading's unit; NaN before there is one. */
  readonly expected: number;
  /** Bounds that ordinary readings at this time seldom leave, in the reading's unit; NaN before there are any. */
  readonly low: number;
  readonly high: number;
  readonly reason: Reason;
}

/** Plain JSON: what a model's configuration is made of, so that it has one canonical hash. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/**
 * A streaming detector of one stream (one subject and quantity).
 *
 * Deterministic: the same configuration and readings give the same scores and the same state bytes on every machine, so
 * implementations use only arithmetic that ECMAScript defines exactly (see `arithmetic.ts`). Constant memory. Any input is
 * survived: NaN, infinities, duplicates, times that go backwards, gaps.
 *
 * @example
 * const detector = robust.create();
 * const { score, reason } = detector.update(Date.parse('2026-01-01T00:00:00Z'), 21.5);
 */
export interface Detector {
  /**
   * Scores a reading by what was learnt before it, then learns from it.
   *
   * @param timeMs event time, milliseconds since 1970-01-01T00:00:00Z; should not decrease
   * @param value the reading; NaN for a missing one
   */
  update(timeMs: number, value: number): Score;
  /** The whole state in canonical bytes (equal states give equal bytes); at most the model's `stateBytesMax`. */
  state(): Uint8Array;
  /**
   * Replaces the state by bytes from `state()` of the same model and configuration.
   *
   * @throws RangeError when the bytes are not such a state; the detector is then unchanged
   */
  restore(bytes: Uint8Array): void;
}

/** A kind of detector: its identity, its limits and how to make one. */
export interface Model {
  /** Stable name, such as `robust-seasonal`. */
  readonly name: string;
  /** Increases with every change of behaviour. */
  readonly version: number;
  /** Every number the behaviour depends on besides the code. The same for all streams. */
  readonly config: { readonly [key: string]: Json };
  /** Limit of `state().length`. */
  readonly stateBytesMax: number;
  /** Source files that make up the behaviour, relative to `core/ai/`, in the order they are hashed. */
  readonly sources: readonly string[];
  /** A detector that has seen nothing. */
  create(): Detector;
}
