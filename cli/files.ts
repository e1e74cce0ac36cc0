// Files that a command is given: read within bounds, whatever they are.
import { closeSync, openSync, readSync } from 'node:fs';
import { CommandError } from './output.ts';

const PART_BYTES = 1_048_576;

/**
 * @param what it is, for who reads the error
 * @param bytesMax more than a file of this kind can have is not read: it may have no end
 * @throws CommandError naming the file
 */
export function readGiven(path: string, what: string, bytesMax: number): Buffer {
  const cannot = (why: string) => new CommandError(`The ${what} ${path} cannot be read: ${why}`);
  let file: number;
  try {
    file = openSync(path, 'r');
  } catch (error) {
    throw cannot((error as Error).message);
  }
  try {
    const parts: Buffer[] = [];
    for (let length = 0; ; ) {
      const part = Buffer.alloc(PART_BYTES);
      const got = readSync(file, part);
      if (got === 0) return Buffer.concat(parts);
      length += got;
      if (length > bytesMax) throw new RangeError(`it has more than ${bytesMax} bytes.`);
      parts.push(part.subarray(0, got));
    }
  } catch (error) {
    throw cannot((error as Error).message);
  } finally {
    closeSync(file);
  }
}

/** The same, of a text in UTF-8. */
export function readGivenText(path: string, what: string, bytesMax: number): string {
  return readGiven(path, what, bytesMax).toString('utf8');
}
