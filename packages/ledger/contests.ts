// Contests of rows in batches, as the chain tells them to anyone: who said that its row is wrong, and how that ended.
import type { Contest, Hex } from '@trine/protocol';
import { decodeEventLog, encodeEventTopics } from 'viem';
import { endContestCall } from './batches.ts';
import { type Chain, publicClient } from './chain.ts';
import { batchSettlementAbi as abi, type Contracts } from './contracts.ts';
import { type OutboxKind, retryAt } from './outbox-kinds.ts';
import { blockTag } from './transactions.ts';

/** Whose contest it is: each account contests an obligation once. Lower-case hex. */
export type ContestId = Pick<Contest, 'agreement' | 'obligation' | 'account'>;

/** What happened to a contest. */
export type ContestEvent = ContestId & {
  /** of the block in which it happened, seconds */
  readonly atS: number;
} & (
    | { readonly event: 'contested'; readonly statement: Hex }
    /** the bond went back to who contests; else to the residuary */
    | { readonly event: 'ended'; readonly returned: boolean }
  );

const TOPICS = (['Contested', 'ContestEnded'] as const).map(
  (eventName) => encodeEventTopics({ abi, eventName })[0] as Hex,
);

/**
 * What happened to contests in some blocks, in order.
 *
 * @param agreements ids of those that are asked about
 * @param from, to the first and the last block
 * @throws what the chain answered, where it did not
 */
export async function readContests(
  chain: Chain,
  { batch }: Pick<Contracts, 'batch'>,
  agreements: readonly Hex[],
  from: bigint,
  to: bigint,
): Promise<ContestEvent[]> {
  const filter = { address: batch, fromBlock: blockTag(from), toBlock: blockTag(to), topics: [TOPICS, agreements] };
  const logs = (await chain.request({ method: 'eth_getLogs', params: [filter] })) as {
    readonly topics: [Hex, ...Hex[]];
    readonly data: Hex;
    readonly blockNumber: Hex;
  }[];
  const times = new Map<Hex, number>();
  for (const { blockNumber } of logs)
    if (!times.has(blockNumber)) times.set(blockNumber, await timeOf(chain, BigInt(blockNumber)));
  return logs.map(({ topics, data, blockNumber }) => {
    const { eventName, args } = decodeEventLog({ abi, topics, data });
    const { agreement, obligation, account } = args as ContestId;
    const about = { agreement, obligation, account: account.toLowerCase() as Hex };
    const atS = times.get(blockNumber) as number;
    return eventName === 'Contested'
      ? { ...about, atS, event: 'contested', statement: args.statement }
      : { ...about, atS, event: 'ended', returned: (args as { returned: boolean }).returned };
  });
}

async function timeOf(chain: Chain, blockNumber: bigint): Promise<number> {
  return Number((await publicClient(chain).getBlock({ blockNumber })).timestamp);
}

/** Contests on which nobody ruled in time. Ended by somebody faster, or ruled on after all, is as good. */
export function endContestKind(contracts: Pick<Contracts, 'batch'>): OutboxKind<ContestId> {
  return {
    key: ({ agreement, obligation, account }) => `${agreement}:${obligation}:${account}`,
    lane: () => null,
    findDone: () => Promise.resolve(undefined),
    call: (contest) => Promise.resolve(endContestCall(contracts, contest)),
    retryAt,
    doneBy: ['NoContest'],
  };
}
