import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FormatError } from '@trine/protocol';
import { zones } from '@trine/protocol/calendar/zones.ts';
import { formatNamed, inZone, namedFormats, nameOfFormat, type TimeFormat, wordsOfFormat } from './format.ts';
import { isoSaid } from './iso.ts';
import { type RefusedReason, TimeReader, type TimeResult } from './reader.ts';

const read = (name: string, text: unknown, zone?: string): TimeResult =>
  new TimeReader(inZone(formatNamed(name), zone), zones).read(text);

function means(name: string, text: unknown, iso: string, zone = 'UTC'): void {
  const found = read(name, text, zone);
  assert.ok(found.kind === 'time', `${name}: ${text}: ${JSON.stringify(found)}`);
  assert.equal(new Date(found.ms).toISOString(), new Date(iso).toISOString(), `${name}: ${text}`);
}

function refuses(name: string, text: unknown, reason: RefusedReason, words?: RegExp, zone?: string): void {
  const found = read(name, text, zone);
  assert.ok(found.kind === 'refused', `${name}: ${text}: ${JSON.stringify(found)}`);
  assert.equal(found.reason, reason, `${name}: ${text}`);
  assert.match(found.why, words ?? /\w/);
}

test('RFC 3339 §5.8, §5.6: the examples, the leap second, small letters, a space', () => {
  assert.deepEqual(isoSaid('1985-04-12T23:20:50.52Z'), {
    localMs: Date.UTC(1985, 3, 12, 23, 20, 50, 520),
    offsets: [0],
  });
  means('iso', '1996-12-19T16:39:57-08:00', '1996-12-20T00:39:57Z');
  means('iso', '1990-12-31T23:59:60Z', '1991-01-01T00:00:00Z');
  means('iso', '1990-12-31T15:59:60-08:00', '1991-01-01T00:00:00Z');
  assert.deepEqual(isoSaid('1937-01-01T12:00:27.87+00:20'), {
    localMs: Date.UTC(1937, 0, 1, 12, 0, 27, 870),
    offsets: [20],
  });
  means('iso', '2024-06-01t12:00:00z', '2024-06-01T12:00:00Z');
  means('iso', '2024-06-01 12:00:00z', '2024-06-01T12:00:00Z');
  refuses('iso', '2024-06-11T12:34:60Z', 'unreadable');
  refuses('iso', '2024-06-11T12:59:60Z', 'unreadable', /second 60/);
  refuses('iso', '1985-04-12T23:20:50.52Z', 'too early', /1990/);
});

test('ISO 8601: basic and extended, ordinal and week dates, 24:00, nine decimals, offsets', () => {
  means('iso', '20240601T120000Z', '2024-06-01T12:00:00Z');
  means('iso', '20240601T1200+0200', '2024-06-01T10:00:00Z');
  means('iso', '2024-06-01T12', '2024-06-01T12:00:00Z');
  means('iso', '2024-060T00:00', '2024-02-29T00:00:00Z');
  means('iso', '2024366', '2024-12-31T00:00:00Z');
  // Wikipedia, ISO week date: dates where the year of the week is another.
  for (const [week, day] of [
    ['2004-W53-6', '2005-01-01'],
    ['2004-W53-7', '2005-01-02'],
    ['2005-W52-6', '2005-12-31'],
    ['2005-W52-7', '2006-01-01'],
    ['2006-W01-1', '2006-01-02'],
    ['2007-W01-1', '2007-01-01'],
    ['2008-W01-1', '2007-12-31'],
    ['2008W527', '2008-12-28'],
    ['2009-W01-1', '2008-12-29'],
    ['2009-W53-7', '2010-01-03'],
  ] as const)
    means('iso', week, `${day}T00:00:00Z`);
  means('iso', '2024-06-01T24:00', '2024-06-02T00:00:00Z');
  means('iso', '2024-06-01T24:00:00.000Z', '2024-06-02T00:00:00Z');
  means('iso', '2024-06-01T00:00:00,123456789Z', '2024-06-01T00:00:00.123Z');
  means('iso', '2024-06-01T00:00:00.9996Z', '2024-06-01T00:00:01Z');
  means('iso', '2024-06-01T12:00:00+01', '2024-06-01T11:00:00Z');
  means('iso', '2024-06-01T12:00:00.5-0330', '2024-06-01T15:30:00.5Z');
  means('iso', '2024-06-01T12:00:00 UTC+02:00', '2024-06-01T10:00:00Z');
  // RFC 9557.
  means('iso', '2022-07-08T00:14:07+01:00[Europe/Paris]', '2022-07-07T23:14:07Z');
  for (const text of [
    ...['2024-02-30', '2024-13-01', '2023-366', '2005-W53-1', '2024-06-00', '2024-06-01T25:00', '2024-06-01T24:01'],
    ...['2024-06-01T12:60', '2024-06-01T12:00:00.1234567891Z', '2024-06-01T12:0000', '2024-06-01T12:00+15:00'],
    ...['2024-6-1', '24-06-01', '12', '99', 'Sensor 1', 'yesterday', '2024-06-01T12:00 o’clock', '2024-06-01x'],
  ])
    refuses('iso', text, 'unreadable');
});

test('zones: named in the text, by letters that stand for one offset, or given', () => {
  means('iso', '2024-06-01 12:00:00 Europe/Berlin', '2024-06-01T10:00:00Z');
  means('iso', '2024-06-01 12:00:00 [America/New_York]', '2024-06-01T16:00:00Z');
  means('iso', '2024-06-01 12:00 CEST', '2024-06-01T10:00:00Z', 'Asia/Tokyo');
  means('day-first', '27.10.2024 02:30 MEZ', '2024-10-27T01:30:00Z', 'Europe/Berlin');
  means('month-first', '6/1/2024 12:00 PM EDT', '2024-06-01T16:00:00Z');
  means('iso', '2024-06-01 12:00', '2024-06-01T10:00:00Z', 'Europe/Berlin');
  means('iso', '2024-06-01 12:00', '2024-06-01T11:00:00Z', '+01:00');
  // As Go, Java and JavaScript print them.
  means('iso', '2024-06-01 12:00:00.5 +0200 CEST', '2024-06-01T10:00:00.5Z');
  means('iso', '2024-06-01T12:00Z[UTC]', '2024-06-01T12:00:00Z');
  means('iso', '2024-06-01T12:00+02:00[Europe/Berlin]', '2024-06-01T10:00:00Z');
  means('month-first', 'Sat Jun 01 2024 12:00:00 GMT+0200 (Central European Summer Time)', '2024-06-01T10:00:00Z');
  means('month-first', 'Sat Jun  1 12:00:00 2024', '2024-06-01T12:00:00Z');
  means('month-first', 'Sat Jun  1 12:00:00 CEST 2024', '2024-06-01T10:00:00Z');
  refuses('iso', '2024-06-01 12:00', 'no zone', /names no time zone/);
  refuses('iso', '2024-06-01 12:00 Europe/Nowhere', 'no zone', /not known/);
  refuses('iso', '2024-06-01 12:00 XYZ', 'unreadable');
  // Irish, Indian or Israeli.
  refuses('iso', '2024-06-01 12:00 IST', 'no zone', /one of several/);
  means('iso', '2024-06-01 12:00 IST', '2024-06-01T06:30:00Z', 'Asia/Kolkata');
  means('iso', '2024-06-01 12:00 IST', '2024-06-01T11:00:00Z', 'Europe/Dublin');
  means('iso', '2024-01-01 12:00 CST', '2024-01-01T18:00:00Z', 'America/Chicago');
  means('iso', '2024-01-01 12:00 CST', '2024-01-01T04:00:00Z', 'Asia/Shanghai');
  for (const zone of ['Europe/Nowhere', 'europe/berlin', '+25:00', '__proto__'])
    assert.throws(() => new TimeReader({ kind: 'iso', zone }, zones), FormatError, zone);
  assert.throws(() => new TimeReader({ kind: 'iso', zone: 'europe/berlin' }, zones), /Europe\/Berlin is/);
});

test('an hour that clocks leave out is refused; of one shown twice the first counts, or the later if said', () => {
  refuses('iso', '2024-03-31 02:30', 'skipped', /clocks went forward.*\+01:00/, 'Europe/Berlin');
  means('iso', '2024-03-31 03:00', '2024-03-31T01:00:00Z', 'Europe/Berlin');
  means('iso', '2024-10-27 02:30', '2024-10-27T00:30:00Z', 'Europe/Berlin');
  const later = new TimeReader({ kind: 'iso', zone: 'Europe/Berlin', repeated: 'later' }, zones);
  assert.deepEqual(later.read('2024-10-27 02:30'), {
    kind: 'time',
    ms: Date.UTC(2024, 9, 27, 1, 30),
    how: { zone: 'given', repeated: 'later' },
  });
  assert.deepEqual(later.read('2024-10-27 03:00'), {
    kind: 'time',
    ms: Date.UTC(2024, 9, 27, 2),
    how: { zone: 'given' },
  });
});

test('counts since 1970 in four units, big ones without loss', () => {
  means('unix-s', 1_717_200_000, '2024-06-01T00:00:00Z');
  means('unix-s', '1717200000.5', '2024-06-01T00:00:00.5Z');
  means('unix-s', 1795690035.376, '2026-11-26T10:47:15.376Z');
  means('unix-ms', '1795690035376', '2026-11-26T10:47:15.376Z');
  means('unix-us', 1_717_200_000_000_499, '2024-06-01T00:00:00Z');
  means('unix-us', '1717200000000500', '2024-06-01T00:00:00.001Z');
  means('unix-ns', '1548893400000000000', '2019-01-31T00:10:00Z');
  // As a number it would be rounded to the next millisecond.
  means('unix-ns', '1548893400000499999', '2019-01-31T00:10:00Z');
  means('unix-ns', 1_548_893_400_000_499_999n, '2019-01-31T00:10:00Z');
  refuses('unix-s', '1,7172E+09', 'unreadable');
  refuses('unix-s', '188', 'too early', /clock was not set/);
  refuses('unix-s', 1_717_200_000_000, 'too late');
  refuses('unix-s', '1548893400000000000', 'too late', /beyond every calendar/);
  refuses('unix-ms', Number.NaN, 'unreadable');
  refuses('unix-ms', true, 'unreadable');
});

test('days of worksheets: both systems, few digits, and the day that never was', () => {
  // Microsoft, "XL: the 1900 date system vs. the 1904 date system": 5 July 1998 is 35981 and 34519.
  means('excel', 35981, '1998-07-05T00:00:00Z');
  means('excel-1904', '34519', '1998-07-05T00:00:00Z');
  means('excel', '45292.041666666664', '2024-01-01T01:00:00Z');
  means('excel', '45292,04167', '2024-01-01T01:00:00Z');
  means('excel', '45292.0208', '2024-01-01T00:30:00Z');
  means('excel', '45292.02084', '2024-01-01T00:30:01Z');
  means('excel', '45292.04167', '2024-01-01T00:00:00Z', 'Europe/Berlin');
  refuses('excel', '60', 'unreadable');
  refuses('excel', '61', 'too early', /1990/, 'UTC');
});

test('digits alone', () => {
  means('compact', '20240601', '2024-06-01T00:00:00Z');
  means('compact', 2024060113, '2024-06-01T13:00:00Z');
  means('compact', '2024060124', '2024-06-02T00:00:00Z');
  means('compact', '202406010030', '2024-05-31T22:30:00Z', 'Europe/Berlin');
  means('compact', '20240601003059', '2024-06-01T00:30:59Z');
  means('compact', '20240601 0030', '2024-06-01T00:30:00Z');
  means('compact', '20240601003059250', '2024-06-01T00:30:59.250Z');
  for (const text of ['20240631', '2024060125', '202406010060', '2024060', '1717200000'])
    refuses('compact', text, 'unreadable');
});

test('dates by day, month or year first, with . / or -, years of two digits, clocks as people write them', () => {
  means('day-first', '30.05.2014 18:20', '2014-05-30T18:20:00Z');
  means('day-first', '30/5/14, 18.20.01', '2014-05-30T18:20:01Z');
  means('day-first', '30-05-2014 18h20', '2014-05-30T18:20:00Z');
  means('day-first', '30.05.2014 18 h 20 min 5 s', '2014-05-30T18:20:05Z');
  means('day-first', '30.05.2014 18 Uhr', '2014-05-30T18:00:00Z');
  means('day-first', '30.05.2014 24:00', '2014-05-31T00:00:00Z');
  means('day-first', '30.05.2014', '2014-05-30T00:00:00Z');
  means('day-first', '18:20:05 30.05.2014', '2014-05-30T18:20:05Z');
  means('month-first', '6:20 PM 5/30/2014', '2014-05-30T18:20:00Z');
  // A web server's, and SAS's.
  means('day-first', '30/May/2014:18:20:05 +0200', '2014-05-30T16:20:05Z');
  means('day-first', '30MAY2014:18:20:05', '2014-05-30T18:20:05Z');
  means('month-first', '05/30/2014 6:20 PM', '2014-05-30T18:20:00Z');
  means('month-first', '5/30/14 12:00:01 a.m.', '2014-05-30T00:00:01Z');
  means('month-first', '5/30/2014 12:30pm', '2014-05-30T12:30:00Z');
  means('year-first', '2014/5/30 0:00', '2014-05-30T00:00:00Z');
  means('year-first', '2014.05.30 06:20:59', '2014-05-30T06:20:59Z');
  // Hungarian and Croatian.
  means('year-first', '2014. 05. 30. 6:20', '2014-05-30T06:20:00Z');
  means('day-first', '30.05.2014. 6:20', '2014-05-30T06:20:00Z');
  means('year-first', '14-05-30T06:20:59.25', '2014-05-30T06:20:59.25Z');
  assert.ok(read('day-first', '01.01.69 00:00', 'UTC').kind === 'refused', '1969');
  for (const text of [
    '31.04.2024',
    '30.05.2014 18:60',
    '5.30.2014',
    '30.05-2014',
    '30.05.2014 0:00 PM',
    '30.05.2014 x',
  ])
    refuses('day-first', text, 'unreadable');
  refuses('month-first', '30/05/2014', 'unreadable');
  refuses('month-first', '05/30/2014 13:00 PM', 'unreadable');
});

test('months with names, in six languages', () => {
  means('day-first', '01-Jun-2024 06:00:00', '2024-06-01T06:00:00Z');
  means('day-first', '1st of June 2024', '2024-06-01T00:00:00Z');
  means('day-first', 'Sat, 01 Jun 2024 00:00:00 +0200', '2024-05-31T22:00:00Z');
  means('day-first', '1. März 2024 14:30 Uhr', '2024-03-01T14:30:00Z');
  means('day-first', 'Fr. 1. Mrz. 24', '2024-03-01T00:00:00Z');
  means('day-first', '1er févr. 2024 à 14h30', '2024-02-01T14:30:00Z');
  means('day-first', '14 août 2024', '2024-08-14T00:00:00Z');
  means('day-first', '5 mei 2024', '2024-05-05T00:00:00Z');
  means('day-first', '12 mrt 2024', '2024-03-12T00:00:00Z');
  means('day-first', '3 de enero de 2024', '2024-01-03T00:00:00Z');
  means('day-first', '7-dic-2024', '2024-12-07T00:00:00Z');
  means('day-first', '9 luglio 2024', '2024-07-09T00:00:00Z');
  means('month-first', 'Jun 1, 2024 2:00 PM', '2024-06-01T14:00:00Z');
  means('month-first', 'Mar 1, 2024 at 2:00 PM', '2024-03-01T14:00:00Z');
  means('year-first', '2024-Jun-01 00:30', '2024-06-01T00:30:00Z');
  refuses('day-first', '01-Foo-2024', 'unreadable');
});

test('spans of time: the end counts, or the start if said', () => {
  // OGC SensorThings, phenomenonTime.
  means('iso', '2026-11-26T11:00:00Z/2026-11-26T11:05:00Z', '2026-11-26T11:05:00Z');
  means('iso', '2026-11-26T11:00:00Z/PT5M', '2026-11-26T11:05:00Z');
  means('day-first', '01.01.2015 00:00 - 01.01.2015 01:00', '2015-01-01T01:00:00Z');
  means('iso', '2026-11-26 11:00 Europe/Berlin/2026-11-26 11:05 Europe/Berlin', '2026-11-26T10:05:00Z');
  const start = new TimeReader({ kind: 'iso', interval: 'start' }, zones);
  assert.deepEqual(start.read('2026-11-26T11:00:00Z/2026-11-26T11:05:00Z'), {
    kind: 'time',
    ms: Date.UTC(2026, 10, 26, 11),
    how: { zone: 'written', interval: 'start' },
  });
  assert.equal(read('iso', '2026-11-26T11:00:00Z/..').kind, 'none');
  refuses('iso', '2026-11-26T11:00:00Z/P1M', 'unreadable');
});

test('what says nothing is no time; a value of another kind is refused', () => {
  for (const text of ['', ' ', '-', 'NA', 'null', 'unavailable', null, undefined])
    assert.equal(read('iso', text, 'UTC').kind, 'none', String(text));
  for (const value of [1.42, {}, true, []]) refuses('iso', value, 'unreadable');
});

test('formats have names that read back, and words', () => {
  for (const name of [...Object.keys(namedFormats), 'dd.MM.yyyy HH:mm']) {
    const format: TimeFormat = JSON.parse(JSON.stringify(formatNamed(name)));
    assert.equal(nameOfFormat(format), name);
    assert.ok(wordsOfFormat(format).length > 5);
  }
  assert.throws(() => formatNamed('iso8601'), FormatError);
  assert.throws(() => formatNamed('toString'), /is no time format.*such as "dd\.MM\.yyyy HH:mm"/);
});
