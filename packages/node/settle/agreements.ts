// Agreements as the contract knows them follow from the terms alone, so that anyone can compute an agreement's id.
import { fundingCalls, type OnChainTerms, openCall, readLimits, termsDigest } from '@trine/ledger/agreements.ts';
import { mintCall } from '@trine/ledger/calls.ts';
import type { Chain } from '@trine/ledger/chain.ts';
import type { Call, Contracts } from '@trine/ledger/contracts.ts';
import { LedgerError } from '@trine/ledger/errors.ts';
import { sendCall } from '@trine/ledger/transactions.ts';
import {
  type Agreement,
  addressOfPrivateKey,
  fromHex,
  type Hex,
  hexOf,
  networkIdOnChain,
  originHash,
  partyOf,
  policyHash,
  ZERO_HASH,
} from '@trine/protocol';

const NOBODY: Hex = `0x${'00'.repeat(20)}`;

/** The contract's form of the terms. @param origins of the logs whose intents count */
export function chainTerms(agreement: Agreement, origins: readonly string[]): OnChainTerms {
  const { money, deciders, period, parties } = agreement;
  return {
    network: networkIdOnChain(agreement.network),
    settler: money.contract as Hex,
    termsHash: hexOf(policyHash(agreement)),
    token: money.token as Hex,
    validFrom: BigInt(Math.floor(period.startMs / 1000)),
    // Obligations begin before it.
    validUntil: BigInt(Math.ceil(period.endMs / 1000)),
    // Begins are rounded down and ends up: the longest obligation may take a second more there.
    obligationMax: BigInt(money.obligationMaxS) + 1n,
    settleWithin: BigInt(money.settleWithinS),
    window: BigInt(money.disputeWindowS),
    holdMax: BigInt(money.holdMaxS),
    payAfterHold: money.afterHold === 'pay',
    arbiter: agreement.arbiter as Hex,
    registrar: NOBODY,
    // What the agreement still holds at its end goes back to whom it came from.
    residuary: partyOf(agreement, 'payer').address as Hex,
    bond: 0n,
    threshold: deciders.quorum,
    deciders: deciders.list.map(({ address }) => address as Hex).sort(),
    origins: origins.map(originHash),
    parties: parties.map(({ address }) => address as Hex),
    salt: ZERO_HASH,
  };
}

/** The agreement's id on the chain, 32 bytes. */
export function agreementId(terms: Agreement, contracts: Pick<Contracts, 'terms'>, origin: string): Uint8Array {
  return fromHex(termsDigest(BigInt(terms.money.chainId), contracts, chainTerms(terms, [origin])));
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

export interface OpeningStep {
  readonly kind: 'approve' | 'open' | 'deposit' | 'authorize';
  readonly key: Hex;
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
  origin: string,
  keys: PracticeKeys | undefined,
): Promise<readonly OpeningStep[]> {
  const terms = chainTerms(agreement, [origin]);
  const key = termsDigest(chain.chainId, contracts, terms);
  if (keys === undefined || !isOwnPractice(agreement, keys))
    return [{ kind: 'open', key, call: openCall(contracts, terms) }];
  const account = partyOf(agreement, 'payer').address as Hex;
  if ((await readLimits(chain, contracts, key, account)).since > 0n) return [];
  const amount = BigInt(agreement.money.totalMax);
  try {
    // A reference mints once: after a crash the money is there already.
    await sendCall(chain, hexOf(keys.issuer), mintCall(contracts, account, amount, terms.termsHash));
  } catch (error) {
    if (!(error instanceof LedgerError) || error.revert?.name !== 'AlreadyMinted') throw error;
  }
  const perObligation = BigInt(agreement.money.perObligationMax);
  const calls = fundingCalls(contracts, terms, { agreement: key, account, perObligation, amount });
  return (['approve', 'open', 'deposit', 'authorize'] as const).map((kind) => ({ kind, key, call: calls[kind] }));
}
