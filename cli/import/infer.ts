// Inference: what a CSV file says about itself, where the flags are silent. Everything found is told in notes.
import { isTimeText } from '@trine/mapping/times/cells.ts';
import { wideDay } from '@trine/mapping/times/wide.ts';
import { parse } from 'csv-parse/sync';
import { CommandError } from '../output.ts';
import { crowdedRepeats, hourShownTwice, type Table } from './infer-subject.ts';
import { findTime, withMoments } from './infer-time.ts';
import { findSubject, findValues } from './infer-values.ts';
import { findWideValues } from './infer-wide.ts';
import type { Given, Mapping, Note } from './mapping.ts';
import { columnAt, type Sample, type Say } from './sample.ts';
import { parseOptions } from './source.ts';
import { nameOf, readNumber } from './values.ts';

const DELIMITERS = [',', ';', '\t', '|'] as const;
const REMARKS_MAX = 1_000;

export interface Inferred {
  readonly mapping: Mapping;
  readonly notes: readonly Note[];
  /** What a reader should look at before saying yes. */
  readonly warnings: readonly string[];
  /** What nobody may guess: somebody answers, or nothing is imported. */
  readonly questions: readonly string[];
}

/**
 * Finds out how to read a file.
 *
 * @param text its beginning, in whole lines
 * @param stem file name without endings, for `{file}`
 * @param given what the flags say: it counts, whatever the file looks like
 * @throws CommandError saying which flag would help
 * @param nowMs what is dated later is no measured time
 * @example infer('timestamp,value\n2014-07-01 00:00:00,10844\n', 'nyc_taxi', given, nowMs).mapping.values // [{ quantity: 'value', … }]
 */
export function infer(text: string, stem: string, given: Given, nowMs: number = Number.POSITIVE_INFINITY): Inferred {
  const notes: Note[] = [];
  const warnings: string[] = [];
  const questions: string[] = [];
  const note = (what: string, value: string, from: Note['from']) => void notes.push({ what, value, from });
  const { delimiter, remarks, header, sample } = layOut(text, given, note);
  const decimal = given.decimal ?? sniffDecimal(sample, delimiter);
  if (decimal !== '.' || given.decimal) note('decimal sign', decimal, given.decimal ? 'given' : 'inferred');
  const time = findTime(sample, given, nowMs, note, questions);
  const timeColumns = [...time.source.columns];
  const skip = new Set([...timeColumns, ...given.skip.map((name) => columnAt(sample, name, '--skip'))]);
  if (given.skip.length > 0) note('left out', given.skip.join(', '), 'given');
  const dated = withMoments(sample, time);
  const who = findSubject(dated, given, skip, decimal, timeColumns, note, warnings);
  const key = who.quantityColumn === undefined ? timeColumns : [...timeColumns, who.quantityColumn];
  const repeats = repeatsToAsk({ sample: dated, decimal, skip, key }, given, who.column);
  if (repeats !== undefined) questions.push(repeats);
  const values = time.wide
    ? findWideValues(sample, given, time.wide, note)
    : findValues(sample, given, skip, decimal, who, stem, note, warnings);
  const mapping: Mapping = {
    delimiter,
    ...(remarks > 0 && { remarks }),
    header,
    decimal,
    columns: sample.columns,
    time: time.source,
    subject: who.template.replaceAll('{file}', nameOf(stem) || 'file'),
    ...(who.column !== undefined && { subjectColumn: who.column }),
    ...(who.quantityColumn !== undefined && { quantityColumn: who.quantityColumn }),
    units: Object.fromEntries(given.quantities.map(({ quantity, unit }) => [quantity, unit])),
    unit: given.unit ?? '',
    values,
  };
  return { mapping, notes, warnings, questions };
}

/** What comes again of one thing at one time, and is no accident: flags that say whom it is about, or when, answer. */
function repeatsToAsk(table: Table, given: Given, column: number | undefined): string | undefined {
  const isSaid = given.subject !== undefined || given.subjectColumn !== undefined || given.columnsAre !== undefined;
  const twice = given.hasTimezone ? undefined : hourShownTwice(table, column);
  return twice ?? (isSaid ? undefined : crowdedRepeats(table, column));
}

/** Worksheets are told the delimiter in a line of its own, `sep=;`. */
const SEPARATOR = /^\ufeff?sep=(.)\r?\n/i;

/** What is a cell, and which row is the heading. */
function layOut(text: string, given: Given, note: Say) {
  const told = SEPARATOR.exec(text)?.[1];
  const remarks = told === undefined ? countRemarks(text, given.delimiter) : 1;
  const lines = remarks === 1 ? 'the first line' : `the first ${remarks} lines`;
  const which = told === undefined ? `which ${remarks === 1 ? 'begins' : 'begin'} with #` : 'which names the delimiter';
  if (remarks > 0) note('remarks', `${lines}, ${which}`, 'inferred');
  const delimiter = given.delimiter ?? told ?? sniffDelimiter(text, remarks);
  note('delimiter', JSON.stringify(delimiter), given.delimiter ? 'given' : 'inferred');
  const all = split(text, delimiter, remarks);
  const first = all[0];
  if (first === undefined) throw new CommandError('The file is empty.');
  const header = given.header ?? looksLikeHeader(all);
  note('heading', header ? 'first row' : 'none', given.header === undefined ? 'inferred' : 'given');
  const sample: Sample = {
    columns: header ? first.map((cell) => cell.trim()) : first.map((_, i) => `column${i + 1}`),
    rows: (header ? all.slice(1) : all).slice(0, 20_000),
  };
  return { delimiter, remarks, header, sample };
}

/**
 * Lines above the table that begin with #. The last of them is the heading where it has as many cells as the first row,
 * as in `# time,value`.
 */
function countRemarks(text: string, given: string | undefined): number {
  const lines = text.split('\n', REMARKS_MAX + 1);
  const count = lines.findIndex((line) => !line.startsWith('#'));
  if (count <= 0) return 0;
  const cells = (line: string | undefined, delimiter: string) => (line ?? '').split(delimiter).length;
  const isHeading = (given === undefined ? DELIMITERS : [given]).some(
    (delimiter) =>
      cells(lines[count], delimiter) > 1 && cells(lines[count - 1], delimiter) === cells(lines[count], delimiter),
  );
  return isHeading ? count - 1 : count;
}

function split(text: string, delimiter: string, remarks: number): string[][] {
  try {
    return parse(text, parseOptions(delimiter, remarks)) as string[][];
  } catch (error) {
    throw new CommandError(`The file is no CSV: ${(error as Error).message}`);
  }
}

/** The delimiter that cuts most rows into the same number of cells, and more than one. */
export function sniffDelimiter(text: string, remarks = 0): string {
  const lines = text
    .split('\n', remarks + 200)
    .slice(remarks)
    .join('\n');
  let best: string = ',';
  let bestScore = 0;
  for (const delimiter of DELIMITERS) {
    const widths = new Map<number, number>();
    let rows: string[][];
    try {
      rows = parse(lines, parseOptions(delimiter)) as string[][];
    } catch {
      continue;
    }
    for (const row of rows) widths.set(row.length, (widths.get(row.length) ?? 0) + 1);
    const [width, count] = [...widths].sort((a, b) => b[1] - a[1])[0] ?? [0, 0];
    const score = width > 1 ? (count / rows.length) * (1 + Math.log2(width) / 100) : 0;
    if (score > bestScore) {
      bestScore = score;
      best = delimiter;
    }
  }
  return best;
}

/** A heading has no numbers and no times, while what follows has. */
function looksLikeHeader(rows: readonly (readonly string[])[]): boolean {
  // Hours of the day may stand there as numbers.
  if (wideDay(rows[0] ?? [])) return true;
  const isData = (cell: string) => cell !== '' && (!Number.isNaN(readNumber(cell, '.')) || isTimeText(cell));
  return !(rows[0] ?? []).some((cell) => isData(cell.trim()));
}

function sniffDecimal({ rows }: Sample, delimiter: string): '.' | ',' {
  if (delimiter === ',') return '.';
  let commas = 0;
  let points = 0;
  for (const row of rows.slice(0, 200))
    for (const cell of row) {
      if (/^\s*-?\d+,\d+\s*$/.test(cell)) commas++;
      else if (/^\s*-?\d+\.\d+\s*$/.test(cell)) points++;
    }
  return commas > points ? ',' : '.';
}
