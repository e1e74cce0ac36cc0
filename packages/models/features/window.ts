// From timestamped readings of several axes, with gaps, to a feature vector of fixed length. Exact arithmetic only, so a
// classifier on top of it is as replayable as its trees.
import { type Readings, resample } from './resample.ts';
import { STATISTICS, statistics } from './statistics.ts';

export interface WindowTask {
  /** Names of the axes, in the order of the readings. */
  readonly axes: readonly string[];
  /** Axes whose length as a vector is one more axis: a movement's size, whichever way the sensor is turned. */
  readonly magnitudes?: readonly { readonly name: string; readonly of: readonly string[] }[];
  /** Values are taken at even steps of this many milliseconds. */
  readonly stepMs: number;
  /** Readings further apart than this leave what lies between them missing. */
  readonly gapMs: number;
}

/** Makes feature vectors of one kind. */
export interface WindowFeatures {
  /** Name of each feature: axis and statistic; last `coverage`, the share of the window that readings cover. */
  readonly names: readonly string[];
  /**
   * Features of the readings from `fromMs` to before `toMs`.
   *
   * @returns NaN for what too few readings leave open
   * @throws RangeError when there are other axes than the task has, times decrease, or the window is empty
   */
  extract(readings: Readings, fromMs: number, toMs: number): Float64Array;
}

/**
 * @example
 * const { names, extract } = windowFeatures({ axes: ['x', 'y', 'z'], stepMs: 20, gapMs: 200 });
 * extract({ timesMs, axes: [x, y, z] }, start, start + 2000);
 */
export function windowFeatures({ axes, magnitudes = [], stepMs, gapMs }: WindowTask): WindowFeatures {
  const members = magnitudes.map(({ of }) => of.map((name) => axes.indexOf(name)));
  if (members.some((list) => list.length === 0 || list.includes(-1)))
    throw new RangeError(`A magnitude may be made of ${axes.join(', ')} only.`);
  const series = [...axes, ...magnitudes.map(({ name }) => name)];
  const names = [...series.flatMap((axis) => STATISTICS.map((statistic) => `${axis} ${statistic}`)), 'coverage'];
  const extract = (readings: Readings, fromMs: number, toMs: number): Float64Array => {
    if (readings.axes.length !== axes.length)
      throw new RangeError(`Expected ${axes.length} axes, got ${readings.axes.length}.`);
    const count = Math.ceil((toMs - fromMs) / stepMs);
    if (!(count >= 1)) throw new RangeError(`Expected a window that ends after ${fromMs}, got ${toMs}.`);
    const even = readings.axes.map((values) => resample(readings.timesMs, values, { fromMs, stepMs, count, gapMs }));
    const sizes = members.map((list) => magnitude(list.map((i) => even[i]!)));
    const all = [...even, ...sizes];
    const out = new Float64Array(names.length);
    for (const [i, values] of all.entries()) out.set(statistics(values, stepMs), i * STATISTICS.length);
    out[names.length - 1] = coverage(even);
    return out;
  };
  return { names, extract };
}

/** Length of the vector of these axes at each step; NaN where one is missing. */
export function magnitude(axes: readonly Float64Array[]): Float64Array {
  return Float64Array.from(axes[0] ?? [], (_, k) =>
    Math.sqrt(axes.reduce((sum, axis) => sum + axis[k]! * axis[k]!, 0)),
  );
}

const coverage = (axes: readonly Float64Array[]): number => {
  const all = axes.reduce((sum, axis) => sum + axis.length, 0);
  return axes.reduce((sum, axis) => sum + axis.filter((x) => Number.isFinite(x)).length, 0) / all;
};
