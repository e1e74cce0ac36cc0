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

/** What a forecaster is checked on: a task, and the values and covariates of each step. */
interface World {
  readonly task: ForecastTask;
  steps(seed: number): Iterator<readonly [values: readonly number[], exogenous: readonly number[]]>;
  /** Steps after which states are compared. */
  readonly lengths: readonly number[];
  /** Steps enough for a forecast. */
  readonly enough: number;
}

const task: ForecastTask = { series: 2, intervalMs: HOUR_MS, seasons: [12], horizon: 12, levels: [0.8, 0.95] };

const seasonalWorld: World = {
  task,
  *steps(seed) {
    for (const values of pair(seed)) yield [values, []];
  },
  lengths: [0, 1, 7, 30, 100, 260],
  enough: 130,
};

/** A river: rain on some days, a warm and a cold half of the year, one store that empties. */
const riverWorld: World = {
  task: { series: 1, exogenous: 3, intervalMs: HOUR_MS, seasons: [], horizon: 12, levels: [0.8, 0.95] },
  *steps(seed) {
    const next = uniform(seed);
    let store = 20;
    for (let t = 0; ; t++) {
      const rain = next() < 0.3 ? 15 * next() : 0;
      const summer = 1 - Math.abs((t % 365) - 182) / 91;
      store += rain - Math.min(store, 2 + summer);
      const flow = 0.1 * store;
      store -= flow;
      yield [[flow], [rain, 10 + 8 * summer, 2 + summer]];
    }
  },
  lengths: [0, 1, 40],
  enough: 1200,
};

/** Learns `steps` steps, from step `from` on. */
function teach(forecaster: Forecaster, steps: ReturnType<World['steps']>, count: number, from = 0): Forecaster {
  for (let t = from; t < from + count; t++) {
    const [values, exogenous] = steps.next().value!;
    forecaster.learn(START_MS + t * HOUR_MS, values, exogenous);
  }
  return forecaster;
}

/** Covariates of the days asked for. */
const future = ({ task: { exogenous = 0 } }: World, steps: number): number[][] =>
  Array.from({ length: steps }, (_, h) => Array.from({ length: exogenous }, (_, i) => 3 + ((h * (i + 1)) % 5)));

const numbersOf = ({ point, intervals }: Forecast): number[] =>
  [...point, ...intervals.flatMap(({ low, high }) => [...low, ...high])].flatMap((row) => [...row]);

/**
 * Registers the checks of the family with `node:test`.
 *
 * @param model any forecaster of `models.ts`
 */
export function checkForecaster(model: ForecasterModel): void {
  const world = takes(model, task) ? seasonalWorld : riverWorld;
  test(`${model.name}: deterministic, input untouched, forecasting changes nothing`, () =>
    checkDeterminism(model, world));
  test(`${model.name}: state survives a round trip at any step`, () => checkRoundTrip(model, world));
  test(`${model.name}: damaged state is refused and changes nothing`, () => checkDamage(model, world));
  test(`${model.name}: memory stays within the stated limit`, () => checkMemory(model, world));
  test(`${model.name}: what the task does not say is refused`, () => checkTask(model, world));
  if (world !== seasonalWorld) return;
  test(`${model.name}: any input is survived`, () => checkAnyInput(model));
  test(`${model.name}: better than last value and last season where there is a season`, () => checkSkill(model));
  test(`${model.name}: intervals hold what they promise`, () => checkCoverage(model));
  test(`${model.name}: forecasts do not depend on the unit`, () => checkUnit(model));
}

function takes(model: ForecasterModel, task: ForecastTask): boolean {
  try {
    model.create(task);
    return true;
  } catch {
    return false;
  }
}

function checkDeterminism(model: ForecasterModel, world: World): void {
  const steps = world.steps(1);
  const rows = Array.from({ length: world.enough }, () => steps.next().value!);
  const copy = structuredClone(rows);
  const [a, b] = [model.create(world.task), model.create(world.task)];
  const ask = (forecaster: Forecaster, count: number): Forecast => forecaster.forecast(count, future(world, count));
  for (const [t, [values, exogenous]] of rows.entries()) {
    a.learn(START_MS + t * HOUR_MS, values, exogenous);
    b.learn(START_MS + t * HOUR_MS, values, exogenous);
    if (t < 130 && t % 13 === 0) ask(a, 5);
  }
  const before = a.state();
  assert.deepEqual(ask(a, 12), ask(b, 12), 'forecasts asked for in between change nothing');
  assert.deepEqual(ask(a, 12), ask(a, 12));
  assert.deepEqual(a.state(), before);
  assert.deepEqual(a.state(), b.state());
  assert.deepEqual(rows, copy);
  const [short, long] = [ask(a, 3), ask(a, 12)];
  for (const [i, row] of short.point.entries()) assert.deepEqual(row, long.point[i]!.slice(0, 3));
  assert.ok(numbersOf(long).every(Number.isFinite));
}

function checkRoundTrip(model: ForecasterModel, world: World): void {
  const ask = (forecaster: Forecaster): Forecast => forecaster.forecast(12, future(world, 12));
  for (const steps of world.lengths) {
    const [one, other] = [world.steps(2), world.steps(2)];
    const first = teach(model.create(world.task), one, steps);
    const second = teach(model.create(world.task), world.steps(3), 20);
    second.restore(first.state());
    assert.deepEqual(second.state(), first.state());
    assert.deepEqual(ask(second), ask(first), `after ${steps} steps`);
    for (let t = 0; t < steps; t++) other.next();
    teach(first, one, 30, steps);
    teach(second, other, 30, steps);
    assert.deepEqual(ask(second), ask(first), `30 steps after a restore at ${steps}`);
    assert.deepEqual(second.state(), first.state());
  }
}

function checkDamage(model: ForecasterModel, world: World): void {
  const forecaster = teach(model.create(world.task), world.steps(4), 50);
  const good = forecaster.state();
  const nan = good.slice();
  new DataView(nan.buffer).setFloat64(8, Number.NaN, true);
  const otherTag = good.slice();
  otherTag[0] = 0;
  const otherCount = good.slice();
  new DataView(otherCount.buffer).setFloat64(8, 49.5, true);
  for (const bad of [new Uint8Array(), good.slice(0, -1), new Uint8Array([...good, 0]), otherTag, nan, otherCount]) {
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

function checkMemory(model: ForecasterModel, world: World): void {
  const small = { ...world.task, historySteps: 200 };
  const values = world.steps(5);
  const forecaster = teach(model.create(small), values, 150);
  for (let t = 150; t < 900; t += 75) {
    teach(forecaster, values, 75, t);
    assert.ok(forecaster.state().length <= model.stateBytesMax(small), `${forecaster.state().length} bytes at ${t}`);
  }
  const other = model.create(small);
  other.restore(forecaster.state());
  const ask = (of: Forecaster): Forecast => of.forecast(12, future(world, 12));
  assert.deepEqual(ask(other), ask(forecaster), 'what lies before the history kept does not matter');
}

function checkTask(model: ForecasterModel, world: World): void {
  const forecaster = teach(model.create(world.task), world.steps(6), 50);
  const { series, exogenous = 0 } = world.task;
  const [values, covariates] = [new Array<number>(series).fill(1), new Array<number>(exogenous).fill(1)];
  for (const steps of [0, 13, 1.5, -1, Number.NaN])
    assert.throws(() => forecaster.forecast(steps, future(world, 12)), RangeError);
  if (exogenous > 0) assert.throws(() => forecaster.forecast(2, future(world, 1)), RangeError);
  assert.throws(() => forecaster.learn(START_MS + 1e9, [...values, 1], covariates), RangeError);
  assert.throws(() => forecaster.learn(START_MS + 1e9, values, [...covariates, 3]), RangeError);
  for (const bad of [{ series: 0 }, { horizon: 0 }, { levels: [1] }, { seasons: [0] }, { historySteps: 1 }])
    assert.throws(() => model.create({ ...world.task, ...bad }), RangeError, JSON.stringify(bad));
  const empty = numbersOf(model.create(world.task).forecast(1, future(world, 1)));
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
  const scaled = (factor: number): number[] => {
    const steps = (function* () {
      for (const values of pair(9, factor)) yield [values, []] as const;
    })();
    return numbersOf(teach(model.create(task), steps, 150).forecast(12)).map((x) => x / factor);
  };
  const one = scaled(1);
  // Powers of two scale exactly but for the smallest constants that keep divisions from zero.
  for (const factor of [1024, 2 ** -10])
    for (const [i, x] of scaled(factor).entries())
      assert.ok(Math.abs(x - one[i]!) < 1e-6 * Math.abs(one[i]!), `${x} ${one[i]}`);
}
