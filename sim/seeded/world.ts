// One run from a seed: a machine with a node, devices, a network between them, and what befalls them.
import { didKey, toHex } from '@trine/protocol';
import { temporarySigner } from '@trine/protocol/testing/signer.ts';
import { VirtualTime } from '@trine/system/testing/virtual-time.ts';
import { type Chance, chanceOf } from './chance.ts';
import { Device } from './device.ts';
import { checkAtStart, checkEnd, type Witnessed } from './invariants.ts';
import { Machine } from './machine.ts';
import { Network } from './network.ts';

const BEGAN_MS = Date.UTC(2026, 0, 5, 8);
const METER = 'meter/1';

export interface RunOptions {
  readonly seed: number;
  /** How long devices and what befalls them go on, virtual milliseconds. */
  readonly lengthMs: number;
  readonly tell?: (what: string) => void;
}

export interface Run {
  readonly seed: number;
  readonly size: number;
  readonly root: string;
  readonly crashes: number;
  readonly starts: number;
  readonly operations: number;
  readonly acknowledged: number;
  readonly decisions: Readonly<Record<string, number>>;
  readonly paid: number;
}

/** @throws Error naming what must hold and did not */
export async function runSeed({ seed, lengthMs, tell = () => undefined }: RunOptions): Promise<Run> {
  const unforeseen = (error: unknown) => machine.unforeseen(error);
  const time = new VirtualTime(BEGAN_MS, unforeseen);
  const machine = await Machine.assemble({ time, chance: chanceOf(seed, 0) });
  const world = new World(seed, time, machine, tell);
  process.on('unhandledRejection', unforeseen);
  try {
    await world.begin();
    await world.goOn(lengthMs);
    return await world.end();
  } finally {
    process.off('unhandledRejection', unforeseen);
  }
}

class World {
  readonly #seed: number;
  readonly #time: VirtualTime;
  readonly #machine: Machine;
  readonly #chance: Chance;
  readonly #network: Network;
  readonly #tell: (what: string) => void;
  readonly #witnessed: Witnessed = { checkpoints: new Map(), devices: [], quietSize: 0 };
  /** Faults happen. */
  #isRough = true;

  constructor(seed: number, time: VirtualTime, machine: Machine, tell: (what: string) => void) {
    this.#seed = seed;
    this.#time = time;
    this.#machine = machine;
    this.#chance = chanceOf(seed, 1);
    this.#network = new Network(time, chanceOf(seed, 2));
    this.#tell = (what) => tell(`${(time.elapsedMs / 1000).toFixed(3).padStart(9)} s  ${what}`);
  }

  /** Founds the network, with crashes on the way, and puts the devices up. */
  async begin(): Promise<void> {
    if (this.#chance.happens(0.7)) this.#machine.disk.crashIn(1 + this.#chance.below(160));
    await this.#run();
    const machine = this.#machine;
    const { genesis } = machine.node ?? (await this.#run());
    const { network, keys } = genesis;
    const options = { network: network.id, gateway: keys.gateway.publicKey, time: this.#time, way: this.#network };
    const hand = (message: Uint8Array, from: string) => this.#hand(message, from);
    const meter = temporarySigner('Ed25519', this.#chance.bytes(32));
    const devices = [
      new Device({
        ...options,
        hand,
        subject: 'machine/simulated',
        signer: keys.device,
        chance: chanceOf(this.#seed, 3),
      }),
      new Device({ ...options, hand, subject: METER, signer: meter, chance: chanceOf(this.#seed, 4) }),
    ];
    this.#witnessed.devices.push(...devices);
    this.#enrol(didKey(meter.publicKey));
    for (const [i, device] of devices.entries()) this.#live(device, 400 + 250 * i);
    this.#time.after(3_000, () => this.#befall());
    this.#mine();
  }

  async #hand(message: Uint8Array, from: string): Promise<Uint8Array | undefined> {
    try {
      return (await this.#machine.node?.ingest.take(message, from))?.acknowledgement;
    } catch {
      // The log stopped, or the machine crashed: nobody is told anything.
      return undefined;
    }
  }

  /** Until it is done: who enrols asks again. */
  #enrol(key: string): void {
    const node = this.#machine.node;
    const done = node?.enrol(METER, { key, name: 'Meter', class: 'software', subjects: [METER] });
    const again = () => this.#time.after(2_000, () => this.#enrol(key));
    if (done === undefined) again();
    else done.then(() => undefined, again);
    // A crash answers nobody.
    this.#time.after(20_000, () => {
      if (this.#machine.node?.keyDirectory.get(key) === undefined) this.#enrol(key);
    });
  }

  #live(device: Device, everyMs: number): void {
    const again = async (): Promise<void> => {
      this.#time.after(everyMs, again);
      if (this.#isMeasuring) await device.measure();
      else device.send();
    };
    this.#time.after(everyMs, again);
  }

  #isMeasuring = true;

  #mine(): void {
    this.#time.after(2_000, async () => {
      this.#mine();
      await this.#machine.chain?.refresh();
    });
  }

  /** Something happens, now and then. */
  #befall(): void {
    if (!this.#isRough) return;
    this.#time.after(500 + this.#chance.below(9_000), () => this.#befall());
    const machine = this.#machine;
    const { chain, disk } = machine;
    const events: [string, () => void][] = [
      ['the machine will crash', () => disk.crashIn(1 + this.#chance.below(120))],
      ['the machine crashes', () => disk.crash()],
      ['the disk will be full for a moment', () => disk.failIn(1 + this.#chance.below(60))],
      ['the node is stopped', () => this.#stopSoon()],
      [
        'the clock is set',
        () => {
          const sizes = [-3_600_000, -20_000, -1_500, 1_500, 8_000, 20_000, 240_000];
          machine.skewMs = this.#chance.happens(0.4) ? 0 : (sizes[this.#chance.below(sizes.length)] as number);
        },
      ],
      ['a device falls silent or speaks again', () => this.#silence()],
      ['a snapshot is taken', () => void machine.node?.ingest.snapshot().catch(() => undefined)],
      ['the chain forgets a transaction', () => chain?.dropNext()],
      ['the chain keeps a transaction waiting', () => chain?.holdNext(1 + this.#chance.below(3))],
      ['a request to the chain fails', () => chain?.failNext()],
      [
        'the chain takes a block back',
        () => void chain?.reorg(1, this.#chance.happens(0.5) ? 'wait' : 'lost').catch(() => undefined),
      ],
    ];
    const [what, happens] = events[this.#chance.below(events.length)] as [string, () => void];
    this.#tell(what);
    happens();
  }

  #wantsStop = false;

  #stopSoon(): void {
    this.#wantsStop = true;
  }

  #silence(): void {
    const { devices } = this.#witnessed;
    const device = devices[this.#chance.below(devices.length)] as Device;
    device.isDead = !device.isDead;
  }

  /** Lets the node run: started whenever it is down, until it runs. */
  async #run(): Promise<NonNullable<Machine['node']>> {
    const machine = this.#machine;
    for (let tries = 0; machine.node === undefined; tries++) {
      if (tries > 30) throw new Error('The node does not start any more.');
      if (machine.starts > 0) {
        await machine.powerOn();
        // Sometimes it crashes again before it is up.
        if (this.#isRough && this.#chance.happens(0.3)) machine.disk.crashIn(1 + this.#chance.below(40));
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
      await this.#time.until(() => machine.isDown || this.#wantsStop, endMs - this.#time.elapsedMs);
      if (this.#wantsStop && !machine.isDown) await machine.stop();
      this.#wantsStop = false;
      if (machine.isDown) await this.#run();
    }
  }

  /** All is well from now on: what is due must be done in time, and everything must add up. */
  async end(): Promise<Run> {
    const machine = this.#machine;
    this.#isRough = false;
    this.#wantsStop = false;
    Object.assign(this.#network, { lost: 0, doubled: 0 });
    for (const device of this.#witnessed.devices) device.isDead = false;
    machine.skewMs = 0;
    machine.disk.crashIn(Number.POSITIVE_INFINITY);
    machine.disk.failIn(Number.POSITIVE_INFINITY);
    // Failures that were ordered and not yet met.
    for (let i = 0; i < 20; i++) await machine.chain?.request({ method: 'eth_blockNumber' }).catch(() => undefined);
    this.#tell('all is well from now on');
    await this.goOn(5_000);
    this.#witnessed.quietSize = (await this.#run()).log.size;
    await this.goOn(30_000);
    this.#isMeasuring = false;
    const isQuiet = () => this.#witnessed.devices.every(({ waiting }) => waiting === 0);
    if (!(await this.#time.until(isQuiet, 10_000)))
      throw new Error(
        `Devices still wait for acknowledgements: ${this.#witnessed.devices.map(({ waiting }) => waiting)}.`,
      );
    const node = await this.#run();
    this.#tell('checks');
    const found = await this.#simulated(checkEnd(node, machine, this.#witnessed));
    if (machine.faults.length > 0) throw new Error(machine.faults.join('; '));
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
      acknowledged: this.#witnessed.devices.reduce((sum, { acknowledged }) => sum + acknowledged.size, 0),
      ...found,
    };
  }
}
