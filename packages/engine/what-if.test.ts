import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Decided, ReplayedObligation, ReplayedPeriod } from './period.ts';
import { whatIf } from './what-if.ts';

const decided = (
  id: string,
  amount: number,
  outcome: 'none' | 'pay' | 'hold' = amount > 0 ? 'pay' : 'none',
): Decided => ({
  id,
  verdict: outcome === 'none' ? 'met' : 'breached',
  outcome,
  amount,
  reason: '',
});
const one = (n: number, before: Decided | undefined, after: Decided | undefined): ReplayedObligation => ({
  id: String(n),
  fromMs: 10 * n,
  toMs: 10 * n + 10,
  before,
  after,
  isSame: before?.amount === after?.amount,
  problem: after ? undefined : 'readings were erased',
});
const period = (obligations: ReplayedObligation[]): ReplayedPeriod => ({
  obligations,
  computed: 0,
  same: 0,
  statements: 0,
  amountBefore: 0,
  amountAfter: 0,
  currency: 'EUR',
});

test('only obligations that have both sides are compared and added up; what was held costs nothing', () => {
  const found = whatIf(
    period([
      one(0, decided('a', 5), decided('A', 20)),
      one(1, decided('b', 5), undefined),
      one(2, undefined, decided('C', 20)),
      one(3, decided('d', 5, 'hold'), decided('D', 5, 'hold')),
      one(4, decided('e', 0), decided('E', 0)),
    ]),
  );
  const { compared, alike, notComputed, amountBefore, amountAfter } = found;
  assert.deepEqual({ compared, alike, notComputed }, { compared: 3, alike: 2, notComputed: 1 });
  assert.deepEqual(found.problems, { 'readings were erased': 1 });
  assert.deepEqual([amountBefore, amountAfter], [5, 20]);
  assert.deepEqual(found.series, { timeMs: [0, 10, 40, 50], before: [0, 5, 5, 5], after: [0, 20, 20, 20] });
  assert.deepEqual(
    found.differing.map(({ fromMs }) => fromMs),
    [0],
  );
});

test('many obligations: the first 500 that differ, at most 200 points, and the sums are whole at the end', () => {
  const many = Array.from({ length: 12_345 }, (_, n) => one(n, decided(`a${n}`, 1), decided(`b${n}`, 2)));
  const { differing, series, alike, amountBefore, amountAfter } = whatIf(period(many));
  assert.equal(differing.length, 500);
  assert.equal(alike, 0);
  assert.ok(series.timeMs.length <= 200, String(series.timeMs.length));
  assert.deepEqual([series.timeMs.at(-1), series.before.at(-1), series.after.at(-1)], [123_450, 12_345, 24_690]);
  assert.deepEqual([amountBefore, amountAfter], [12_345, 24_690]);
});

test('an empty period has no sums', () => {
  const { compared, series } = whatIf(period([]));
  assert.deepEqual([compared, series.timeMs], [0, []]);
});
