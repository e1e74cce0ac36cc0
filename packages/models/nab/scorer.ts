// The NAB scoring function: Lavin & Ahmad, "Evaluating Real-time Anomaly Detection Algorithms – the Numenta Anomaly
// Benchmark", ICMLA 2015, as NAB v1.1 applies it. Not part of any model: it may use Math.exp.
import type { Profile, Series } from './corpus.ts';

/** The standard profile, used where none is named. */
export const standard: Profile = { name: 'standard', tpWeight: 1, fpWeight: 0.11, fnWeight: 1 };

const PROBATION_SHARE = 0.15;
const PROBATION_ROWS_MAX = 750;

/** Rows at the start of a file that are not scored: 15 %, at most 750. */
export const probationRows = (rows: number): number => Math.min(Math.floor(PROBATION_SHARE * rows), PROBATION_ROWS_MAX);

/**
 * Value of a detection by its place relative to a window: 0.9866 at the left edge (-1), 0 at the right edge (0), falling
 * to -1 well after it.
 */
export const scaledSigmoid = (place: number): number => (place >= 3 ? -1 : 2 / (1 + Math.exp(5 * place)) - 1);

/** What a detection at each row would be worth, and the window it would fall in (-1 outside, -2 in probation). */
export interface RowValues {
  readonly value: Float64Array;
  readonly window: Int32Array;
}

/**
 * Value of a detection at each row of a file under a profile.
 *
 * @returns `value` in windows: the gain if it is the window's best; outside: the (negative) cost of the false positive
 */
export function rowValues(series: Series, profile: Profile = standard): RowValues {
  const rows = series.values.length;
  const probation = probationRows(rows);
  const value = new Float64Array(rows);
  const window = new Int32Array(rows).fill(-1);
  for (const [w, [from, to]] of series.windows.entries()) {
    const width = to - from + 1;
    for (let i = from; i <= to; i++) {
      window[i] = w;
      value[i] = (scaledSigmoid(-(to - i + 1) / width) * profile.tpWeight) / scaledSigmoid(-1);
    }
  }
  let last = -1;
  for (let i = 0; i < rows; i++) {
    const inside = window[i]!;
    if (inside >= 0) last = inside;
    else {
      const [from, to] = series.windows[last] ?? [0, 0];
      value[i] = scaledSigmoid(last < 0 ? 3 : (i - to) / (to - from)) * profile.fpWeight;
    }
    if (i < probation) window[i] = -2;
  }
  return { value, window };
}

/** A detector's raw NAB score on one file, and what it is made of. */
export interface FileScore {
  readonly raw: number;
  readonly found: number;
  readonly missed: number;
  readonly falseAlarms: number;
}

/**
 * Raw score of one file at one threshold: per window the best detection's value or minus the miss weight, plus the cost
 * of every row detected outside windows.
 *
 * @param scores one anomaly score a row, in the file's order
 * @param threshold rows with score ≥ threshold are detections
 */
export function scoreFile(
  series: Series,
  scores: Float64Array,
  threshold: number,
  profile: Profile = standard,
): FileScore {
  const { value, window } = rowValues(series, profile);
  // A window wholly inside probation cannot be scored and is left out, as NAB does.
  const best = new Map<number, number>();
  for (const w of window) if (w >= 0) best.set(w, -profile.fnWeight);
  let falseCost = 0;
  let falseAlarms = 0;
  const hit = new Set<number>();
  for (let i = 0; i < scores.length; i++) {
    const w = window[i]!;
    if (w === -2 || !(scores[i]! >= threshold)) continue;
    if (w === -1) {
      falseCost += value[i]!;
      falseAlarms++;
    } else {
      best.set(w, Math.max(best.get(w)!, value[i]!));
      hit.add(w);
    }
  }
  const raw = [...best.values()].reduce((sum, v) => sum + v, falseCost);
  return { raw, found: hit.size, missed: best.size - hit.size, falseAlarms };
}

/** Normalised score: 100 for every window found at its left edge and nothing else, 0 for a detector that never speaks. */
export function normalise(raw: number, windows: number, profile: Profile = standard): number {
  const none = -profile.fnWeight * windows;
  return (100 * (raw - none)) / (windows * profile.tpWeight - none);
}

/** The threshold with the best total over the given files, and that total (not normalised). */
export interface Optimum {
  readonly threshold: number;
  readonly raw: number;
}

/**
 * One threshold for all given files that gives the best total raw score; every distinct score is tried.
 *
 * @param corpus files
 * @param scores one array of scores a file, in the same order
 */
export function optimise(
  corpus: readonly Series[],
  scores: readonly Float64Array[],
  profile: Profile = standard,
): Optimum {
  const rows: { score: number; value: number; window: number }[] = [];
  const best: number[] = [];
  let total = 0;
  for (const [f, series] of corpus.entries()) {
    const { value, window } = rowValues(series, profile);
    const first = best.length;
    const scored = new Set(window);
    for (const w of series.windows.keys()) {
      best.push(-profile.fnWeight);
      if (scored.has(w)) total -= profile.fnWeight;
    }
    for (let i = 0; i < window.length; i++) {
      const w = window[i]!;
      const score = scores[f]![i]!;
      // A score of 0 means "nothing to see": no threshold worth having lies there, and most rows do.
      if (w !== -2 && score > 0) rows.push({ score, value: value[i]!, window: w < 0 ? -1 : first + w });
    }
  }
  rows.sort((a, b) => b.score - a.score);
  let optimum: Optimum = { threshold: Number.POSITIVE_INFINITY, raw: total };
  for (const [i, { score, value, window }] of rows.entries()) {
    if (window < 0) total += value;
    else if (value > best[window]!) {
      total += value - best[window]!;
      best[window] = value;
    }
    if (score !== rows[i + 1]?.score && total > optimum.raw) optimum = { threshold: score, raw: total };
  }
  return optimum;
}
