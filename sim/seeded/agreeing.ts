// While all goes on something more is agreed, signed by its parties, and ended by one of them.

import type { Node } from '@trine/node/node.ts';
import { signInPractice } from '@trine/node/proposals/open.ts';
import { fromHex, policyEndDigest, signDigest } from '@trine/protocol';
import { METER } from './founded.ts';
import { termsOf } from './terms.ts';

/** @param number makes it another than those before */
export async function agree(node: Node, number: number): Promise<void> {
  await signInPractice(node.proposals, termsOf(node, METER, `More of the same, ${number}`), node.genesis);
}

/** The payer has enough of what was agreed besides. Repeating it changes nothing. */
export async function endOne(node: Node): Promise<void> {
  const { policies, proposals, genesis } = node;
  const found = policies.agreements().find(({ hash, policy }) => /^More/.test(policy.title) && !policies.end(hash));
  if (found === undefined) return;
  const fromMs = node.clock();
  const digest = policyEndDigest(found.id, fromMs, found.policy.money);
  const by = { role: 'payer', signature: fromHex(signDigest(digest, genesis.keys.account)) };
  await proposals.end(found.hash, { fromMs, reason: 'Enough of it.', by });
}
