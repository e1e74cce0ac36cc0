// A second decider beside the simulated node: the class that `trine decide` runs, over the node's own interface, on a machine
// of its own, which crashes, has a clock that is set, and reaches node and chain over ways on which messages are lost.
import type { Source } from '@trine/log/fsck/source.ts';
import { CoDecider, type DeciderPeer, type Said } from '@trine/node/codecide/co-decider.ts';
import { LogForkedError } from '@trine/node/codecide/copy.ts';
import type { Genesis } from '@trine/node/genesis/genesis.ts';
import type { Node } from '@trine/node/node.ts';
import { createApi } from '@trine/node/serve/app.ts';
import { authorizationOf, peerOver, SECOND } from '@trine/node/testing/co-deciding.ts';
import { addressOfPrivateKey, type Hex, hexOf } from '@trine/protocol';
import { makeFolderNow } from '@trine/system/disk.ts';
import { MemoryDisk, type Mishap, type Operation } from '@trine/system/testing/memory-disk.ts';
import type { Life, VirtualTime } from '@trine/system/testing/virtual-time.ts';
import type { Timers } from '@trine/system/time.ts';
import type { Chance } from './chance.ts';
import type { Faults } from './faults.ts';
import type { Hardware } from './hardware.ts';
import type { Machine } from './machine.ts';
import { Network } from './network.ts';
import { reached } from './reached.ts';
import { Signings } from './signings.ts';
import type { Step } from './table.ts';

const FOLDER = '/second';
const EVERY_MS = 700;
/** What is not answered by then never is. */
const ANSWER_MS_MAX = 1_500;
/** Set forward or back, milliseconds: less back than what it takes for another time. */
const SKEWS_MS = [-20_000, -1_500, 1_500, 20_000, 240_000] as const;
/** It crashes by itself, so often in a round of its own. */
const CRASHES = 0.08;
const COSIGNING: readonly Step[] = ['cosign'];
const FOLLOWING: readonly Step[] = ['follow'];
const CHANGING: readonly Mishap[] = ['crash', 'full'];

/** All that it may refuse of an honest node: what came long before its time, by the clock here. */
const EARLY = /by the clock here it is (\S+), and it says that it came at (\S+):/;
const EARLY_MS = 60_000;

export interface SecondOptions {
  readonly time: VirtualTime;
  readonly chance: Chance;
  readonly machine: Machine;
  readonly tell: (what: string) => void;
}

export class SecondDecider implements Hardware {
  readonly faults: Faults;
  /** All it asks of the chain is about what it is to sign. */
  readonly places: Hardware['places'] = {
    ofRequest: () => COSIGNING,
    sent: () => undefined,
    saw: () => undefined,
    within: () => [],
    wasSeen: () => false,
  };
  readonly signings: Signings = new Signings(addressOfPrivateKey(SECOND));
  /** Decisions that it signs nothing of. */
  readonly refused = new Set<Hex>();
  crashes = 0;
  /** Why it does not go on just now. */
  trouble: string | undefined;
  readonly #options: SecondOptions;
  readonly #network: Network;
  readonly #disk: MemoryDisk;
  readonly #apis = new WeakMap<Node, ReturnType<typeof createApi>>();
  #skewMs = 0;
  #life: { isOver: boolean } = { isOver: false };
  #decider: CoDecider | undefined;
  #isBusy = false;
  readonly #problems: string[] = [];

  constructor(options: SecondOptions) {
    const { time, chance, machine } = options;
    this.#options = options;
    this.faults = machine.faults;
    this.#network = new Network(time, chance, this);
    Object.assign(this.#network, { lost: 0.02, doubled: 0.04, late: 0.02 });
    this.#disk = new MemoryDisk({ random: () => chance.unit() });
    this.#disk.watch = (operation) => this.#befall(operation);
    this.#disk.onCrash = () => this.#crashed();
  }

  /** What must not be, in words. */
  get found(): string[] {
    return [...this.#problems, ...this.signings.problems];
  }

  get isDown(): boolean {
    return this.#life.isOver;
  }

  get nowMs(): number {
    return this.#options.time.now() + this.#skewMs;
  }

  timers(life: Life): Timers {
    return this.#options.time.timers(life);
  }

  takes<T>(msMax: number, _: readonly Step[], work: () => T | Promise<T>): Promise<T> {
    const { time, chance } = this.#options;
    return time.takes(chance.unit() * msMax, work, this.#life);
  }

  after(ms: number, work: () => unknown): void {
    this.#options.time.after(ms, work);
  }

  below(limit: number): number {
    return this.#options.chance.below(limit);
  }

  crashAt(steps: readonly Step[]): void {
    this.faults.count('crash', steps);
    this.#disk.crash();
  }

  setClock(steps: readonly Step[]): void {
    const { chance } = this.#options;
    this.#skewMs = this.#skewMs === 0 ? (SKEWS_MS[chance.below(SKEWS_MS.length)] as number) : 0;
    this.faults.count('clock', steps);
  }

  /** Looks again and again, from now on. */
  begin(): void {
    this.after(EVERY_MS, () => {
      this.begin();
      void this.#turn();
    });
  }

  /** All is well from now on. */
  mend(): void {
    this.#skewMs = 0;
    this.#network.mend();
    this.#disk.crashIn(Number.POSITIVE_INFINITY);
  }

  #crashed(): void {
    this.crashes++;
    this.#options.tell('the second decider crashes');
    this.#life.isOver = true;
    this.#decider = undefined;
    this.#isBusy = false;
  }

  #befall({ kind, sql = '' }: Operation): Mishap | undefined {
    if (kind !== 'sql') return undefined;
    const steps = /\b(signed|closed)\b/.test(sql) && !/CREATE/.test(sql) ? COSIGNING : FOLLOWING;
    const befalls = this.faults.meet(steps, [...CHANGING, 'clock']);
    if (befalls === 'clock') this.setClock(steps);
    else if (befalls) this.faults.count(befalls as 'crash', steps);
    return befalls === 'clock' ? undefined : befalls;
  }

  async #turn(): Promise<void> {
    const { machine, chance, tell } = this.#options;
    const { genesis, chain } = machine;
    if (this.#isBusy || genesis === undefined || chain === undefined) return;
    if (this.isDown) {
      // Whoever runs it takes his time.
      if (!this.faults.isOver && chance.happens(0.5)) return;
      this.#disk.restart();
      this.#life = { isOver: false };
    }
    if (!this.faults.isOver && chance.happens(CRASHES)) this.#disk.crashIn(1 + chance.below(40));
    const life = this.#life;
    this.#isBusy = true;
    try {
      this.#decider ??= this.#open(genesis);
      for (const one of await this.#decider.round()) this.#heard(one);
      if (!life.isOver) this.trouble = undefined;
    } catch (error) {
      if (life.isOver) return;
      this.trouble = (error as Error).message;
      tell(`the second decider signs nothing: ${this.trouble}`);
      if (error instanceof LogForkedError) this.#problems.push(this.trouble);
    } finally {
      if (life === this.#life) this.#isBusy = false;
    }
  }

  #heard({ state, decision, words }: Said): void {
    if (state === 'waits') return;
    this.#options.tell(`the second decider: ${state} ${decision.slice(0, 12)}, ${words}`);
    if (state !== 'refused') return;
    this.refused.add(`0x${decision}`);
    const [, here = '', came = ''] = EARLY.exec(words) ?? [];
    if (!(Date.parse(came) - Date.parse(here) > EARLY_MS))
      this.#problems.push(`The second decider refuses ${decision}: ${words}`);
  }

  #open({ network, origin, contracts }: Genesis): CoDecider {
    const { machine } = this.#options;
    const disk = this.#disk;
    makeFolderNow(disk, FOLDER, 0o700);
    return new CoDecider({
      ...{ network, origin, contracts, key: SECOND, domains: machine.domains },
      memory: disk.database(`${FOLDER}/decider.sqlite`),
      copy: disk.database(`${FOLDER}/log.sqlite`),
      chain: reached(machine.chain as NonNullable<Machine['chain']>, this, this.#life),
      peer: this.#peer(),
      now: () => this.nowMs,
    });
  }

  #peer(): DeciderPeer {
    const { machine, chance } = this.#options;
    const source: Source = {
      // The route serves files of the machine's own disk; these are on another.
      read: (path) =>
        this.#over('follow', async ({ log }) => {
          const file = `${log.publicDirectory}/${path}`;
          return machine.disk.has(file) ? Uint8Array.from(machine.disk.read(file)) : undefined;
        }),
    };
    const genesis = machine.genesis as Genesis;
    return peerOver({
      source,
      authorize: (path, body) =>
        authorizationOf({ node: { genesis, clock: () => this.nowMs } }, { path, body, nonce: hexOf(chance.bytes(32)) }),
      post: (path, body, headers) => {
        const signed = /^\/api\/v1\/intents\/([0-9a-f]{64})\/signatures$/.exec(path);
        const text = JSON.stringify(body);
        return this.#over(signed ? 'cosign' : 'follow', async (node) => {
          if (signed) await this.#witness(`0x${signed[1]}`, (body as { signature: Hex }).signature, node);
          return this.#post(node, path, text, headers);
        });
      },
    });
  }

  #witness(digest: Hex, signature: Hex, node: Node): Promise<void> {
    const { time, machine } = this.#options;
    const { chain } = machine;
    return time.takes(0, async () => chain && this.signings.take(digest, signature, node, chain));
  }

  async #post(node: Node, path: string, body: string, headers: Readonly<Record<string, string>>) {
    const api = this.#apis.get(node) ?? createApi({ node, webRoot: '/\0nowhere', version: 'simulated' });
    this.#apis.set(node, api);
    const init = {
      method: 'POST',
      body,
      headers: { host: '127.0.0.1', 'content-type': 'application/json', ...headers },
    };
    const env = { incoming: { socket: { remoteAddress: '127.0.0.1' } } };
    const response = await api.request(`http://127.0.0.1${path}`, init, env);
    const text = await response.text();
    return { status: response.status, text, json: () => JSON.parse(text) as unknown };
  }

  /** Asks the node that runs, and waits for what it answers: over a way on which the one and the other may be lost. */
  #over<T>(step: 'follow' | 'cosign', work: (node: Node) => Promise<T>): Promise<T> {
    const { machine } = this.#options;
    const life = this.#life;
    return new Promise((resolve, reject) => {
      const back = (arrives: () => void) => this.#network.carry(step, () => life.isOver || arrives());
      this.timers(life).setTimeout(() => reject(new Error('The node does not answer in time.')), ANSWER_MS_MAX);
      this.#network.carry(step, () => {
        const { node } = machine;
        if (node === undefined) return back(() => reject(new Error('Nothing listens there.')));
        work(node).then(
          (answer) => node === machine.node && back(() => resolve(answer)),
          (error) => node === machine.node && back(() => reject(error)),
        );
      });
    });
  }
}
