// The parts of a workbook: files in a ZIP archive (ISO/IEC 29500-2). What it declares is bounded before anything is
// unpacked, and what comes out is no longer than declared.
import type { Readable } from 'node:stream';
import { type Entry, openPromise, type ZipFile } from 'yauzl';
import { CommandError } from '../../output.ts';

const ENTRIES_MAX = 10_000;
const PART_BYTES_MAX = 2_147_483_648;
/** Sheets of rows that are all alike come to about a hundred. */
const RATIO_MAX = 400;
/** Smaller ones do no harm, however they are packed. */
const RATIO_BYTES_MIN = 67_108_864;

export class Archive {
  readonly #zip: ZipFile;
  readonly #entries: ReadonlyMap<string, Entry>;

  private constructor(zip: ZipFile, entries: ReadonlyMap<string, Entry>) {
    this.#zip = zip;
    this.#entries = entries;
  }

  /** @throws CommandError where it is no archive, or one made to do harm */
  static async open(path: string): Promise<Archive> {
    const zip = await openPromise(path, { autoClose: false }).catch((error: Error) => {
      throw new CommandError(`The file begins like a workbook and is none: ${error.message}.`);
    });
    try {
      if (zip.entryCount > ENTRIES_MAX)
        throw new CommandError(`The workbook has ${zip.entryCount} parts, more than ${ENTRIES_MAX}: it is not opened.`);
      const entries = new Map<string, Entry>();
      for await (const entry of zip.eachEntry()) entries.set(entry.fileName, entry);
      return new Archive(zip, entries);
    } catch (error) {
      zip.close();
      throw error instanceof CommandError
        ? error
        : new CommandError(`The workbook is damaged: ${(error as Error).message}.`);
    }
  }

  get names(): readonly string[] {
    return [...this.#entries.keys()];
  }

  /** Bytes of a part, unpacked. */
  bytesOf(name: string): number {
    return this.#entries.get(name)?.uncompressedSize ?? 0;
  }

  /**
   * A part, unpacked while it is read.
   * @returns undefined where there is none
   * @throws CommandError where it is longer, or packed tighter, than any sheet
   */
  async part(name: string, bytesMax: number = PART_BYTES_MAX): Promise<Readable | undefined> {
    const entry = this.#entries.get(name);
    if (entry === undefined) return undefined;
    const { uncompressedSize: bytes, compressedSize: packed } = entry;
    if (bytes > bytesMax)
      throw new CommandError(
        `The workbook's ${name} would be ${megabytes(bytes)} long, more than ${megabytes(bytesMax)}: save its sheet as CSV.`,
      );
    if (bytes > RATIO_BYTES_MIN && bytes > RATIO_MAX * packed)
      throw new CommandError(
        `The workbook's ${name} is packed to a ${Math.round(bytes / packed)}th, as no sheet is: it is not opened. If it is one, save it as CSV.`,
      );
    if (entry.isEncrypted()) throw new CommandError('The workbook is encrypted: save it without a password.');
    return this.#zip.openReadStreamPromise(entry);
  }

  close(): void {
    this.#zip.close();
  }
}

const megabytes = (bytes: number): string => `${Math.ceil(bytes / 1_048_576)} MiB`;
