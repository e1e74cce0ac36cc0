// Checks a proof file with the models this console carries.
import type { Domain } from '@trine/engine/domain.ts';
import { replayWith } from '@trine/engine/replay.ts';
import { type NetworkDocument, type Report, verifyEvidence } from '@trine/protocol';

/**
 * Verifies an evidence file.
 *
 * @param file its bytes
 * @param network the document that is trusted; undefined when none is
 * @param domains whose decisions can be computed again here
 * @example checkFile(bytes, network, [domain]).verdict // 'trusted'
 */
export function checkFile(file: Uint8Array, network: NetworkDocument | undefined, domains: readonly Domain[]): Report {
  return verifyEvidence(file, { ...(network && { network }), replay: replayWith(domains) });
}
