// A light univariate detector. Each reading is looked at on several time scales, and each look has a bound: the largest
// it has shown so far, slowly forgotten. Evidence is how many bounds break at once; a refractory stage lets one event
// speak once. Only exact arithmetic (no logarithms or exponentials), so every node computes the same bits.
import type { Detector, DetectorModel, Reason, Score } from '../model.ts';
import { readState, type StateParts, stateBytes, writeState } from '../state.ts';
import { config } from './config.ts';
import { Profile } from './profile.ts';

const TAG = 'RSEA';
const VERSION = 1;

/** Bands: differences of neighbouring running means. */
const BANDS = config.scales.length - 1;
const DEVIATION = BANDS;
const VARIABILITY = BANDS + 1;
const LOOKS = BANDS + 2;

// Places in `scalars`.
const SEEN = 0;
const LAST_TIME = 1;
const LATE = 2;
const INTERVAL = 3;
const PREVIOUS = 4;
const STEP_SHORT = 5;
const STEP_LONG = 6;
const RUN = 7;
const RUN_BOUND = 8;
const REFRACTORY = 9;
const SCALARS = 10;

/** No bound grows beyond this, so that none becomes infinite. */
const BOUND_MAX = 1e307;

/** Weight and reason of each bound: two for each look, upwards and downwards. */
const weights = Float64Array.of(
  1,
  1,
  1,
  1,
  1,
  1,
  1,
  1,
  config.deviationWeight,
  config.deviationWeight,
  config.livelierWeight,
  config.calmerWeight,
);
const reasons: readonly Reason[] = [
  ...(['jump', 'level-shift', 'level-shift', 'drift', 'unusual-value', 'variability'] as const).flatMap((r) => [r, r]),
];
const rates = Float64Array.from(config.scales, (scale) => 1 / scale);

class RobustSeasonal implements Detector {
  readonly #scalars = new Float64Array(SCALARS);
  /** Running means of the deviation from what is usual; [0] is the deviation itself. */
  readonly #means = new Float64Array(BANDS + 1);
  readonly #bounds = new Float64Array(2 * LOOKS);
  readonly #profile = new Profile();
  readonly #parts: StateParts = [
    this.#scalars,
    this.#means,
    this.#bounds,
    this.#profile.scalars,
    this.#profile.day,
    this.#profile.week,
    this.#profile.dayVisits,
    this.#profile.weekVisits,
  ];
  /** Scratch space, not state. */
  readonly #looks = new Float64Array(2 * LOOKS);
  #reason: Reason = 'ordinary';

  update(timeMs: number, value: number): Score {
    if (!Number.isFinite(value) || !Number.isFinite(timeMs)) return silent('missing');
    const s = this.#scalars;
    const seen = s[SEEN]!;
    if (seen > 0 && timeMs < s[LAST_TIME]! && s[LATE]! < config.lateMax) {
      s[LATE]! += 1;
      return silent('late');
    }
    const x = Math.max(-config.valueMax, Math.min(config.valueMax, value));
    if (seen === 0) this.#start(x);
    else this.#keepTime(timeMs, x, seen);
    s[LATE] = 0;
    s[LAST_TIME] = timeMs;
    s[SEEN] = seen + 1;
    return seen === 0 ? silent('warming-up') : this.#judge(timeMs, x, seen);
  }

  state(): Uint8Array {
    return writeState(TAG, VERSION, this.#parts);
  }

  restore(bytes: Uint8Array): void {
    readState(TAG, VERSION, this.#parts, bytes);
  }

  #start(x: number): void {
    this.#profile.start(x);
    this.#scalars[PREVIOUS] = x;
  }

  /** Follows the usual interval; after a gap the readings before it say nothing about a jump. */
  #keepTime(timeMs: number, x: number, seen: number): void {
    const s = this.#scalars;
    const interval = timeMs - s[LAST_TIME]!;
    if (interval < 0) return;
    if (s[INTERVAL]! > 0 && interval > config.gapIntervals * s[INTERVAL]!) {
      s[PREVIOUS] = x;
      this.#means[1] = this.#means[3]!;
      this.#means[2] = this.#means[3]!;
    } else s[INTERVAL]! += Math.max(config.intervalRate, 1 / seen) * (interval - s[INTERVAL]!);
  }

  #judge(timeMs: number, x: number, seen: number): Score {
    const s = this.#scalars;
    const expected = this.#profile.expect(timeMs);
    const residual = x - expected;
    const ready = seen >= config.warmUp;
    // The bounds that hold before this reading are the interval it is judged by.
    const low = expected - this.#bounds[2 * DEVIATION + 1]!;
    const high = expected + this.#bounds[2 * DEVIATION]!;

    this.#look(x, residual, seen);
    const evidence = this.#weigh(seen, ready) + this.#weighRun(x, ready);
    s[REFRACTORY]! *= config.refractoryKeep;
    const fresh = evidence - config.refractoryShare * s[REFRACTORY]!;
    s[REFRACTORY] = Math.max(s[REFRACTORY]!, evidence);

    const step = Math.abs(x - s[PREVIOUS]!);
    const most = Math.min(step, this.#profile.limit(s[STEP_LONG]!));
    s[STEP_LONG]! += Math.max(config.spreadRate, 1 / (seen + 1)) * (most - s[STEP_LONG]!);
    this.#profile.learn(timeMs, x, seen, residual);
    s[PREVIOUS] = x;

    if (!ready) return { score: 0, expected, low: Number.NaN, high: Number.NaN, reason: 'warming-up' };
    if (!(fresh > 0)) return { score: 0, expected, low, high, reason: 'ordinary' };
    return { score: fresh / (fresh + config.alarmEvidence), expected, low, high, reason: this.#reason };
  }

  /** Fills `looks`: what each bound is compared with. */
  #look(x: number, residual: number, seen: number): void {
    const s = this.#scalars;
    const means = this.#means;
    const looks = this.#looks;
    const warm = 1 / (seen + 1);
    means[0] = residual;
    for (let k = 1; k <= BANDS; k++) means[k]! += Math.max(rates[k]!, warm) * (residual - means[k]!);
    for (let k = 0; k < BANDS; k++) {
      const band = means[k]! - means[k + 1]!;
      looks[2 * k] = band;
      looks[2 * k + 1] = -band;
    }
    looks[2 * DEVIATION] = residual;
    looks[2 * DEVIATION + 1] = -residual;
    const step = Math.abs(x - s[PREVIOUS]!);
    s[STEP_SHORT]! += Math.max(config.stepRate, warm) * (step - s[STEP_SHORT]!);
    const usual = s[STEP_LONG]!;
    const prior = config.stepPrior * usual + this.#profile.floor;
    const ratio = (s[STEP_SHORT]! + prior) / (usual + prior);
    looks[2 * VARIABILITY] = Math.min(ratio, config.ratioMax) - 1;
    looks[2 * VARIABILITY + 1] = 1 / ratio - 1;
  }

  /** Compares every look with its bound, moves the bounds, returns the evidence and notes its strongest reason. */
  #weigh(seen: number, ready: boolean): number {
    const looks = this.#looks;
    const bounds = this.#bounds;
    const floor = this.#profile.floor;
    const keep = 1 - Math.max(config.boundDecay, config.boundDecayYoung / seen);
    let evidence = 0;
    let strongest = -1;
    for (let k = 0; k < 2 * LOOKS; k++) {
      const look = looks[k]!;
      const bound = Math.max(bounds[k]!, k < 2 * VARIABILITY ? floor : config.variabilityFloor);
      if (!ready) bounds[k] = Math.min(Math.max(bound, look), BOUND_MAX);
      else if (look > bound) {
        const excess = 1 - bound / look;
        evidence += weights[k]! * (1 + config.excessWeight * excess);
        bounds[k] = Math.min(look * (1 + config.boundMargin), BOUND_MAX);
        if (excess > strongest) {
          strongest = excess;
          this.#reason = reasons[k]!;
        }
      } else bounds[k] = bound * keep;
    }
    return evidence;
  }

  /** Evidence of a value that stopped moving for longer than it ever did. */
  #weighRun(x: number, ready: boolean): number {
    const s = this.#scalars;
    const run = x === s[PREVIOUS]! ? s[RUN]! + 1 : 0;
    const bound = Math.max(s[RUN_BOUND]!, config.flatRun);
    s[RUN] = run;
    if (!ready) {
      s[RUN_BOUND] = Math.max(bound, run);
      return 0;
    }
    // Where nothing ever moves, stillness is no news.
    if (run <= bound || s[STEP_LONG]! <= this.#profile.floor) {
      s[RUN_BOUND] = bound * (1 - config.boundDecay);
      return 0;
    }
    s[RUN_BOUND] = run * config.flatRunGrowth;
    this.#reason = 'flatline';
    return 1;
  }
}

const silent = (reason: Reason): Score => ({
  score: 0,
  expected: Number.NaN,
  low: Number.NaN,
  high: Number.NaN,
  reason,
});

/**
 * The robust seasonal detector: spikes, level shifts, drift, changes of variability and flatlines of one stream, with a
 * profile of day and week learnt online. See `robust.md` for what it was measured on and what it cannot tell.
 *
 * @example
 * const detector = robust.create();
 * const { score, reason } = detector.update(Date.now(), 21.5);
 */
export const robust: DetectorModel = {
  family: 'detector',
  name: 'robust-seasonal',
  version: VERSION,
  runtime: 'strict',
  config,
  stateBytesMax: stateBytes([
    new Float64Array(SCALARS + BANDS + 1 + 2 * LOOKS + 6 + 48 + 168),
    new Uint8Array(48 + 168),
  ]),
  sources: ['state.ts', 'detectors/config.ts', 'detectors/profile.ts', 'detectors/robust.ts'],
  create: () => new RobustSeasonal(),
};
