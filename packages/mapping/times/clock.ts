// Clocks as people write them, and the zones after them.
import { offsetsNamed } from './abbreviations.ts';
import { type ClockSaid, clockMs } from './said.ts';

/** Hours, then minutes and seconds after `:` or `.` or `h`, fraction, half of the day, word for o'clock, and the rest. */
const CLOCK =
  /^(\d{1,2})(?:([:.])(\d{2})(?:\2(\d{2})(?:[.,:](\d{1,9}))?)?|\s?h\s?(?:(\d{2})(?:\s?(?:min|m|:)\s?(?:(\d{1,2})\s?s?)?)?)?)?(?:\s?([ap])\.?\s?m\b\.?)?(?:\s?(?:Uhr|h)\b)?(?!\d)(.*)$/i;
const ISO_CLOCK = /^(\d{2})(?::?(\d{2})(?::?(\d{2})(?:[.,](\d{1,9}))?)?)?(?!\d)(.*)$/;
const MIXED = /^\d{2}:\d{4}|^\d{4}:\d{2}/;
const OFFSET = /^(?:UTC|GMT)?\s?([+\u2212-])(\d{1,2})(?::?(\d{2}))?(?:\s?\[[^\]]+\]|\s?\([^()]*\)|\s[A-Z]{1,5})?$/i;

/**
 * What a text says of zones after its clock.
 * @returns undefined where it is no zone
 * @example zoneSaid('+01:00') // { offsets: [60] }
 */
export function zoneSaid(text: string): Pick<ClockSaid, 'offsets' | 'zone'> | undefined {
  const rest = text.trim();
  if (rest === '') return {};
  const found = OFFSET.exec(rest);
  if (found) {
    const [, sign, hours = '', minutes = '0'] = found;
    const east = Number(hours) * 60 + Number(minutes);
    if (east > 14 * 60 || Number(minutes) > 59) return undefined;
    return { offsets: [sign === '+' ? east : -east || 0] };
  }
  // Java writes Z[UTC].
  const letters = rest.replace(/^\((.*)\)$|^(Z)\[[^\]]+\]$/, '$1$2');
  if (/^[A-Za-z]{1,5}$/.test(letters)) {
    const offsets = offsetsNamed(letters);
    return offsets.length > 0 ? { offsets } : undefined;
  }
  const zone = /^\[?([A-Z][A-Za-z_]+(?:\/[A-Za-z_+\-0-9]+)+)\]?$/.exec(rest)?.[1];
  return zone === undefined ? undefined : { zone };
}

function withZone(ofDayMs: number | undefined, isLeap: boolean, rest: string): ClockSaid | undefined {
  if (ofDayMs === undefined) return undefined;
  const zone = zoneSaid(rest);
  return zone && { ofDayMs, ...zone, ...(isLeap && { isLeap }) };
}

/** A clock as people write it. @example clockSaid('2.30 pm') // { ofDayMs: 52200000 } */
export function clockSaid(text: string): ClockSaid | undefined {
  const found = CLOCK.exec(text);
  if (found === null) return undefined;
  const [, hourText = '', , minuteA, secondA, fraction, minuteB, secondB, half, rest = ''] = found;
  let hour = Number(hourText);
  if (half !== undefined) {
    if (hour < 1 || hour > 12) return undefined;
    hour = (hour % 12) + (half.toLowerCase() === 'p' ? 12 : 0);
  }
  const second = Number(secondA ?? secondB ?? 0);
  const ms = clockMs(hour, Number(minuteA ?? minuteB ?? 0), second, fraction);
  return withZone(ms, second === 60, rest);
}

/** A clock of ISO 8601, basic or extended. */
export function isoClockSaid(text: string): ClockSaid | undefined {
  const found = MIXED.test(text) ? null : ISO_CLOCK.exec(text);
  if (found === null) return undefined;
  const [, hour, minute = '0', second = '0', fraction, rest = ''] = found;
  const ms = clockMs(Number(hour), Number(minute), Number(second), fraction);
  return withZone(ms, Number(second) === 60, rest);
}
