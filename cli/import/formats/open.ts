// Reader and rows of a file, whatever its format.
import type { Reading } from '@trine/protocol';
import type { Mapping } from '../mapping.ts';
import { type Problem, RowReader } from '../readings.ts';
import type { SourceFile } from '../source.ts';
import type { Format } from './format.ts';
import { formats } from './formats.ts';
import { type RecordMapping, RecordReader } from './reader.ts';

/** Makes readings out of rows, and counts. */
export interface Reads<Row> {
  readonly rows: number;
  /** The row, line or element that is being read, from 1; headings count, lines above a table do not. */
  readonly row: number;
  /** The same for people: `row 3`, `element 7`. */
  readonly where: string;
  readonly lost: number;
  readonly repeatedHour: { readonly byOrder: number; readonly assumed: number };
  readonly problems: ReadonlyMap<string, Problem>;
  /** What the format says about readings, such as `estimated`, and how often. */
  readonly marks?: ReadonlyMap<string, number>;
  timeOf(row: Row): number;
  read(row: Row, each: (subject: string, reading: Reading) => void): number | undefined;
}

/** One way through a file. */
export interface Opened {
  readonly reader: Reads<unknown>;
  readonly rows: AsyncIterable<unknown>;
}

export function openFile(file: SourceFile, mapping: Mapping | RecordMapping): Opened {
  if (!('format' in mapping))
    return { reader: new RowReader(mapping, file.isMade ? 0 : undefined), rows: file.rows(mapping) };
  const format = formats.find(({ name }) => name === mapping.format) as Format;
  return { reader: new RecordReader(mapping, format.place), rows: format.read(file, mapping.rules) };
}
