// A batch that was settled, as the chain tells it to anyone: its rows, who is behind the numbers, and the positions before.
import { BatchHistory, rowsOf } from '@trine/ledger/batch-history.ts';
import type { Chain } from '@trine/ledger/chain.ts';
import type { Contracts } from '@trine/ledger/contracts.ts';
import {
  type BatchRow,
  type Hex,
  type Intent,
  intentDigest,
  type Positions,
  type ReceiptProof,
  TrineError,
  verifyReceipt,
} from '@trine/protocol';

export interface SettledBatch {
  readonly rows: readonly BatchRow[];
  /** Numbers by account. */
  readonly numbers: ReadonlyMap<Hex, number>;
  readonly before: Positions;
  readonly after: Positions;
}

/** Kept at hand: whoever proves one line of a batch soon proves others. */
const KEPT_MAX = 4;

/** Batches that were settled, read once. */
export class SettledBatches {
  readonly #chain: Chain;
  readonly #contracts: Contracts;
  readonly #kept = new Map<Hex, Promise<SettledBatch>>();

  constructor(chain: Chain, contracts: Contracts) {
    this.#chain = chain;
    this.#contracts = contracts;
  }

  /** @throws as {@link readSettledBatch} */
  of(intent: Intent, settlement: ReceiptProof): Promise<SettledBatch> {
    const digest = intentDigest(intent);
    const known = this.#kept.get(digest);
    if (known) return known;
    const read = readSettledBatch(this.#chain, this.#contracts, intent, settlement);
    this.#kept.set(digest, read);
    read.catch(() => this.#kept.delete(digest));
    const [oldest] = this.#kept.keys();
    if (this.#kept.size > KEPT_MAX && oldest !== undefined) this.#kept.delete(oldest);
    return read;
  }
}

/**
 * Reads a batch back from the chain, as of the block before the one that settled it.
 *
 * @param settlement proof of the transaction that settled it
 * @throws TrineError `damaged` where the chain does not show it under way then; LedgerError where it does not answer
 */
async function readSettledBatch(
  chain: Chain,
  contracts: Contracts,
  intent: Intent,
  settlement: ReceiptProof,
): Promise<SettledBatch> {
  const history = new BatchHistory(chain, contracts, intent.agreement);
  // Windows are longer than blocks: whatever made the batch complete stands in an earlier one.
  await history.follow(verifyReceipt(settlement).blockNumber - 1n);
  const batch = history.underWay;
  if (batch === undefined || batch.digest !== intentDigest(intent))
    throw new TrineError('damaged', 'The chain does not show the batch that was settled.');
  const numbers = new Map([...history.members].map(([number, account]) => [account, number]));
  const rows = rowsOf(batch);
  const before = history.positions;
  return { rows, numbers, before, after: before.clone().apply(rows) };
}
