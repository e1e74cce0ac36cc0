// What the outbox must know of batches besides what direct intents have: rows to publish, and false batches to refute.
import { fromHex, type Hex, hexOf, type Intent, intentDigest, sha256, toHex } from '@trine/protocol';
import { decodeEventLog, encodeEventTopics } from 'viem';
import { findAnnouncement, readObligation } from './agreements.ts';
import { CHUNKS_AT_ONCE, publishCalls, readBatch } from './batches.ts';
import type { Chain } from './chain.ts';
import { batchSettlementAbi as abi, type Call, type Contracts } from './contracts.ts';
import { LedgerError } from './errors.ts';
import { type CallPayload, callKind, type Done, intentOf, type OutboxKind, settling } from './outbox-kinds.ts';
import { blockTag } from './transactions.ts';

export type PublishPayload = {
  /** ABI encoding of the intent, hex */
  readonly intent: Hex;
  /** the next chunks, whole, as one transaction takes them */
  readonly rows: Hex;
  /** decimal: rows of the batch before these, and with them */
  readonly from: string;
  readonly to: string;
};

const ROW_BYTES = 12;

/** What publishes all rows of a batch: one item for each transaction, in their order. @param intent its ABI encoding */
export function publishPayloads(intent: Hex, chunks: readonly Uint8Array[]): PublishPayload[] {
  let from = 0;
  return publishedTogether(chunks).map((rows) => {
    const to = from + rows.length / ROW_BYTES;
    const payload = { intent, rows: hexOf(rows), from: String(from), to: String(to) };
    from = to;
    return payload;
  });
}

function publishedTogether(chunks: readonly Uint8Array[]): Uint8Array[] {
  return Array.from({ length: Math.ceil(chunks.length / CHUNKS_AT_ONCE) }, (_, i) =>
    Uint8Array.from(Buffer.concat(chunks.slice(i * CHUNKS_AT_ONCE, (i + 1) * CHUNKS_AT_ONCE))),
  );
}

/**
 * Rows of a batch to publish, one transaction after the other. Who else publishes them does the same: they are the rows
 * that the deciders signed.
 */
export function publishKind(chain: Chain, contracts: Contracts): OutboxKind<PublishPayload> {
  return {
    key: (payload) => `${intentDigest(intentOf(payload))}:${payload.from}`,
    lane: (payload) => `publish:${intentDigest(intentOf(payload))}`,
    findDone: (payload) => findPublished(chain, contracts, intentOf(payload), Number(payload.to)),
    async call({ rows, from, ...payload }) {
      const intent = intentOf(payload);
      const batch = await readBatch(chain, contracts, intent.agreement);
      if (batch?.obligation !== intent.obligation || batch.rows !== Number(from))
        throw new LedgerError('not-included', 'The rows before these are not published yet.', 'later');
      const [call] = publishCalls(intent, { chunks: [fromHex(rows)] });
      return call as Call;
    },
    overtakenBy: ['BadRows', 'WrongPhase', 'OtherIntentPending', 'AlreadyFinal'],
  };
}

const [PUBLISHED] = encodeEventTopics({ abi, eventName: 'RowsPublished' });

/** @throws LedgerError `never` where the batch is gone: refuted, dropped, expired or replaced */
async function findPublished(
  chain: Chain,
  contracts: Contracts,
  intent: Intent,
  rows: number,
): Promise<Done | undefined> {
  const { agreement, obligation } = intent;
  const digest = intentDigest(intent);
  const at = settling(contracts, intent);
  const announced = await findAnnouncement(chain, at, agreement, obligation, digest);
  if (announced === undefined) return undefined;
  const filter = {
    ...{ address: intent.settler, fromBlock: blockTag(announced.blockNumber), toBlock: 'latest' },
    topics: [PUBLISHED, agreement, obligation],
  };
  const logs = (await chain.request({ method: 'eth_getLogs', params: [filter] })) as {
    topics: [Hex, ...Hex[]];
    data: Hex;
    transactionHash: Hex;
    blockNumber: Hex;
  }[];
  const done = logs.find(({ topics, data }) => {
    const { args } = decodeEventLog({ abi, eventName: 'RowsPublished', topics, data });
    return args.rows >= rows;
  });
  if (done) return { txHash: done.transactionHash, blockNumber: BigInt(done.blockNumber) };
  const { phase, intent: pending } = await readObligation(chain, at, agreement, obligation);
  if (pending !== digest || (phase !== 'announced' && phase !== 'held'))
    throw new LedgerError('overtaken', 'The batch is not pending any more: its rows are not needed.', 'never');
  return undefined;
}

/** What refutes a false batch. One that somebody else refuted before is refused, and that is as good. */
export const refuteKind: OutboxKind<CallPayload> = {
  ...callKind(['WrongPhase', 'AlreadyFinal', 'OtherIntentPending']),
  lane: () => 'refute',
};

/** The payload of a call that refutes: the same call is handed in once. */
export function refutePayload(call: Call): CallPayload {
  return { key: toHex(sha256(fromHex(call.data))), call };
}
