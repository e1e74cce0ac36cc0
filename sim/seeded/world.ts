// One run from a seed: a machine with a node, devices, a network between them, and what befalls them.
import type { MemoryChain } from '@trine/ledger/testing/memory-chain.ts';
import type { Node } from '@trine/node/node.ts';
import { type Answer, toHex } from '@trine/protocol';
import { VirtualTime } from '@trine/system/testing/virtual-time.ts';
import { befall, type Wanted } from './befall.ts';
import { unsettledLines } from './bills.ts';
import { book } from './bookings.ts';
import { type Chance, chanceOf } from './chance.ts';
import type { Device } from './device.ts';
import { cellsFor, Faults, FOUNDS, foundingCellsFor } from './faults.ts';
import { type FoundedNetwork, foundedNetwork, HOSTILE, keyOf, prepare } from './founded.ts';
import { Hostile } from './hostile.ts';
import { hostsOf } from './hosts.ts';
import { checkAtStart, checkEnd, type Found, type Witnessed } from './invariants.ts';
import { Late } from './late.ts';
import { Machine } from './machine.ts';
import { mine } from './mining.ts';
import { Netted } from './netted.ts';
import { Network } from './network.ts';
import { Owner } from './owner.ts';
import { SecondDecider } from './second.ts';
import { isSettled } from './settled.ts';
import { LATE, SHARED, type Step, type Tally } from './table.ts';
import { firstOf } from './terms.ts';
import { type Traits, traitsOf } from './traits.ts';

const BEGAN_MS = Date.UTC(2026, 0, 5, 8);
/** In so many a device says nothing until all is well. */
const SILENT = 0.4;
/** What is due when all is well is done within this, and stays so for some seconds: what ended may be ordered anew. */
const QUIET_MS_MAX = 45_000;
const QUIET_MS_MIN = 4_000;
const CALM = 3;
/** Until what was on its way has come, and is decided on. */
const QUIET_AFTER_MS = 2_000;
const QUIET_LATE_MS = 5_000;
/** What follows from a payment: something has to be owed. */
const PAID: readonly Step[] = ['evidence', 'order', 'sign', 'anchor', 'announce', 'settle', 'confirm', 'vouch'];
/** How long a round goes on at most for what was aimed at and has not come yet: longer for what corrects, or waits for a night. */
const LATE_MS_MAX = 12_000;
const LONG_MS_MAX = 30_000;
/** Of a night, until a batch is settled. */
const NIGHT_MS = 4_500;
/** Between two messages that mean harm, about. */
const HARM_MS = 600;
const ROUGH_MS_MAX = 2_000;

export interface RunOptions {
  readonly seed: number;
  /** How long devices and what befalls them go on, virtual milliseconds. */
  readonly lengthMs: number;
  /** With the real tables; and what was kept is read again with real files and threads, too. */
  readonly isThorough?: boolean;
  readonly tell?: (what: string) => void;
}

export interface Run extends Found {
  readonly seed: number;
  readonly size: number;
  readonly root: string;
  readonly crashes: number;
  readonly starts: number;
  readonly operations: number;
  readonly acknowledged: number;
  /** Orders that a second decider put its name to. */
  readonly signed: number;
  /** Which fault befell which step, how often. */
  readonly faults: Tally;
}

/** @throws Error naming what must hold and did not */
export async function runSeed({
  seed,
  lengthMs,
  isThorough = false,
  tell = () => undefined,
}: RunOptions): Promise<Run> {
  const traits = traitsOf(seed);
  // One of so many founds its network, with crashes on the way; the others go on with one that was founded.
  const founded = seed % FOUNDS === 0 ? undefined : await foundedNetwork(traits);
  const unforeseen = (error: unknown) => machine.unforeseen(error);
  const time = new VirtualTime(founded?.beginsMs ?? BEGAN_MS, unforeseen);
  const said = (what: string) => tell(`${(time.elapsedMs / 1000).toFixed(3).padStart(9)} s  ${what}`);
  const faults = new Faults(chanceOf(seed, 5), said);
  const chance = chanceOf(seed, 0);
  const first = firstOf(traits);
  const machine = await Machine.assemble({ time, chance, faults, founded, first, hasRealTables: isThorough });
  const world = new World({ seed, traits, time, machine, tell: said });
  process.on('unhandledRejection', unforeseen);
  try {
    await world.begin(founded);
    await world.goOn(lengthMs);
    await world.goOnLate();
    return await world.end(isThorough);
  } finally {
    process.off('unhandledRejection', unforeseen);
    await machine.scrap();
  }
}

interface WorldOptions {
  readonly seed: number;
  readonly traits: Traits;
  readonly time: VirtualTime;
  readonly machine: Machine;
  readonly tell: (what: string) => void;
}

class World {
  readonly #seed: number;
  readonly #traits: Traits;
  readonly #time: VirtualTime;
  readonly #machine: Machine;
  readonly #chance: Chance;
  readonly #network: Network;
  readonly #tell: (what: string) => void;
  readonly #witnessed: Witnessed = {
    checkpoints: new Map(),
    devices: [],
    bookings: new Map(),
    drops: new Set(),
    second: undefined,
    quietSize: 0,
    quietMs: 0,
  };
  readonly #owner: Owner;
  #hostile: Hostile | undefined;
  #late: Late | undefined;
  #netting: Netted | undefined;
  /** When all slept last. */
  #asleepMs = 0;
  /** Faults happen. */
  #isRough = true;
  #isMeasuring = true;

  constructor({ seed, traits, time, machine, tell }: WorldOptions) {
    this.#seed = seed;
    this.#traits = traits;
    this.#time = time;
    this.#machine = machine;
    this.#chance = chanceOf(seed, 1);
    this.#network = new Network(time, chanceOf(seed, 2), machine);
    this.#tell = tell;
    const check = (node: Node) => this.#simulated(checkAtStart(node, this.#witnessed));
    this.#owner = new Owner({ machine, check, tell });
    if (traits.isShared)
      this.#witnessed.second = new SecondDecider({ time, chance: chanceOf(seed, 11), machine, tell });
  }

  /** Founds the network where it is not, with faults on the way, and puts the devices up. */
  async begin(founded: FoundedNetwork | undefined): Promise<void> {
    const machine = this.#machine;
    const { faults } = machine;
    if (founded === undefined) {
      if (this.#chance.happens(0.7)) machine.disk.crashIn(1 + this.#chance.below(160));
      for (const cell of foundingCellsFor(this.#seed)) faults.aimAt(cell);
    }
    mine(this.#time, machine);
    const { genesis } = await this.#run();
    const hand = async (message: Uint8Array, from: string) => (await this.#hand(message, from))?.acknowledgement;
    const [seed, traits, time] = [this.#seed, this.#traits, this.#time];
    const { own, meter, person, thing, counters } = hostsOf({ seed, traits, genesis, time, way: this.#network, hand });
    this.#witnessed.devices.push(own, meter, person, thing, ...counters);
    const { isLate } = this.#traits;
    if (this.#chance.happens(SILENT)) (isLate || this.#chance.happens(0.5) ? own : meter).isDead = true;
    for (const cell of cellsFor(this.#seed)) faults.aimAt(cell);
    this.#owe();
    const chance = chanceOf(this.#seed, 8);
    const overhear = () => (this.#chance.happens(0.5) ? own : meter).overheard;
    const answers = async (message: Uint8Array, from: string) => (await this.#hand(message, from))?.answers;
    const network = genesis.network.id;
    const hostile = new Hostile({ signer: keyOf(HOSTILE), network, chance, overhear, hand: answers });
    this.#hostile = hostile;
    this.#prepare();
    this.#live(own, 550);
    this.#live(meter, 700);
    for (const one of [person, thing]) this.#live(one, 900, false);
    if (this.#seed % 3 === 0) this.#book(person, thing);
    this.#witnessed.second?.begin();
    if (isLate) this.#comesLate(meter);
    if (counters.length > 0) this.#netted(counters);
    this.#time.after(1_000, () => this.#befall());
    this.#harm(hostile);
  }

  #netted(counters: readonly Device[]): void {
    for (const counter of counters) this.#live(counter, 700);
    const [time, machine, tell] = [this.#time, this.#machine, this.#tell];
    const chance = chanceOf(this.#seed, 13);
    this.#netting = new Netted({ ...this.#witnessed, counters, machine, time, chance, tell });
    this.#netting.begin();
  }

  #comesLate(device: Device): void {
    const time = this.#time;
    const { faults } = this.#machine;
    const first: 'held' | 'decided' | undefined = faults.awaits(['supersede'])
      ? 'held'
      : faults.awaits(['correct'])
        ? 'decided'
        : undefined;
    const late = { device, machine: this.#machine, time, chance: chanceOf(this.#seed, 12), tell: this.#tell, first };
    this.#late = new Late(late);
    this.#late.begin();
  }

  async #hand(
    message: Uint8Array,
    from: string,
  ): Promise<{ acknowledgement: Uint8Array; answers: readonly Answer[] } | undefined> {
    const { node, faults } = this.#machine;
    if (node === undefined) return undefined;
    const end = faults.begin(['accept']);
    try {
      return await node.ingest.take(message, from);
    } catch {
      // The log stopped, or the machine crashed: nobody is told anything.
      return undefined;
    } finally {
      end();
    }
  }

  /** Until it is done: who enrols and agrees asks again. */
  #prepare(): void {
    const { node } = this.#machine;
    let isDone = false;
    const done = () => {
      isDone = true;
    };
    if (node) prepare(node, this.#traits).then(done, () => undefined);
    this.#time.after(3_000, () => {
      if (!isDone) this.#prepare();
    });
  }

  #live(device: Device, everyMs: number, measures = true): void {
    const again = async (): Promise<void> => {
      this.#time.after(everyMs, again);
      if (measures && this.#isMeasuring) await device.measure();
      else device.send();
    };
    this.#time.after(everyMs, again);
  }

  #book(person: Device, thing: Device): void {
    this.#time.after(2_000 + this.#chance.below(3_000), async () => {
      if (!this.#isMeasuring) return;
      if (this.#isRough) this.#book(person, thing);
      const { opening, latestStartMs } = await book(person, thing, this.#time);
      this.#witnessed.bookings.set(opening, latestStartMs);
    });
  }

  #harm(hostile: Hostile): void {
    this.#time.after(HARM_MS / 2 + this.#chance.below(HARM_MS), () => {
      if (this.#isRough) this.#harm(hostile);
      // The answer takes its time: nobody waits for it here.
      void hostile.harm();
    });
  }

  /** Something happens, now and then. */
  #befall(): void {
    if (!this.#isRough) return;
    this.#time.after(100 + this.#chance.below(ROUGH_MS_MAX), () => this.#befall());
    const after = (ms: number, work: () => unknown) => void this.#time.after(ms, work);
    const { devices, drops } = this.#witnessed;
    const want = (what: Wanted) => this.#owner.want(what);
    befall({ machine: this.#machine, chance: this.#chance, devices: devices.slice(0, 2), drops, want, after }, (what) =>
      this.#tell(what),
    );
  }

  /** Lets the node run: started whenever it is down, until it runs. */
  async #run(): Promise<Node> {
    const machine = this.#machine;
    for (let tries = 0; machine.node === undefined; tries++) {
      if (tries > 30) throw new Error('The node does not start any more.');
      if (machine.starts > 0) {
        await machine.powerOn();
        // Sometimes it crashes again before it is up.
        if (this.#isRough && this.#chance.happens(0.2)) machine.disk.crashIn(1 + this.#chance.below(40));
        if (this.#isRough && this.#chance.happens(0.1)) machine.crashInTasks(1 + this.#chance.below(80));
      }
      this.#tell(`start ${machine.starts + 1}, clock ${machine.skewMs / 1000} s off`);
      await machine.start();
      const node = machine.node as Machine['node'];
      if (node === undefined) continue;
      this.#tell(`running with ${node.log.size} leaves`);
      await this.#simulated(checkAtStart(node, this.#witnessed));
    }
    return machine.node;
  }

  /** Waits for something that asks the node. */
  async #simulated<T>(work: Promise<T>): Promise<T> {
    let isDone = false;
    const ended = () => {
      isDone = true;
    };
    work.then(ended, ended);
    if (!(await this.#time.until(() => isDone || this.#machine.isDown, 600_000))) throw new Error('A check stalls.');
    return this.#machine.isDown && !isDone ? (undefined as T) : work;
  }

  async goOn(lengthMs: number): Promise<void> {
    const endMs = this.#time.elapsedMs + lengthMs;
    const machine = this.#machine;
    while (this.#time.elapsedMs < endMs) {
      await this.#time.until(() => machine.isDown || this.#owner.isWanted, endMs - this.#time.elapsedMs);
      await this.#owner.doWanted();
      if (machine.isDown) await this.#run();
    }
  }

  /** Where a fault waits for what follows from a payment, the meter is silent, and the node's own device shows that the log is awake. */
  #owe(): void {
    if (!this.#machine.faults.awaits([...PAID, ...SHARED])) return;
    const [own, meter] = this.#witnessed.devices as [Device, Device];
    own.isDead = false;
    meter.isDead = !this.#traits.isLate;
  }

  /** Goes on for what was aimed at and has not come yet; for what corrects, without others that would keep it from coming. */
  async goOnLate(): Promise<void> {
    const { faults } = this.#machine;
    const isCorrecting = faults.awaits(LATE);
    const isLong = isCorrecting || faults.awaits(SHARED) || this.#netting !== undefined;
    const endMs = this.#time.elapsedMs + (isLong ? LONG_MS_MAX : LATE_MS_MAX);
    if (isCorrecting) {
      this.#isRough = false;
      faults.calm();
      this.#network.mend();
      this.#machine.skewMs = 0;
    }
    this.#owe();
    await this.#sleep();
    while (this.#time.elapsedMs < endMs && faults.seek(cellsFor(this.#seed))) {
      if (faults.awaits(['snapshot'])) void this.#machine.node?.ingest.snapshot().catch(() => undefined);
      if (faults.awaits(['start'])) this.#owner.want('stop');
      await this.goOn(500);
      if (this.#time.elapsedMs >= this.#asleepMs + NIGHT_MS) await this.#sleep();
    }
  }

  /** Where bills are netted a night passes, or the hour that a batch waits, and what is due after it is done. */
  async #sleep(): Promise<void> {
    if (this.#netting === undefined) return;
    await this.#netting.sleep();
    this.#asleepMs = this.#time.elapsedMs;
    await this.goOn(NIGHT_MS);
  }

  async #isSettled(): Promise<boolean> {
    const node = await this.#run();
    const { quietSize, quietMs, second } = this.#witnessed;
    if (!(await this.#simulated(isSettled(node, quietSize, quietMs, second)))) return false;
    if (this.#netting === undefined) return true;
    const left = await unsettledLines(node, this.#machine.chain as MemoryChain, this.#witnessed);
    if (left.length > 0) await this.#netting.sleepHour();
    return left.length === 0;
  }

  /** All is well from now on: what is due must be done in time, and everything must add up. */
  async end(isThorough: boolean): Promise<Run> {
    const machine = this.#machine;
    const { devices } = this.#witnessed;
    this.#isRough = false;
    this.#owner.forget();
    this.#network.mend();
    for (const device of devices) device.isDead = false;
    machine.mend();
    this.#witnessed.second?.mend();
    this.#late?.end();
    this.#netting?.end();
    this.#tell('all is well from now on');
    await this.goOn(this.#traits.isLate ? QUIET_LATE_MS : QUIET_AFTER_MS);
    this.#witnessed.quietSize = (await this.#run()).log.size;
    this.#witnessed.quietMs = machine.nowMs;
    await this.goOn(QUIET_MS_MIN);
    const { second } = this.#witnessed;
    const endMs = this.#time.elapsedMs + QUIET_MS_MAX;
    for (let calm = 0; this.#time.elapsedMs < endMs && calm < CALM; ) {
      calm = (await this.#isSettled()) ? calm + 1 : 0;
      if (calm < CALM) await this.goOn(1_000);
    }
    this.#isMeasuring = false;
    const isQuiet = () => devices.every(({ waiting }) => waiting === 0);
    if (!(await this.#time.until(isQuiet, 10_000)))
      throw new Error(`Devices still wait for acknowledgements: ${devices.map(({ waiting }) => waiting)}.`);
    const node = await this.#run();
    this.#tell('checks');
    const found = await this.#simulated(checkEnd(node, machine, this.#witnessed, isThorough));
    const problems = [...machine.unexplained, ...(this.#hostile?.taken ?? [])];
    if (second) problems.push(...second.found);
    if (problems.length > 0) throw new Error(problems.join('; '));
    const root = toHex(await this.#simulated(node.log.rootAt(node.log.durableSize)));
    const size = node.log.durableSize;
    await machine.stop();
    return {
      seed: this.#seed,
      size,
      root,
      crashes: machine.crashes,
      starts: machine.starts,
      operations: machine.disk.operations,
      acknowledged: devices.reduce((sum, { acknowledged }) => sum + acknowledged.size, 0),
      signed: second?.signings.count ?? 0,
      ...found,
      faults: machine.faults.tally,
    };
  }
}
