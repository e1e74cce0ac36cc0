// A file line by line, in little memory.

import { Readable } from 'node:stream';
import { parse } from 'csv-parse';
import { CommandError } from '../../output.ts';
import { inWords, parseOptions, type SourceFile } from '../source.ts';
import type { Head } from './format.ts';

/** No line of a record format is longer; a file without ends of lines is no file of lines. */
const LINE_CHARS_MAX = 1_048_576;

const HEAD_CHARS = 65_536;

/** The beginning of a file. */
export async function headOf(file: SourceFile): Promise<Head> {
  let text = '';
  let isWhole = true;
  for await (const part of file.parts()) {
    text += part;
    if (text.length <= HEAD_CHARS) continue;
    isWhole = false;
    break;
  }
  return { text: text.slice(0, HEAD_CHARS).replace(/^\ufeff/, ''), isWhole };
}

/**
 * Lines without their ends.
 * @throws CommandError where a line is longer than any may be
 */
export async function* linesOf(file: SourceFile): AsyncGenerator<string> {
  let rest = '';
  for await (const part of file.parts()) {
    const lines = (rest + part).split('\n');
    rest = lines.pop() as string;
    if (rest.length > LINE_CHARS_MAX)
      throw new CommandError(`A line has more than ${LINE_CHARS_MAX} characters: this is no file of lines.`);
    for (const line of lines) yield line.endsWith('\r') ? line.slice(0, -1) : line;
  }
  if (rest !== '') yield rest;
}

/**
 * Rows of comma-separated values as they stand, the heading included.
 * @throws CommandError where they cannot be cut into cells
 */
export async function* rowsOf(file: SourceFile): AsyncGenerator<{ row: string[]; line: number }> {
  const source = Readable.from(file.parts());
  const parser = source.pipe(parse({ ...parseOptions(','), info: true }));
  source.on('error', (error) => parser.destroy(error));
  try {
    for await (const { record, info } of parser as AsyncIterable<{ record: string[]; info: { lines: number } }>)
      yield { row: record, line: info.lines };
  } catch (error) {
    throw inWords(error);
  } finally {
    source.destroy();
  }
}
