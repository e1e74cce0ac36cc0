// The verifier as one file. A network names the one of its founding by hash, so the installation keeps that file: whoever
// has the network document knows which program to trust with a proof, whatever a later release brings.
import { join } from 'node:path';
import { type NetworkDocument, sha256, TrineError, toHex } from '@trine/protocol';
import { type Disk, replaceNow } from '@trine/system/disk.ts';

const pathIn = (home: string): string => join(home, 'verifier.html');

/**
 * Keeps the verifier of a network that is founded now; later ones change nothing.
 * @param file of this release; undefined: this network names none
 * @returns SHA-256 of what is kept, hex
 */
export function keepVerifier(disk: Disk, home: string, file: Uint8Array | undefined): string | undefined {
  const path = pathIn(home);
  if (!disk.has(path) && !disk.has(join(home, 'network.json')) && file) replaceNow(disk, path, file);
  return disk.has(path) ? toHex(sha256(disk.read(path))) : undefined;
}

/**
 * The verifier that the network document names.
 * @throws TrineError `not-found` where it names none; `damaged` where the file kept is another
 */
export function readVerifier(disk: Disk, home: string, { verifier }: NetworkDocument): Uint8Array {
  const path = pathIn(home);
  if (verifier === undefined || !disk.has(path))
    throw new TrineError('not-found', 'The document of this network names no verifier.');
  const file = disk.read(path);
  if (toHex(sha256(file)) !== verifier)
    throw new TrineError('damaged', `${path} is not the verifier that the network document names.`);
  return file;
}
