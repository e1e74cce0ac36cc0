// Decisions as the log has them.
import type { Node } from '@trine/node/node.ts';
import { type Decision, decisionPayload, decodeLeaf, parseStatement } from '@trine/protocol';

/** A decision in the log. */
export interface Decided {
  readonly leaf: number;
  readonly decision: Decision;
}

export function decisionsOf({ log }: Node): Decided[] {
  const found: Decided[] = [];
  for (let leaf = 0; leaf < log.durableSize; leaf++) {
    const decoded = decodeLeaf(log.read(leaf));
    if (decoded.kind !== 'statement') continue;
    const { header, payload } = parseStatement(decoded.statement);
    if (header.kind === 'decision') found.push({ leaf, decision: decisionPayload.decode(payload) });
  }
  return found;
}
