// Whatever table, the time that is found is the right one, or it is asked for: never a wrong one without a word.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { zones } from '@trine/protocol/calendar/zones.ts';
import fc from 'fast-check';
import moment from 'moment-timezone';
import { timeCandidates } from './candidates.ts';
import { RowTimes } from './row-times.ts';

const nowMs = Date.UTC(2026, 10, 27);

/** Ways to write a time, in one cell or in two. */
const forms: readonly ((ms: number) => string[])[] = [
  ...[
    ...['YYYY-MM-DD HH:mm', 'YYYY-MM-DDTHH:mm:ss[Z]', 'YYYY/M/D H:mm', 'YYYY.MM.DD HH:mm:ss', 'DD.MM.YYYY HH:mm'],
    ...['DD/MM/YYYY HH:mm', 'MM/DD/YYYY HH:mm', 'M/D/YY h:mm A', 'DD-MM-YY HH:mm', 'DD-MMM-YYYY HH:mm'],
    ...['YYYYMMDDHHmm', 'YYYYMMDDHHmmss', 'X', 'x', 'HH:mm DD.MM.YYYY'],
    ...['YYYY-MM-DD|HH:mm', 'DD.MM.YYYY|HH:mm', 'DD/MM/YYYY|HH.mm', 'MM/DD/YYYY|h:mm A', 'YYYYMMDD|HH:mm'],
  ].map((form) => (ms: number) => moment.utc(ms).format(form).split('|')),
  (ms) => [`${ms}000000`],
  (ms) => [(ms / 86_400_000 + 25_569).toFixed(6)],
];

/** Columns that are none, by the number of the row. */
const others: readonly ((i: number, seed: number) => string)[] = [
  () => '1200012345678',
  (i, seed) => String(1_650_000_000 + seed * 1000 + i * i * 17),
  (i) => String(i + 1),
  (i, seed) => String(((i * 7_919 + seed) % 4_000) / 100),
  (i) => ['Mon', 'Tue', 'Wed'][i % 3] as string,
  () => '2023-05-17',
  (i, seed) => (41_000 + seed + i * 0.37).toFixed(2),
  (i, seed) => String((i * 31 + seed) % 24),
  (i, seed) => `${10 + ((i * 13 + seed) % 14)}.${10 + ((i * 29 + seed) % 50)}`,
];

test('property: of every table the right time is found, or it is asked for', () => {
  let found = 0;
  let asked = 0;
  fc.assert(
    fc.property(
      fc.constantFrom(...forms),
      fc.integer({ min: Date.UTC(1995, 0), max: Date.UTC(2026, 5) }),
      fc.constantFrom(5, 15, 60),
      fc.integer({ min: 3, max: 150 }),
      fc.uniqueArray(fc.constantFrom(...others), { minLength: 1, maxLength: 4 }),
      fc.nat(999),
      fc.boolean(),
      fc.boolean(),
      (form, from, minutes, count, decoys, seed, isFirst, isBackwards) => {
        const step = minutes * 60_000;
        const all = Array.from({ length: count }, (_, i) => Math.floor(from / step) * step + i * step);
        const times = isBackwards ? all.toReversed() : all;
        const rows = times.map((ms, i) => {
          const cells = decoys.map((decoy) => decoy(i, seed));
          return isFirst ? [...form(ms), ...cells] : [...cells, ...form(ms)];
        });
        const names = (rows[0] ?? []).map((_, i) => `column ${i}`);
        const { best, question } = timeCandidates(names, rows, { zone: 'UTC', zones, nowMs });
        // Rows at one moment without a thing to tell them apart are a question, too: that of whoever knows the things.
        if (best === undefined || question !== undefined || best.alike > 0.1 * best.rows) {
          asked++;
          return;
        }
        const reader = new RowTimes(best.source, zones);
        const got = rows.map((row) => reader.read(row)).map((read) => (read.kind === 'time' ? read.ms : read.why));
        assert.deepEqual(got, times, `${rows[0]?.join(' | ')}: ${JSON.stringify(best.source)}`);
        found++;
      },
    ),
    { numRuns: 1_000 },
  );
  assert.ok(found > 4 * asked, `${found} found, ${asked} asked for`);
});
