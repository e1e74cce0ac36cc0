// Agreements that settle in batches: the calls of BatchSettlement as data, what parties sign, and what it answers.
import {
  type Authorization,
  type Claim,
  type Contest,
  type Hex,
  hexOf,
  type Intent,
  type PositionProof,
  type Revocation,
  type RowsCommitment,
} from '@trine/protocol';
import { concatHex, encodeFunctionData, hashTypedData } from 'viem';
import { type ObligationState, readObligation } from './agreements.ts';
import { forContract, type Inclusion } from './calls.ts';
import { type Chain, publicClient } from './chain.ts';
import { batchSettlementAbi, type Call, type Contracts } from './contracts.ts';
import { LedgerError } from './errors.ts';

type BatchContract = Pick<Contracts, 'batch'>;

/** Periods are zero in an agreement of batches. */
export type Joining = Omit<Authorization, 'kind' | 'period' | 'perPeriod'>;
export const NO_PERIODS = { period: 0n, perPeriod: 0n } as const;

/** What the registrar signs to admit an account that the terms do not list (EIP-712 of the terms' contract). */
export function admissionDigest(
  chainId: bigint,
  contracts: Pick<Contracts, 'terms'>,
  admission: { readonly agreement: Hex; readonly account: Hex },
): Hex {
  return hashTypedData({
    domain: { name: 'Trine', version: '1', chainId: Number(chainId), verifyingContract: contracts.terms },
    types: {
      Admission: [
        { name: 'agreement', type: 'bytes32' },
        { name: 'account', type: 'address' },
      ],
    },
    primaryType: 'Admission',
    message: admission,
  });
}

/** Whose signature it is: of the account itself where `signer` is empty, else that of an ERC-7913 signer. */
export type ActProof = { readonly signer: Hex; readonly signature: Hex };
/** The account sends the transaction itself: it signs nothing. */
export const UNSIGNED: ActProof = { signer: '0x', signature: '0x' };

const abi = batchSettlementAbi;

/** Joins the agreement and locks money, or raises what it may take. @param admission the registrar's signature, for who is not listed */
export function joinCall(
  contracts: BatchContract,
  act: Joining,
  proof: ActProof = UNSIGNED,
  admission: ActProof = UNSIGNED,
): Call {
  return {
    to: contracts.batch,
    data: encodeFunctionData({ abi, functionName: 'authorize', args: [{ ...NO_PERIODS, ...act }, proof, admission] }),
  };
}

/** Ends an authorization for obligations that begin from now on. */
export function leaveCall(contracts: BatchContract, act: Omit<Revocation, 'kind'>, proof: ActProof = UNSIGNED): Call {
  return { to: contracts.batch, data: encodeFunctionData({ abi, functionName: 'revoke', args: [act, proof] }) };
}

/** Moves into the free balance what an account has beyond its limit. @param position under {@link readRoot} */
export function claimCall(
  contracts: BatchContract,
  act: Omit<Claim, 'kind'>,
  position: PositionProof,
  proof: ActProof = UNSIGNED,
): Call {
  return {
    to: contracts.batch,
    data: encodeFunctionData({ abi, functionName: 'claim', args: [act, position, proof] }),
  };
}

/** Verifies an intent; its rows may then be published. Signatures sorted by signer. */
export function announceBatchCall(
  intent: Intent,
  hashes: readonly Hex[],
  signatures: readonly Hex[],
  proof: Inclusion,
): Call {
  return {
    to: intent.settler,
    data: encodeFunctionData({ abi, functionName: 'announce', args: [forContract(intent), hashes, signatures, proof] }),
  };
}

/** Chunks of one transaction: 122,880 bytes of rows, below 128 kB; at their worst 5 million gas, below 2^24. */
export const CHUNKS_AT_ONCE = 10;

/** Publishes all rows, in as few transactions as chains take; they are sent one after the other. */
export function publishCalls(intent: Intent, { chunks }: Pick<RowsCommitment, 'chunks'>): Call[] {
  return Array.from({ length: Math.ceil(chunks.length / CHUNKS_AT_ONCE) }, (_, i) => {
    const rows = concatHex(chunks.slice(i * CHUNKS_AT_ONCE, (i + 1) * CHUNKS_AT_ONCE).map(hexOf));
    return {
      to: intent.settler,
      data: encodeFunctionData({ abi, functionName: 'publish', args: [forContract(intent), rows] }),
    };
  });
}

/** Makes the positions of a batch everybody's, its window over. */
export function settleBatchCall(intent: Intent): Call {
  return { to: intent.settler, data: encodeFunctionData({ abi, functionName: 'settle', args: [forContract(intent)] }) };
}

/** Frees an agreement of a batch that was not settled by its deadline. */
export function expireCall(intent: Intent): Call {
  const args = [forContract(intent)] as const;
  return { to: intent.settler, data: encodeFunctionData({ abi, functionName: 'expire', args }) };
}

/** A chunk as published, and which one it is. */
export type ShownChunk = { readonly index: number; readonly rows: Uint8Array };

/** Refutes a row of nobody, or of someone whose authorization does not cover it or allow so much. */
export function refuteRowCall(intent: Intent, number: number, { index, rows }: ShownChunk): Call {
  const args = [forContract(intent), number, BigInt(index), hexOf(rows)] as const;
  return { to: intent.settler, data: encodeFunctionData({ abi, functionName: 'refuteRow', args }) };
}

/** Refutes a row by which a member would lose more than it has. @param before under the intent's `positionsBefore` */
export function refuteLockCall(intent: Intent, { index, rows }: ShownChunk, before: PositionProof): Call {
  const args = [forContract(intent), BigInt(index), hexOf(rows), before] as const;
  return { to: intent.settler, data: encodeFunctionData({ abi, functionName: 'refuteLock', args }) };
}

/** Refutes a root. @param before, after of one number, under `positionsBefore` and under `positionsAfter` */
export function refutePositionCall(
  intent: Intent,
  { index, rows }: ShownChunk,
  before: PositionProof,
  after: PositionProof,
): Call {
  const args = [forContract(intent), BigInt(index), hexOf(rows), before, after] as const;
  return { to: intent.settler, data: encodeFunctionData({ abi, functionName: 'refutePosition', args }) };
}

/** Rows of a chunk that are recomputed in one step, as {@link recomputeCall} takes them. */
export type RecomputeStep = {
  /** the chunk in which they stand, whole */
  readonly rows: Uint8Array;
  /** the position before of each, minor units */
  readonly before: readonly bigint[];
  /** {@link Positions.pathBeside} their numbers, before them */
  readonly path: readonly Hex[];
};

/**
 * Recomputes the next rows of a batch; the last step refutes it where its root is another. How far an account came,
 * {@link readRecomputed} tells.
 */
export function recomputeCall(intent: Intent, { rows, before, path }: RecomputeStep): Call {
  const args = [forContract(intent), hexOf(rows), before, path] as const;
  return { to: intent.settler, data: encodeFunctionData({ abi, functionName: 'recompute', args }) };
}

/** Returns a bond on which nobody ruled in time. */
export function endContestCall(
  contracts: BatchContract,
  { agreement, obligation, account }: Pick<Contest, 'agreement' | 'obligation' | 'account'>,
): Call {
  return {
    to: contracts.batch,
    data: encodeFunctionData({ abi, functionName: 'endContest', args: [agreement, obligation, account] }),
  };
}

const reading = (chain: Chain, { batch }: BatchContract) =>
  ({ client: publicClient(chain), at: { address: batch, abi: batchSettlementAbi } }) as const;

/** What the contract knows of one member; amounts in minor units, times in seconds. */
export type Member = {
  readonly account: Hex;
  readonly perObligation: bigint;
  /** what its authorizations locked in all */
  readonly limit: bigint;
  /** what was locked less what was claimed: with its position, what it has */
  readonly stake: bigint;
  readonly cover: {
    /** zero where it was never given */
    readonly since: bigint;
    readonly from: bigint;
    readonly until: bigint;
    /** zero where it was not revoked */
    readonly revokedAt: bigint;
  };
};

/**
 * A member of an agreement.
 *
 * @param block number of the block as of which, the newest by default
 * @throws LedgerError where no account has the number
 */
export async function readMember(
  chain: Chain,
  contracts: BatchContract,
  agreement: Hex,
  number: number,
  block?: bigint,
): Promise<Member> {
  const { client, at } = reading(chain, contracts);
  const args = [agreement, number] as const;
  const asOf = block === undefined ? {} : { blockNumber: block };
  const member = await client.readContract({ ...at, functionName: 'getMember', args, ...asOf });
  if (BigInt(member.account) === 0n)
    throw new LedgerError('call-refused', `Nobody has the number ${number} in the agreement ${agreement}.`, 'later');
  return { ...member, account: member.account.toLowerCase() as Hex };
}

/** An account's number in an agreement, or undefined where it has not joined. */
export async function readNumber(
  chain: Chain,
  contracts: BatchContract,
  agreement: Hex,
  account: Hex,
): Promise<number | undefined> {
  const { client, at } = reading(chain, contracts);
  const number = await client.readContract({ ...at, functionName: 'numberOf', args: [agreement, account] });
  return number === 0 ? undefined : number;
}

/** What all members of an agreement have in it together, minor units. */
export async function readPot(chain: Chain, contracts: BatchContract, agreement: Hex): Promise<bigint> {
  const { client, at } = reading(chain, contracts);
  return client.readContract({ ...at, functionName: 'potOf', args: [agreement] });
}

/** The root of the positions that are everybody's now. */
export async function readRoot(chain: Chain, contracts: BatchContract, agreement: Hex): Promise<Hex> {
  const { client, at } = reading(chain, contracts);
  return client.readContract({ ...at, functionName: 'rootOf', args: [agreement] });
}

/** The batch under way in an agreement. */
export type BatchUnderWay = {
  readonly obligation: Hex;
  readonly hashes: readonly Hex[];
  /** rows published so far */
  readonly rows: number;
  /** when the last chunk was published, seconds: from then on its window runs; zero before */
  readonly completeAt: bigint;
};

/** The batch under way in an agreement, or undefined: one at a time, since each starts from the one before. */
export async function readBatch(
  chain: Chain,
  contracts: BatchContract,
  agreement: Hex,
): Promise<BatchUnderWay | undefined> {
  const { client, at } = reading(chain, contracts);
  const batch = await client.readContract({ ...at, functionName: 'getBatch', args: [agreement] });
  if (BigInt(batch.obligation) === 0n) return undefined;
  const { obligation, chunks, rows, completeAt } = batch;
  return { obligation, hashes: chunks, rows, completeAt };
}

/** Where an obligation of an agreement of batches stands. */
export function readBatchObligation(
  chain: Chain,
  contracts: BatchContract,
  agreement: Hex,
  obligation: Hex,
): Promise<ObligationState> {
  // Both contracts that settle keep obligations in the same way.
  return readObligation(chain, { direct: contracts.batch }, agreement, obligation);
}

/** How far an account recomputed a batch. */
export type Recomputed = {
  /** whole chunks, and rows of the next one */
  readonly chunks: number;
  readonly rows: number;
};

/** How far an account recomputed the batch of an intent, by its digest. */
export async function readRecomputed(
  chain: Chain,
  contracts: BatchContract,
  agreement: Hex,
  { intent, account }: { readonly intent: Hex; readonly account: Hex },
): Promise<Recomputed> {
  const { client, at } = reading(chain, contracts);
  const done = await client.readContract({ ...at, functionName: 'recomputedBy', args: [agreement, account] });
  // Of another batch: in this one it did not begin.
  return done.intent === intent ? { chunks: done.chunks, rows: done.rows } : { chunks: 0, rows: 0 };
}
