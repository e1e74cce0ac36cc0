// A device: measures, signs, keeps what it said until the gateway's signed acknowledgement, and says it again until then.
import {
  type Answer,
  contentTypes,
  detachBody,
  encodeDeliveries,
  encodePack,
  fromHex,
  type PublicKey,
  type Signer,
  signStatement,
  toHex,
  verifyAcknowledgement,
} from '@trine/protocol';
import type { VirtualTime } from '@trine/system/testing/virtual-time.ts';
import type { Chance } from './chance.ts';
import type { Network } from './network.ts';

/** What the device was promised. */
export interface Acknowledged {
  readonly id: string;
  readonly leaf: number;
  readonly disclosure: Uint8Array | undefined;
}

export interface DeviceOptions {
  readonly subject: string;
  readonly signer: Signer;
  readonly network: string;
  readonly gateway: PublicKey;
  readonly time: VirtualTime;
  readonly chance: Chance;
  readonly way: Network;
  /** What it measures; none: nothing just now. Default: how busy it is. @param replacedMs time of what it says anew */
  readonly readings?: (nowMs: number, replacedMs?: number) => Parameters<typeof encodePack>[0];
  /** Hands a message to the node, if one runs. @returns undefined: nobody was there, or it never answered */
  readonly hand: (message: Uint8Array, from: string) => Promise<Uint8Array | undefined>;
}

export interface Said {
  readonly id: string;
  /** Event time. */
  readonly timeMs: number;
}

export type Delivery = Parameters<typeof encodeDeliveries>[0][number];

const SENT_TOGETHER_MAX = 20;
const AGAIN_MS = 900;
/** What time or another try may lift. */
const PASSING = new Set(['overloaded', 'rate-limited', 'absurd-time', 'unknown-key']);

export class Device {
  readonly subject: string;
  readonly acknowledged = new Map<string, Acknowledged>();
  /** What was refused for good, and why: there should be nothing. */
  readonly refused: string[] = [];
  /** Packs, in their order. */
  readonly said: Said[] = [];
  isDead = false;
  /** It measures, and nothing of it arrives: all of that comes later. */
  isCutOff = false;
  readonly #options: DeviceOptions;
  readonly #waiting = new Map<string, Delivery>();
  #seq = 0;
  #prev: Uint8Array | undefined;
  #lastSentMs = Number.NEGATIVE_INFINITY;

  constructor(options: DeviceOptions) {
    this.#options = options;
    this.subject = options.subject;
  }

  /** Said and not yet acknowledged. */
  get waiting(): number {
    return this.#waiting.size;
  }

  /** Measures, and sends what waits. */
  async measure(): Promise<void> {
    if (!this.isDead) await this.#pack();
  }

  async #pack(replaced?: Said): Promise<void> {
    const { chance, time, readings = (nowMs: number) => this.#busy(nowMs) } = this.#options;
    const measured = readings(time.now(), replaced?.timeMs);
    const [first] = measured;
    if (first === undefined) return this.send();
    const isSealed = chance.happens(0.8);
    const more = { isSealed, ...(replaced && { replaces: replaced.id }) };
    const id = await this.say('pack', contentTypes.senmlCbor, encodePack(measured), more);
    this.said.push({ id, timeMs: first.timeMs });
  }

  #busy(timeMs: number): Parameters<typeof encodePack>[0] {
    return [
      { quantity: 'cpu/load', unit: '/', timeMs, value: this.#options.chance.below(1000) / 1000 },
      { quantity: 'memory/used', unit: '/', timeMs, value: 0.5 },
    ];
  }

  /** Says packs anew: of how busy it is that they were dated wrong, and are of now; of a counter that it was something else. */
  async replace(packs: readonly Said[]): Promise<void> {
    for (const pack of packs) await this.#pack(pack);
  }

  /** Signs something and sends it with what waits. @returns its id, hex */
  async say(
    kind: 'pack' | 'event',
    contentType: string | number,
    body: Uint8Array,
    { isSealed = true, replaces }: { readonly isSealed?: boolean; readonly replaces?: string } = {},
  ): Promise<string> {
    const { chance, subject, signer, network } = this.#options;
    const detached = isSealed ? detachBody(body, chance.bytes(16)) : undefined;
    const statement = await signStatement(signer, {
      kind,
      subject,
      network,
      epoch: 0,
      seq: this.#seq++,
      ...(this.#prev && { prev: this.#prev }),
      clock: 'synchronised',
      class: 'software',
      contentType,
      sealed: detached !== undefined,
      payload: detached?.commitment ?? body,
      ...(replaces && { supersedes: fromHex(replaces) }),
    });
    this.#prev = statement.id;
    const id = toHex(statement.id);
    this.#waiting.set(id, {
      statement: statement.bytes,
      ...(detached && { disclosure: detached.disclosure }),
    });
    this.send();
    return id;
  }

  /** What it would send now, as anybody hears it who listens. */
  get overheard(): readonly Delivery[] {
    return [...this.#waiting.values()].slice(0, 3);
  }

  /** Sends what waits, the oldest first; not too often. */
  send(): void {
    const { time, way, hand } = this.#options;
    if (this.isDead || this.isCutOff || this.#waiting.size === 0 || time.elapsedMs < this.#lastSentMs + AGAIN_MS)
      return;
    this.#lastSentMs = time.elapsedMs;
    const message = encodeDeliveries([...this.#waiting.values()].slice(0, SENT_TOGETHER_MAX));
    way.carry('accept', () => {
      hand(message, this.subject).then((acknowledgement) => {
        if (acknowledgement) way.carry('acknowledge', () => this.#take(acknowledgement));
      });
    });
  }

  #take(acknowledgement: Uint8Array): void {
    for (const answer of verifyAcknowledgement(acknowledgement, this.#options.gateway)) this.#answered(answer);
  }

  #answered({ id, verdict, index, reason }: Answer): void {
    const key = toHex(id);
    const delivery = this.#waiting.get(key);
    if (verdict === 'refused') {
      if (!PASSING.has(reason as string)) this.refused.push(`${this.subject}: ${reason}`);
      return;
    }
    const known = this.acknowledged.get(key);
    if (known !== undefined && known.leaf !== index)
      this.refused.push(`${key} has the leaves ${known.leaf} and ${index}`);
    if (delivery === undefined) return;
    this.#waiting.delete(key);
    this.acknowledged.set(key, { id: key, leaf: index as number, disclosure: delivery.disclosure });
  }
}
