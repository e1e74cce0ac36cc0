// NAB's common baseline, here only to validate the scorer: it decides nothing, so it may use Math.exp.

const WINDOW = 6400;
const STEP = 100;
/**
 * NAB's score is 1 - Q(z) and its published threshold 1. Its results pass through a file with 12 significant digits, so
 * the score counts as 1 from Q(z) = 5e-13 on.
 */
const Z_CERTAIN = 7.130506848;

/**
 * Windowed Gaussian as NAB defines it, at its published threshold: mean and deviation of up to 6,400 past values, slid by
 * 100 once full.
 *
 * @returns 1 where NAB's score is exactly 1 (its threshold), else 0
 */
export function windowedGaussian(values: Float64Array): Float64Array {
  const scores = new Float64Array(values.length);
  let from = 0;
  let to = 0;
  let mean = 0;
  let deviation = 1;
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    if (i > 0) scores[i] = Math.abs(value - mean) / deviation > Z_CERTAIN ? 1 : 0;
    if (i < WINDOW || i + 1 - to === STEP) {
      to = i + 1;
      from = Math.max(0, to - WINDOW);
      ({ mean, deviation } = moments(values, from, to));
    }
  }
  return scores;
}

function moments(values: Float64Array, from: number, to: number): { mean: number; deviation: number } {
  let sum = 0;
  for (let i = from; i < to; i++) sum += values[i]!;
  const mean = sum / (to - from);
  let squares = 0;
  for (let i = from; i < to; i++) squares += (values[i]! - mean) ** 2;
  const deviation = Math.sqrt(squares / (to - from));
  return { mean, deviation: deviation === 0 ? 0.000001 : deviation };
}
