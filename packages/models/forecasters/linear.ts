// Small dense linear algebra in exact arithmetic: ridge regression, and weights that are shares.

/**
 * Solves (A + ridge·diag(A)) x = b for a symmetric A by Cholesky's method.
 *
 * @param a row by row, size × size; only its lower triangle is read
 * @param ridge share of each diagonal element added to it; makes dependent columns harmless
 */
export function solveRidge(a: Float64Array, b: Float64Array, size: number, ridge: number): Float64Array {
  const l = new Float64Array(size * size);
  const x = new Float64Array(size);
  for (let i = 0; i < size; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = a[i * size + j]!;
      if (i === j) sum += ridge * sum;
      for (let k = 0; k < j; k++) sum -= l[i * size + k]! * l[j * size + k]!;
      if (i !== j) l[i * size + j] = l[j * size + j]! > 0 ? sum / l[j * size + j]! : 0;
      // A column that others explain (or that is always 0) gets no part.
      else l[i * size + i] = sum > 1e-10 * a[i * size + i]! ? Math.sqrt(sum) : 0;
    }
  }
  for (let i = 0; i < size; i++) {
    let sum = b[i]!;
    for (let k = 0; k < i; k++) sum -= l[i * size + k]! * x[k]!;
    x[i] = l[i * size + i]! > 0 ? sum / l[i * size + i]! : 0;
  }
  for (let i = size - 1; i >= 0; i--) {
    let sum = x[i]!;
    for (let k = i + 1; k < size; k++) sum -= l[k * size + i]! * x[k]!;
    x[i] = l[i * size + i]! > 0 ? sum / l[i * size + i]! : 0;
  }
  return x;
}

/** Sums XᵀX (lower triangle) and Xᵀy over rows, four at a time, which takes a third of the time of one by one. */
export class NormalEquations {
  readonly a: Float64Array;
  readonly b: Float64Array;
  #rows = 0;
  #joined = 0;
  readonly #size: number;
  readonly #waiting: readonly [Float64Array, Float64Array, Float64Array, Float64Array];
  readonly #targets = new Float64Array(4);

  constructor(size: number) {
    this.#size = size;
    this.a = new Float64Array(size * size);
    this.b = new Float64Array(size);
    const row = () => new Float64Array(size);
    this.#waiting = [row(), row(), row(), row()];
  }

  /** The row to fill before `add`. */
  get next(): Float64Array {
    return this.#waiting[(this.#rows % 4) as 0 | 1 | 2 | 3];
  }

  /** Takes the row that was filled, with its target. */
  add(target: number): void {
    this.#targets[this.#rows % 4] = target;
    this.#rows++;
    if (this.#rows % 4 === 0) this.#take();
  }

  /** Takes what waits: to be called before `a` and `b` are read. More rows may follow. */
  flush(): void {
    if (this.#rows % 4 === 0) return;
    const rows = this.#rows;
    for (let k = rows % 4; k < 4; k++) {
      this.#waiting[k as 0 | 1 | 2 | 3].fill(0);
      this.#targets[k] = 0;
    }
    this.#take();
    this.#rows = rows;
    for (const row of this.#waiting) row.fill(0);
    this.#targets.fill(0);
  }

  /** Adds the rows of another, which must be flushed, as this one. */
  join(other: NormalEquations): void {
    for (let i = 0; i < this.a.length; i++) this.a[i]! += other.a[i]!;
    for (let i = 0; i < this.#size; i++) this.b[i]! += other.b[i]!;
    this.#joined += other.count;
  }

  /** Rows in all. */
  get count(): number {
    return this.#rows + this.#joined;
  }

  #take(): void {
    const size = this.#size;
    const targets = this.#targets;
    const { a, b } = this;
    const [p, q, r, s] = this.#waiting;
    for (let i = 0; i < size; i++) {
      const [pi, qi, ri, si] = [p[i]!, q[i]!, r[i]!, s[i]!];
      b[i]! += pi * targets[0]! + qi * targets[1]! + ri * targets[2]! + si * targets[3]!;
      for (let j = 0, at = i * size; j <= i; j++, at++) a[at]! += pi * p[j]! + qi * q[j]! + ri * r[j]! + si * s[j]!;
    }
  }
}

/**
 * Shares w ≥ 0 that add to 1 and make wᵀAw − 2bᵀw least, by exchanges between two shares at a time.
 *
 * @param a full symmetric matrix, row by row
 */
export function shares(a: Float64Array, b: Float64Array, size: number, sweeps = 200): Float64Array {
  const w = new Float64Array(size).fill(1 / size);
  for (let sweep = 0; sweep < sweeps; sweep++) {
    let moved = 0;
    for (let i = 0; i < size; i++) {
      for (let j = 0; j < i; j++) {
        const curve = a[i * size + i]! + a[j * size + j]! - 2 * a[i * size + j]!;
        if (!(curve > 0)) continue;
        let slope = b[i]! - b[j]!;
        for (let k = 0; k < size; k++) slope -= (a[i * size + k]! - a[j * size + k]!) * w[k]!;
        const step = Math.max(-w[i]!, Math.min(w[j]!, slope / curve));
        w[i]! += step;
        w[j]! -= step;
        moved = Math.max(moved, Math.abs(step));
      }
    }
    if (moved < 1e-6) break;
  }
  return w;
}

/** Coefficients x ≥ 0 that make xᵀAx − 2bᵀx least, one coordinate at a time. @param a full symmetric matrix */
export function nonNegative(a: Float64Array, b: Float64Array, size: number, sweeps = 200): Float64Array {
  const x = new Float64Array(size);
  for (let sweep = 0; sweep < sweeps; sweep++) {
    for (let i = 0; i < size; i++) {
      if (!(a[i * size + i]! > 0)) continue;
      let slope = b[i]!;
      for (let k = 0; k < size; k++) slope -= a[i * size + k]! * x[k]!;
      x[i] = Math.max(0, x[i]! + slope / a[i * size + i]!);
    }
  }
  return x;
}
