// A record format: what a file of it looks like, and how it is read.
import type { RecordItem, RecordRules } from '@trine/mapping/formats/record.ts';
import type { SourceFile } from '../source.ts';

/** The beginning of a file. */
export interface Head {
  /** The first 65,536 characters at most. */
  readonly text: string;
  /** Is that all of it? */
  readonly isWhole: boolean;
}

export interface Format {
  /** For messages and for the name of an import. */
  readonly name: string;
  /** What a place in it is: `line 3`. */
  readonly place: 'line' | 'row' | 'element';
  /** Is the file of this format? It is asked before CSV is thought of, so it must be sure. */
  recognises(head: Head): boolean;
  /**
   * A file of it is a CSV table, too. With a flag that names a column it is read as one, but for these, which say what is
   * so anyway.
   */
  readonly table?: { readonly value: string; readonly subjectColumn?: string; readonly time: string };
  /** Reads a file once, from its beginning; what is wrong with it is an item, and the rest is read where it can be. */
  read(file: SourceFile, rules: RecordRules): AsyncIterable<RecordItem>;
}
