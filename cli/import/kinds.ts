// What a file is by its first bytes, whatever it is called: the one list of what is opened in a way of its own, and of what
// holds tables in ways that are not read here. All else is text.
import { CommandError } from '../output.ts';

export type Kind = 'text' | 'gzip' | 'workbook' | 'parquet';

/** As many as the longest below. */
export const KIND_BYTES = 8;

const kinds: readonly (readonly [bytes: string, kind: Kind])[] = [
  ['1f8b', 'gzip'],
  ['504b0304', 'workbook'],
  // An archive without parts: opening it says so.
  ['504b0506', 'workbook'],
  ['50415231', 'parquet'],
];

const unread: readonly (readonly [bytes: string, name: string])[] = [
  ['d0cf11e0a1b11ae1', 'an old workbook (.xls), or one with a password'],
  ['25504446', 'a PDF'],
  ['28b52ffd', 'packed with zstd, which is not unpacked here'],
  ['425a68', 'packed with bzip2, which is not unpacked here'],
  ['377abcaf271c', 'packed with 7-Zip, which is not unpacked here'],
  ['53514c697465', 'an SQLite database'],
];

/** @param beginning first {@link KIND_BYTES} bytes @throws CommandError for what holds no table that is read here */
export function kindOf(beginning: Buffer): Kind {
  const head = beginning.toString('hex');
  const isOf = ([bytes]: readonly [string, string]) => head.startsWith(bytes);
  const [, name] = unread.find(isOf) ?? [];
  if (name !== undefined) throw new CommandError(`The file is ${name}: save the table as .xlsx or CSV.`);
  return kinds.find(isOf)?.[1] ?? 'text';
}
