// The beginning of a CSV file, cut into cells, for looking at.
import { allSigns, readNumber } from '@trine/mapping/values/numbers.ts';
import { splitUnit, trimmed } from '@trine/mapping/values/values.ts';
import { noValue } from '@trine/mapping/values/words.ts';
import { CommandError } from '../output.ts';
import type { Note } from './mapping.ts';

/** Of the cells of a column, this share must be of a kind for the column to be of it. */
export const SHARE_MIN = 0.9;

/** Rows and columns of the sample. */
export interface Sample {
  readonly delimiter: string;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
  /** The unit that stands above the table, as it is written there. */
  readonly unit?: string;
  /** The zone of its times that stands there, as a flag would say it. */
  readonly zone?: string;
}

/** Tells people how a part of the mapping came about. */
export type Say = (what: string, value: string, from: Note['from']) => void;

/**
 * The column of a name: its heading, its number (`#4`), or the heading and which of several (`Temperature.2`).
 * @throws CommandError naming the flag
 */
export function columnAt({ columns }: Sample, name: string, flag: string): number {
  const exact = columns.indexOf(name);
  if (exact >= 0) return exact;
  const number = Number(/^#([1-9]\d*)$/.exec(name)?.[1]);
  if (number <= columns.length) return number - 1;
  const [, heading, time] = /^(.*)\.([1-9]\d*)$/.exec(name) ?? [];
  const same = columns.flatMap((column, i) => (column === heading ? [i] : []));
  const numbered = same.length > 1 ? same[Number(time) - 1] : undefined;
  if (numbered !== undefined) return numbered;
  const folded = columns.findIndex((column) => column.toLowerCase() === name.toLowerCase());
  if (folded >= 0) return folded;
  throw new CommandError(`${flag}: there is no column "${name}". There are: ${columns.join(', ')}.`);
}

/** Cells that hold something; of several columns, joined by a space. */
export function cellsOf({ rows }: Sample, positions: readonly number[]): string[] {
  return rows
    .map((row) => positions.map((position) => (row[position] ?? '').trim()).join(' '))
    .filter((cell) => noValue(cell, true) === undefined);
}

/** Is it a number, in one of the ways that numbers are written, maybe with its unit? */
export function isNumber(cell: string): boolean {
  const text = trimmed(cell);
  const number = splitUnit(text)?.number ?? text;
  return allSigns.some((signs) => typeof readNumber(number, signs) === 'number');
}
