// ISO 8601 and RFC 3339: calendar, ordinal and week dates, basic and extended.
import { isoClockSaid } from './clock.ts';
import { DAY_MS, dayMs, joined, midnight, type Said } from './said.ts';

const CALENDAR = /^(\d{4})-(\d{2})-(\d{2})(?!\d)(.*)$/;
const BASIC = /^(\d{4})(\d{2})(\d{2})(?!\d)(.*)$/;
const ORDINAL = /^(\d{4})-?(\d{3})(?!\d)(.*)$/;
const WEEK = /^(\d{4})(-?)W(\d{2})\2([1-7])(?!\d)(.*)$/i;
const MORE = /^(?:t|\s+)(.*)$/i;

/** @example isoSaid('2004-W53-6T12:00Z') // { localMs: Date.UTC(2005, 0, 1, 12), offsets: [0] } */
export function isoSaid(text: string): Said | undefined {
  const found = CALENDAR.exec(text) ?? BASIC.exec(text);
  if (found) {
    const [, year, month, day, rest = ''] = found;
    return withClock(dayMs(Number(year), Number(month), Number(day)), rest);
  }
  const week = WEEK.exec(text);
  if (week) return withClock(weekDayMs(Number(week[1]), Number(week[3]), Number(week[4])), week[5] ?? '');
  const ordinal = ORDINAL.exec(text);
  return ordinal ? withClock(ordinalMs(Number(ordinal[1]), Number(ordinal[2])), ordinal[3] ?? '') : undefined;
}

function withClock(day: number | undefined, rest: string): Said | undefined {
  if (rest === '') return joined(day, midnight);
  const clock = MORE.exec(rest)?.[1];
  return clock === undefined ? undefined : joined(day, isoClockSaid(clock));
}

function ordinalMs(year: number, day: number): number | undefined {
  const first = dayMs(year, 1, 1) as number;
  const at = first + (day - 1) * DAY_MS;
  return day >= 1 && at < (dayMs(year + 1, 1, 1) as number) ? at : undefined;
}

/** Monday of week 1, which has 4 January in it. */
function firstMondayMs(year: number): number {
  const fourth = (dayMs(year, 1, 4) as number) / DAY_MS;
  return (fourth - ((((fourth + 3) % 7) + 7) % 7)) * DAY_MS;
}

function weekDayMs(year: number, week: number, day: number): number | undefined {
  const at = firstMondayMs(year) + ((week - 1) * 7 + day - 1) * DAY_MS;
  return week >= 1 && firstMondayMs(year) + (week - 1) * 7 * DAY_MS < firstMondayMs(year + 1) ? at : undefined;
}

const DURATION = /^P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)(?:[.,](\d{1,9}))?S)?)?$/i;

/** Milliseconds of a duration of ISO 8601 that has no months or years in it. */
export function durationMs(text: string): number | undefined {
  const found = DURATION.exec(text);
  if (found === null || !/\d/.test(text)) return undefined;
  const [, days = 0, hours = 0, minutes = 0, seconds = 0, fraction = ''] = found;
  const whole = Number(days) * DAY_MS + Number(hours) * 3_600_000 + Number(minutes) * 60_000 + Number(seconds) * 1000;
  return whole + (fraction === '' ? 0 : Math.round(Number(`0.${fraction}`) * 1000));
}
