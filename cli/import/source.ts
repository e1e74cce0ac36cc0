// A CSV file as a stream of rows, packed or not, with how far it has been read.
import { createHash } from 'node:crypto';
import { createReadStream, statSync } from 'node:fs';
import { basename } from 'node:path';
import { type Readable, Transform } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { type Options, parse } from 'csv-parse';
import { CommandError } from '../output.ts';
import { chooseSheet, sheetAsCsv } from './xlsx/workbook.ts';

export interface Layout {
  readonly delimiter: string;
  readonly header: boolean;
  /** Rows of headings, where there are several. */
  readonly headingRows?: number;
  /** Lines above the table. */
  readonly remarks?: number;
}

/** First bytes of files that hold tables, in ways that are not read here. */
const BINARY = [
  ['d0cf11e0a1b11ae1', 'an old workbook (.xls), or one with a password'],
  ['25504446', 'a PDF'],
  ['50415231', 'Parquet'],
  ['28b52ffd', 'packed with zstd, which is not unpacked here'],
  ['425a68', 'packed with bzip2, which is not unpacked here'],
  ['377abcaf271c', 'packed with 7-Zip, which is not unpacked here'],
  ['53514c697465', 'an SQLite database'],
] as const;
const SAMPLE_BYTES = 1_048_576;

export class CsvFile {
  readonly path: string;
  /** File name without endings. */
  readonly stem: string;
  readonly bytes: number;
  /** Bytes of the file read so far, as they lie on disk. */
  read = 0;
  /** Was the sample all of it? */
  isWhole = false;
  /** Which it is of a workbook's. */
  sheet: string | undefined;
  #kind: 'text' | 'gzip' | 'workbook' | undefined;
  /** As TextDecoder names it. */
  #encoding: string | undefined;

  readonly #askedSheet: string | undefined;

  /**
   * @param sheet of a workbook, by name or number
   * @throws CommandError when it cannot be read
   */
  constructor(path: string, sheet?: string) {
    this.path = path;
    this.#askedSheet = sheet;
    this.stem = basename(path)
      .replace(/\.gz$/i, '')
      .replace(/\.(?:csv|tsv|txt|xlsx|xlsm)$/i, '');
    try {
      this.bytes = statSync(path).size;
    } catch (error) {
      throw new CommandError(`${path} cannot be read: ${(error as Error).message}`);
    }
  }

  /** Its text as UTF-8. */
  async #open(): Promise<Readable> {
    this.#encoding ??= await this.#findEncoding();
    const raw = await this.#unpacked();
    if (this.#encoding === 'utf-8') return raw;
    const decoded = decoding(this.#encoding);
    raw.on('error', (error) => decoded.destroy(error));
    decoded.on('close', () => raw.destroy());
    return raw.pipe(decoded);
  }

  /** UTF-16 by its mark, UTF-8 where the beginning is, and else what Windows writes in the west. */
  async #findEncoding(): Promise<string> {
    const bytes = await this.#beginning(await this.#unpacked());
    if (bytes[0] === 0xff && bytes[1] === 0xfe) return 'utf-16le';
    if (bytes[0] === 0xfe && bytes[1] === 0xff) return 'utf-16be';
    try {
      // A character may be cut in two at the end.
      new TextDecoder('utf-8', { fatal: true }).decode(bytes, { stream: true });
      return 'utf-8';
    } catch {
      return 'windows-1252';
    }
  }

  /** The first bytes of a stream. */
  async #beginning(stream: Readable): Promise<Buffer> {
    const parts: Buffer[] = [];
    let length = 0;
    try {
      for await (const part of stream) {
        parts.push(part as Buffer);
        length += (part as Buffer).length;
        if (length >= SAMPLE_BYTES) break;
      }
    } catch (error) {
      if (error instanceof CommandError) throw error;
      throw new CommandError(`${this.path} cannot be unpacked: ${(error as Error).message}`);
    }
    return Buffer.concat(parts);
  }

  /** How its characters are written, where it is another way than UTF-8. */
  get encoding(): string | undefined {
    return this.#encoding === 'utf-8' ? undefined : this.#encoding;
  }

  async #unpacked(): Promise<Readable> {
    if (this.#kind === undefined) this.#kind = await this.#findKind();
    this.read = 0;
    if (this.#kind === 'workbook') return this.#ofSheet();
    const raw = createReadStream(this.path, { highWaterMark: 262_144 });
    raw.on('data', (chunk) => {
      this.read += chunk.length;
    });
    if (this.#kind === 'text') return raw;
    const unpacked = createGunzip();
    raw.on('error', (error) => unpacked.destroy(error));
    unpacked.on('close', () => raw.destroy());
    return raw.pipe(unpacked);
  }

  async #ofSheet(): Promise<Readable> {
    this.sheet ??= await chooseSheet(this.path, this.#askedSheet);
    return sheetAsCsv(this.path, this.sheet, (share) => {
      this.read = Math.round(share * this.bytes);
    });
  }

  /** By its first bytes, whatever it is called. @throws CommandError for what holds no table that is read here */
  async #findKind(): Promise<'text' | 'gzip' | 'workbook'> {
    const parts = (await createReadStream(this.path, { end: 7 }).toArray()) as Buffer[];
    const head = Buffer.concat(parts).toString('hex');
    if (head.startsWith('1f8b')) return 'gzip';
    if (head.startsWith('504b0304') || head.startsWith('504b0506')) return 'workbook';
    const [, name] = BINARY.find(([bytes]) => head.startsWith(bytes)) ?? [];
    if (name !== undefined) throw new CommandError(`The file is ${name}: save the table as .xlsx or CSV.`);
    return 'text';
  }

  /** The beginning, in whole lines. */
  async sample(): Promise<string> {
    const bytes = await this.#beginning(await this.#open());
    const text = bytes.toString('utf8').replace(/^\ufeff/, '');
    this.isWhole = bytes.length < SAMPLE_BYTES;
    return bytes.length >= SAMPLE_BYTES ? text.slice(0, text.lastIndexOf('\n') + 1) : text;
  }

  /** SHA-256 of the file as it lies on disk, hex. */
  async hash(): Promise<string> {
    const hash = createHash('sha256');
    for await (const part of createReadStream(this.path, { highWaterMark: 1_048_576 })) hash.update(part as Buffer);
    return hash.digest('hex');
  }

  /** Rows as they stand, the heading left out. */
  async *rows(layout: Layout): AsyncGenerator<string[]> {
    const source = await this.#open();
    const parser = source.pipe(
      parse({ ...parseOptions(layout.delimiter, layout.remarks), from: 1 + headingRowsOf(layout) }),
    );
    source.on('error', (error) => parser.destroy(error));
    try {
      for await (const row of parser) yield row as string[];
    } finally {
      source.destroy();
    }
  }
}

/** Rows of headings that the table begins with. */
export const headingRowsOf = ({ header, headingRows }: Layout): number => headingRows ?? (header ? 1 : 0);

function decoding(encoding: string): Transform {
  const decoder = new TextDecoder(encoding);
  return new Transform({
    transform(part: Buffer, _, done) {
      done(null, Buffer.from(decoder.decode(part, { stream: true })));
    },
    flush(done) {
      done(null, Buffer.from(decoder.decode()));
    },
  });
}

/** As files come: rows may be short or long, quotes may stand anywhere, and remarks above the table. */
export function parseOptions(delimiter: string, remarks = 0): Options {
  return {
    delimiter,
    bom: true,
    relaxColumnCount: true,
    relaxQuotes: true,
    skipEmptyLines: true,
    ...(remarks > 0 && { fromLine: remarks + 1 }),
  };
}
