// One worksheet as rows of texts, read as it comes (ECMA-376, 18.3).
import type { Readable } from 'node:stream';
import { CommandError } from '../../output.ts';
import { dayText, type Shown } from './dates.ts';
import { readXml } from './xml.ts';

export interface Book {
  readonly strings: readonly string[];
  /** By number of its style, how the number in a cell is shown. */
  readonly styles: readonly Shown[];
  readonly is1904: boolean;
}

/** As far as worksheets go. */
const ROWS_MAX = 1_048_576;
const COLUMNS_MAX = 16_384;

/** Position of the column in a reference such as `AB12`. */
function columnOf(reference: string): number {
  let column = 0;
  for (const letter of /^[A-Z]+/.exec(reference)?.[0] ?? '') column = column * 26 + letter.charCodeAt(0) - 64;
  return column - 1;
}

/** Takes in the tags of a sheet, gives its rows. */
class RowsOfSheet {
  readonly #book: Book;
  /** Rows that are whole; those without a cell are empty. */
  #done: string[][] = [];
  #row: string[] = [];
  #rows = 0;
  #column = -1;
  #type = 'n';
  #style = 0;
  #text = '';
  #formula = '';
  /** Of which text is kept. */
  #inside: 'value' | 'formula' | undefined;
  #isPhonetic = false;

  constructor(book: Book) {
    this.#book = book;
  }

  open(name: string, attributes: Readonly<Record<string, string>>): void {
    if (name === 'row') this.#beginRow(attributes.r);
    else if (name === 'c') this.#beginCell(attributes);
    else if (name === 'v' || (name === 't' && !this.#isPhonetic)) this.#inside = 'value';
    else if (name === 'f') this.#inside = 'formula';
    else if (name === 'rPh') this.#isPhonetic = true;
  }

  text(text: string): void {
    if (this.#inside === 'value') this.#text += text;
    else if (this.#inside === 'formula') this.#formula += text;
  }

  close(name: string): void {
    if (name === 'v' || name === 't' || name === 'f') this.#inside = undefined;
    else if (name === 'rPh') this.#isPhonetic = false;
    else if (name === 'c') this.#row[this.#column] = this.#cell();
    else if (name === 'row') this.#done.push(Array.from(this.#row, (cell) => cell ?? ''));
  }

  /** Rows since the last time. */
  take(): string[][] {
    const rows = this.#done;
    this.#done = [];
    return rows;
  }

  #beginRow(reference: string | undefined): void {
    const row = reference === undefined ? this.#rows + 1 : Number(reference);
    if (!Number.isInteger(row) || row <= this.#rows || row > ROWS_MAX)
      throw new CommandError(`The sheet's row ${reference} is out of order or none: the workbook is damaged.`);
    for (let empty = this.#rows + 1; empty < row; empty++) this.#done.push([]);
    this.#rows = row;
    this.#row = [];
    this.#column = -1;
  }

  #beginCell({ r: reference, t: type = 'n', s: style = '0' }: Readonly<Record<string, string>>): void {
    this.#column = reference === undefined ? this.#column + 1 : columnOf(reference);
    if (!(this.#column >= 0 && this.#column < COLUMNS_MAX))
      throw new CommandError(
        `The sheet has a cell ${reference}, beyond ${COLUMNS_MAX} columns: the workbook is damaged.`,
      );
    this.#type = type;
    this.#style = Number(style);
    this.#text = '';
    this.#formula = '';
  }

  #cell(): string {
    const { strings, styles, is1904 } = this.#book;
    const text = this.#text;
    // A formula whose result was not stored says so: it is no empty cell.
    if (text === '' && this.#formula !== '') return `=${this.#formula}`;
    if (this.#type === 's') return strings[Number(text)] ?? '';
    if (this.#type === 'b') return text === '' ? '' : text === '1' ? 'true' : 'false';
    if (this.#type !== 'n' || text === '') return text;
    return dayText(Number(text), styles[this.#style] ?? 'number', is1904) ?? plain(text);
  }
}

/** Worksheets keep seventeen digits of which fifteen count, and write exponents. */
function plain(text: string): string {
  const number = Number(text);
  if (!Number.isFinite(number)) return text;
  const short = Number(number.toPrecision(15));
  const written = String(short);
  return written.includes('e')
    ? short.toFixed(Math.min(100, Math.max(0, 15 - Math.floor(Math.log10(Math.abs(short))))))
    : written;
}

/** Rows of a sheet from the first on, the empty ones between them too. @throws CommandError where it is damaged */
export async function* rowsOfSheet(part: Readable, book: Book): AsyncGenerator<string[]> {
  const rows = new RowsOfSheet(book);
  const events = {
    open: rows.open.bind(rows),
    text: rows.text.bind(rows),
    close: rows.close.bind(rows),
  };
  for await (const _ of readXml(part, events)) yield* rows.take();
  yield* rows.take();
}
