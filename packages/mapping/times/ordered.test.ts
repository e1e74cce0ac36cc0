import assert from 'node:assert/strict';
import { test } from 'node:test';
import { zones } from '@trine/protocol/calendar/zones.ts';
import fc from 'fast-check';
import moment from 'moment-timezone';
import { formatNamed, inZone } from './format.ts';
import { OrderedTimes } from './ordered.ts';

const berlin = inZone(formatNamed('day-first'), 'Europe/Berlin');
const read = (times: OrderedTimes, cells: readonly string[], thing?: string) =>
  cells.map((cell) => {
    const found = times.read(cell, thing);
    return found.kind === 'time' ? new Date(found.ms).toISOString().slice(11, 16) : found.kind;
  });
const autumn = (...clocks: string[]) => clocks.map((clock) => `27.10.2024 ${clock}`);

test('the hour shown twice: the order of rows dates it, forwards and backwards', () => {
  const clocks = autumn('01:30', '02:00', '02:30', '02:00', '02:30', '03:00');
  const utc = ['23:30', '00:00', '00:30', '01:00', '01:30', '02:00'];
  const forwards = new OrderedTimes(berlin, zones);
  assert.deepEqual(read(forwards, clocks), utc);
  assert.deepEqual([forwards.byOrder, forwards.assumed], [4, 0]);
  const backwards = new OrderedTimes(berlin, zones);
  assert.deepEqual(read(backwards, ['27.10.2024 03:30', ...clocks.toReversed()]), ['02:30', ...utc.toReversed()]);
  const hourly = new OrderedTimes(berlin, zones);
  assert.deepEqual(read(hourly, autumn('01:00', '02:00', '02:00', '03:00')), ['23:00', '00:00', '01:00', '02:00']);
  assert.deepEqual(hourly.read('27.10.2024 04:00'), {
    kind: 'time',
    ms: Date.UTC(2024, 9, 27, 3),
    how: { zone: 'given' },
  });
});

test('each thing has an order of its own', () => {
  const times = new OrderedTimes(berlin, zones);
  for (const [clock, utc] of [
    ['01:00', '23:00'],
    ['02:00', '00:00'],
    ['02:00', '01:00'],
    ['03:00', '02:00'],
  ] as const)
    for (const thing of ['a', 'b']) assert.deepEqual(read(times, autumn(clock), thing), [utc], `${thing} ${clock}`);
});

test('rows that come double anyway say the same twice', () => {
  const times = new OrderedTimes(berlin, zones);
  const clocks = autumn('01:00', '01:00', '02:00', '02:00', '03:00', '03:00');
  assert.deepEqual(read(times, clocks), ['23:00', '23:00', '00:00', '00:00', '02:00', '02:00']);
});

test('where nothing says it the first is taken, and counted; what the format says counts more than the order', () => {
  const times = new OrderedTimes(berlin, zones);
  assert.deepEqual(read(times, autumn('02:30')), ['00:30']);
  assert.deepEqual([times.byOrder, times.assumed], [0, 1]);
  const later = new OrderedTimes({ kind: 'day-first', zone: 'Europe/Berlin', repeated: 'later' }, zones);
  assert.deepEqual(read(later, autumn('01:30', '02:30', '02:30')), ['23:30', '01:30', '01:30']);
});

test('an hour that was left out in spring stays left out', () => {
  const times = new OrderedTimes(berlin, zones);
  assert.deepEqual(read(times, ['31.03.2024 01:30', '31.03.2024 02:30', '31.03.2024 03:00']), [
    '00:30',
    'refused',
    '01:00',
  ]);
});

test('property: rows of any step, in any zone, over any change of clocks, read back as they were', () => {
  const names = fc.constantFrom('Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe', 'America/Sao_Paulo');
  fc.assert(
    fc.property(
      names,
      fc.integer({ min: Date.UTC(1995, 0), max: Date.UTC(2036, 0) }),
      fc.constantFrom(5, 15, 30),
      fc.boolean(),
      (zone, near, minutes, isBackwards) => {
        const step = minutes * 60_000;
        // Begins well before a change, so that the first row is plain.
        const from = Math.floor(near / step) * step;
        const all = Array.from({ length: 200 }, (_, i) => from + i * step);
        const plain = all.findIndex((ms) => moment.tz(ms, zone).hour() === 12);
        const rows = isBackwards ? all.slice(plain < 0 ? 0 : plain).reverse() : all.slice(plain < 0 ? 0 : plain);
        const last = moment.tz(rows[0], zone).hour();
        fc.pre(plain >= 0 && last > 3 && last < 23);
        const times = new OrderedTimes(inZone(formatNamed('iso'), zone), zones);
        const got = rows.map((ms) => {
          const found = times.read(moment.tz(ms, zone).format('YYYY-MM-DD HH:mm'));
          return found.kind === 'time' ? found.ms : found.why;
        });
        assert.deepEqual(got, rows);
        assert.equal(times.assumed, 0);
      },
    ),
    { numRuns: 300 },
  );
});
