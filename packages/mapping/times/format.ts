// A time format as data: a mapping names it, and its JSON is a part of what the mapping's hash covers.
import { FormatError } from '@trine/protocol';
import { patternProblem } from './pattern.ts';

/** What a count since 1970 counts. */
export type UnixUnit = 's' | 'ms' | 'us' | 'ns';

/** What times of a clock on a wall leave open. */
interface Local {
  /** Where a text names none: an IANA name (`Europe/Berlin`) or an offset (`+01:00`). Without it such a text is refused. */
  readonly zone?: string;
  /** Of a span of time `a/b` the end counts, or its start. */
  readonly interval?: 'start' | 'end';
  /** Which is meant of the hour that clocks show twice. Without it the order of rows says so, and the first where none does. */
  readonly repeated?: 'earlier' | 'later';
}

export type TimeFormat =
  /** RFC 3339; ISO 8601 basic and extended, calendar, ordinal and week dates. */
  | ({ readonly kind: 'iso' } & Local)
  /** A count since 1970, as a number or a text of digits. */
  | { readonly kind: 'unix'; readonly unit: UnixUnit }
  /** Days since 1900 or 1904, as worksheets have them. */
  | ({ readonly kind: 'excel'; readonly epoch: 1900 | 1904 } & Local)
  /** Digits alone: YYYYMMDD, YYYYMMDDHH, YYYYMMDDHHmm or YYYYMMDDHHmmss. */
  | ({ readonly kind: 'compact' } & Local)
  /** `31.12.2024 18:00`, `12/31/24 6:00 PM`, `2024.12.31`, `31-Dec-2024`. */
  | ({ readonly kind: DateOrder } & Local)
  /** Letters of Unicode TR35: see `pattern.ts`. */
  | ({ readonly kind: 'pattern'; readonly pattern: string } & Local);

export type DateOrder = 'day-first' | 'month-first' | 'year-first';

interface Named {
  readonly format: TimeFormat;
  readonly words: string;
}

/** Formats that have a name, and how people are told of them. */
export const namedFormats: Readonly<Record<string, Named>> = {
  iso: { format: { kind: 'iso' }, words: 'ISO 8601 (2014-05-30 18:20:00)' },
  'day-first': { format: { kind: 'day-first' }, words: 'day first (30.05.2014 18:20)' },
  'month-first': { format: { kind: 'month-first' }, words: 'month first (05/30/2014 6:20 PM)' },
  'year-first': { format: { kind: 'year-first' }, words: 'year first (2014/5/30 18:20)' },
  compact: { format: { kind: 'compact' }, words: 'digits alone (20140530, 2014053018, 201405301820)' },
  'unix-s': { format: { kind: 'unix', unit: 's' }, words: 'seconds since 1970' },
  'unix-ms': { format: { kind: 'unix', unit: 'ms' }, words: 'milliseconds since 1970' },
  'unix-us': { format: { kind: 'unix', unit: 'us' }, words: 'microseconds since 1970' },
  'unix-ns': { format: { kind: 'unix', unit: 'ns' }, words: 'nanoseconds since 1970' },
  excel: { format: { kind: 'excel', epoch: 1900 }, words: 'days since 1900 (41789.764)' },
  'excel-1904': { format: { kind: 'excel', epoch: 1904 }, words: 'days since 1904 (40327.764)' },
};

/**
 * A format as a person names it: one of `namedFormats`, or a pattern.
 *
 * @throws FormatError `malformed`, saying what would be understood
 * @example formatNamed('dd.MM.yyyy HH:mm') // { kind: 'pattern', pattern: 'dd.MM.yyyy HH:mm' }
 */
export function formatNamed(text: string): TimeFormat {
  const known = Object.hasOwn(namedFormats, text) ? namedFormats[text] : undefined;
  if (known) return known.format;
  const problem = patternProblem(text);
  if (problem === undefined) return { kind: 'pattern', pattern: text };
  throw new FormatError(
    'malformed',
    `"${text}" is no time format: ${problem} Give one of ${Object.keys(namedFormats).join(', ')}, or a pattern such as "dd.MM.yyyy HH:mm".`,
  );
}

/** The name of a format, or its pattern: what `formatNamed` reads. */
export function nameOfFormat(format: TimeFormat): string {
  if (format.kind === 'pattern') return format.pattern;
  if (format.kind === 'unix') return `unix-${format.unit}`;
  return format.kind === 'excel' && format.epoch === 1904 ? 'excel-1904' : format.kind;
}

/** A format in words for people. */
export function wordsOfFormat(format: TimeFormat): string {
  const name = nameOfFormat(format);
  return namedFormats[name]?.words ?? `written as ${name}`;
}

/** The same format with the zone of texts that name none. */
export function inZone(format: TimeFormat, zone: string | undefined): TimeFormat {
  return zone === undefined || format.kind === 'unix' ? format : { ...format, zone };
}
