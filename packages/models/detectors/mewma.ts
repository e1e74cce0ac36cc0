// Several quantities that are measured together: are they still where they were, and still in the relation they had? A
// multivariate EWMA control chart (Lowry, Woodall, Champ & Rigdon, Technometrics 34, 1992) around a normal state learnt
// from the first readings, with a Shewhart limit for single jumps and a centre that follows ordinary wandering.
// Only exact arithmetic.
import type { MultivariateDetector, MultivariateDetectorModel, MultivariateScore, Reason } from '../model.ts';
import { readState, type StateParts, stateBytes, writeState } from '../state.ts';
import { invert } from './invert.ts';

const TAG = 'MEWM';
const VERSION = 1;

const config = {
  /** Readings from which the normal state is learnt; they should be mostly ordinary. */
  learn: 400,
  /** Of these, readings before the running means count as settled. */
  settle: 30,
  /** Rate of the running means that are judged. */
  rate: 0.06,
  /** Share of the mean variance that is added to all, so that no direction has none. */
  shrink: 0.05,
  /** Running means this far from the centre give 0.5: root of T² over the number of quantities, 1 when ordinary. */
  limit: 3.5,
  /** One value this many of its standard deviations off gives 0.5. */
  jumpLimit: 10,
  /** While all is ordinary the centre follows the running means at this rate. */
  centreRate: 0.005,
  /** After so many alarms without a pause the normal state is learnt anew. */
  renewAfter: 4000,
  /** No standard deviation below this share of the mean: smaller changes never matter. */
  deviationFloor: 0.001,
  /** Sweeps over several missing quantities. */
  imputeSweeps: 8,
  /** Values are clamped to ± this, so that no square overflows (reading's unit); standardised ones to ± `standardMax`. */
  valueMax: 1e150,
  standardMax: 1e9,
  /** A late reading is ignored, until so many in a row show that the clock was set back. */
  lateMax: 16,
} as const;

// Places in `scalars`.
const SEEN = 0;
const LAST_TIME = 1;
const LATE = 2;
const ALARMS = 3;
const SETTLED = 4;
const SCALARS = 5;

const clamp = (x: number, most: number): number => Math.max(-most, Math.min(most, x));

class Mewma implements MultivariateDetector {
  readonly #d: number;
  readonly #scalars = new Float64Array(SCALARS);
  /** Values seen of each quantity, their means and sums of squares about them. */
  readonly #counts: Float64Array;
  readonly #means: Float64Array;
  readonly #squares: Float64Array;
  /** Running means; their mean and sums of products about it over the learning phase. */
  readonly #running: Float64Array;
  readonly #runningMeans: Float64Array;
  readonly #products: Float64Array;
  readonly #centre: Float64Array;
  readonly #parts: StateParts;
  /** Derived from the above once learning is over: standard deviations and the inverse covariance. Not state. */
  readonly #deviations: Float64Array;
  readonly #precision: Float64Array;
  readonly #standard: Float64Array;
  readonly #pull: Float64Array;

  constructor(quantities: number) {
    const vector = (): Float64Array => new Float64Array(quantities);
    this.#d = quantities;
    [this.#counts, this.#means, this.#squares, this.#running] = [vector(), vector(), vector(), vector()];
    [this.#runningMeans, this.#centre, this.#deviations] = [vector(), vector(), vector()];
    [this.#standard, this.#pull] = [vector(), vector()];
    this.#products = new Float64Array(quantities * quantities);
    this.#precision = new Float64Array(quantities * quantities);
    this.#parts = [
      this.#scalars,
      this.#counts,
      this.#means,
      this.#squares,
      this.#running,
      this.#runningMeans,
      this.#products,
      this.#centre,
    ];
  }

  update(timeMs: number, values: ArrayLike<number>): MultivariateScore {
    if (values.length !== this.#d) throw new RangeError(`Expected ${this.#d} values, got ${values.length}.`);
    const s = this.#scalars;
    let some = false;
    for (let k = 0; k < this.#d; k++) some ||= Number.isFinite(values[k]);
    if (!some || !Number.isFinite(timeMs)) return this.#silent('missing');
    if (s[SEEN]! > 0 && timeMs < s[LAST_TIME]! && s[LATE]! < config.lateMax) {
      s[LATE]! += 1;
      return this.#silent('late');
    }
    s[LATE] = 0;
    s[LAST_TIME] = timeMs;
    if (s[SEEN]! >= config.learn) return this.#judge(values);
    this.#learn(values);
    s[SEEN]! += 1;
    if (s[SEEN] === config.learn) this.#derive();
    return this.#silent('warming-up');
  }

  state(): Uint8Array {
    return writeState(TAG, VERSION, this.#parts);
  }

  restore(bytes: Uint8Array): void {
    readState(TAG, VERSION, this.#parts, bytes);
    if (this.#scalars[SEEN]! >= config.learn) this.#derive();
  }

  #learn(values: ArrayLike<number>): void {
    const d = this.#d;
    const s = this.#scalars;
    const counts = this.#counts;
    const means = this.#means;
    const squares = this.#squares;
    const running = this.#running;
    for (let k = 0; k < d; k++) {
      if (!Number.isFinite(values[k])) continue;
      const x = clamp(values[k]!, config.valueMax);
      const n = counts[k]! + 1;
      counts[k] = n;
      const away = x - means[k]!;
      means[k]! += away / n;
      squares[k]! += away * (x - means[k]!);
      running[k]! += Math.max(config.rate, 1 / n) * (x - running[k]!);
    }
    if (s[SEEN]! < config.settle) return;
    s[SETTLED]! += 1;
    const away = this.#standard;
    for (let k = 0; k < d; k++) {
      away[k] = running[k]! - this.#runningMeans[k]!;
      this.#runningMeans[k]! += away[k]! / s[SETTLED]!;
    }
    for (let i = 0; i < d; i++)
      for (let k = 0; k < d; k++) this.#products[i * d + k]! += away[i]! * (running[k]! - this.#runningMeans[k]!);
  }

  /** Standard deviations, and the inverse of the running means' covariance about the values' means, standardised. */
  #derive(): void {
    const d = this.#d;
    const deviations = this.#deviations;
    const means = this.#means;
    const counts = this.#counts;
    const runningMeans = this.#runningMeans;
    for (let k = 0; k < d; k++) {
      const spread = Math.sqrt(this.#squares[k]! / Math.max(counts[k]!, 1));
      // The least normal number keeps a quantity that was always 0 from having no deviation at all.
      deviations[k] = Math.max(spread, config.deviationFloor * Math.abs(means[k]!), 2.3e-308);
    }
    const covariance = new Float64Array(d * d);
    let trace = 0;
    for (let i = 0; i < d; i++) {
      for (let k = 0; k < d; k++) {
        const mean = this.#products[i * d + k]! / deviations[i]! / deviations[k]! / this.#scalars[SETTLED]!;
        const a = (runningMeans[i]! - means[i]!) / deviations[i]!;
        const b = (runningMeans[k]! - means[k]!) / deviations[k]!;
        covariance[i * d + k] = mean + a * b;
      }
      trace += covariance[i * d + i]!;
    }
    // Quantities that never moved in the learning phase still need some variance to be judged by.
    const ridge = config.shrink * Math.max(trace / d, 0.01);
    for (let i = 0; i < d; i++)
      for (let k = 0; k < d; k++)
        covariance[i * d + k] = (1 - config.shrink) * covariance[i * d + k]! + (i === k ? ridge : 0);
    this.#precision.set(invert(covariance, d));
  }

  #judge(values: ArrayLike<number>): MultivariateScore {
    const d = this.#d;
    const running = this.#running;
    const means = this.#means;
    const centre = this.#centre;
    const deviations = this.#deviations;
    const standard = this.#standard;
    const pull = this.#pull;
    const precision = this.#precision;
    const s = this.#scalars;
    const expected = Array.from(means, (mean, k) => (this.#counts[k]! > 0 ? mean + centre[k]! : Number.NaN));
    let jump = 0;
    let jumping = 0;
    let present = 0;
    for (let k = 0; k < d; k++) {
      if (Number.isFinite(values[k])) {
        present++;
        const x = clamp(values[k]!, config.valueMax);
        this.#follow(k, x);
        const off = Math.abs(clamp((x - means[k]! - centre[k]!) / deviations[k]!, config.standardMax));
        if (off > jump) [jump, jumping] = [off, k];
      }
      standard[k] = clamp((running[k]! - means[k]! - centre[k]!) / deviations[k]!, config.standardMax);
    }
    if (present < d) this.#impute(values);
    let squared = 0;
    for (let i = 0; i < d; i++) {
      let sum = 0;
      for (let k = 0; k < d; k++) sum += precision[i * d + k]! * standard[k]!;
      pull[i] = sum;
      squared += standard[i]! * sum;
    }
    const shift = Math.sqrt(Math.max(squared, 0) / present) / config.limit;
    const strength = Math.max(shift, jump / config.jumpLimit);
    if (strength < 1) {
      s[ALARMS] = 0;
      for (let k = 0; k < d; k++) centre[k]! += config.centreRate * (running[k]! - means[k]! - centre[k]!);
    } else s[ALARMS]! += 1;
    const byJump = jump / config.jumpLimit > shift;
    const contributions = byJump ? Array.from(means, (_, k) => (k === jumping ? 1 : 0)) : this.#shares();
    const reason = strength < 1 ? 'ordinary' : byJump ? 'jump' : this.#reason();
    if (s[ALARMS]! >= config.renewAfter) this.#forget();
    return { score: strength / (strength + 1), expected, contributions, reason };
  }

  /**
   * Puts missing quantities where the others say they should be, which makes T² that of the others alone; their running
   * means go there too. Found by coordinate descent, which for one missing quantity is exact at once.
   */
  #impute(values: ArrayLike<number>): void {
    const d = this.#d;
    const standard = this.#standard;
    const precision = this.#precision;
    const running = this.#running;
    const means = this.#means;
    const centre = this.#centre;
    const deviations = this.#deviations;
    for (let sweep = 0; sweep < config.imputeSweeps; sweep++) {
      for (let k = 0; k < d; k++) {
        if (Number.isFinite(values[k])) continue;
        let sum = 0;
        for (let j = 0; j < d; j++) if (j !== k) sum += precision[k * d + j]! * standard[j]!;
        standard[k] = clamp(-sum / precision[k * d + k]!, config.standardMax);
      }
    }
    for (let k = 0; k < d; k++) {
      if (Number.isFinite(values[k])) continue;
      running[k]! += config.rate * (means[k]! + centre[k]! + standard[k]! * deviations[k]! - running[k]!);
    }
  }

  /** Moves one running mean; a quantity first seen after the learning phase starts where it is. */
  #follow(k: number, x: number): void {
    if (this.#counts[k] === 0) {
      this.#counts[k] = 1;
      this.#means[k] = x;
      this.#running[k] = x;
      this.#runningMeans[k] = x;
      this.#derive();
    } else this.#running[k]! += config.rate * (x - this.#running[k]!);
  }

  /** What each quantity adds to T² given the others (Mason, Tracy & Young, Technometrics 37, 1995), as shares. */
  #shares(): number[] {
    const shares = Array.from(this.#pull, (pull, k) => (pull * pull) / this.#precision[k * this.#d + k]!);
    const sum = shares.reduce((a, b) => a + b, 0);
    return sum > 0 ? shares.map((share) => share / sum) : shares.map(() => 1 / this.#d);
  }

  /** One quantity's own shift if that alone would alarm, else how they stand to each other. */
  #reason(): Reason {
    for (let k = 0; k < this.#d; k++) {
      const own =
        this.#products[k * this.#d + k]! / this.#deviations[k]! / this.#deviations[k]! / this.#scalars[SETTLED]!;
      const variance = Math.max(own, config.shrink);
      if (this.#standard[k]! * this.#standard[k]! > config.limit * config.limit * variance) return 'level-shift';
    }
    return 'combination';
  }

  /** What has lasted so long is the new normal state: learn it. */
  #forget(): void {
    for (const part of this.#parts) part.fill(0);
  }

  #silent(reason: Reason): MultivariateScore {
    const none = Array.from({ length: this.#d }, () => 0);
    return { score: 0, expected: none.map(() => Number.NaN), contributions: none, reason };
  }
}

/**
 * The multivariate EWMA control chart with a learnt normal state. See `mewma.md` for what it was measured on.
 *
 * @example
 * const detector = mewma.create(2);
 * const { score, contributions } = detector.update(Date.parse('2026-01-01T00:00:00Z'), [21.5, 1013]);
 */
export const mewma: MultivariateDetectorModel = {
  family: 'multivariate-detector',
  name: 'mewma',
  version: VERSION,
  runtime: 'strict',
  config,
  stateBytesMax: (quantities) =>
    stateBytes([new Float64Array(SCALARS + 6 * quantities), new Float64Array(quantities * quantities)]),
  sources: ['state.ts', 'detectors/invert.ts', 'detectors/mewma.ts'],
  create: (quantities) => new Mewma(quantities),
};
