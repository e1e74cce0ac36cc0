import assert from 'node:assert/strict';
import { test } from 'node:test';
import { zones } from '../protocol/calendar/zones.ts';
import { Calendar, type Period } from './calendar/calendar.ts';
import type { Trigger } from './domain.ts';
import { longestMs } from './lengths.ts';

const DAY_MS = 86_400_000;
const base = { name: 'one', graceMs: 0 };

test('each trigger says how long its obligations last at most; one that events set says that it does not know', () => {
  const matches = () => true;
  const given: readonly [Trigger, number][] = [
    [{ ...base, on: 'window', startMs: 0, lengthMs: 7 }, 7],
    [{ ...base, on: 'session', subjects: [], maxMs: 9, opens: () => undefined, closes: () => undefined }, 9],
    [{ ...base, on: 'event', subjects: [], matches }, 1],
    [{ ...base, on: 'deadline', subjects: [], withinMs: 5, matches }, 6],
    [{ ...base, on: 'deadline', subjects: [], withinMs: () => 5, matches }, Number.POSITIVE_INFINITY],
    [{ ...base, on: 'demand', askers: [], lookBackMs: 5 }, 6],
  ];
  assert.deepEqual(
    given.map(([trigger]) => longestMs(trigger)),
    given.map(([, ms]) => ms),
  );
});

test('no period of the calendar lasts longer than is said, whatever is done to the clocks', () => {
  for (const timeZone of ['Europe/Berlin', 'America/Havana', 'Australia/Lord_Howe', 'Pacific/Apia', 'Asia/Pyongyang']) {
    const calendar = new Calendar(zones, timeZone);
    for (const period of ['day', 'week', 'month', 'year'] satisfies Period[]) {
      const most = longestMs({ ...base, on: 'calendar', period, timeZone });
      for (let ms = Date.UTC(1991, 0); ms < Date.UTC(2048, 0); ms += (period === 'day' ? 1 : 20) * DAY_MS) {
        const { fromMs, toMs } = calendar.periodOf(period, ms);
        assert.ok(toMs - fromMs <= most, `${timeZone} ${period} at ${new Date(fromMs).toISOString()}`);
      }
    }
  }
});
