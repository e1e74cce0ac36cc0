// Times that are numbers: counts since 1970, days of worksheets, dates in digits alone.
import type { UnixUnit } from './format.ts';
import { clockMs, DAY_MS, dayMs, type Said } from './said.ts';

/** Powers of ten from each unit to milliseconds. */
const toMs: Readonly<Record<UnixUnit, number>> = { s: 3, ms: 0, us: -3, ns: -6 };
const COUNT = /^([+-]?)(\d{1,25})(?:[.,](\d{1,25}))?$/;

/** A number, big or not, or a text of digits, as a text of digits; undefined where it is none of these. */
export function digitsOf(value: unknown): string | undefined {
  if (typeof value === 'bigint') return String(value);
  const text = typeof value === 'number' && Number.isFinite(value) ? String(value) : value;
  return typeof text === 'string' && COUNT.test(text.trim()) ? text.trim() : undefined;
}

/**
 * Milliseconds since 1970, rounded to the nearest. No digit is lost before the division: nanoseconds of today are beyond the
 * integers that a number holds.
 * @param digits as `digitsOf` gives them
 * @example unixMs('1548893400000000001', 'ns') // 1548893400000
 */
export function unixMs(digits: string, unit: UnixUnit): number {
  const found = COUNT.exec(digits);
  if (found === null) return Number.NaN;
  const [, sign, whole = '', part = ''] = found;
  const shift = toMs[unit];
  const padded = shift > 0 ? part.padEnd(shift, '0') : part;
  const all = `${'0'.repeat(6)}${whole}${padded}`;
  const point = 6 + whole.length + shift;
  const ms = Number(all.slice(0, point)) + (Number(all[point] ?? 0) >= 5 ? 1 : 0);
  return sign === '-' ? -ms || 0 : ms;
}

const SERIAL = /^(\d{1,6})(?:[.,](\d{1,20}))?$/;
/** Days from 30 December 1899 to 1970, and to 1 January 1904: what 1 March 1900 and later days count from. */
const EPOCH_DAYS = 25_569;
const EPOCH_1904 = 1_462;
/** The 29 February 1900 that there never was. */
const FALSE_DAY = 60;
/** Coarsest first: what was meant by a number of few digits. */
const STEPS_MS = [60_000, 1000, 1] as const;

/**
 * Days as worksheets count them. The few digits that are written leave a margin: the roundest time within it is meant.
 * @example excelSaid('45292.04167', 1900) // { localMs: Date.UTC(2024, 0, 1, 1) }
 */
export function excelSaid(digits: string, epoch: 1900 | 1904): Said | undefined {
  const found = SERIAL.exec(digits);
  if (found === null) return undefined;
  const [, whole = '', part = ''] = found;
  const days = Number(whole) + (epoch === 1904 ? EPOCH_1904 : 0);
  if (epoch === 1900 && days === FALSE_DAY) return undefined;
  const dayMs = (days - EPOCH_DAYS + (epoch === 1900 && days < FALSE_DAY ? 1 : 0)) * DAY_MS;
  const exact = Number(`0.${part || '0'}`) * DAY_MS;
  const margin = Math.max((10 ** -part.length * DAY_MS) / 2, 0.5);
  const step = STEPS_MS.find((one) => Math.abs(Math.round(exact / one) * one - exact) <= margin) ?? 1;
  return { localMs: dayMs + (part === '' ? 0 : Math.round(exact / step) * step) };
}

const COMPACT = /^(\d{4})(\d{2})(\d{2})(?:[ T]?(\d{2})(?::?(\d{2})(?::?(\d{2})(\d{3})?)?)?)?$/;

/** @example compactSaid('2024060124') // { localMs: Date.UTC(2024, 5, 2) } */
export function compactSaid(text: string): Said | undefined {
  const found = COMPACT.exec(text);
  if (found === null) return undefined;
  const [, year, month, day, hour = '0', minute = '0', second = '0', fraction] = found;
  const date = dayMs(Number(year), Number(month), Number(day));
  const ofDay = clockMs(Number(hour), Number(minute), Number(second), fraction);
  if (date === undefined || ofDay === undefined) return undefined;
  return { localMs: date + ofDay, ...(Number(second) === 60 && { isLeap: true }) };
}
