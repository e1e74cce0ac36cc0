// Values as small codes: a tree then looks for its splits in histograms instead of sorting.

/** Stands for a missing value: below every value there is. */
const MISSING = -Number.MAX_VALUE;

/** The number a tree compares: a missing value is the lowest, infinities are the greatest finite numbers. */
export const comparable = (value: number): number =>
  Number.isNaN(value) ? MISSING : Math.max(-Number.MAX_VALUE, Math.min(Number.MAX_VALUE, value));

/** Rows as columns of codes. */
export interface Binned {
  /** For each feature, the code of each row: how many of its edges lie below the value. */
  readonly codes: readonly Uint8Array[];
  /** For each feature, ascending edges; a value of code c lies above edge c − 1 and at most at edge c. */
  readonly edges: readonly Float64Array[];
}

/**
 * Codes of rows, with edges halfway between neighbouring values: between all of them where they are few, at quantiles
 * where they are many.
 *
 * @param rows features of each row; NaN for a missing one
 * @param bins at most this many codes a feature, 2 to 256
 */
export function bin(rows: readonly ArrayLike<number>[], features: number, bins: number): Binned {
  const codes: Uint8Array[] = [];
  const edges: Float64Array[] = [];
  const column = new Float64Array(rows.length);
  for (let f = 0; f < features; f++) {
    for (let i = 0; i < rows.length; i++) column[i] = comparable(rows[i]![f]!);
    const cuts = cutsOf(Float64Array.from(column).sort(), bins);
    edges.push(cuts);
    codes.push(Uint8Array.from(column, (value) => codeOf(cuts, value)));
  }
  return { codes, edges };
}

function cutsOf(sorted: Float64Array, bins: number): Float64Array {
  const distinct: number[] = [];
  for (let i = 1; i < sorted.length; i++) if (sorted[i]! > sorted[i - 1]!) distinct.push(i);
  const starts =
    distinct.length < bins
      ? distinct
      : Array.from({ length: bins - 1 }, (_, k) => next(sorted, Math.floor(((k + 1) * sorted.length) / bins)));
  const cuts = new Set<number>();
  for (const i of starts) if (i > 0 && i < sorted.length) cuts.add(sorted[i - 1]! / 2 + sorted[i]! / 2);
  return Float64Array.from(cuts);
}

/** First place from `at` on where the value changes. */
function next(sorted: Float64Array, at: number): number {
  let i = at;
  while (i < sorted.length && (i === 0 || sorted[i] === sorted[i - 1])) i++;
  return i;
}

function codeOf(edges: Float64Array, value: number): number {
  let low = 0;
  let high = edges.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (value > edges[middle]!) low = middle + 1;
    else high = middle;
  }
  return low;
}
