import assert from 'node:assert/strict';
import { existsSync, globSync } from 'node:fs';
import { test } from 'node:test';
import { headingOf } from '@trine/mapping/units/headings.ts';
import type { Reading } from '@trine/protocol';
import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { quantityFlag } from './flags.ts';
import { infer, sniffDelimiter } from './infer.ts';
import { fillSubject, type Given, nameInTemplate, patternOf } from './mapping.ts';
import { RowReader } from './readings.ts';
import { parseOptions, SourceFile } from './source.ts';

const given: Given = { timezone: 'UTC', quantities: [], skip: [] };

/** Reads a whole text the way the import does. */
function readAll(text: string, flags: Partial<Given> = {}, stem = 'data') {
  const { mapping, warnings } = infer(text, stem, { ...given, ...flags });
  const reader = new RowReader(mapping);
  const readings: (Reading & { subject: string })[] = [];
  const rows = parse(text, parseOptions(mapping.delimiter, mapping.remarks)) as string[][];
  for (const row of mapping.header ? rows.slice(1) : rows)
    reader.read(row, (subject, reading) => void readings.push({ subject, ...reading }));
  return { mapping, warnings, readings, problems: reader.problems };
}

test('a time and a value: one quantity of one subject named after the file', () => {
  const { readings } = readAll(
    'timestamp,value\n2014-07-01 00:00:00,10844\n2014-07-01 00:30:00,8127\n',
    {},
    'nyc_taxi',
  );
  assert.deepEqual(readings, [
    { subject: 'import/nyc_taxi', quantity: 'value', unit: '', timeMs: Date.UTC(2014, 6, 1), value: 10_844 },
    { subject: 'import/nyc_taxi', quantity: 'value', unit: '', timeMs: Date.UTC(2014, 6, 1, 0, 30), value: 8_127 },
  ]);
});

test('remarks above the table are left out; a heading that begins with # is one', () => {
  const remarks = '# A "household, of Berlin\n# read; by radio\n';
  for (const heading of ['time,kWh', '# time,kWh']) {
    const { readings, mapping } = readAll(`${remarks}${heading}\n2026-02-27T22:59:00Z,18226.004\n`);
    assert.equal(mapping.remarks, 2, heading);
    assert.deepEqual(
      readings.map(({ quantity, value }) => [quantity, value]),
      [['kWh', 18_226.004]],
    );
  }
  // A mapping names an import: without remarks it stays what it was.
  assert.equal('remarks' in readAll('time,kWh\n2026-02-27T22:59:00Z,1\n').mapping, false);
});

test('a first line sep= says what stands between cells; registers are quantities that stay apart', () => {
  const { mapping, readings } = readAll(
    'sep=;\r\nZeit;Register;Wert\r\n2024-01-01 00:00;+A;1,5\r\n2024-01-01 00:00;-A;0,25\r\n',
  );
  assert.deepEqual([mapping.delimiter, mapping.remarks, mapping.columns[0]], [';', 1, 'Zeit']);
  assert.deepEqual(
    readings.map(({ quantity, value }) => [quantity, value]),
    [
      ['u~-~2BA', 1.5],
      ['u~--A', 0.25],
    ],
  );
});

test('letters behind numbers are units where all numbers have one: house numbers are text', () => {
  const rows = ['12 A', '7', '14 C', '9 B', '3'].map((house, i) => `2024-01-01 00:0${i},${house},${i}.5,${i} W`);
  const { left, mapping } = infer(`time,wo,level,load\n${rows.join('\n')}\n`, 'f', given);
  assert.deepEqual(
    mapping.values.map(({ quantity, unit }) => [quantity, unit]),
    [
      ['level', ''],
      ['load', 'W'],
    ],
  );
  assert.match(left[0]?.why ?? '', /^2 numbers among 3 cells of text/);
});

test('a wide table: each column with numbers is a quantity, units from the headings', () => {
  const text = 'time;Temp (°C);Wind [km/h];note\n01.02.2024 10:00;1,5;12,0;dry\n13.02.2024 10:00;-2,25;;wet\n';
  const { readings, mapping, problems } = readAll(text, { timezone: 'Europe/Berlin' });
  assert.equal(mapping.delimiter, ';');
  assert.equal(mapping.decimal, ',');
  assert.deepEqual(
    readings.map(({ quantity, unit, value, timeMs }) => [quantity, unit, value, new Date(timeMs).toISOString()]),
    [
      ['Temp', 'Cel', 1.5, '2024-02-01T09:00:00.000Z'],
      ['Wind', 'km/h', 12, '2024-02-01T09:00:00.000Z'],
      ['Temp', 'Cel', -2.25, '2024-02-13T09:00:00.000Z'],
    ],
  );
  assert.equal(problems.get('no value')?.count, 1);
});

test('columns as subjects', () => {
  const text = 'Datetime,P 1,P2,weekday\n2016-10-04 08:00:00,0.3,0.1,1\n2016-10-04 08:30:00,0.4,NA,1\n';
  const flags = { columnsAre: 'subjects', subject: 'parking/{column}', skip: ['weekday'] } as const;
  const { readings, warnings } = readAll(text, { ...flags, quantities: quantityFlag('occupancy:/', []) });
  assert.deepEqual(
    readings.map(({ subject, quantity, unit, value }) => [subject, quantity, unit, value]),
    [
      ['parking/P~_1', 'occupancy', '/', 0.3],
      ['parking/P2', 'occupancy', '/', 0.1],
      ['parking/P~_1', 'occupancy', '/', 0.4],
    ],
  );
  assert.match(warnings.join(), /"P 1" becomes parking\/P~_1/);
});

test('a long table: subject, quantity and value in columns, found by their names', () => {
  const text = 'station,parameter,value,ts\nNord,pm10,21,1700000000\nNord,no2,8.5,1700000000\nSüd,pm10,19,1700000060\n';
  const { readings } = readAll(text, { unit: 'ug/m3', subject: 'air/{subject}' });
  assert.deepEqual(
    readings.map(({ subject, quantity, unit, value }) => [subject, quantity, unit, value]),
    [
      ['air/Nord', 'pm10', 'ug/m3', 21],
      ['air/Nord', 'no2', 'ug/m3', 8.5],
      ['air/S~C3~BCd', 'pm10', 'ug/m3', 19],
    ],
  );
});

test('date and clock in two columns are joined; a table without heading is read by position', () => {
  const two = readAll('Date;Time;CO\n10/03/2004;18.00.00;2,6\n13/03/2004;19.00.00;2\n');
  assert.deepEqual(
    two.readings.map(({ timeMs }) => new Date(timeMs).toISOString()),
    ['2004-03-10T18:00:00.000Z', '2004-03-13T19:00:00.000Z'],
  );
  const none = readAll('1700000000,5\n1700000060,6\n');
  assert.deepEqual([none.mapping.header, none.readings.length, none.readings[0]?.quantity], [false, 2, 'column2']);
});

test('bad rows and cells are counted by reason, with where they stand; the rest is read', () => {
  const good = Array.from({ length: 30 }, (_, i) => `2024-01-01 00:${String(i).padStart(2, '0')}:00,${i}`);
  const text = [
    'time,v',
    ...good,
    '2024-01-01 01:00:00,oops',
    'later,5',
    '1980-01-01,5',
    '2024-01-01 01:01:00,',
    '',
  ].join('\n');
  const { readings, problems } = readAll(text);
  assert.equal(readings.length, 30);
  assert.deepEqual(
    [...problems].map(([reason, { count, examples }]) => [reason, count, examples[0]]),
    [
      ['no number', 1, 'row 32, v: "oops"'],
      ['time not readable', 1, 'row 33: "later"'],
      ['dated before 1990', 1, 'row 34: "1980-01-01"'],
      ['no value', 1, 'row 35, v: ""'],
    ],
  );
});

test('what cannot be inferred names the flag that would help', () => {
  assert.throws(() => infer('a,b\nx,1\n', 'f', given), /--time/);
  assert.throws(() => infer('time,b\n2024-01-01,x\n', 'f', given), /--quantity/);
  assert.throws(() => infer('time,b\n2024-01-01,1\n', 'f', { ...given, time: 'when' }), /no column "when".*time, b/);
  assert.throws(() => infer('time,b\n2024-01-01,1\n', 'f', { ...given, columnsAre: 'subjects' }), /--quantity/);
  assert.throws(() => infer('time,b\n2024-01-01,1\n', 'f', { ...given, timezone: 'Mars/Base' }), /no time zone/);
  assert.throws(() => infer('', 'f', given), /empty/);
});

test('every table written is read back, whatever delimiter, heading and numbers', () => {
  const cell = fc
    .double({ noNaN: true, noDefaultInfinity: true })
    .map((value) => value + 0) // "-0" is not written.
    .filter((value) => String(value).includes('e') || Math.abs(value) <= Number.MAX_SAFE_INTEGER);
  const heading = fc
    .stringMatching(/^[a-z][a-z0-9_]{0,8}$/)
    .filter(
      (name) =>
        !/time|date|stamp|^ts$|id$|name|parameter|value|metric|na|sensor|device|station|site|node|mote|meter|location|subject|variable|quantity|measure|property|null|none|missing|nan/.test(
          name,
        ),
    )
    .filter((name) => headingOf(name).unit === undefined);
  fc.assert(
    fc.property(
      fc.constantFrom(',', ';', '\t', '|'),
      fc.uniqueArray(heading, { minLength: 1, maxLength: 5 }),
      fc.array(fc.array(cell, { minLength: 5, maxLength: 5 }), { minLength: 3, maxLength: 20 }),
      (delimiter, headings, rows) => {
        const start = Date.UTC(2020, 0, 1);
        const lines = rows.map((row, i) =>
          [new Date(start + i * 60_000).toISOString(), ...row.slice(0, headings.length).map(String)].join(delimiter),
        );
        const { readings } = readAll([['when', ...headings].join(delimiter), ...lines].join('\n'));
        const expected = rows.flatMap((row, i) =>
          headings.map((quantity, j) => [quantity, start + i * 60_000, row[j]]),
        );
        assert.deepEqual(
          readings.map(({ quantity, timeMs, value }) => [quantity, timeMs, value]),
          expected,
        );
      },
    ),
    { numRuns: 100 },
  );
});

test('headings, units, templates and flags', () => {
  assert.equal(patternOf('parking/{column}'), 'parking/*');
  assert.equal(patternOf('parking/north'), 'parking/north');
  assert.equal(fillSubject('a/{subject}', { subject: '' }), 'a/');
  assert.equal(fillSubject('{subject}', { subject: '' }), undefined);
  const named = (template: string, name: string) => nameInTemplate(template, '{subject}', name);
  assert.deepEqual(
    [named('{subject}', 'meter/1'), named('a/{subject}', 'Küche/links 2'), named('a/{subject}', ' ')],
    ['meter/1', 'K~C3~BCche/links~_2', ''],
  );
  assert.deepEqual(quantityFlag('t (C)=temp:Cel', []), [{ column: 't (C)', quantity: 'temp', unit: 'Cel' }]);
  assert.deepEqual(quantityFlag('occupancy:/', []), [{ quantity: 'occupancy', unit: '/' }]);
  assert.throws(() => quantityFlag('a=b:furlong', []), /SenML unit/);
  assert.equal(sniffDelimiter('a;b\n1,5;2,5\n1,7;2,1\n'), ';');
});

const sets = new URL('../../../shared/data/', import.meta.url).pathname;
test('real files: every NAB series and the Birmingham car parks are understood without flags for time and delimiter', {
  skip: existsSync(sets) ? false : '../shared/data is not here',
}, async () => {
  const files = globSync(`${sets}anomaly/nab/data/*/*.csv.gz`);
  assert.ok(files.length > 50);
  for (const path of files) {
    const file = new SourceFile(path);
    const { readings, problems } = readAll(await file.sample(), {}, file.stem);
    assert.ok(readings.length > 100, path);
    assert.equal(problems.size, 0, path);
  }
  const parking = new SourceFile(`${sets}parking/birmingham_train.csv.gz`);
  const flags = { columnsAre: 'subjects', subject: 'parking/{column}', skip: ['weekday', 'time'] } as const;
  const { readings } = readAll(await parking.sample(), { ...flags, quantities: quantityFlag('occupancy:/', []) });
  assert.equal(new Set(readings.map(({ subject }) => subject)).size, 29);
  assert.equal(readings.length, 1188 * 29);
});
