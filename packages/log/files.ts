// Files that are there whole or not at all, also after a power failure.
import { mkdir, open, rename } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/** Makes the entries of a directory durable. */
export async function syncDirectory(path: string): Promise<void> {
  const handle = await open(path, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

let names = 0;

/**
 * Replaces a file by a new content in one step.
 *
 * @param path the file
 * @param bytes its new content
 * @param options where to prepare it (same file system); whether it must survive a power failure when this resolves
 */
export async function replaceFile(
  path: string,
  bytes: Uint8Array | string,
  options: { temporary: string; durable: boolean },
): Promise<void> {
  const prepared = join(options.temporary, `${process.pid}-${names++}`);
  const handle = await open(prepared, 'wx');
  try {
    await handle.writeFile(bytes);
    if (options.durable) await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(prepared, path).catch(async (error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error;
    await mkdir(dirname(path), { recursive: true });
    await rename(prepared, path);
  });
  if (options.durable) await syncDirectory(dirname(path));
}
