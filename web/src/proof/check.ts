// Checks a proof file with the bundles this console carries.

import { type Domains, replayWith } from '@trine/engine';
import { mapAgain } from '@trine/mapping/again.ts';
import { type NetworkDocument, type Report, verifyEvidence } from '@trine/protocol';

/**
 * Verifies an evidence file.
 *
 * @param file its bytes
 * @param network the document that is trusted; undefined when none is
 * @param domains whose decisions can be computed again here
 * @example (await checkFile(bytes, network, domains)).verdict // 'trusted'
 */
export function checkFile(file: Uint8Array, network: NetworkDocument | undefined, domains: Domains): Promise<Report> {
  return verifyEvidence(file, { mapAgain, ...(network && { network }), replay: replayWith(domains) });
}
