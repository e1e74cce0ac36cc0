// Anchors of the log: its newest checkpoint on the chain, and proofs of leaves under what is anchored.
import type { Chain } from '@trine/ledger/chain.ts';
import type { Contracts } from '@trine/ledger/contracts.ts';
import type { Outbox } from '@trine/ledger/outbox.ts';
import { type AnchorPayload, waitsForAnchor } from '@trine/ledger/outbox-kinds.ts';
import type { OutboxItem } from '@trine/ledger/outbox-store.ts';
import { proveReceipt } from '@trine/ledger/proofs.ts';
import type { Log } from '@trine/log/types.ts';
import { anchorDigest, fromHex, type Hex, hexOf, signDigest } from '@trine/protocol';
import type { SettleStore } from './settle-store.ts';

export interface AnchorsOptions {
  readonly log: Log;
  readonly origin: string;
  readonly chain: Chain;
  readonly contracts: Contracts;
  /** The member's account. */
  readonly account: Uint8Array;
  readonly outbox: () => Pick<Outbox, 'enqueue' | 'list' | 'retry'>;
  readonly kept: Pick<SettleStore, 'addAnchor' | 'newestAnchor'>;
}

export class Anchors {
  readonly #options: AnchorsOptions;

  constructor(options: AnchorsOptions) {
    this.#options = options;
  }

  /** Anchors the newest checkpoint, of at least `size` leaves. */
  async anchor(size: number): Promise<void> {
    const { log, origin, chain, contracts, account } = this.#options;
    const outbox = this.#options.outbox();
    const pending = [...outbox.list('queued'), ...outbox.list('submitted')].some(
      ({ kind, payload }) => kind === 'anchor' && Number((payload as AnchorPayload).size) >= size,
    );
    if (pending) return;
    const checkpoint = await log.waitForCheckpoint(size);
    const anchor = { origin, size: BigInt(checkpoint.size), root: hexOf(checkpoint.root) };
    const digest = anchorDigest(anchor, { chainId: chain.chainId, verifyingContract: contracts.checkpoints });
    const payload: AnchorPayload = {
      origin,
      size: String(checkpoint.size),
      root: anchor.root,
      signatures: [signDigest(digest, account)],
    };
    outbox.enqueue('anchor', payload);
  }

  /** A leaf's place in an anchored tree; undefined where none holds it yet. */
  async prove(index: number): Promise<{ size: bigint; root: Hex; path: Hex[] } | undefined> {
    // The newest root: the contract keeps it longest.
    const anchored = this.#options.kept.newestAnchor();
    if (anchored === undefined || anchored.size <= index) return undefined;
    const path = await this.#options.log.inclusionProof(index, anchored.size);
    return { size: BigInt(anchored.size), root: hexOf(anchored.root), path: path.map(hexOf) };
  }

  /** Keeps the proof of an anchor that stands on the chain, and has what waited for it tried at once. */
  async confirmed({ payload, txHash }: OutboxItem): Promise<void> {
    const { size, root } = payload as AnchorPayload;
    const proof = await proveReceipt(this.#options.chain, txHash as Hex);
    this.#options.kept.addAnchor({ size: Number(size), root: fromHex(root), proof });
    const outbox = this.#options.outbox();
    for (const item of outbox.list('queued')) if (waitsForAnchor(item)) outbox.retry(item.id);
  }
}
