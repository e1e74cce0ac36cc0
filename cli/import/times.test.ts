import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { guessTimeFormat, type TimeFormat, timeReader } from './times.ts';

const pad = (value: number, digits = 2) => String(value).padStart(digits, '0');
const instants = fc.integer({ min: Date.UTC(1990, 0, 1), max: Date.UTC(2099, 0, 1) });

/** An instant as a clock in a zone shows it, by another way than the reader's. */
function shown(ms: number, zone: string): string {
  const parts = new Intl.DateTimeFormat('sv-SE', {
    timeZone: zone,
    dateStyle: 'short',
    timeStyle: 'medium',
  }).format(ms);
  return parts;
}

const writers: Record<TimeFormat, (date: Date) => string> = {
  iso: (d) => d.toISOString().replace('T', ' ').slice(0, 19),
  'day-first': (d) =>
    `${pad(d.getUTCDate())}.${pad(d.getUTCMonth() + 1)}.${d.getUTCFullYear()} ${d.toISOString().slice(11, 19)}`,
  'month-first': (d) =>
    `${d.getUTCMonth() + 1}/${d.getUTCDate()}/${d.getUTCFullYear()} ${d.getUTCHours() % 12 || 12}:${pad(d.getUTCMinutes())}:${pad(d.getUTCSeconds())} ${d.getUTCHours() < 12 ? 'AM' : 'PM'}`,
  'unix-s': (d) => String(d.getTime() / 1000),
  'unix-ms': (d) => String(d.getTime()),
};

for (const [format, write] of Object.entries(writers) as [TimeFormat, (date: Date) => string][])
  test(`${format}: every second since 1990 is read as it was written`, () => {
    const read = timeReader(format, 'UTC');
    fc.assert(
      fc.property(instants, (ms) => {
        const whole = ms - (ms % 1000);
        return read(write(new Date(whole))) === whole;
      }),
    );
  });

for (const zone of ['Europe/Berlin', 'America/Los_Angeles', 'Asia/Kolkata', 'Australia/Lord_Howe'])
  test(`${zone}: local times are read back, except the second turn of an hour shown twice`, () => {
    const read = timeReader('iso', zone);
    fc.assert(
      fc.property(instants, (ms) => {
        const whole = ms - (ms % 1000);
        const local = shown(whole, zone);
        const got = read(local);
        return got === whole || (got < whole && shown(got, zone) === local);
      }),
      { numRuns: 300 },
    );
  });

test('a clock that skips an hour or shows one twice is read the same way each time', () => {
  const read = timeReader('iso', 'Europe/Berlin');
  assert.equal(read('2024-10-27 02:30:00'), Date.UTC(2024, 9, 27, 0, 30), 'the first of two');
  assert.equal(read('2024-03-31 02:30:00'), Date.UTC(2024, 2, 31, 1, 30), 'as if it had not skipped');
  assert.equal(read('2024-03-31 03:30:00'), Date.UTC(2024, 2, 31, 1, 30));
});

test('a zone in the cell counts more than the zone given', () => {
  const read = timeReader('iso', 'Asia/Kolkata');
  for (const cell of ['2024-01-01T12:00:00Z', '2024-01-01 13:00:00+01:00', '2024-01-01T04:00:00.000-0800'])
    assert.equal(read(cell), Date.UTC(2024, 0, 1, 12), cell);
});

test('what is no time is refused, never guessed at', () => {
  const cells = ['2024-02-30', '2024-13-01', '2024-01-01 25:00', '2024-01-01 10:61', 'yesterday', '', '12', '99'];
  for (const format of Object.keys(writers) as TimeFormat[])
    for (const cell of cells) assert.ok(Number.isNaN(timeReader(format, 'UTC')(cell)), `${format}: ${cell}`);
  assert.ok(Number.isNaN(timeReader('day-first', 'UTC')('31.04.2024')));
});

test('formats are recognised, and doubt is said', () => {
  const guess = (...cells: string[]) => guessTimeFormat(cells);
  assert.deepEqual(guess('2014-07-01 00:00:00'), { format: 'iso', ambiguous: false });
  assert.deepEqual(guess('2014/7/1 0:00'), { format: 'iso', ambiguous: false });
  assert.deepEqual(guess('1404172800'), { format: 'unix-s', ambiguous: false });
  assert.deepEqual(guess('1404172800000'), { format: 'unix-ms', ambiguous: false });
  assert.deepEqual(guess('13/02/2014 10:00', '01/02/2014 10:00'), { format: 'day-first', ambiguous: false });
  assert.deepEqual(guess('02/13/2014 10:00', '01/02/2014 10:00'), { format: 'month-first', ambiguous: false });
  assert.deepEqual(guess('01/02/2014 10:00'), { format: 'day-first', ambiguous: true });
  assert.equal(guess('8.0', '8.5', '9.0'), undefined);
  assert.equal(guess('A12', 'A13'), undefined);
});
