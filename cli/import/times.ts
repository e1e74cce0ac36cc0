// Times as they stand in CSV files: which format a column has, and what a cell means.

export const timeFormats = {
  iso: 'ISO 8601 (2014-05-30 18:20:00)',
  'day-first': 'day first (30.05.2014 18:20)',
  'month-first': 'month first (05/30/2014 6:20 PM)',
  'unix-s': 'seconds since 1970',
  'unix-ms': 'milliseconds since 1970',
} as const;
export type TimeFormat = keyof typeof timeFormats;

/** Minutes east of UTC at an instant, as milliseconds. */
type Offset = (utcMs: number) => number;

/** Reads a cell. @returns milliseconds since 1970, or NaN */
export type TimeReader = (text: string) => number;

const ISO =
  /^(\d{4})[-/](\d{1,2})[-/](\d{1,2})(?:[T ]+(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?\s*(Z|UTC|GMT|[+-]\d{2}(?::?\d{2})?)?)?$/i;
const NUMERIC_DATE =
  /^(\d{1,2})[./-](\d{1,2})[./-](\d{4}|\d{2})(?:[T, ]+(\d{1,2})[:.](\d{2})(?:[:.](\d{2})(?:[.,](\d{1,9}))?)?\s*([AP]M)?)?$/i;
const UNIX = /^\d{9,13}(?:\.\d+)?$/;
/** 1990 and 2100 in seconds: what lies between can be a time of measurement. */
const UNIX_S_MIN = 631_152_000;
const UNIX_S_MAX = 4_102_444_800;

/**
 * @param format of the cells
 * @param zone IANA name; used where a cell names no zone of its own
 * @throws RangeError when the zone is not known
 * @example timeReader('iso', 'Europe/Berlin')('2014-05-30 18:20') // 1401466800000
 */
export function timeReader(format: TimeFormat, zone: string): TimeReader {
  if (format === 'unix-s' || format === 'unix-ms') {
    const scale = format === 'unix-s' ? 1000 : 1;
    return (text) => {
      const value = UNIX.test(text) ? Number(text) : Number.NaN;
      return isUnix((value * scale) / 1000) ? Math.round(value * scale) : Number.NaN;
    };
  }
  const offset = zoneOffset(zone);
  if (format === 'iso') return (text) => readIso(text, offset);
  return (text) => readNumericDate(text, format === 'day-first', offset);
}

function isUnix(seconds: number): boolean {
  return seconds >= UNIX_S_MIN && seconds < UNIX_S_MAX;
}

function readIso(text: string, offset: Offset): number {
  const found = ISO.exec(text);
  if (found === null) return Number.NaN;
  const [, year, month, day, hour, minute, second, fraction, zone] = found;
  const local = localMs(Number(year), Number(month), Number(day), hour, minute, second, fraction);
  return zone === undefined ? toUtc(local, offset) : local - namedOffset(zone);
}

function readNumericDate(text: string, dayFirst: boolean, offset: Offset): number {
  const found = NUMERIC_DATE.exec(text);
  if (found === null) return Number.NaN;
  const [, first, second, yearText, hourText, minute, seconds, fraction, half] = found;
  const year = yearText?.length === 2 ? 2000 + Number(yearText) : Number(yearText);
  const [day, month] = dayFirst ? [first, second] : [second, first];
  let hour = hourText;
  if (half !== undefined) {
    if (Number(hourText) < 1 || Number(hourText) > 12) return Number.NaN;
    hour = String((Number(hourText) % 12) + (/p/i.test(half) ? 12 : 0));
  }
  return toUtc(localMs(year, Number(month), Number(day), hour, minute, seconds, fraction), offset);
}

function localMs(
  year: number,
  month: number,
  day: number,
  hour = '0',
  minute = '0',
  second = '0',
  fraction = '',
): number {
  const at = Date.UTC(year, month - 1, day, Number(hour), Number(minute), Number(second));
  const back = new Date(at);
  // 31 April or 25 o'clock would silently become another day.
  if (back.getUTCDate() !== day || back.getUTCMonth() !== month - 1 || Number(hour) > 23) return Number.NaN;
  if (Number(minute) > 59 || Number(second) > 59) return Number.NaN;
  return fraction === '' ? at : at + Math.round(Number(`0.${fraction}`) * 1000);
}

function namedOffset(zone: string): number {
  if (!/^[+-]/.test(zone)) return 0;
  const digits = zone.replace(':', '');
  const minutes = Number(digits.slice(1, 3)) * 60 + Number(digits.slice(3) || 0);
  return (digits[0] === '-' ? -minutes : minutes) * 60_000;
}

/** In the hour that a clock shows twice, the first one is meant; one that it skips is read as if it had not. */
function toUtc(local: number, offset: Offset): number {
  if (Number.isNaN(local)) return local;
  const before = offset(local - DAY_MS);
  const after = offset(local - before);
  return after === before || offset(local - after) !== after ? local - before : local - after;
}

const DAY_MS = 86_400_000;
const QUARTER_MS = 900_000;
const CACHE_MAX = 200_000;

/** Offsets change on quarters of an hour: each is asked for once. */
function zoneOffset(zone: string): Offset {
  if (zone === 'UTC') return () => 0;
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone: zone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  });
  const known = new Map<number, number>();
  return (utcMs) => {
    const quarter = Math.floor(utcMs / QUARTER_MS);
    let offset = known.get(quarter);
    if (offset === undefined) {
      const part = Object.fromEntries(
        format.formatToParts(quarter * QUARTER_MS).map(({ type, value }) => [type, value]),
      );
      const local = Date.UTC(
        Number(part.year),
        Number(part.month) - 1,
        Number(part.day),
        Number(part.hour),
        Number(part.minute),
        Number(part.second),
      );
      offset = local - quarter * QUARTER_MS;
      if (known.size >= CACHE_MAX) known.clear();
      known.set(quarter, offset);
    }
    return offset;
  };
}

export interface TimeGuess {
  readonly format: TimeFormat;
  /** Day and month could be the other way round. */
  readonly ambiguous: boolean;
}

/** Cells of a column that must be times for it to be one. */
const SHARE_MIN = 0.9;

/**
 * Which time format do these cells have?
 * @param cells not empty
 * @returns undefined when they are no times
 */
export function guessTimeFormat(cells: readonly string[]): TimeGuess | undefined {
  if (cells.length === 0) return undefined;
  const fits = (format: TimeFormat) => {
    const read = timeReader(format, 'UTC');
    return cells.filter((cell) => !Number.isNaN(read(cell))).length >= SHARE_MIN * cells.length;
  };
  for (const format of ['iso', 'unix-ms', 'unix-s'] as const) if (fits(format)) return { format, ambiguous: false };
  const day = fits('day-first');
  const month = fits('month-first');
  if (day) {
    // Every cell reads both ways; AM and PM are written where the month comes first.
    if (month && cells.some((cell) => /[AP]M$/i.test(cell))) return { format: 'month-first', ambiguous: false };
    const readDay = timeReader('day-first', 'UTC');
    const readMonth = timeReader('month-first', 'UTC');
    const only = (a: TimeReader, b: TimeReader) =>
      cells.some((cell) => !Number.isNaN(a(cell)) && Number.isNaN(b(cell)));
    if (month && only(readMonth, readDay)) return { format: 'month-first', ambiguous: only(readDay, readMonth) };
    return { format: 'day-first', ambiguous: month && !only(readDay, readMonth) };
  }
  return month ? { format: 'month-first', ambiguous: false } : undefined;
}
