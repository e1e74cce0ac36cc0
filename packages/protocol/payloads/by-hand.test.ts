// Which words by hand count on a line, over a decision and its corrections, and what a correction takes for ordered.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import * as values from '../testing/values.ts';
import { isLineOrdered, type LineDecided, linesByHand, lineWordRefusal } from './by-hand.ts';
import type { Decision } from './decision.ts';
import { released } from './release.ts';

const isBefore = (a: number, b: number) => a < b;

/** At a leaf, blind for what stands at the cut or later. */
function decided(
  [at, cut]: readonly [number, number],
  outcome: Decision['outcome'] | undefined,
  word?: readonly ['pay' | 'drop', number],
): LineDecided<number> {
  const sees = (place: number) => place < cut;
  return { at, outcome, sees, word: word && { ruling: word[0], at: word[1] } };
}

const standing = (...all: LineDecided<number>[]) =>
  linesByHand(all, isBefore).map(({ word, isClosed }) => (isClosed ? 'closed' : (word?.ruling ?? '-')));

test('a word counts after its decision, before the next one, and on what is held', () => {
  assert.deepEqual(standing(decided([10, 5], 'hold', ['pay', 12])), ['pay']);
  assert.deepEqual(standing(decided([10, 5], 'hold', ['pay', 9])), ['-'], 'before the decision');
  assert.deepEqual(standing(decided([10, 5], 'hold', ['pay', 21]), decided([20, 15], 'pay')), ['-', '-'], 'too late');
  for (const outcome of ['pay', 'none', undefined] as const)
    assert.deepEqual(standing(decided([10, 5], outcome, ['pay', 12])), ['-'], outcome);
});

test('a correction that did not see a release moves nothing, nor does any after a drop', () => {
  const one = decided([10, 5], 'hold', ['pay', 12]);
  assert.deepEqual(standing(one, decided([20, 15], 'pay')), ['pay', '-']);
  assert.deepEqual(standing(one, decided([20, 12], 'pay')), ['pay', 'closed']);
  // The next one saw it, and goes on.
  assert.deepEqual(standing(one, decided([20, 12], 'hold', ['pay', 21]), decided([30, 25], 'pay')), [
    'pay',
    'closed',
    '-',
  ]);
  const dropped = decided([10, 5], 'hold', ['drop', 12]);
  assert.deepEqual(standing(dropped, decided([20, 15], 'pay'), decided([30, 25], 'hold', ['pay', 31])), [
    'drop',
    'closed',
    'closed',
  ]);
});

test('property: whatever is said when, what is paid in all is what the newest decision that is not closed says', () => {
  const word = fc.option(
    fc.record({ ruling: fc.constantFrom('pay', 'drop'), afterwards: fc.integer({ min: 1, max: 30 }) }),
  );
  const step = fc.record({ due: fc.nat(40), isHeld: fc.boolean(), word, lag: fc.integer({ min: 0, max: 5 }) });
  fc.assert(
    fc.property(fc.array(step, { minLength: 1, maxLength: 6 }), (steps) => {
      let at = 0;
      const all = steps.map(({ isHeld, word: said, lag }): LineDecided<number> => {
        const cut = at + 4;
        at = cut + lag * 2;
        const place = said && { ruling: said.ruling as 'pay' | 'drop', at: at + said.afterwards * 2 + 1 };
        return { at, outcome: isHeld ? 'hold' : 'pay', sees: (where) => where < cut, word: place ?? undefined };
      });
      const byHand = linesByHand(all, isBefore);
      // Each decision says the difference to what it takes for ordered.
      const amounts: number[] = [];
      for (const [i, { sees }] of all.entries()) {
        const before = amounts.reduce(
          (sum, amount, j) =>
            isLineOrdered(all[j] as LineDecided<number>, byHand[j] as (typeof byHand)[number], sees)
              ? sum + amount
              : sum,
          0,
        );
        amounts.push((steps[i]?.due ?? 0) - before);
      }
      const pays = (i: number) => {
        const { word: counting, isClosed } = byHand[i] as (typeof byHand)[number];
        return !isClosed && (all[i]?.outcome === 'pay' || counting?.ruling === 'pay');
      };
      const paid = amounts.reduce((sum, amount, i) => (pays(i) ? sum + amount : sum), 0);
      const last = amounts.findLastIndex((_, i) => pays(i));
      assert.equal(paid, last < 0 ? 0 : steps[last]?.due);
    }),
    { numRuns: 3_000 },
  );
});

test('released lines pay, and with them their decision; what is common stays as it was', () => {
  const held = { outcome: 'hold', gate: { ...values.row.gate, verdict: 'hold' } } as const;
  const rows = new Map(['a', 'b'].map((key) => [key, { ...values.row, ...held, key }]));
  const decision = { ...values.decision, ...held };
  const some = released(decision, rows, new Set(['b']));
  assert.deepEqual(
    [...some.rows.values()].map(({ outcome, gate }) => [outcome, gate.verdict]),
    [
      ['hold', 'hold'],
      ['pay', 'pass'],
    ],
  );
  assert.deepEqual([some.decision.outcome, some.decision.gate.verdict], ['pay', 'hold']);
  assert.equal(released(decision, rows, new Set(['c'])).decision.outcome, 'hold');
  const all = released(decision, rows);
  assert.deepEqual([all.decision.outcome, all.decision.gate.verdict], ['pay', 'pass']);
});

test('lines are not released where there are none, nor where what is common to them moves money and is held', () => {
  const { gate, effects } = values.decision;
  const rows = { count: 2, root: new Uint8Array(32) };
  assert.match(lineWordRefusal({ gate, effects }) ?? '', /has no lines/);
  const entry = { tag: 'entry', from: 'payer', to: 'recipient', amount: 5, currency: 'EUR' } as const;
  const common = { rows, effects: [entry] };
  assert.match(lineWordRefusal({ ...common, gate: { ...gate, verdict: 'hold' } }) ?? '', /common to all its lines/);
  assert.equal(lineWordRefusal({ ...common, gate: { ...gate, verdict: 'pass' } }), undefined);
  assert.equal(lineWordRefusal({ rows, effects: [], gate: { ...gate, verdict: 'hold' } }), undefined);
});
