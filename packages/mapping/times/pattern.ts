// Patterns of one's own: a subset of the letters of Unicode TR35 (LDML, part 4, §8).
//
//   yyyy  four digits of the year      HH H   hour 0 to 24              a     AM or PM
//   yy    two: 69 to 99 before 2000    hh h   hour 1 to 12, with a      Z     +0100, or Z
//   MM M  month in digits              mm m   minute                    XXX   +01:00, or Z
//   MMMM MMM  its name, long or short  ss s   second                    z     CET, Europe/Berlin
//   dd d  day of the month             S…     fraction, 1 to 9 digits   EEEE EEE  name of the day of the week
//
// Doubled letters want two digits, single ones take one or two. Text in 'quotes' stands for itself, '' for a quote, as does
// every sign that is no letter; a space takes several.
import { zoneSaid } from './clock.ts';
import { isWeekday, monthNamed } from './months.ts';
import { clockMs, dayMs, type Said, yearOf } from './said.ts';

type Part = 'year' | 'month' | 'monthName' | 'day' | 'hour' | 'hour12' | 'minute' | 'second' | 'fraction' | 'half';
type Group = Part | 'zone' | 'weekday';

const NAME = '(\\p{L}+\\.?)';
const letters: Readonly<Record<string, readonly [Group, string]>> = {
  yyyy: ['year', '(\\d{4})'],
  yy: ['year', '(\\d{2})'],
  MMMM: ['monthName', NAME],
  MMM: ['monthName', NAME],
  MM: ['month', '(\\d{2})'],
  M: ['month', '(\\d{1,2})'],
  dd: ['day', '(\\d{2})'],
  d: ['day', '(\\d{1,2})'],
  HH: ['hour', '(\\d{2})'],
  H: ['hour', '(\\d{1,2})'],
  hh: ['hour12', '(\\d{2})'],
  h: ['hour12', '(\\d{1,2})'],
  mm: ['minute', '(\\d{2})'],
  m: ['minute', '(\\d{1,2})'],
  ss: ['second', '(\\d{2})'],
  s: ['second', '(\\d{1,2})'],
  a: ['half', '([AaPp]\\.?\\s?[Mm]\\.?)'],
  Z: ['zone', '([+-]\\d{4}|Z)'],
  XXX: ['zone', '([+-]\\d{2}:\\d{2}|Z)'],
  z: ['zone', '([A-Za-z][A-Za-z_/+\\-0-9]*)'],
  EEEE: ['weekday', NAME],
  EEE: ['weekday', NAME],
  ...Object.fromEntries(
    Array.from({ length: 9 }, (_, i) => ['S'.repeat(i + 1), ['fraction', `(\\d{${i + 1}})`] as const]),
  ),
};

/** Signs that regular expressions read as more than themselves. */
const literal = (text: string) => text.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&');

const TOKEN = /'((?:[^']|'')*)'|([A-Za-z])\2*|[^A-Za-z']/g;
const CHARS_MAX = 80;

interface Compiled {
  readonly regexp: RegExp;
  readonly groups: readonly Group[];
}

/** @returns what is wrong, in words */
function compile(pattern: string): Compiled | string {
  if (pattern === '' || pattern.length > CHARS_MAX) return `a pattern has 1 to ${CHARS_MAX} characters.`;
  const groups: Group[] = [];
  let source = '';
  let length = 0;
  for (const [token, quoted] of pattern.matchAll(TOKEN)) {
    length += token.length;
    if (quoted !== undefined) {
      source += literal(quoted === '' ? "'" : quoted.replaceAll("''", "'"));
    } else if (/^[A-Za-z]/.test(token)) {
      const known = Object.hasOwn(letters, token) ? letters[token] : undefined;
      if (known === undefined) return `the letters ${token} stand for nothing known; put plain text in 'quotes'.`;
      if (groups.includes(known[0])) return `it names the ${known[0]} twice.`;
      groups.push(known[0]);
      source += known[1];
    } else source += /\s/.test(token) ? '\\s+' : literal(token);
  }
  if (length !== pattern.length) return 'a quote is not closed.';
  return wanting(groups) ?? { regexp: new RegExp(`^${source}$`, 'u'), groups };
}

/** What a pattern must have to name a time. */
function wanting(groups: readonly Group[]): string | undefined {
  const has = (...any: Group[]) => any.some((group) => groups.includes(group));
  if (!has('year')) return 'it has no year (yyyy).';
  if (!has('month', 'monthName')) return 'it has no month (MM).';
  if (has('month') && has('monthName')) return 'it names the month twice.';
  if (has('hour') && has('hour12', 'half')) return 'it has hours of 24 (H) and of 12 (h, a).';
  if (has('hour12') !== has('half')) return 'hours of 12 (h) and AM or PM (a) go together.';
  if (has('minute') && !has('hour', 'hour12')) return 'it has minutes without hours.';
  if (has('second') && !has('minute')) return 'it has seconds without minutes.';
  if (has('fraction') && !has('second')) return 'it has a fraction without seconds.';
  return undefined;
}

/** What keeps a text from being a pattern, in words; undefined where it is one. */
export function patternProblem(pattern: string): string | undefined {
  const compiled = compile(pattern);
  return typeof compiled === 'string' ? compiled : undefined;
}

/**
 * A reader of texts in a pattern. A pattern without a day means the first of the month, one without hours midnight.
 *
 * @throws RangeError where it is no pattern: ask `patternProblem` first
 * @example patternReader('dd.MM.yyyy HH:mm')('30.05.2014 18:20') // { localMs: Date.UTC(2014, 4, 30, 18, 20) }
 */
export function patternReader(pattern: string): (text: string) => Said | undefined {
  const compiled = compile(pattern);
  if (typeof compiled === 'string') throw new RangeError(`The pattern "${pattern}" cannot be read: ${compiled}`);
  const { regexp, groups } = compiled;
  return (text) => {
    const found = regexp.exec(text);
    if (found === null) return undefined;
    const of = (group: Group) => found[groups.indexOf(group) + 1] as string;
    const partOf = (group: Part, without: number) => (groups.includes(group) ? Number(of(group)) : without);
    const month = groups.includes('monthName') ? monthNamed(of('monthName')) : partOf('month', 0);
    if (month === undefined || (groups.includes('weekday') && !isWeekday(of('weekday')))) return undefined;
    const zone = groups.includes('zone') ? zoneSaid(of('zone')) : {};
    const day = dayMs(yearOf(of('year')), month, partOf('day', 1));
    const second = partOf('second', 0);
    const hour = groups.includes('half') ? hourOf12(Number(of('hour12')), of('half')) : partOf('hour', 0);
    if (hour === undefined || zone === undefined || day === undefined) return undefined;
    const ofDay = clockMs(hour, partOf('minute', 0), second, groups.includes('fraction') ? of('fraction') : '');
    return ofDay === undefined ? undefined : { localMs: day + ofDay, ...zone, ...(second === 60 && { isLeap: true }) };
  };
}

function hourOf12(hour: number, half: string): number | undefined {
  if (hour < 1 || hour > 12) return undefined;
  return (hour % 12) + (/^p/i.test(half) ? 12 : 0);
}
