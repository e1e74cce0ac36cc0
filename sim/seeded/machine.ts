// A machine on virtual time that runs a node: it crashes between any two operations of its disk, loses what was not synced,
// and starts again. Its clock can be set. The chain goes on without it.
import { installedDomains } from '@trine/domains/released.ts';
import type { Domains } from '@trine/engine';
import { type MemoryChain, startMemory } from '@trine/ledger/testing/memory-chain.ts';
import type { FirstAgreement } from '@trine/node/decide/first-agreement.ts';
import { type NodeDependencies, sandboxFiles } from '@trine/node/dependencies.ts';
import type { Genesis } from '@trine/node/genesis/genesis.ts';
import { Counters } from '@trine/node/ingest/counters.ts';
import type { EmbeddedMqtt } from '@trine/node/ingest/transports/mqtt.ts';
import { endsTheNode } from '@trine/node/last-resort.ts';
import { type Node, startNode } from '@trine/node/node.ts';
import { TableDatabase } from '@trine/node/projections/tables/database.ts';
import type { Row } from '@trine/node/projections/tables/store.ts';
import { type Settings, settingsSchema } from '@trine/node/settings.ts';
import { LightTables } from '@trine/node/testing/light-tables.ts';
import { MemoryStore, type Tables } from '@trine/node/testing/memory-store.ts';
import { inlineWorkers, loadWorkers } from '@trine/system/testing/inline-workers.ts';
import { MemoryDisk, type Mishap, type Operation } from '@trine/system/testing/memory-disk.ts';
import type { Life, VirtualTime } from '@trine/system/testing/virtual-time.ts';
import type { Timers } from '@trine/system/time.ts';
import type { Work } from '@trine/system/workers.ts';
import type { Chance } from './chance.ts';
import { isCrash, mayPass } from './failures.ts';
import type { Faults } from './faults.ts';
import type { Hardware } from './hardware.ts';
import { Places } from './places.ts';
import { reached } from './reached.ts';
import type { Step } from './table.ts';
import { firstTerms } from './terms.ts';
import { watchedStore } from './watched-store.ts';

/** What can be started beside the main thread. */
export const modules: Promise<ReadonlyMap<string, Work>> = loadWorkers(
  ['@trine/log/tile-writer.worker.ts', '@trine/node/ingest/verify-worker.ts'].map(
    (name) => new URL(import.meta.resolve(name)),
  ),
);
/** No path of the machine that runs the simulation: whoever uses that one's disk by mistake is refused. */
export const HOME = '/\0node';
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
  readonly faults: Faults;
  /** Where it begins: with a network that was founded before, else with nothing. */
  readonly founded?: Founded | undefined;
  /** What is agreed first. */
  readonly first?: FirstAgreement;
  /** With the real tables: they are slower, and have the same rows. */
  readonly hasRealTables?: boolean;
}

export function tablesOf(areReal: boolean): Tables {
  return areReal ? new TableDatabase(':memory:', STORE_MB) : new LightTables();
}

/** What a machine has that was stopped in order; a copy of each is taken. */
export interface Founded {
  readonly disk: MemoryDisk;
  readonly chain: MemoryChain;
}

/** Set forward or back, milliseconds. */
const SKEWS_MS = [-3_600_000, -20_000, -1_500, 1_500, 8_000, 20_000, 240_000] as const;
const WRITING: readonly Mishap[] = ['crash', 'full', 'torn'];
const CHANGING: readonly Mishap[] = ['crash', 'full'];

const settings: Settings = settingsSchema.parse({
  home: HOME,
  port: 0,
  mqttPort: 0,
  logLevel: 'fatal',
  anchorIntervalMs: 4_000,
  device: { intervalMs: 500 },
  practice: { windowMs: 5_000, graceMs: 1_000, disputeWindowS: 2 },
});

/** They keep nothing of a run. */
const domains = installedDomains();

export class Machine implements Hardware {
  readonly domains: Domains = domains;
  readonly places: Places = new Places();
  readonly faults: Faults;
  /** What is agreed first. */
  readonly first: FirstAgreement;
  disk: MemoryDisk;
  chain: MemoryChain | undefined;
  /** Crashes and restarts so far. */
  crashes = 0;
  starts = 0;
  /** The node that runs; undefined while it starts or is down. */
  node: Node | undefined;
  /** Of the node that ran last. */
  genesis: Genesis | undefined;
  /** Errors that nothing explains. */
  readonly unexplained: string[] = [];
  /** Set by the owner of the machine; a restart does not put it right. */
  skewMs = 0;
  readonly #time: VirtualTime;
  readonly #chance: Chance;
  readonly #modules: ReadonlyMap<string, Work>;
  #process = new Process();
  /** Of the operation that is done now. */
  #atHand: readonly Step[] = [];
  readonly #torn = new WeakMap<Operation, readonly Step[]>();
  #tasksLeft = Number.POSITIVE_INFINITY;
  readonly #hasRealTables: boolean;
  #tables: Tables;

  private constructor(
    { time, chance, faults, first = firstTerms, hasRealTables = false }: MachineOptions,
    modules: ReadonlyMap<string, Work>,
  ) {
    this.#time = time;
    this.#chance = chance;
    this.#modules = modules;
    this.faults = faults;
    this.first = first;
    this.#hasRealTables = hasRealTables;
    this.#tables = tablesOf(hasRealTables);
    this.disk = this.#insert(new MemoryDisk(this.#diskOptions));
    time.beforeTask = () => this.#beforeTask();
  }

  static async assemble(options: MachineOptions): Promise<Machine> {
    const machine = new Machine(options, await modules);
    const { founded } = options;
    if (founded === undefined) return machine;
    machine.disk = machine.#insert(founded.disk.copy(machine.#diskOptions));
    machine.chain = await founded.chain.copy({ clock: { now: options.time.now } });
    machine.places.isFounded = true;
    return machine;
  }

  get #diskOptions() {
    return {
      delay: () =>
        this.faults.during(
          this.#atHand,
          this.#takes(2, () => undefined),
        ),
      random: () => this.#chance.unit(),
    };
  }

  #insert(disk: MemoryDisk): MemoryDisk {
    disk.watch = (operation) => this.#befall(operation);
    disk.onTorn = (operation) => this.faults.count('torn', this.#torn.get(operation) ?? []);
    disk.onCrash = () => {
      this.faults.count('crash', new Set([...this.faults.underWay, ...this.#atHand]));
      this.#atHand = [];
      this.#process.isOver = true;
      this.node = undefined;
    };
    return disk;
  }

  /** A backup, as somebody takes it of a node that is stopped. */
  backup(): MemoryDisk {
    return this.disk.copy();
  }

  /** Puts another disk in: a backup, say. The machine is down. @returns the one that was in it */
  exchange(disk: MemoryDisk): MemoryDisk {
    const before = this.disk;
    this.disk = this.#insert(disk.copy(this.#diskOptions));
    return before;
  }

  #befall(operation: Operation): Mishap | undefined {
    const steps = this.places.ofDisk(operation);
    this.#atHand = steps;
    if (operation.kind === 'write') this.#torn.set(operation, steps);
    const befalls = this.faults.meet(steps, [...(operation.bytes ? WRITING : CHANGING), 'clock']);
    if (befalls === 'full') this.faults.count('full', steps);
    if (befalls !== 'clock') return befalls;
    this.setClock(steps);
    return undefined;
  }

  /** The machine crashes before the task that is so many from now: 1 is the next. */
  crashInTasks(tasks: number): void {
    this.#tasksLeft = tasks;
  }

  #beforeTask(): void {
    this.#atHand = [];
    if (--this.#tasksLeft === 0 && !this.isDown) this.disk.crash();
  }

  /** Crashes. @param steps at which */
  crashAt(steps: readonly Step[]): void {
    this.#atHand = steps;
    this.disk.crash();
  }

  /** Sets the clock, sometimes right. @param steps at which it happens; otherwise whatever is under way */
  setClock(steps: readonly Step[]): void {
    const before = this.skewMs;
    this.skewMs = this.#chance.happens(0.4) ? 0 : (SKEWS_MS[this.#chance.below(SKEWS_MS.length)] as number);
    if (this.skewMs === before) this.skewMs = before === 0 ? 1_500 : 0;
    this.faults.count('clock', new Set([...this.faults.underWay, ...steps]));
  }

  /** Does something outside of the simulation while nothing happens in it. */
  standStill(work: () => Promise<void>): Promise<void> {
    return this.#takes(0, work);
  }

  /** The tables are closed: the run is over. */
  async scrap(): Promise<void> {
    await this.#tables.inTurn((tables) => tables.close());
  }

  /** All is well from now on. */
  mend(): void {
    this.faults.isOver = true;
    this.skewMs = 0;
    this.#tasksLeft = Number.POSITIVE_INFINITY;
    this.disk.crashIn(Number.POSITIVE_INFINITY);
    this.disk.failIn(Number.POSITIVE_INFINITY);
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
    else this.unexplained.push(error instanceof Error ? (error.stack ?? error.message) : String(error));
  }

  /** What the node of now is under way with. @param msMax it takes up to so many milliseconds */
  takes<T>(msMax: number, steps: readonly Step[], work: () => T | Promise<T>): Promise<T> {
    return this.faults.during(steps, this.#takes(msMax, work));
  }

  /** Starts the node, and lets time pass until it runs or has crashed. @throws Error what a start says that must not be */
  async start(): Promise<void> {
    const life = new Process();
    this.#process = life;
    this.starts++;
    this.places.isStarting = true;
    const end = this.faults.begin([this.places.isFounded ? 'start' : 'found']);
    let failure: unknown;
    let isDone = false;
    startNode(settings, {
      domains: this.domains,
      firstAgreement: this.first,
      dependencies: this.#dependencies(life),
    }).then(
      (node) => {
        // It may crash with its last step, after which it would have run.
        end();
        if (!life.isOver) {
          this.node = node;
          this.genesis = node.genesis;
          this.places.isStarting = false;
          this.places.isFounded = true;
        }
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
    if (!mayPass(failure)) {
      life.isOver = true;
      throw failure;
    }
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
    this.faults.forget();
    this.disk.restart();
    if (this.#chance.happens(STORE_LOST)) await this.loseTables();
  }

  async loseTables(): Promise<void> {
    await this.#tables.inTurn((tables) => tables.close());
    this.#tables = tablesOf(this.#hasRealTables);
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
        deliver: (hand, to, module) => this.#deliver(hand, this.places.ofMessage(to, module), life),
      }),
      store: async () => watchedStore(await MemoryStore.open(this.#tables, (work) => this.#takes(3, work)), this),
      network: { openMqtt: async () => noMqtt },
      chain: async (_, keys, id) => {
        this.chain ??= await startMemory({
          chainId: BigInt(1_000_000_000 + (Number.parseInt(id.slice(6, 13), 16) % 1_000_000_000)),
          keys: [keys.account, keys.issuer, keys.recipient, keys.arbiter],
          confirmations: 2,
          clock: { now: this.#time.now },
        });
        return reached(this.chain, this, life);
      },
      sandbox: sandboxFiles,
      probe: {
        hostname: 'simulated',
        residentBytes: () => 100_000_000 + this.#chance.below(1_000_000),
        freeBytes: async () => 2 ** 40,
      },
      end: (_, error) => this.unforeseen(error),
    };
  }

  /** In their order: the time is the same for all. */
  #deliver(hand: () => void, steps: readonly Step[], life: Process): void {
    const end = this.faults.begin(steps);
    const arrive = () => {
      const befalls = this.faults.meet(steps, ['crash', 'clock']);
      if (befalls === 'crash') return this.crashAt(steps);
      if (befalls === 'clock') this.setClock(steps);
      end();
      hand();
    };
    this.#time.after(1, arrive, life);
  }

  /** Of a process: never once it is gone. */
  timers(life: Life): Timers {
    return this.#time.timers(life);
  }

  /** The time that is right passes. */
  after(ms: number, work: () => unknown): void {
    this.#time.after(ms, work);
  }

  /** From 0 to one below. */
  below(limit: number): number {
    return this.#chance.below(limit);
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
