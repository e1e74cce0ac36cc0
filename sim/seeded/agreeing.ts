// While all goes on something more is agreed, signed by its parties, and ended by one of them.

import type { FirstAgreement } from '@trine/node/decide/first-agreement.ts';
import type { Node } from '@trine/node/node.ts';
import { signInPractice } from '@trine/node/proposals/open.ts';
import { fromHex, policyEndDigest, signDigest } from '@trine/protocol';
import { METER, termsOf } from './terms.ts';

/** What opens agreements and enters keys. */
const OPENING = new Set(['register', 'approve', 'open', 'deposit', 'authorize']);

/** Is an agreement on its way onto the chain? Nobody has authorised anything in one that comes there after its end. */
export function isOpening({ settler: { outbox } }: Node): boolean {
  return [...outbox.list('queued'), ...outbox.list('submitted')].some(({ kind }) => OPENING.has(kind));
}

/** @param first what is agreed first @param number makes it another than those before */
export async function agree(node: Node, first: FirstAgreement, number: number): Promise<void> {
  await signInPractice(node.proposals, termsOf(node, first, METER, `More of the same, ${number}`), node.genesis);
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
