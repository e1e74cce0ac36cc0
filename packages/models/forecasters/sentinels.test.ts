import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Forecaster, ForecastTask } from '../model.ts';
import { uniform } from '../random.ts';
import { auto } from './auto.ts';
import { parameters, simulate } from './catchment.ts';
import { rainfallRunoff } from './rainfall-runoff.ts';

const HOUR_MS = 3_600_000;
const task: ForecastTask = { series: 2, intervalMs: HOUR_MS, seasons: [], horizon: 6, levels: [0.8] };
const LENGTH = 700;

/** A river and a companion that runs three hours ahead of it. */
function river(): [flow: number, companion: number][] {
  const next = uniform(11);
  const leader = [0];
  for (let t = 1; t < LENGTH + 3; t++)
    leader.push(0.9 * leader[t - 1]! + (next() < 0.1 ? 6 * next() : 0) + 0.1 * next());
  return Array.from({ length: LENGTH }, (_, t) => [20 + 10 * leader[t]!, 3 + leader[t + 3]!]);
}

/** Mean absolute error of the first series three steps ahead, over the last hours; and of repeating its last value. */
function errors(rows: readonly (readonly number[])[], truth = river(), which = 0): { ours: number; last: number } {
  const forecaster = auto.create({ ...task, series: rows[0]!.length });
  let [ours, last] = [0, 0];
  for (const [t, row] of rows.entries()) {
    if (t >= 500 && t + 3 <= LENGTH) {
      ours += Math.abs(forecaster.forecast(3).point[which]![2]! - truth[t + 2]![which]!);
      last += Math.abs(truth[t - 1]![which]! - truth[t + 2]![which]!);
    }
    forecaster.learn(t * HOUR_MS, row);
  }
  return { ours, last };
}

/** Every so many hours, from one on, three values of a series are replaced. */
const spoilt = (series: number, by: number, from = 0): number[][] =>
  river().map((row, t) => row.map((x, i) => (i === series && t >= from && t % 61 < 3 ? by : x)));

const clean = errors(river());

test('the companion helps, else its loss would not show', () => {
  assert.ok(clean.ours < 0.7 * clean.last, `${clean.ours} against ${clean.last}`);
});

for (const code of [-999, 9999, -9999, -999_999, -99.99, 32_767, 1e20, -1e30]) {
  test(`${code} in a companion series, from the start or only lately, is no value`, () => {
    for (const from of [0, 505]) {
      const [{ ours }, blank] = [errors(spoilt(1, code, from)), errors(spoilt(1, Number.NaN, from))];
      assert.ok(
        ours < 1.05 * blank.ours,
        `${ours}, ${blank.ours} where the cells are empty, ${clean.last} of the last value`,
      );
    }
  });
}

test('a code in the series itself is no value either', () => {
  const [{ ours }, blank] = [errors(spoilt(0, -999)), errors(spoilt(0, Number.NaN))];
  assert.ok(ours < 1.05 * blank.ours, `${ours}, ${blank.ours} where the cells are empty`);
});

test('a value that is in no list but far outside, in a few rows of a companion, does not spoil the forecast', () => {
  for (const value of [123_456, -4_321]) {
    const rows = river().map(([flow, companion], t) => [flow, t % 150 === 140 ? value : companion]);
    const { ours } = errors(rows);
    assert.ok(ours < 0.9 * clean.last, `${ours}, ${clean.ours} without, ${clean.last} of the last value`);
  }
});

test('a companion that writes nothing but a code for its first months is as if it had begun later', () => {
  const late = (by: number) => river().map(([flow, companion], t) => [flow, t < 200 ? by : companion]);
  const forecast = (rows: readonly (readonly number[])[]) => {
    const forecaster = auto.create(task);
    for (const [t, row] of rows.entries()) forecaster.learn(t * HOUR_MS, row);
    return forecaster.forecast(6).point.map((x) => [...x]);
  };
  const [{ ours }, blank] = [errors(late(-999)), errors(late(Number.NaN))];
  assert.ok(ours < 1.05 * blank.ours, `${ours}, ${blank.ours} where the cells are empty`);
  // Whether it is asked before the first value, in the middle or never changes nothing.
  const asked = auto.create(task);
  for (const [t, row] of late(-999).entries()) {
    if (t % 50 === 3) asked.forecast(6);
    asked.learn(t * HOUR_MS, row);
  }
  assert.deepEqual(
    asked.forecast(6).point.map((x) => [...x]),
    forecast(late(-999)),
  );
  const restored = auto.create(task);
  restored.restore(asked.state());
  assert.deepEqual(
    restored.forecast(6).point.map((x) => [...x]),
    forecast(late(-999)),
  );
});

test('a number that is a code elsewhere is a value where it lies among the others', () => {
  const last = (values: number[]): number => {
    const forecaster: Forecaster = auto.create({ ...task, series: 1, horizon: 1 });
    for (const [t, x] of values.entries()) forecaster.learn(t * HOUR_MS, [x]);
    return forecaster.forecast(1).point[0]![0]!;
  };
  const pressure = Array.from({ length: 64 }, (_, t) => 1003 + (t % 5));
  assert.ok(Math.abs(last([...pressure, ...new Array<number>(20).fill(999)]) - 999) < 3, 'air pressure in hPa');
  assert.ok(Math.abs(last(new Array<number>(40).fill(999)) - 999) < 1e-6, 'a set point');
  const battery = Array.from({ length: 64 }, (_, t) => 60 + (t % 30));
  assert.ok(last([...battery, ...new Array<number>(20).fill(99)]) > 90, 'per cent');
});

test('a code among the flows or the weather of a river spoils neither', () => {
  const days = 1_500;
  const next = uniform(5);
  const summer = Float64Array.from({ length: days }, (_, t) => 1 - Math.abs((t % 365) - 182) / 91);
  const forcing = [
    summer.map(() => (next() < 0.4 ? 20 * next() * next() : 0)),
    summer.map((s) => 6 + 12 * s),
    summer.map((s) => 1.5 + 1.4 * s),
  ] as const;
  const flow = new Float64Array(days);
  simulate(
    [...forcing],
    parameters.map(() => 0.4),
    flow,
  );
  const point = (code: number | undefined): Float64Array => {
    const model = rainfallRunoff.create({ ...task, series: 1, exogenous: 3, intervalMs: 24 * HOUR_MS, horizon: 5 });
    const put = (x: number, t: number, every: number) => (code !== undefined && t % every === every - 1 ? code : x);
    for (let t = 0; t < days - 5; t++)
      model.learn(
        t * 24 * HOUR_MS,
        [put(flow[t]!, t, 40)],
        forcing.map((x, i) => put(x[t]!, t, 90 + i)),
      );
    const ahead = Array.from({ length: 5 }, (_, h) => forcing.map((x) => x[days - 5 + h]!));
    return model.forecast(5, ahead).point[0]!;
  };
  const mean = flow.reduce((sum, x) => sum + x / days, 0);
  const with_ = point(-999);
  for (const [h, x] of point(undefined).entries())
    assert.ok(Math.abs(with_[h]! - x) < 0.1 * mean, `${with_[h]} for ${x}, of ${mean} in the mean`);
});
