// Weighs the methods by what they did after the part of the history they had learnt from: shares that make the error of
// the combination least, for each group of horizons, and for each series as far as its own forecasts tell.
import { config } from './config.ts';
import { shares } from './linear.ts';

/** Forecasts made for values that are known, all methods side by side. */
export interface Trials {
  readonly actual: Float64Array;
  /** [method][trial] */
  readonly forecasts: readonly Float64Array[];
  readonly series: Int32Array;
  readonly origin: Int32Array;
  readonly step: Int32Array;
  /** Group of horizons. */
  readonly group: Int32Array;
}

/** [group of horizons][series][method] */
export type Weights = readonly (readonly Float64Array[])[];

/**
 * @param spread unit of each series
 * @param doubt of each group: its horizon as part of the steps it was tried on
 * @param complex how many methods (the last ones) learn many coefficients
 * @param absolute absolute errors count, not squared ones
 */
export function weigh(
  trials: Trials,
  spread: Float64Array,
  doubt: readonly number[],
  complex: number,
  absolute: boolean,
): Weights {
  const methods = trials.forecasts.length;
  return doubt.map((doubtful, group) => {
    const pull = Array.from(
      { length: methods },
      (_, k) => config.equalWeights * doubtful * (k < methods - complex ? 1 : config.complexity),
    );
    const mine: number[] = [];
    for (let t = 0; t < trials.actual.length; t++) if (trials.group[t] === group) mine.push(t);
    let pooled: Float64Array = new Float64Array(methods).fill(1 / methods);
    let weights = Array.from(spread, () => pooled);
    for (let round = 0; round < (absolute ? config.absoluteRounds : 1); round++) {
      const sums = new Sums(methods, spread.length, pull);
      for (const t of mine) {
        const series = trials.series[t]!;
        sums.add(trials, t, spread[series]!, absolute && round > 0 ? weights[series] : undefined);
      }
      pooled = sums.solve();
      weights = Array.from(spread, (_, i) => sums.solve(i));
    }
    return weights;
  });
}

/** Products of the methods' errors, for each series and in all. Shares that add to 1 need no more. */
class Sums {
  readonly #methods: number;
  readonly #products: readonly Float64Array[];
  readonly #counts: Float64Array;
  readonly #all: Float64Array;
  #count = 0;
  readonly #errors: Float64Array;

  /** Added to each method's product with itself, in least mean squared errors. */
  readonly #pull: readonly number[];

  constructor(methods: number, series: number, pull: readonly number[]) {
    this.#pull = pull;
    this.#methods = methods;
    this.#products = Array.from({ length: series }, () => new Float64Array(methods * methods));
    this.#counts = new Float64Array(series);
    this.#all = new Float64Array(methods * methods);
    this.#errors = new Float64Array(methods);
  }

  /** @param weights given: count as absolute errors do around the combination by these weights */
  add(trials: Trials, t: number, spread: number, weights: Float64Array | undefined): void {
    const methods = this.#methods;
    const errors = this.#errors;
    const series = trials.series[t]!;
    let combined = 0;
    for (let k = 0; k < methods; k++) {
      errors[k] = (trials.forecasts[k]![t]! - trials.actual[t]!) / spread;
      if (weights) combined += weights[k]! * errors[k]!;
    }
    const weight = weights ? 1 / Math.max(Math.abs(combined), config.absoluteFloor) : 1;
    const own = this.#products[series]!;
    for (let i = 0; i < methods; i++)
      for (let j = 0; j < methods; j++) own[i * methods + j]! += weight * errors[i]! * errors[j]!;
    this.#counts[series]! += 1;
    this.#count++;
  }

  /** Shares for one series, its own trials and some of all; without a series, for all together. */
  solve(series?: number): Float64Array {
    const methods = this.#methods;
    const all = this.#all;
    const products = this.#products;
    const counts = this.#counts;
    const count = this.#count;
    if (series === undefined) {
      for (const own of products) for (let i = 0; i < own.length; i++) all[i]! += own[i]!;
      return shares(this.#towardsEqual(all), new Float64Array(methods), methods);
    }
    const borrowed = count > 0 ? config.weightTrials / count : 0;
    if (products.length === 1 || counts[series] === 0)
      return shares(this.#towardsEqual(all), new Float64Array(methods), methods);
    return shares(
      this.#towardsEqual(all.map((x, i) => borrowed * x + products[series]![i]!)),
      new Float64Array(methods),
      methods,
    );
  }

  #towardsEqual(a: Float64Array): Float64Array {
    const methods = this.#methods;
    let least = Number.POSITIVE_INFINITY;
    for (let i = 0; i < methods; i++) least = Math.min(least, a[i * methods + i]!);
    const pulled = a.slice();
    for (let i = 0; i < methods; i++) pulled[i * methods + i]! += this.#pull[i]! * least;
    return pulled;
  }
}
