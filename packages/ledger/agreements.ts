// Agreements: their terms on the chain, what parties allow them to take, and what they settled.
import { ANNOUNCED_TOPIC, type Hex, type OnChainTerms, SETTLED_TOPIC, termsDigest } from '@trine/protocol';
import { encodeEventTopics, encodeFunctionData } from 'viem';
import { actCall, NEVER } from './acts.ts';
import { approveCall } from './calls.ts';
import { type Chain, publicClient } from './chain.ts';
import {
  accountsAbi,
  agreementTermsAbi,
  batchSettlementAbi,
  type Call,
  type Contracts,
  directSettlementAbi,
  fiatTokenAbi,
} from './contracts.ts';
import { LedgerError } from './errors.ts';
import { blockTag, sendCall } from './transactions.ts';

/** In the order of the contract's enumeration. */
export const PHASES = ['none', 'announced', 'held', 'released', 'settled', 'dropped'] as const;
export type Phase = (typeof PHASES)[number];

/** Enters the terms. Anyone may: they bind nobody who has not signed their digest. */
export function openCall(contracts: Pick<Contracts, 'terms'>, terms: OnChainTerms): Call {
  const args = [terms] as const;
  return { to: contracts.terms, data: encodeFunctionData({ abi: agreementTermsAbi, functionName: 'open', args }) };
}

/** What opening an agreement takes of a party that pays, in the order in which it sends it; all of it may be repeated. */
export function fundingCalls(
  contracts: Contracts,
  terms: OnChainTerms,
  act: { readonly agreement: Hex; readonly account: Hex; readonly perObligation: bigint; readonly amount: bigint },
): { readonly approve: Call; readonly open: Call; readonly deposit: Call; readonly authorize: Call } {
  const { agreement, account, amount } = act;
  // One that was used is refused: what is repeated after a crash counts once.
  const once = { account, nonce: BigInt(agreement), deadline: NEVER };
  return {
    approve: approveCall(contracts, contracts.accounts, amount),
    open: openCall(contracts, terms),
    deposit: actCall(contracts, { kind: 'deposit', token: contracts.token, amount, ...once }),
    authorize: actCall(
      contracts,
      {
        ...{ kind: 'authorize', ...act, perPeriod: 0n, period: 0n, ...once },
        ...{ from: terms.validFrom, until: terms.validUntil },
      },
      { settler: terms.settler },
    ),
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
  const agreement = termsDigest(chain.chainId, contracts.terms, terms);
  const calls = fundingCalls(contracts, terms, { agreement, account, ...limits });
  await sendOnce(chain, key, calls.open, 'AgreementExists');
  if ((await readLimits(chain, contracts, agreement, account)).since > 0n) return agreement;
  await sendCall(chain, key, calls.approve);
  await sendOnce(chain, key, calls.deposit, 'NonceUsed');
  await sendOnce(chain, key, calls.authorize, 'NonceUsed');
  return agreement;
}

/** What was done before a crash, or by another, is done. */
async function sendOnce(chain: Chain, key: Hex, call: Call, doneBy: string): Promise<void> {
  try {
    await sendCall(chain, key, call);
  } catch (error) {
    if (!(error instanceof LedgerError) || error.revert?.name !== doneBy) throw error;
  }
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
  /** Obligations that begin after it are not covered, seconds. */
  readonly until: bigint;
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
  const { since, revokedAt, until } = cover;
  return { perObligation, locked, since, revokedAt, until };
}

/** What an agreement that settles entry by entry holds itself, minor units. */
export function readEscrow(
  chain: Chain,
  { direct: address }: Pick<Contracts, 'direct'>,
  agreement: Hex,
): Promise<bigint> {
  const call = { address, abi: directSettlementAbi, functionName: 'escrowOf', args: [agreement] } as const;
  return publicClient(chain).readContract(call);
}

/**
 * From when on a lock can be released, seconds: no obligation that it covers can be announced any more.
 * @param limits that were given once
 */
export function freeFrom(
  { validUntil, obligationMax, settleWithin }: OnChainTerms,
  { until, revokedAt }: Limits,
): bigint {
  const stop = [until, validUntil, ...(revokedAt === 0n ? [] : [revokedAt])].reduce((a, b) => (a < b ? a : b));
  return stop + obligationMax + settleWithin + 1n;
}

/** What an account has outside, and what a permit for it needs: the token's name and the owner's next number. */
export async function readWallet(
  chain: Chain,
  { token }: Pick<Contracts, 'token'>,
  account: Hex,
): Promise<{ readonly amount: bigint; readonly tokenName: string; readonly permitNonce: bigint }> {
  const read = { address: token, abi: fiatTokenAbi } as const;
  const client = publicClient(chain);
  const [amount, tokenName, permitNonce] = await Promise.all([
    client.readContract({ ...read, functionName: 'balanceOf', args: [account] }),
    client.readContract({ ...read, functionName: 'name' }),
    client.readContract({ ...read, functionName: 'nonces', args: [account] }),
  ]);
  return { amount, tokenName, permitNonce };
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

export type ObligationState = {
  readonly phase: Phase;
  /** digest of the pending or settled intent; zero where there is none */
  readonly intent: Hex;
  /** when it came into this phase, seconds */
  readonly since: bigint;
  /** after which the pending intent is not paid, seconds: later than its own where it was held */
  readonly deadline: bigint;
  /** who holds it now, or held it last */
  readonly holder: Hex;
  /** while held: another intent may take its place */
  readonly redecide: boolean;
};

/** Where an obligation of an agreement stands. @param block number of the block as of which, the newest by default */
export async function readObligation(
  chain: Chain,
  contracts: Pick<Contracts, 'direct'>,
  agreement: Hex,
  obligation: Hex,
  block?: bigint,
): Promise<ObligationState> {
  const { phase, intent, since, deadline, holder, redecide } = await publicClient(chain).readContract({
    ...{ address: contracts.direct, abi: directSettlementAbi, functionName: 'getObligation' },
    args: [agreement, obligation],
    ...(block !== undefined && { blockNumber: block }),
  });
  return { phase: PHASES[phase] as Phase, intent, since, deadline, holder: lower(holder), redecide };
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

/** What happens to pending intents: each of these events has the agreement, the obligation and the intent as topics. */
const PENDING_EVENTS = ['Announced', 'HeldBy', 'HoldEnded', 'Expired', 'Settled', 'Refuted'] as const;
const PENDING_TOPICS = PENDING_EVENTS.map((eventName) => encodeEventTopics({ abi: batchSettlementAbi, eventName })[0]);

/** Names an obligation among those of all agreements. */
export function obligationKey({
  agreement,
  obligation,
}: {
  readonly agreement: Hex;
  readonly obligation: Hex;
}): string {
  return `${agreement} ${obligation}`;
}

/** Digests of the intents to which anything happened in blocks from this one on, with their obligations' keys. */
export async function changedIntents(
  chain: Chain,
  { direct, batch }: Pick<Contracts, 'direct' | 'batch'>,
  fromBlock: bigint,
): Promise<Map<Hex, string>> {
  const filter = { address: [direct, batch], fromBlock: blockTag(fromBlock), toBlock: 'latest' };
  const params = [{ ...filter, topics: [PENDING_TOPICS] }];
  const logs = (await chain.request({ method: 'eth_getLogs', params })) as { topics: Hex[] }[];
  return new Map(
    logs.map(({ topics: [, agreement, obligation, intent] }) => [
      intent as Hex,
      obligationKey({ agreement: agreement as Hex, obligation: obligation as Hex }),
    ]),
  );
}

async function findEvent(chain: Chain, contracts: Contracts, topics: readonly Hex[]) {
  const { direct: address, fromBlock } = contracts;
  const filter = { address, fromBlock: blockTag(fromBlock), toBlock: 'latest', topics };
  const logs = (await chain.request({ method: 'eth_getLogs', params: [filter] })) as {
    transactionHash: Hex;
    blockNumber: Hex;
  }[];
  const [log] = logs;
  return log && { txHash: log.transactionHash, blockNumber: BigInt(log.blockNumber) };
}
