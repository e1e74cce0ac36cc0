// Intervals from what the combination missed before (split conformal prediction, Papadopoulos et al. 2002; Lei et al. 2018):
// misses are measured in an expected size that depends on series and situation, and their quantiles among misses of like
// size (Mondrian conformal prediction, Vovk et al. 2003) give the bounds.
import type { Trials } from './combine.ts';
import { config } from './config.ts';
import { nonNegative } from './linear.ts';

/** What is known of the size of a miss before it happens; each in units of the series' spread. */
export const clues = 7;

export interface Bounds {
  /** [group][clue]: expected absolute miss is their sum over the clues. */
  readonly sizes: readonly Float64Array[];
  /** [group]: expected misses, in spreads, at which the next bin of sizes begins. */
  readonly cuts: readonly Float64Array[];
  /** [group][level][bin of the size]: bounds in expected misses. */
  readonly low: readonly (readonly Float64Array[])[];
  readonly high: readonly (readonly Float64Array[])[];
  /** The same where the lower bound is cut off by the floor, so that all misses outside are above. */
  readonly top: readonly (readonly Float64Array[])[];
  /** [series]: median miss in expected misses, to be added where the median is wanted. */
  readonly middle: Float64Array;
  /** Correction for each series. */
  readonly series: Float64Array;
}

/**
 * Learns bounds.
 *
 * @param combined forecast of each trial
 * @param hints clues of each trial, one after the other
 * @param spread unit of each series
 * @param doubt of each group: its horizon as part of the steps it was tried on
 * @param floor no value lies below
 */
export function learnBounds(
  trials: Trials,
  combined: Float64Array,
  hints: Float64Array,
  spread: Float64Array,
  doubt: readonly number[],
  levels: readonly number[],
  floor: number,
): Bounds {
  const byGroup = doubt.map((_, g) => trialsOf(trials, (t) => trials.group[t] === g));
  // Horizons that the history is too short to have tried take after the furthest that it has.
  for (let g = 1; g < byGroup.length; g++) if (byGroup[g]!.length === 0) byGroup[g] = byGroup[g - 1]!;
  const sizes = byGroup.map((mine) => learnSizes(mine, trials, combined, hints, spread));
  const size = new Float64Array(combined.length);
  const ratio = new Float64Array(combined.length);
  const sums = new Float64Array(spread.length);
  const counts = new Float64Array(spread.length);
  for (let t = 0; t < combined.length; t++) {
    const series = trials.series[t]!;
    size[t] = expectedMiss(sizes[trials.group[t]!]!, hints, t * clues);
    ratio[t] = (trials.actual[t]! - combined[t]!) / (size[t]! * spread[series]!);
    sums[series]! += Math.min(Math.abs(ratio[t]!), config.missMax);
    counts[series]! += 1;
  }
  const mean = sums.reduce((x, y) => x + y, 0) / counts.reduce((x, y) => x + y, 0);
  const series = sums.map((sum, i) =>
    mean > 0 ? (sum + config.seriesTrials * mean) / (counts[i]! + config.seriesTrials) / mean : 1,
  );
  // What lies so many units below the forecast cannot happen.
  const reach = new Float64Array(ratio.length);
  for (let t = 0; t < ratio.length; t++) {
    const own = trials.series[t]!;
    size[t]! *= series[own]!;
    ratio[t]! /= series[own]!;
    reach[t] = (combined[t]! - floor) / (size[t]! * spread[own]!);
  }
  const cuts = byGroup.map((mine, g) => cutsOf(mine, 1 / doubt[trials.group[mine[0]!] ?? g]!, size));
  const bin = Uint8Array.from(size, (x, t) => binOf(cuts[trials.group[t]!]!, x));
  const widen = widening(trials, ratio, reach, bin, byGroup, levels);
  const middle = middles(trials, ratio, spread.length, doubt.at(-1)!);
  const quantiles = byGroup.map((mine) => levels.map((level, l) => boundsByBin(mine, ratio, bin, level, widen[l]!)));
  const pick = (side: 0 | 1 | 2) =>
    quantiles.map((ofLevels) => ofLevels.map((pairs) => Float64Array.from(pairs, (pair) => pair[side])));
  return { sizes, cuts, low: pick(0), high: pick(1), top: pick(2), middle, series };
}

/** Median of each series' own misses, believed as far as they were many: what was skewed once may have been a trend. */
function middles(trials: Trials, ratio: Float64Array, series: number, doubt: number): Float64Array {
  const belief = 1 / (1 + config.equalWeights * doubt);
  const own: number[][] = Array.from({ length: series }, () => []);
  for (let t = 0; t < ratio.length; t++) own[trials.series[t]!]!.push(ratio[t]!);
  return Float64Array.from(own, (misses) => belief * quantile(Float64Array.from(misses).sort(), 0.5));
}

/** Expected sizes that part the trials into bins of about equal counts, none empty. */
function cutsOf(mine: Float64Array, stretches: number, size: Float64Array): Float64Array {
  const bins = Math.floor(Math.min(config.sizeBins, mine.length / config.binTrials, stretches / config.binStretches));
  const sorted = mine.map((t) => size[t]!).sort();
  const cuts: number[] = [];
  for (let b = 1; b < bins; b++) {
    const cut = sorted[Math.floor((b * sorted.length) / bins)]!;
    if (cut > (cuts.at(-1) ?? sorted[0]!)) cuts.push(cut);
  }
  return Float64Array.from(cuts);
}

/** The bin of an expected size. */
export function binOf(cuts: Float64Array, size: number): number {
  let bin = 0;
  while (bin < cuts.length && size >= cuts[bin]!) bin++;
  return bin;
}

function boundsByBin(
  mine: ArrayLike<number>,
  ratio: Float64Array,
  bin: Uint8Array,
  level: number,
  widen = 1,
): (readonly [number, number, number])[] {
  const parted: number[][] = Array.from({ length: config.sizeBins }, () => []);
  for (let k = 0; k < mine.length; k++) parted[bin[mine[k]!]!]!.push(ratio[mine[k]!]!);
  return parted.map((misses) => {
    const sorted = Float64Array.from(misses).sort();
    const at = (share: number): number => quantile(sorted, share) * widen;
    return [at((1 - level) / 2), at((1 + level) / 2), at(level)] as const;
  });
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
 * spirit of adaptive conformal inference, Gibbs and Candès 2021.) The block to come counts as one more, part of it outside.
 */
function widening(
  trials: Trials,
  ratio: Float64Array,
  reach: Float64Array,
  bin: Uint8Array,
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
      const seen = new Int32Array(config.sizeBins);
      for (let k = 0; k < mine.length; k++) {
        const t = mine[k]!;
        const origin = trials.origin[t]!;
        if (origin + trials.step[t]! < from) {
          before.push(t);
          seen[bin[t]!]! += 1;
        } else if (origin >= from && origin < to) next.push(t);
      }
      for (const [l, level] of levels.entries()) {
        const bounds = boundsByBin(before, ratio, bin, level);
        for (const t of next) {
          if (seen[bin[t]!]! < config.blockTrials) continue;
          const [low, high, top] = bounds[bin[t]!]!;
          const miss = ratio[t]!;
          // 1 at either bound. Down to the floor nothing is missed; a bound on the wrong side cannot be widened.
          const cut = -low >= reach[t]!;
          const bound = miss > 0 ? (cut ? top : high) : low;
          if (miss <= 0 && cut) excess[l]!.push(0);
          else excess[l]!.push(miss * bound > 0 ? miss / bound : config.widenMax);
        }
      }
    }
  }
  return levels.map((level, l) => {
    if (excess[l]!.length === 0) return 1;
    const sorted = Float64Array.from(excess[l]!).sort();
    const share = level + (config.blockDoubt * (1 - level)) / (config.blocks - 1);
    return Math.max(1, Math.min(config.widenMax, quantile(sorted, share)));
  });
}

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
