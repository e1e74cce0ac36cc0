import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { currencyDigits, fromDecimals, inDecimals } from './currency.ts';

test('currencies have the digits of ISO 4217, whatever the runtime says of them', () => {
  const digits = { EUR: 2, HUF: 2, IDR: 2, COP: 2, PKR: 2, JPY: 0, ISK: 0, BHD: 3, IQD: 3, CLF: 4, UYW: 4, XTS: 2 };
  for (const [currency, expected] of Object.entries(digits)) assert.equal(currencyDigits(currency), expected, currency);
  for (const odd of ['', 'constructor', '__proto__', '0']) assert.equal(currencyDigits(odd), 2);
});

test('property: an amount and its decimals are the same, to the last unit, up to the largest', () => {
  fc.assert(
    fc.property(fc.maxSafeInteger(), fc.integer({ min: 0, max: 4 }), (amount, digits) => {
      const text = inDecimals(amount, digits);
      assert.equal(fromDecimals(text, digits), amount);
      assert.equal(inDecimals(BigInt(amount), digits), text);
    }),
  );
  assert.deepEqual(
    [inDecimals(5, 2), inDecimals(-5, 2), inDecimals(0, 0), inDecimals(9_007_199_254_740_985, 2)],
    ['0.05', '-0.05', '0', '90071992547409.85'],
  );
});

test('what is finer than a unit, too large, or no decimal is no amount', () => {
  for (const text of ['', '.5', '1.', '1e3', '0x1', ' 1', '1,5', '+1', '--1', '10000.005', '90071992547409.92'])
    assert.equal(fromDecimals(text, 2), undefined, text);
  assert.deepEqual([fromDecimals('10000.000', 2), fromDecimals('-0.00', 2), fromDecimals('7', 0)], [1_000_000, 0, 7]);
});
