// Seeded streams for the shared checks: what sensors do, and what they should not.
import fc from 'fast-check';

/** Readings of one stream: time in milliseconds, value. */
export type Stream = readonly (readonly [timeMs: number, value: number])[];

/** A Monday, 00:00 UTC. */
export const MONDAY_MS = 1_767_571_200_000;
const STEP_MS = 300_000;

/** Normally distributed numbers from a seed (xorshift and a sum of twelve uniform ones: tests need no more). */
function gaussian(seed: number): () => number {
  let state = (seed * 2_654_435_761) >>> 0 || 1;
  const uniform = (): number => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
  return () => Array.from({ length: 12 }, uniform).reduce((a, b) => a + b) - 6;
}

export const constant = ({ readings, value }: { readings: number; value: number }): Stream =>
  Array.from({ length: readings }, (_, i) => [MONDAY_MS + i * STEP_MS, value] as const);

/** Normal noise of deviation `sd` around a level that moves by `slope` a reading. */
export function noise(of: {
  seed: number;
  readings: number;
  level?: number;
  sd?: number;
  slope?: number;
  startMs?: number;
}): Stream {
  const { seed, readings, level = 50, sd = 1, slope = 0, startMs = MONDAY_MS } = of;
  const next = gaussian(seed);
  return Array.from({ length: readings }, (_, i) => [startMs + i * STEP_MS, level + slope * i + sd * next()] as const);
}

/** The noiseless daily pattern at the i-th five minutes of a day: 50 with a peak of 20 in the afternoon. */
export const daily = (i: number): number => {
  const hour = ((i % 288) / 288) * 24;
  const away = (hour - 14) / 5;
  return 50 + 20 * Math.max(0, 1 - away * away);
};

/** `days` of the daily pattern with noise of deviation 1. */
export function seasonal({ seed, days }: { seed: number; days: number }): Stream {
  return noise({ seed, readings: days * 288, level: 0 }).map(([t, x], i) => [t, x + daily(i)] as const);
}

/** The stream with values changed from reading `from` on; `change` gets the value and the count from there. */
export const changed = (stream: Stream, from: number, change: (x: number, i: number) => number): Stream =>
  stream.map(([t, x], i) => (i < from ? ([t, x] as const) : ([t, change(x, i - from)] as const)));

const wildValue = fc.oneof(
  { weight: 6, arbitrary: fc.double({ min: -100, max: 100, noNaN: true }) },
  { weight: 2, arbitrary: fc.double() },
  {
    weight: 2,
    arbitrary: fc.constantFrom(0, -0, 5e-324, 1e-300, 1e300, -1e308, 1.7e308, Number.NaN, Number.POSITIVE_INFINITY),
  },
);
const wildStep = fc.oneof(
  { weight: 6, arbitrary: fc.constant(STEP_MS) },
  { weight: 2, arbitrary: fc.integer({ min: -1e7, max: 1e9 }) },
  { weight: 1, arbitrary: fc.constantFrom(0, -1, 1e15, -1e15, 5e-324, 1e308, Number.NaN) },
);

/** Any stream at all: missing, huge and tiny values, gaps, duplicates, times that go back or are none. */
export const wild: fc.Arbitrary<Stream> = fc
  .array(fc.tuple(wildStep, wildValue), { minLength: 1, maxLength: 200, size: 'max' })
  .map((steps) => {
    let t = MONDAY_MS;
    return steps.map(([step, value]) => {
      if (Number.isFinite(t + step)) t += step;
      return [Number.isNaN(step) ? step : t, value] as const;
    });
  });
