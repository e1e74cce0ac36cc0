// What the regressions see of a series at an origin for a step ahead of it. All in the series' own unit of spread and
// relative to its recent level, so that series of all sizes can share coefficients.

import type { Calendar } from './calendar.ts';
import { config } from './config.ts';
import type { Window } from './history.ts';
import { type Limits, within } from './limits.ts';
import type { Profile } from './profile.ts';

/** Lengths of the means over a neighbour's last values, the most useful first. */
const stretches = [1, 3, 12, 6, 24, 48];

/** Centre and spread of each series, and which others help it: learnt once for a fit. */
export interface Standard {
  readonly centre: Float64Array;
  readonly spread: Float64Array;
  readonly covariates: readonly (readonly [centre: number, spread: number])[];
  readonly neighbours: readonly (readonly number[])[];
  /** What each series tells others of. */
  readonly limits: readonly Limits[];
}

export class Features {
  /** Features in all, and how many of them (the first) mean the same for every series. */
  readonly size: number;
  readonly common: number;
  readonly #sums: readonly Float64Array[];
  /** Of each series within its limits: what its neighbours see of it. */
  readonly #seen: readonly Float64Array[];
  readonly #levelSteps: number;
  readonly #stretches: readonly number[];

  readonly #window: Window;
  readonly #profiles: readonly Profile[];
  readonly #calendar: Calendar;
  readonly #standard: Standard;

  constructor(window: Window, profiles: readonly Profile[], calendar: Calendar, standard: Standard) {
    this.#window = window;
    this.#profiles = profiles;
    this.#calendar = calendar;
    this.#standard = standard;
    const { main, day } = profiles[0]!;
    this.#levelSteps = main > 0 ? main : 4 * config.lags;
    this.#sums = window.y.map(runningSums);
    this.#seen = window.y.map((y, i) => {
      const seen = within(y, standard.limits[i]!);
      return seen === y ? this.#sums[i]! : runningSums(seen);
    });
    const near = Math.max(0, ...standard.neighbours.map((list) => list.length));
    this.#stretches = stretches.slice(0, near > 0 ? Math.max(1, Math.floor(config.neighbourFeatures / near)) : 0);
    this.common = 4 + config.lags + (main > 0 ? 13 : 0) + (main > day ? 2 : 0) + 2 * calendar.plain.length;
    this.size = this.common + near * this.#stretches.length;
  }

  /** Mean of the last values before the origin: what everything is relative to. */
  level(series: number, origin: number): number {
    return this.mean(series, origin, this.#levelSteps);
  }

  /** Mean of so many last values before the origin, or of all there are. */
  mean(series: number, origin: number, steps: number): number {
    return meanOf(this.#sums[series]!, origin, steps);
  }

  /** Writes the features of `step` (index in the window) as seen from `origin` (the first unknown step). */
  fill(row: Float64Array, series: number, origin: number, step: number): void {
    const standard = this.#standard;
    const calendar = this.#calendar;
    const window = this.#window;
    const y = window.y[series]!;
    const profile = this.#profiles[series]!;
    const level = this.level(series, origin);
    const scale = 1 / standard.spread[series]!;
    let at = 0;
    const put = (x: number): void => {
      row[at++] = Number.isNaN(x) ? 0 : (x - level) * scale;
    };
    row[at++] = 1;
    put(standard.centre[series]!);
    put(this.mean(series, origin, 2 * config.lags));
    put(this.mean(series, origin, 8 * config.lags));
    for (let k = 1; k <= config.lags; k++) put(y[Math.max(0, origin - k)]!);
    if (profile.main > 0) at = this.#fillSeason(row, at, profile, origin, step, level, scale);
    for (const covariate of calendar.plain) {
      const x = window.x[covariate]!;
      const [centre, spread] = standard.covariates[covariate]!;
      row[at++] = (x[step]! - centre) / spread;
      row[at++] = (x[step]! - x[Math.max(0, origin - 1)]!) / spread;
    }
    for (const other of standard.neighbours[series]!) {
      const otherScale = 1 / standard.spread[other]!;
      for (const steps of this.#stretches)
        row[at++] = (meanOf(this.#seen[other]!, origin, steps) - standard.centre[other]!) * otherScale;
    }
    while (at < this.size) row[at++] = 0;
  }

  #fillSeason(
    row: Float64Array,
    start: number,
    profile: Profile,
    origin: number,
    step: number,
    level: number,
    scale: number,
  ): number {
    const { main, day } = profile;
    let at = start;
    const put = (x: number): void => {
      row[at++] = Number.isNaN(x) ? 0 : (x - level) * scale;
    };
    const visit = profile.visit(step, origin, main);
    put(profile.clean(visit));
    put(visit >= main ? profile.clean(visit - main) : Number.NaN);
    put(profile.recent(step, origin));
    put(profile.usual(step, origin));
    if (main > day) {
      put(profile.recent(step, origin, 1, day));
      put(profile.recent(step, origin, 3, day));
    }
    for (const steps of [1, 3, day >> 2, day, main]) row[at++] = profile.deviation(origin - steps, origin) * scale;
    row[at++] = profile.effect(step, origin) * scale;
    for (const width of [1, day, main]) row[at++] = profile.analogue(step, origin, width) * scale;
    return at;
  }
}

function runningSums(y: Float64Array): Float64Array {
  const sums = new Float64Array(y.length + 1);
  for (let i = 0; i < y.length; i++) sums[i + 1] = sums[i]! + y[i]!;
  return sums;
}

/** Mean of so many values before the origin, or of all there are, from their running sums. */
function meanOf(sums: Float64Array, origin: number, steps: number): number {
  const from = Math.max(0, origin - steps);
  return (sums[origin]! - sums[from]!) / Math.max(1, origin - from);
}

/**
 * Learns centres, spreads and neighbours.
 *
 * @param window within the limits
 * @param ahead steps that a neighbour should tell ahead
 */
export function standardise(window: Window, limits: readonly Limits[], ahead: number, rows: number): Standard {
  const end = window.length;
  const centre = new Float64Array(window.y.length);
  const spread = new Float64Array(window.y.length);
  for (const [i, y] of window.y.entries()) [centre[i], spread[i]] = centreAndSpread(y.subarray(0, end));
  const covariates = window.x.map((x) => centreAndSpread(x.subarray(0, end)));
  // A neighbour needs enough rows to show itself in.
  const wanted = rows >= 8 * (config.neighbourFeatures + config.lags) ? config.neighbours : 0;
  const neighbours = findNeighbours(window.y, centre, spread, end, ahead, wanted);
  return { centre, spread, covariates, neighbours, limits };
}

function centreAndSpread(y: Float64Array): [number, number] {
  let sum = 0;
  for (const x of y) sum += x;
  const centre = y.length > 0 ? sum / y.length : 0;
  let away = 0;
  for (const x of y) away += Math.abs(x - centre);
  return [centre, away > 0 ? away / y.length : 1];
}

/**
 * For each series those whose values and last changes go best with what it does next beyond what its own say: largest
 * absolute correlation.
 */
function findNeighbours(
  y: readonly Float64Array[],
  centre: Float64Array,
  spread: Float64Array,
  end: number,
  ahead: number,
  wanted: number,
): readonly (readonly number[])[] {
  const series = y.length;
  const others = (i: number): number[] => Array.from({ length: series }, (_, j) => j).filter((j) => j !== i);
  if (wanted === 0) return y.map(() => []);
  if (series <= wanted + 1) return y.map((_, i) => others(i));
  const stride = Math.max(1, Math.floor((end - 2 * ahead) / 400));
  const at: number[] = [];
  for (let o = ahead; o + ahead < end; o += stride) at.push(o);
  const level = y.map((x, i) => Float64Array.from(at, (o) => (x[o]! - centre[i]!) / spread[i]!));
  const change = y.map((x, i) => Float64Array.from(at, (o) => (x[o]! - x[o - ahead]!) / spread[i]!));
  return y.map((x, i) => {
    let rest: Float64Array = Float64Array.from(at, (o) => (x[o + ahead]! - x[o]!) / spread[i]!);
    for (let round = 0; round < 2; round++) for (const own of [level[i]!, change[i]!]) rest = without(rest, own);
    const strength = Float64Array.from({ length: series }, (_, j) =>
      j === i ? -1 : Math.max(correlation(rest, level[j]!), correlation(rest, change[j]!)),
    );
    return others(i)
      .sort((a, b) => strength[b]! - strength[a]! || a - b)
      .slice(0, wanted);
  });
}

const dot = (a: Float64Array, b: Float64Array): number => {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
};
const without = (a: Float64Array, b: Float64Array): Float64Array => {
  const share = dot(b, b) > 0 ? dot(a, b) / dot(b, b) : 0;
  return a.map((x, i) => x - share * b[i]!);
};
const correlation = (a: Float64Array, b: Float64Array): number => {
  const size = Math.sqrt(dot(a, a) * dot(b, b));
  return size > 0 ? Math.abs(dot(a, b)) / size : 0;
};
