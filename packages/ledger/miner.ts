// Blocks on demand, and the copies of the chain's state that make them last.
import { setTimeout as sleep } from 'node:timers/promises';
import type { ChainRequest } from './chain.ts';
import { writeSnapshot } from './snapshots.ts';

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

/**
 * Makes a block when something waits for one, at most one an interval, and then copies the state. What is copied is
 * durable; what is not, a crash takes back, and the outbox sends it again.
 */
export class Miner {
  #request: ChainRequest;
  #folder: string;
  #intervalMs: number;
  #wanted = false;
  #stopped = false;
  #loop: Promise<void> | undefined;
  #mining: Promise<void> = Promise.resolve();
  #minedAt = 0;
  #copiedAt = 0;
  #time = 0;
  #block = -1n;
  #figures = { blockMs: 0, copyMs: 0, copyBytes: 0 };

  /** number of the newest block in a copy */
  durableBlock = -1n;

  private constructor(request: ChainRequest, folder: string, intervalMs: number) {
    this.#request = request;
    this.#folder = folder;
    this.#intervalMs = intervalMs;
  }

  /** Reads where the chain stands and writes the first copy. */
  static async start(request: ChainRequest, folder: string, intervalMs: number): Promise<Miner> {
    const miner = new Miner(request, folder, intervalMs);
    const block = (await request({ method: 'eth_getBlockByNumber', params: ['latest', false] })) as {
      number: string;
      timestamp: string;
    };
    miner.#block = BigInt(block.number);
    miner.#time = Number(block.timestamp);
    await miner.#copy();
    return miner;
  }

  /** Something waits for a block. */
  wanted(): void {
    this.#wanted = true;
    this.#loop ??= this.#run().finally(() => {
      this.#loop = undefined;
    });
  }

  /** Makes a block now if the newest is older than a second. */
  async refresh(): Promise<void> {
    if (Math.floor(Date.now() / 1000) > this.#time) await this.#mine();
  }

  figures(): MinerFigures {
    const { blockMs, copyMs } = this.#figures;
    return { ...this.#figures, outgrown: blockMs > BLOCK_MS_MAX || copyMs > COPY_MS_MAX };
  }

  /** Ends after a last block, if one is wanted, and a last copy. */
  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#loop;
    try {
      if (this.#wanted) await this.#mine();
      await this.#mining;
      if (this.durableBlock < this.#block) await this.#copy();
    } catch {
      // The chain is gone already: what it had not copied is sent again after the next start.
    }
  }

  async #run(): Promise<void> {
    // Also runs while only a copy is due, so that the newest block becomes durable without another one.
    while (!this.#stopped && (this.#wanted || this.durableBlock < this.#block)) {
      const dueAt = this.#wanted ? this.#minedAt + this.#intervalMs : this.#copyDueAt();
      await sleep(Math.max(0, dueAt - Date.now()));
      try {
        if (this.#wanted && !this.#stopped) await this.#mine();
        if (Date.now() >= this.#copyDueAt()) await this.#copy();
      } catch {
        return; // the chain is gone
      }
    }
  }

  #copyDueAt(): number {
    return this.#copiedAt + this.#figures.copyMs / COPY_SHARE;
  }

  #mine(): Promise<void> {
    const mine = async () => {
      this.#wanted = false;
      const started = Date.now();
      this.#time = Math.max(Math.floor(started / 1000), this.#time + 1);
      await this.#request({ method: 'evm_mine', params: [{ timestamp: this.#time }] });
      this.#block = BigInt((await this.#request({ method: 'eth_blockNumber' })) as string);
      this.#minedAt = Date.now();
      this.#figures.blockMs = this.#minedAt - started;
    };
    this.#mining = this.#mining.then(mine);
    return this.#mining;
  }

  async #copy(): Promise<void> {
    const started = Date.now();
    const block = this.#block;
    const state = (await this.#request({ method: 'anvil_dumpState' })) as string;
    const bytes = Buffer.from(state.slice(2), 'hex');
    writeSnapshot(this.#folder, block, bytes);
    this.durableBlock = block;
    this.#copiedAt = Date.now();
    this.#figures.copyMs = this.#copiedAt - started;
    this.#figures.copyBytes = bytes.length;
  }
}
