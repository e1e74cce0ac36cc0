// Runs in the page.
import { decodeNetwork, verifyEvidence } from '@trine/protocol';

/** Verifies so many times; throws when the file does not verify. @returns milliseconds of each */
export function verifyMany(file: Uint8Array, document: Uint8Array, times: number): number[] {
  const network = decodeNetwork(document);
  return Array.from({ length: times }, () => {
    const begun = performance.now();
    const { verdict } = verifyEvidence(file, { network });
    const elapsed = performance.now() - begun;
    if (verdict !== 'trusted') throw new Error(`The file is ${verdict}.`);
    return elapsed;
  });
}
