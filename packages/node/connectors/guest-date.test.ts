import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { installDate } from './guest-date.ts';

const scope: { Date?: DateConstructor } = {};
const { pow } = Math;
installDate(scope as Record<string, unknown>);
Math.pow = pow;
const Guest = scope.Date as DateConstructor;
const parts = (date: Date) => [
  ...[
    date.getTime(),
    date.getUTCFullYear(),
    date.getUTCMonth(),
    date.getUTCDate(),
    date.getUTCDay(),
    date.getUTCHours(),
  ],
  ...[date.getUTCMinutes(), date.getUTCSeconds(), date.getUTCMilliseconds(), date.toISOString()],
];

test('property: of any moment it says what the language’s own Date says', () => {
  fc.assert(
    fc.property(
      fc.date({ min: new Date('0001-01-01T00:00:00Z'), max: new Date('9999-12-31T23:59:59Z'), noInvalidDate: true }),
      (date) => {
        assert.deepEqual(parts(new Guest(date.getTime())), parts(date));
        assert.equal(Guest.parse(date.toISOString()), date.getTime());
        const [y, m, d] = [date.getUTCFullYear(), date.getUTCMonth(), date.getUTCDate()];
        if (y > 99) assert.equal(Guest.UTC(y, m + 14, d + 40, 25, 61), Date.UTC(y, m + 14, d + 40, 25, 61));
      },
    ),
  );
});

test('offsets and short forms; the present time is not known', () => {
  for (const text of ['2026-11-26T11:00:00+05:30', '2026-11-26T11:00Z', '2026-11-26', '2026-11', '2026'])
    assert.equal(Guest.parse(text), Date.parse(text), text);
  assert.ok(Number.isNaN(Guest.parse('yesterday')));
  assert.throws(() => new Guest(), /present time/);
  assert.throws(() => Guest.now(), /present time/);
});
