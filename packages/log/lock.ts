import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { LogLockedError } from './errors.ts';

/**
 * Takes the only right to write in a directory. The lock is a file lock of the operating system, taken through SQLite
 * (the one way to it in Node without a native add-on): it ends with the process, however that ends, so a stale lock
 * cannot exist.
 *
 * @param directory holds the file `lock`
 * @returns frees the lock
 * @throws LogLockedError when another process, or another part of this one, holds it
 */
export function lockDirectory(directory: string): () => void {
  const database = new DatabaseSync(join(directory, 'lock'));
  try {
    // No journal: the file stays empty and nothing is ever written to it.
    database.exec('PRAGMA journal_mode = OFF; PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE');
  } catch (error) {
    database.close();
    if ((error as { errcode?: number }).errcode === 5) throw new LogLockedError(directory);
    throw error;
  }
  return () => database.close();
}
