// Tables that are made of files of other kinds: their times, names and units are found out as those of CSV.

import { Readable } from 'node:stream';
import { type Around, type JsonRow, rowsOfJson } from '@trine/mapping/formats/json-rows.ts';
import { countOf } from '@trine/protocol';
import { CommandError } from '../../output.ts';
import type { Given, LeftOut, Note } from '../mapping.ts';
import type { SourceFile } from '../source.ts';
import { elementsOf, isJsonHead, isLinesHead } from './elements.ts';
import type { Head } from './format.ts';

/** A file that is read as a table from here on. */
export interface TableMade {
  readonly given: Given;
  readonly notes: readonly Note[];
  readonly left: readonly LeftOut[];
}

const COLUMNS_MAX = 2_000;
/** Rows that are written at once. */
const ROWS_AT_ONCE = 500;
const AROUND_MAX = 100;
/** A text that holds a number with a comma: as a decimal sign, or between thousands. */
const WITH_COMMA = /^\s*[+-]?\d[\d.'\s]*,\d[\d.,'\s]*$/;

/**
 * Makes a table of JSON: a column for each path of a member, found in the whole file.
 * @returns undefined where the file is no JSON
 * @throws CommandError where it is broken, or has too many members
 */
export async function tableOfJson(file: SourceFile, head: Head, given: Given): Promise<TableMade | undefined> {
  if (!isJsonHead(head.text)) return undefined;
  const isLines = isLinesHead(head.text);
  const columns = new Set<string>();
  const around: Around = new Map();
  const [broken, empty]: [string[], string[]] = [[], []];
  const commas = new Set<string>();
  let [bad, none] = [0, 0];
  for await (const { json, text, place } of elementsOf(file, isLines)) {
    const rows = json === undefined ? [] : rowsOfJson(json, around);
    const isBad = json === undefined;
    if (isBad) bad++;
    else if (rows.length === 0) none++;
    if (rows.length === 0 && (isBad ? broken : empty).length < 3)
      (isBad ? broken : empty).push(`${place}: ${text.slice(0, 40)}`);
    for (const row of rows)
      for (const [name, value] of row) {
        columns.add(name);
        if (typeof value === 'string' && WITH_COMMA.test(value)) commas.add(name);
      }
    if (columns.size > COLUMNS_MAX)
      throw new CommandError(
        `The JSON has more than ${COLUMNS_MAX} different members: it is no table of measurements.`,
      );
  }
  if (columns.size === 0) throw new CommandError('The JSON holds no objects with measurements.');
  const all = [...columns];
  const rows = async function* () {
    for await (const { json } of elementsOf(file, isLines)) if (json !== undefined) yield* rowsOfJson(json);
  };
  file.becomes(async () => Readable.from(csvOf(all, rows(), commas), { objectMode: false }));
  const leftOut = (count: number, examples: readonly string[], what: string, isLoss: boolean): LeftOut[] =>
    count === 0
      ? []
      : [
          {
            position: -1,
            heading: isLines ? 'line' : 'element',
            why: `${countOf(count, 'of them', 'of them')} ${what} (${examples.join('; ')})`,
            numbers: isLoss ? count : 0,
            isLoss,
          },
        ];
  return {
    given: { ...ofTable(given, commas.size > 0), skip: given.skip.filter((name) => !around.has(name)) },
    notes: [{ what: 'format', value: `JSON${isLines ? ' lines' : ''}, as a table`, from: 'inferred' }],
    left: [
      ...leftOut(bad, broken, 'no JSON', true),
      ...leftOut(none, empty, 'without members', false),
      ...besideLists(around, given.skip),
    ],
  };
}

function besideLists(around: Around, skip: readonly string[]): LeftOut[] {
  return [...around].slice(0, AROUND_MAX).map(([heading, isLoss]) => ({
    position: -1,
    heading,
    why: 'it stands beside a list of rows, and is no part of them',
    numbers: 0,
    isLoss: isLoss && !skip.includes(heading),
  }));
}

/** The table is written here: what stands between its cells is known. */
export function ofTable(given: Given, hasCommas: boolean): Given {
  return { ...(!hasCommas && { decimal: '.' as const }), ...given, delimiter: ',', skipRows: 0, headingRows: 1 };
}

/**
 * Rows as CSV text, in parts.
 * @param commas columns in which texts have commas: there numbers are written without any sign, so that they say nothing of how
 *   the texts beside them are meant
 */
export async function* csvOf(
  columns: readonly string[],
  rows: AsyncIterable<JsonRow>,
  commas: ReadonlySet<string> = new Set(),
): AsyncGenerator<string> {
  yield `${columns.map((name) => quoted(name)).join(',')}\n`;
  let lines: string[] = [];
  for await (const row of rows) {
    lines.push(columns.map((name) => cellOf(row.get(name), commas.has(name))).join(','));
    if (lines.length < ROWS_AT_ONCE) continue;
    yield `${lines.join('\n')}\n`;
    lines = [];
  }
  if (lines.length > 0) yield `${lines.join('\n')}\n`;
}

const quoted = (text: string) => `"${text.replaceAll('"', '""')}"`;

function cellOf(value: string | number | boolean | null | undefined, isSignless: boolean): string {
  if (value === null || value === undefined) return '';
  if (typeof value === 'number' && isSignless) return signless(value);
  return typeof value === 'string' && /[",\r\n]/.test(value) ? quoted(value) : String(value);
}

/** The same number whatever the decimal sign is. @example signless(-1.5) // '-15e-1' */
function signless(value: number): string {
  const [mantissa = '', exponent = '0'] = String(value).split('e');
  const [whole = '', fraction = ''] = mantissa.split('.');
  const digits = `${whole}${fraction}`.replace(/^(-?)0+(?=\d)/, '$1');
  const shift = Number(exponent) - fraction.length;
  return shift === 0 ? digits : `${digits}e${shift < 0 ? '' : '+'}${shift}`;
}
