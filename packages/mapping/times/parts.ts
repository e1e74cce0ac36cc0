// Tables with year, month, day, and hour and minute perhaps, in columns of their own.
import type { TimeSource } from './row-times.ts';

/** Parts of a time in the order of ISO 8601. */
const names = [
  /^(?:year|yr|yyyy|jahr|ann[ée]e|año|ano|jaar|anno)$/i,
  /^(?:month|mon|mo|mm|monat|mois|mes|maand|mese)$/i,
  /^(?:day|dd|dy|tag|jour|d[ií]a|dag|giorno)$/i,
  /^(?:hour|hr|hh|h|stunde|std|heure|hora|uur|ora)$/i,
  /^(?:minutes?|min|mn|mi|minuto?|minuut)$/i,
] as const;
const bounds = [
  [1990, 2049],
  [1, 12],
  [1, 31],
  [0, 24],
  [0, 59],
] as const;
/** Year, month and day. */
const PARTS_MIN = 3;

/**
 * @param cells of a column, filled ones
 * @returns undefined where headings and cells are no such parts
 */
export function partsOf(
  headings: readonly { readonly position: number; readonly heading: string }[],
  cells: (position: number) => readonly string[],
  zone: string,
): TimeSource | undefined {
  const columns: number[] = [];
  let first: 0 | 1 = 0;
  for (const [i, name] of names.entries()) {
    const found = headings.find(({ heading }) => name.test(heading.trim()));
    const numbers = found ? cells(found.position).map(Number) : [];
    const [least, most] = bounds[i] as readonly [number, number];
    if (found === undefined || numbers.length === 0) break;
    if (!numbers.every((number) => Number.isInteger(number) && number >= least && number <= most)) return undefined;
    // Hours 1 to 24 are numbered, not shown by a clock.
    if (i === 3 && numbers.includes(24) && !numbers.includes(0)) first = 1;
    columns.push(found.position);
  }
  if (columns.length < PARTS_MIN) return undefined;
  return { columns, format: { kind: 'iso', zone }, join: { kind: 'parts', first } };
}
