import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CommandError } from '../output.ts';
import { type Inferred, infer } from './infer.ts';
import type { Given } from './mapping.ts';

const given: Given = { timezone: 'UTC', quantities: [], skip: [] };

/** A table of `hours` hours: rows of an hour have the same time. @param rows cells of one hour, by the number of the hour */
const table = (heading: string, rows: (hour: number) => readonly string[], hours = 12): string =>
  [
    `time,${heading}`,
    ...Array.from({ length: hours }, (_, hour) =>
      rows(hour).map((cells) => `2026-03-01T${String(hour).padStart(2, '0')}:00:00Z,${cells}`),
    ).flat(),
  ].join('\n');

const guess = (text: string, flags: Partial<Given> = {}): Inferred => infer(text, 'data', { ...given, ...flags });

const asked = (text: string, words: RegExp, flags: Partial<Given> = {}): void => {
  assert.throws(
    () => guess(text, flags),
    (error) => error instanceof CommandError && words.test(error.message) && /--subject-column/.test(error.message),
  );
};

const subjectOf = ({ mapping }: Inferred) =>
  mapping.subjectColumn !== undefined && mapping.columns[mapping.subjectColumn];
const quantitiesOf = ({ mapping }: Inferred) => mapping.values.map(({ quantity }) => quantity);

for (const heading of [
  ...['bay', 'bay_id', 'BayID', 'meter', 'Meter No.', 'meterid', 'space', 'ParkingSpaceNumber', 'station', 'stationId'],
  ...[
    'sensor',
    'device',
    'DEVICE_ID',
    'devEui',
    'asset',
    'asset-tag',
    'id',
    'ID',
    'uuid',
    'Zähler',
    'pump',
    'bayMarkerId',
  ],
])
  test(`a column ${heading} that tells rows of one time apart names the subject, numbers or words`, () => {
    for (const name of [(i: number) => String(i), (i: number) => `N-${i}`]) {
      const found = guess(table(`${heading},value`, (hour) => [1, 2, 3].map((i) => `${name(i)},${hour + i / 10}`)));
      assert.deepEqual([subjectOf(found), quantitiesOf(found), found.warnings], [heading, ['value'], []]);
    }
  });

test('a snapshot: each thing has one row, all of one time', () => {
  const text = table('id,free', () => Array.from({ length: 9 }, (_, i) => `${i + 100},${i * i}`), 1);
  const found = guess(text);
  assert.deepEqual([subjectOf(found), quantitiesOf(found)], ['id', ['free']]);
});

test('what is counted is no name: free spaces, occupied bays, a sensor status', () => {
  const found = guess(table('free_spaces,occupied bays,sensor status', (hour) => [`${hour % 3},${hour % 2},ok`]));
  assert.deepEqual([subjectOf(found), quantitiesOf(found)], [false, ['free_spaces', 'occupied-bays']]);
});

test('of several columns the one that tells all is taken: what it says beside is left out', () => {
  const sites = table('site_id,meter_id,kWh', (hour) =>
    [1, 2, 3, 4].map((meter) => `${Math.ceil(meter / 2)},${meter},${hour + meter / 10}`),
  );
  const found = guess(sites);
  assert.deepEqual([subjectOf(found), quantitiesOf(found)], ['meter_id', ['kWh']]);
  assert.ok(found.notes.some(({ what, value }) => what === 'left out' && value === 'site_id'));
  const numbered = table('id,station,pm10', (hour) =>
    ['Nord', 'Ost'].map((name, i) => `${2 * hour + i},${name},${i}.5`),
  );
  assert.deepEqual([subjectOf(guess(numbered)), quantitiesOf(guess(numbered))], ['station', ['pm10']]);
});

test('a guess that could be another is asked for, not sealed', () => {
  // Bicycles that are at one station now and at another then: what is spoken of?
  const bikes = table('bike_id,station_id,level', (hour) => [`${hour % 3},${hour % 5},0.5`], 24);
  asked(bikes, /"bike_id", "station_id"/);
  assert.equal(subjectOf(guess(bikes, { subjectColumn: 'bike_id' })), 'bike_id');
  // One bay, or how many are free?
  asked(
    table('bay,occupied', (hour) => [`${hour % 3},${hour % 2}`]),
    /"bay"/,
  );
  // The number of a row, or of a thing?
  asked(
    table('id,level', (hour) => [`${hour},0.5`]),
    /"id".*number the rows/,
  );
  assert.deepEqual(
    quantitiesOf(
      guess(
        table('id,level', (hour) => [`${hour},0.5`]),
        { skip: ['id'] },
      ),
    ),
    ['level'],
  );
});

test('rows of one time that only a column of another name tells apart: the question names it', () => {
  const places = table('wo,level', (hour) => ['oben', 'unten'].map((place, i) => `${place},${hour + i / 10}`));
  asked(places, /same time.*"wo".*--time/);
  assert.equal(subjectOf(guess(places, { subjectColumn: 'wo' })), 'wo');
  // An hour in a column of its own is a part of the time; one that is not numbered through is asked for.
  const hours = ['Date,Hour,Load (kW)'];
  for (let day = 1; day <= 3; day++)
    for (let hour = 1; hour <= 24; hour++) hours.push(`2024-05-0${day},${hour},${100 + hour / 10}`);
  assert.deepEqual(guess(hours.join('\n')).mapping.time.columns, [0, 1]);
  asked(hours.filter((_, i) => i % 5 !== 2).join('\n'), /same time.*"Hour"/);
});

test('several readings of one thing at one time are said before they are sealed, as many as there are', () => {
  const twice = table('station,pm10', (hour) => ['Nord,1', ...(hour % 4 === 0 ? ['Nord,2'] : [])]);
  const [warning = '', ...more] = guess(twice).warnings;
  assert.match(warning, /^3 of 15 rows looked at are of the same thing and time as a row before, such as rows 1 and 2/);
  assert.match(warning, /Nord, 2026-03-01T00:00:00Z/);
  assert.deepEqual(more, []);
  const copied = table('station,pm10', (hour) => ['Nord,1', ...(hour === 2 ? ['Nord,1'] : [])]);
  assert.match(guess(copied).warnings.join(), /^1 of 13 rows looked at is the same as a row before, in every cell/);
  const fixed = table('wo,level', (hour) => ['oben', 'unten'].map((place, i) => `${place},${hour + i / 10}`));
  assert.match(guess(fixed, { subject: 'tank/1' }).warnings.join(), /^12 of 24 rows/);
  assert.deepEqual(guess(table('station,pm10', () => ['Nord,1'])).warnings, []);
  const long = table('station,parameter,value', (hour) => [`Nord,pm10,${hour}`, `Nord,no2,${hour}`]);
  assert.deepEqual(guess(long).warnings, [], 'two quantities of one time are two readings');
});
