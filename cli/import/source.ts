// A file as a stream of rows or of text, packed or not, with how far it has been read.
import { createHash } from 'node:crypto';
import { createReadStream, statSync } from 'node:fs';
import { basename } from 'node:path';
import { type Readable, Transform } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { type Options, parse } from 'csv-parse';
import { CommandError } from '../output.ts';
import { decoding, encodingOf, knownEncoding } from './encoding.ts';
import { KIND_BYTES, type Kind, kindOf } from './kinds.ts';
import { chooseSheet, sheetAsCsv } from './xlsx/workbook.ts';

export interface Layout {
  readonly delimiter: string;
  readonly header: boolean;
  /** Rows of headings, where there are several. */
  readonly headingRows?: number;
  /** Lines above the table. */
  readonly remarks?: number;
}

/** A row of so many columns as worksheets have, well filled. */
const RECORD_BYTES_MAX = 4_194_304;
/** Tables of one number come to about two hundred. */
const RATIO_MAX = 300;
/** Less is no harm, however it is packed. */
const UNPACKED_BYTES_FREE = 268_435_456;
const SAMPLE_BYTES = 1_048_576;

/** What flags say of how to open it. */
interface Opening {
  /** Of a workbook: by name, or by number. */
  readonly sheet?: string | undefined;
  /** As TextDecoder knows it; default: as its bytes say. */
  readonly encoding?: string | undefined;
}

export class SourceFile {
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
  #kind: Kind | undefined;
  /** As TextDecoder names it. */
  #encoding: string | undefined;
  #table: (() => Promise<Readable>) | undefined;

  readonly #askedSheet: string | undefined;

  /**
   * @throws CommandError when it cannot be read
   */
  constructor(path: string, { sheet, encoding }: Opening = {}) {
    this.path = path;
    this.#askedSheet = sheet;
    this.#encoding = encoding === undefined ? undefined : knownEncoding(encoding);
    this.stem = basename(path)
      .replace(/\.gz$/i, '')
      .replace(/\.(?:csv|tsv|txt|xlsx|xlsm|lp|json|jsonl|ndjson|jsonld|xml|parquet)$/i, '');
    const found = statSync(path, { throwIfNoEntry: false });
    if (found === undefined) throw new CommandError(`${path} cannot be read: there is no such file.`);
    // It is read more than once: first to see what it holds.
    if (!found.isFile()) throw new CommandError(`${path} is no file: save what comes from it as one first.`);
    this.bytes = found.size;
  }

  /** From here on its text is a table that is made of it, as CSV: the file holds records of another format. */
  becomes(table: () => Promise<Readable>): void {
    this.#table = table;
    this.#encoding = 'utf-8';
  }

  /** Is its table made of it? Then no row of the file is a heading. */
  get isMade(): boolean {
    return this.#table !== undefined;
  }

  /** Its text as it comes, in parts; to be left early, too. @throws CommandError when it cannot be unpacked or is no text */
  async *parts(): AsyncGenerator<string> {
    const source = await this.#openFile();
    const decoder = new TextDecoder();
    try {
      for await (const part of source) yield decoder.decode(part as Buffer, { stream: true });
      yield decoder.decode();
    } catch (error) {
      throw inWords(error);
    } finally {
      source.destroy();
    }
  }

  /** Its text as UTF-8. */
  async #open(): Promise<Readable> {
    return this.#table ? await this.#table() : await this.#openFile();
  }

  async #openFile(): Promise<Readable> {
    // Before it is read through, so that what is no text says so at once.
    this.#encoding ??= encodingOf(await this.#beginning(await this.#unpacked()));
    const raw = await this.#unpacked();
    const decoded = decoding(this.#encoding);
    raw.on('error', (error) => decoded.destroy(error));
    decoded.on('close', () => raw.destroy());
    return raw.pipe(decoded);
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
      throw inWords(error);
    }
    return Buffer.concat(parts);
  }

  /** How its characters are written, where it is another way than UTF-8. */
  get encoding(): string | undefined {
    return this.#encoding === 'utf-8' ? undefined : this.#encoding;
  }

  async #unpacked(): Promise<Readable> {
    const kind = await this.kind();
    this.read = 0;
    if (kind === 'workbook') return this.#ofSheet();
    const raw = createReadStream(this.path, { highWaterMark: 262_144 });
    raw.on('data', (chunk) => {
      this.read += chunk.length;
    });
    if (kind !== 'gzip') return raw;
    const unpacked = createGunzip();
    raw.on('error', (error) => unpacked.destroy(error));
    unpacked.on('close', () => raw.destroy());
    return raw.pipe(unpacked).pipe(this.#bounded(unpacked));
  }

  /** What unpacks to far more than any table is made to fill whoever unpacks it. */
  #bounded(unpacked: Readable): Transform {
    let bytes = 0;
    const check = new Transform({
      transform: (part: Buffer, _, done) => {
        bytes += part.length;
        const ratio = bytes / Math.max(1, this.read);
        if (bytes < UNPACKED_BYTES_FREE || ratio < RATIO_MAX) return done(null, part);
        done(
          new CommandError(
            `It has unpacked to ${Math.round(bytes / 1_048_576)} MiB, ${Math.round(ratio)} times what was read of it, as no table does. If it is one, unpack it first: gunzip FILE.`,
          ),
        );
      },
    });
    unpacked.on('error', (error) => check.destroy(error));
    check.on('close', () => unpacked.destroy());
    return check;
  }

  async #ofSheet(): Promise<Readable> {
    this.sheet ??= await chooseSheet(this.path, this.#askedSheet);
    return sheetAsCsv(this.path, this.sheet, (share) => {
      this.read = Math.round(share * this.bytes);
    });
  }

  /** What it is by its first bytes. @throws CommandError for what holds no table that is read here */
  async kind(): Promise<Kind> {
    if (this.#kind !== undefined) return this.#kind;
    try {
      const parts = (await createReadStream(this.path, { end: KIND_BYTES - 1 }).toArray()) as Buffer[];
      this.#kind = kindOf(Buffer.concat(parts));
      return this.#kind;
    } catch (error) {
      throw inWords(error);
    }
  }

  /** The beginning, in whole lines. @throws CommandError where it has none */
  async sample(): Promise<string> {
    const bytes = await this.#beginning(await this.#open());
    const text = bytes.toString('utf8').replace(/^\ufeff/, '');
    this.isWhole = bytes.length < SAMPLE_BYTES;
    if (this.isWhole) return text;
    const end = Math.max(text.lastIndexOf('\n'), text.lastIndexOf('\r')) + 1;
    if (end === 0)
      throw new CommandError(
        'Its first line has no end within 1 MiB: it is no table, or its lines end in another way.',
      );
    return text.slice(0, end);
  }

  /** SHA-256 of the file as it lies on disk, hex. */
  async hash(): Promise<string> {
    const hash = createHash('sha256');
    try {
      for await (const part of createReadStream(this.path, { highWaterMark: 1_048_576 })) hash.update(part as Buffer);
    } catch (error) {
      throw inWords(error);
    }
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
    } catch (error) {
      throw inWords(error);
    } finally {
      source.destroy();
    }
  }
}

/** What went wrong with the streams of a file, and what to do. */
export function inWords(error: unknown): unknown {
  if (error instanceof CommandError) return error;
  const { code = '', message } = error as NodeJS.ErrnoException;
  if (code === 'CSV_MAX_RECORD_SIZE')
    return new CommandError(
      'It has a row of more than 4 MiB: a line without an end, or a quotation mark that is not closed. Look at the file there, or say what stands between cells with --delimiter.',
    );
  if (code === 'Z_BUF_ERROR') return new CommandError('It is packed, and ends too early: fetch it again.');
  if (code.startsWith('Z_')) return new CommandError(`It is packed, and cannot be unpacked: ${message}.`);
  if (code.startsWith('CSV_')) return new CommandError(`It is no CSV: ${message}`);
  if (code.startsWith('E')) return new CommandError(`It cannot be read: ${message}`);
  return error;
}

/** Rows of headings that the table begins with. */
export const headingRowsOf = ({ header, headingRows }: Layout): number => headingRows ?? (header ? 1 : 0);

/** As files come: rows may be short or long, quotes may stand anywhere, and remarks above the table. */
export function parseOptions(delimiter: string, remarks = 0): Options {
  return {
    delimiter,
    bom: true,
    maxRecordSize: RECORD_BYTES_MAX,
    relaxColumnCount: true,
    relaxQuotes: true,
    skipEmptyLines: true,
    ...(remarks > 0 && { fromLine: remarks + 1 }),
  };
}
