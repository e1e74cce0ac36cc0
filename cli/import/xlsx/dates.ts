// Days as worksheets count them, as texts: which cells are such is said by how they are shown (ECMA-376, 18.8.30).
import { excelSaid } from '@trine/mapping/times/counts.ts';

/** What the number in a cell stands for. */
export type Shown = 'number' | 'date' | 'clock' | 'both';

const DAY_MS = 86_400_000;
/** The last day of the year 9999. */
const DAYS_MAX = 2_958_466;
const BUILT_IN: Readonly<Record<number, Shown>> = {
  ...Object.fromEntries([14, 15, 16, 17, 27, 28, 29, 30, 31, 36, 50, 51, 52, 53, 54, 57, 58].map((id) => [id, 'date'])),
  ...Object.fromEntries([18, 19, 20, 21, 32, 33, 34, 35, 55, 56].map((id) => [id, 'clock'])),
  22: 'both',
};

/** @example shownAs(22, undefined) // 'both' @example shownAs(164, 'dd/mm/yyyy') // 'date' */
export function shownAs(id: number, code: string | undefined): Shown {
  if (code === undefined) return BUILT_IN[id] ?? 'number';
  // Texts, escaped signs and colours; a number of hours in brackets is a length of time.
  const bare = (code.split(';')[0] as string).replace(/"[^"]*"|\\.|_.|\*./g, '').toLowerCase();
  if (/\[(?:h+|m+|s+)\]/.test(bare)) return 'number';
  const letters = bare.replace(/\[[^\]]*\]/g, '').replace(/am\/pm|a\/p/g, 'h');
  if (letters.includes('general') || /[0#?]\.?[0#?]*e[+-]/.test(letters)) return 'number';
  const hasClock = /[hs]/.test(letters);
  const hasDate = /[yd]/.test(letters) || (/m/.test(letters) && !hasClock);
  return hasDate ? (hasClock ? 'both' : 'date') : hasClock ? 'clock' : 'number';
}

/**
 * A number of days as the text that it is shown as, to the millisecond.
 * @param is1904 days are counted from the first of January 1904
 * @example dayText(45444.02083333334, 'both', false) // '2024-06-01 00:30:00'
 */
export function dayText(days: number, shown: Shown, is1904: boolean): string | undefined {
  if (shown === 'number' || !(days >= 0 && days < DAYS_MAX)) return undefined;
  if (shown === 'clock' && days <= 1) return clockText(Math.round(days * DAY_MS), true);
  const said = excelSaid(days.toFixed(11).replace(/\.?0+$/, ''), is1904 ? 1904 : 1900);
  if (said === undefined) return undefined;
  const { localMs } = said;
  const date = new Date(localMs).toISOString().slice(0, 10);
  const clock = ((localMs % DAY_MS) + DAY_MS) % DAY_MS;
  return shown === 'date' && clock === 0 ? date : `${date} ${clockText(clock, false)}`;
}

function clockText(ms: number, isShort: boolean): string {
  if (ms >= DAY_MS) return '24:00';
  const text = new Date(ms).toISOString().slice(11, 23);
  if (!text.endsWith('.000')) return text;
  return isShort && text.endsWith(':00.000') ? text.slice(0, 5) : text.slice(0, 8);
}
