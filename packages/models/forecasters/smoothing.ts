// Exponential smoothing and Theta for one series with a short season or none: the classical methods for monthly and daily
// demand (Hyndman et al. 2008; Assimakopoulos and Nikolopoulos 2000). Parameters are chosen from grids by the squared
// error one step ahead; seasons are taken out by indices from centred means, as the Theta method does.
import { config } from './config.ts';

/** Parameters chosen for one series. */
export interface Smoothing {
  readonly season: number;
  /** Did the season pass the test that the Theta method makes? */
  readonly seasonal: boolean;
  /** Seasonal factors rather than summands: all values are above 0. */
  readonly factors: boolean;
  readonly simple: number;
  readonly plain: number;
  readonly damped: readonly [level: number, trend: number, damping: number];
  readonly winters: readonly [level: number, season: number];
}

const rates = [0.02, 0.05, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.65, 0.8, 0.95];
const trendRates = [0.01, 0.05, 0.15];
const dampings = [0.8, 0.9, 0.98];
const seasonRates = [0, 0.05, 0.1, 0.2, 0.4];

export const smoothingMethods = ['ses', 'ses without season', 'theta', 'damped trend', 'seasonal smoothing'] as const;

/** The values a series is smoothed on. */
export const smoothed = (y: Float64Array, origin: number): Float64Array =>
  y.subarray(Math.max(0, origin - config.smoothingSteps), origin);

/** Chooses parameters. @param season steps, 0 for none; ignored where there are fewer than two of them */
export function fitSmoothing(y: Float64Array, season: number): Smoothing {
  const use = season > 1 && y.length >= 2 * season + 1 ? season : 0;
  const factors = y.every((x) => x > 0);
  const seasonal = use > 0 && isSeasonal(y, use);
  const adjusted = seasonal ? adjust(y, indices(y, use, factors), factors) : y;
  return {
    season: use,
    seasonal,
    factors,
    simple: best(
      rates.map((a) => [a]),
      ([a]) => simpleLevel(adjusted, a!).error,
    )[0]!,
    plain: best(
      rates.map((a) => [a]),
      ([a]) => simpleLevel(y, a!).error,
    )[0]!,
    damped: best(
      rates.flatMap((a) => trendRates.flatMap((b) => dampings.map((phi) => [a, a * b, phi] as const))),
      (p) => dampedTrend(adjusted, p).error,
    ),
    winters:
      use > 0
        ? best(
            rates.flatMap((a) => seasonRates.map((g) => [a, g] as const)),
            (p) => winters(y, use, p, factors).error,
          )
        : [0, 0],
  };
}

/** Forecasts of each of `smoothingMethods`, written to `out`. @param y all values before the origin that are smoothed */
export function forecastSmoothing(y: Float64Array, fit: Smoothing, steps: number, out: readonly Float64Array[]): void {
  const season = fit.season > 0 && y.length >= 2 * fit.season + 1 ? fit.season : 0;
  const factors = fit.factors && y.every((x) => x > 0);
  const use = fit.seasonal && season > 0;
  const index = use ? indices(y, season, factors) : undefined;
  const adjusted = index ? adjust(y, index, factors) : y;
  const restore = (x: number, h: number): number => {
    if (!index) return x;
    const s = index[(y.length + h) % season]!;
    return factors ? x * s : x + s;
  };
  const level = simpleLevel(adjusted, fit.simple).level;
  const plain = simpleLevel(y, fit.plain).level;
  const slope = trend(adjusted);
  const damped = dampedTrend(adjusted, fit.damped);
  const seasonal = season > 0 ? winters(y, season, fit.winters, factors) : undefined;
  const [, , phi] = fit.damped;
  let damping = 0;
  let power = 1;
  for (let h = 0; h < steps; h++) {
    power *= phi;
    damping += power;
    out[0]![h] = restore(level, h);
    out[1]![h] = plain;
    out[2]![h] = restore(level + (slope / 2) * (h + 1 / fit.simple), h);
    out[3]![h] = restore(damped.level + damped.trend * damping, h);
    out[4]![h] = seasonal
      ? factors
        ? seasonal.level * seasonal.index[(y.length + h) % season]!
        : seasonal.level + seasonal.index[(y.length + h) % season]!
      : restore(level, h);
  }
}

function best<P>(choices: readonly P[], error: (p: P) => number): P {
  let chosen = choices[0] as P;
  let least = Number.POSITIVE_INFINITY;
  for (const choice of choices) {
    const e = error(choice);
    if (e < least) {
      least = e;
      chosen = choice;
    }
  }
  return chosen;
}

const mean = (y: Float64Array, from: number, to: number): number => {
  let sum = 0;
  for (let i = from; i < to; i++) sum += y[i]!;
  return sum / (to - from);
};

function simpleLevel(y: Float64Array, rate: number): { level: number; error: number } {
  let level = mean(y, 0, Math.min(6, y.length));
  let error = 0;
  for (let i = 0; i < y.length; i++) {
    const e = y[i]! - level;
    error += e * e;
    level += rate * e;
  }
  return { level, error };
}

function dampedTrend(
  y: Float64Array,
  [a, b, phi]: Smoothing['damped'],
): { level: number; trend: number; error: number } {
  const start = Math.min(6, y.length);
  let level = mean(y, 0, start);
  let trend = 0;
  let error = 0;
  for (let i = 0; i < y.length; i++) {
    const e = y[i]! - level - phi * trend;
    error += e * e;
    level += phi * trend + a * e;
    trend = phi * trend + b * e;
  }
  return { level, trend, error };
}

function winters(
  y: Float64Array,
  season: number,
  [a, g]: Smoothing['winters'],
  factors: boolean,
): { level: number; index: Float64Array; error: number } {
  const index = indices(y, season, factors);
  let level = mean(y, 0, season);
  let error = 0;
  for (let i = 0; i < y.length; i++) {
    const slot = i % season;
    const s = index[slot]!;
    const e = y[i]! - (factors ? level * s : level + s);
    error += e * e;
    if (factors) {
      index[slot] = s + (level > 0 ? (g * e) / level : 0);
      level += s > 0 ? (a * e) / s : 0;
    } else {
      index[slot] = s + g * e;
      level += a * e;
    }
  }
  return { level, index, error };
}

/** Slope of the least-squares line. */
function trend(y: Float64Array): number {
  const middle = (y.length - 1) / 2;
  let [xy, xx] = [0, 0];
  for (let i = 0; i < y.length; i++) {
    xy += (i - middle) * y[i]!;
    xx += (i - middle) * (i - middle);
  }
  return xx > 0 ? xy / xx : 0;
}

/** Autocorrelation at the season beyond what chance gives in nine of ten cases. */
function isSeasonal(y: Float64Array, season: number): boolean {
  if (y.length < 3 * season) return false;
  const m = mean(y, 0, y.length);
  let variance = 0;
  for (const x of y) variance += (x - m) * (x - m);
  if (!(variance > 0)) return false;
  let squares = 0;
  let r = 0;
  for (let lag = 1; lag <= season; lag++) {
    if (lag > 1) squares += r * r;
    let sum = 0;
    for (let i = lag; i < y.length; i++) sum += (y[i]! - m) * (y[i - lag]! - m);
    r = sum / variance;
  }
  return Math.abs(r) > 1.645 * Math.sqrt((1 + 2 * squares) / y.length);
}

/** Seasonal indices by slot (index modulo season): mean ratio to, or difference from, the centred mean over a season. */
function indices(y: Float64Array, season: number, factors: boolean): Float64Array {
  const half = season >> 1;
  const sums = new Float64Array(season);
  const counts = new Float64Array(season);
  for (let i = half; i + half < y.length; i++) {
    let around = 0;
    for (let k = -half; k <= half; k++) around += season % 2 === 0 && Math.abs(k) === half ? y[i + k]! / 2 : y[i + k]!;
    around /= season;
    sums[i % season]! += factors ? y[i]! / around : y[i]! - around;
    counts[i % season]! += 1;
  }
  const neutral = factors ? 1 : 0;
  for (let i = 0; i < season; i++) sums[i] = counts[i]! > 0 ? sums[i]! / counts[i]! : neutral;
  const m = mean(sums, 0, season);
  for (let i = 0; i < season; i++) sums[i] = factors ? sums[i]! / m : sums[i]! - m;
  return sums;
}

const adjust = (y: Float64Array, index: Float64Array, factors: boolean): Float64Array =>
  y.map((x, i) => (factors ? x / index[i % index.length]! : x - index[i % index.length]!));
