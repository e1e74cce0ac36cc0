import assert from 'node:assert/strict';
import { test } from 'node:test';
import { zones } from '@trine/protocol/calendar/zones.ts';
import moment from 'moment-timezone';
import { type CandidateOptions, type TimeChoice, timeCandidates } from './candidates.ts';
import { nameOfFormat } from './format.ts';
import { RowTimes } from './row-times.ts';

const nowMs = Date.UTC(2026, 10, 27);
const HOUR_MS = 3_600_000;

/** @param text rows with `;` between cells, the first of them headings */
const table = (text: readonly string[]): [string[], string[][]] => {
  const [names = [], ...rows] = text.map((line) => line.split(';'));
  return [names, rows];
};
const choose = (text: readonly string[], more: Partial<CandidateOptions> = {}): TimeChoice => {
  const [names, rows] = table(text);
  return timeCandidates(names, rows, { zone: 'UTC', zones, nowMs, ...more });
};
/** The moments that the best candidate gives to all rows. */
const momentsOf = (text: readonly string[], choice: TimeChoice): (string | number)[] => {
  const times = new RowTimes(choice.best!.source, zones);
  return table(text)[1].map((row) => {
    const found = times.read(row);
    return found.kind === 'time' ? found.ms : found.why;
  });
};
const is = (choice: TimeChoice, name: string, format: string, join?: string): void => {
  assert.ok(choice.best, 'a time is found');
  assert.deepEqual(
    [choice.best.name, nameOfFormat(choice.best.source.format), choice.best.source.join?.kind, choice.question],
    [name, format, join, undefined],
  );
};
const every = (count: number, minutes: number, from = Date.UTC(2024, 2, 1)) =>
  Array.from({ length: count }, (_, i) => from + i * minutes * 60_000);
const rows = (heading: string, times: readonly number[], row: (ms: number, i: number) => string) => [
  heading,
  ...times.map((ms, i) => row(ms, i)),
];
const utc = (ms: number, form: string) => moment.utc(ms).format(form);

for (const [date, clock] of [
  ['Datum', 'Uhrzeit'],
  ['Datum', 'Tijd'],
  ['Date', 'Heure'],
  ['Fecha', 'Hora'],
  ['Data', 'Ora'],
  ['a', 'b'],
])
  test(`a clock joins the date beside it, whatever both are called: ${date};${clock}`, () => {
    const times = every(192, 15);
    const text = rows(`${date};${clock};kWh`, times, (ms, i) => `${utc(ms, 'DD.MM.YYYY;HH:mm')};0,${i % 7}5`);
    is(choose(text), `${date}+${clock}`, 'day-first', 'text');
    assert.deepEqual(momentsOf(text, choose(text)), times);
    // The clock first.
    const turned = text.map((line) => line.split(';').reverse().join(';'));
    assert.deepEqual(momentsOf(turned, choose(turned)), times);
  });

test('24:00 ends the day; a clock in digits alone; dates that carry midnight; AM and PM', () => {
  const times = every(72, 60, Date.UTC(2024, 6, 1, 1));
  const ends = rows('date;time;kWh', times, (ms) =>
    utc(ms, 'HH') === '00' ? `${utc(ms - 1, 'YYYY/MM/DD')};24:00;1` : utc(ms, '[]YYYY/MM/DD;HH:mm;1'),
  );
  is(choose(ends), 'date+time', 'year-first', 'text');
  assert.deepEqual(momentsOf(ends, choose(ends)), times);
  const digits = rows('YYYYMMDD;HHMM;kWh', times, (ms) => utc(ms, 'YYYYMMDD;HHmm;[1]'));
  is(choose(digits), 'YYYYMMDD+HHMM', 'compact', 'digits');
  assert.deepEqual(momentsOf(digits, choose(digits)), times);
  const carried = rows('day;from;kWh', times, (ms) => utc(ms, 'M/D/YYYY [12:00:00 AM];h:mm A;[1]'));
  assert.deepEqual(choose(carried).best?.source.columns, [0, 1]);
  const long = rows('day;from;kWh', every(24 * 20, 60), (ms) => utc(ms, 'M/D/YYYY [12:00:00 AM];h:mm A;[1]'));
  is(choose(long), 'day+from', 'month-first', 'text');
  assert.deepEqual(momentsOf(long, choose(long)), every(24 * 20, 60));
});

test('a date of ISO beside a clock of another kind, spans of a day, and a sunrise that is none', () => {
  const times = every(96, 30, Date.UTC(2024, 5, 1));
  const clock = rows('DATE;TIME;kg', times, (ms) => utc(ms, 'YYYY-MM-DD;h:mm A;[72.5]'));
  is(choose(clock), 'DATE+TIME', 'year-first', 'text');
  assert.deepEqual(momentsOf(clock, choose(clock)), times);
  const sunrise = rows('date;sunrise;kg', every(20, 1440), (ms) => utc(ms, 'YYYY-MM-DD;[5:10 AM;72.5]'));
  is(choose(sunrise), 'date', 'iso');
  for (const form of ['HH:mm', 'HH']) {
    const hourly = every(48, 60, Date.UTC(2024, 5, 13));
    const spans = rows(
      'Day;Hours;MW',
      hourly,
      (ms) => `${utc(ms, 'DD-MM-YYYY')};${utc(ms, form)} - ${utc(ms + HOUR_MS, form)};5`,
    );
    is(choose(spans), 'Day+Hours', 'day-first', 'span');
    assert.deepEqual(momentsOf(spans, choose(spans)), hourly);
    assert.deepEqual(
      momentsOf(spans, choose(spans, { slotsAt: 'end' })),
      hourly.map((ms) => ms + HOUR_MS),
    );
  }
  // As one cell, the end counts.
  const mtu = rows(
    'MTU (CET/CEST);MW',
    times,
    (ms) => `${utc(ms, 'DD.MM.YYYY HH:mm')} - ${utc(ms + HOUR_MS / 2, 'DD.MM.YYYY HH:mm')};5`,
  );
  is(choose(mtu), 'MTU (CET/CEST)', 'day-first');
  assert.equal(momentsOf(mtu, choose(mtu))[0], (times[0] as number) + HOUR_MS / 2);
});

test('year, month, day, hour and minute in columns of their own', () => {
  const times = every(96, 30, Date.UTC(2024, 11, 30));
  for (const [heading, form] of [
    ['No;year;month;day;hour;min;PM2.5', 'YYYY;M;D;H;m'],
    ['No;Jahr;Monat;Tag;Stunde;Min;PM2.5', 'YYYY;MM;DD;HH;mm'],
  ] as const) {
    const text = rows(heading, times, (ms, i) => `${i + 1};${utc(ms, form)};${i % 7}`);
    const choice = choose(text);
    assert.deepEqual([choice.best?.source.columns, choice.question], [[1, 2, 3, 4, 5], undefined]);
    assert.deepEqual(momentsOf(text, choice), times);
  }
  const hourly = every(60, 60, Date.UTC(2024, 1, 28));
  const numbered = rows('yr;mo;dy;hr;t', hourly, (ms) => `${utc(ms, 'YYYY;M;D')};${Number(utc(ms, 'H')) + 1};1.5`);
  assert.deepEqual(momentsOf(numbered, choose(numbered)), hourly);
  const days = rows('year;month;day;mm of rain', every(40, 1440), (ms, i) => `${utc(ms, 'YYYY;M;D')};${i / 10}`);
  assert.deepEqual(momentsOf(days, choose(days)), every(40, 1440));
  assert.deepEqual(choose(rows('year;month;day;x', every(9, 1440), () => '2024;13;1;5')), {});
});

test('numbers of hours and half hours, from 0 or 1, dated at their start or their end', () => {
  for (const [minutes, first] of [
    [60, 0],
    [60, 1],
    [30, 1],
    [15, 0],
  ] as const) {
    const times = every((3 * 24 * 60) / minutes, minutes);
    const slot = (ms: number) => ((ms / 60_000) % 1440) / minutes + first;
    const text = rows('Date;Hour;kW', times, (ms) => `${utc(ms, 'YYYY-MM-DD')};${slot(ms)};7.5`);
    is(choose(text), 'Date+Hour', 'iso', 'slots');
    assert.deepEqual(momentsOf(text, choose(text)), times);
    const ends = momentsOf(text, choose(text, { slotsAt: 'end' }));
    assert.deepEqual(
      ends,
      times.map((ms) => ms + minutes * 60_000),
    );
  }
});

test('days of 23 and 25 hours: hours numbered to 25 count from midnight, hours of clocks are dated by their order', () => {
  for (const from of [Date.UTC(2024, 9, 24, 22), Date.UTC(2024, 2, 28, 23)]) {
    const times = every(24 * 6, 60, from);
    const midnight = (ms: number) => moment.tz(ms, 'Europe/Madrid').startOf('day').valueOf();
    const local = (ms: number, form: string) => moment.tz(ms, 'Europe/Madrid').format(form);
    const counted = rows(
      'Fecha;Hora;MWh',
      times,
      (ms) => `${local(ms, 'DD/MM/YYYY')};${(ms - midnight(ms)) / HOUR_MS + 1};9`,
    );
    const choice = choose(counted, { zone: 'Europe/Madrid' });
    is(choice, 'Fecha+Hora', 'day-first', 'slots');
    assert.deepEqual(momentsOf(counted, choice), times);
    const shown = rows('Fecha;Hora;MWh', times, (ms) => `${local(ms, 'DD/MM/YYYY')};${Number(local(ms, 'H')) + 1};9`);
    assert.deepEqual(momentsOf(shown, choose(shown, { zone: 'Europe/Madrid' })), times);
  }
});

test('dates in digits alone are none of the seconds since 1970, and the other way round', () => {
  for (const form of ['YYYYMMDDHH', 'YYYYMMDDHHmm', 'YYYYMMDDHHmmss']) {
    const text = rows('x;temp', every(100, 60), (ms) => `${utc(ms, form)};4.5`);
    is(choose(text), 'x', 'compact');
    assert.deepEqual(momentsOf(text, choose(text)), every(100, 60));
  }
  is(choose(rows('x;temp', every(40, 1440), (ms) => `${utc(ms, 'YYYYMMDD')};4.5`)), 'x', 'compact');
  // Also of a time at which digits read both ways.
  const nowMs = Date.UTC(2040, 0);
  const both = rows('x;temp', every(100, 60), (ms) => `${utc(ms, 'YYYYMMDDHH')};4.5`);
  is(choose(both, { nowMs }), 'x', 'compact');
  for (const [unit, digits] of [
    ['unix-s', (ms: number) => ms / 1000],
    ['unix-ms', (ms: number) => ms],
    ['unix-us', (ms: number) => `${ms}000`],
    ['unix-ns', (ms: number) => `${ms}000000`],
  ] as const) {
    const text = rows('x;temp', every(100, 10), (ms) => `${digits(ms)};4.5`);
    is(choose(text), 'x', unit);
    assert.deepEqual(momentsOf(text, choose(text)), every(100, 10));
  }
});

test('numbers of meters are no time, however long they are', () => {
  const times = every(96, 30, Date.UTC(2024, 5, 1));
  for (const number of [
    () => 1_200_012_345_678,
    (i: number) => 1_200_012_345_678 + (i % 2),
    (i: number) => 1_700_000_000_000 + i,
  ])
    is(
      choose(rows('MPAN;Abgelesen am;kWh', times, (ms, i) => `${number(i)};${utc(ms, 'DD.MM.YYYY HH:mm')};0,5`)),
      'Abgelesen am',
      'day-first',
    );
  assert.equal(choose(rows('MPAN;kWh', times, () => '1200012345678;0,5')).best, undefined, 'never changes');
  const counter = rows('reading;kWh', times, (_, i) => `${1_650_000_000 + i * i * 17};5`);
  assert.match(choose(counter).question ?? '', /could be seconds since 1970, or something else/);
  // A count beside the time.
  const both = rows('Wh;at', times, (ms, i) => `${1_650_000_000 + i * i * 17};${ms / 1000}`);
  is(choose(both), 'at', 'unix-s');
});

test('day or month first: hourly rows run on in one reading, and jump by months in the other', () => {
  const times = every(200, 60, Date.UTC(2024, 2, 4));
  is(choose(rows('Time;W', times, (ms) => `${utc(ms, 'MM/DD/YYYY HH:mm')};1`)), 'Time', 'month-first');
  is(choose(rows('Time;W', times, (ms) => `${utc(ms, 'DD/MM/YYYY HH:mm')};1`)), 'Time', 'day-first');
  is(choose(rows('Time;W', times.toReversed(), (ms) => `${utc(ms, 'MM/DD/YY h:mm A')};1`)), 'Time', 'month-first');
  // Of two columns.
  is(
    choose(rows('Day;Clock;W', times, (ms) => `${utc(ms, 'MM/DD/YYYY;HH:mm')};1`)),
    'Day+Clock',
    'month-first',
    'text',
  );
  // A thirteenth decides, too.
  is(choose(rows('Day;W', every(30, 1440), (ms) => `${utc(ms, 'DD-MM-YYYY')};1`)), 'Day', 'day-first');
  // Points are written where the day comes first.
  is(choose(rows('Tag;W', every(10, 60), (ms) => `${utc(ms, 'DD.MM.YYYY HH:mm')};1`)), 'Tag', 'day-first');
});

test('what reads both ways is asked for, with both', () => {
  const ask = (text: readonly string[]) => choose(text).question ?? '';
  assert.match(
    ask(rows('Time;W', every(24, 60, Date.UTC(2024, 2, 4)), (ms) => `${utc(ms, 'MM/DD/YYYY HH:mm')};1`)),
    /2024-03-04 .*month first.*2024-04-03|2024-04-03 .*2024-03-04/,
  );
  // The first of each month, or the first days of a year.
  assert.match(ask(['Day;W', ...[1, 2, 3, 4, 5].map((month) => `01/0${month}/2024;${month}`)]), /Day could be/);
  assert.match(ask(['Day;W', '03/04/2024;1']), /Day could be/);
});

test('days of worksheets', () => {
  const times = every(96, 15, Date.UTC(2024, 0, 1));
  const text = rows('x;kWh', times, (ms) => `${(ms / 86_400_000 + 25_569).toFixed(6)};0.5`);
  is(choose(text), 'x', 'excel');
  assert.deepEqual(momentsOf(text, choose(text)), times);
  const commas = rows('Zeitpunkt;kWh', times, (ms) => `${(ms / 86_400_000 + 25_569).toFixed(5).replace('.', ',')};0,5`);
  assert.deepEqual(momentsOf(commas, choose(commas)), times);
  // A counter that grows is none.
  const counter = rows('total;W', times, (_, i) => `${(45_000 + i * 1.377).toFixed(3)};5`);
  assert.match(choose(counter).question ?? 'asked', /asked|or something else/);
});

test('year first with points, zones by name, months by name', () => {
  const times = every(48, 60, Date.UTC(2024, 5, 1));
  for (const [form, format] of [
    ['YYYY.MM.DD HH:mm:ss', 'year-first'],
    ['YYYY/M/D H:mm', 'year-first'],
    ['YYYY-MM-DD HH:mm:ss [UTC]', 'iso'],
    ['DD-MMM-YYYY HH:mm:ss', 'day-first'],
    ['MMM D, YYYY h:mm A', 'month-first'],
  ] as const) {
    const text = rows('x;m', times, (ms) => `${utc(ms, form)};0.1`);
    is(choose(text), 'x', format);
    assert.deepEqual(momentsOf(text, choose(text)), times);
  }
  const named = rows('x;m', times, (ms) => `${moment.tz(ms, 'Europe/Berlin').format('YYYY-MM-DD HH:mm z')};0.1`);
  assert.deepEqual(momentsOf(named, choose(named)), times);
});

test('a clock of something else is left alone; one that says so is joined', () => {
  const days = every(30, 1440);
  const sunrise = rows('Day;sunrise;Wh', days, (ms, i) => `${utc(ms, 'YYYY-MM-DD')};05:${10 + i};1`);
  is(choose(sunrise), 'Day', 'iso');
  const taken = rows('Day;Time;Wh', days, (ms, i) => `${utc(ms, 'YYYY-MM-DD')};07:${10 + i};1`);
  is(choose(taken), 'Day+Time', 'iso', 'text');
});

test('beginning and end of a span are one time, and two of the same moments; two other times are asked for', () => {
  const times = every(48, 30, Date.UTC(2024, 5, 1));
  const iso = (ms: number) => new Date(ms).toISOString();
  is(choose(rows('Start;End;kWh', times, (ms) => `${iso(ms)};${iso(ms + 1_800_000)};1`)), 'Start', 'iso');
  is(
    choose(
      rows('utc_timestamp;cet_timestamp;MW', times, (ms) => `${iso(ms)};${moment.tz(ms, 'Europe/Berlin').format()};1`),
    ),
    'utc_timestamp',
    'iso',
  );
  const received = rows(
    'measured at time;received at time;x',
    times,
    (ms, i) => `${iso(ms)};${iso(ms + ((i * 7919) % 90) * 1000)};1`,
  );
  assert.match(
    choose(received).question ?? '',
    /measured at time.*received at time|received at time.*measured at time/,
  );
});

test('what never changes is the time only where nothing else is, as in a snapshot; numbers never are', () => {
  const snapshot = rows('installed;id', every(9, 0), (_, i) => `2026-03-01T00:00:00Z;${i}`);
  is(choose(snapshot), 'installed', 'iso');
  const beside = rows('installed;at;x', every(9, 60), (ms) => `2026-03-01T00:00:00Z;${utc(ms, 'YYYYMMDDHH')};1`);
  is(choose(beside), 'at', 'compact');
  assert.deepEqual(choose(['a;b', '1;2', '3;4']), {});
  assert.deepEqual(choose(['a']), {});
});

test('only the columns and the format that were said', () => {
  const times = every(48, 60);
  const text = rows(
    'from;to;kWh',
    times,
    (ms) => `${utc(ms, 'DD/MM/YYYY HH:mm')};${utc(ms + HOUR_MS, 'DD/MM/YYYY HH:mm')};1`,
  );
  assert.equal(choose(text, { columns: [1] }).best?.name, 'to');
  assert.equal(choose(text, { columns: [1], format: { kind: 'month-first' } }).best?.source.format.kind, 'month-first');
  const own = rows('a;b', times, (ms) => `${utc(ms, 'HH:mm')};${utc(ms, 'DD.MM.YYYY')}`);
  const choice = choose(own, { columns: [0, 1], format: { kind: 'pattern', pattern: 'HH:mm dd.MM.yyyy' } });
  assert.deepEqual(momentsOf(own, choice), times);
});

test('rows are looked at once, as they come, however many there are', () => {
  const names = ['Time', 'W'];
  function* stream() {
    for (let i = 0; i < 50_000; i++) yield [utc(Date.UTC(2024, 2, 1) + i * 60_000, 'MM/DD/YYYY HH:mm'), String(i % 9)];
  }
  const choice = timeCandidates(names, stream(), { zone: 'Europe/Berlin', zones, nowMs });
  is(choice, 'Time', 'month-first');
  assert.equal(choice.best?.rows, 50_000);
  assert.ok((choice.best?.share ?? 0) < 1, 'the hour that was left out in spring');
});
