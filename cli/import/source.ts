// A CSV file as a stream of rows, packed or not, with how far it has been read.
import { createHash } from 'node:crypto';
import { createReadStream, statSync } from 'node:fs';
import { basename } from 'node:path';
import { type Readable, Transform } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { type Options, parse } from 'csv-parse';
import { CommandError } from '../output.ts';

export interface Layout {
  readonly delimiter: string;
  readonly header: boolean;
  /** Rows of headings, where there are several. */
  readonly headingRows?: number;
  /** Lines above the table. */
  readonly remarks?: number;
}

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
  #isPacked: boolean | undefined;
  /** As TextDecoder names it. */
  #encoding: string | undefined;

  /** @throws CommandError when it cannot be read */
  constructor(path: string) {
    this.path = path;
    this.stem = basename(path)
      .replace(/\.gz$/i, '')
      .replace(/\.(?:csv|tsv|txt)$/i, '');
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
      throw new CommandError(`${this.path} cannot be unpacked: ${(error as Error).message}`);
    }
    return Buffer.concat(parts);
  }

  /** How its characters are written, where it is another way than UTF-8. */
  get encoding(): string | undefined {
    return this.#encoding === 'utf-8' ? undefined : this.#encoding;
  }

  async #unpacked(): Promise<Readable> {
    if (this.#isPacked === undefined) {
      const [head] = await createReadStream(this.path, { end: 1 }).toArray();
      this.#isPacked = head?.[0] === 0x1f && head[1] === 0x8b;
    }
    const raw = createReadStream(this.path, { highWaterMark: 262_144 });
    this.read = 0;
    raw.on('data', (chunk) => {
      this.read += chunk.length;
    });
    if (!this.#isPacked) return raw;
    const unpacked = createGunzip();
    raw.on('error', (error) => unpacked.destroy(error));
    unpacked.on('close', () => raw.destroy());
    return raw.pipe(unpacked);
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
