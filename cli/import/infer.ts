// Inference: what a CSV file says about itself, where the flags are silent. Everything found is told in notes.
import { plainSigns, readNumber } from '@trine/mapping/values/numbers.ts';
import { parse } from 'csv-parse/sync';
import { CommandError } from '../output.ts';
import { findSubject, findValues, wordsOfLeft } from './infer-values.ts';
import { type Given, type LeftOut, type Mapping, type Note, nameInTemplate, type ValueColumn } from './mapping.ts';
import { cellsOf, columnAt, type Sample, type Say } from './sample.ts';
import { type CsvFile, parseOptions } from './source.ts';
import { Survey } from './survey.ts';
import { guessTimeFormat, type TimeFormat, timeFormats, timeReader } from './times.ts';

const DELIMITERS = [',', ';', '\t', '|'] as const;
const REMARKS_MAX = 1_000;

export interface Inferred {
  readonly mapping: Mapping;
  readonly notes: readonly Note[];
  /** What a reader should look at before saying yes. */
  readonly warnings: readonly string[];
  /** Columns that are not imported, all of them but those that say when, of whom and what. */
  readonly left: readonly LeftOut[];
}

/**
 * Finds out how to read a file.
 *
 * @param text its beginning, in whole lines
 * @param stem file name without endings, for `{file}`
 * @param given what the flags say: it counts, whatever the file looks like
 * @param whole what the columns hold in the whole file; without it, in the text
 * @throws CommandError saying which flag would help
 * @example infer('timestamp,value\n2014-07-01 00:00:00,10844\n', 'nyc_taxi', given).mapping.values // [{ quantity: 'value', … }]
 */
export function infer(text: string, stem: string, given: Given, whole?: Survey): Inferred {
  const notes: Note[] = [];
  const warnings: string[] = [];
  const note = (what: string, value: string, from: Note['from']) => void notes.push({ what, value, from });
  const { layout, sample, survey: beginning } = begin(text, given, note);
  const survey = whole ?? beginning;
  const time = findTime(sample, given, note, warnings);
  const skip = new Set([...time.columns, ...given.skip.map((name) => columnAt(sample, name, '--skip'))]);
  if (given.skip.length > 0) note('left out', given.skip.join(', '), 'given');
  const who = findSubject(sample, given, skip, time.columns, note, warnings);
  const { values, left } = findValues({ sample, survey, given, skip, who, stem }, note, warnings);
  for (const one of left) note('left out', wordsOfLeft(one), 'inferred');
  const decimal = given.decimal ?? usualDecimal(values);
  noteSigns(values, decimal, given, note);
  const mapping: Mapping = {
    delimiter: layout.delimiter,
    ...(layout.remarks > 0 && { remarks: layout.remarks }),
    header: layout.header,
    decimal,
    columns: sample.columns,
    time: time.columns,
    timeFormat: time.format,
    timezone: given.timezone,
    subject: who.template.replaceAll('{file}', nameInTemplate(who.template, '{file}', stem) || 'file'),
    ...(who.column !== undefined && { subjectColumn: who.column }),
    ...(who.quantityColumn !== undefined && { quantityColumn: who.quantityColumn }),
    ...(who.unitColumn !== undefined && { unitColumn: who.unitColumn }),
    units: Object.fromEntries(given.quantities.map(({ quantity, unit }) => [quantity, unit])),
    unit: given.unit ?? '',
    values: values.map((column) => withoutUsual(column, decimal)),
  };
  return { mapping, notes, warnings, left };
}

interface Beginning {
  readonly layout: { readonly delimiter: string; readonly remarks: number; readonly header: boolean };
  readonly sample: Sample;
  readonly survey: Survey;
}

/**
 * Finds out how to read a file from its beginning, and from what its columns hold to the end.
 * @throws CommandError saying which flag would help
 */
export async function inferFile(file: CsvFile, given: Given): Promise<Inferred> {
  const text = await file.sample();
  if (file.isWhole) return infer(text, file.stem, given);
  const { layout, sample } = begin(text, given, () => undefined, false);
  const survey = new Survey(sample.columns);
  for await (const row of file.rows(layout)) survey.add(row);
  return infer(text, file.stem, given, survey);
}

function begin(text: string, given: Given, note: Say, surveys = true): Beginning {
  // Spreadsheets say on a first line of its own what stands between cells.
  const [line, said] = /^"?sep=(.)"?\r?\n/i.exec(text) ?? [];
  const remarks = line === undefined ? countRemarks(text, given.delimiter) : 1;
  if (remarks > 0)
    note(
      'remarks',
      line?.trim() ??
        (remarks === 1 ? 'the first line, which begins with #' : `the first ${remarks} lines, which begin with #`),
      'inferred',
    );
  const delimiter = given.delimiter ?? said ?? sniffDelimiter(text, remarks);
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
  const isData = (cell: string) =>
    cell !== '' &&
    (typeof readNumber(cell.trim(), plainSigns) === 'number' || guessTimeFormat([cell.trim()]) !== undefined);
  return !(rows[0] ?? []).some((cell) => isData(cell.trim()));
}

function findTime(
  sample: Sample,
  given: Given,
  note: Say,
  warnings: string[],
): { columns: number[]; format: TimeFormat } {
  const columns = given.time
    ? given.time.split('+').map((name) => columnAt(sample, name, '--time'))
    : inferTimeColumns(sample);
  if (columns === undefined)
    throw new CommandError(
      `No column looks like a time. Name it with --time, and its format with --time-format. There are: ${sample.columns.join(', ')}.`,
    );
  const cells = cellsOf(sample, columns);
  const guess = guessTimeFormat(cells);
  const format = given.timeFormat ?? guess?.format;
  const names = columns.map((position) => sample.columns[position]).join('+');
  if (format === undefined)
    throw new CommandError(
      `The times in ${names}, such as "${cells[0] ?? ''}", are in no format known here: ${Object.keys(timeFormats).join(', ')}.`,
    );
  try {
    timeReader(format, given.timezone);
  } catch {
    throw new CommandError(`--timezone: "${given.timezone}" is no time zone. Give one such as UTC or Europe/Berlin.`);
  }
  note('time', `${names}, ${timeFormats[format]}, ${given.timezone}`, given.time ? 'given' : 'inferred');
  if (guess?.ambiguous && given.timeFormat === undefined)
    warnings.push(
      `Day and month of "${cells[0]}" could be the other way round: give --time-format month-first if they are.`,
    );
  return { columns, format };
}

/** The column whose cells are times: one with a telling name first, then from the left; a clock column joins a date. */
function inferTimeColumns(sample: Sample): number[] | undefined {
  const telling = (name: string) => (/time|date|stamp|^ts$/i.test(name) ? 0 : 1);
  const found = sample.columns
    .map((name, position) => ({ name, position, guess: guessTimeFormat(cellsOf(sample, [position]).slice(0, 2_000)) }))
    .filter(({ guess }) => guess !== undefined)
    .sort((a, b) => telling(a.name) - telling(b.name) || a.position - b.position);
  const date = found[0];
  if (date === undefined) return undefined;
  if (cellsOf(sample, [date.position]).some((cell) => /:/.test(cell)) || date.guess?.format.startsWith('unix'))
    return [date.position];
  const clock = sample.columns.findIndex((name, position) => {
    const cells = cellsOf(sample, [position]).slice(0, 2_000);
    return /time|hour|clock/i.test(name) && cells.length > 0 && cells.every((cell) => /^\d{1,2}[:.]\d{2}\b/.test(cell));
  });
  const joined = clock >= 0 ? [date.position, clock] : undefined;
  return joined && guessTimeFormat(cellsOf(sample, joined)) ? joined : [date.position];
}
