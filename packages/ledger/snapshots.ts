// The embedded chain's state on disk: whole copies, written aside and renamed, the newest few kept. A copy that was
// torn or spoiled fails its checksum (gzip's CRC-32) and the one before it is taken.
import {
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';

const KEPT = 3;
const NAME = /^state-(\d{12})\.json\.gz$/;

const newestFirst = (folder: string) =>
  readdirSync(folder)
    .filter((name) => NAME.test(name))
    .sort()
    .reverse();

/**
 * Writes a copy durably and removes those no longer kept.
 *
 * @param folder made where it is missing
 * @param number grows from copy to copy, such as the block number
 * @param gzipped the state as gzipped JSON
 */
export function writeSnapshot(folder: string, number: bigint, gzipped: Uint8Array): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const path = join(folder, `state-${number.toString().padStart(12, '0')}.json.gz`);
  const fd = openSync(`${path}.part`, 'w', 0o600);
  try {
    for (let done = 0; done < gzipped.length; ) done += writeSync(fd, gzipped, done);
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
  renameSync(`${path}.part`, path);
  const folderFd = openSync(folder, 'r');
  fsyncSync(folderFd);
  closeSync(folderFd);
  for (const name of newestFirst(folder).slice(KEPT)) rmSync(join(folder, name));
}

/**
 * The newest copy that is whole. Spoiled ones and leftovers are removed, so that they never stand in the way again.
 *
 * @returns its JSON text, or undefined where there is none
 */
export function readSnapshot(folder: string): string | undefined {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  for (const name of readdirSync(folder)) if (name.endsWith('.part')) rmSync(join(folder, name));
  for (const name of newestFirst(folder)) {
    try {
      const text = gunzipSync(readFileSync(join(folder, name))).toString('utf8');
      JSON.parse(text);
      return text;
    } catch {
      rmSync(join(folder, name));
    }
  }
  return undefined;
}
