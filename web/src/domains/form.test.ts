import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TermsField } from '@trine/engine';
import { expected, fieldsOf, fromText, toText } from './form.ts';

const money: TermsField = { type: 'integer', kind: 'money', minimum: 0 };
const share: TermsField = { type: 'integer', kind: 'ppm', minimum: 1, maximum: 1_000_000 };
const length: TermsField = { type: 'integer', kind: 'duration', minimum: 1_000 };
const count: TermsField = { type: 'integer', minimum: 0, maximum: 9 };

test('fields are named by the domain, with the unit they are entered in', () => {
  const properties = {
    credit: { ...money, title: 'Credit', description: 'Owed.' },
    hoursBefore: count,
    mode: { type: 'string', enum: ['a', 'b'] },
  };
  assert.deepEqual(
    fieldsOf({ properties }, 'EUR').map(({ label, help, choices }) => [label, help, choices]),
    [
      ['Credit, EUR', 'Owed.', undefined],
      ['Hours before', undefined, undefined],
      ['Mode', undefined, ['a', 'b']],
    ],
  );
});

test('what is shown is read back to the same value', () => {
  const cases: [TermsField, unknown][] = [
    [money, 1_999],
    [share, 123_457],
    [length, 30_000],
    [length, 5_400_000],
    [length, 90_061_001],
    [count, 4],
    [{ type: 'boolean' }, false],
    [{ type: 'string' }, 'pump/1'],
    [{ type: 'array' }, ['a', 'b']],
    [{ type: 'integer', kind: 'time' }, 1_700_000_000_000],
  ];
  for (const [field, value] of cases) assert.deepEqual(fromText(field, toText(field, value, 'EUR'), 'EUR'), value);
  assert.equal(toText(money, 5, 'JPY'), '5');
  assert.equal(toText(length, 5_400_000, ''), '1 h 30 min');
});

test('what the terms cannot say is refused', () => {
  assert.equal(fromText(money, ' 0.20 ', 'EUR'), 20);
  assert.equal(fromText(money, '0.205', 'EUR'), undefined);
  assert.equal(fromText(count, '10', ''), undefined);
  assert.equal(fromText(length, '10 ms', ''), undefined);
  for (const text of ['', 'much', '1e3', '0x10', '1,5', '99999999999999999999'])
    assert.equal(fromText(count, text, ''), undefined, text);
  assert.equal(expected(count), 'a whole number from 0 to 9');
  assert.match(expected(length), /30 s/);
  assert.match(expected(money), /decimals after a point/);
  assert.match(expected(share), /per cent/);
});
