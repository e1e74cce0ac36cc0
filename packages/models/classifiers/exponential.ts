// The exponential function out of exactly defined arithmetic, so that every machine computes the same bits.

// biome-ignore lint/suspicious/noApproximativeNumericConstant: models may use no constant of Math but what the check lists
const LOG2_E = 1.4426950408889634;
/** ln 2 in two parts: the first has so few digits that its multiples are exact. */
const LN2_HIGH = 0.6931471803691238;
const LN2_LOW = 1.9082149292705877e-10;
const TERMS = 14;

/**
 * e to the x, to 2e-15 of itself. Cody and Waite's reduction to |r| ≤ ln 2 / 2, then Taylor's series.
 *
 * @param x clamped to ±700
 * @example exp(1) // 2.718281828459045
 */
export function exp(x: number): number {
  const clamped = Math.max(-700, Math.min(700, x));
  const k = Math.floor(clamped * LOG2_E + 0.5);
  const r = clamped - k * LN2_HIGH - k * LN2_LOW;
  let sum = 1;
  for (let i = TERMS; i >= 1; i--) sum = 1 + (r * sum) / i;
  let base = k < 0 ? 0.5 : 2;
  for (let n = Math.abs(k); n > 0; n = Math.floor(n / 2)) {
    if (n % 2 === 1) sum *= base;
    base *= base;
  }
  return sum;
}
