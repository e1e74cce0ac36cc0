// What the cells of a column could be, from a first look at some of them.
import type { ZoneTable } from '@trine/protocol/calendar/zones.ts';
import { clockSaid } from './clock.ts';
import { dateSaid } from './dates.ts';
import { formatNamed, inZone, type TimeFormat } from './format.ts';
import { isoSaid } from './iso.ts';
import { TimeReader } from './reader.ts';
import { CLOCK_SPAN, type Join, type Slots } from './row-times.ts';
import { DAY_MS } from './said.ts';

/** Of the cells looked at, this share must fit for a closer look at the whole column. */
const SHARE_LOOK = 0.8;
const DIGITS = /^\d+(?:[.,]\d+)?$/;

export interface Look {
  readonly position: number;
  readonly heading: string;
  /** Digits alone: days and counts, or something else. */
  readonly isDigits: boolean;
  readonly formats: readonly { readonly format: TimeFormat; readonly isDate: boolean }[];
  /** How it would make a time of a date beside it. */
  readonly clock: Exclude<Join['kind'], 'slots' | 'parts'> | undefined;
  readonly slots: Omit<Slots, 'at' | 'counts'> | undefined;
}

const digitFormats = ['compact', 'unix-s', 'unix-ms', 'unix-us', 'unix-ns', 'excel'];
const textFormats = ['iso', 'year-first', 'day-first', 'month-first'];

/**
 * @param cells filled ones, trimmed, in their order
 * @param dates cells of the column of dates beside each, if any: numbers of parts of a day begin anew with it
 */
export function lookAt(
  position: number,
  heading: string,
  cells: readonly string[],
  zone: string,
  zones: ZoneTable,
  only?: TimeFormat,
): Look {
  const isDigits = cells.length > 0 && cells.every((cell) => DIGITS.test(cell));
  const names = isDigits ? digitFormats : textFormats;
  const wanted = only ? [only] : names.map(formatNamed);
  const formats = wanted.flatMap((format) => {
    // In UTC, so that midnight is midnight.
    const reader = new TimeReader(inZone(format, 'UTC'), zones);
    const found = cells.flatMap((cell) => {
      const read = reader.read(cell);
      return read.kind === 'time' ? [read.ms] : [];
    });
    if (found.length === 0 || found.length < SHARE_LOOK * cells.length) return [];
    return [{ format: inZone(format, zone), isDate: found.every((ms) => ms % DAY_MS === 0), count: found.length }];
  });
  return {
    position,
    heading,
    isDigits,
    formats: withoutDoubles(formats, cells),
    clock: clockOf(cells, heading),
    slots: slotsOf(cells),
  };
}

interface Fit {
  readonly format: TimeFormat;
  readonly isDate: boolean;
  readonly count: number;
}

function withoutDoubles(fits: readonly Fit[], cells: readonly string[]): readonly Fit[] {
  const countOf = (kind: TimeFormat['kind']) => fits.find(({ format }) => format.kind === kind)?.count ?? 0;
  // Nobody writes the month first with points.
  const isPoints = cells.every((cell) => /^\d{1,2}\.\d{1,2}\./.test(cell));
  return fits.filter(({ format: { kind } }) => {
    // ISO is one of those that write the year first.
    if (kind === 'year-first') return countOf('iso') < countOf('year-first');
    if (kind === 'iso') return countOf('iso') >= countOf('year-first');
    return !(kind === 'month-first' && isPoints && countOf('day-first') > 0);
  });
}

const CLOCK_HEADING = /time|clock|zeit|uhr|hora|heure|tijd|^ora\b|\bora\b|stunde|hhmm/i;

function clockOf(cells: readonly string[], heading: string): Look['clock'] {
  if (cells.length === 0) return undefined;
  const isClock = (cell: string) => clockSaid(cell) !== undefined;
  const share = (test: (cell: string) => boolean) => cells.filter(test).length / cells.length;
  if (share((cell) => /^\d{1,2}(?::\d{2}|\s?h)/i.test(cell) && isClock(cell)) >= SHARE_LOOK) return 'text';
  if (share((cell) => CLOCK_SPAN.test(cell)) === 1) return 'span';
  if (share((cell) => /^\d{1,2}\s?[ap]\.?m\b/i.test(cell) && isClock(cell)) >= SHARE_LOOK) return 'text';
  if (!CLOCK_HEADING.test(heading)) return undefined;
  // Numbers have a point, too, and four digits.
  if (share((cell) => /^\d{1,2}\.\d{2}(?:\.\d{2})?$/.test(cell) && isClock(cell)) === 1) return 'text';
  const isDigits = (cell: string) => /^(?:[01]\d|2[0-3])[0-5]\d(?:[0-5]\d)?$|^2400(?:00)?$/.test(cell);
  return share(isDigits) === 1 ? 'digits' : undefined;
}

/** Does a text say a date, with or without a clock, in a way that no heading does? */
export function isTimeText(text: string): boolean {
  const orders = ['day-first', 'month-first', 'year-first'] as const;
  return isoSaid(text) !== undefined || orders.some((order) => dateSaid(text, order) !== undefined);
}

/** Does the heading say that it is a clock? It alone makes none. */
export function isClockHeading(heading: string): boolean {
  return CLOCK_HEADING.test(heading);
}

/** How many parts of a day there are, also on days of 23 and 25 hours; and how long they are. */
const parts: readonly (readonly [most: readonly number[], minutes: number])[] = [
  [[23, 24, 25], 60],
  [[46, 48, 50], 30],
  [[92, 96, 100], 15],
  [[276, 288, 300], 5],
];

/** Parts of so many to a day, and whether it is the day on which clocks go back; undefined where no day has so many. */
export function partsOfDay(count: number): { minutes: number; isLong: boolean } | undefined {
  const found = parts.find(([counts]) => counts.includes(count) && count >= (counts[1] as number));
  return found && { minutes: found[1], isLong: count > (found[0][1] as number) };
}

function slotsOf(cells: readonly string[]): Look['slots'] {
  if (cells.length < 12 || !cells.every((cell) => /^\d{1,3}(?:\.0+)?$/.test(cell))) return undefined;
  const numbers = cells.map(Number);
  const first = Math.min(...numbers);
  const most = Math.max(...numbers);
  if (first !== 0 && first !== 1) return undefined;
  const found = parts.find(([counts]) => counts.includes(most + 1 - first));
  // They run on, stay, or begin anew.
  const runs = numbers.filter((number, i) => {
    const before = numbers[i - 1];
    return before === undefined || number === before || number === before + 1 || number === first;
  }).length;
  return found !== undefined && runs >= 0.97 * numbers.length && new Set(numbers).size >= 12
    ? { kind: 'slots', minutes: found[1], first }
    : undefined;
}
