// The beginning of a CSV file, cut into cells, for looking at.
import { CommandError } from '../output.ts';
import type { Note } from './mapping.ts';
import { isMissing } from './values.ts';

/** Of the cells of a column, this share must be of a kind for the column to be of it. */
export const SHARE_MIN = 0.9;

/** Rows and columns of the sample. */
export interface Sample {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** Tells people how a part of the mapping came about. */
export type Say = (what: string, value: string, from: Note['from']) => void;

/** @throws CommandError naming the flag */
export function columnAt({ columns }: Sample, name: string, flag: string): number {
  const exact = columns.indexOf(name);
  if (exact >= 0) return exact;
  const folded = columns.findIndex((column) => column.toLowerCase() === name.toLowerCase());
  if (folded >= 0) return folded;
  throw new CommandError(`${flag}: there is no column "${name}". There are: ${columns.join(', ')}.`);
}

/** Cells that hold something; of several columns, joined by a space. */
export function cellsOf({ rows }: Sample, positions: readonly number[]): string[] {
  return rows
    .map((row) => positions.map((position) => (row[position] ?? '').trim()).join(' '))
    .filter((cell) => !isMissing(cell));
}
