import { join } from 'node:path';
import type { Disk } from '@trine/system/disk.ts';
import { LogLockedError } from './errors.ts';

/**
 * Takes the only right to write in a directory. It ends with the process, however that ends, so a stale lock cannot
 * exist.
 *
 * @param directory holds the file `lock`
 * @returns frees the lock
 * @throws LogLockedError when another process, or another part of this one, holds it
 */
export function lockDirectory(disk: Disk, directory: string): () => void {
  const unlock = disk.lock(join(directory, 'lock'));
  if (unlock === undefined) throw new LogLockedError(directory);
  return unlock;
}
