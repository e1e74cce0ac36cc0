// Times in words and digits, in the time zone of this browser.
import { formatCounted } from './amount.ts';

/** @example timeZone // 'Europe/Paris' */
export const timeZone: string = Intl.DateTimeFormat().resolvedOptions().timeZone;

const clock = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', second: '2-digit' });
const day = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', year: 'numeric' });

const DAY = /^(\d{4,6})-(\d{2})-(\d{2})$/;

/** The local day of a moment, as an input of type date has it. */
export function dayOf(ms: number): string {
  const at = new Date(ms);
  const two = (part: number) => String(part).padStart(2, '0');
  return `${String(at.getFullYear()).padStart(4, '0')}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
}

function midnight(day: string, later: number): number | undefined {
  const [, year, month, date] = DAY.exec(day) ?? [];
  if (year === undefined) return undefined;
  const ms = new Date(Number(year), Number(month) - 1, Number(date) + later).getTime();
  return ms >= 0 ? ms : undefined;
}

/** When a local day begins; undefined where none is given. @param day as an input of type date has it */
export function startOfDay(day: string): number | undefined {
  return midnight(day, 0);
}

/** When a local day is over, which may be 23 or 25 hours after it began. */
export function dayAfter(day: string): number | undefined {
  return midnight(day, 1);
}

export function formatDateTime(ms: number): string {
  return `${day.format(ms)}, ${clock.format(ms)}`;
}

/** A moment, the day named where it is not today's. */
export function formatMoment(ms: number, nowMs: number): string {
  return day.format(ms) === day.format(nowMs) ? clock.format(ms) : formatDateTime(ms);
}

const clockShort = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit' });
const MINUTE_MS = 60_000;

const DAY_MS = 86_400_000;

/** A window of time, the day named where it is not today's, that of its end where it is another, seconds where they matter. */
export function formatWindow(fromMs: number, toMs: number, nowMs: number): string {
  const isToday = day.format(fromMs) === day.format(nowMs);
  const hours = fromMs % MINUTE_MS === 0 && toMs % MINUTE_MS === 0 ? clockShort : clock;
  // What ends at midnight ends with its day.
  const isOneDay = toMs - fromMs < DAY_MS && day.format(fromMs) === day.format(Math.max(fromMs, toMs - 1));
  const end = isOneDay ? hours.format(toMs) : `${day.format(toMs)}, ${hours.format(toMs)}`;
  return `${isToday ? '' : `${day.format(fromMs)}, `}${hours.format(fromMs)} – ${end}`;
}

/**
 * How long ago, in one unit.
 * @example formatAgo(0, 90_000) // '1 min ago'
 */
export function formatAgo(ms: number, nowMs: number): string {
  const seconds = Math.max(0, Math.round((nowMs - ms) / 1000));
  return seconds < 2 ? 'just now' : `${formatSpan(seconds * 1000)} ago`;
}

/** A length to the point, in the largest unit that needs no more than one decimal. @example formatLength(1_500) // '1.5 s' */
export function formatLength(ms: number): string {
  const units: readonly (readonly [number, string])[] = [
    [86_400_000, 'd'],
    [3_600_000, 'h'],
    [60_000, 'min'],
    [1_000, 's'],
  ];
  const unit = units.find(([length]) => ms >= length && Number.isInteger((ms / length) * 10));
  return unit ? `${ms / unit[0]} ${unit[1]}` : `${ms} ms`;
}

/** @example formatSpan(3_600_000) // '1 h' */
export function formatSpan(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3_600) return `${Math.floor(seconds / 60)} min`;
  if (seconds < 86_400) return `${Math.floor(seconds / 3_600)} h`;
  const days = Math.floor(seconds / 86_400);
  return formatCounted(days, 'day');
}

/** How long a check took: to a tenth of a millisecond while that says something. @example formatTook(7.25) // '7.3 ms' */
export function formatTook(ms: number): string {
  return `${ms < 20 ? ms.toFixed(1) : Math.round(ms)} ms`;
}

const monthYear = new Intl.DateTimeFormat('en-GB', { month: 'long', year: 'numeric', timeZone: 'UTC' });

/** @param month YYYY-MM @example formatMonth('2026-10') // 'October 2026' */
export function formatMonth(month: string): string {
  const ms = Date.parse(`${month}-01T00:00:00Z`);
  return Number.isNaN(ms) ? month : monthYear.format(ms);
}

/** A moment as an input of type datetime-local has it, in the time zone of this browser. */
export function localInput(ms: number): string {
  const at = new Date(ms);
  const two = (part: number) => String(part).padStart(2, '0');
  return `${dayOf(ms)}T${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}`;
}
