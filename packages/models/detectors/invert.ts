// The inverse of a covariance, by its Cholesky factor: symmetric to the bit, and the same on every machine.

/**
 * Inverts a symmetric positive definite matrix.
 *
 * A pivot that rounding made smaller than 1e-12 counts as 1e-12: such a direction has no variance to speak of.
 *
 * @param matrix n × n, row by row
 * @returns its inverse, n × n, row by row
 * @example invert(Float64Array.of(4, 0, 0, 2), 2) // 0.25, 0, 0, 0.5
 */
export function invert(matrix: Float64Array, n: number): Float64Array {
  const lower = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    for (let k = 0; k <= i; k++) {
      let sum = matrix[i * n + k]!;
      for (let j = 0; j < k; j++) sum -= lower[i * n + j]! * lower[k * n + j]!;
      lower[i * n + k] = i === k ? Math.sqrt(Math.max(sum, 1e-12)) : sum / lower[k * n + k]!;
    }
  }
  // Columns of the factor's inverse, by forward substitution; then inverse = transpose × itself.
  const inverse = new Float64Array(n * n);
  for (let column = 0; column < n; column++) {
    for (let i = column; i < n; i++) {
      let sum = i === column ? 1 : 0;
      for (let j = column; j < i; j++) sum -= lower[i * n + j]! * inverse[j * n + column]!;
      inverse[i * n + column] = sum / lower[i * n + i]!;
    }
  }
  const result = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    for (let k = 0; k <= i; k++) {
      let sum = 0;
      for (let j = i; j < n; j++) sum += inverse[j * n + i]! * inverse[j * n + k]!;
      result[i * n + k] = sum;
      result[k * n + i] = sum;
    }
  }
  return result;
}
