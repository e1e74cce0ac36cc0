// Exactly-once submission. Sending is repeated until the chain shows, for good, that it was done; the contracts refuse
// the second execution of anything (an obligation is paid once, a log only grows), so repeating is safe at every moment,
// and a crash anywhere only makes something be repeated.
import type { Hex } from '@trine/protocol';
import type { Disk } from '@trine/system/disk.ts';
import { type PrivateKeyAccount, privateKeyToAccount } from 'viem/accounts';
import { BACKOFF_MS_MIN, backoffMs } from './backoff.ts';
import type { Chain } from './chain.ts';
import { LedgerError, OutboxFullError } from './errors.ts';
import { Loop, type Step } from './loop.ts';
import type { OutboxKind } from './outbox-kinds.ts';
import { type OutboxChange, type OutboxItem, type OutboxState, OutboxStore } from './outbox-store.ts';
import type { Clock, Timers } from './time.ts';
import { blockTag, minedNonce, signTransaction, tryCall } from './transactions.ts';

// biome-ignore lint/suspicious/noExplicitAny: each kind has a payload of its own
type AnyKind = OutboxKind<any>;

export type OutboxOptions = {
  readonly chain: Chain;
  /** sends and pays the transactions; used by this outbox alone; 32 bytes as hex */
  readonly senderKey: Hex;
  /** SQLite file */
  readonly file: string;
  /** default: the machine's own */
  readonly disk?: Disk;
  readonly kinds: Readonly<Record<string, AnyKind>>;
  /** most items not yet sent; default 10,000 */
  readonly queuedMax?: number;
  /** most transactions in flight; default 32 */
  readonly inFlightMax?: number;
  /** pause between rounds while something is in flight; default 250 */
  readonly pollMs?: number;
  /** after how long without getting further an item is a problem; default 5 min, 30 on a chain of others */
  readonly stallMs?: number;
  /** what it tells is told again after a restart, at most; an error thrown here is a problem, and stops nothing */
  readonly onChange?: (item: OutboxItem) => void;
  /** default: those of the chain */
  readonly clock?: Clock;
  readonly timers?: Timers;
};

/** A transaction that no block took in this time is signed again at today's fees. */
const STUCK_MS = 120_000;
const IDLE_MS = 5_000;
/** A clock that differs by so much from the time that passed was set. */
const CLOCK_SET_MS = 1_000;
/** On other chains a block is final after a quarter of an hour and more. */
const STALL_MS = { embedded: 300_000, external: 1_800_000 };

/** One worker sends what is enqueued. Stop it before the chain. */
export class Outbox {
  #options: OutboxOptions;
  #store: OutboxStore;
  readonly #account: PrivateKeyAccount;
  #sender: Hex;
  #clock: Clock;
  #timers: Timers;
  #loop: Loop;
  #isWoken = true;
  #isStopped = false;
  /** the item that is being made a transaction of: nothing else may take its place */
  #atHand: string | undefined;
  /** when any item last got further, or this outbox began */
  #movedAt: number;
  /** since when this outbox looks after what waits: before that nobody did */
  #beganAt: number;
  /** what the clock showed last, and how long after some moment that was */
  #seenAt: number;
  #seenElapsed: number;
  /** by how much the clock was set back before this outbox began, as far as it shows; undefined once that is put right */
  #wasAhead: number | undefined;
  #listenerProblem: string | undefined;

  constructor(options: OutboxOptions) {
    this.#options = options;
    this.#store = new OutboxStore(options.file, options.disk);
    this.#account = privateKeyToAccount(options.senderKey);
    this.#sender = this.#account.address.toLowerCase() as Hex;
    this.#clock = options.clock ?? options.chain.clock;
    this.#timers = options.timers ?? options.chain.timers;
    this.#beganAt = this.#clock.now();
    this.#movedAt = this.#beganAt;
    this.#seenAt = this.#beganAt;
    this.#wasAhead = Math.max(0, (this.#store.newestMadeAt() ?? 0) - this.#beganAt);
    this.#seenElapsed = this.#timers.elapsed();
    this.#loop = new Loop({ look: () => this.#look(), timers: this.#timers, backoffMs: BACKOFF_MS_MIN });
    this.#loop.wake();
  }

  /**
   * Takes something to do; durable when it returns. The same thing again changes nothing. Where the kind says so, it
   * takes the place of what is queued and no longer needed; what makes it unneeded itself is returned instead of it.
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
    const lane = handler.lane(payload);
    const rivals = handler.supersedes && lane !== null ? this.#store.inLane(lane, kind) : [];
    const covering = rivals.find((rival) => handler.supersedes?.(rival.payload, payload));
    if (covering) return covering;
    const older = rivals
      .filter(({ id: other, state }) => state === 'queued' && other !== this.#atHand)
      .filter((rival) => handler.supersedes?.(payload, rival.payload))
      .map((rival) => rival.id);
    const full = older.length === 0 && this.#store.fullAt(this.#options.queuedMax ?? 10_000, kind, handler.queuedMax);
    if (full) throw new OutboxFullError(full, IDLE_MS);
    this.#store.add({ id, kind, lane, payload }, this.#now(), older);
    const item = this.#store.get(id) as OutboxItem;
    this.#tell(item);
    this.#wake();
    return item;
  }

  /** Tries a refused item again, or one that waits at once, perhaps with another payload of the same key. */
  retry(id: string, payload?: unknown): OutboxItem | undefined {
    const item = this.#store.get(id);
    if (!item || item.state === 'confirmed' || item.state === 'submitted') return item;
    const now = this.#now();
    const change = { state: 'queued', attempts: 0, nextAttemptAt: now, movedAt: now, error: null } as const;
    const changed = this.#change(item, payload === undefined ? change : { ...change, payload });
    this.#wake();
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

  /**
   * What keeps things from being done, in words, or undefined: the chain does not answer, it makes no final blocks, an
   * item has not got further for long. It is looked up when asked, so that nothing can keep it from being said; it is
   * gone when things move again.
   */
  get problem(): string | undefined {
    return this.#loop.failure ?? this.#options.chain.problem() ?? this.#stall() ?? this.#listenerProblem;
  }

  /** Ends after the item under way. What is unfinished continues at the next start. */
  async stop(): Promise<void> {
    if (this.#isStopped) return;
    this.#isStopped = true;
    await this.#loop.stop();
    this.#store.close();
  }

  #wake(): void {
    this.#isWoken = true;
    this.#loop.wake();
  }

  #look(): Step | undefined {
    const { pollMs = 250 } = this.#options;
    const run = () => this.#round();
    if (this.#isWoken) return { inMs: 0, run };
    const dueAt = this.#store.nextDueAt();
    const isInFlight = this.#store.count('submitted') > 0;
    if (dueAt === undefined) return isInFlight ? { inMs: pollMs, run } : undefined;
    // Never long, so that a clock that was set forward or back is noticed.
    const dueIn = Math.min(IDLE_MS, Math.max(pollMs, dueAt - this.#clock.now()));
    return { inMs: isInFlight ? pollMs : dueIn, run };
  }

  /** What has not got further for too long. Time in which the node was off, or by which its clock was set, is none. */
  #stall(): string | undefined {
    if (this.#isStopped) return undefined;
    const { chain, stallMs = STALL_MS[chain.kind] } = this.#options;
    const before = this.#clock.now() - Math.max(0, this.#setBy()) - stallMs;
    const { tried, untried } = this.#store.slowest(this.#clock.now());
    const late = tried && Math.max(tried.movedAt, this.#beganAt) < before ? tried : undefined;
    // What was never tried waits for its turn: that is a problem only where nothing else moves either.
    const idle = untried && Math.max(untried.movedAt, this.#movedAt) < before ? untried : undefined;
    const stuck = late ?? idle;
    if (stuck === undefined) return undefined;
    const minutes = Math.floor((this.#clock.now() - stuck.movedAt) / 60_000);
    const why = stuck.error ?? (stuck.state === 'submitted' ? 'No final block holds it.' : 'It was not tried.');
    return `${stuck.id} has not got further for ${minutes} min: ${why}`;
  }

  /** What the clock would show, had nobody set it since {@link #noteClock}: that puts right all that is written down. */
  #now(): number {
    return Math.round(this.#seenAt + this.#timers.elapsed() - this.#seenElapsed);
  }

  /** By how much the clock was set since it was last looked at, milliseconds; back is less than 0. */
  #setBy(): number {
    return this.#clock.now() - this.#now();
  }

  /**
   * A clock that was set back, also while this was stopped, makes nothing wait longer, and hides no stall; one that was set
   * forward makes nothing late.
   */
  #noteClock(): void {
    if (this.#wasAhead !== undefined) this.#store.began(this.#wasAhead, this.#beganAt);
    this.#wasAhead = undefined;
    const by = this.#setBy();
    // What clocks are put right by all the time makes no difference here.
    if (Math.abs(by) >= CLOCK_SET_MS) {
      if (by < 0) this.#store.shift(by);
      else this.#store.forward(by, this.#now());
      this.#movedAt += by;
      this.#beganAt += by;
    }
    this.#seenAt = this.#clock.now();
    this.#seenElapsed = this.#timers.elapsed();
  }

  async #round(): Promise<void> {
    this.#isWoken = false;
    this.#noteClock();
    const { chain } = this.#options;
    const mined = await minedNonce(chain, this.#sender);
    for (const item of this.#store.submitted()) if (!this.#isStopped) await this.#follow(item, mined);
    const inFlight = this.#store.submitted();
    const room = (this.#options.inFlightMax ?? 32) - inFlight.length;
    const due = room > 0 ? this.#store.due(this.#clock.now(), room) : [];
    if (due.length > 0) await chain.refresh();
    for (const { id } of due) if (!this.#isStopped) await this.#take(id);
    if (due.length === 0) this.#closeGap(inFlight, mined);
  }

  async #take(id: string): Promise<void> {
    const item = this.#store.get(id);
    if (item?.state !== 'queued') return; // something took its place meanwhile
    this.#atHand = id;
    try {
      await this.#submit(item);
    } finally {
      this.#atHand = undefined;
    }
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
      this.#change(item, { state: 'queued', nonce: null, raw: null, nextAttemptAt: this.#now() });
      return;
    }
    const known = await chain.request({ method: 'eth_getTransactionByHash', params });
    if (known === null) await this.#broadcast(item);
    else if (this.#now() - item.nextAttemptAt > STUCK_MS)
      this.#postpone(item, 'No block took the transaction in time.');
  }

  async #submit(item: OutboxItem): Promise<void> {
    const { chain, kinds } = this.#options;
    const kind = kinds[item.kind];
    if (!kind) {
      this.#refuse(item, `This node does not know items of the kind ${item.kind}.`);
      return;
    }
    let sent: OutboxItem;
    try {
      const done = await kind.findDone(item.payload);
      if (done) {
        // Done, but perhaps in a block that may still be taken back: look again then.
        if (done.blockNumber <= (await chain.finalBlock())) this.#confirm(item, done);
        else this.#change(item, { nextAttemptAt: this.#now() + BACKOFF_MS_MIN });
        return;
      }
      const call = await kind.call(item.payload);
      const gas = await tryCall(chain, this.#sender, call);
      const nonce = this.#freeNonce(await minedNonce(chain, this.#sender));
      const { raw, hash } = await signTransaction(chain, this.#account, call, nonce, gas);
      const now = this.#now();
      // Being sent is a step further the first time only: one that is sent over and over stands still.
      const movedAt = item.txHash === null ? now : item.movedAt;
      // On disk before it is sent: after a crash it is this transaction that is looked for, not a second one.
      const change = {
        state: 'submitted',
        nonce,
        raw,
        txHash: hash,
        nextAttemptAt: now,
        movedAt,
        error: null,
      } as const;
      sent = this.#change(item, change);
    } catch (error) {
      await this.#failed(item, kind, error);
      return;
    }
    await this.#broadcast(sent);
  }

  async #failed(item: OutboxItem, kind: AnyKind, error: unknown): Promise<void> {
    if (!(error instanceof LedgerError) || error.isOfChain) {
      // Where the chain does not answer this throws, too: the round ends, and no item is to blame. Otherwise it is this
      // item that does not work, and the others must not wait for it.
      await minedNonce(this.#options.chain, this.#sender);
      this.#postpone(item, messageOf(error));
      return;
    }
    const { revert } = error;
    const isOneOf = (names: readonly string[] | undefined) => revert !== undefined && names?.includes(revert.name);
    if (isOneOf(kind.doneBy)) await this.#doneBefore(item, kind, error.message);
    else if (error.retry === 'never' && !isOneOf(kind.overtakenBy)) this.#refuse(item, error.message);
    else {
      const at = revert && kind.retryAt?.(revert);
      const movedAt = at ?? (isOneOf(kind.waitsFor) ? this.#now() : undefined);
      this.#postpone(item, error.message, at, movedAt);
    }
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
      this.#change(last, { state: 'queued', nonce: null, raw: null, nextAttemptAt: this.#now() });
  }

  #confirm(item: OutboxItem, done: { txHash: Hex; blockNumber: bigint } | undefined): void {
    const where = done && { txHash: done.txHash, blockNumber: Number(done.blockNumber) };
    this.#change(item, { state: 'confirmed', error: null, nonce: null, raw: null, ...where });
  }

  #refuse(item: OutboxItem, error: string): void {
    this.#change(item, { state: 'refused', error, nonce: null, raw: null });
  }

  /** @param movedAt where waiting until then is as it should be */
  #postpone(item: OutboxItem, error: string, at?: number, movedAt?: number): void {
    const nextAttemptAt = Math.max(at ?? 0, this.#now() + backoffMs(item.attempts));
    const change = { state: 'queued', error, nextAttemptAt, nonce: null, raw: null } as const;
    const moved = movedAt === undefined ? {} : { movedAt };
    this.#change(item, { ...change, ...moved, attempts: item.attempts + 1 });
  }

  #change(item: OutboxItem, change: OutboxChange): OutboxItem {
    const changed = this.#store.update(item.id, change);
    if (changed.state !== item.state && changed.state !== 'queued') this.#movedAt = this.#now();
    this.#tell(changed);
    return changed;
  }

  #tell(item: OutboxItem): void {
    try {
      this.#options.onChange?.(item);
      this.#listenerProblem = undefined;
    } catch (error) {
      this.#listenerProblem = messageOf(error); // of whoever listens; what is to be sent does not wait for it
    }
  }
}

/** The first sentence of an error, without the request that led to it. */
function messageOf(error: unknown): string {
  const { shortMessage, message } = error as { shortMessage?: string; message?: string };
  return shortMessage ?? message ?? String(error);
}
