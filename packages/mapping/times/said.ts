// What a text says of a time before anybody looks up a zone, and how days and clocks make it.
import { civilOf, daysOf } from '@trine/protocol/calendar/civil.ts';

export const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;

/** A time as a text says it. */
export interface Said {
  /** What the clock shows, as if it were UTC, in milliseconds since 1970. */
  readonly localMs: number;
  /** Minutes east of UTC that the text names: several where its letters stand for several. */
  readonly offsets?: readonly number[];
  /** IANA zone that the text names. */
  readonly zone?: string;
  /** It says second 60. */
  readonly isLeap?: boolean;
}

/** A clock, and what stands after it of zones. */
export type ClockSaid = Omit<Said, 'localMs'> & { readonly ofDayMs: number };

/** Milliseconds since 1970 of a day, or undefined where the calendar has no such day. @param month 1 to 12 */
export function dayMs(year: number, month: number, day: number): number | undefined {
  if (month < 1 || month > 12 || day < 1 || day > 31) return undefined;
  const days = daysOf(year, month - 1, day);
  // 31 April is a day of another month.
  return day > 28 && civilOf(days).month !== month - 1 ? undefined : days * DAY_MS;
}

/** Two digits of a year as POSIX reads them: 69 to 99 lie before 2000. */
export function yearOf(text: string): number {
  const year = Number(text);
  return text.length > 2 ? year : year + (year < 69 ? 2000 : 1900);
}

/** A fraction of a second in digits, as milliseconds, rounded to the nearest. */
export function fractionMs(digits: string): number {
  return Math.round(Number(`0.${digits}`) * 1000);
}

/**
 * Milliseconds of the day. 24:00 is the end of it (ISO 8601:2004 §4.2.3), second 60 the one that is put in.
 * @returns undefined where no clock shows it
 */
export function clockMs(hour: number, minute = 0, second = 0, fraction = ''): number | undefined {
  if (minute > 59 || second > 60 || (second === 60 && minute !== 59)) return undefined;
  if (hour > 23 && !(hour === 24 && minute === 0 && second === 0 && /^0*$/.test(fraction))) return undefined;
  return hour * HOUR_MS + minute * MINUTE_MS + second * 1000 + (fraction === '' ? 0 : fractionMs(fraction));
}

/** A day and what was said of its clock. */
export function joined(day: number | undefined, clock: ClockSaid | undefined): Said | undefined {
  if (day === undefined || clock === undefined) return undefined;
  const { ofDayMs, ...rest } = clock;
  return { localMs: day + ofDayMs, ...rest };
}

export const midnight: ClockSaid = { ofDayMs: 0 };
