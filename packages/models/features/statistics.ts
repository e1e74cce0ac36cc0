// What is said of one axis in a window: the numbers a classifier gets. Exact arithmetic only, so no Fourier transform:
// periods are found by autocorrelation.

/** Names of the statistics, in the order `statistics` gives them. */
export const STATISTICS = [
  'mean',
  /** Standard deviation. */
  'sd',
  'min',
  'max',
  'range',
  'median',
  /** Range of the middle half. */
  'iqr',
  /** Mean square. */
  'energy',
  /** Mean absolute change a second. */
  'movement',
  /** Greatest absolute change a second. */
  'jerk',
  /** Crossings of the mean a second. */
  'crossings',
  /** Third standardised moment. */
  'skewness',
  /** Fourth standardised moment: 3 for a normal distribution. */
  'kurtosis',
  /** Seconds of the lag at which the axis is most like itself, 0 where it is never. */
  'period',
  /** How much like itself: autocorrelation there, 0 to 1. */
  'periodicity',
] as const;

/**
 * @param values at even steps; NaN for a missing one, which is left out
 * @param stepMs from one value to the next
 * @returns one number for each of `STATISTICS`; all NaN where fewer than two values are there
 */
export function statistics(values: Float64Array, stepMs: number): Float64Array {
  const present = values.filter((x) => Number.isFinite(x));
  const n = present.length;
  if (n < 2) return new Float64Array(STATISTICS.length).fill(Number.NaN);
  const mean = sum(present) / n;
  const [second, third, fourth] = moments(present, mean);
  const sd = Math.sqrt(second);
  const sorted = present.slice().sort();
  const [min, max] = [sorted[0]!, sorted[n - 1]!];
  const energy = present.reduce((all, x) => all + x * x, 0) / n;
  const steps = changes(values, mean);
  const perSecond = 1000 / stepMs;
  const rhythm = period(values, mean, second);
  return Float64Array.of(
    mean,
    sd,
    min,
    max,
    max - min,
    quantile(sorted, 0.5),
    quantile(sorted, 0.75) - quantile(sorted, 0.25),
    energy,
    steps.count > 0 ? (steps.sum / steps.count) * perSecond : Number.NaN,
    steps.count > 0 ? steps.most * perSecond : Number.NaN,
    steps.count > 0 ? (steps.crossings / steps.count) * perSecond : Number.NaN,
    second > 0 ? third / (second * sd) : 0,
    second > 0 ? fourth / (second * second) : 0,
    (rhythm.lag * stepMs) / 1000,
    rhythm.strength,
  );
}

const sum = (values: Float64Array): number => values.reduce((a, b) => a + b, 0);

function moments(values: Float64Array, mean: number): [second: number, third: number, fourth: number] {
  let [second, third, fourth] = [0, 0, 0];
  for (const x of values) {
    const d = x - mean;
    second += d * d;
    third += d * d * d;
    fourth += d * d * d * d;
  }
  const n = values.length;
  return [second / n, third / n, fourth / n];
}

/** Linear between neighbours. */
function quantile(sorted: Float64Array, share: number): number {
  const at = share * (sorted.length - 1);
  const low = Math.floor(at);
  const high = Math.min(low + 1, sorted.length - 1);
  return sorted[low]! + (at - low) * (sorted[high]! - sorted[low]!);
}

/** Changes between neighbouring values that are both there. */
function changes(values: Float64Array, mean: number): { count: number; sum: number; most: number; crossings: number } {
  const out = { count: 0, sum: 0, most: 0, crossings: 0 };
  for (let i = 1; i < values.length; i++) {
    const [a, b] = [values[i - 1]!, values[i]!];
    const change = Math.abs(b - a);
    if (!Number.isFinite(change)) continue;
    out.count++;
    out.sum += change;
    out.most = Math.max(out.most, change);
    if (a < mean !== b < mean) out.crossings++;
  }
  return out;
}

/** The lag, up to half of the window, of the highest peak of the autocorrelation after it first fell below 0. */
function period(values: Float64Array, mean: number, variance: number): { lag: number; strength: number } {
  let best = { lag: 0, strength: 0 };
  if (!(variance > 0)) return best;
  let fell = false;
  for (let lag = 1; lag <= values.length / 2; lag++) {
    let product = 0;
    let count = 0;
    for (let i = lag; i < values.length; i++) {
      const both = (values[i]! - mean) * (values[i - lag]! - mean);
      if (!Number.isFinite(both)) continue;
      product += both;
      count++;
    }
    const likeness = count > 0 ? product / count / variance : 0;
    if (likeness < 0) fell = true;
    if (fell && likeness > best.strength) best = { lag, strength: Math.min(1, likeness) };
  }
  return best;
}
