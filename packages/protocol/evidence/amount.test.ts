// Amounts have the digits of their currency, 0 to 4, and no others.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { NetworkDocument } from '../payloads/network.ts';
import { formatAmount } from './amount.ts';

const network = (...decimals: number[]) =>
  ({
    chain: { tokens: decimals.map((digits) => ({ currency: 'AAA', decimals: digits })) },
  }) as unknown as NetworkDocument;

test('property: what is shown is the amount, with as many digits as the currency has', () => {
  fc.assert(
    fc.property(fc.nat(), fc.integer({ min: 0, max: 4 }), (amount, digits) => {
      const shown = formatAmount(amount, 'AAA', network(digits));
      assert.match(shown, digits === 0 ? /^\d+ AAA$/ : new RegExp(`^\\d+\\.\\d{${digits}} AAA$`));
      assert.equal(Number(shown.replace(/[. A]/g, '')), amount);
    }),
  );
});

test('of a currency that nobody knows, or whose tokens count differently, minor units are shown', () => {
  assert.equal(formatAmount(500, 'BBB', network(2)), '500 minor units of BBB');
  assert.equal(formatAmount(500, 'AAA', network(2, 0)), '500 minor units of AAA');
  assert.equal(formatAmount(500, 'AAA', network(2, 2)), '5.00 AAA');
});
