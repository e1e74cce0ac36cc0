// A machine on virtual time that runs a node: it crashes between any two operations of its disk, loses what was not synced,
// and starts again. Its clock can be set. The chain goes on without it.
import { installedDomains } from '@trine/domains/released.ts';
import type { Domains } from '@trine/engine';
import { practiceTerms } from '@trine/example-service-credit/terms.ts';
import type { Chain, ChainRequest } from '@trine/ledger/chain.ts';
import { LedgerError } from '@trine/ledger/errors.ts';
import { type MemoryChain, startMemory } from '@trine/ledger/testing/memory-chain.ts';
import type { NodeDependencies } from '@trine/node/dependencies.ts';
import { Counters } from '@trine/node/ingest/counters.ts';
import type { EmbeddedMqtt } from '@trine/node/ingest/transports/mqtt.ts';
import { endsTheNode } from '@trine/node/last-resort.ts';
import { type Node, startNode } from '@trine/node/node.ts';
import { TableDatabase } from '@trine/node/projections/tables/database.ts';
import type { Row } from '@trine/node/projections/tables/store.ts';
import { type Settings, settingsSchema } from '@trine/node/settings.ts';
import { MemoryStore } from '@trine/node/testing/memory-store.ts';
import { inlineWorkers, loadWorkers } from '@trine/system/testing/inline-workers.ts';
import { Crash, MemoryDisk } from '@trine/system/testing/memory-disk.ts';
import type { Life, VirtualTime } from '@trine/system/testing/virtual-time.ts';
import type { Work } from '@trine/system/workers.ts';
import type { Chance } from './chance.ts';

/** No path of the machine that runs the simulation: whoever uses that one's disk by mistake is refused. */
const HOME = '/\0node';
const STORE_MB = 128;
const STORE_LOST = 0.25;

class Process implements Life {
  isOver = false;
  /** What the clock shows beside the right time. */
  skewMs = 0;
}

export interface MachineOptions {
  readonly time: VirtualTime;
  readonly chance: Chance;
}

const settings: Settings = settingsSchema.parse({
  home: HOME,
  port: 0,
  mqttPort: 0,
  logLevel: 'fatal',
  anchorIntervalMs: 20_000,
  device: { intervalMs: 500 },
  practice: { windowMs: 5_000, graceMs: 1_000, disputeWindowS: 1 },
});

export class Machine {
  readonly domains: Domains = installedDomains();
  readonly disk: MemoryDisk;
  chain: MemoryChain | undefined;
  /** Crashes and restarts so far. */
  crashes = 0;
  starts = 0;
  /** The node that runs; undefined while it starts or is down. */
  node: Node | undefined;
  /** Errors that nothing explains. */
  readonly faults: string[] = [];
  /** Set by the owner of the machine; a restart does not put it right. */
  skewMs = 0;
  readonly #time: VirtualTime;
  readonly #chance: Chance;
  readonly #modules: ReadonlyMap<string, Work>;
  #process = new Process();
  #tables = new TableDatabase(':memory:', STORE_MB);

  private constructor({ time, chance }: MachineOptions, modules: ReadonlyMap<string, Work>) {
    this.#time = time;
    this.#chance = chance;
    this.#modules = modules;
    this.disk = new MemoryDisk({
      delay: () => this.#takes(2, () => undefined),
      random: () => chance.unit(),
    });
    this.disk.onCrash = () => {
      this.#process.isOver = true;
      this.node = undefined;
    };
  }

  static async assemble(options: MachineOptions): Promise<Machine> {
    const modules = ['@trine/log/tile-writer.worker.ts', '@trine/node/ingest/verify-worker.ts'];
    return new Machine(options, await loadWorkers(modules.map((name) => new URL(import.meta.resolve(name)))));
  }

  /** Does something outside of the simulation while nothing happens in it. */
  standStill(work: () => Promise<void>): Promise<void> {
    return this.#takes(0, work);
  }

  /** What the tables hold. */
  async rows(sql: string): Promise<Row[]> {
    return structuredClone(await this.#tables.inTurn((tables) => tables.query(sql, [])));
  }

  /** What the clock of the node shows. */
  get nowMs(): number {
    return this.#time.now() + this.skewMs;
  }

  /** Terms of the first agreement. */
  get practice(): Settings['practice'] {
    return settings.practice;
  }

  /** Is the process that was started last gone? */
  get isDown(): boolean {
    return this.#process.isOver;
  }

  /** Something of the process that takes up to so many milliseconds; never done once it is gone. */
  #takes<T>(msMax: number, work: () => T | Promise<T>): Promise<T> {
    const life = this.#process;
    return this.#time.takes(this.#chance.unit() * msMax, work, life);
  }

  /** What nothing caught: as in the real process, what keeps the node from sealing ends it. */
  unforeseen(error: unknown): void {
    if (isCrash(error)) return;
    if (endsTheNode(error)) this.disk.crash();
    else this.faults.push(error instanceof Error ? (error.stack ?? error.message) : String(error));
  }

  /** Starts the node, and lets time pass until it runs or has crashed. @throws Error what a start says that must not be */
  async start(): Promise<void> {
    const life = new Process();
    this.#process = life;
    this.starts++;
    let failure: unknown;
    let isDone = false;
    startNode(settings, {
      domains: this.domains,
      firstAgreement: practiceTerms,
      dependencies: this.#dependencies(life),
    }).then(
      (node) => {
        // It may crash with its last step, after which it would have run.
        if (!life.isOver) this.node = node;
        isDone = true;
      },
      (error: unknown) => {
        failure = error;
        isDone = true;
      },
    );
    const hasEnded = await this.#time.until(() => isDone || this.isDown, 600_000);
    if (this.isDown) return;
    if (!hasEnded) throw new Error('The start of the node stalls.');
    if (failure === undefined) return;
    // Whoever starts it tries again later, as a supervisor would.
    const mayPass = failure instanceof LedgerError ? failure.retry === 'later' : endsTheNode(failure);
    if (!mayPass) throw failure;
    this.disk.crash();
  }

  /** Stops the node in order. */
  async stop(): Promise<void> {
    let isDone = false;
    this.node?.stop().then(() => {
      isDone = true;
    });
    if (!(await this.#time.until(() => isDone || this.isDown, 600_000)))
      throw new Error('The stop of the node stalls.');
    this.node = undefined;
    this.#process.isOver = true;
  }

  /** The power fails, if it has not; what was not synced may be gone, and with some luck the tables are not. */
  async powerOn(): Promise<void> {
    this.crashes++;
    this.disk.restart();
    if (this.#chance.happens(STORE_LOST)) await this.loseTables();
  }

  async loseTables(): Promise<void> {
    await this.#tables.inTurn((tables) => tables.close());
    this.#tables = new TableDatabase(':memory:', STORE_MB);
  }

  #dependencies(life: Process): NodeDependencies {
    const timers = this.#time.timers(life);
    return {
      clock: () => this.nowMs,
      timers,
      random: (length) => this.#chance.bytes(length),
      disk: this.disk,
      workers: inlineWorkers({
        modules: this.#modules,
        parallelism: 2,
        disk: this.disk,
        // In their order: the time is the same for all.
        deliver: (hand) => void this.#time.after(1, hand, life),
      }),
      store: () => MemoryStore.open(this.#tables, (work) => this.#takes(3, work)),
      network: { openMqtt: async () => noMqtt },
      chain: async (_, keys, id) => {
        this.chain ??= await startMemory({
          chainId: BigInt(1_000_000_000 + (Number.parseInt(id.slice(6, 13), 16) % 1_000_000_000)),
          keys: [keys.account, keys.issuer, keys.recipient, keys.arbiter],
          confirmations: 2,
          clock: { now: this.#time.now },
        });
        return this.#reach(this.chain, life);
      },
      probe: {
        hostname: 'simulated',
        residentBytes: () => 100_000_000 + this.#chance.below(1_000_000),
        freeBytes: async () => 2 ** 40,
      },
      end: (_, error) => this.unforeseen(error),
    };
  }

  /** The chain as this process reaches it. */
  #reach(chain: MemoryChain, life: Process): Chain {
    const timers = this.#time.timers(life);
    const request: ChainRequest = (call) => this.#time.takes(this.#chance.unit() * 20, () => chain.request(call), life);
    return {
      ...chain,
      request,
      finalBlock: () => this.#time.takes(1, () => chain.finalBlock(), life),
      // By the clock of the machine, as an embedded chain's is.
      clock: { now: () => this.nowMs },
      refresh: () => this.#time.takes(1, () => chain.refresh(), life),
      timers: {
        setTimeout: (work, ms) => timers.setTimeout(work, ms),
        clearTimeout: (timer) => (timer as { cancel(): void }).cancel(),
      },
    };
  }
}

/** Statements are handed to the node by the simulated network. */
const noMqtt: EmbeddedMqtt = {
  name: 'mqtt',
  address: 'simulated',
  port: 0,
  connections: 0,
  health: { connected: true, sinceMs: 0 },
  counters: new Counters(),
  accept: () => undefined,
  close: () => Promise.resolve(),
};

/** Does an error follow from the crash of the machine? */
function isCrash(error: unknown): boolean {
  for (let at = error; at instanceof Error; at = at.cause) if (at instanceof Crash) return true;
  return false;
}
