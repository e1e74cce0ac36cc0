// What the chain knows of the log and does not take back.
import { blockTag } from '@trine/ledger/transactions.ts';
import { ANCHORED_TOPIC, decodeAnchored, type EvmLog, originHash } from '@trine/protocol';
import type { Machine } from './machine.ts';

/** Leaves of the newest checkpoint that is anchored in a final block. */
export async function finallyAnchored({ chain, genesis }: Pick<Machine, 'chain' | 'genesis'>): Promise<number> {
  const final = (await chain?.finalBlock()) ?? -1n;
  if (chain === undefined || genesis === undefined || final < 0n) return 0;
  const filter = {
    ...{ address: genesis.contracts.checkpoints, fromBlock: '0x0', toBlock: blockTag(final) },
    topics: [ANCHORED_TOPIC, originHash(genesis.origin)],
  };
  const logs = (await chain.request({ method: 'eth_getLogs', params: [filter] })) as EvmLog[];
  return Math.max(0, ...logs.map((log) => Number(decodeAnchored(log)?.size ?? 0n)));
}
