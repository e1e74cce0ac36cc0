import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import fc from 'fast-check';
import { zones } from '../../protocol/calendar/zones.ts';
import { Calendar, type Period } from './calendar.ts';
import { zonesIdentity } from './identity.ts';

const HOUR_MS = 3_600_000;

test('a month in which the clocks change is an hour longer or shorter', () => {
  const berlin = new Calendar(zones, 'Europe/Berlin');
  const october = berlin.periodOf('month', Date.UTC(2026, 9, 15));
  assert.deepEqual(
    [new Date(october.fromMs).toISOString(), new Date(october.toMs).toISOString()],
    ['2026-09-30T22:00:00.000Z', '2026-10-31T23:00:00.000Z'],
  );
  assert.equal(october.toMs - october.fromMs, (31 * 24 + 1) * HOUR_MS);
  const march = berlin.periodOf('month', Date.UTC(2026, 2, 15));
  assert.equal(march.toMs - march.fromMs, (31 * 24 - 1) * HOUR_MS);
  assert.equal(
    berlin.periodOf('day', Date.UTC(2026, 2, 29, 12)).toMs - berlin.periodOf('day', Date.UTC(2026, 2, 29, 12)).fromMs,
    23 * HOUR_MS,
  );
});

test('the very moment of a change is after it', () => {
  const berlin = new Calendar(zones, 'Europe/Berlin');
  // 01:00 UTC: 02:00 becomes 03:00.
  const change = Date.UTC(2026, 2, 29, 1);
  assert.deepEqual(
    [change - 1, change].map((ms) => berlin.clockAt(ms).minuteOfDay),
    [119, 180],
  );
  assert.equal(berlin.periodOf('day', change).fromMs, Date.UTC(2026, 2, 28, 23));
  // In Havana the clocks went back from 01:00 to 00:00: the change itself is midnight again, of the same day.
  const havana = new Calendar(zones, 'America/Havana').periodOf('day', Date.UTC(2023, 10, 5, 5));
  assert.deepEqual([havana.fromMs, havana.toMs - havana.fromMs], [Date.UTC(2023, 10, 5, 4), 25 * HOUR_MS]);
  // In Beirut midnight leaps: the day begins at the change, not an hour before.
  const beirut = new Calendar(zones, 'Asia/Beirut');
  const leap = Date.UTC(2024, 2, 30, 22);
  assert.equal(beirut.periodOf('day', leap).fromMs, leap);
  assert.equal(beirut.periodOf('day', leap - 1).toMs, leap);
});

test('where midnight does not exist the day begins with the change; half hours and the other half of the world too', () => {
  // Beirut leaps from 00:00 to 01:00 on the last Sunday of March.
  const beirut = new Calendar(zones, 'Asia/Beirut');
  const day = beirut.periodOf('day', Date.UTC(2024, 2, 31, 12));
  assert.equal(new Date(day.fromMs).toISOString(), '2024-03-30T22:00:00.000Z');
  assert.equal(day.toMs - day.fromMs, 23 * HOUR_MS);
  const kolkata = new Calendar(zones, 'Asia/Kolkata').periodOf('month', Date.UTC(2026, 0, 15));
  assert.equal(new Date(kolkata.fromMs).toISOString(), '2025-12-31T18:30:00.000Z');
  const week = new Calendar(zones, 'Australia/Lord_Howe').periodOf('week', Date.UTC(2026, 3, 5));
  assert.equal(week.toMs - week.fromMs, 7 * 24 * HOUR_MS + HOUR_MS / 2);
});

test('a zone that is none, and a time that the table does not cover, are refused in words', () => {
  assert.throws(() => new Calendar(zones, 'Europe/Atlantis'), /no time zone Europe\/Atlantis in release/);
  assert.throws(() => new Calendar(zones, 'constructor'), /no time zone/);
  assert.throws(() => new Calendar(zones, 'UTC').periodOf('day', Date.UTC(2060, 0)), /covers 1990 to 2049/);
});

test('property: periods follow each other without gap, and the engine of this machine agrees on the years both know', () => {
  const names = [
    'Europe/Berlin',
    'America/New_York',
    'Asia/Kolkata',
    'Australia/Sydney',
    'Africa/Casablanca',
    'America/Sao_Paulo',
    'Pacific/Chatham',
    'UTC',
  ];
  fc.assert(
    fc.property(
      fc.constantFrom(...names),
      fc.constantFrom<Period>('day', 'week', 'month', 'year'),
      fc.integer({ min: Date.UTC(2000, 0), max: Date.UTC(2023, 0) }),
      (name, period, ms) => {
        const calendar = new Calendar(zones, name);
        const { fromMs, toMs } = calendar.periodOf(period, ms);
        assert.ok(fromMs <= ms && ms < toMs);
        assert.equal(calendar.periodOf(period, toMs).fromMs, toMs);
        const { minuteOfDay } = calendar.clockAt(ms);
        const shown = new Intl.DateTimeFormat('en', {
          timeZone: name,
          hour: 'numeric',
          minute: 'numeric',
          hourCycle: 'h23',
        }).formatToParts(ms);
        const part = (type: string) => Number(shown.find((one) => one.type === type)?.value);
        assert.equal(minuteOfDay, part('hour') * 60 + part('minute'));
      },
    ),
    { numRuns: 2_000 },
  );
});

test('the table is named by its release and the hash of what it holds', () => {
  assert.deepEqual(zonesIdentity({ release: 'x', zones: { UTC: [0] } }), {
    release: 'x',
    hash: createHash('sha256').update('{"UTC":[0]}').digest('hex'),
  });
  assert.match(zonesIdentity(zones).hash, /^[0-9a-f]{64}$/);
});
