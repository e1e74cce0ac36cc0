// What a second decider puts its name to, as the node gets it: never to two orders of one obligation, or of one decision, that
// could both be paid.
import { readObligation } from '@trine/ledger/agreements.ts';
import { readNumber } from '@trine/ledger/batches.ts';
import { type Chain, publicClient } from '@trine/ledger/chain.ts';
import { isBatch, settling } from '@trine/ledger/outbox-kinds.ts';
import type { Node } from '@trine/node/node.ts';
import { addressOfPrivateKey, type Hex, type Intent, intentDigest, recoverAddress } from '@trine/protocol';
import { decisionsOf } from './decided.ts';
import { rowsOf } from './lines.ts';
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
        (await isOfOne(intent, before, node, chain)) &&
        !replaces(intent, other, orders) &&
        !(await isNeverPaid(before, node, chain))
      )
        this.problems.push(`It signs ${digest}, and signed ${other}: both could be paid.`);
    this.#signed.set(digest, intent);
  }
}

/** Are two orders of one obligation, or is a decision, or a line of one, in both? */
async function isOfOne(one: Intent, other: Intent, node: Node, chain: Chain): Promise<boolean> {
  if (one.agreement !== other.agreement) return false;
  if (one.obligation === other.obligation) return true;
  if (isBatch(one)) return one.decision === other.decision && (await haveLine(one, other, node, chain));
  const decisions = byId(decisionsOf(node).map(({ decision }) => decision));
  const both = new Set(paidBy(other, decisions));
  return paidBy(one, decisions).some((id) => both.has(id));
}

/** Does somebody have a row in both, besides whoever is paid? */
async function haveLine(one: Intent, other: Intent, node: Node, chain: Chain): Promise<boolean> {
  const { contracts, keys } = node.genesis;
  const paid = await readNumber(chain, contracts, one.agreement, addressOfPrivateKey(keys.recipient));
  const numbers = new Set(rowsOf(node, intentDigest(one), one).map(({ number }) => number));
  return rowsOf(node, intentDigest(other), other).some(({ number }) => number !== paid && numbers.has(number));
}

/** As a block says that is not taken back: is another paid for its obligation, or its time over? */
async function isNeverPaid(intent: Intent, { genesis }: Node, chain: Chain): Promise<boolean> {
  const final = await chain.finalBlock();
  const { agreement, obligation, deadline } = intent;
  const at = settling(genesis.contracts, intent);
  const { phase, intent: standing } = await readObligation(chain, at, agreement, obligation, final);
  if (phase === 'settled') return standing !== intentDigest(intent);
  const { timestamp } = await publicClient(chain).getBlock({ blockNumber: final });
  return phase === 'none' && timestamp > deadline;
}
