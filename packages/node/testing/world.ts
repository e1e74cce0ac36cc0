// What the parts of a node stand on in unit tests: a time that moves when the test says, a disk and tables in memory that
// outlive the parts, chance from a seed, workers in this thread, and where it is asked for a chain in memory.
import { createHash } from 'node:crypto';
import type { Chain, ChainRequest } from '@trine/ledger/chain.ts';
import { type MemoryChain, startMemory } from '@trine/ledger/testing/memory-chain.ts';
import type { Random } from '@trine/system/random.ts';
import type { System } from '@trine/system/system.ts';
import { inlineWorkers, loadWorkers } from '@trine/system/testing/inline-workers.ts';
import { MemoryDisk } from '@trine/system/testing/memory-disk.ts';
import { type Life, VirtualTime } from '@trine/system/testing/virtual-time.ts';
import type { Work } from '@trine/system/workers.ts';
import type { NodeKeys } from '../genesis/genesis.ts';
import { TableDatabase } from '../projections/tables/database.ts';
import type { Store } from '../projections/tables/store.ts';
import { type Settings, settingsSchema } from '../settings.ts';
import { MemoryStore } from './memory-store.ts';

/** 2026-01-05 08:00 UTC: times in tests are said from here. */
export const T0: number = Date.UTC(2026, 0, 5, 8);
/** On the disk in memory. */
export const HOME = '/node';
const LIMIT_MS = 3_600_000;
const STORE_MB = 128;
const workers = ['@trine/log/tile-writer.worker.ts', '@trine/node/ingest/verify-worker.ts'];
const loaded: Promise<ReadonlyMap<string, Work>> = loadWorkers(
  workers.map((name) => new URL(import.meta.resolve(name))),
);

/** Settings of a node on the disk in memory. */
export function settingsOf(given: Partial<Omit<Settings, 'home'>> = {}): Settings {
  return { ...settingsSchema.parse({ home: HOME, port: 0, mqttPort: 0, logLevel: 'fatal' }), ...given };
}

/** Bytes that follow from a seed: SHA-256 of the seed and a counter. */
function randomOf(seed: number): Random {
  let count = 0;
  return (length) => {
    const parts: Buffer[] = [];
    for (let have = 0; have < length; have += 32)
      parts.push(createHash('sha256').update(`${seed} ${count++}`).digest());
    return Buffer.concat(parts).subarray(0, length);
  };
}

export class World {
  readonly time: VirtualTime = new VirtualTime(T0);
  readonly disk: MemoryDisk = new MemoryDisk();
  readonly random: Random;
  chain: MemoryChain | undefined;
  /** Set by the owner of the machine, milliseconds beside the right time. */
  skewMs = 0;
  #tables = new TableDatabase(':memory:', STORE_MB);
  readonly #modules: ReadonlyMap<string, Work>;

  private constructor(modules: ReadonlyMap<string, Work>, seed: number) {
    this.#modules = modules;
    this.random = randomOf(seed);
  }

  static async make(seed = 1): Promise<World> {
    return new World(await loaded, seed);
  }

  /** What the clock of the machine shows. */
  readonly now = (): number => this.time.now() + this.skewMs;

  /** What a process takes from the machine. @param life of the process */
  system(life: Life): System {
    const { disk, time } = this;
    return {
      clock: this.now,
      timers: time.timers(life),
      random: this.random,
      disk,
      workers: inlineWorkers({
        modules: this.#modules,
        parallelism: 2,
        disk,
        deliver: (hand) => void time.after(0, hand, life),
      }),
    };
  }

  openStore(life: Life): Promise<Store> {
    return MemoryStore.open(this.#tables, (work) => this.time.takes(0, work, life));
  }

  /** The tables are gone, as where somebody deletes the file. */
  async loseTables(): Promise<void> {
    await this.#tables.inTurn((tables) => tables.close());
    this.#tables = new TableDatabase(':memory:', STORE_MB);
  }

  /** The chain as a process reaches it; the first asks for it to be made, its blocks go on without any. */
  async reach(keys: NodeKeys, life: Life): Promise<Chain> {
    this.chain ??= await startMemory({
      chainId: 1_000_000_007n,
      keys: [keys.account, keys.issuer, keys.recipient, keys.arbiter],
      clock: { now: this.time.now },
    });
    const { chain, time } = this;
    const timers = time.timers(life);
    const request: ChainRequest = (call) => time.takes(0, () => chain.request(call), life);
    return {
      ...chain,
      request,
      finalBlock: () => time.takes(0, () => chain.finalBlock(), life),
      refresh: () => time.takes(0, () => chain.refresh(), life),
      clock: { now: this.now },
      timers: {
        setTimeout: (work, ms) => timers.setTimeout(work, ms),
        clearTimeout: (timer) => (timer as { cancel(): void }).cancel(),
        elapsed: timers.elapsed,
      },
    };
  }

  /** Lets time pass until something is done. @throws what it throws, or an Error where nothing leads there */
  async does<T>(work: Promise<T>): Promise<T> {
    let isDone = false;
    const end = () => {
      isDone = true;
    };
    work.then(end, end);
    if (!(await this.time.until(() => isDone, LIMIT_MS)))
      throw new Error('It stalls: nothing is left that leads there.');
    return work;
  }

  /** Lets time pass until something holds. @throws Error where it does not within an hour */
  async until(holds: () => boolean, what: string): Promise<void> {
    if (!(await this.time.until(holds, LIMIT_MS))) throw new Error(`Not within an hour: ${what}.`);
  }

  /** Lets time pass until so many milliseconds after {@link T0}. */
  async reaches(ms: number): Promise<void> {
    const left = T0 + ms - this.time.now();
    if (left > 0) await this.time.until(() => false, left);
  }

  /** What is on the disk, in a folder of the machine: for what reads folders of others. @param to is made */
  copyTo(to: string): void {
    this.disk.copyTo(to);
  }

  async close(): Promise<void> {
    await this.#tables.inTurn((tables) => tables.close());
  }
}
