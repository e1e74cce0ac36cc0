// The suite every forecaster passes, whatever it is made of.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Forecast, Forecaster, ForecasterModel, ForecastTask } from '../model.ts';
import { uniform } from '../random.ts';

const HOUR_MS = 3_600_000;
const START_MS = 1_767_571_200_000;

/** Two series with a day of 12 steps, a trend in the second, and noise. Values of step 0, 1, …, without end. */
function* pair(seed: number, factor = 1): Generator<[number, number]> {
  const next = uniform(seed);
  for (let t = 0; ; t++) {
    const day = 10 * Math.max(0, 1 - Math.abs((t % 12) - 5) / 4);
    yield [factor * (50 + day + next() + next() - 1), factor * (20 + 0.01 * t + day / 2 + next() + next() - 1)];
  }
}

const task: ForecastTask = { series: 2, intervalMs: HOUR_MS, seasons: [12], horizon: 12, levels: [0.8, 0.95] };

/** Learns `steps` steps of the pair, from step `from` on. */
function teach(forecaster: Forecaster, values: Iterator<[number, number]>, steps: number, from = 0): Forecaster {
  for (let t = from; t < from + steps; t++) forecaster.learn(START_MS + t * HOUR_MS, values.next().value!);
  return forecaster;
}

const numbersOf = ({ point, intervals }: Forecast): number[] =>
  [...point, ...intervals.flatMap(({ low, high }) => [...low, ...high])].flatMap((row) => [...row]);

/**
 * Registers the checks of the family with `node:test`.
 *
 * @param model any forecaster of `models.ts` that needs no covariates
 */
export function checkForecaster(model: ForecasterModel): void {
  test(`${model.name}: deterministic, input untouched, forecasting changes nothing`, () => checkDeterminism(model));
  test(`${model.name}: state survives a round trip at any step`, () => checkRoundTrip(model));
  test(`${model.name}: damaged state is refused and changes nothing`, () => checkDamage(model));
  test(`${model.name}: any input is survived`, () => checkAnyInput(model));
  test(`${model.name}: memory stays within the stated limit`, () => checkMemory(model));
  test(`${model.name}: what the task does not say is refused`, () => checkTask(model));
  test(`${model.name}: better than last value and last season where there is a season`, () => checkSkill(model));
  test(`${model.name}: intervals hold what they promise`, () => checkCoverage(model));
  test(`${model.name}: forecasts do not depend on the unit`, () => checkUnit(model));
}

function checkDeterminism(model: ForecasterModel): void {
  const values = pair(1);
  const rows = Array.from({ length: 130 }, () => values.next().value!);
  const copy = structuredClone(rows);
  const [a, b] = [model.create(task), model.create(task)];
  for (const [t, row] of rows.entries()) {
    a.learn(START_MS + t * HOUR_MS, row);
    b.learn(START_MS + t * HOUR_MS, row);
    if (t % 13 === 0) a.forecast(5);
  }
  const before = a.state();
  assert.deepEqual(a.forecast(12), b.forecast(12), 'forecasts asked for in between change nothing');
  assert.deepEqual(a.forecast(12), a.forecast(12));
  assert.deepEqual(a.state(), before);
  assert.deepEqual(a.state(), b.state());
  assert.deepEqual(rows, copy);
  const [short, long] = [a.forecast(3), a.forecast(12)];
  for (const [i, row] of short.point.entries()) assert.deepEqual(row, long.point[i]!.slice(0, 3));
}

function checkRoundTrip(model: ForecasterModel): void {
  for (const steps of [0, 1, 7, 30, 100, 260]) {
    const [one, other] = [pair(2), pair(2)];
    const first = teach(model.create(task), one, steps);
    const second = teach(model.create(task), pair(3), 20);
    second.restore(first.state());
    assert.deepEqual(second.state(), first.state());
    assert.deepEqual(second.forecast(12), first.forecast(12), `after ${steps} steps`);
    for (let t = 0; t < steps; t++) other.next();
    teach(first, one, 30, steps);
    teach(second, other, 30, steps);
    assert.deepEqual(second.forecast(12), first.forecast(12), `30 steps after a restore at ${steps}`);
    assert.deepEqual(second.state(), first.state());
  }
}

function checkDamage(model: ForecasterModel): void {
  const forecaster = teach(model.create(task), pair(4), 50);
  const good = forecaster.state();
  const nan = good.slice();
  new DataView(nan.buffer).setFloat64(8, Number.NaN, true);
  const otherTag = good.slice();
  otherTag[0] = 0;
  for (const bad of [new Uint8Array(), good.slice(0, -1), new Uint8Array([...good, 0]), otherTag, nan]) {
    assert.throws(() => forecaster.restore(bad), RangeError);
    assert.deepEqual(forecaster.state(), good);
  }
}

/** Missing and monstrous values, gaps, steps out of order: forecasts stay numbers in order. */
function checkAnyInput(model: ForecasterModel): void {
  const odd = [Number.NaN, Number.POSITIVE_INFINITY, -1e308, 0, -0, 5e-324, 1e90, 7];
  for (let seed = 10; seed < 22; seed++) {
    const next = uniform(seed);
    const values = pair(seed);
    const forecaster = model.create(task);
    let t = 0;
    for (let i = 0; i < 40 + 10 * seed; i++) {
      const row: number[] = values.next().value!;
      const rare = seed % 3 === 0 ? 0.5 : 0.05;
      t += next() < rare ? [0, -3, 2, 30][Math.floor(4 * next())]! : 1;
      const at = next() < 0.02 ? Number.NaN : START_MS + t * HOUR_MS;
      forecaster.learn(
        at,
        seed === 15 ? [4, Number.NaN] : row.map((x) => (next() < rare ? odd[Math.floor(8 * next())]! : x)),
      );
    }
    const { point, intervals } = forecaster.forecast(12);
    for (const [i, row] of point.entries()) {
      for (const [h, x] of row.entries()) {
        assert.ok(Number.isFinite(x), `seed ${seed}: forecast ${x}`);
        for (const { low, high } of intervals)
          assert.ok(low[i]![h]! <= x && x <= high[i]![h]!, `seed ${seed}: ${low[i]![h]} ≤ ${x} ≤ ${high[i]![h]}`);
      }
    }
    model.create(task).restore(forecaster.state());
  }
}

function checkMemory(model: ForecasterModel): void {
  const small = { ...task, historySteps: 200 };
  const values = pair(5);
  const forecaster = teach(model.create(small), values, 150);
  for (let t = 150; t < 900; t += 75) {
    teach(forecaster, values, 75, t);
    assert.ok(forecaster.state().length <= model.stateBytesMax(small), `${forecaster.state().length} bytes at ${t}`);
  }
  const other = model.create(small);
  other.restore(forecaster.state());
  assert.deepEqual(other.forecast(12), forecaster.forecast(12), 'what lies before the history kept does not matter');
}

function checkTask(model: ForecasterModel): void {
  const forecaster = teach(model.create(task), pair(6), 50);
  for (const steps of [0, 13, 1.5, -1, Number.NaN]) assert.throws(() => forecaster.forecast(steps), RangeError);
  assert.throws(() => forecaster.learn(START_MS + 1e9, [1]), RangeError);
  assert.throws(() => forecaster.learn(START_MS + 1e9, [1, 2], [3]), RangeError);
  for (const bad of [{ series: 0 }, { horizon: 0 }, { levels: [1] }, { seasons: [0] }, { historySteps: 1 }])
    assert.throws(() => model.create({ ...task, ...bad }), RangeError, JSON.stringify(bad));
  const empty = numbersOf(model.create(task).forecast(1));
  assert.ok(empty.every(Number.isNaN), 'nothing is known before anything was learnt');
}

function checkSkill(model: ForecasterModel): void {
  let [ours, last, season] = [0, 0, 0];
  const values = pair(7);
  const rows = Array.from({ length: 400 }, () => values.next().value!);
  const forecaster = model.create(task);
  for (const [t, row] of rows.entries()) {
    if (t >= 240 && t % 16 === 0 && t + 12 <= rows.length) {
      const { point } = forecaster.forecast(12);
      for (let h = 0; h < 12; h++) {
        for (let i = 0; i < 2; i++) {
          const actual = rows[t + h]![i]!;
          ours += Math.abs(point[i]![h]! - actual);
          last += Math.abs(rows[t - 1]![i]! - actual);
          season += Math.abs(rows[t + h - 12]![i]! - actual);
        }
      }
    }
    forecaster.learn(START_MS + t * HOUR_MS, row);
  }
  assert.ok(ours < 0.5 * last, `${ours} against ${last} of the last value`);
  assert.ok(ours < 0.85 * season, `${ours} against ${season} of the last season`);
}

function checkCoverage(model: ForecasterModel): void {
  const values = pair(8);
  const forecaster = model.create(task);
  const inside = [0, 0];
  let count = 0;
  const rows = Array.from({ length: 1200 }, () => values.next().value!);
  for (const [t, row] of rows.entries()) {
    if (t >= 400 && t % 12 === 0 && t + 12 <= rows.length) {
      const { intervals } = forecaster.forecast(12);
      for (let h = 0; h < 12; h++) {
        for (let i = 0; i < 2; i++) {
          count++;
          for (const [l, { low, high }] of intervals.entries())
            if (low[i]![h]! <= rows[t + h]![i]! && rows[t + h]![i]! <= high[i]![h]!) inside[l]! += 1;
        }
      }
    }
    forecaster.learn(START_MS + t * HOUR_MS, row);
  }
  for (const [l, level] of task.levels.entries()) {
    const share = inside[l]! / count;
    assert.ok(Math.abs(share - level) < 0.03, `${share} of ${count} values inside the interval of ${level}`);
  }
}

function checkUnit(model: ForecasterModel): void {
  const scaled = (factor: number): number[] =>
    numbersOf(teach(model.create(task), pair(9, factor), 150).forecast(12)).map((x) => x / factor);
  const one = scaled(1);
  // Powers of two scale exactly but for the smallest constants that keep divisions from zero.
  for (const factor of [1024, 2 ** -10])
    for (const [i, x] of scaled(factor).entries())
      assert.ok(Math.abs(x - one[i]!) < 1e-6 * Math.abs(one[i]!), `${x} ${one[i]}`);
}
