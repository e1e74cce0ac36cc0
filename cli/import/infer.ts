// Inference: what a CSV file says about itself, where the flags are silent. Everything found is told in notes.
import { type CutRow, tableBeginning, unitAbove, zoneAbove } from '@trine/mapping/table/beginning.ts';
import type { TimeChoice } from '@trine/mapping/times/candidates.ts';
import { countOf } from '@trine/protocol';
import { parse } from 'csv-parse/sync';
import { CommandError } from '../output.ts';
import { hasDecimalCommas } from './columns.ts';
import { crowdedRepeats, hourShownTwice, type Table } from './infer-subject.ts';
import { findTime, trialsOfAll, withMoments, zoneNamed } from './infer-time.ts';
import { findSubject, findValues, wordsOfLeft } from './infer-values.ts';
import { findWideValues } from './infer-wide.ts';
import { type Given, type LeftOut, type Mapping, type Note, nameInTemplate, type ValueColumn } from './mapping.ts';
import { columnAt, type Sample, type Say } from './sample.ts';
import { type Layout, parseOptions, type SourceFile } from './source.ts';
import { Survey } from './survey.ts';

/** A comma last: it stands in numbers, too, where another stands between them. */
const DELIMITERS = [';', '\t', '|', ','] as const;
const REMARKS_MAX = 1_000;
/** As worksheets have at most. */
const COLUMNS_MAX = 16_384;
/** Of so many lines the later half tells the delimiter. */
const LATE_MIN = 4;

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
 * @param whole what the whole file tells; without it, the text
 * @throws CommandError saying which flag would help
 * @example infer('timestamp,value\n2014-07-01 00:00:00,10844\n', 'nyc_taxi', given, nowMs).mapping.values // [{ quantity: 'value', … }]
 */
export function infer(
  text: string,
  stem: string,
  given: Given,
  nowMs: number = Number.POSITIVE_INFINITY,
  whole?: Whole,
): Inferred {
  const notes: Note[] = [];
  const warnings: string[] = [];
  const questions: string[] = [];
  const note = (what: string, value: string, from: Note['from']) => void notes.push({ what, value, from });
  const { layout, sample, survey: beginning } = begin(text, given, note);
  const survey = whole?.survey ?? beginning;
  const time = findTime(sample, given, nowMs, note, questions, {
    whole: whole?.time,
    hasCommas: hasDecimalCommas(survey),
  });
  const timeColumns = time.source.columns;
  const { zoneColumn } = time.source;
  const inZone = zoneColumn === undefined ? [] : [zoneColumn];
  const skip = new Set([...timeColumns, ...inZone, ...given.skip.map((name) => columnAt(sample, name, '--skip'))]);
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
    ...(layout.headingRows !== undefined && { headingRows: layout.headingRows }),
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

/** What a file tells from its first row to the last. */
interface Whole {
  readonly survey: Survey;
  /** Where the beginning leaves the time in doubt. */
  readonly time?: TimeChoice;
}

interface Beginning {
  readonly layout: Layout & { readonly remarks: number };
  readonly sample: Sample;
  readonly survey: Survey;
}

/**
 * Finds out how to read a file from its beginning, and from what its columns hold to the end.
 * @param nowMs what is dated later is no measured time
 * @throws CommandError saying which flag would help
 */
export async function inferFile(
  file: SourceFile,
  given: Given,
  nowMs: number = Number.POSITIVE_INFINITY,
): Promise<Inferred> {
  const text = await file.sample();
  if (file.isWhole) return ofSheet(file, infer(text, file.stem, given, nowMs));
  const { layout, sample } = begin(text, given, () => undefined, false);
  const survey = new Survey(sample.columns);
  const trials = trialsOfAll(sample, given, nowMs);
  for await (const row of file.rows(layout)) {
    survey.add(row);
    trials?.take(row);
  }
  const whole = { survey, ...(trials && { time: trials.choice }) };
  return ofSheet(file, infer(text, file.stem, given, nowMs, whole));
}

/** A mapping names the sheet that it is of. */
function ofSheet({ sheet }: SourceFile, found: Inferred): Inferred {
  if (sheet === undefined) return found;
  const note: Note = { what: 'sheet', value: sheet, from: 'inferred' };
  return { ...found, mapping: { ...found.mapping, sheet }, notes: [note, ...found.notes] };
}

/** Spreadsheets are told on a first line of its own what stands between cells. */
const SEPARATOR = /^\ufeff?"?sep=(.)"?\r?\n/i;

function begin(text: string, given: Given, note: Say, surveys = true): Beginning {
  const told = SEPARATOR.exec(text)?.[1];
  const remarks = given.skipRows ?? (told === undefined ? countRemarks(text, given.delimiter) : 1);
  const delimiter = given.delimiter ?? told ?? sniffDelimiter(text, remarks);
  const all = split(text, delimiter, remarks);
  if (all.length === 0) throw new CommandError('The file is empty.');
  // Lines that a flag counts off are above the table, all of them and no more.
  const { linesAbove, headingRows, headings, above } = tableBeginning(all, given.headingRows, given.skipRows);
  if (headings.length > COLUMNS_MAX)
    throw new CommandError(
      `It has ${countOf(headings.length, 'column')}, and at most ${COLUMNS_MAX} are read: cut it into several, or say what stands between cells with --delimiter.`,
    );
  noteAbove(Math.max(remarks, linesAbove), above, told, given, note);
  note('delimiter', JSON.stringify(delimiter), given.delimiter ? 'given' : 'inferred');
  const lines = headingRows === 1 ? 'first row' : `the first ${countOf(headingRows, 'row')}, as ${headings.join(', ')}`;
  note('heading', headingRows === 0 ? 'none' : lines, given.headingRows === undefined ? 'inferred' : 'given');
  const rows = all.slice(above.length + headingRows).map(({ cells }) => cells);
  const survey = new Survey(headings);
  if (surveys) for (const row of rows) survey.add(row);
  const unit = unitAbove(above);
  const zone = zoneNamed(zoneAbove(above));
  return {
    layout: {
      delimiter,
      remarks: linesAbove,
      header: headingRows > 0,
      ...(headingRows > 1 && { headingRows }),
    },
    sample: {
      delimiter,
      columns: headings,
      rows: rows.slice(0, 20_000),
      ...(unit !== undefined && { unit }),
      ...(zone !== undefined && { zone }),
    },
    survey,
  };
}

function noteAbove(count: number, above: readonly CutRow[], told: string | undefined, given: Given, note: Say): void {
  if (count === 0) return;
  const lines = count === 1 ? 'the first line' : `the first ${count} lines`;
  const [first] = above;
  const rest = first
    ? `which ${count === 1 ? 'is' : 'are'} no part of the table: ${JSON.stringify(first.cells.join(' ').trim().slice(0, 60))}${above.length > 1 ? ', …' : ''}`
    : told === undefined
      ? `which ${count === 1 ? 'begins' : 'begin'} with #`
      : 'which names the delimiter';
  note(
    'left out',
    `${lines}, ${given.skipRows === undefined ? rest : 'as said'}`,
    given.skipRows === undefined ? 'inferred' : 'given',
  );
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

function split(text: string, delimiter: string, remarks: number): CutRow[] {
  try {
    const options = { ...parseOptions(delimiter, remarks), info: true };
    const found = parse(text, options) as unknown as { record: string[]; info: { lines: number } }[];
    return found.map(({ record, info: { lines } }) => {
      const breaks = record.reduce((sum, cell) => sum + (cell.includes('\n') ? cell.split('\n').length - 1 : 0), 0);
      return { cells: record, firstLine: lines - breaks, lastLine: lines };
    });
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
    let rows: string[][];
    try {
      rows = parse(lines, parseOptions(delimiter)) as string[][];
    } catch {
      continue;
    }
    // A table may begin late: what stands above it does not count.
    const score = evenness(rows.length >= LATE_MIN ? rows.slice(Math.floor(rows.length / 2)) : rows);
    if (score > bestScore) {
      bestScore = score;
      best = delimiter;
    }
  }
  return best;
}

/** Share of the rows that have the most usual number of cells; 0 where that is one. More cells count a little more. */
function evenness(rows: readonly (readonly string[])[]): number {
  const widths = new Map<number, number>();
  for (const { length } of rows) widths.set(length, (widths.get(length) ?? 0) + 1);
  const [width, count] = [...widths].sort((a, b) => b[1] - a[1])[0] ?? [0, 0];
  return width > 1 ? (count / rows.length) * (1 + Math.log2(width) / 100) : 0;
}
