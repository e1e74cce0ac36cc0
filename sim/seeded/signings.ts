// What a second decider puts its name to, as the node gets it: never to two orders of one obligation, or of one decision, that
// could both be paid.
import { readObligation } from '@trine/ledger/agreements.ts';
import { type Chain, publicClient } from '@trine/ledger/chain.ts';
import type { Node } from '@trine/node/node.ts';
import { type Hex, type Intent, intentDigest, recoverAddress } from '@trine/protocol';
import { decisionsOf } from './decided.ts';
import { byId, ordersOf, paidBy, replaces } from './ordered.ts';

export class Signings {
  /** What must not be, in words. */
  readonly problems: string[] = [];
  readonly #signed = new Map<Hex, Intent>();
  readonly #account: Hex;

  constructor(account: Hex) {
    this.#account = account;
  }

  has(digest: Hex): boolean {
    return this.#signed.has(digest);
  }

  get count(): number {
    return this.#signed.size;
  }

  /** A signature arrives. @param chain as it is, without a way to it */
  async take(digest: Hex, signature: Hex, node: Node, chain: Chain): Promise<void> {
    if (this.#signed.has(digest)) return;
    const orders = ordersOf(node);
    const intent = orders.get(digest)?.intent;
    if (intent === undefined || recoverAddress(digest, signature) !== this.#account) {
      this.problems.push(`It signs ${digest}, which is no order of this log, or as somebody else.`);
      return;
    }
    for (const [other, before] of this.#signed)
      if (
        isOfOne(intent, before, node) &&
        !replaces(intent, other, orders) &&
        !(await isNeverPaid(before, node, chain))
      )
        this.problems.push(`It signs ${digest}, and signed ${other}: both could be paid.`);
    this.#signed.set(digest, intent);
  }
}

/** Are two orders of one obligation, or is a decision in both? */
function isOfOne(one: Intent, other: Intent, node: Node): boolean {
  if (one.agreement !== other.agreement) return false;
  if (one.obligation === other.obligation) return true;
  const decisions = byId(decisionsOf(node).map(({ decision }) => decision));
  const both = new Set(paidBy(other, decisions));
  return paidBy(one, decisions).some((id) => both.has(id));
}

/** As a block says that is not taken back: is another paid for its obligation, or its time over? */
async function isNeverPaid(intent: Intent, { genesis }: Node, chain: Chain): Promise<boolean> {
  const final = await chain.finalBlock();
  const { agreement, obligation, deadline } = intent;
  const { phase, intent: standing } = await readObligation(chain, genesis.contracts, agreement, obligation, final);
  if (phase === 'settled') return standing !== intentDigest(intent);
  const { timestamp } = await publicClient(chain).getBlock({ blockNumber: final });
  return phase === 'none' && timestamp > deadline;
}
