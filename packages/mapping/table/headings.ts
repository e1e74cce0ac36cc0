// Several lines of headings above one table: names, units, how values were made; which of them names the columns.
import { zoneOfHeading } from '../times/heading-zone.ts';
import { headingOf } from '../units/headings.ts';
import { writtenUnit } from '../units/units.ts';

export type HeadingKind = 'names' | 'units' | 'processing';

/** How loggers make a value of many: Campbell, and their like. */
const PROCESSING =
  /^(?:smp|avg|average|mean|min|minimum|max|maximum|tot|total|sum|std|stdev|inst|med|median|wvc|wvt|etxs|cov|mom|moment|fft|hst|count|cnt|rms|sample|last|first)\.?$/i;
/** What stands where a unit of a time would: TOA5's own, and patterns such as dd/MM/yyyy HH:mm:ss. */
const UNIT_OF_TIME =
  /^(?:ts|rn|iso ?8601|datetime|date ?time|date|time|local(?: time)?|[-–]+|(?=.*[yYjJaA]{2})[dDmMyYjJaAhHsS:/.\- ]+|hh:mm(?::ss)?)$/i;
const NO_UNIT = /^(?:[-–/]+|none|n\/?a|unitless|dimensionless|no unit|ohne|sans|bool(?:ean)?|code|id|rn|ts)$/i;
/** How wide columns are, and of what type, under the names of RDB files (USGS). */
const WIDTH = /^\d+[sdn]$/;
const BRACKETED = /^[[({]\s*(.*?)\s*[\])}]$/;

const filled = (cells: readonly string[]): string[] => cells.map((cell) => cell.trim()).filter((cell) => cell !== '');

/** A unit as it stands in a line of units, without brackets. */
function bare(cell: string): string {
  const text = cell.trim();
  return (BRACKETED.exec(text)?.[1] ?? text).trim();
}

/**
 * What a line above the first row says of the columns.
 * @param above the line above it: units and processing stand under names
 * @param times columns that hold times
 */
export function kindOfHeadings(
  cells: readonly string[],
  above: readonly string[] | undefined,
  times: ReadonlySet<number>,
): HeadingKind {
  const own = cells.map((cell) => cell.trim());
  const values = own.filter((cell, i) => cell !== '' && !times.has(i));
  if (above === undefined || filled(above).length < values.length) return 'names';
  const ofTimes = own.filter((cell, i) => cell !== '' && times.has(i));
  if (values.length === 0) return 'names';
  if ([...values, ...ofTimes].every((cell) => WIDTH.test(cell))) return 'units';
  if (ofTimes.length === 0 && values.every((cell) => PROCESSING.test(cell))) return 'processing';
  const isUnit = (cell: string) => writtenUnit(bare(cell)) !== undefined;
  const units = values.filter(isUnit).length;
  const isAll = values.every((cell) => isUnit(cell) || NO_UNIT.test(bare(cell)) || BRACKETED.test(cell));
  const isOfTime = (cell: string) =>
    UNIT_OF_TIME.test(bare(cell)) || isUnit(cell) || zoneOfHeading(bare(cell)) !== undefined;
  const isUnits = units > 0 && (isAll || units >= 0.6 * values.length) && ofTimes.every(isOfTime);
  return isUnits ? 'units' : 'names';
}

/**
 * One heading for each column out of several lines. Of lines of names the first that tells all columns apart counts, or
 * as few as do; a unit is put behind its name in brackets, and so is what alone tells two columns apart (`Temp Min`).
 *
 * @example joinHeadings([{ kind: 'names', cells: ['TIMESTAMP', 'Stage'] }, { kind: 'units', cells: ['TS', 'm'] }], 2, [0]) // ['TIMESTAMP', 'Stage (m)']
 */
export function joinHeadings(
  lines: readonly { readonly kind: HeadingKind; readonly cells: readonly string[] }[],
  width: number,
  times: ReadonlySet<number>,
): string[] {
  const of = (kind: HeadingKind) =>
    lines
      .filter((line) => line.kind === kind)
      .map(({ cells }) => Array.from({ length: width }, (_, i) => (cells[i] ?? '').trim()));
  const names = of('names');
  const processing = of('processing');
  const units = of('units');
  const spread = names.map((cells, i) => (i < names.length - 1 ? overEmpty(cells) : cells));
  const chosen = telling(spread, processing, times);
  return Array.from({ length: width }, (_, i) => {
    if (times.has(i)) return timeName(names, units, i);
    const words = chosen.map((cells) => cells[i] as string).filter((word) => word !== '');
    const name = [...new Set(words)].join(' ');
    const unit = units.map((cells) => bare(cells[i] as string)).find((cell) => writtenUnit(cell) !== undefined);
    if (unit === undefined || headingOf(name).unit !== undefined) return name;
    return name === '' ? unit : `${name} (${unit})`;
  });
}

/** The zone of times may stand where other columns have their unit. */
function timeName(names: readonly string[][], units: readonly string[][], i: number): string {
  const name = names.map((cells) => cells[i] as string).findLast((word) => word !== '');
  const unit = units.map((cells) => bare(cells[i] as string)).find((cell) => cell !== '');
  if (name === undefined) return unit ?? '';
  return unit !== undefined && zoneOfHeading(unit) !== undefined ? `${name} (${unit})` : name;
}

/** Names of groups stand over the first of their columns. */
function overEmpty(cells: readonly string[]): string[] {
  let before = '';
  return cells.map((cell, i) => {
    if (cell !== '') before = cell;
    return i === 0 ? cell : before;
  });
}

/** As few lines as tell all columns of values apart, in their order. */
function telling(
  names: readonly string[][],
  processing: readonly string[][],
  times: ReadonlySet<number>,
): readonly string[][] {
  const lines = [...names, ...processing];
  const apart = (chosen: readonly string[][]) => {
    const width = lines[0]?.length ?? 0;
    const columns = Array.from({ length: width }, (_, i) => i).filter((i) => !times.has(i));
    return new Set(columns.map((i) => chosen.map((cells) => cells[i]).join('\0'))).size;
  };
  const [first = []] = [...names].sort((a, b) => apart([b]) - apart([a]));
  const chosen = new Set([first]);
  for (const line of lines) if (apart([...chosen, line]) > apart([...chosen])) chosen.add(line);
  return lines.filter((line) => chosen.has(line));
}
