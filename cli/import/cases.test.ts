// Files as people of this trade have them, small: what `trine import` makes of each, and with which exit status. All
// are imported by one node, and read back from its log's tables.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Command } from 'commander';
import { Bench } from '../testing.ts';
import { givenOf, importOptions } from './flags.ts';
import { inferFile } from './infer.ts';
import type { Given } from './mapping.ts';
import { RowReader } from './readings.ts';
import type { FileSummary, ImportSummary } from './run.ts';
import { SourceFile } from './source.ts';

const bench = new Bench();
/** Files that need no flags, by name: imported by one command, as a program takes long to start. */
const good = new Map<string, string>();
let together: Imported;
before(async () => {
  await bench.up();
  together = await run([...good].map(([name, content]) => bench.file(name, content)));
});
after(() => bench.close());

const minutes = (count: number, row: (i: number, time: string) => string): string[] =>
  Array.from({ length: count }, (_, i) =>
    row(i, `2024-06-01 ${String(Math.floor(i / 60)).padStart(2, '0')}:${String(i % 60).padStart(2, '0')}`),
  );
const csv = (heading: string, count: number, row: (i: number, time: string) => string) =>
  [heading, ...minutes(count, row)].join('\n');

interface Reading {
  readonly subject: string;
  readonly quantity: string;
  readonly unit: string;
  readonly value: number | boolean | string;
}

/** What the flags say. */
function givenBy(flags: readonly string[]): Given {
  const command = importOptions(new Command('import')).action(() => undefined);
  command.parse(['FILE', ...flags], { from: 'user' });
  return givenOf(command.opts());
}

/** What is found out about a file. */
const inferred = (name: string, content: string | Uint8Array, ...flags: string[]) =>
  inferFile(new SourceFile(bench.file(name, content)), givenBy(flags));

/** What would be signed. */
async function preview(name: string, content: string | Uint8Array, ...flags: string[]): Promise<Reading[]> {
  const file = new SourceFile(bench.file(name, content));
  const { mapping } = await inferFile(file, givenBy(flags));
  const reader = new RowReader(mapping);
  const found: Reading[] = [];
  for await (const row of file.rows(mapping))
    reader.read(row, (subject, reading) => found.push({ subject, ...reading }));
  return found;
}

interface Imported {
  readonly status: number | null;
  readonly words: string;
  readonly summary: ImportSummary;
}

async function run(args: readonly string[]): Promise<Imported> {
  const { status, words, out } = await bench.trine(['import', ...args, '--json']);
  return { status, words, summary: out === '' ? (undefined as never) : (JSON.parse(out) as ImportSummary) };
}

const imported = (name: string, content: string | Uint8Array, ...flags: string[]) =>
  run([bench.file(name, content), ...flags]);

/** One of the good files. */
function kept(name: string, content: string): string {
  good.set(name, content);
  return content;
}

/** What became of one of the good files. */
function fileOf(name: string): FileSummary {
  assert.deepEqual([together.status, together.summary.refused], [0, {}], together.words);
  return together.summary.files.find(({ file }) => file.endsWith(`/${name}`)) ?? assert.fail(name);
}

const short = (readings: readonly Reading[]) =>
  readings.map(({ quantity, value, unit }) => [quantity, value, unit].join(' ').trim());

const station = kept(
  'station.csv',
  csv('Date Time,Temp (C),Dew point (F),Pressure (mbar)', 5, (i, time) => `${time},${4 + i},${50 + i},1013`),
);
test('(C) and (F) are degrees: never coulomb and farad', async () => {
  const [temp, dew, pressure] = short(await preview('station.csv', station));
  assert.deepEqual([temp, dew, pressure], ['Temp 4 Cel', 'Dew-point 10 Cel', 'Pressure 1013 hPa']);
  const { notes } = await inferred('station.csv', station);
  assert.match(notes.map(({ value }) => value).join(), /Dew point \(F\) as Dew-point in Cel, converted from F/);
  assert.equal(fileOf('station.csv').readings, 15);
});

const thousands = kept(
  'thousands.csv',
  csv('time,Energy (Wh)', 30, (i, time) => `${time},"${(998_000 + 150 * i).toLocaleString('en')}"`),
);
test('each column says by itself how its numbers are written', async () => {
  const mixed = csv('Zeit;Leistung kW;Breite;Stand', 5, (i, time) => `${time};${i},25;48.100${i};1.00${i}.250`);
  assert.deepEqual(short(await preview('mixed.csv', mixed)).slice(0, 3), [
    ...['Leistung-kW 0.25', 'Breite 48.1', 'Stand 1000250'],
  ]);
  assert.deepEqual(short(await preview('thousands.csv', thousands))[0], 'Energy 998000 Wh');
  assert.equal(fileOf('thousands.csv').readings, 30);
});

test('a number that could be two is asked for, and the answer counts', async () => {
  for (const [name, text] of [
    ['comma.csv', csv('time,level', 5, (i, time) => `${time},"1,23${i}"`)],
    ['point.csv', csv('time;level', 5, (i, time) => `${time};1.23${i}`)],
  ] as const) {
    await assert.rejects(inferred(name, text), /"level".*two ways.*--decimal "level=\."/s);
    assert.equal(
      short(await preview(name, text, '--decimal', 'level=,'))[0],
      name === 'comma.csv' ? 'level 1.23' : 'level 1230',
    );
    assert.equal(
      short(await preview(name, text, '--decimal', '.'))[0],
      name === 'comma.csv' ? 'level 1230' : 'level 1.23',
    );
  }
  const two = csv('time;level', 6, (i, time) => `${time};1${i % 2 ? ',' : '.'}25`);
  await assert.rejects(inferred('two.csv', two), /"level" has numbers written in two ways/);
});

const glucose = kept(
  'glucose.csv',
  csv(
    'Index,Time,Event,Glucose Value (mmol/L)',
    40,
    (i, time) => `${i + 1},${time},EGV,${i % 8 === 0 ? 'Low' : 4 + i / 10}`,
  ),
);
test('a column with words among its numbers is imported, the words are counted each; what numbers the rows is not', async () => {
  const { readings, left } = fileOf('glucose.csv');
  assert.deepEqual([readings, left['"Low" instead of a number']?.count], [35, 5]);
  assert.equal((await preview('glucose.csv', glucose)).length, 35);
  const { words } = together;
  assert.match(words, /Glucose-Value \(no unit: mmol\/L: SenML has no symbol for it\)/);
  assert.match(words, /"Index" is left out: it numbers the rows \(40 numbers\)/);
  assert.match(words, /"Event" is left out: 40 cells of text, such as "EGV"/);
});

const davis = kept(
  'davis.csv',
  csv('Date & Time,Temp - °C,Rain - mm', 20, (i, time) => `${time},${20 + i / 10},${i % 5 === 0 ? '--' : '0.0'}`),
);
const cells = kept(
  'cells.csv',
  csv('time,Temp,Humidity,ok', 20, (i, time) => `${time},${20 + i / 10} °C,${40 + i} %,${i}`),
);
test('dashes are no value, units after a dash and in cells are read', async () => {
  assert.deepEqual(short(await preview('davis.csv', davis))[1], 'Temp 20.1 Cel');
  const { readings, left } = fileOf('davis.csv');
  assert.deepEqual([readings, left['no value']?.count], [36, 4]);
  assert.deepEqual(short(await preview('cells.csv', cells)).slice(0, 3), ['Temp 20 Cel', 'Humidity 40 %', 'ok 0']);
  assert.equal(fileOf('cells.csv').readings, 60);
});

test('truths of a history are truths, what is unavailable is no value', async () => {
  const text = csv('entity_id,state,last_changed', 30, (i, time) => {
    const states = [`sensor.kitchen_temperature,${20 + i / 10}`, `binary_sensor.door,${i % 2 ? 'on' : 'off'}`];
    return `${i % 10 === 9 ? 'sensor.kitchen_temperature,unavailable' : states[i % 2]},${time}:00Z`;
  });
  const flags = ['--value', 'state', '--subject-column', 'entity_id', '--subject', 'ha/{subject}'];
  const [first, second] = await preview('history.csv', text, ...flags);
  assert.deepEqual([first?.value, first?.subject], [20, 'ha/sensor.kitchen_temperature']);
  assert.deepEqual([second?.value, second?.subject], [true, 'ha/binary_sensor.door']);
  const { status, summary } = await imported('history.csv', text, ...flags);
  assert.deepEqual([status, summary.acknowledged, summary.files[0]?.left['no value']?.count], [0, 27, 3]);
});

test('headings that stand there twice are numbered, and either can be picked', async () => {
  const text = csv('time,Temperature,Humidity,Temperature', 20, (i, time) => `${time},${i},${i + 1},${i + 2}`);
  assert.deepEqual(short(await preview('twice.csv', text)).slice(0, 3), [
    ...['Temperature 0', 'Humidity 1', 'Temperature.2 2'],
  ]);
  for (const column of ['#4', 'Temperature.2'])
    assert.deepEqual(
      short(await preview('twice.csv', text, '--quantity', `${column}=outside:Cel`))[0],
      'outside 2 Cel',
    );
});

const things = ['Sensor #1', 'Sensor 1', 'Küche', 'Kuche', '客厅', '卧室', 'a/b'];
const rooms = kept(
  'names.csv',
  [
    'time,sensor,value',
    ...minutes(7 * 4, (i, time) => `${time.slice(0, 14)}0${Math.floor(i / 7)},${things[i % 7]},${i}`),
  ].join('\n'),
);
test('names that differ are things that differ', async () => {
  assert.equal(new Set((await preview('names.csv', rooms)).map(({ subject }) => subject)).size, 7);
  const { readings, subjects } = fileOf('names.csv');
  assert.deepEqual([readings, subjects], [28, 7]);
  const registers = csv('time,+A [kWh],-A [kWh]', 5, (i, time) => `${time},${i},${i + 1}`);
  assert.equal(new Set((await preview('registers.csv', registers)).map(({ quantity }) => quantity)).size, 2);
});

const measured = ['no2,8.5,µg/m³', 'no2,0.02,ppm', 'pm10,0.021,mg/m³', 'no2,9,ug/m3'];
const gases = kept(
  'air.csv',
  ['location,parameter,value,unit,utc', ...minutes(40, (i, time) => `Nord,${measured[i % 4]},${time}:00Z`)].join('\n'),
);
test('a column of units: one quantity in two units is two, what can be converted is', async () => {
  const seen = new Set((await preview('air.csv', gases)).map(({ quantity, unit }) => `${quantity} ${unit}`));
  assert.deepEqual([...seen], ['no2 ug/m3', 'no2.ppm ppm', 'pm10 ug/m3']);
  assert.equal(fileOf('air.csv').readings, 40);
});

test('numbers that stand for no value are asked about, and never taken by themselves', async () => {
  const text = csv('time,pm25', 30, (i, time) => `${time},${i % 10 === 3 ? -999 : 10 + (i % 7)}`);
  const { status, words } = await imported('fill.csv', text);
  assert.equal(status, 2);
  assert.match(words, /"pm25" has -999 in 3 cells: .*between 10 and 16.*--missing -999.*--missing none/s);
  const without = await imported('fill.csv', text, '--missing', '-999');
  assert.deepEqual(
    [without.status, without.summary.acknowledged, without.summary.files[0]?.left['no value']?.count],
    [0, 27, 3],
  );
  assert.equal((await preview('fill.csv', text, '--missing', 'none')).length, 30);
});

test('a column that is filled only late in a large file is imported whole, and what is left out is counted whole', async () => {
  const rows = Array.from({ length: 45_000 }, (_, i) => {
    const time = new Date(Date.UTC(2024, 0, 1) + i * 60_000).toISOString();
    return `${time},${i % 50},${i >= 44_990 ? i / 10 : ''},${i === 44_999 ? '12.5' : 'dry'}`;
  });
  const { mapping, left } = await inferred('late.csv', ['time,level,late,note', ...rows].join('\n'));
  assert.deepEqual(
    mapping.values.map(({ quantity }) => quantity),
    ['level', 'late'],
  );
  const [note] = left;
  assert.deepEqual([note?.heading, note?.numbers, note?.isLoss], ['note', 1, true]);
  assert.match(note?.why ?? '', /^1 number among 44999 cells of text, such as "dry"$/);
});

test('a day that only the end of a large file tells decides the order of day and month', async () => {
  const text = (rows: number) => {
    const lines = Array.from({ length: rows }, (_, i) => {
      const at = new Date(Date.UTC(2024, 2, 4) + i * 5_000).toISOString();
      return `${at.slice(5, 7)}/${at.slice(8, 10)}/2024 ${at.slice(11, 19)},${i % 50},${'x'.repeat(70)}`;
    });
    return ['time,level,note', ...lines].join('\n');
  };
  // One day is the sample: it could be the fourth of March or the third of April.
  assert.match((await inferred('day.csv', text(12_000))).questions.join(), /^"03\/04\/2024 00:00:00" in time could be/);
  const { mapping, questions } = await inferred('days.csv', text(60_000));
  assert.deepEqual([mapping.time.format.kind, questions], ['month-first', []]);
});

test('exit status: numbers that were left out, and a file that gave nothing, are no success', async () => {
  const noted = csv('time,level,note', 20, (i, time) => `${time},${i},${i % 3 === 0 ? '7.5' : 'dry'}`);
  const one = await imported('noted.csv', noted);
  assert.deepEqual([one.status, one.summary.acknowledged], [1, 20]);
  assert.match(one.words, /"note" is left out: 7 numbers among 13 cells of text/);
  assert.equal((await imported('noted.csv', noted, '--skip', 'note', '--subject', 'noted/x')).status, 0);
  const big = csv('time,counter', 20, (i, time) => `${time},${i === 7 ? '9007199254740993' : i}`);
  const two = await imported('big.csv', big);
  assert.deepEqual([two.status, two.summary.acknowledged, two.summary.files[0]?.lost], [1, 19, 1]);
  const early = [
    'time,level\n1980-01-01 00:00,1\n1980-01-01 01:00,2\n',
    '--time',
    'time',
    '--time-format',
    'iso',
  ] as const;
  const nothing = await imported('nothing.csv', ...early);
  assert.deepEqual([nothing.status, nothing.summary.readings, nothing.summary.files[0]?.lost], [1, 0, 2]);
  const [content, ...flags] = early;
  const text = await bench.trine(['import', bench.file('nothing.csv', content), ...flags]);
  assert.match(text.out, /no reading came of 2 rows: .*\n.*2 × dated before 1990 \(row 2: "1980-01-01/);
});

const logger = kept(
  'weir.dat',
  [
    '"TOA5","weir1","CR1000X","12345","CR1000X.Std.05.00","CPU:weir.CR1X","4711","Table15"',
    '"TIMESTAMP","RECORD","Stage","AirTC_Avg","BattV_Min"\n"TS","RN","m","Deg C","Volts"\n"","","Smp","Avg","Min"',
    ...minutes(20, (i, time) => `"${time}:00",${i < 10 ? i : i + 7},1.2${i},${i % 10 === 3 ? '"NAN"' : i},12.6`),
  ].join('\n'),
);
const linky = kept(
  'enedis.csv',
  [
    'Identifiant PRM;Type de donnees;Date de debut;Date de fin;Grandeur physique;Unite',
    '00000000000000;Courbe de charge;01/06/2024;02/06/2024;Energie active;W\nHorodate;Valeur',
    ...minutes(10, (i, time) => `${time.replace(' ', 'T')}:00+02:00;${400 + i}`),
  ].join('\n'),
);
test('what stands above a table is no part of it, several lines of headings are one', async () => {
  assert.deepEqual(short(await preview('weir.dat', logger)).slice(0, 3), [
    ...['Stage 1.2 m', 'AirTC_Avg 0 Cel', 'BattV_Min 12.6 V'],
  ]);
  const { readings, left, leftOut } = fileOf('weir.dat');
  assert.deepEqual([readings, left['no value']?.count, leftOut.map(({ heading }) => heading)], [58, 2, ['RECORD']]);
  assert.deepEqual(short(await preview('enedis.csv', linky))[0], 'Valeur 400 W');
  assert.equal(fileOf('enedis.csv').readings, 10);
  assert.match(together.words, /the first 2 lines, which are no part of the table: "Identifiant PRM/);
});

test('where a table begins can be said', async () => {
  const text = ['a,b', 'c,d', ...minutes(5, (i, time) => `${time},${i}`)].join('\n');
  const quantity = async (...flags: string[]) => (await preview('said.csv', text, ...flags))[0]?.quantity;
  assert.equal(await quantity(), 'd');
  assert.equal(await quantity('--heading-rows', '2'), 'b');
  assert.equal(await quantity('--skip-rows', '2'), 'column2');
  const first = await preview('said.csv', text, '--skip-rows', '3', '--heading-rows', '0');
  assert.deepEqual([first.length, first[0]?.value], [4, 1]);
});

test('the date pattern over a column of times is how they are written', async () => {
  const text = ['sep=;', '', ';Total yield;Power', 'dd/MM/yyyy HH:mm:ss;kWh;kW']
    .concat(['01/06/2024 00:00:00;1,5;0,25', '01/06/2024 00:05:00;1,75;0,5', '01/06/2024 00:10:00;2,0;0,5'])
    .join('\n');
  const { questions } = await inferred('spot.csv', text);
  assert.deepEqual(questions, []);
  const [first] = await preview('spot.csv', text);
  assert.deepEqual([first?.quantity, first?.unit, first?.value], ['Total-yield', 'kWh', 1.5]);
});

test('cells behind the last heading are counted, and are a loss where they hold numbers', async () => {
  const text = csv('time,level', 20, (i, time) => `${time},${i}${i % 5 === 4 ? ',25' : ''}`);
  const { status, summary } = await imported('wide.csv', text);
  assert.deepEqual(
    [status, summary.files[0]?.lost, summary.files[0]?.left['beyond the last heading']?.count],
    [1, 4, 4],
  );
});

test('files of Windows: UTF-16 and the western code page', async () => {
  const text = csv('Zeit;Außentemp. (°C)', 5, (i, time) => `${time};${i},5`);
  for (const [name, bytes] of [
    ['utf16.csv', Buffer.from(`\ufeff${text}`, 'utf16le')],
    ['latin.csv', Buffer.from(text, 'latin1')],
  ] as const)
    assert.deepEqual(short(await preview(name, bytes))[0], 'Au~C3~9Fentemp. 0.5 Cel', name);
});
