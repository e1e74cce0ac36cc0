// An agreement's batches as the chain tells them to anyone: members, rows and positions out of events and the calldata of
// the transactions that published. Nothing else is needed, and nothing is kept: a new start reads the chain again.
import { type BatchRow, type Hex, type Intent, intentDigest, Positions, readChunk, splitRows } from '@trine/protocol';
import { decodeEventLog, encodeEventTopics } from 'viem';
import { type BatchCalldata, readBatchCalldata } from './batch-calldata.ts';
import type { Chain } from './chain.ts';
import { batchSettlementAbi as abi, type Contracts } from './contracts.ts';
import { LedgerError } from './errors.ts';
import { blockTag } from './transactions.ts';

/** A batch that is announced and neither settled nor gone. */
export type PublicBatch = {
  readonly obligation: Hex;
  /** the intent's digest */
  readonly digest: Hex;
  /** Undefined where it was announced through another contract and no chunk is published yet. */
  readonly intent: Intent | undefined;
  /** as published so far */
  readonly chunks: readonly Uint8Array[];
  readonly isComplete: boolean;
};

type RpcLog = {
  readonly topics: [Hex, ...Hex[]];
  readonly data: Hex;
  readonly blockNumber: Hex;
  readonly logIndex: Hex;
  readonly transactionHash: Hex;
};
const EVENTS = [
  ...(['Joined', 'Authorized', 'Revoked', 'Claimed'] as const),
  ...(['Announced', 'RowsPublished', 'Settled', 'Refuted', 'Expired', 'HoldEnded'] as const),
] as const;
const TOPICS = EVENTS.map((eventName) => encodeEventTopics({ abi, eventName })[0] as Hex);
/** Blocks asked for at once: what public nodes answer. */
const SPAN = 5_000n;
/** The arbiter's word as the contract counts it. */
const DROP = 2;

const lower = (hex: string): Hex => hex.toLowerCase() as Hex;

/**
 * The public data of one agreement's batches.
 *
 * The contract takes rows only from a transaction that comes straight to it, so they stand in that one's calldata. Once a
 * false batch is settled, nobody knows the positions any more from the chain alone (`problem`).
 * Memory: members, positions, and the rows of the batch under way.
 *
 * @example
 * const history = new BatchHistory(chain, contracts, agreement);
 * await history.follow(await chain.finalBlock());
 * history.positions.prove(number) // for a claim
 */
export class BatchHistory {
  /** Accounts by number. */
  readonly members: Map<number, Hex> = new Map<number, Hex>();
  /** Numbers whose authorization or stake changed since somebody took them out. */
  readonly changed: Set<number> = new Set<number>();
  readonly #numbers = new Map<Hex, number>();
  readonly #chain: Chain;
  readonly #contracts: Pick<Contracts, 'batch' | 'fromBlock'>;
  readonly #agreement: Hex;
  #positions = new Positions();
  #underWay: PublicBatch | undefined;
  #problem: string | undefined;
  #nextBlock: bigint;
  /** Of the next block, events up to this one are taken already. */
  #lastIndex = -1;

  constructor(chain: Chain, contracts: Pick<Contracts, 'batch' | 'fromBlock'>, agreement: Hex) {
    this.#chain = chain;
    this.#contracts = contracts;
    this.#agreement = agreement;
    this.#nextBlock = contracts.fromBlock;
  }

  /** Everybody's positions now: those of the batches that are settled. */
  get positions(): Positions {
    return this.#positions;
  }

  get underWay(): PublicBatch | undefined {
    return this.#underWay;
  }

  /** Why the positions cannot be told from public data any more, if so: for good. */
  get problem(): string | undefined {
    return this.#problem;
  }

  /**
   * Takes what happened up to a block. What fails in between goes on from there the next time.
   *
   * @param to the last block; only final ones, which are not taken back
   * @throws LedgerError or what the chain answered, where it did not
   */
  async follow(to: bigint): Promise<void> {
    while (this.#nextBlock <= to) {
      const last = this.#nextBlock + SPAN - 1n < to ? this.#nextBlock + SPAN - 1n : to;
      for (const log of await this.#logs(this.#nextBlock, last)) {
        const [block, index] = [BigInt(log.blockNumber), Number(log.logIndex)];
        if (block === this.#nextBlock && index <= this.#lastIndex) continue;
        await this.#take(log);
        this.#nextBlock = block;
        this.#lastIndex = index;
      }
      this.#nextBlock = last + 1n;
      this.#lastIndex = -1;
    }
  }

  async #logs(from: bigint, to: bigint): Promise<RpcLog[]> {
    const filter = {
      ...{ address: this.#contracts.batch, fromBlock: blockTag(from), toBlock: blockTag(to) },
      topics: [TOPICS, this.#agreement],
    };
    return (await this.#chain.request({ method: 'eth_getLogs', params: [filter] })) as RpcLog[];
  }

  async #take({ topics, data, transactionHash }: RpcLog): Promise<void> {
    const { eventName, args } = decodeEventLog({ abi, topics, data });
    if (eventName === 'Joined') {
      this.members.set(args.number, lower(args.account));
      this.#numbers.set(lower(args.account), args.number);
    } else if (eventName === 'Authorized' || eventName === 'Revoked' || eventName === 'Claimed') {
      const number = this.#numbers.get(lower(args.account));
      if (number !== undefined) this.changed.add(number);
    } else if (eventName === 'Announced') {
      const { obligation, intent: digest } = args;
      const intent = (await this.#called(transactionHash, digest))?.intent;
      this.#underWay = { obligation, digest, intent, chunks: [], isComplete: false };
    } else if (eventName === 'RowsPublished') await this.#published(transactionHash, args.complete);
    else if (eventName === 'Settled') this.#settled(args.intent);
    else if (eventName === 'Refuted' || eventName === 'Expired') this.#gone(args.intent);
    else if (eventName === 'HoldEnded' && args.ruling === DROP) this.#gone(args.intent);
  }

  #gone(digest: Hex): void {
    if (this.#underWay?.digest === digest) this.#underWay = undefined;
  }

  async #published(transaction: Hex, isComplete: boolean): Promise<void> {
    const batch = this.#underWay;
    if (batch === undefined) return;
    const called = await this.#called(transaction, batch.digest);
    if (called?.rows === undefined)
      throw new LedgerError('chain-wrong', `The chain shows no rows in ${transaction}, which published some.`, 'later');
    const chunks = [...batch.chunks, ...splitRows(called.rows)];
    this.#underWay = { ...batch, intent: called.intent, chunks, isComplete };
  }

  #settled(digest: Hex): void {
    const batch = this.#underWay;
    if (batch?.digest !== digest) return;
    this.#underWay = undefined;
    if (this.#problem !== undefined) return;
    // Even of a number that nobody has: what counts is what the root says.
    if (!applies(this.#positions, rowsOf(batch)) || this.#positions.root() !== batch.intent?.positionsAfter)
      this.#problem = `What was settled on ${batch.obligation} is not what its rows make: nobody refuted it.`;
  }

  /** The intent, and the rows if it published some, with which a transaction called the contract. */
  async #called(transaction: Hex, digest: Hex): Promise<BatchCalldata | undefined> {
    const found = (await this.#chain.request({ method: 'eth_getTransactionByHash', params: [transaction] })) as {
      to: Hex | null;
      input: Hex;
    } | null;
    if (found === null)
      throw new LedgerError(
        'not-included',
        `The chain does not show the transaction ${transaction}: ask again.`,
        'later',
      );
    if (found.to?.toLowerCase() !== this.#contracts.batch) return undefined;
    const called = readBatchCalldata(found.input);
    return called && intentDigest(called.intent) === digest ? called : undefined;
  }
}

/** @returns false where the tree has no place for a row, and is as it was */
function applies(positions: Positions, rows: readonly BatchRow[]): boolean {
  try {
    positions.apply(rows);
    return true;
  } catch {
    return false;
  }
}

/** All rows of a batch that are published, as the contract read them. */
export function rowsOf({ chunks }: Pick<PublicBatch, 'chunks'>): BatchRow[] {
  const rows: BatchRow[] = [];
  for (const chunk of chunks) for (const row of readChunk(chunk, rows.at(-1)?.number ?? 0)) rows.push(row);
  return rows;
}
