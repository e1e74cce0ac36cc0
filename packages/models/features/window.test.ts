import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { inexact } from '../checks/model.ts';
import { resample } from './resample.ts';
import { STATISTICS, statistics } from './statistics.ts';
import { windowFeatures } from './window.ts';

const near = (found: number | undefined, expected: number, within = 1e-9): void =>
  assert.ok(found !== undefined && Math.abs(found - expected) <= within, `${found} is not ${expected}`);
const named = (values: Float64Array, name: (typeof STATISTICS)[number]) => values[STATISTICS.indexOf(name)];

test('readings at any times become even steps, and a gap stays one', () => {
  const even = (times: number[], values: number[], count: number) => [
    ...resample(times, values, { fromMs: 0, stepMs: 50, count, gapMs: 200 }),
  ];
  assert.deepEqual(even([0, 100], [1, 3], 3), [1, 2, 3]);
  assert.deepEqual(even([25, 75, 125], [1, 2, 3], 3), [Number.NaN, 1.5, 2.5]);
  assert.deepEqual(even([0, 300, 350], [1, 2, 3], 8), [1, NaN, NaN, NaN, NaN, NaN, 2, 3]);
  assert.deepEqual(
    even([0, 50, 100], [1, Number.NaN, 3], 3),
    [1, 2, 3],
    'a missing value is bridged like a missing reading',
  );
  assert.deepEqual(even([0, 0, 50], [1, 5, 6], 2), [5, 6], 'of two readings at one time the later counts');
  assert.deepEqual(even([], [], 2), [Number.NaN, Number.NaN]);
  assert.throws(() => even([50, 0], [1, 2], 3), /order of time/);
});

test('statistics of a short series, by hand', () => {
  const s = statistics(Float64Array.of(1, 3, 2, 6), 500);
  near(named(s, 'mean'), 3);
  near(named(s, 'sd'), Math.sqrt(3.5));
  assert.deepEqual([named(s, 'min'), named(s, 'max'), named(s, 'range'), named(s, 'median')], [1, 6, 5, 2.5]);
  near(named(s, 'iqr'), 3.75 - 1.75);
  near(named(s, 'energy'), 12.5);
  near(named(s, 'movement'), ((2 + 1 + 4) / 3) * 2);
  near(named(s, 'jerk'), 8);
  near(named(s, 'crossings'), (3 / 3) * 2);
  near(named(s, 'skewness'), (-8 + 0 - 1 + 27) / 4 / 3.5 ** 1.5);
  near(named(s, 'kurtosis'), (16 + 0 + 1 + 81) / 4 / 3.5 ** 2);
});

test('a wave has its period, stillness has none', () => {
  const wave = Float64Array.from({ length: 200 }, (_, i) => Math.sin((2 * Math.PI * i) / 25));
  const s = statistics(wave, 20);
  near(named(s, 'period'), 0.5);
  assert.ok(named(s, 'periodicity')! > 0.95);
  near(named(s, 'crossings'), 4, 0.3);
  const still = statistics(new Float64Array(50).fill(2), 20);
  assert.deepEqual([named(still, 'period'), named(still, 'sd'), named(still, 'kurtosis')], [0, 0, 0]);
});

test('the same features whatever the rate of the readings, and however the sensor is turned', () => {
  const task = {
    axes: ['x', 'y', 'z'],
    magnitudes: [{ name: 'size', of: ['x', 'y', 'z'] }],
    stepMs: 20,
    gapMs: 100,
  };
  const { names, extract } = windowFeatures(task);
  assert.equal(names.length, 4 * STATISTICS.length + 1);
  const at = (t: number): number[] => [Math.sin(t / 300), Math.cos(t / 500), 9.8 + t / 4000];
  const taken = (stepMs: number, turn: (v: number[]) => number[]) => {
    const timesMs = Array.from({ length: Math.floor(4200 / stepMs) }, (_, i) => i * stepMs);
    return { timesMs, axes: [0, 1, 2].map((axis) => timesMs.map((t) => turn(at(t))[axis]!)) };
  };
  const plain = extract(
    taken(20, (v) => v),
    0,
    4000,
  );
  const often = extract(
    taken(7, (v) => v),
    0,
    4000,
  );
  for (const [i, name] of names.entries())
    near(often[i], plain[i]!, 0.01 + 0.01 * Math.abs(plain[i]!) + (name.endsWith('period') ? 0.05 : 0));
  const turned = extract(
    taken(20, ([x = 0, y = 0, z = 0]) => [z, -x, y]),
    0,
    4000,
  );
  for (const [i, name] of names.entries()) if (name.startsWith('size')) near(turned[i], plain[i]!);
});

test('gaps, silence and damage are survived; malformed windows refused', () => {
  const { names, extract } = windowFeatures({ axes: ['x', 'y'], stepMs: 10, gapMs: 50 });
  const timesMs = Float64Array.from({ length: 50 }, (_, i) => (i < 25 ? i * 10 : i * 10 + 500));
  const axes = [timesMs.map((t) => t % 70), new Float64Array(50).fill(Number.NaN)];
  const copy = structuredClone({ timesMs, axes });
  const features = extract({ timesMs, axes }, 0, 1000);
  assert.deepEqual({ timesMs, axes }, copy);
  assert.deepEqual(extract({ timesMs, axes }, 0, 1000), features);
  near(features[names.indexOf('coverage')], 0.25, 0.01);
  assert.ok(Number.isNaN(features[names.indexOf('y mean')]) && Number.isFinite(features[names.indexOf('x mean')]));
  assert.equal(extract({ timesMs: [], axes: [[], []] }, 0, 100)[names.indexOf('coverage')], 0);
  assert.throws(() => extract({ timesMs, axes: [axes[0]!] }, 0, 100), /2 axes, got 1/);
  assert.throws(() => extract({ timesMs, axes }, 100, 100), /ends after 100/);
  assert.throws(
    () => windowFeatures({ axes: ['x'], magnitudes: [{ name: 'm', of: ['w'] }], stepMs: 1, gapMs: 1 }),
    /made of x/,
  );
});

test('feature extraction uses exactly defined arithmetic only', () => {
  const folder = new URL('./', import.meta.url);
  for (const file of readdirSync(folder).filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts')))
    assert.equal(inexact(readFileSync(new URL(file, folder), 'utf8')), undefined, file);
});
