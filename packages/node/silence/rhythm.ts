// The rhythm of things: how long each is usually quiet between two statements with a usable value. Learnt from what it says;
// a hundred thousand things take a few megabytes.

/** Gaps that are remembered of each thing, the newest. */
const GAPS = 16;
/** A thing that spoke less often has no rhythm yet. */
export const GAPS_MIN = 8;
/** Of the newest gaps, the third longest is usual: two outages among them say nothing of the thing. */
const LONGER = 2;
/** A pause such as a night comes every day: the second longest of a while counts, for one may have been an outage. */
const WHILE_MS = 7 * 86_400_000;
const FLOOR_MS = 60_000;
const USUAL_TIMES = 4;
const PAUSE_TIMES = 1.5;

/** The longest gaps of a while. */
interface Pauses {
  readonly fromMs: number;
  longestMs: number;
  secondMs: number;
}

/** What is kept of a rhythm between two runs of the node. */
export interface KeptRhythm {
  /** Undefined: it spoke too seldom to have one. */
  readonly usualMs?: number | undefined;
  readonly pauseMs: number;
}

export class Rhythm {
  readonly #gaps: number[];
  #count = 0;
  #pauses: Pauses | undefined;
  /** Of the while before. */
  #pauseMs = 0;
  #silentAfterMs: number | undefined;

  constructor(kept?: KeptRhythm) {
    this.#gaps = kept?.usualMs === undefined ? [] : new Array<number>(GAPS_MIN).fill(kept.usualMs);
    this.#count = this.#gaps.length;
    this.#pauseMs = kept?.pauseMs ?? 0;
  }

  /** @param gapMs between two statements, by the time of what they say: what was held back and came at once is none */
  take(gapMs: number, nowMs: number): void {
    if (gapMs <= 0) return;
    this.#gaps[this.#count++ % GAPS] = gapMs;
    this.#pauses ??= { fromMs: nowMs, longestMs: 0, secondMs: 0 };
    if (nowMs - this.#pauses.fromMs > WHILE_MS) {
      this.#pauseMs = this.#pauses.secondMs;
      this.#pauses = { fromMs: nowMs, longestMs: 0, secondMs: 0 };
    }
    const pauses = this.#pauses;
    if (gapMs > pauses.longestMs) {
      pauses.secondMs = pauses.longestMs;
      pauses.longestMs = gapMs;
    } else if (gapMs > pauses.secondMs) pauses.secondMs = gapMs;
    this.#silentAfterMs = undefined;
  }

  /** Quiet for longer, it is silent; undefined: it has no rhythm yet. */
  get silentAfterMs(): number | undefined {
    if (this.#count < GAPS_MIN) return undefined;
    this.#silentAfterMs ??= Math.max(
      FLOOR_MS,
      USUAL_TIMES * this.usualMs,
      PAUSE_TIMES * Math.max(this.#pauseMs, this.#pauses?.secondMs ?? 0),
    );
    return this.#silentAfterMs;
  }

  get usualMs(): number {
    const gaps = this.#gaps.toSorted((a, b) => a - b);
    return gaps[Math.max(0, gaps.length - 1 - LONGER)] ?? 0;
  }

  kept(): KeptRhythm {
    const pauseMs = Math.max(this.#pauseMs, this.#pauses?.secondMs ?? 0);
    return { usualMs: this.#count < GAPS_MIN ? undefined : this.usualMs, pauseMs };
  }
}

/** Nobody is silent before. */
export const QUIET_MS_MIN: number = FLOOR_MS;
