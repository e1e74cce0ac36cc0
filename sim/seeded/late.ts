// What comes too late: a device is cut off until something was decided, announced, held or paid without it, and then all of
// it comes at once; or it says of what was counted that it was dated wrong.
import type { Node } from '@trine/node/node.ts';
import { actInPractice } from '@trine/node/settle/practice-acts.ts';
import {
  decisionPayload,
  decodeIntent,
  decodeLeaf,
  fromHex,
  type Intent,
  intentDigest,
  parseStatement,
  type Statement,
} from '@trine/protocol';
import type { VirtualTime } from '@trine/system/testing/virtual-time.ts';
import type { Chance } from './chance.ts';
import type { Device } from './device.ts';
import type { Machine } from './machine.ts';

/** Of a window that was breached: until when what would have met it is kept back. Of one that was met: what met it is undone. */
const MOMENTS = ['decided', 'announced', 'held', 'paid', 'met'] as const;
type Moment = (typeof MOMENTS)[number];
const LOOK_MS = 300;
/** Meanwhile what was kept back arrives. */
const PAUSE_MS = 2_000;
const PAUSE_MS_MAX = 1_500;
/** So much is undone that too little is left. */
const UNDONE = 4;

export interface LateOptions {
  readonly device: Device;
  readonly machine: Machine;
  readonly time: VirtualTime;
  readonly chance: Chance;
  readonly tell: (what: string) => void;
  /** What a fault waits for comes first: a correction soon, or one in the place of what is held meanwhile. */
  readonly first: 'decided' | 'held' | undefined;
}

export class Late {
  readonly #options: LateOptions;
  #isOver = false;
  /** Leaves looked at. */
  #seen = 0;
  /** Orders about the device since it was cut off: digests, hex. */
  #ordered: string[] = [];

  constructor(options: LateOptions) {
    this.#options = options;
  }

  /** Something comes too late, and after that again something. */
  begin(moment: Moment = this.#options.first ?? this.#any): void {
    if (this.#isOver) return;
    const { device, machine, tell } = this.#options;
    device.isCutOff = moment !== 'met';
    tell(`${device.subject} ${moment === 'met' ? 'undoes what is met' : `is cut off until a breach is ${moment}`}`);
    this.#seen = machine.node?.log.durableSize ?? 0;
    this.#ordered = [];
    this.#await(moment);
  }

  get #any(): Moment {
    return MOMENTS[this.#options.chance.below(MOMENTS.length)] as Moment;
  }

  /** Nothing more comes too late but what is on its way. */
  end(): void {
    this.#isOver = true;
    this.#options.device.isCutOff = false;
  }

  #await(moment: Moment): void {
    const { device, time, chance, machine } = this.#options;
    time.after(LOOK_MS, async () => {
      if (this.#isOver) return;
      if (machine.node === undefined || !(await this.#hasCome(moment, machine.node))) return this.#await(moment);
      device.isCutOff = false;
      time.after(PAUSE_MS + chance.below(PAUSE_MS_MAX), () => this.begin(this.#any));
    });
  }

  /** Looks at what was not looked at before. */
  async #hasCome(moment: Moment, node: Node): Promise<boolean> {
    for (; this.#seen < node.log.durableSize; this.#seen++) {
      const decoded = decodeLeaf(node.log.read(this.#seen));
      if (decoded.kind === 'intent') this.#note(node, decodeIntent(decoded.intent));
      else if (await this.#isIt(moment, parseStatement(decoded.statement))) return true;
    }
    const announced = this.#ordered.find((digest) => node.settler.courses.of(digest)?.state === 'announced');
    if (announced === undefined || (moment !== 'announced' && moment !== 'held')) return false;
    if (moment === 'held') void actInPractice(node, announced, 'hold').catch(() => undefined);
    return true;
  }

  #note({ policies }: Node, intent: Intent): void {
    const found = policies.agreement(fromHex(intent.agreement));
    if (found?.policy.subject === this.#options.device.subject) this.#ordered.push(intentDigest(intent).slice(2));
  }

  async #isIt(moment: Moment, { header, payload }: Statement): Promise<boolean> {
    const { device } = this.#options;
    if (header.subject !== device.subject) return false;
    if (header.kind === 'settlement') return moment === 'paid';
    if (header.kind !== 'decision') return false;
    const { verdict, outcome, obligation } = decisionPayload.decode(payload);
    if (moment === 'decided') return outcome === 'pay';
    if (moment !== 'met' || verdict !== 'met') return false;
    const { fromMs, toMs } = obligation;
    const within = device.said.filter(({ timeMs }) => timeMs >= fromMs && timeMs < toMs);
    await device.replace(within.slice(0, UNDONE));
    return true;
  }
}
