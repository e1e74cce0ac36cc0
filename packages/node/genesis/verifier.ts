// The verifier as one file. A network names the one of its founding by hash, so the installation keeps that file: whoever
// has the network document knows which program to trust with a proof, whatever a later release brings.
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type NetworkDocument, sha256, TrineError, toHex } from '@trine/protocol';

const pathIn = (home: string): string => join(home, 'verifier.html');

/**
 * Keeps the verifier of a network that is founded now; later ones change nothing.
 * @param file of this release; undefined: this network names none
 * @returns SHA-256 of what is kept, hex
 */
export function keepVerifier(home: string, file: Uint8Array | undefined): string | undefined {
  const path = pathIn(home);
  if (!existsSync(path) && !existsSync(join(home, 'network.json')) && file) {
    writeFileSync(`${path}.new`, file, { flush: true });
    renameSync(`${path}.new`, path);
  }
  return existsSync(path) ? toHex(sha256(readFileSync(path))) : undefined;
}

/**
 * The verifier that the network document names.
 * @throws TrineError `not-found` where it names none; `damaged` where the file kept is another
 */
export function readVerifier(home: string, { verifier }: NetworkDocument): Uint8Array {
  const path = pathIn(home);
  if (verifier === undefined || !existsSync(path))
    throw new TrineError('not-found', 'The document of this network names no verifier.');
  const file = readFileSync(path);
  if (toHex(sha256(file)) !== verifier)
    throw new TrineError('damaged', `${path} is not the verifier that the network document names.`);
  return file;
}
