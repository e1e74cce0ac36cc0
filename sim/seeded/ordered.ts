// Orders to pay as the log has them, and which decisions each pays.
import type { Node } from '@trine/node/node.ts';
import {
  type Decision,
  decisionId,
  decodeIntent,
  decodeLeaf,
  type Hex,
  hexOf,
  type Intent,
  intentDigest,
  obligationId,
  ZERO_HASH,
} from '@trine/protocol';

/** An order in the log. */
export interface Ordered {
  readonly leaf: number;
  readonly intent: Intent;
}

/** By digest. */
export type Orders = ReadonlyMap<Hex, Ordered>;

export function ordersOf({ log }: Pick<Node, 'log'>): Orders {
  const found = new Map<Hex, Ordered>();
  for (let leaf = 0; leaf < log.durableSize; leaf++) {
    const decoded = decodeLeaf(log.read(leaf));
    if (decoded.kind !== 'intent') continue;
    const intent = decodeIntent(decoded.intent);
    found.set(intentDigest(intent), { leaf, intent });
  }
  return found;
}

/** Decisions, by their ids. */
export type ById = ReadonlyMap<Hex, Decision>;

export function byId(decisions: readonly Decision[]): ById {
  return new Map(decisions.map((decision) => [hexOf(decisionId(decision)), decision]));
}

/**
 * What an order pays: its decision, and where it is for the obligation of one that this corrects, all down to that.
 * @returns ids, the newest first; those alone that order anything
 * @throws Error where it is for no obligation of theirs
 */
export function paidBy({ decision, obligation }: Intent, decisions: ById): Hex[] {
  const found: Hex[] = [];
  for (let id = decision; ; ) {
    const one = decisions.get(id);
    if (one === undefined) throw new Error(`The order of ${decision} is for no obligation of its decision.`);
    if (one.outcome === 'pay') found.push(id);
    if (hexOf(obligationId(one.obligation)) === obligation) return found;
    id = one.supersedes ? hexOf(one.supersedes) : ZERO_HASH;
  }
}

/** Does an order take the place of another, at once or by those between? */
export function replaces({ supersedes }: Intent, other: Hex, orders: Orders): boolean {
  for (let at = supersedes; at !== ZERO_HASH; at = orders.get(at)?.intent.supersedes ?? ZERO_HASH)
    if (at === other) return true;
  return false;
}
