// Exactly-once submission. Sending is repeated until the chain shows, for good, that it was done; the contracts refuse
// the second execution of anything (an obligation is paid once, a log only grows), so repeating is safe at every moment,
// and a crash anywhere only makes something be repeated.
import { setTimeout as sleep } from 'node:timers/promises';
import type { Hex } from '@trine/protocol';
import { privateKeyToAccount } from 'viem/accounts';
import type { Chain } from './chain.ts';
import { LedgerError, OutboxFullError } from './errors.ts';
import type { OutboxKind } from './outbox-kinds.ts';
import { type OutboxChange, type OutboxItem, type OutboxState, OutboxStore } from './outbox-store.ts';
import { blockTag, minedNonce, signTransaction, tryCall } from './transactions.ts';

// biome-ignore lint/suspicious/noExplicitAny: each kind has a payload of its own
type AnyKind = OutboxKind<any>;

export type OutboxOptions = {
  readonly chain: Chain;
  /** sends and pays the transactions; used by this outbox alone; 32 bytes as hex */
  readonly senderKey: Hex;
  /** SQLite file */
  readonly file: string;
  readonly kinds: Readonly<Record<string, AnyKind>>;
  /** most items not yet sent; default 10,000 */
  readonly queuedMax?: number;
  /** most transactions in flight; default 32 */
  readonly inFlightMax?: number;
  /** pause between rounds while something is in flight; default 250 */
  readonly pollMs?: number;
  readonly onChange?: (item: OutboxItem) => void;
};

const BACKOFF_MS_MIN = 500;
const BACKOFF_MS_MAX = 60_000;
/** A transaction that no block took in this time is signed again at today's fees. */
const STUCK_MS = 120_000;
const IDLE_MS = 5_000;

/** One worker sends what is enqueued. Stop it before the chain. */
export class Outbox {
  #options: OutboxOptions;
  #store: OutboxStore;
  #sender: Hex;
  #stopped = false;
  #wake: AbortController = new AbortController();
  #loop: Promise<void>;
  #lastTrouble: string | undefined;

  constructor(options: OutboxOptions) {
    this.#options = options;
    this.#store = new OutboxStore(options.file);
    this.#sender = privateKeyToAccount(options.senderKey).address.toLowerCase() as Hex;
    this.#loop = this.#run();
  }

  /**
   * Takes something to do; durable when it returns. The same thing again changes nothing.
   *
   * @returns the item, new or as it stands
   * @throws OutboxFullError when too much waits already
   */
  enqueue(kind: string, payload: unknown): OutboxItem {
    const handler = this.#options.kinds[kind];
    if (!handler) throw new RangeError(`Unknown kind ${kind}: expected one of ${Object.keys(this.#options.kinds)}.`);
    const id = `${kind}:${handler.key(payload)}`;
    const known = this.#store.get(id);
    if (known) return known;
    const queuedMax = this.#options.queuedMax ?? 10_000;
    if (this.#store.counts().queued >= queuedMax) throw new OutboxFullError(queuedMax, IDLE_MS);
    this.#store.add({ id, kind, lane: handler.lane(payload), payload }, Date.now());
    const item = this.#store.get(id) as OutboxItem;
    this.#options.onChange?.(item);
    this.#wake.abort();
    return item;
  }

  /** Tries a refused item again, or one that waits at once, perhaps with another payload of the same key. */
  retry(id: string, payload?: unknown): OutboxItem | undefined {
    const item = this.#store.get(id);
    if (!item || item.state === 'confirmed' || item.state === 'submitted') return item;
    const change = { state: 'queued', attempts: 0, nextAttemptAt: Date.now(), error: null } as const;
    const changed = this.#change(item, payload === undefined ? change : { ...change, payload });
    this.#wake.abort();
    return changed;
  }

  get(id: string): OutboxItem | undefined {
    return this.#store.get(id);
  }

  /** Newest first. */
  list(state: OutboxState, limit = 100): OutboxItem[] {
    return this.#store.list(state, limit);
  }

  counts(): Record<OutboxState, number> {
    return this.#store.counts();
  }

  /** Why the last round did not come to its end, or undefined: the chain does not answer, for instance. */
  get trouble(): string | undefined {
    return this.#lastTrouble;
  }

  /** Ends after the round under way. What is unfinished continues at the next start. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#wake.abort();
    await this.#loop;
    this.#store.close();
  }

  async #run(): Promise<void> {
    while (!this.#stopped) {
      this.#wake = new AbortController();
      try {
        await this.#round();
        this.#lastTrouble = undefined;
      } catch (error) {
        this.#lastTrouble = (error as Error).message;
        await this.#pause(BACKOFF_MS_MIN);
      }
      const { pollMs = 250 } = this.#options;
      const dueIn = (this.#store.nextDueAt() ?? Number.POSITIVE_INFINITY) - Date.now();
      const waitMs = this.#store.counts().submitted > 0 ? pollMs : Math.min(IDLE_MS, Math.max(pollMs, dueIn));
      await this.#pause(waitMs);
    }
  }

  async #pause(ms: number): Promise<void> {
    if (this.#stopped) return;
    await sleep(ms, undefined, { signal: this.#wake.signal }).catch(() => {});
  }

  async #round(): Promise<void> {
    const mined = await minedNonce(this.#options.chain, this.#sender);
    for (const item of this.#store.submitted()) await this.#follow(item, mined);
    const inFlight = this.#store.submitted();
    const room = (this.#options.inFlightMax ?? 32) - inFlight.length;
    const due = room > 0 ? this.#store.due(Date.now(), room) : [];
    if (due.length > 0) await this.#options.chain.refresh();
    for (const item of due) if (!this.#stopped) await this.#submit(item);
    if (due.length === 0) this.#closeGap(inFlight, mined);
  }

  /** Looks after a transaction that was sent. */
  async #follow(item: OutboxItem, mined: number): Promise<void> {
    const { chain } = this.#options;
    const params = [item.txHash];
    const receipt = (await chain.request({ method: 'eth_getTransactionReceipt', params })) as {
      status: string;
      blockNumber: string;
    } | null;
    if (receipt) {
      if (BigInt(receipt.status) !== 1n) this.#postpone(item, 'The transaction was included but had no effect.');
      else if (BigInt(receipt.blockNumber) <= (await chain.finalBlock())) {
        this.#confirm(item, { txHash: item.txHash as Hex, blockNumber: BigInt(receipt.blockNumber) });
      }
      return;
    }
    // The chain took its number for another transaction: this one can never be included.
    if ((item.nonce as number) < mined) {
      this.#change(item, { state: 'queued', nonce: null, raw: null, nextAttemptAt: Date.now() });
      return;
    }
    const known = await chain.request({ method: 'eth_getTransactionByHash', params });
    if (known === null) await this.#broadcast(item);
    else if (Date.now() - item.nextAttemptAt > STUCK_MS) this.#postpone(item, 'No block took the transaction in time.');
  }

  async #submit(item: OutboxItem): Promise<void> {
    const { chain, senderKey, kinds } = this.#options;
    const kind = kinds[item.kind];
    if (!kind) {
      this.#refuse(item, `This node does not know items of the kind ${item.kind}.`);
      return;
    }
    try {
      const done = await kind.findDone(item.payload);
      if (done) {
        // Done, but perhaps in a block that may still be taken back: look again then.
        if (done.blockNumber <= (await chain.finalBlock())) this.#confirm(item, done);
        else this.#change(item, { nextAttemptAt: Date.now() + BACKOFF_MS_MIN });
        return;
      }
      const call = await kind.call(item.payload);
      const gas = await tryCall(chain, this.#sender, call);
      const nonce = this.#freeNonce(await minedNonce(chain, this.#sender));
      const { raw, hash } = await signTransaction(chain, senderKey, call, nonce, gas);
      // On disk before it is sent: after a crash it is this transaction that is looked for, not a second one.
      const change = { state: 'submitted', nonce, raw, txHash: hash, nextAttemptAt: Date.now(), error: null } as const;
      await this.#broadcast(this.#change(item, change));
    } catch (error) {
      await this.#failed(item, kind, error);
    }
  }

  async #failed(item: OutboxItem, kind: AnyKind, error: unknown): Promise<void> {
    if (!(error instanceof LedgerError)) throw error; // of the chain, not of this item
    const { revert } = error;
    // Someone else's transaction may have done it a moment ago: the next try then finds it.
    const overtaken = revert?.name === 'AlreadySettled' || revert?.name === 'NotLarger';
    if (revert && kind.doneBy?.includes(revert.name)) await this.#doneBefore(item, kind, error.message);
    else if (error.retry === 'never' && !overtaken) this.#refuse(item, error.message);
    else this.#postpone(item, error.message, revert && kind.retryAt?.(revert));
  }

  /** The contract says that it was done before. That counts once the last final block says so too. */
  async #doneBefore(item: OutboxItem, kind: AnyKind, message: string): Promise<void> {
    const { chain } = this.#options;
    const final = await chain.finalBlock();
    try {
      if (final >= 0n) await tryCall(chain, this.#sender, await kind.call(item.payload), blockTag(final));
    } catch (error) {
      const name = error instanceof LedgerError ? error.revert?.name : undefined;
      if (name !== undefined && kind.doneBy?.includes(name)) {
        this.#confirm(item, undefined);
        return;
      }
    }
    this.#postpone(item, message);
  }

  async #broadcast(item: OutboxItem): Promise<void> {
    try {
      await this.#options.chain.request({ method: 'eth_sendRawTransaction', params: [item.raw] });
    } catch (error) {
      // Known already, or its nonce is used: the next round sees which. Without a connection the round ends here.
      if (typeof (error as { code?: unknown }).code !== 'number') throw error;
      this.#change(item, { error: (error as Error).message });
    }
  }

  /** The lowest number that no transaction of ours in flight has: gaps are filled first, or nothing moves. */
  #freeNonce(mined: number): number {
    const taken = new Set(this.#store.submitted().map((item) => item.nonce));
    let nonce = mined;
    while (taken.has(nonce)) nonce++;
    return nonce;
  }

  /** Where nothing waits that could fill a gap below the transactions in flight, the last of them is signed anew. */
  #closeGap(inFlight: readonly OutboxItem[], mined: number): void {
    const gap = this.#freeNonce(mined);
    const last = inFlight.at(-1);
    if (last && (last.nonce as number) > gap && this.#store.get(last.id)?.state === 'submitted')
      this.#change(last, { state: 'queued', nonce: null, raw: null, nextAttemptAt: Date.now() });
  }

  #confirm(item: OutboxItem, done: { txHash: Hex; blockNumber: bigint } | undefined): void {
    const where = done && { txHash: done.txHash, blockNumber: Number(done.blockNumber) };
    this.#change(item, { state: 'confirmed', error: null, nonce: null, raw: null, ...where });
  }

  #refuse(item: OutboxItem, error: string): void {
    this.#change(item, { state: 'refused', error, nonce: null, raw: null });
  }

  #postpone(item: OutboxItem, error: string, at?: number): void {
    const backoff = Math.min(BACKOFF_MS_MAX, BACKOFF_MS_MIN * 2 ** Math.min(item.attempts, 10));
    const nextAttemptAt = Math.max(at ?? 0, Date.now() + backoff);
    const change = { state: 'queued', error, nextAttemptAt, nonce: null, raw: null } as const;
    this.#change(item, { ...change, attempts: item.attempts + 1 });
  }

  #change(item: OutboxItem, change: OutboxChange): OutboxItem {
    const changed = this.#store.update(item.id, change);
    this.#options.onChange?.(changed);
    return changed;
  }
}
