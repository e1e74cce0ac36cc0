// Checks a proof file with the models this console carries.
import type { Domain } from '@trine/core/flow/domain.ts';
import { replayWith } from '@trine/core/flow/replay.ts';
import type { Report } from '@trine/core/protocol/evidence/report.ts';
import { verifyEvidence } from '@trine/core/protocol/evidence/verify.ts';
import type { NetworkDocument } from '@trine/core/protocol/payloads/network.ts';

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
