// Where tables begin, in files as loggers and portals write them (reduced; each kind is named).
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type CutRow, tableBeginning, unitAbove, zoneAbove } from './beginning.ts';

/** Rows of a text, cut at each sign; blank lines are no rows. */
function cut(lines: readonly string[], sign = ','): CutRow[] {
  return lines.flatMap((line, i) =>
    line === '' ? [] : [{ cells: line.split(sign), firstLine: i + 1, lastLine: i + 1 }],
  );
}

const times = ['2024-02-01 00:00', '2024-02-01 00:15', '2024-02-01 00:30', '2024-02-01 00:45'];
const rows = (...values: readonly string[]) => times.map((time) => [time, ...values].join(','));

test('one row of headings, or none', () => {
  for (const [heading, expected] of [
    [['time,level'], [0, 1, ['time', 'level']]],
    [[], [0, 0, ['column1', 'column2']]],
    [['Date,00:00'], [0, 1, ['Date', '00:00']]],
  ] as const) {
    const { linesAbove, headingRows, headings } = tableBeginning(cut([...heading, ...rows('1.5')]));
    assert.deepEqual([linesAbove, headingRows, headings], expected);
  }
});

test('TOA5: names, units, processing; the line about the logger is above, also where it is as wide', () => {
  for (const about of ['TOA5,weir,CR1000X,1,2,3,4,T', 'TOA5,weir,CR1000X']) {
    const table = tableBeginning(cut([about, 'TIMESTAMP,RECORD,Stage', 'TS,RN,m', ',,Smp', ...rows('7', '1.2')]));
    assert.deepEqual([table.linesAbove, table.headingRows], [1, 3]);
    assert.deepEqual(table.headings, ['TIMESTAMP', 'RECORD', 'Stage (m)']);
  }
});

test('what was made of one quantity in two ways is told apart by how', () => {
  const table = tableBeginning(cut(['TIMESTAMP,Air,Air', 'TS,Deg C,Deg C', ',Avg,Max', ...rows('4', '5')]));
  assert.deepEqual(table.headings, ['TIMESTAMP', 'Air Avg (Deg C)', 'Air Max (Deg C)']);
});

test('inverters: a version line, blank lines, six rows of which two tell the columns apart', () => {
  const lines = [
    ...['sep=;', 'Version CSV1|Tool SBFspot|Delimiter semicolon', '', '', ';SN: 1;SN: 1;SN: 2;SN: 2', ';SB;SB;SB;SB'],
    ...[';1;1;2;2', ';Total yield;Power;Total yield;Power', ';Counter;Analog;Counter;Analog'],
    'dd/MM/yyyy HH:mm:ss;kWh;kW;kWh;kW',
    ...['00', '05', '10', '15', '20', '25'].map((minute) => `01/06/2024 00:${minute}:00;1,5;2,5;3,5;4,5`),
  ];
  const { linesAbove, headingRows, headings } = tableBeginning(cut(lines, ';').slice(1));
  assert.deepEqual([linesAbove, headingRows], [2, 6]);
  assert.deepEqual(headings.slice(0, 3), ['dd/MM/yyyy HH:mm:ss', 'SN: 1 Total yield (kWh)', 'SN: 1 Power (kW)']);
});

test('groups over their columns', () => {
  const table = tableBeginning(cut([',Room 1,,Room 2,', 'Time,Temp,Hum,Temp,Hum', ...rows('1', '2', '3', '4')]));
  assert.deepEqual(table.headings, ['Time', 'Room 1 Temp', 'Room 1 Hum', 'Room 2 Temp', 'Room 2 Hum']);
});

test('names and values above a table, narrower, wider or just as wide as it', () => {
  const pairs = ['Name,Jane Doe', 'Latitude,50.1', 'Meter,7'];
  for (const [above, table, headings] of [
    [pairs, ['time,level', ...rows('1.5')], ['time', 'level']],
    [pairs, ['time,level,flow', ...rows('1.5', '2')], ['time', 'level', 'flow']],
    [
      ['PRM;Type;Unite'.replaceAll(';', ','), '7,Courbe,W'],
      ['Horodate,Valeur', ...rows('400')],
      ['Horodate', 'Valeur'],
    ],
    [pairs, ['time,level', ...[0, 1, 2, 3].map((i) => `${1_717_200_000 + 3_600 * i},1.${i}`)], ['time', 'level']],
  ] as const) {
    const found = tableBeginning(cut([...above, ...table]));
    assert.deepEqual([found.headings, found.headingRows, found.linesAbove], [headings, 1, above.length]);
  }
});

test('a unit above the table: beside its word, under it, or in one cell', () => {
  for (const lines of [
    ['Meter,7', 'UOM,kWh'],
    ['PRM,Unite', '7,kWh'],
    ['A report', 'Einheit: kWh'],
  ])
    assert.equal(unitAbove(cut(lines)), 'kWh', lines.join());
  assert.equal(unitAbove(cut(['Name,Unit 7'])), undefined);
});

test('a zone above the table, and widths under the names (RDB)', () => {
  assert.equal(zoneAbove(cut(['latitude,timezone', '52.5,Europe/Berlin'])), 'Europe/Berlin');
  assert.equal(zoneAbove(cut(['Time zone:,CET'])), 'CET');
  assert.equal(zoneAbove(cut(['Zone,3'])), undefined);
  const { headings, headingRows } = tableBeginning(
    cut(['datetime,tz_cd,69928_00060', '20d,6s,14n', ...rows('EDT', '4')]),
  );
  assert.deepEqual([headings, headingRows], [['datetime', 'tz_cd', '69928_00060'], 2]);
});

test('what is said counts: rows of headings, and lines above', () => {
  const lines = cut(['a,b', 'c,d', ...rows('1')]);
  assert.deepEqual(tableBeginning(lines).headings, ['c', 'd']);
  assert.equal(tableBeginning(lines, 2).headingRows, 2);
  assert.deepEqual(
    [tableBeginning(lines, 0).headings, tableBeginning(lines, 0).linesAbove],
    [['column1', 'column2'], 2],
  );
  const below = lines.slice(2);
  assert.deepEqual([tableBeginning(below, undefined, 2).headingRows, tableBeginning(below, 1, 2).headingRows], [0, 1]);
});

test('a later column that holds something has a place among the headings', () => {
  assert.deepEqual(tableBeginning(cut(['time,level', ...rows('1', '2')])).headings, ['time', 'level', '']);
});
