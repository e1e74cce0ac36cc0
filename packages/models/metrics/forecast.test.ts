import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { intervalQuality, kge, mae, mase, naiveError, nse, pinball, rmse } from './forecast.ts';

const path = (file: string): string => fileURLToPath(new URL(`../../../../shared/data/flood/${file}`, import.meta.url));
const needs = (file: string) => ({ skip: existsSync(path(file)) ? false : 'needs ../shared/data/flood' });
const rowsOf = (file: string): string[][] =>
  gunzipSync(readFileSync(path(file)))
    .toString('utf8')
    .trim()
    .split('\n')
    .slice(1)
    .map((line) => line.split(','));
const number = (cell: string | undefined): number => (cell ? Number(cell) : Number.NaN);

test('by hand', () => {
  assert.equal(mae([1, 2, 4], [1, 4, 3]), 1);
  assert.equal(rmse([0, 0], [3, 4]), Math.sqrt(12.5));
  assert.equal(mae([1, Number.NaN, 3], [2, 9, Number.NaN]), 1, 'only whole pairs count');
  assert.equal(naiveError([1, 2, 4, 8], 1), 7 / 3);
  assert.equal(mase([10], [3], [1, 2, 4, 8], 1), 3);
  assert.equal(pinball([10, 10], [8, 12], 0.9), (0.9 * 2 + 0.1 * 2) / 2);
  assert.deepEqual(intervalQuality([0, 5, 12], [-1, 0, 0], [1, 10, 10], 0.8), {
    coverage: 2 / 3,
    width: 22 / 3,
    // α = 0.2: one value lies 2 above its interval.
    score: (22 + (2 / (1 - 0.8)) * 2) / 3,
  });
  assert.equal(nse([1, 2, 3], [1, 2, 3]), 1);
  assert.equal(nse([1, 2, 3], [2, 2, 2]), 0);
  assert.equal(kge([1, 2, 3], [1, 2, 3]), 1);
  // Twice the values: correlation 1, ratios 2 and 2.
  assert.ok(Math.abs(kge([1, 2, 3], [2, 4, 6]) - (1 - Math.sqrt(2))) < 1e-12);
  assert.throws(() => mae([1], [1, 2]), RangeError);
});

test('SAC-SMA on Piscataquis River 1999–2008: NSE 0.770, KGE 0.819', needs('camels_01031500_daily.csv.gz'), () => {
  const rows = rowsOf('camels_01031500_daily.csv.gz').filter(
    ([date = '']) => date >= '1999-10-01' && date <= '2008-09-30',
  );
  const [simulated, observed] = [7, 8].map((column) => rows.map((row) => number(row[column]))) as [number[], number[]];
  assert.equal(nse(observed, simulated).toFixed(3), '0.770');
  assert.equal(kge(observed, simulated).toFixed(3), '0.819');
});

test(
  'persistence on Kenduskeag Stream: NSE 0.939, 0.786, 0.324',
  needs('usgs_01037000_kenduskeag_hourly.csv.gz'),
  () => {
    const flow = rowsOf('usgs_01037000_kenduskeag_hourly.csv.gz').map((row) => number(row[1]));
    const from = Math.floor(0.7 * flow.length);
    const found = [6, 12, 24].map((h) => nse(flow.slice(from + h), flow.slice(from, flow.length - h)).toFixed(3));
    assert.deepEqual(found, ['0.939', '0.786', '0.324']);
  },
);
