/** The value below which half of the values lie (the lower one of two in the middle). */
export function median(values: readonly number[]): number {
  return percentile(values, 50);
}

/** @param percent 0 to 100 @returns the nearest-rank percentile; NaN of nothing */
export function percentile(values: readonly number[], percent: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil((percent / 100) * sorted.length) - 1)] ?? Number.NaN;
}
