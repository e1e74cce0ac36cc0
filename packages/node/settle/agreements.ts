// Agreements as the contract knows them follow from the terms alone, so that anyone can compute an agreement's id.
import { actCall, digestOf, NEVER } from '@trine/ledger/acts.ts';
import { fundingCalls, openCall, readLimits } from '@trine/ledger/agreements.ts';
import { readNumber } from '@trine/ledger/batches.ts';
import { mintCall } from '@trine/ledger/calls.ts';
import type { Chain } from '@trine/ledger/chain.ts';
import type { Call, Contracts } from '@trine/ledger/contracts.ts';
import { LedgerError } from '@trine/ledger/errors.ts';
import { sendCall } from '@trine/ledger/transactions.ts';
import {
  type Agreement,
  type Authorization,
  addressOfPrivateKey,
  chainTerms,
  fromHex,
  type Hex,
  hexOf,
  agreementId as idOf,
  type OnChainTerms,
  partyOf,
  signDigest,
  termsDigest,
} from '@trine/protocol';

/** The agreement's id on the chain, 32 bytes. */
export function agreementId(terms: Agreement, contracts: Pick<Contracts, 'terms'>): Uint8Array {
  return fromHex(idOf(terms, contracts.terms).slice(2));
}

/** Keys that are all at hand on a practice chain only; 32 bytes each. */
export interface PracticeKeys {
  readonly account: Uint8Array;
  readonly recipient: Uint8Array;
  readonly issuer: Uint8Array;
}

/** Are payer and recipient those whose practice keys are at hand? Nobody else's agreements can be opened here. */
export function isOwnPractice(terms: Agreement, keys: Pick<PracticeKeys, 'account' | 'recipient'>): boolean {
  const { address: payer } = partyOf(terms, 'payer');
  const { address: recipient } = partyOf(terms, 'recipient');
  return payer === addressOfPrivateKey(keys.account) && recipient === addressOfPrivateKey(keys.recipient);
}

/** One thing to send, under a name of its own. */
export interface OpeningStep {
  readonly kind: 'approve' | 'open' | 'deposit' | 'authorize';
  readonly key: string;
  readonly call: Call;
}

/**
 * What opens an agreement on the chain, in the order in which the node's account sends it. Where the parties' keys are at
 * hand it also funds it, and mints what the payer locks in it; else they bring their own money. Repeating changes nothing.
 * @returns none where it was done
 */
export async function openingSteps(
  chain: Chain,
  contracts: Contracts,
  agreement: Agreement,
  keys: PracticeKeys | undefined,
): Promise<readonly OpeningStep[]> {
  const terms = chainTerms(agreement);
  const id = termsDigest(chain.chainId, contracts.terms, terms);
  if (keys === undefined || !isOwnPractice(agreement, keys))
    return [{ kind: 'open', key: id, call: openCall(contracts, terms) }];
  const account = partyOf(agreement, 'payer').address as Hex;
  const isBatched = agreement.money.contract === contracts.batch;
  const isDone = isBatched
    ? (await readNumber(chain, contracts, id, account)) !== undefined
    : (await readLimits(chain, contracts, id, account)).since > 0n;
  if (isDone) return [];
  const amount = BigInt(agreement.money.totalMax);
  try {
    // A reference mints once: after a crash the money is there already.
    await sendCall(chain, hexOf(keys.issuer), mintCall(contracts, account, amount, terms.termsHash));
  } catch (error) {
    if (!(error instanceof LedgerError) || error.revert?.name !== 'AlreadyMinted') throw error;
  }
  const perObligation = BigInt(agreement.money.perObligationMax);
  const calls = fundingCalls(contracts, terms, { agreement: id, account, perObligation, amount });
  const own = (['approve', 'open', 'deposit', 'authorize'] as const).map((kind) => ({
    kind,
    key: id,
    call: calls[kind],
  }));
  return isBatched ? [joinOf(chain, contracts, id, terms, keys), ...own].sort(byOpening) : own;
}

/** Who is paid in batches joins, too, and locks nothing: it gets the number under which it is paid. */
function joinOf(
  { chainId }: Chain,
  contracts: Contracts,
  agreement: Hex,
  { settler, validFrom, validUntil }: OnChainTerms,
  { recipient }: PracticeKeys,
): OpeningStep {
  const act: Authorization = {
    ...{ kind: 'authorize', agreement, account: addressOfPrivateKey(recipient) },
    ...{ perObligation: 0n, perPeriod: 0n, period: 0n, amount: 0n, from: validFrom, until: validUntil },
    ...{ nonce: BigInt(agreement), deadline: NEVER },
  };
  const signature = signDigest(digestOf(chainId, contracts, act, settler), recipient);
  return { kind: 'authorize', key: `${agreement}:recipient`, call: actCall(contracts, act, { signature, settler }) };
}

/** Nobody joins what is not open. */
function byOpening(a: OpeningStep, b: OpeningStep): number {
  const order = ['approve', 'open', 'deposit', 'authorize'];
  return order.indexOf(a.kind) - order.indexOf(b.kind);
}
