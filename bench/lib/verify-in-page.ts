// Runs in the page.
import { decodeNetwork, verifyEvidence } from '@trine/protocol';

/** Verifies so many times; throws when the file does not verify. @returns milliseconds of each */
export async function verifyMany(file: Uint8Array, document: Uint8Array, times: number): Promise<number[]> {
  const network = decodeNetwork(document);
  const elapsed: number[] = [];
  for (let i = 0; i < times; i++) {
    const begun = performance.now();
    const { verdict, steps } = await verifyEvidence(file, { network });
    elapsed.push(performance.now() - begun);
    if (steps.some(({ status }) => status === 'failed')) throw new Error(`The file is ${verdict}.`);
  }
  return elapsed;
}
