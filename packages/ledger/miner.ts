// Blocks on demand, and the copies of the chain's state that make them last.
import type { ChainRequest } from './chain.ts';
import { LedgerError } from './errors.ts';
import { Loop, type Step } from './loop.ts';
import type { Clock, Timers } from './time.ts';

export type MinerOptions = {
  /** of the chain, administrative calls included */
  readonly request: ChainRequest;
  /** keeps a copy of the state durably; gzipped JSON */
  readonly save: (block: bigint, gzipped: Uint8Array) => void;
  /** least time between blocks that are wanted */
  readonly intervalMs: number;
  readonly clock: Clock;
  readonly timers: Timers;
};

export type MinerFigures = {
  /** how long the last block took, milliseconds */
  readonly blockMs: number;
  /** how long the last copy took, milliseconds */
  readonly copyMs: number;
  readonly copyBytes: number;
  /** blocks or copies have become so slow that a real chain should take over */
  readonly outgrown: boolean;
};

const BLOCK_MS_MAX = 500;
const COPY_MS_MAX = 5_000;
/** Copies take at most this share of the time: as the state grows, they become rarer. */
const COPY_SHARE = 0.1;
const BACKOFF_MS = 500;
/** A block or a copy that is overdue for longer than this is a problem that someone should hear of. */
export const STALL_MS = 60_000;

type Waiting = { readonly resolve: () => void; readonly reject: (error: unknown) => void };

/**
 * Makes a block when something waits for one, at most one an interval, and then copies the state. What is copied is
 * durable; what is not, a crash takes back, and the outbox sends it again.
 *
 * Two loops, both of which only look at what is so: blocks at `asked > served` and at who waits for a fresh block,
 * copies at `durable < newest`. A failure changes neither, so it is tried again.
 */
export class Miner {
  #options: MinerOptions;
  #blocks: Loop;
  #copies: Loop;
  /** how often a block was asked for, and how many of these requests a block has answered */
  #asked = 0;
  #served = 0;
  #refreshes: Waiting[] = [];
  /** the block that is being made, its time in seconds, and who waits for it */
  #making: { readonly time: number; readonly waiting: Waiting[] } | undefined;
  #stopped = false;
  // Elapsed milliseconds: whatever the clock is set to, no pause becomes longer and nothing seems to stand still.
  #minedAt = Number.NEGATIVE_INFINITY;
  #copiedAt = Number.NEGATIVE_INFINITY;
  #time = 0;
  #block = -1n;
  #durable = -1n;
  /** since when a block, or a copy, is owed */
  #askedAt = 0;
  #unsavedAt = 0;
  #figures = { blockMs: 0, copyMs: 0, copyBytes: 0 };

  private constructor(options: MinerOptions) {
    this.#options = options;
    const common = { timers: options.timers, backoffMs: BACKOFF_MS };
    this.#blocks = new Loop({ ...common, look: () => this.#nextBlock() });
    this.#copies = new Loop({ ...common, look: () => this.#nextCopy() });
  }

  /** Reads where the chain stands and writes the first copy. */
  static async start(options: MinerOptions): Promise<Miner> {
    const miner = new Miner(options);
    await miner.#readNewest();
    await miner.#copy();
    return miner;
  }

  /** Number of the newest block in a copy. */
  get durableBlock(): bigint {
    return this.#durable;
  }

  /** Something waits for a block. */
  wanted(): void {
    if (this.#asked === this.#served) this.#askedAt = this.#options.timers.elapsed();
    this.#asked++;
    this.#blocks.wake();
  }

  /** Makes a block now if the newest is older than a second. @throws when the chain does not make one */
  refresh(): Promise<void> {
    const second = Math.floor(this.#options.clock.now() / 1000);
    if (second <= this.#time) return Promise.resolve();
    if (this.#stopped)
      return Promise.reject(
        new LedgerError('chain-stopped', 'The embedded chain is stopped: start it again.', 'later'),
      );
    return new Promise((resolve, reject) => {
      const isUnderWay = this.#making !== undefined && second <= this.#making.time;
      (isUnderWay ? this.#making?.waiting : this.#refreshes)?.push({ resolve, reject });
      this.#blocks.wake();
    });
  }

  figures(): MinerFigures {
    const { blockMs, copyMs } = this.#figures;
    return { ...this.#figures, outgrown: blockMs > BLOCK_MS_MAX || copyMs > COPY_MS_MAX };
  }

  /** Says so when a block that was asked for, or the copy that makes one final, is long overdue. */
  problem(): string | undefined {
    const now = this.#options.timers.elapsed();
    const seconds = (since: number) => Math.round((now - since) / 1000);
    const why = (loop: Loop) => (loop.failure === undefined ? '' : ` (${loop.failure})`);
    const todo = 'Look whether the disk is full and the machine overloaded; starting the node again loses nothing.';
    if (this.#asked > this.#served && now - this.#askedAt > STALL_MS + this.#options.intervalMs)
      return `The embedded chain has made no block for ${seconds(this.#askedAt)} s${why(this.#blocks)}. ${todo}`;
    if (this.#durable < this.#block && now - this.#unsavedAt > STALL_MS + this.#copyEveryMs())
      return `Block ${this.#block} of the embedded chain is not saved since ${seconds(this.#unsavedAt)} s, so nothing after block ${this.#durable} is final${why(this.#copies)}. ${todo}`;
    return undefined;
  }

  /** Ends after a last block, if one is wanted, and a last copy. */
  async stop(): Promise<void> {
    this.#stopped = true;
    await Promise.all([this.#blocks.stop(), this.#copies.stop()]);
    try {
      if (this.#asked > this.#served || this.#refreshes.length > 0) await this.#mine();
      if (this.#durable < this.#block) await this.#copy();
    } catch {
      // The chain is gone already: what it had not copied is sent again after the next start.
    }
  }

  #nextBlock(): Step | undefined {
    const run = () => this.#mine();
    if (this.#refreshes.length > 0) return { inMs: 0, run };
    if (this.#asked === this.#served) return undefined;
    return { inMs: this.#minedAt + this.#options.intervalMs - this.#options.timers.elapsed(), run };
  }

  #nextCopy(): Step | undefined {
    if (this.#durable >= this.#block) return undefined;
    return { inMs: this.#copiedAt + this.#copyEveryMs() - this.#options.timers.elapsed(), run: () => this.#copy() };
  }

  #copyEveryMs(): number {
    return this.#figures.copyMs / COPY_SHARE;
  }

  async #mine(): Promise<void> {
    const { request, clock, timers } = this.#options;
    const asked = this.#asked;
    const startedAt = timers.elapsed();
    const time = Math.max(Math.floor(clock.now() / 1000), this.#time + 1);
    const waiting = this.#refreshes.splice(0);
    this.#making = { time, waiting };
    try {
      await request({ method: 'evm_mine', params: [{ timestamp: time }] });
      const { transactions } = await this.#readNewest();
      this.#copies.wake();
      this.#minedAt = timers.elapsed();
      this.#figures.blockMs = this.#minedAt - startedAt;
      this.#making = undefined;
      for (const { resolve } of waiting.splice(0)) resolve();
      // What found no room in this block needs another. Where nothing came in, what waits cannot come in at present
      // (its fee is too low, say), and more blocks would not help it.
      if (transactions.length > 0 && (await this.#pending()) > 0) this.#asked++;
    } catch (error) {
      this.#making = undefined;
      for (const { reject } of waiting) reject(error);
      throw error;
    }
    this.#served = asked;
    this.#askedAt = timers.elapsed();
  }

  async #readNewest(): Promise<{ transactions: unknown[] }> {
    const block = (await this.#options.request({ method: 'eth_getBlockByNumber', params: ['latest', false] })) as {
      number: string;
      timestamp: string;
      transactions: unknown[];
    };
    if (this.#durable >= this.#block) this.#unsavedAt = this.#options.timers.elapsed();
    this.#block = BigInt(block.number);
    this.#time = Math.max(this.#time, Number(block.timestamp));
    return block;
  }

  async #pending(): Promise<number> {
    const { pending } = (await this.#options.request({ method: 'txpool_status' })) as { pending: string };
    return Number(pending);
  }

  async #copy(): Promise<void> {
    const { request, save, timers } = this.#options;
    const startedAt = timers.elapsed();
    const block = this.#block;
    try {
      const state = (await request({ method: 'anvil_dumpState' })) as string;
      const bytes = Buffer.from(state.slice(2), 'hex');
      save(block, bytes);
      this.#durable = block;
      this.#unsavedAt = startedAt;
      this.#figures.copyBytes = bytes.length;
    } finally {
      // Also after a failure: what could not be written (the disk is full) is not dumped over and over without a pause.
      this.#copiedAt = timers.elapsed();
      this.#figures.copyMs = this.#copiedAt - startedAt;
    }
  }
}
