import assert from 'node:assert/strict';
import { test } from 'node:test';
import { withSilences } from './silences.ts';

const points = (...times: number[]) => times.map((timeMs) => ({ timeMs, value: timeMs }));
const past = { timeMs: [0, 100], usualMs: 10, bucketMs: 5 };

test('a place without a value within each silence, those after the past included', () => {
  assert.deepEqual(
    withSilences(points(110, 120, 200), past).map(({ value }) => value),
    [110, 120, null, 200],
  );
  assert.deepEqual(
    withSilences(points(200), past).map(({ timeMs, value }) => [timeMs, value]),
    [
      [152, null],
      [200, 200],
    ],
  );
});

test('where nobody knows what is usual, nothing is a silence', () => {
  assert.equal(withSilences(points(1, 1_000), undefined).length, 2);
  assert.equal(withSilences(points(1, 1_000), { timeMs: [], bucketMs: 5 }).length, 2);
});
