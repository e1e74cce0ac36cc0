import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { amountOfLine, bandAt, billOf } from './tariff.ts';
import { meteringTerms } from './terms.ts';
import { at, dayAndNight, terms } from './testing/grid.ts';

test('steps: the limit itself belongs to the step below; each line is rounded once, half upwards', () => {
  const tariff = {
    bands: [{ name: 'all', steps: [{ upTo: 10, price: 100_000_000 }, { price: 50_000_000 }] }],
    baseFee: 0,
  };
  const amounts = (milli: number) => billOf(tariff, new Map([['all', milli]])).map(({ amount }) => amount);
  assert.deepEqual(amounts(10_000), [1_000]);
  assert.deepEqual(amounts(10_001), [1_000, 0], 'a thousandth at 50 cents is 0.05 cents');
  assert.deepEqual(amounts(10_010), [1_000, 1], 'half a cent upwards');
  assert.deepEqual(amounts(0), []);
  assert.equal(amountOfLine(9_000_000_000_000, 1_000_000_000), 9_000_000_000_000, 'past 2^53 on the way, exact');
});

test('property: a bill is never dearer for less, splits into its steps, and is what the dearest price allows', () => {
  const bands = [
    { name: 'all', steps: [{ upTo: 3, price: 7_000_001 }, { upTo: 9, price: 11_333_333 }, { price: 999 }] },
  ];
  const bill = (milli: number) => billOf({ bands, baseFee: 0 }, new Map([['all', milli]]));
  const sum = (milli: number) => bill(milli).reduce((all, { amount }) => all + amount, 0);
  fc.assert(
    fc.property(fc.nat(20_000), fc.nat(20_000), (a, b) => {
      assert.ok(sum(Math.min(a, b)) <= sum(Math.max(a, b)));
      assert.equal(
        bill(a).reduce((all, { quantityMilli }) => all + quantityMilli, 0),
        a,
      );
      assert.ok(sum(a) <= amountOfLine(a, 11_333_333) + 2);
    }),
  );
});

test('by the clock: local minutes and weekdays, also on the day on which the clocks change', () => {
  const band = bandAt(
    meteringTerms.parse({ ...terms, kind: 'interval', quantity: 'energy/interval', bands: dayAndNight }),
  );
  assert.equal(band(at('2026-03-27T04:59Z')), 'night');
  assert.equal(band(at('2026-03-27T05:00Z')), 'day', 'six in the morning on a Friday in winter');
  assert.equal(band(at('2026-03-27T21:00Z')), 'night', 'ten in the evening');
  assert.equal(band(at('2026-03-28T12:00Z')), 'night', 'Saturday');
  assert.equal(band(at('2026-03-30T03:59Z')), 'night');
  assert.equal(band(at('2026-03-30T04:00Z')), 'day', 'six in the morning on a Monday in summer');
});
