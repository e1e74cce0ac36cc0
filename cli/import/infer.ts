// Inference: what a CSV file says about itself, where the flags are silent. Everything found is told in notes.
import { isTimeText } from '@trine/mapping/times/cells.ts';
import { wideDay } from '@trine/mapping/times/wide.ts';
import { plainSigns, readNumber } from '@trine/mapping/values/numbers.ts';
import { parse } from 'csv-parse/sync';
import { CommandError } from '../output.ts';
import { crowdedRepeats, hourShownTwice, type Table } from './infer-subject.ts';
import { findTime, withMoments } from './infer-time.ts';
import { findSubject, findValues, wordsOfLeft } from './infer-values.ts';
import { findWideValues } from './infer-wide.ts';
import { type Given, type LeftOut, type Mapping, type Note, nameInTemplate, type ValueColumn } from './mapping.ts';
import { columnAt, type Sample, type Say } from './sample.ts';
import { type CsvFile, parseOptions } from './source.ts';
import { Survey } from './survey.ts';

const DELIMITERS = [',', ';', '\t', '|'] as const;
const REMARKS_MAX = 1_000;

export interface Inferred {
  readonly mapping: Mapping;
  readonly notes: readonly Note[];
  /** What a reader should look at before saying yes. */
  readonly warnings: readonly string[];
  /** Columns that are not imported, all of them but those that say when, of whom and what. */
  readonly left: readonly LeftOut[];
  /** What nobody may guess: somebody answers, or nothing is imported. */
  readonly questions: readonly string[];
}

/**
 * Finds out how to read a file.
 *
 * @param text its beginning, in whole lines
 * @param stem file name without endings, for `{file}`
 * @param given what the flags say: it counts, whatever the file looks like
 * @param nowMs what is dated later is no measured time
 * @param whole what the columns hold in the whole file; without it, in the text
 * @throws CommandError saying which flag would help
 * @example infer('timestamp,value\n2014-07-01 00:00:00,10844\n', 'nyc_taxi', given, nowMs).mapping.values // [{ quantity: 'value', … }]
 */
export function infer(
  text: string,
  stem: string,
  given: Given,
  nowMs: number = Number.POSITIVE_INFINITY,
  whole?: Survey,
): Inferred {
  const notes: Note[] = [];
  const warnings: string[] = [];
  const questions: string[] = [];
  const note = (what: string, value: string, from: Note['from']) => void notes.push({ what, value, from });
  const { layout, sample, survey: beginning } = begin(text, given, note);
  const survey = whole ?? beginning;
  const time = findTime(sample, given, nowMs, note, questions);
  const timeColumns = time.source.columns;
  const skip = new Set([...timeColumns, ...given.skip.map((name) => columnAt(sample, name, '--skip'))]);
  if (given.skip.length > 0) note('left out', given.skip.join(', '), 'given');
  const dated = withMoments(sample, time);
  const who = findSubject(dated, given, skip, timeColumns, note, warnings);
  const key = who.quantityColumn === undefined ? timeColumns : [...timeColumns, who.quantityColumn];
  const repeats = repeatsToAsk({ sample: dated, skip, key }, given, who.column);
  if (repeats !== undefined) questions.push(repeats);
  const found = { sample, survey, given, skip, who, stem };
  const { values, left } = time.wide ? findWideValues(found, time.wide, note) : findValues(found, note, warnings);
  for (const one of left) note('left out', wordsOfLeft(one), 'inferred');
  const decimal = given.decimal ?? usualDecimal(values);
  noteSigns(values, decimal, given, note);
  const mapping: Mapping = {
    delimiter: layout.delimiter,
    ...(layout.remarks > 0 && { remarks: layout.remarks }),
    header: layout.header,
    decimal,
    columns: sample.columns,
    time: time.source,
    subject: who.template.replaceAll('{file}', nameInTemplate(who.template, '{file}', stem) || 'file'),
    ...(who.column !== undefined && { subjectColumn: who.column }),
    ...(who.quantityColumn !== undefined && { quantityColumn: who.quantityColumn }),
    ...(who.unitColumn !== undefined && { unitColumn: who.unitColumn }),
    units: Object.fromEntries(given.quantities.map(({ quantity, unit }) => [quantity, unit])),
    unit: given.unit ?? '',
    values: values.map((column) => withoutUsual(column, decimal)),
  };
  return { mapping, notes, warnings, questions, left };
}

/** What comes again of one thing at one time, and is no accident: flags that say whom it is about, or when, answer. */
function repeatsToAsk(table: Table, given: Given, column: number | undefined): string | undefined {
  const isSaid = given.subject !== undefined || given.subjectColumn !== undefined || given.columnsAre !== undefined;
  const twice = given.hasTimezone ? undefined : hourShownTwice(table, column);
  return twice ?? (isSaid ? undefined : crowdedRepeats(table, column));
}

interface Beginning {
  readonly layout: { readonly delimiter: string; readonly remarks: number; readonly header: boolean };
  readonly sample: Sample;
  readonly survey: Survey;
}

/**
 * Finds out how to read a file from its beginning, and from what its columns hold to the end.
 * @param nowMs what is dated later is no measured time
 * @throws CommandError saying which flag would help
 */
export async function inferFile(
  file: CsvFile,
  given: Given,
  nowMs: number = Number.POSITIVE_INFINITY,
): Promise<Inferred> {
  const text = await file.sample();
  if (file.isWhole) return infer(text, file.stem, given, nowMs);
  const { layout, sample } = begin(text, given, () => undefined, false);
  const survey = new Survey(sample.columns);
  for await (const row of file.rows(layout)) survey.add(row);
  return infer(text, file.stem, given, nowMs, survey);
}

/** Spreadsheets are told on a first line of its own what stands between cells. */
const SEPARATOR = /^\ufeff?"?sep=(.)"?\r?\n/i;

function begin(text: string, given: Given, note: Say, surveys = true): Beginning {
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
  const columns = header ? first.map((cell) => cell.trim()) : first.map((_, i) => `column${i + 1}`);
  const rows = header ? all.slice(1) : all;
  const survey = new Survey(columns);
  if (surveys) for (const row of rows) survey.add(row);
  return {
    layout: { delimiter, remarks, header },
    sample: { delimiter, columns, rows: rows.slice(0, 20_000) },
    survey,
  };
}

/** The decimal sign of most columns that have one. */
function usualDecimal(values: readonly ValueColumn[]): '.' | ',' {
  const commas = values.filter(({ signs }) => signs?.decimal === ',').length;
  return commas > values.filter(({ signs }) => signs?.decimal === '.').length ? ',' : '.';
}

/** What is as in the rest of the file is not said again: a mapping names an import. */
function withoutUsual({ signs, ...column }: ValueColumn, decimal: '.' | ','): ValueColumn {
  const isUsual = signs === undefined || (signs.decimal === decimal && signs.thousands === undefined);
  return isUsual ? column : { ...column, signs };
}

function noteSigns(values: readonly ValueColumn[], decimal: '.' | ',', given: Given, note: Say): void {
  const others = values.flatMap(({ heading, signs }) => {
    if (signs === undefined || (signs.decimal === decimal && signs.thousands === undefined)) return [];
    const thousands = signs.thousands === undefined ? '' : `, thousands grouped by ${JSON.stringify(signs.thousands)}`;
    return [`${heading} has ${signs.decimal}${thousands}`];
  });
  if (decimal !== '.' || given.decimal || others.length > 0)
    note('decimal sign', [decimal, ...others].join('; '), given.decimal || given.decimals ? 'given' : 'inferred');
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
  const isData = (cell: string) => typeof readNumber(cell, plainSigns) === 'number' || isTimeText(cell);
  return !(rows[0] ?? []).some((cell) => cell.trim() !== '' && isData(cell.trim()));
}
