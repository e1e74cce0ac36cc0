import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Trigger } from './domain.ts';
import { endOfWindows } from './whole-windows.ts';

const window = (lengthMs: number, startMs = 0): Trigger => ({ name: 'w', on: 'window', startMs, lengthMs, graceMs: 5 });

test('a period ends where no window is cut short, and no later than it must', () => {
  assert.equal(endOfWindows([window(1_000)], 1_000), 1_000);
  assert.equal(endOfWindows([window(1_000)], 1_001), 2_000);
  assert.equal(endOfWindows([window(1_000, 300)], 1_000), 1_300);
  assert.equal(endOfWindows([window(3_000), window(5_000)], 10_000), 15_000, 'both');
  assert.equal(endOfWindows([window(1_000), window(1_000, 500)], 700), 700, 'they never end together');
  const day: Trigger = { name: 'd', on: 'calendar', period: 'month', timeZone: 'Europe/Berlin', graceMs: 0 };
  assert.equal(
    endOfWindows([day], Date.UTC(2026, 2, 31, 21)),
    Date.UTC(2026, 2, 31, 22),
    'April begins in summer time',
  );
  assert.equal(endOfWindows([day], Date.UTC(2026, 2, 31, 22)), Date.UTC(2026, 2, 31, 22));
  assert.equal(endOfWindows([], 7), 7);
});
