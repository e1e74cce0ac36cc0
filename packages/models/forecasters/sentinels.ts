// Numbers that stand for "no value": loggers, archives and exports write -999, 9999 or the end of an integer's range
// where there was nothing to measure. Such a number is a value like any other where it lies among the others (999 hPa,
// 999 cars), and none where it lies far from all of them.

/** What is written for "no value": nines with a sign or without, ends of ranges, and fill values of archives. */
const codes: ReadonlySet<number> = new Set([
  // Two digits are a share in per cent as well: only below zero.
  ...[99, 99.9, 99.99, 88, 77].map((x) => -x),
  ...[999, 9_999, 99_999, 999_999, 9_999_999, 99_999_999, 999_999_999, 9_999_999_999].flatMap((nines) =>
    [0, 0.9, 0.99, 0.999].flatMap((part) => [nines + part, -nines - part]),
  ),
  // Campbell Scientific: over and under range. 8888 and 7777: WMO exchange formats.
  ...[6_999, 7_999, 8_888, 7_777, 888, 777].flatMap((x) => [x, -x]),
  // Ends of integers of 16, 24 and 32 bits.
  ...[32_767, 65_535, 8_388_607, 16_777_215, 2_147_483_647, 4_294_967_295].flatMap((x) => [x, -x]),
  ...[-32_768, -8_388_608, -2_147_483_648],
  // NetCDF's fill values of floating-point numbers, as double and as float; powers of ten; the greatest float.
  ...[9.969209968386869e36, 1e10, 1e20, 1e30, 1e35, 1e36, 3.4028234663852886e38].flatMap((x) =>
    [x, Math.fround(x)].flatMap((y) => [y, -y]),
  ),
]);

/** Is it a number that is written for "no value"? Whether it stands for none here, the others tell. */
export const isCode = (x: number): boolean => (x >= 777 || x <= -77) && codes.has(x);

/** Ordinary values that must be there before a number is measured against them. */
const valuesMin = 8;

/**
 * What lies far from the ordinary values of a series: further from all of them than they from each other, and than half
 * the largest; or below zero, where none of them is.
 *
 * @param y values of the series
 * @param missing 1 where there was none
 * @param from first step looked at
 * @param to first step not looked at
 * @returns undefined where there are too few ordinary values to tell
 */
export function farFrom(
  y: Float64Array,
  missing: Uint8Array | undefined,
  from: number,
  to: number,
): ((x: number) => boolean) | undefined {
  let [count, low, high] = [0, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (let t = from; t < to; t++) {
    const x = y[t]!;
    if (missing?.[t] === 1 || isCode(x)) continue;
    count++;
    if (x < low) low = x;
    if (x > high) high = x;
  }
  if (count < valuesMin) return undefined;
  const room = Math.max(high - low, Math.max(Math.abs(low), Math.abs(high)) / 2);
  return (x) => x < low - room || x > high + room || (x < 0 && low >= 0);
}
