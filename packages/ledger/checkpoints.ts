// Reading what is anchored, and who is a member with which keys.

import { ANCHORED_TOPIC, decodeAnchored, type Hex, type EvmLog as Log, originHash } from '@trine/protocol';
import { type Chain, publicClient } from './chain.ts';
import { type Contracts, checkpointsAbi, registryAbi } from './contracts.ts';
import { blockTag } from './transactions.ts';

export type AnchoredCheckpoint = { readonly size: bigint; readonly root: Hex; readonly time: bigint };

/** The newest anchored checkpoint of a log, or undefined. `time` in seconds. */
export async function latestAnchor(
  chain: Chain,
  contracts: Contracts,
  origin: string,
): Promise<AnchoredCheckpoint | undefined> {
  const [size, root, time] = await publicClient(chain).readContract({
    ...{ address: contracts.checkpoints, abi: checkpointsAbi, functionName: 'latest', args: [originHash(origin)] },
  });
  return size === 0n ? undefined : { size, root, time };
}

/** The transaction that anchored a checkpoint, or undefined where none did. */
export async function findAnchor(
  chain: Chain,
  contracts: Contracts,
  origin: string,
  size: bigint,
  root: Hex,
): Promise<{ txHash: Hex; blockNumber: bigint } | undefined> {
  const filter = {
    ...{ address: contracts.checkpoints, fromBlock: blockTag(contracts.fromBlock), toBlock: 'latest' },
    topics: [ANCHORED_TOPIC, originHash(origin)],
  };
  const logs = (await chain.request({ method: 'eth_getLogs', params: [filter] })) as (Log & {
    transactionHash: Hex;
    blockNumber: Hex;
  })[];
  for (const log of logs.reverse()) {
    const event = decodeAnchored(log);
    if (event?.size === size && event.root === root)
      return { txHash: log.transactionHash, blockNumber: BigInt(log.blockNumber) };
  }
  return undefined;
}

export type KeyState = {
  readonly status: 'none' | 'active' | 'revoked';
  readonly subject: Hex;
  /** assurance in the contract's numbers, see `KEY_CLASSES` */
  readonly keyClass: number;
  readonly sinceBlock: bigint;
  /** 0 while active */
  readonly untilBlock: bigint;
};

/** What the registry knows of a member's key. */
export async function readKey(chain: Chain, contracts: Contracts, owner: Hex, keyId: Hex): Promise<KeyState> {
  const key = await publicClient(chain).readContract({
    ...{ address: contracts.registry, abi: registryAbi, functionName: 'getKey', args: [owner, keyId] },
  });
  const status = (['none', 'active', 'revoked'] as const)[key.status] ?? 'none';
  return { status, subject: key.subject, keyClass: key.class, sinceBlock: key.since, untilBlock: key.until };
}

/** Is the account a member in office? */
export async function isMember(chain: Chain, contracts: Contracts, account: Hex): Promise<boolean> {
  return publicClient(chain).readContract({
    ...{ address: contracts.registry, abi: registryAbi, functionName: 'isMember', args: [account] },
  });
}
