// Times as people's files have them, from the text to the readings.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { formatNamed } from '@trine/mapping/times/format.ts';
import { parse } from 'csv-parse/sync';
import { infer, inferFile } from './infer.ts';
import type { Given } from './mapping.ts';
import { RowReader } from './readings.ts';
import { parseOptions, SourceFile } from './source.ts';

const given: Given = { timezone: 'UTC', quantities: [], skip: [] };
const nowMs = Date.UTC(2026, 10, 27);
const pad = (value: number) => String(value).padStart(2, '0');

function readAll(lines: readonly string[], flags: Partial<Given> = {}) {
  const text = lines.join('\n');
  const { mapping, questions, notes, warnings, left } = infer(text, 'data', { ...given, ...flags }, nowMs);
  const reader = new RowReader(mapping);
  const times: string[] = [];
  const values: (readonly [string, string, unknown])[] = [];
  const rows = parse(text, parseOptions(mapping.delimiter, mapping.remarks)) as string[][];
  for (const row of mapping.header ? rows.slice(1) : rows)
    reader.read(row, (subject, { timeMs, quantity, value }) => {
      times.push(new Date(timeMs).toISOString().slice(0, 16));
      values.push([subject, quantity, value]);
    });
  return {
    mapping,
    questions,
    notes,
    warnings,
    left,
    times,
    values,
    problems: reader.problems,
    hour: reader.repeatedHour,
  };
}

const hours = (count: number) => Array.from({ length: count }, (_, i) => i);
const berlin = { timezone: 'Europe/Berlin' } as const;

test('the autumn hour: both turns of it are dated, nothing is said twice, and how many is said', () => {
  const clocks = ['01:00', '01:30', '02:00', '02:30', '02:00', '02:30', '03:00', '03:30'];
  const read = readAll(['Zeit;kWh', ...clocks.map((clock, i) => `27.10.2024 ${clock};0,${i}`)], berlin);
  assert.deepEqual(
    read.times.map((time) => time.slice(11)),
    ['23:00', '23:30', '00:00', '00:30', '01:00', '01:30', '02:00', '02:30'],
  );
  assert.deepEqual([read.hour, read.questions, read.warnings], [{ byOrder: 4, assumed: 0 }, [], []]);
  // Two meters, one below the other and one beside the other.
  const rows = (meter: string) => clocks.map((clock, i) => `${meter};27.10.2024 ${clock};0,${i}`);
  const below = readAll(['meter id;Zeit;kWh', ...rows('A'), ...rows('B')], berlin);
  assert.deepEqual(below.times, [...read.times, ...read.times]);
  const beside = rows('A').flatMap((row, i) => [row, rows('B')[i] as string]);
  assert.deepEqual(
    readAll(['meter id;Zeit;kWh', ...beside], berlin).times,
    read.times.flatMap((time) => [time, time]),
  );
  const later = readAll(['Zeit;kWh', '27.10.2024 02:30;1', '27.10.2024 03:30;2'], { ...berlin, repeated: 'later' });
  assert.equal(later.times[0], '2024-10-27T01:30');
});

test('an hour that comes twice where no zone was said is asked for', () => {
  const rows = [
    'time,kWh',
    ...[0, 1, 2, 2, 3, 4, 5, 6, 7, 8, 9, 10].map((hour, i) => `2024-10-27 ${pad(hour)}:00,${i}`),
  ];
  assert.match(readAll(rows).questions.join(), /such as 2024-10-27T02:00:00, .*--timezone UTC/);
  assert.deepEqual(readAll(rows, { hasTimezone: true }).questions, []);
  assert.deepEqual(readAll(rows, { ...berlin, hasTimezone: true }).warnings, []);
  const monday = rows.map((row) => row.replace('27', '28'));
  assert.deepEqual([readAll(monday).questions, readAll(monday).warnings.length], [[], 1]);
});

test('the hour that is left out in spring is counted, not moved', () => {
  const rows = ['01:00', '01:30', '02:00', '02:30', '03:00', ...hours(20).map((i) => `${pad(i + 4)}:00`)];
  const read = readAll(['Zeit;kWh', ...rows.map((clock) => `31.03.2024 ${clock};0,5`)], berlin);
  assert.deepEqual(
    [...read.problems].map(([reason, { count, examples }]) => [reason, count, examples[0]]),
    [['time that clocks left out in spring', 2, 'row 4: "31.03.2024 02:00"']],
  );
});

test('digits alone, days of worksheets, year first with points, zones by name, nanoseconds', () => {
  const expected = hours(30).map((i) => new Date(Date.UTC(2024, 5, 1, i)).toISOString().slice(0, 16));
  const day = (i: number, sign: string) => `2024${sign}06${sign}${pad(1 + Math.floor(i / 24))}`;
  for (const [name, cell] of [
    ['compact', (i: number) => `${day(i, '')}${pad(i % 24)}`],
    ['excel', (i: number) => (45_444 + i / 24).toFixed(6)],
    ['year-first', (i: number) => `${day(i, '.')} ${pad(i % 24)}:00`],
    ['iso', (i: number) => `${day(i, '-')} ${pad(i % 24)}:00 UTC`],
    ['unix-ns', (i: number) => `${Date.UTC(2024, 5, 1, i)}000000`],
  ] as const) {
    const read = readAll(['when,level', ...hours(30).map((i) => `${cell(i)},${i}.5`)]);
    assert.deepEqual([read.times, read.questions, read.values.length], [expected, [], 30], name);
    assert.equal(read.mapping.time.columns.length, 1);
  }
});

test('a table with a day in each row: each part of the day is a time, for each thing', () => {
  const clocks = hours(48).map((i) => `${pad(i >> 1)}:${i % 2 ? '30' : '00'}`);
  const days = ['01/06/2024', '13/06/2024', '14/06/2024'];
  const row = (first: string) => `${first},${hours(48).map((i) => i / 100)}`;
  const read = readAll([`Date,${clocks}`, ...days.map(row)]);
  assert.equal(read.times.length, 144);
  assert.deepEqual(
    [read.times[0], read.times[47], read.times[48]],
    ['2024-06-01T00:00', '2024-06-01T23:30', '2024-06-13T00:00'],
  );
  assert.deepEqual(read.values[1], ['import/data', 'value', 0.01]);
  assert.deepEqual([read.questions, read.warnings], [[], []]);
  const numbered = readAll(
    [`MPAN,Date,${hours(48).map((i) => i + 1)}`, ...days.map((day) => row(`1200012345678,${day}`))],
    {
      quantities: [{ quantity: 'energy', unit: 'kWh' }],
    },
  );
  assert.deepEqual(numbered.times, read.times);
  assert.deepEqual(numbered.values[47], ['import/data/1200012345678', 'energy', 0.47]);
});

test('a day in each row: numbers, units, registers and words for no value are read as in every other table', () => {
  const clocks = hours(24).map((i) => `${pad(i)}:00`);
  const days = ['13.06.2024', '14.06.2024', '15.06.2024'];
  // One part is written so that it could be thousands; the others say that it is not.
  const cell = (i: number) => (i === 5 ? '1,234' : i === 7 ? '--' : `0,${pad(i + 1)}`);
  const row = (day: string, register: string) => `${day};${register};${hours(24).map(cell).join(';')};11,25`;
  const lines = [
    `Datum;Register;${clocks.join(';')};Summe`,
    ...days.flatMap((day) => [row(day, '+A'), row(day, '-A')]),
  ];
  const read = readAll(lines, { unit: 'Wh' });
  assert.deepEqual(read.values.slice(4, 7), [
    ['import/data', 'u~-~2BA', 0.05],
    ['import/data', 'u~-~2BA', 1.234],
    ['import/data', 'u~-~2BA', 0.07],
  ]);
  assert.deepEqual([read.values.length, new Set(read.values.map(([, quantity]) => quantity)).size], [6 * 23, 2]);
  assert.equal(read.problems.get('no value')?.count, 6);
  // What is none of the parts is left out with a word, as numbers are lost.
  assert.deepEqual(
    read.left.map(({ heading, why, numbers, isLoss }) => [heading, why, numbers, isLoss]),
    [['Summe', 'it is no part of the day', 6, true]],
  );
  const skipped = readAll(lines, { skip: ['Summe', 'Register'], quantities: [{ quantity: 'energy', unit: 'MWh' }] });
  assert.deepEqual([skipped.left, skipped.mapping.values[0]?.unit], [[], 'kWh']);
  assert.deepEqual(skipped.values[5], ['import/data', 'energy', 1234]);
});

test('a large table with a day in each row: how its numbers are written is known from the whole file', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'trine-wide-'));
  try {
    const path = join(folder, 'large.csv');
    const days = 5_400;
    const late = 5_390;
    const rows = Array.from({ length: days }, (_, i) => {
      const day = new Date(Date.UTC(2005, 0, 1 + i)).toISOString().slice(0, 10);
      return `${day};${hours(48)
        .map((part) => (i < late ? `10${pad(part)}` : `1,2${pad(part)}`))
        .join(';')}`;
    });
    writeFileSync(
      path,
      [
        `Datum;${hours(48)
          .map((i) => i + 1)
          .join(';')}`,
        ...rows,
      ].join('\n'),
    );
    const file = new SourceFile(path);
    const { mapping, questions, left } = await inferFile(file, { ...given, decimal: ',' }, nowMs);
    assert.deepEqual([file.isWhole, questions, left, mapping.values.length], [false, [], [], 48]);
    const reader = new RowReader(mapping);
    const values: [number, unknown][] = [];
    for await (const row of file.rows(mapping))
      reader.read(row, (_, { timeMs, value }) => values.push([timeMs, value]));
    assert.deepEqual([values.length, reader.problems.size, reader.lost], [days * 48, 0, 0]);
    assert.deepEqual(values[late * 48 + 3], [Date.UTC(2005, 0, 1 + late, 1, 30), 1.203]);
    // Thousands or not: what only the end of the file shows is asked for.
    await assert.rejects(inferFile(new SourceFile(path), given, nowMs), /"1".*two ways.*--decimal/);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('a heading that names the zone of its times is believed, unless a flag says another', () => {
  const rows = (heading: string) => [`${heading};Temp`, '13.06.2024 00:00;1,5', '13.06.2024 01:00;1,25'];
  assert.equal(readAll(rows('Date Time (GMT-05:00)')).times[0], '2024-06-13T05:00');
  assert.equal(readAll(rows('Zeit (MEZ/MESZ)')).times[0], '2024-06-12T22:00');
  assert.equal(readAll(rows('Zeit (MEZ/MESZ)'), { hasTimezone: true }).times[0], '2024-06-13T00:00');
  assert.equal(readAll(rows('Zeit')).times[0], '2024-06-13T00:00');
});

test('a line that tells the delimiter is none of the table', () => {
  const read = readAll(['sep=;', 'Datum;kWh', '13.06.2024 00:00;1,5', '13.06.2024 01:00;1,25']);
  assert.deepEqual(read.times, ['2024-06-13T00:00', '2024-06-13T01:00']);
  assert.deepEqual([read.mapping.delimiter, read.mapping.remarks, read.questions], [';', 1, []]);
});

test('what reads both ways is asked for with the flag that answers; with it nothing is', () => {
  const rows = ['Time,W', ...hours(20).map((i) => `03/04/2024 ${pad(i)}:00,${i}`)];
  const asked = readAll(rows).questions;
  assert.match(asked.join(), /03\/04\/2024 00:00.*2024-03-04.*--time-format day-first or --time-format month-first/);
  for (const [name, day] of [
    ['month-first', '2024-03-04'],
    ['day-first', '2024-04-03'],
    ['MM/dd/yyyy HH:mm', '2024-03-04'],
  ] as const) {
    const read = readAll(rows, { timeFormat: formatNamed(name) });
    assert.deepEqual([read.questions, read.times[0]?.slice(0, 10)], [[], day]);
  }
  const two = [
    'seen time,sent time,x',
    ...hours(9).map((i) => `2024-06-01T0${i}:00Z,2024-06-01T0${i}:${pad((i * 7) % 60)}Z,1`),
  ];
  assert.match(
    readAll(two).questions.join(),
    /seen time.*sent time.*--time COLUMN|sent time.*seen time.*--time COLUMN/,
  );
  assert.deepEqual(readAll(two, { time: 'sent time' }).questions, []);
});

test('many readings of one thing at one time are a stop, unless the flags say whom they are about', () => {
  const rows = ['Date,kWh', ...hours(48).map((i) => `2024-06-0${1 + Math.floor(i / 24)},${i / 7}`)];
  assert.match(readAll(rows).questions.join(), /^46 of 48 rows looked at have the time of a row before.*--time/);
  assert.deepEqual(readAll(rows, { subject: 'meters/1' }).questions, []);
  assert.match(readAll(rows, { subject: 'meters/1' }).warnings.join(), /46 of 48/);
});

test('where nobody can be asked a question is a refusal, status 2, before any node is looked for', () => {
  const folder = mkdtempSync(join(tmpdir(), 'trine-times-'));
  try {
    const file = join(folder, 'both.csv');
    writeFileSync(file, ['Time,W', ...hours(20).map((i) => `03/04/2024 ${pad(i)}:00,${i}`), ''].join('\n'));
    const main = fileURLToPath(new URL('../main.ts', import.meta.url));
    const run = (...args: string[]) =>
      spawnSync(process.execPath, [main, 'import', file, '--home', folder, ...args], { encoding: 'utf8', input: '' });
    for (const args of [[], ['--yes'], ['--dry-run']]) {
      const { status, stderr } = run(...args);
      assert.equal(status, 2, stderr);
      assert.match(stderr, /could be 2024-0/);
    }
    const clear = run('--dry-run', '--time-format', 'dd/MM/yyyy HH:mm');
    assert.equal(clear.status, 0, clear.stderr);
    assert.match(clear.stdout, /^2024-04-03T00:00/);
    const wrong = run('--dry-run', '--time-format', 'DD/MM/YYYY');
    assert.equal(wrong.status, 2);
    assert.match(wrong.stderr, /letters DD stand for nothing known/);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('a column that names the zone of each row counts, in letters, by name and as an offset', () => {
  const cells = ['CEST', 'Europe/Berlin', '+02:00', 'UTC+2', 'GMT+2', '+0200', '2'];
  const rows = (heading: string, time: (i: number) => string) => [
    `${heading},kWh`,
    ...cells.map((zone, i) => `${time(i)},${zone},${i}`),
  ];
  const expected = cells.map((_, i) => `2024-06-01T0${i}:00`);
  const one = readAll(rows('time,tz', (i) => `2024-06-01 0${i + 2}:00`));
  assert.deepEqual([one.times, one.values.length], [expected, 7]);
  const two = readAll(rows('date,clock,site_tz_cd', (i) => `01.06.2024,0${i + 2}:00`));
  assert.deepEqual([two.times, two.values.length], [expected, 7]);
  // What is no zone is something else: it may be whom a row is about.
  const other = readAll(['time,zone,kWh', ...cells.map((_, i) => `2024-06-01 0${i}:00,North,${i}`)]);
  assert.deepEqual(other.times, expected);
  const numbered = ['time,zone,kWh', ...cells.map((_, i) => `2024-06-01 0${i}:00,${i % 3},${i}`)];
  assert.deepEqual(readAll(numbered, { skip: ['zone'] }).times, readAll(numbered, { subjectColumn: 'zone' }).times);
  assert.deepEqual(readAll(numbered, { subjectColumn: 'zone' }).times, expected);
  const unknown = readAll(rows('time,tz', (i) => `2024-06-01 0${i + 2}:00`).concat('2024-06-01 09:00,IST,7'));
  assert.equal(unknown.problems.get('time of no known zone')?.count, 1);
});

test('a zone above the table is that of its times, unless a heading or a flag says another', () => {
  const text = (heading: string) =>
    ['latitude,timezone', '52.5,Europe/Berlin', '', `${heading},temp`].concat(
      hours(5).map((hour) => `2024-06-01T${pad(hour)}:00,${hour}`),
    );
  assert.equal(readAll(text('time')).times[0], '2024-05-31T22:00');
  assert.equal(readAll(text('time (UTC)')).times[0], '2024-06-01T00:00');
  assert.equal(readAll(text('time'), { hasTimezone: true }).times[0], '2024-06-01T00:00');
});

test('nobody who writes the month first writes decimal commas; of two digits each, it is asked', () => {
  const rows = (year: string, comma: string) => [
    'Début;Valeur',
    ...hours(20).map((hour) => `02/03/${year} ${pad(hour)}:00;${hour}${comma}5`),
  ];
  const read = readAll(rows('2023', ','));
  assert.deepEqual([read.questions, read.times[1]], [[], '2023-03-02T01:00']);
  assert.match(readAll(rows('2023', '.')).questions.join(), /could be 2023-0/);
  assert.match(readAll(rows('04', ',')).questions.join(), /could be 20/);
});
