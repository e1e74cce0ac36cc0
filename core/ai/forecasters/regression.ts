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
 * Fits on rows whose targets lie before `middle`, then on all rows whose targets lie before `end`.
 *
 * @returns both: the first judges, the second forecasts
 */
export function fitRegressions(
  window: Window,
  features: Features,
  standard: Standard,
  groups: readonly Group[],
  start: number,
  middle: number,
  end: number,
): [Coefficients, Coefficients] {
  const series = window.y.length;
  const { size, common } = features;
  const names = variants(series);
  const results = [0, 1].map(() => names.map(() => groups.map((): Float64Array[] => [])));
  const stride = rowStride(end - start);
  for (const [g, { first, last }] of groups.entries()) {
    const equations = window.y.map(() => new NormalEquations(size));
    for (const [phase, limit] of [middle, end].entries()) {
      // The second phase goes on where the first one ended.
      const from = phase === 0 ? 0 : Math.max(0, Math.ceil((middle - last - start) / stride));
      for (const [i, equation] of equations.entries()) {
        const y = window.y[i]!;
        const missing = window.missing[i]!;
        for (let k = from, origin = start + k * stride; origin + last < limit; k++, origin += stride) {
          const step = origin + first + (k % (last - first + 1));
          if (missing[step] === 1) continue;
          features.fill(equation.next, i, origin, step);
          equation.add((y[step]! - features.level(i, origin)) / standard.spread[i]!);
        }
        equation.flush();
      }
      for (const [v, coefficients] of solve(equations, size, common).entries()) results[phase]![v]![g] = coefficients;
    }
  }
  return results as unknown as [Coefficients, Coefficients];
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
  for (const { a, b, rows } of equations) {
    total += rows;
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
