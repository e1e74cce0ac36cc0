import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ReplayedPeriod, ReplayedWindow } from './period.ts';
import { whatIf } from './what-if.ts';

const outcome = (id: string, amount: number, kind: 'none' | 'pay' | 'hold' = amount > 0 ? 'pay' : 'none') => ({
  id,
  verdict: kind === 'none' ? ('met' as const) : ('breached' as const),
  outcome: kind,
  amount,
  reason: '',
});
const window = (n: number, sealed: ReplayedWindow['sealed'], replayed: ReplayedWindow['replayed']): ReplayedWindow => ({
  fromMs: 10 * n,
  toMs: 10 * n + 10,
  sealed,
  replayed,
  problem: undefined,
});
const period = (windows: ReplayedWindow[]): ReplayedPeriod => ({
  windows,
  computed: 0,
  same: 0,
  readings: 0,
  amountSealed: 0,
  amountReplayed: 0,
  currency: 'EUR',
});

test('only windows that have both sides are compared and added up; what was held costs nothing', () => {
  const found = whatIf(
    period([
      window(0, outcome('a', 5), outcome('A', 20)),
      window(1, outcome('b', 5), undefined),
      window(2, undefined, outcome('C', 20)),
      window(3, outcome('d', 5, 'hold'), outcome('D', 5, 'hold')),
      window(4, outcome('e', 0), outcome('E', 0)),
    ]),
    true,
  );
  const { compared, alike, notComputed, amountSealed, amountReplayed } = found;
  assert.deepEqual({ compared, alike, notComputed }, { compared: 3, alike: 2, notComputed: 1 });
  assert.deepEqual([amountSealed, amountReplayed], [5, 20]);
  assert.deepEqual(found.series, { timeMs: [0, 10, 40, 50], sealed: [0, 5, 5, 5], replayed: [0, 20, 20, 20] });
  assert.deepEqual(
    found.differing.map(({ fromMs }) => fromMs),
    [0],
  );
});

test('without a change every bit counts', () => {
  const windows = [window(0, outcome('a', 5), outcome('A', 5)), window(1, outcome('b', 5), outcome('b', 5))];
  assert.equal(whatIf(period(windows), false).alike, 1);
  assert.equal(whatIf(period(windows), true).alike, 2);
});

test('many windows: the first 500 that differ, at most 200 points, and the sums are whole at the end', () => {
  const many = Array.from({ length: 12_345 }, (_, n) => window(n, outcome(`a${n}`, 1), outcome(`b${n}`, 2)));
  const { differing, series, alike, amountSealed, amountReplayed } = whatIf(period(many), true);
  assert.equal(differing.length, 500);
  assert.equal(alike, 0);
  assert.ok(series.timeMs.length <= 200, String(series.timeMs.length));
  assert.deepEqual([series.timeMs.at(-1), series.sealed.at(-1), series.replayed.at(-1)], [123_450, 12_345, 24_690]);
  assert.deepEqual([amountSealed, amountReplayed], [12_345, 24_690]);
});

test('an empty period has no sums', () => {
  const { compared, series } = whatIf(period([]), true);
  assert.deepEqual([compared, series.timeMs], [0, []]);
});
