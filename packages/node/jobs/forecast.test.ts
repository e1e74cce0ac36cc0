// Forecasts: on the grid of the usual interval, one at a time, and what is too little is said.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Store } from '../projections/tables/store.ts';
import { ForecastJobs } from './forecast.ts';

const HOUR_MS = 3_600_000;

function jobs(rows: readonly { t: number; value: number }[]): ForecastJobs {
  return new ForecastJobs({ query: async () => rows } as unknown as Store);
}

/** Three days of an hourly rhythm, without one hour. */
const rhythm = Array.from({ length: 72 }, (_, i) => ({ t: i * HOUR_MS, value: 10 + 5 * Math.sin((i / 12) * Math.PI) }));

test('a day of hours is told ahead, with what it was made from and intervals around it', async () => {
  const withGap = rhythm.filter((_, i) => i !== 60);
  const told = await jobs(withGap).forecast(3);
  assert.equal(told.intervalMs, HOUR_MS);
  assert.equal(told.point.length, 18, 'never more than a quarter of what was seen');
  assert.deepEqual([told.timeMs[0], told.timeMs[1]], [72 * HOUR_MS, 73 * HOUR_MS]);
  assert.equal(told.pastMs.length, told.past.length);
  assert.equal(told.past[told.pastMs.indexOf(60 * HOUR_MS)], null, 'a gap stays one');
  assert.deepEqual(
    told.intervals.map(({ level }) => level),
    [0.8, 0.95],
  );
  for (const { low, high } of told.intervals)
    told.point.forEach((point, i) => {
      assert.ok((low[i] as number) <= point && point <= (high[i] as number), `step ${i}`);
    });
});

test('as many steps as asked for, within what there is; several values of one step are their mean', async () => {
  assert.equal((await jobs(rhythm).forecast(3, 5)).point.length, 5);
  assert.equal((await jobs(rhythm).forecast(3, 10_000)).point.length, 18);
  const twice = rhythm.flatMap(({ t, value }) => [
    { t, value: value - 1 },
    { t: t + 1, value: value + 1 },
  ]);
  const { intervalMs, past } = await jobs(twice.map(({ t, value }) => ({ t, value }))).forecast(3, 2);
  assert.ok(intervalMs >= 1_000);
  assert.ok(past.length > 0);
});

test('too few readings, or in too short a time, are no ground', async () => {
  await assert.rejects(jobs(rhythm.slice(0, 23)).forecast(3), /There are 23 readings/);
  const together = Array.from({ length: 30 }, (_, i) => ({ t: i, value: 1 }));
  await assert.rejects(jobs(together).forecast(3), /at least 24 are needed/);
});

test('one at a time; after it, and after one that failed, the next is made', async () => {
  const all = jobs(rhythm);
  const first = all.forecast(3, 2);
  await assert.rejects(all.forecast(3, 2), { code: 'busy' });
  await first;
  assert.equal((await all.forecast(3, 1)).point.length, 1);
});
