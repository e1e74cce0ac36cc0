// Agreements: opening, reading, and finding what they paid.

import { ANNOUNCED_TOPIC, fromHex, type Hex, SETTLED_TOPIC, signDigest } from '@trine/protocol';
import { encodeFunctionData, hashTypedData } from 'viem';
import { approveCall } from './calls.ts';
import { type Chain, publicClient } from './chain.ts';
import { agreementsAbi, type Call, type Contracts } from './contracts.ts';
import { blockTag, sendCall } from './transactions.ts';

/** What both parties sign; its EIP-712 digest is the agreement's id. Meaning of the fields: the contract's interface. */
export type OnChainTerms = {
  readonly network: Hex;
  readonly payer: Hex;
  readonly recipient: Hex;
  readonly arbiter: Hex;
  readonly token: Hex;
  readonly occasionCap: bigint;
  readonly totalCap: bigint;
  readonly termsHash: Hex;
  readonly validFrom: bigint;
  readonly validUntil: bigint;
  readonly disputeWindow: bigint;
  readonly threshold: number;
  /** ascending */
  readonly deciders: readonly Hex[];
  /** keccak256 of the logs' origins */
  readonly origins: readonly Hex[];
  readonly salt: Hex;
};

/** In the order of the contract's enumeration. */
export const PHASES = ['none', 'announced', 'held', 'released', 'settled', 'rejected'] as const;
export type Phase = (typeof PHASES)[number];

const TERMS_FIELDS = [
  ['network', 'bytes32'],
  ['payer', 'address'],
  ['recipient', 'address'],
  ['arbiter', 'address'],
  ['token', 'address'],
  ['occasionCap', 'uint256'],
  ['totalCap', 'uint256'],
  ['termsHash', 'bytes32'],
  ['validFrom', 'uint64'],
  ['validUntil', 'uint64'],
  ['disputeWindow', 'uint64'],
  ['threshold', 'uint16'],
  ['deciders', 'address[]'],
  ['origins', 'bytes32[]'],
  ['salt', 'bytes32'],
].map(([name, type]) => ({ name: name as string, type: type as string }));

/** The agreement's id, which the recipient signs (EIP-712). */
export function termsDigest(chainId: bigint, contracts: Pick<Contracts, 'agreements'>, terms: OnChainTerms): Hex {
  return hashTypedData({
    domain: { name: 'Trine', version: '1', chainId: Number(chainId), verifyingContract: contracts.agreements },
    types: { Terms: TERMS_FIELDS },
    primaryType: 'Terms',
    message: { ...terms },
  });
}

/** The recipient's consent. @param recipientKey 32 bytes as hex */
export function acceptTerms(chainId: bigint, contracts: Contracts, terms: OnChainTerms, recipientKey: Hex): Hex {
  return signDigest(termsDigest(chainId, contracts, terms), fromHex(recipientKey));
}

/**
 * Opens an agreement and funds it; does nothing where it is open already, so that it may be repeated after a crash.
 *
 * @param payerKey 32 bytes as hex
 * @param recipientSignature from {@link acceptTerms}
 * @param deposit minor units of the payer's token, or 0n
 * @returns the agreement's id
 * @throws LedgerError when the contract refuses the terms or the signature
 */
export async function openAgreement(
  chain: Chain,
  contracts: Contracts,
  payerKey: Hex,
  terms: OnChainTerms,
  recipientSignature: Hex,
  deposit: bigint,
): Promise<Hex> {
  const id = termsDigest(chain.chainId, contracts, terms);
  if ((await readAgreement(chain, contracts, id)) !== undefined) return id;
  if (deposit > 0n) await sendCall(chain, payerKey, approveCall(contracts, contracts.agreements, deposit));
  await sendCall(chain, payerKey, openCall(contracts, terms, recipientSignature, deposit));
  return id;
}

/** Opens an agreement with a deposit that the contract was allowed to take before. @see openAgreement */
export function openCall(contracts: Contracts, terms: OnChainTerms, recipientSignature: Hex, deposit: bigint): Call {
  const args = [terms, recipientSignature, deposit] as const;
  return { to: contracts.agreements, data: encodeFunctionData({ abi: agreementsAbi, functionName: 'open', args }) };
}

export type AgreementState = {
  readonly terms: OnChainTerms;
  /** deposited and not yet paid, minor units */
  readonly balance: bigint;
  readonly paid: bigint;
  /** obligations announced, held or released */
  readonly open: bigint;
};

const lower = (hex: string): Hex => hex.toLowerCase() as Hex;

/** Terms and account of an agreement, or undefined where there is none of this id. */
export async function readAgreement(chain: Chain, contracts: Contracts, id: Hex): Promise<AgreementState | undefined> {
  const at = { address: contracts.agreements, abi: agreementsAbi, args: [id] } as const;
  const client = publicClient(chain);
  const terms = await client.readContract({ ...at, functionName: 'getTerms' });
  if (BigInt(terms.payer) === 0n) return undefined;
  const account = await client.readContract({ ...at, functionName: 'getAccount' });
  const addresses = {
    payer: lower(terms.payer),
    recipient: lower(terms.recipient),
    arbiter: lower(terms.arbiter),
    token: lower(terms.token),
    deciders: terms.deciders.map(lower),
  };
  return { terms: { ...terms, ...addresses }, ...account };
}

export type OccasionState = { readonly phase: Phase; readonly intentHash: Hex; readonly anchoredAt: bigint };

/** Where an obligation of an agreement stands. */
export async function readOccasion(
  chain: Chain,
  contracts: Contracts,
  agreement: Hex,
  occasion: Hex,
): Promise<OccasionState> {
  const state = await publicClient(chain).readContract({
    ...{ address: contracts.agreements, abi: agreementsAbi, functionName: 'getOccasion', args: [agreement, occasion] },
  });
  return { phase: PHASES[state.phase] as Phase, intentHash: state.intentHash, anchoredAt: state.anchoredAt };
}

/** The transaction that paid an obligation, or undefined where none did. */
export async function findSettlement(
  chain: Chain,
  contracts: Contracts,
  agreement: Hex,
  occasion: Hex,
): Promise<{ txHash: Hex; blockNumber: bigint } | undefined> {
  return findEvent(chain, contracts, [SETTLED_TOPIC, agreement, occasion]);
}

/** The transaction that announced an intent for an obligation, or undefined where none did. */
export async function findAnnouncement(
  chain: Chain,
  contracts: Contracts,
  agreement: Hex,
  occasion: Hex,
  intentHash: Hex,
): Promise<{ txHash: Hex; blockNumber: bigint } | undefined> {
  return findEvent(chain, contracts, [ANNOUNCED_TOPIC, agreement, occasion, intentHash]);
}

async function findEvent(chain: Chain, contracts: Contracts, topics: readonly Hex[]) {
  const filter = {
    ...{ address: contracts.agreements, fromBlock: blockTag(contracts.fromBlock), toBlock: 'latest', topics },
  };
  const logs = (await chain.request({ method: 'eth_getLogs', params: [filter] })) as {
    transactionHash: Hex;
    blockNumber: Hex;
  }[];
  const [log] = logs;
  return log && { txHash: log.transactionHash, blockNumber: BigInt(log.blockNumber) };
}
