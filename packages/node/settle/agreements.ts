// Agreements as the contract knows them follow from the terms alone, so that anyone can compute an agreement's id.
import { acceptTerms, type OnChainTerms, openCall, readAgreement, termsDigest } from '@trine/ledger/agreements.ts';
import { approveCall, mintCall } from '@trine/ledger/calls.ts';
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

/** The contract's form of the terms. @param origins of the logs whose intents count */
export function chainTerms(agreement: Agreement, origins: readonly string[]): OnChainTerms {
  const { money, deciders, period } = agreement;
  return {
    network: networkIdOnChain(agreement.network),
    payer: partyOf(agreement, 'payer').address as Hex,
    recipient: partyOf(agreement, 'recipient').address as Hex,
    arbiter: agreement.arbiter as Hex,
    token: money.token as Hex,
    occasionCap: BigInt(money.perObligationMax),
    totalCap: BigInt(money.totalMax),
    termsHash: hexOf(policyHash(agreement)),
    validFrom: BigInt(Math.floor(period.startMs / 1000)),
    validUntil: BigInt(Math.floor(period.endMs / 1000)) + BigInt(money.deadlineS),
    disputeWindow: BigInt(money.disputeWindowS),
    threshold: deciders.quorum,
    deciders: deciders.list.map(({ address }) => address as Hex).sort(),
    origins: origins.map(originHash),
    salt: ZERO_HASH,
  };
}

/** The agreement's id on the chain, 32 bytes. */
export function agreementId(terms: Agreement, contracts: Pick<Contracts, 'agreements'>, origin: string): Uint8Array {
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

/**
 * Mints the deposit of an agreement and gives the recipient's consent. Repeating changes nothing.
 * @returns what opens it, in the order in which the payer's account sends it; undefined where it is open already
 */
export async function preparePractice(
  chain: Chain,
  contracts: Contracts,
  agreement: Agreement,
  origin: string,
  keys: PracticeKeys,
): Promise<
  | {
      readonly id: Hex;
      readonly calls: readonly [approve: Call, open: Call];
    }
  | undefined
> {
  const terms = chainTerms(agreement, [origin]);
  const id = termsDigest(chain.chainId, contracts, terms);
  if (await readAgreement(chain, contracts, id)) return undefined;
  const deposit = BigInt(agreement.money.totalMax);
  try {
    // A reference mints once: after a crash the money is there already.
    await sendCall(chain, hexOf(keys.issuer), mintCall(contracts, terms.payer, deposit, terms.termsHash));
  } catch (error) {
    if (!(error instanceof LedgerError) || error.revert?.name !== 'AlreadyMinted') throw error;
  }
  const consent = acceptTerms(chain.chainId, contracts, terms, hexOf(keys.recipient));
  const approve = approveCall(contracts, contracts.agreements, deposit);
  return { id, calls: [approve, openCall(contracts, terms, consent, deposit)] };
}
