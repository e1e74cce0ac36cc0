// Dates as people write them: day, month or year first, in digits or with the name of the month.
import { clockSaid } from './clock.ts';
import type { DateOrder } from './format.ts';
import { isWeekday, monthNamed } from './months.ts';
import { dayMs, joined, midnight, type Said, yearOf } from './said.ts';

type Part = 'year' | 'month' | 'day';
interface Form {
  readonly pattern: RegExp;
  /** What its groups are; the last group is the rest. */
  readonly parts: readonly [Part, Part, Part];
}

const NUMERIC_END = /^(\d{1,2})([./-])\s?(\d{1,2})\2\s?(\d{4}|\d{2})\.?(?!\d)(.*)$/;
const NUMERIC_BEGIN = /^(\d{4}|\d{2})([./-])\s?(\d{1,2})\2\s?(\d{1,2})\.?(?!\d)(.*)$/;

const forms: Readonly<Record<DateOrder, { readonly numeric: Form; readonly named: Form }>> = {
  'day-first': {
    numeric: { pattern: NUMERIC_END, parts: ['day', 'month', 'year'] },
    named: {
      pattern:
        /^(\d{1,2})(?:st|nd|rd|th|er|[º°.])?(\s?(?:de|of)\s|[\s./-]*)(\p{L}+)\.?(?:\s?(?:de|del)\s|[\s.,/'-]*)(\d{4}|\d{2})(?!\d)(.*)$/u,
      parts: ['day', 'month', 'year'],
    },
  },
  'month-first': {
    numeric: { pattern: NUMERIC_END, parts: ['month', 'day', 'year'] },
    named: {
      pattern: /^(\p{L}+)(\.?[\s./-]*)(\d{1,2})(?:st|nd|rd|th)?(?:\s?,\s?|[\s./-]+)(\d{4}|\d{2})(?!\d)(.*)$/u,
      parts: ['month', 'day', 'year'],
    },
  },
  'year-first': {
    numeric: { pattern: NUMERIC_BEGIN, parts: ['year', 'month', 'day'] },
    named: {
      pattern: /^(\d{4}|\d{2})([\s./-]?)(\p{L}+)\.?[\s./-]?(\d{1,2})(?!\d)(.*)$/u,
      parts: ['year', 'month', 'day'],
    },
  },
};

const WEEKDAY = /^(\p{L}+)\.?,?\s+(?=\S)/u;
const MORE = /^(?:\s*,?\s+(?:(?:at|um|à|om|alle|a las)\s+)?|\s*,\s*|t|_|:)(?=\d)(.*)$/i;
/** The clock before the date: 14:30 01.06.2024. */
const CLOCK_FIRST = /^(\d{1,2}:\d{2}(?::\d{2}(?:[.,]\d{1,9})?)?(?:\s?[ap]\.?m\b\.?)?),?\s+(\S.*)$/i;
/** As C's asctime and date(1) have it: the year last, `Jun  1 14:30:00 CEST 2024`. */
const YEAR_LAST = /^(\p{L}+\s+\d{1,2})\s+(\d{1,2}:\d{2}(?::\d{2})?(?:\s+[A-Z]{1,5})?)\s+(\d{4})$/u;

/**
 * @param text trimmed
 * @example dateSaid('Sat, 1 Jun 2024 14h30', 'day-first') // { localMs: Date.UTC(2024, 5, 1, 14, 30) }
 */
export function dateSaid(text: string, order: DateOrder): Said | undefined {
  const said = bareSaid(CLOCK_FIRST.test(text) ? text.replace(CLOCK_FIRST, '$2 $1') : text, order);
  if (said !== undefined || /^\d/.test(text)) return said;
  const word = WEEKDAY.exec(text);
  return word && isWeekday(word[1] as string) ? bareSaid(text.slice(word[0].length), order) : undefined;
}

function bareSaid(text: string, order: DateOrder): Said | undefined {
  const { numeric, named } = forms[order];
  const inDigits = numeric.pattern.exec(text);
  if (inDigits) return read(inDigits, numeric.parts, false);
  const withName = named.pattern.exec(order === 'month-first' ? text.replace(YEAR_LAST, '$1 $3 $2') : text);
  return withName ? read(withName, named.parts, true) : undefined;
}

function read(found: RegExpExecArray, parts: Form['parts'], isNamed: boolean): Said | undefined {
  const texts = [found[1], found[3], found[4]] as readonly string[];
  const part = (name: Part) => texts[parts.indexOf(name)] as string;
  const month = isNamed ? monthNamed(part('month')) : Number(part('month'));
  if (month === undefined) return undefined;
  const day = dayMs(yearOf(part('year')), month, Number(part('day')));
  const rest = found[5] as string;
  if (rest.trim() === '') return joined(day, midnight);
  const clock = MORE.exec(rest)?.[1];
  return clock === undefined ? undefined : joined(day, clockSaid(clock));
}
