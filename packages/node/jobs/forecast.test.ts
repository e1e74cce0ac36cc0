// Forecasts: on the grid of the usual interval, one at a time, and what is too little is said.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Store } from '../projections/tables/store.ts';
import { ForecastJobs } from './forecast.ts';

const HOUR_MS = 3_600_000;

function jobs(rows: readonly { t: number; value: number }[], waitMs?: number): ForecastJobs {
  return new ForecastJobs({ query: async () => rows } as unknown as Store, waitMs);
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
  await assert.rejects(jobs(rhythm.slice(0, 23)).forecast(3), /23 readings: at least/);
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

test('one that takes too long is ended, and said so; the next is made', async () => {
  const rows = [...rhythm];
  const impatient = jobs(rows, 0);
  for (let i = 0; i < 2; i++)
    await assert.rejects(impatient.forecast(3, 2), { code: 'timed-out', retry: 'later', name: 'ForecastError' });
});

test('one that could not be asked for keeps nobody waiting', async () => {
  let isDown = true;
  const query = async () => {
    if (isDown) throw new Error('The store is gone.');
    return rhythm;
  };
  const all = new ForecastJobs({ query } as unknown as Store);
  await assert.rejects(all.forecast(3, 1), /The store is gone/);
  isDown = false;
  assert.equal((await all.forecast(3, 1)).point.length, 1);
  await assert.rejects(jobs([]).forecast(3), { message: /^0 readings/, code: 'invalid' });
});

test('what is too large or too small to compute with is refused, and nothing is made up of it', async () => {
  const scaled = (by: number) => jobs(rhythm.map(({ t, value }) => ({ t, value: value * by })));
  for (const by of [1e300, -1e300, 5e-324])
    await assert.rejects(scaled(by).forecast(3, 2), {
      message: /too (?:large|small) to compute with/,
      code: 'invalid',
    });
  for (const by of [1e100, 1e-100, 0, -1]) {
    const { point, intervals } = await scaled(by).forecast(3, 2);
    const all = [...point, ...intervals.flatMap(({ low, high }) => [...low, ...high])];
    assert.ok(all.every(Number.isFinite), `times ${by}`);
  }
});

test('the grid is that of a clock, whatever comes between, and one early reading does not stretch it', async () => {
  const minute = 60_000;
  const uneven = Array.from({ length: 60 }, (_, i) => ({ t: i * minute + (i % 3) * 1_000, value: i }));
  assert.equal((await jobs(uneven).forecast(3, 1)).intervalMs, minute);
  const early = [{ t: 0, value: 7 }, ...uneven.map(({ t, value }) => ({ t: t + 1e12, value }))];
  const { intervalMs, timeMs, past } = await jobs(early).forecast(3, 2);
  assert.deepEqual([intervalMs, timeMs[0]], [minute, 1e12 - (1e12 % minute) + 60 * minute]);
  assert.ok(past.length <= 6);
});
