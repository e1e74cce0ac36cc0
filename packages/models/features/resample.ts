// Readings at any times made into values at even steps. Exact arithmetic only.

/** Readings of several axes taken together, in order of time. */
export interface Readings {
  /** Milliseconds; not decreasing. */
  readonly timesMs: ArrayLike<number>;
  /** One series an axis, as long as `timesMs`; NaN for a missing value. */
  readonly axes: readonly ArrayLike<number>[];
}

/**
 * Values of one axis at even steps, interpolated linearly between readings that are no further apart than a gap may be.
 *
 * @param fromMs time of the first value
 * @param count how many values
 * @param gapMs readings further apart than this leave what lies between them missing
 * @returns NaN where there is no value
 * @throws RangeError when times decrease, or steps are none
 * @example resample([0, 100], [1, 3], { fromMs: 0, stepMs: 50, count: 3, gapMs: 100 }) // [1, 2, 3]
 */
export function resample(
  timesMs: ArrayLike<number>,
  values: ArrayLike<number>,
  { fromMs, stepMs, count, gapMs }: { fromMs: number; stepMs: number; count: number; gapMs: number },
): Float64Array {
  if (!(stepMs > 0) || !(gapMs > 0)) throw new RangeError('Expected steps and gaps longer than 0 ms.');
  const out = new Float64Array(count).fill(Number.NaN);
  // `before` is the newest present reading at or before the step, `at` the first one after it.
  let before = -1;
  let at = 0;
  for (let k = 0; k < count; k++) {
    const time = fromMs + k * stepMs;
    while (at < timesMs.length && timesMs[at]! <= time) {
      if (at > 0 && timesMs[at]! < timesMs[at - 1]!)
        throw new RangeError(`Reading ${at} is earlier than the one before it: bring readings into order of time.`);
      if (Number.isFinite(values[at]!)) before = at;
      at++;
    }
    if (before < 0) continue;
    let after = at;
    while (after < timesMs.length && !Number.isFinite(values[after]!)) after++;
    const since = time - timesMs[before]!;
    if (since === 0) out[k] = values[before]!;
    else if (after < timesMs.length) {
      const apart = timesMs[after]! - timesMs[before]!;
      if (apart <= gapMs) out[k] = values[before]! + (since / apart) * (values[after]! - values[before]!);
    }
  }
  return out;
}
