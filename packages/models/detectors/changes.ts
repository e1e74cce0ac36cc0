// Change points of slow series, such as one value a day: has the level moved for good? The mean of the last few readings
// is compared with that of the readings before, for several lengths at once (a window-limited generalised likelihood
// ratio test: Lai, JRSS B 57, 1995), with clipped deviations so that no single reading can be a change. Only exact
// arithmetic.
import type { Detector, DetectorModel, Reason, Score } from '../model.ts';
import { readState, type StateParts, stateBytes, writeState } from '../state.ts';

const TAG = 'CHNG';
const VERSION = 1;

const config = {
  /** Readings before the first judgement. */
  warmUp: 14,
  /** Lengths of the stretch after a change, in readings, shortest first, and how many before it are compared, at most. */
  after: [2, 3, 5, 7],
  before: 14,
  /** At least so many before. */
  beforeMin: 5,
  /** One reading counts at most this many typical deviations. */
  clip: 3,
  /** Variance of a slow wandering between the two stretches, as a share of that of one reading. */
  wander: 0.06,
  /** Difference in its standard deviations that maps to a score of 0.5. */
  limit: 3.5,
  /** Typical deviation: learning rate, and the most that one step may count, in typical ones. */
  deviationRate: 0.02,
  deviationClip: 3,
  /** No typical deviation below this share of the level: smaller changes never matter. */
  deviationFloor: 0.002,
  /** The week's profile: least learning rate of an hour, and by how many deviations one reading may pull it or the level. */
  profileRate: 0.1,
  profileClip: 4,
  intervalRate: 0.02,
  /** Values are clamped to ± this, so that no difference overflows (reading's unit). */
  valueMax: 1e300,
  /** A late reading is ignored, until so many in a row show that the clock was set back. */
  lateMax: 16,
} as const;

const HOUR_MS = 3_600_000;
const WEEK_MS = 604_800_000;
const WEEK_BINS = 168;
const VISITS_MAX = 255;
const LONGEST = config.after.at(-1)!;
const MEMORY = config.before + LONGEST;
/** Mean absolute difference of two normal values of deviation 1. */
const MEAN_STEP = 1.1283791670955126;

// Places in `scalars`.
const SEEN = 0;
const LAST_TIME = 1;
const LATE = 2;
const INTERVAL = 3;
const LEVEL = 4;
const DEVIATION = 5;
/** Readings in `recent`. */
const KEPT = 6;
/** Readings at hours whose profile was known, at most `COUNT_MAX`. */
const PROFILED = 7;
const SCALARS = 8;
const COUNT_MAX = 1000;

const clamp = (x: number, most: number): number => Math.max(-most, Math.min(most, x));

class Changes implements Detector {
  readonly #scalars = new Float64Array(SCALARS);
  /** The last readings less the week's profile, oldest first. */
  readonly #recent = new Float64Array(MEMORY);
  readonly #profile = new Float64Array(WEEK_BINS);
  /** How often each hour was seen. */
  readonly #visits = new Float64Array(WEEK_BINS);
  readonly #parts: StateParts = [this.#scalars, this.#recent, this.#profile, this.#visits];
  /** Scratch space, not state. */
  readonly #sorted = new Float64Array(MEMORY);

  update(timeMs: number, value: number): Score {
    if (!Number.isFinite(value) || !Number.isFinite(timeMs)) return silent('missing');
    const s = this.#scalars;
    const seen = s[SEEN]!;
    if (seen > 0 && timeMs < s[LAST_TIME]! && s[LATE]! < config.lateMax) {
      s[LATE]! += 1;
      return silent('late');
    }
    const interval = timeMs - s[LAST_TIME]!;
    if (seen > 0 && interval >= 0) {
      s[INTERVAL]! += Math.max(config.intervalRate, 1 / seen) * (interval - s[INTERVAL]!);
    }
    s[LATE] = 0;
    s[LAST_TIME] = timeMs;
    s[SEEN] = seen + 1;
    return this.#judge(timeMs, clamp(value, config.valueMax), seen);
  }

  state(): Uint8Array {
    return writeState(TAG, VERSION, this.#parts);
  }

  restore(bytes: Uint8Array): void {
    const scalars = new Float64Array(SCALARS);
    readState(TAG, VERSION, [scalars, this.#recent.slice(), this.#profile.slice(), this.#visits.slice()], bytes);
    const kept = scalars[KEPT]!;
    if (!(Number.isInteger(kept) && kept >= 0 && kept <= MEMORY)) {
      throw new RangeError(`Expected 0 to ${MEMORY} readings in the state, got ${kept}: the bytes are damaged.`);
    }
    readState(TAG, VERSION, this.#parts, bytes);
  }

  #judge(timeMs: number, x: number, seen: number): Score {
    const s = this.#scalars;
    const hour = bin(timeMs);
    const usual = this.#profile[hour]!;
    const expected = s[LEVEL]! + usual;
    const reach = config.clip * this.#deviation;
    this.#keep(x - usual, seen, this.#visits[hour]! >= 1);
    const { strength, length } = seen >= config.warmUp ? this.#test() : { strength: 0, length: 0 };
    this.#follow(x - usual, seen);
    if (strength >= 1) this.#carry(length);
    this.#learn(hour, x, seen);
    if (seen < config.warmUp) return silent('warming-up');
    const score = (strength * strength) / (1 + strength * strength);
    const reason = strength < 1 ? 'ordinary' : length === LONGEST ? 'drift' : 'level-shift';
    return { score, expected, low: expected - reach, high: expected + reach, reason };
  }

  get #deviation(): number {
    const s = this.#scalars;
    // The least normal number keeps a stream of zeros from having no deviation at all.
    return Math.max(s[DEVIATION]!, config.deviationFloor * Math.abs(s[LEVEL]!), 2.3e-308);
  }

  /** Moves the level, which forgets in a week; one reading may pull it only so far. */
  #follow(y: number, seen: number): void {
    const s = this.#scalars;
    if (seen === 0) s[LEVEL] = y;
    const limit = seen < config.warmUp ? Number.POSITIVE_INFINITY : config.profileClip * this.#deviation;
    const rate = Math.max(Math.min(1, s[INTERVAL]! / WEEK_MS), 1 / (seen + 1));
    s[LEVEL]! += rate * clamp(y - s[LEVEL]!, limit);
  }

  /**
   * Puts a reading into memory, and learns the typical deviation from its step.
   *
   * @param profiled is the week's profile known at this hour? What was learnt without it is given up for what is with it
   */
  #keep(y: number, seen: number, profiled: boolean): void {
    const s = this.#scalars;
    const recent = this.#recent;
    const kept = s[KEPT]!;
    if (kept > 0) {
      const step = Math.abs(y - recent[kept - 1]!) / MEAN_STEP;
      if (profiled) s[PROFILED] = Math.min(s[PROFILED]! + 1, COUNT_MAX);
      const count = profiled ? s[PROFILED]! : seen;
      const most = count < config.warmUp ? step : Math.min(step, config.deviationClip * this.#deviation);
      s[DEVIATION]! += Math.max(config.deviationRate, 1 / count) * (most - s[DEVIATION]!);
    }
    if (kept === MEMORY) recent.copyWithin(0, 1);
    else s[KEPT] = kept + 1;
    recent[s[KEPT]! - 1] = y;
  }

  /** The strongest difference between the last readings and those before, 1 at the limit, and over how many it is. */
  #test(): { strength: number; length: number } {
    const recent = this.#recent;
    const deviation = this.#deviation;
    const kept = this.#scalars[KEPT]!;
    let [strength, length] = [0, 0];
    for (const after of config.after) {
      const before = Math.min(config.before, kept - after);
      if (before < config.beforeMin) continue;
      const change = kept - after;
      const mean = this.#robustMean(change - before, change);
      let moved = 0;
      for (let i = change; i < kept; i++) moved += clamp((recent[i]! - mean) / deviation, config.clip);
      const spread = Math.sqrt(1 / after + 1 / before + config.wander);
      const size = Math.abs(moved / after) / spread / config.limit;
      if (size > strength) [strength, length] = [size, after];
    }
    return { strength, length };
  }

  /** Carries the readings before a change to the level after it: they still tell how a level is left. */
  #carry(after: number): void {
    const s = this.#scalars;
    const recent = this.#recent;
    const kept = s[KEPT]!;
    const change = kept - after;
    const from = Math.max(0, change - config.before);
    const old = this.#robustMean(from, change);
    const now = this.#robustMean(change, kept);
    for (let i = 0; i < change; i++) recent[i]! += now - old;
    s[LEVEL] = now;
  }

  /** Mean of some recent readings, each clipped about their median. */
  #robustMean(from: number, to: number): number {
    const recent = this.#recent;
    const sorted = this.#sorted;
    const deviation = this.#deviation;
    const count = to - from;
    for (let i = 0; i < count; i++) {
      const x = recent[from + i]!;
      let at = i;
      for (; at > 0 && sorted[at - 1]! > x; at--) sorted[at] = sorted[at - 1]!;
      sorted[at] = x;
    }
    const half = count >> 1;
    const median = count % 2 === 1 ? sorted[half]! : sorted[half - 1]! / 2 + sorted[half]! / 2;
    let off = 0;
    for (let i = from; i < to; i++) off += clamp(recent[i]! - median, config.clip * deviation);
    return median + off / count;
  }

  /** Learns the week's profile once a week has passed, so that there is a level to see it from. */
  #learn(hour: number, x: number, seen: number): void {
    const interval = this.#scalars[INTERVAL]!;
    if (!(seen * interval >= 0.99 * WEEK_MS)) return;
    // Several readings in one hour are one visit together.
    const share = Math.min(1, interval / HOUR_MS);
    const visits = Math.min(this.#visits[hour]! + share, VISITS_MAX);
    this.#visits[hour] = visits;
    const limit = config.profileClip * this.#deviation;
    const off = x - this.#scalars[LEVEL]! - this.#profile[hour]!;
    this.#profile[hour]! += share * Math.max(config.profileRate, 1 / Math.max(visits, 1)) * clamp(off, limit);
  }
}

/** Hour of the week, in UTC: the hours need only recur. */
function bin(timeMs: number): number {
  const index = Math.floor(timeMs / HOUR_MS) % WEEK_BINS;
  return index < 0 ? index + WEEK_BINS : index;
}

const silent = (reason: Reason): Score => ({
  score: 0,
  expected: Number.NaN,
  low: Number.NaN,
  high: Number.NaN,
  reason,
});

/**
 * The change-point detector of slow series: an alarm at the reading where a lasting change of level becomes certain, once
 * for each change. Its direction is that of the reading against `expected`. See `changes.md`.
 *
 * @example
 * const detector = changes.create();
 * const { score, reason } = detector.update(Date.parse('2026-01-01T00:00:00Z'), 178.5); // one mean a day
 */
export const changes: DetectorModel = {
  family: 'detector',
  name: 'level-changes',
  version: VERSION,
  runtime: 'strict',
  config,
  stateBytesMax: stateBytes([new Float64Array(SCALARS + MEMORY + 2 * WEEK_BINS)]),
  sources: ['state.ts', 'detectors/changes.ts'],
  create: () => new Changes(),
};
