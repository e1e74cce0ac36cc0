import assert from 'node:assert/strict';
import { test } from 'node:test';
import { energyScores } from '../metrics/energy.ts';
import { act, battery, follow, type Rule, storeForDearHours, storeSurplus } from './battery.ts';
import { hasEnergy, readYear } from './dataset.ts';

test('the battery does what its power, its capacity and its losses allow', () => {
  assert.deepEqual(act(0, 10), { done: 5, stored: 4.5 });
  assert.deepEqual(act(0, -1), { done: -0, stored: 0 });
  const full = act(6, 10);
  assert.ok(Math.abs(full.done - 0.4 / 0.9) < 1e-12 && full.stored === battery.capacity);
  const drawn = act(2, -0.9);
  assert.ok(Math.abs(drawn.stored - 1) < 1e-12 && drawn.done === -0.9);
});

test('scores of a small district, by hand', () => {
  const series = (...values: number[]): Float64Array => Float64Array.from(values);
  const scores = energyScores(
    [{ net: series(1, 1, 1, -1), baseline: series(2, 1, 3, -2) }],
    series(1, 1, 2, 2),
    series(1, 1, 1, 1),
  );
  // cost (1+1+2−2)/(2+1+6−4), emission 3/6, ramping 2/8, 1−load factor (1−0.5/1)/(1−1/3)
  assert.ok(Math.abs(scores.cost - 2 / 5) < 1e-12);
  assert.ok(Math.abs(scores.emission - 3 / 6) < 1e-12);
  assert.ok(Math.abs(scores.grid - (2 / 8 + 0.5 / (2 / 3)) / 2) < 1e-12);
  assert.ok(Math.abs(scores.mean3 - (scores.cost + scores.emission + scores.grid) / 3) < 1e-12);
  assert.throws(() => energyScores([], series(), series()), RangeError);
});

test('the rules score what the data set says they do', { skip: !hasEnergy() && 'needs ../shared/data/energy' }, () => {
  const { homes, price, carbon } = readYear();
  const score = (rule: Rule, from: number, to: number): number[] => {
    const some = homes.filter(({ number }) => number >= from && number <= to);
    const { cost, emission, grid, mean2, mean3 } = energyScores(
      some.map(({ net }) => ({ net: follow(rule, net, price), baseline: net })),
      price,
      carbon,
    );
    return [cost, emission, grid, mean2, mean3].map((x) => Math.round(x * 1000) / 1000);
  };
  assert.deepEqual(score(storeSurplus, 1, 5), [0.856, 0.746, 0.842, 0.801, 0.815]);
  assert.deepEqual(score(storeSurplus, 6, 10), [0.826, 0.733, 0.855, 0.779, 0.805]);
  assert.deepEqual(score(storeForDearHours, 1, 5), [0.799, 0.809, 0.894, 0.804, 0.834]);
  assert.deepEqual(score(storeForDearHours, 6, 10), [0.762, 0.8, 0.908, 0.781, 0.823]);
});
