// Headings that name the zone of the times below them: "Date Time, GMT+02:00", "utc_timestamp", "MTU (CET/CEST)".
import { offsetsNamed } from './abbreviations.ts';

const OFFSET = /(?:GMT|UTC)\s?([+\u2212-])(\d{1,2})(?::?(\d{2}))?(?!\d)/i;
const WORD = /(?<![a-z])[a-z]{3,4}(?![a-z])/gi;
/** Half of Europe changes its clocks together: whoever writes both means them. */
const PAIRS: Readonly<Record<string, string>> = {
  'CET/CEST': 'Europe/Brussels',
  'MEZ/MESZ': 'Europe/Brussels',
  'EET/EEST': 'Europe/Helsinki',
  'GMT/BST': 'Europe/London',
};
/** Words of headings that are letters for a zone elsewhere. */
const NO_ZONE: ReadonlySet<string> = new Set(['cat', 'eat', 'wit', 'sst']);

/**
 * @returns a zone as a format names it; undefined where the heading names none, or one of several
 * @example zoneOfHeading('Date Time, GMT-05:00') // '-05:00'
 */
export function zoneOfHeading(heading: string): string | undefined {
  const pair = Object.keys(PAIRS).find((letters) => heading.toUpperCase().includes(letters));
  if (pair !== undefined) return PAIRS[pair];
  const offset = OFFSET.exec(heading);
  if (offset) return offsetText((offset[1] === '+' ? 1 : -1) * (Number(offset[2]) * 60 + Number(offset[3] ?? 0)));
  const words = heading.replaceAll('_', ' ').match(WORD) ?? [];
  const named = words.flatMap((word) => {
    const meant = NO_ZONE.has(word.toLowerCase()) ? [] : offsetsNamed(word);
    return meant.length === 0 ? [] : [meant];
  });
  const [only] = named;
  return only?.length === 1 && named.length === 1 ? offsetText(only[0] as number) : undefined;
}

const CELL_OFFSET = /^(?:UTC|GMT|Z)?\s*([+\u2212-]?)\s*(\d{1,2})(?::?(\d{2}))?$/i;

/**
 * The zone that a cell of its own names, as it is written behind a time.
 * @returns '' for an empty cell, undefined where it names none
 * @example zoneOfCell('UTC+2') // '+02:00' @example zoneOfCell('CEST') // 'CEST'
 */
export function zoneOfCell(cell: string): string | undefined {
  const text = cell.trim();
  if (text === '') return '';
  if (/^(?:UTC|GMT|Z)$/i.test(text)) return 'Z';
  const offset = CELL_OFFSET.exec(text);
  const minutes = offset ? Number(offset[2]) * 60 + Number(offset[3] ?? 0) : 0;
  if (offset)
    return minutes > 900
      ? undefined
      : minutes === 0
        ? 'Z'
        : offsetText(/^[+]?$/.test(offset[1] as string) ? minutes : -minutes);
  return offsetsNamed(text).length > 0 || /^[A-Z]\w+(?:\/[A-Z][\w-]+){1,2}$/i.test(text) ? text : undefined;
}

function offsetText(minutes: number): string {
  const east = Math.abs(minutes);
  const pad = (value: number) => String(value).padStart(2, '0');
  return minutes === 0 ? 'UTC' : `${minutes < 0 ? '-' : '+'}${pad(Math.floor(east / 60))}:${pad(east % 60)}`;
}
