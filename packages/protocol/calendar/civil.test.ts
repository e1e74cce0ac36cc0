// The calendar without `Date`, against `Date`.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { civilOf, daysOf } from './civil.ts';

const DAY_MS = 86_400_000;

test('every day from 1900 to 2100 is the one that Date says, both ways', () => {
  for (let days = Date.UTC(1900, 0) / DAY_MS; days < Date.UTC(2100, 0) / DAY_MS; days++) {
    const date = new Date(days * DAY_MS);
    const expected = { year: date.getUTCFullYear(), month: date.getUTCMonth(), day: date.getUTCDate() };
    assert.deepEqual(civilOf(days), expected);
    assert.equal(daysOf(expected.year, expected.month, expected.day), days);
  }
});

test('months and days beyond their ends lie in those beside, as Date has them', () => {
  for (const month of [-13, -1, 0, 11, 12, 25])
    for (const day of [-40, 0, 1, 32, 400]) assert.equal(daysOf(2024, month, day) * DAY_MS, Date.UTC(2024, month, day));
});
