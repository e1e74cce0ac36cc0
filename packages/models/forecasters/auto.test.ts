import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import type { ForecastTask } from '../model.ts';
import { uniform } from '../random.ts';
import { auto } from './auto.ts';
import { NormalEquations, nonNegative, shares, solveRidge } from './linear.ts';
import { groupHorizons } from './regression.ts';

const HOUR_MS = 3_600_000;
const task: ForecastTask = { series: 1, intervalMs: HOUR_MS, seasons: [24, 168], horizon: 24, levels: [0.8] };

/** A day with a peak, less at weekends. */
const usual = (t: number): number =>
  100 + 50 * Math.max(0, 1 - Math.abs((t % 24) - 14) / 8) * (Math.floor(t / 24) % 7 < 5 ? 1 : 0.4);

test('the same values give the bits they gave when this version was released', () => {
  const next = uniform(1);
  const forecaster = auto.create({ ...task, series: 2 });
  for (let t = 0; t < 900; t++) forecaster.learn(t * HOUR_MS, [usual(t) + 10 * next(), usual(t + 5) + 20 * next()]);
  const { point, intervals } = forecaster.forecast(24);
  const digest = createHash('sha256');
  for (const row of [...point, ...intervals.flatMap(({ low, high }) => [...low, ...high])]) digest.update(row);
  // Another digest is another behaviour: increase the version, so that old decisions are replayed by the old code.
  assert.deepEqual(
    [auto.version, digest.digest('hex')],
    [2, '248d9bbe16eecb4a490543397323d562121b6a7990a3a774402a0149112a656b'],
  );
});

test('a holiday is forecast as holidays were, and the days after it are not', () => {
  const next = uniform(2);
  const holidays = [20, 51, 75, 108, 133];
  const isHoliday = (t: number): number => (holidays.includes(Math.floor(t / 24)) ? 1 : 0);
  const value = (t: number): number => (isHoliday(t) ? 100 + 0.2 * (usual(t) - 100) : usual(t)) + 4 * next();
  const forecaster = auto.create({ ...task, exogenous: 1, horizon: 48 });
  const from = 133 * 24;
  for (let t = 0; t < from; t++) forecaster.learn(t * HOUR_MS, [value(t)], [isHoliday(t)]);
  const covariates = Array.from({ length: 48 }, (_, h) => [isHoliday(from + h)]);
  const error = (marks: number[][], first: number): number => {
    const { point } = forecaster.forecast(48, marks);
    let sum = 0;
    for (let h = first; h < first + 24; h++) sum += Math.abs(point[0]![h]! - (value(from + h) - 0)) / 24;
    return sum;
  };
  assert.ok(error(covariates, 0) < 4, `${error(covariates, 0)} on the holiday`);
  assert.ok(error(covariates, 24) < 4, `${error(covariates, 24)} the day after`);
  assert.ok(
    error(
      covariates.map(() => [0]),
      0,
    ) > 8,
    'unmarked, it is a surprise',
  );
});

test('a series that runs ahead of another helps it', () => {
  const next = uniform(3);
  const leader = Array.from({ length: 800 }, () => 0);
  for (let t = 1; t < leader.length; t++) leader[t] = 0.7 * leader[t - 1]! + next() - 0.5;
  const error = (series: number): number => {
    const forecaster = auto.create({ ...task, series, seasons: [], horizon: 3 });
    let sum = 0;
    for (let t = 3; t < 800; t++) {
      if (t >= 700) sum += Math.abs(forecaster.forecast(3).point[0]![2]! - leader[t - 1]!);
      // The follower shows what the leader did three steps before.
      forecaster.learn(t * HOUR_MS, [leader[t - 3]!, leader[t]!].slice(0, series));
    }
    return sum / 100;
  };
  const [alone, together] = [error(1), error(2)];
  assert.ok(together < 0.5 * alone, `${together} with the leader, ${alone} without`);
});

test('a covariate known ahead is used', () => {
  const next = uniform(4);
  const rows = Array.from({ length: 600 }, () => 10 * next());
  const forecaster = auto.create({ ...task, seasons: [], exogenous: 1, horizon: 5 });
  for (let t = 0; t < 595; t++) forecaster.learn(t * HOUR_MS, [3 * rows[t]! + next()], [rows[t]!]);
  const { point } = forecaster.forecast(
    5,
    rows.slice(595).map((x) => [x]),
  );
  for (let h = 0; h < 5; h++) assert.ok(Math.abs(point[0]![h]! - 3 * rows[595 + h]! - 0.5) < 1.2);
  assert.match(forecaster.explain?.() ?? '', /regression/);
});

test('what is still at an hour of the day stays so', () => {
  const next = uniform(5);
  const forecaster = auto.create({ ...task, floor: 0 });
  const sun = (t: number): number => Math.max(0, 1 - Math.abs((t % 24) - 12) / 6) * (0.5 + next());
  for (let t = 0; t < 1200; t++) forecaster.learn(t * HOUR_MS, [sun(t)]);
  const { point, intervals } = forecaster.forecast(24);
  assert.deepEqual([point[0]![0], intervals[0]!.low[0]![0], intervals[0]!.high[0]![0]], [0, 0, 0]);
  assert.ok(point[0]![12]! > 0.5 && intervals[0]!.low[0]![12]! < point[0]![12]!);
});

test('skewed values: the mean, the median, and an interval that the floor cuts off are what they should be', () => {
  const ask = (point: 'mean' | 'median') => {
    const next = uniform(7);
    const forecaster = auto.create({ ...task, seasons: [], horizon: 3, point, floor: 0 });
    // The fourth power of a uniform number: mean 0.2, median 0.0625, nine of ten below 0.656, four of five below 0.41.
    for (let t = 0; t < 4000; t++) forecaster.learn(t * HOUR_MS, [next() ** 4]);
    const sums = { x: 0, low: 0, high: 0 };
    for (let k = 0; k < 100; k++) {
      const { point: points, intervals } = forecaster.forecast(3);
      sums.x += points[0]![1]! / 100;
      sums.low += intervals[0]!.low[0]![1]! / 100;
      sums.high += intervals[0]!.high[0]![1]! / 100;
      forecaster.learn((4000 + k) * HOUR_MS, [next() ** 4]);
    }
    return sums;
  };
  const [mean, median] = [ask('mean'), ask('median')];
  assert.ok(Math.abs(mean.x - 0.2) < 0.03, `mean ${mean.x}`);
  assert.ok(Math.abs(median.x - 0.0625) < 0.03, `median ${median.x}`);
  for (const { low, high } of [mean, median]) {
    assert.ok(low < 0.01, `low ${low}`);
    assert.ok(Math.abs(high - 0.41) < 0.06, `high ${high}`);
  }
});

test('least squares, shares and coefficients above zero are what they should be', () => {
  const next = uniform(6);
  const equations = new NormalEquations(3);
  for (let k = 0; k < 22; k++) {
    const [x, y] = [next(), next()];
    equations.next.set([1, x, y]);
    equations.add(2 + 3 * x - y);
  }
  equations.flush();
  const beta = solveRidge(equations.a, equations.b, 3, 0);
  for (const [i, expected] of [2, 3, -1].entries()) assert.ok(Math.abs(beta[i]! - expected) < 1e-9);
  assert.equal(equations.count, 22);
  // Errors of variance 1 and 4, uncorrelated: shares 0.8 and 0.2; the third is always worse than both together.
  const a = Float64Array.of(1, 0, 1, 0, 4, 4, 1, 4, 9);
  const w = shares(a, new Float64Array(3), 3);
  for (const [i, expected] of [0.8, 0.2, 0].entries()) assert.ok(Math.abs(w[i]! - expected) < 1e-4, `${w}`);
  const x = nonNegative(Float64Array.of(1, 0, 0, 1), Float64Array.of(2, -1), 2);
  assert.deepEqual([...x], [2, 0]);
});

test('groups of horizons cover each step once', () => {
  for (const horizon of [1, 2, 3, 12, 24, 168]) {
    const steps = groupHorizons(horizon).flatMap(({ first, last }) =>
      Array.from({ length: last - first + 1 }, (_, k) => first + k),
    );
    assert.deepEqual(
      steps,
      Array.from({ length: horizon }, (_, k) => k),
    );
  }
});
