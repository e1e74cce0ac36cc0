// What one library writes the reader reads: for every zone of the table and every format.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { zones } from '@trine/protocol/calendar/zones.ts';
import fc from 'fast-check';
import moment from 'moment-timezone';
import { offsetsNamed } from './abbreviations.ts';
import { formatNamed, inZone } from './format.ts';
import { TimeReader } from './reader.ts';
import { Zone } from './zone.ts';

/** The other library's data end in 2037. */
const instants = fc.integer({ min: Date.UTC(1990, 0, 3), max: Date.UTC(2037, 0) }).map((ms) => ms - (ms % 1000));
const names = fc.constantFrom(...Object.keys(zones.zones));

/** Our format, and the other library's letters for the same. */
const written: readonly (readonly [string, string])[] = [
  ['iso', 'YYYY-MM-DDTHH:mm:ss'],
  ['iso', 'YYYY-MM-DD HH:mm:ss.SSS'],
  ['iso', 'YYYYMMDDTHHmmss'],
  ['iso', 'YYYY-DDDD HH:mm:ss'],
  ['iso', 'GGGG-[W]WW-E[T]HH:mm:ss'],
  ['compact', 'YYYYMMDDHHmmss'],
  ['day-first', 'D.M.YYYY H:mm:ss'],
  ['day-first', 'DD-MMM-YY HH.mm.ss'],
  ['month-first', 'M/D/YYYY h:mm:ss A'],
  ['month-first', 'MMMM D, YYYY h:mm:ss a'],
  ['year-first', 'YYYY.MM.DD HH:mm:ss'],
  ['year-first', 'YY/M/D H[h]mm[m]ss'],
  ['yyyy-MM-dd HH:mm:ss', 'YYYY-MM-DD HH:mm:ss'],
  ['hh:mm:ss a EEE d MMM yy', 'hh:mm:ss A ddd D MMM YY'],
];

for (const [name, theirs] of written)
  test(`${name}, written as ${theirs}: every second of every zone reads back`, () => {
    fc.assert(
      fc.property(instants, names, (ms, zone) => {
        const there = moment.tz(ms, zone);
        // The other library counts the days that passed: where a zone left one out (Kwajalein, 1993), that is no calendar's.
        const dayOfYear = String(moment.utc(there.format('YYYY-MM-DD')).dayOfYear()).padStart(3, '0');
        const text = there.format(theirs.replace('DDDD', `[${dayOfYear}]`));
        const found = new TimeReader(inZone(formatNamed(name), zone), zones).moments(text);
        assert.ok(found.kind === 'moments', `${zone}: ${text}: ${JSON.stringify(found)}`);
        assert.ok(found.first === ms || found.second === ms, `${zone}: ${text}: ${found.first} is not ${ms}`);
      }),
      { numRuns: 1_000 },
    );
  });

test('a day of the year that follows one that a zone left out is the calendar’s', () => {
  const zone = 'Pacific/Kwajalein';
  const read = (text: string) => new TimeReader({ kind: 'iso', zone }, zones).moments(text);
  const found = read('1993-234 00:00:00');
  assert.ok(found.kind === 'moments' && found.first === Date.UTC(1993, 7, 21, 12));
  assert.equal(read('1993-233 00:00:00').kind, 'refused');
});

test('with its offset every second reads back as itself, also of the hour shown twice', () => {
  const read = new TimeReader({ kind: 'iso' }, zones);
  const pattern = new TimeReader(formatNamed('dd/MM/yyyy HH:mm:ss XXX'), zones);
  fc.assert(
    fc.property(instants, names, (ms, zone) => {
      const there = moment.tz(ms, zone);
      for (const text of [there.format(), there.format('YYYYMMDD[T]HHmmssZZ')])
        assert.deepEqual(read.read(text), { kind: 'time', ms, how: { zone: 'written' } }, `${zone}: ${text}`);
      assert.deepEqual(pattern.read(there.format('DD/MM/YYYY HH:mm:ss Z')), {
        kind: 'time',
        ms,
        how: { zone: 'written' },
      });
    }),
  );
});

test('counts and days of worksheets read back', () => {
  const fine = fc.integer({ min: Date.UTC(1990, 0, 3), max: Date.UTC(2049, 0) });
  fc.assert(
    fc.property(fine, fc.nat(999_999), (ms, below) => {
      const cells: Readonly<Record<string, unknown>> = {
        'unix-s': ms / 1000,
        'unix-ms': String(ms),
        'unix-us': BigInt(ms) * 1000n + BigInt(below % 500),
        'unix-ns': `${ms}${String(below % 500_000).padStart(6, '0')}`,
      };
      for (const [name, cell] of Object.entries(cells)) {
        const found = new TimeReader(formatNamed(name), zones).read(cell);
        assert.deepEqual(found, { kind: 'time', ms, how: { zone: 'none' } }, `${name}: ${cell}`);
      }
      const day = new TimeReader({ kind: 'excel', epoch: 1900, zone: 'UTC' }, zones).read(
        (ms / 86_400_000 + 25_569).toFixed(10),
      );
      assert.ok(day.kind === 'time' && Math.abs(day.ms - ms) <= 1, JSON.stringify(day));
    }),
  );
});

test('a zone shows each moment as its clock does, once, twice or never', () => {
  fc.assert(
    fc.property(fc.integer({ min: Date.UTC(1990, 0, 3), max: Date.UTC(2037, 0) }), names, (localMs, name) => {
      const zone = Zone.of(name, zones);
      const found = zone.momentsOf(localMs);
      // Every quarter of an hour that could show it.
      const expected: number[] = [];
      for (let minutes = -15 * 60; minutes <= 15 * 60; minutes++) {
        const ms = localMs - minutes * 60_000;
        if (zone.offsetMsAt(ms) === minutes * 60_000) expected.push(ms);
      }
      assert.deepEqual(
        found,
        expected.sort((a, b) => a - b),
      );
      assert.deepEqual(zone.momentsOf(localMs), found, 'asked again');
    }),
  );
});

test('letters for a zone mean what the time zone database means by them since 2000', () => {
  const file = new URL('../../../node_modules/moment-timezone/data/packed/latest.json', import.meta.url);
  const { zones: packed } = JSON.parse(readFileSync(file, 'utf8')) as { zones: string[] };
  let checked = 0;
  for (const [name = ''] of packed.map((line) => line.split('|'))) {
    for (let month = 0; month < 12 * 26; month++) {
      const there = moment.tz(Date.UTC(2000, month, 15), name);
      const letters = there.zoneAbbr();
      if (!/^[A-Z]{3,}$/i.test(letters)) continue;
      checked++;
      const known = offsetsNamed(letters);
      assert.ok(known.includes(there.utcOffset()), `${letters} in ${name}: ${there.utcOffset()}, not ${known}`);
    }
  }
  assert.ok(checked > 10_000);
});
