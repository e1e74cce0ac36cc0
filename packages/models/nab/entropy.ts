// A second published baseline, here only to validate the scorer: it decides nothing, so it may use Math.log and, as in
// NAB, is told each file's smallest and largest value beforehand.

const BINS = 5;
const WINDOW = 52;
/** The 99 % point of χ² with four degrees of freedom. */
const CHI_SQUARED = 13.276704135987622;

/**
 * Relative entropy with multiple hypotheses (Wang et al., "Statistical Techniques for Online Anomaly Detection in Data
 * Centers", IM 2011, figure 1) with NAB's parameters: the histogram of the last 52 values against all histograms seen.
 *
 * @returns 1 where no histogram seen agrees, else 0
 */
export function relativeEntropy(values: Float64Array): Float64Array {
  const scores = new Float64Array(values.length);
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const value of values) [low, high] = [Math.min(low, value), Math.max(high, value)];
  const width = (high - low) / BINS;
  if (width === 0) return scores;
  const bins = Uint8Array.from(values, (value) => Math.min(BINS - 1, Math.ceil((value - low) / width)));
  const known: number[][] = [];
  for (let i = WINDOW - 1; i < bins.length; i++) {
    const shares = new Array<number>(BINS).fill(0);
    for (let k = i - WINDOW + 1; k <= i; k++) shares[bins[k]!]! += 1 / WINDOW;
    if (known.some((other) => 2 * WINDOW * divergence(shares, other) < CHI_SQUARED)) continue;
    // The very first histogram is what all is compared with, and no anomaly.
    if (known.length > 0) scores[i] = 1;
    known.push(shares);
  }
  return scores;
}

/** Kullback–Leibler divergence in nats; infinite where something happens that the other excludes. */
function divergence(shares: readonly number[], other: readonly number[]): number {
  let sum = 0;
  for (const [k, share] of shares.entries()) if (share > 0) sum += share * Math.log(share / other[k]!);
  return sum;
}
