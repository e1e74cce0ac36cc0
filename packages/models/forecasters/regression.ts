// Linear regressions over the features, one for each group of horizons: one for all series together, and one for each
// series that borrows from all others what its own rows cannot tell.
import { config } from './config.ts';
import type { Features, Standard } from './features.ts';
import type { Window } from './history.ts';
import { NormalEquations, solveRidge } from './linear.ts';

/** Steps ahead from `first` to `last` (0: the next step) share coefficients. */
export interface Group {
  readonly first: number;
  readonly last: number;
}

/** Groups of horizons: single steps first, then each group a third as wide as it is far. */
export function groupHorizons(horizon: number): Group[] {
  const groups: Group[] = [];
  for (let first = 0; first < horizon; ) {
    const last = Math.min(horizon - 1, first + Math.floor(first / config.groupReach));
    groups.push({ first, last });
    first = last + 1;
  }
  return groups;
}

/** The group that each step ahead belongs to. */
export function groupOfSteps(groups: readonly Group[]): Int32Array {
  return Int32Array.from(groups.flatMap(({ first, last }, g) => new Array<number>(last - first + 1).fill(g)));
}

/** Coefficients: [variant][group][series]; the first variant is the one for all series. */
export type Coefficients = readonly (readonly (readonly Float64Array[])[])[];

/** Names of the variants. @param series how many there are */
export const variants = (series: number): string[] =>
  series === 1
    ? ['regression']
    : ['regression over all series', ...config.borrow.map((share) => `regression of each series, borrowing ${share}`)];

/**
 * Fits on all rows, and for each fold on the rows whose targets lie before it.
 *
 * @param start first origin
 * @param folds first step of each fold and the end of the last; empty for none
 * @returns coefficients for each fold, then those from all rows
 */
export function fitRegressions(
  window: Window,
  features: Features,
  standard: Standard,
  groups: readonly Group[],
  start: number,
  folds: readonly number[],
): Coefficients[] {
  const { size, common } = features;
  const parts = folds.length;
  const results = Array.from({ length: parts }, () =>
    variants(window.y.length).map(() => groups.map((): Float64Array[] => [])),
  );
  const stride = rowStride(window.length - start);
  for (const [g, { first, last }] of groups.entries()) {
    // What lies before the folds, then each fold.
    const sums = window.y.map(() => Array.from({ length: parts }, () => new NormalEquations(size)));
    for (const [i, parted] of sums.entries()) {
      const y = window.y[i]!;
      const missing = window.missing[i]!;
      for (let k = 0, origin = start; origin + last < window.length; k++, origin += stride) {
        const step = origin + first + (k % (last - first + 1));
        if (missing[step] === 1) continue;
        const equations = parted[foldOf(step, folds) + 1]!;
        features.fill(equations.next, i, origin, step);
        equations.add((y[step]! - features.level(i, origin)) / standard.spread[i]!);
      }
      for (const equations of parted) equations.flush();
    }
    for (let part = 0; part < parts; part++) {
      if (part > 0) for (const parted of sums) parted[part]!.join(parted[part - 1]!);
      const sofar = sums.map((parted) => parted[part]!);
      for (const [v, coefficients] of solve(sofar, size, common).entries()) results[part]![v]![g] = coefficients;
    }
  }
  return results;
}

/** Index of the fold a step is in; −1 where it lies before all. @param folds first step of each and the end of the last */
export function foldOf(step: number, folds: readonly number[]): number {
  let f = folds.length - 2;
  while (f >= 0 && step < folds[f]!) f--;
  return f;
}

/** Odd, so that rows visit all slots of any season that is a multiple of two, and not of three or seven. */
function rowStride(steps: number): number {
  let stride = Math.max(1, Math.ceil(steps / config.rows));
  while (stride > 1 && [2, 3, 5, 7].some((factor) => stride % factor === 0)) stride++;
  return stride;
}

function solve(equations: readonly NormalEquations[], size: number, common: number): Float64Array[][] {
  if (equations.length === 1) return [[solveRidge(equations[0]!.a, equations[0]!.b, size, config.ridge)]];
  const pooled = new Float64Array(size * size);
  const side = new Float64Array(size);
  let total = 0;
  for (const { a, b, count } of equations) {
    total += count;
    for (let i = 0; i < common; i++) {
      side[i]! += b[i]!;
      for (let j = 0; j <= i; j++) pooled[i * size + j]! += a[i * size + j]!;
    }
  }
  const all = solveRidge(pooled, side, size, config.ridge);
  const own = config.borrow.map((rows) =>
    equations.map(({ a, b }) => {
      const weight = total > 0 ? (rows * size) / total : 0;
      const mixed = a.map((x, k) => x + weight * pooled[k]!);
      for (let i = common; i < size; i++) mixed[i * size + i]! *= 1 + config.neighbourRidge;
      const sides = b.map((x, k) => x + weight * side[k]!);
      return solveRidge(mixed, sides, size, config.ridge);
    }),
  );
  return [equations.map(() => all), ...own];
}
