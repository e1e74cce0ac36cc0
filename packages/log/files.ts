// Files that are there whole or not at all, also after a power failure.
import { dirname, join } from 'node:path';
import { type Disk, isMissing } from '@trine/system/disk.ts';

let names = 0;

/**
 * Replaces a file by a new content in one step.
 *
 * @param path the file
 * @param bytes its new content
 * @param options where to prepare it (same file system); whether it must survive a power failure when this resolves
 */
export async function replaceFile(
  disk: Disk,
  path: string,
  bytes: Uint8Array | string,
  options: { temporary: string; durable: boolean },
): Promise<void> {
  const prepared = join(options.temporary, `${process.pid}-${names++}`);
  const file = disk.open(prepared, 'empty');
  try {
    file.write(typeof bytes === 'string' ? Buffer.from(bytes) : bytes, 0);
    if (options.durable) await file.sync();
  } finally {
    file.close();
  }
  try {
    disk.rename(prepared, path);
  } catch (error) {
    if (!isMissing(error)) throw error;
    disk.makeFolder(dirname(path));
    disk.rename(prepared, path);
  }
  if (options.durable) await disk.syncFolder(dirname(path));
}
