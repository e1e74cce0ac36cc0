import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fromText, limitOf, numbersOf, toText } from './rule-words.ts';

test('numbers of a rule are named in words, money in units of its currency', () => {
  const rule = { creditMinorUnits: 5, note: 'text', thresholdPpm: 950_000, hoursBefore: 3 };
  const numbers = numbersOf(rule, 'EUR');
  assert.deepEqual(
    numbers.map(({ label, unit }) => `${label} ${unit}`.trim()),
    ['How odd a reading must be %', 'Hours before', 'Credit for a failed window EUR'],
  );
  assert.deepEqual(numbers.map(toText), ['95', '3', '0.05']);
  assert.deepEqual(numbersOf({ creditMinorUnits: 5 }, 'JPY').map(toText), ['5']);
});

test('the limit of one window follows a dearer credit', () => {
  const limits = [undefined, '0.05', '0.20', 'much'].map((credit) => limitOf(10, 'EUR', credit).value);
  assert.deepEqual(limits, [10, 10, 20, 10]);
});

test('what is entered is read back to the unit of the rule, or refused', () => {
  for (const one of numbersOf({ creditMinorUnits: 1_999, thresholdPpm: 123_457, statementsMin: 4 }, 'EUR'))
    assert.equal(fromText(toText(one), one.scale), one.value);
  assert.equal(fromText(' 0.20 ', 0.01), 20);
  assert.equal(fromText('0.205', 0.01), undefined);
  for (const text of ['', 'much', '1e3', '0x10', '1,5', '99999999999999999999'])
    assert.equal(fromText(text, 1), undefined, text);
});
