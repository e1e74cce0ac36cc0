// Agreements: their terms on the chain, what parties allow them to take, and what they settled.
import { ANNOUNCED_TOPIC, type Hex, SETTLED_TOPIC } from '@trine/protocol';
import { encodeFunctionData, hashTypedData } from 'viem';
import { approveCall } from './calls.ts';
import { type Chain, publicClient } from './chain.ts';
import { accountsAbi, agreementTermsAbi, type Call, type Contracts, directSettlementAbi } from './contracts.ts';
import { blockTag, sendCall } from './transactions.ts';

/** What is agreed; its EIP-712 digest is the agreement's id. Meaning of the fields: the contract's interface. */
export type OnChainTerms = {
  readonly network: Hex;
  readonly settler: Hex;
  readonly termsHash: Hex;
  readonly token: Hex;
  readonly validFrom: bigint;
  readonly validUntil: bigint;
  readonly obligationMax: bigint;
  readonly settleWithin: bigint;
  readonly window: bigint;
  readonly holdMax: bigint;
  readonly payAfterHold: boolean;
  readonly arbiter: Hex;
  readonly registrar: Hex;
  readonly residuary: Hex;
  readonly bond: bigint;
  readonly threshold: number;
  /** ascending */
  readonly deciders: readonly Hex[];
  /** keccak256 of the logs' origins */
  readonly origins: readonly Hex[];
  readonly parties: readonly Hex[];
  readonly salt: Hex;
};

/** In the order of the contract's enumeration. */
export const PHASES = ['none', 'announced', 'held', 'released', 'settled', 'dropped'] as const;
export type Phase = (typeof PHASES)[number];

const fields = (names: Readonly<Record<string, string>>) =>
  Object.entries(names).map(([name, type]) => ({ name, type }));
const TERMS_FIELDS = fields({
  ...{ network: 'bytes32', settler: 'address', termsHash: 'bytes32', token: 'address' },
  ...{ validFrom: 'uint64', validUntil: 'uint64', obligationMax: 'uint64', settleWithin: 'uint64' },
  ...{ window: 'uint64', holdMax: 'uint64', payAfterHold: 'bool' },
  ...{ arbiter: 'address', registrar: 'address', residuary: 'address', bond: 'uint128', threshold: 'uint16' },
  ...{ deciders: 'address[]', origins: 'bytes32[]', parties: 'address[]', salt: 'bytes32' },
});

/** The agreement's id, which parties sign in their authorizations (EIP-712). */
export function termsDigest(chainId: bigint, contracts: Pick<Contracts, 'terms'>, terms: OnChainTerms): Hex {
  return hashTypedData({
    domain: { name: 'Trine', version: '1', chainId: Number(chainId), verifyingContract: contracts.terms },
    types: { Terms: TERMS_FIELDS },
    primaryType: 'Terms',
    message: { ...terms },
  });
}

/** Enters the terms. Anyone may: they bind nobody who has not signed their digest. */
export function openCall(contracts: Pick<Contracts, 'terms'>, terms: OnChainTerms): Call {
  const args = [terms] as const;
  return { to: contracts.terms, data: encodeFunctionData({ abi: agreementTermsAbi, functionName: 'open', args }) };
}

/** What a party lets an agreement take; sent by the party itself, it needs no signature. */
export type Authorization = {
  readonly agreement: Hex;
  readonly account: Hex;
  /** minor units */
  readonly perObligation: bigint;
  /** most in one period of so many seconds, or both zero */
  readonly perPeriod: bigint;
  readonly period: bigint;
  /** locked now, out of the free balance */
  readonly amount: bigint;
  /** Obligations that end before or begin after are not covered, seconds. */
  readonly from: bigint;
  readonly until: bigint;
  /** One that was used is refused: what is repeated after a crash counts once. */
  readonly nonce: bigint;
  readonly deadline: bigint;
};

const UNSIGNED = { signer: '0x', signature: '0x' } as const;
const NO_PERMIT = { deadline: 0n, v: 0, r: `0x${'00'.repeat(32)}`, s: `0x${'00'.repeat(32)}` } as const;
/** The sender is the account: nobody else could hold the act back until later. */
const NEVER = 2n ** 64n - 1n;

/** Moves the sender's tokens into its free balance; needs the token's allowance. @param nonce as in {@link Authorization} */
export function depositCall(
  contracts: Pick<Contracts, 'accounts' | 'token'>,
  account: Hex,
  amount: bigint,
  nonce: bigint,
): Call {
  const act = { account, token: contracts.token, amount, nonce, deadline: NEVER };
  const args = [act, NO_PERMIT, UNSIGNED] as const;
  return { to: contracts.accounts, data: encodeFunctionData({ abi: accountsAbi, functionName: 'deposit', args }) };
}

/** Joins an agreement that is settled entry by entry, and locks money for it. Sent by the account. */
export function authorizeCall(contracts: Pick<Contracts, 'direct'>, act: Omit<Authorization, 'deadline'>): Call {
  const args = [{ ...act, deadline: NEVER }, UNSIGNED, UNSIGNED] as const;
  return {
    to: contracts.direct,
    data: encodeFunctionData({ abi: directSettlementAbi, functionName: 'authorize', args }),
  };
}

/** What opening an agreement takes of a party that pays, in the order in which it sends it; all of it may be repeated. */
export function fundingCalls(
  contracts: Contracts,
  terms: OnChainTerms,
  act: Omit<Authorization, 'deadline' | 'nonce' | 'period' | 'perPeriod' | 'from' | 'until'>,
): { readonly approve: Call; readonly open: Call; readonly deposit: Call; readonly authorize: Call } {
  const { agreement, account, amount } = act;
  const nonce = BigInt(agreement);
  return {
    approve: approveCall(contracts, contracts.accounts, amount),
    open: openCall(contracts, terms),
    deposit: depositCall(contracts, account, amount, nonce),
    authorize: authorizeCall(contracts, {
      ...{ ...act, perPeriod: 0n, period: 0n, nonce },
      ...{ from: terms.validFrom, until: terms.validUntil },
    }),
  };
}

/**
 * Opens an agreement and locks a payer's money in it; does nothing where that is done already.
 *
 * @param payerKey 32 bytes as hex
 * @param limits minor units of the payer's token
 * @returns the agreement's id
 * @throws LedgerError when the contract refuses the terms
 */
export async function openAgreement(
  chain: Chain,
  contracts: Contracts,
  { key, account }: { readonly key: Hex; readonly account: Hex },
  terms: OnChainTerms,
  limits: { readonly perObligation: bigint; readonly amount: bigint },
): Promise<Hex> {
  const agreement = termsDigest(chain.chainId, contracts, terms);
  const calls = fundingCalls(contracts, terms, { agreement, account, ...limits });
  if ((await readTerms(chain, contracts, agreement)) === undefined) await sendCall(chain, key, calls.open);
  if ((await readLimits(chain, contracts, agreement, account)).since > 0n) return agreement;
  await sendCall(chain, key, calls.approve);
  await sendCall(chain, key, calls.deposit);
  await sendCall(chain, key, calls.authorize);
  return agreement;
}

const lower = (hex: string): Hex => hex.toLowerCase() as Hex;

/** The terms of an agreement, or undefined where there is none of this id. */
export async function readTerms(
  chain: Chain,
  contracts: Pick<Contracts, 'terms'>,
  id: Hex,
): Promise<OnChainTerms | undefined> {
  const terms = await publicClient(chain).readContract({
    ...{ address: contracts.terms, abi: agreementTermsAbi, functionName: 'getTerms', args: [id] },
  });
  if (BigInt(terms.token) === 0n) return undefined;
  const addresses = {
    ...{ settler: lower(terms.settler), token: lower(terms.token), arbiter: lower(terms.arbiter) },
    ...{ registrar: lower(terms.registrar), residuary: lower(terms.residuary) },
    ...{ deciders: terms.deciders.map(lower), parties: terms.parties.map(lower) },
  };
  return { ...terms, ...addresses };
}

export type Limits = {
  /** minor units that one obligation may take, and that are still locked */
  readonly perObligation: bigint;
  readonly locked: bigint;
  /** when it was authorised and revoked, seconds; zero for never */
  readonly since: bigint;
  readonly revokedAt: bigint;
};

/** What an account lets an agreement take. */
export async function readLimits(
  chain: Chain,
  contracts: Pick<Contracts, 'direct'>,
  agreement: Hex,
  account: Hex,
): Promise<Limits> {
  const { perObligation, locked, cover } = await publicClient(chain).readContract({
    ...{ address: contracts.direct, abi: directSettlementAbi, functionName: 'getLimits', args: [agreement, account] },
  });
  return { perObligation, locked, since: cover.since, revokedAt: cover.revokedAt };
}

/** What leaves an account at any time, minor units. */
export async function readBalance(
  chain: Chain,
  contracts: Pick<Contracts, 'accounts' | 'token'>,
  account: Hex,
): Promise<bigint> {
  return publicClient(chain).readContract({
    ...{ address: contracts.accounts, abi: accountsAbi, functionName: 'balanceOf', args: [account, contracts.token] },
  });
}

export type ObligationState = { readonly phase: Phase; readonly intent: Hex; readonly since: bigint };

/** Where an obligation of an agreement stands. */
export async function readObligation(
  chain: Chain,
  contracts: Pick<Contracts, 'direct'>,
  agreement: Hex,
  obligation: Hex,
): Promise<ObligationState> {
  const { phase, intent, since } = await publicClient(chain).readContract({
    ...{ address: contracts.direct, abi: directSettlementAbi, functionName: 'getObligation' },
    args: [agreement, obligation],
  });
  return { phase: PHASES[phase] as Phase, intent, since };
}

/** The transaction that settled an obligation, or undefined where none did. */
export async function findSettlement(
  chain: Chain,
  contracts: Contracts,
  agreement: Hex,
  obligation: Hex,
): Promise<{ txHash: Hex; blockNumber: bigint } | undefined> {
  return findEvent(chain, contracts, [SETTLED_TOPIC, agreement, obligation]);
}

/** The transaction that announced an intent for an obligation, or undefined where none did. */
export async function findAnnouncement(
  chain: Chain,
  contracts: Contracts,
  agreement: Hex,
  obligation: Hex,
  intent: Hex,
): Promise<{ txHash: Hex; blockNumber: bigint } | undefined> {
  return findEvent(chain, contracts, [ANNOUNCED_TOPIC, agreement, obligation, intent]);
}

async function findEvent(chain: Chain, contracts: Contracts, topics: readonly Hex[]) {
  const filter = {
    ...{ address: contracts.direct, fromBlock: blockTag(contracts.fromBlock), toBlock: 'latest', topics },
  };
  const logs = (await chain.request({ method: 'eth_getLogs', params: [filter] })) as {
    transactionHash: Hex;
    blockNumber: Hex;
  }[];
  const [log] = logs;
  return log && { txHash: log.transactionHash, blockNumber: BigInt(log.blockNumber) };
}
