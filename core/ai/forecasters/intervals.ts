// Intervals from what the combination missed before (split conformal prediction, Papadopoulos et al. 2002; Lei et al. 2018):
// misses are measured in an expected size that depends on series and situation, and their quantiles give the bounds.
import type { Trials } from './combine.ts';
import { config } from './config.ts';
import { nonNegative } from './linear.ts';

/** What is known of the size of a miss before it happens; each in units of the series' spread. */
export const clues = 7;

export interface Bounds {
  /** [group][clue]: expected absolute miss is their sum over the clues. */
  readonly sizes: readonly Float64Array[];
  /** [group][level]: bounds in expected misses. */
  readonly low: readonly Float64Array[];
  readonly high: readonly Float64Array[];
  /** Correction for each series. */
  readonly series: Float64Array;
}

/** Learns bounds. @param hints clues of each trial, one after the other @param combined forecast of each trial */
export function learnBounds(
  trials: Trials,
  combined: Float64Array,
  hints: Float64Array,
  spread: Float64Array,
  groups: number,
  levels: readonly number[],
): Bounds {
  const byGroup = Array.from({ length: groups }, (_, g) => trialsOf(trials, (t) => trials.group[t] === g));
  // Horizons that the history is too short to have tried take after the furthest that it has.
  for (let g = 1; g < groups; g++) if (byGroup[g]!.length === 0) byGroup[g] = byGroup[g - 1]!;
  const sizes = byGroup.map((mine) => learnSizes(mine, trials, combined, hints, spread));
  const ratio = new Float64Array(combined.length);
  const sums = new Float64Array(spread.length);
  const counts = new Float64Array(spread.length);
  for (let t = 0; t < combined.length; t++) {
    const series = trials.series[t]!;
    const expected = expectedMiss(sizes[trials.group[t]!]!, hints, t * clues) * spread[series]!;
    ratio[t] = (trials.actual[t]! - combined[t]!) / expected;
    sums[series]! += Math.min(Math.abs(ratio[t]!), config.missMax);
    counts[series]! += 1;
  }
  const mean = sums.reduce((x, y) => x + y, 0) / counts.reduce((x, y) => x + y, 0);
  const series = sums.map((sum, i) =>
    mean > 0 ? (sum + config.seriesTrials * mean) / (counts[i]! + config.seriesTrials) / mean : 1,
  );
  for (let t = 0; t < ratio.length; t++) ratio[t]! /= series[trials.series[t]!]!;
  const widen = widening(trials, ratio, byGroup, levels);
  const quantiles = byGroup.map((mine) => {
    const sorted = mine.map((t) => ratio[t]!).sort();
    return levels.map((level, l) => {
      const [low, high] = boundsOf(sorted, level);
      return [low * widen[l]!, high * widen[l]!] as const;
    });
  });
  return {
    sizes,
    low: quantiles.map((pairs) => Float64Array.from(pairs, ([low]) => low)),
    high: quantiles.map((pairs) => Float64Array.from(pairs, ([, high]) => high)),
    series,
  };
}

/** Regression of the absolute miss on the clues, each trial weighing less the larger a miss was to be expected. */
function learnSizes(
  mine: Float64Array,
  trials: Trials,
  combined: Float64Array,
  hints: Float64Array,
  spread: Float64Array,
): Float64Array {
  let sizes: Float64Array = Float64Array.from({ length: clues }, (_, i) => (i === 0 ? 1 : 0));
  for (let round = 0; round < config.sizeRounds; round++) {
    const a = new Float64Array(clues * clues);
    const b = new Float64Array(clues);
    for (let k = 0; k < mine.length; k++) {
      const t = mine[k]!;
      const at = t * clues;
      const miss = Math.min(Math.abs(trials.actual[t]! - combined[t]!) / spread[trials.series[t]!]!, config.missMax);
      const expected = expectedMiss(sizes, hints, at) + config.sizeFloor;
      const weight = 1 / (expected * expected);
      for (let i = 0; i < clues; i++) {
        const x = weight * hints[at + i]!;
        b[i]! += x * miss;
        for (let j = 0; j < clues; j++) a[i * clues + j]! += x * hints[at + j]!;
      }
    }
    sizes = nonNegative(a, b, clues);
  }
  return sizes;
}

const trialsOf = (trials: Trials, pick: (t: number) => boolean): Float64Array => {
  const found: number[] = [];
  for (let t = 0; t < trials.actual.length; t++) if (pick(t)) found.push(t);
  return Float64Array.from(found);
};

/**
 * How much wider bounds should be than misses before suggest: in blocks of time, each judged by the bounds that the misses
 * before it would have given. Misses come in spells, so that the next ones are seldom quite like those before. (In the
 * spirit of adaptive conformal inference, Gibbs and Candès 2021.)
 */
function widening(
  trials: Trials,
  ratio: Float64Array,
  byGroup: readonly Float64Array[],
  levels: readonly number[],
): number[] {
  let [first, last] = [Number.POSITIVE_INFINITY, 0];
  for (const origin of trials.origin) {
    first = Math.min(first, origin);
    last = Math.max(last, origin);
  }
  const starts = Array.from(
    { length: config.blocks },
    (_, b) => first + ((last + 1 - first) * b) / config.blocks,
  ).concat(Number.POSITIVE_INFINITY);
  const excess: number[][] = levels.map(() => []);
  for (const mine of byGroup) {
    for (let b = 2; b < config.blocks; b++) {
      const [from, to] = [starts[b]!, starts[b + 1]!];
      const before: number[] = [];
      const next: number[] = [];
      for (let k = 0; k < mine.length; k++) {
        const t = mine[k]!;
        const origin = trials.origin[t]!;
        if (origin + trials.step[t]! < from) before.push(ratio[t]!);
        else if (origin >= from && origin < to) next.push(ratio[t]!);
      }
      if (before.length < config.blockTrials) continue;
      const sorted = Float64Array.from(before).sort();
      for (const [l, level] of levels.entries()) {
        const [low, high] = boundsOf(sorted, level);
        // 1 at either bound. A bound on the wrong side of the forecast cannot be widened.
        for (const r of next)
          excess[l]!.push(r > 0 ? (high > 0 ? r / high : config.widenMax) : low < 0 ? r / low : config.widenMax);
      }
    }
  }
  return levels.map((level, l) => {
    if (excess[l]!.length === 0) return 1;
    const sorted = Float64Array.from(excess[l]!).sort();
    return Math.max(1, Math.min(config.widenMax, quantile(sorted, level)));
  });
}

const boundsOf = (sorted: Float64Array, level: number): readonly [number, number] => [
  quantile(sorted, (1 - level) / 2),
  quantile(sorted, (1 + level) / 2),
];

/** In the unit of the hints. */
export function expectedMiss(sizes: Float64Array, hints: Float64Array, at: number): number {
  let sum = 1e-9;
  for (let i = 0; i < clues; i++) sum += sizes[i]! * hints[at + i]!;
  return sum;
}

/** The conformal quantile: outwards by the one value that is to come. */
function quantile(sorted: Float64Array, share: number): number {
  if (sorted.length === 0) return 0;
  const at = share < 0.5 ? Math.floor(share * (sorted.length + 1)) - 1 : Math.ceil(share * (sorted.length + 1)) - 1;
  return sorted[Math.max(0, Math.min(sorted.length - 1, at))]!;
}
