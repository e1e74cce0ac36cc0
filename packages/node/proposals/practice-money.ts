// Test money for who signs on a practice network: the issuer's key is kept there, as all others are.
import { mintCall } from '@trine/ledger/calls.ts';
import { LedgerError } from '@trine/ledger/errors.ts';
import { sendCall } from '@trine/ledger/transactions.ts';
import { type Hex, hexOf, sha256, TrineError, toUtf8 } from '@trine/protocol';
import type { Genesis } from '../genesis/genesis.ts';
import type { Proposal } from './proposals-store.ts';

/**
 * @returns minor units that the party has got for this agreement, now or before
 * @throws TrineError `forbidden` where money is no test money, `conflict` before the agreement is sealed
 */
export async function practiceMoney(
  { genesis: { network, chain, contracts, keys } }: { readonly genesis: Genesis },
  { id, state, draft }: Proposal,
  role: string,
): Promise<{ amount: number }> {
  if (network.chain.kind !== 'practice')
    throw new TrineError('forbidden', 'Test money is for practice networks: here the issuer of the token gives money.');
  const account = draft.parties.find((one) => one.role === role)?.address;
  if (state !== 'sealed' || account === undefined)
    throw new TrineError('conflict', 'Test money is given once every party has signed.');
  const amount = draft.money.totalMax;
  // A reference mints once.
  const reference = hexOf(sha256(toUtf8(`practice ${id} ${role}`)));
  try {
    await sendCall(chain, hexOf(keys.issuer), mintCall(contracts, account as Hex, BigInt(amount), reference));
  } catch (error) {
    if (!(error instanceof LedgerError) || error.revert?.name !== 'AlreadyMinted') throw error;
  }
  return { amount };
}
