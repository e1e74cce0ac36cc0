// Sends what an import reads: packs about each subject, signed by the importer, over the same way as devices' own.

import { type Device, openDevice } from '@trine/device/device.ts';
import type { MqttConnection } from '@trine/device/mqtt-transport.ts';
import { countOf, type PackOrigin, type PublicKey, plural, type Reading, type Signer } from '@trine/protocol';
import { CommandError, exitStatus } from '../output.ts';
import type { Known } from './known.ts';
import type { ImportState } from './state.ts';

export interface SenderOptions {
  readonly state: ImportState;
  readonly connection: MqttConnection;
  readonly signer: Signer;
  /** Subject of the importer itself. */
  readonly keyOwner: string;
  readonly network: string;
  readonly gateway: PublicKey;
  readonly open: boolean;
  readonly pack: number;
  /** Longest wait for any acknowledgement. */
  readonly patienceMs: number;
  /** Newest place of the importer's chain about a subject, as the log has it. */
  readonly lastKnown: (subject: string) => Promise<{ epoch: number; id: string } | undefined>;
}

/** One subject's part of the import. */
interface Lane {
  readonly subject: string;
  /** Readings of this file signed in an earlier run. */
  readonly done: number;
  /** Readings of this file seen in this run. */
  seen: number;
  pending: Reading[];
  /** Where the first and the last of them stand in the file. */
  firstRow: number;
  lastRow: number;
}

/** Statements under way at once: enough to keep a node busy, few enough to keep memory flat. */
const WAITING_MAX = 2_048;
const RETRY_MS = 30_000;
/** A gateway refuses a whole pack for one reading dated further ahead than this; the rest is worth keeping. */
const AHEAD_MS = 300_000;

export class Sender {
  readings = 0;
  /** Readings that an earlier run has signed already, or that the log has from elsewhere. */
  skipped = 0;
  dated = 0;
  packs = 0;
  acknowledged = 0;
  sealedPacks = 0;
  readonly refused = new Map<string, { packs: number; readings: number }>();
  readonly #options: SenderOptions;
  readonly #devices = new Map<string, Promise<Device>>();
  #lanes = new Map<string, Lane>();
  #full: Lane[] = [];
  #done: ReadonlyMap<string, number> = new Map();
  #known: Pick<Known, 'has'> | undefined;
  #origin: Pick<PackOrigin, 'mapping' | 'raw'> | undefined;
  #failure: Error | undefined;

  constructor(options: SenderOptions) {
    this.#options = options;
  }

  get subjects(): number {
    return this.#lanes.size;
  }

  get waiting(): number {
    return this.#options.state.waiting;
  }

  /** Sends again what an earlier run left unacknowledged. */
  async resume(): Promise<void> {
    for (const subject of this.#options.state.leftOver()) await this.#device(subject);
  }

  /** Turns to a file, which each of its packs names. */
  begin(importId: string, known: Pick<Known, 'has'>, origin: Pick<PackOrigin, 'mapping' | 'raw'>): void {
    this.#lanes = new Map();
    this.#known = known;
    this.#origin = origin;
    this.#done = this.#options.state.begin(importId);
  }

  /** Takes one reading; call {@link flow} after each row. @param row that it stands in */
  take(subject: string, reading: Reading, row: number): void {
    let lane = this.#lanes.get(subject);
    if (lane === undefined) {
      lane = { subject, done: this.#done.get(subject) ?? 0, seen: 0, pending: [], firstRow: row, lastRow: row };
      this.#lanes.set(subject, lane);
    }
    lane.seen++;
    if (lane.seen <= lane.done || this.#known?.has(subject, reading)) {
      this.skipped++;
      return;
    }
    if (reading.timeMs > Date.now() + AHEAD_MS) {
      this.dated++;
      return;
    }
    this.readings++;
    if (lane.pending.push(reading) === 1) lane.firstRow = row;
    lane.lastRow = row;
    // Once: a row of many quantities goes on filling the pack that is signed after it.
    if (lane.pending.length === this.#options.pack) this.#full.push(lane);
  }

  /** Signs the packs that are full. Undefined where there is nothing to wait for. */
  flow(): Promise<void> | undefined {
    return this.#full.length > 0 || this.#failure ? this.#send() : undefined;
  }

  async #send(): Promise<void> {
    const full = this.#full;
    this.#full = [];
    for (const lane of full) await this.#pack(lane);
  }

  /** Signs everything read so far, full or not. */
  async flush(): Promise<void> {
    this.#full = [];
    for (const lane of this.#lanes.values()) if (lane.pending.length > 0) await this.#pack(lane);
  }

  async #pack(lane: Lane): Promise<void> {
    const { state, patienceMs } = this.#options;
    const device = await this.#device(lane.subject);
    if (state.waiting >= WAITING_MAX && !(await state.room(WAITING_MAX - 1, patienceMs))) throw this.#silence();
    if (this.#failure) throw this.#failure;
    const readings = lane.pending;
    lane.pending = [];
    state.expect(lane.subject, readings.length, lane.seen);
    this.packs++;
    // Not awaited: the chain moves on while the queue is written. A failure is thrown at the next pack.
    const rows = [lane.firstRow, lane.lastRow] as const;
    device.measure(readings, this.#origin && { origin: { ...this.#origin, rows } }).catch((error: Error) => {
      this.#failure ??= error;
    });
  }

  #device(subject: string): Promise<Device> {
    let device = this.#devices.get(subject);
    if (device === undefined) {
      device = this.#open(subject);
      this.#devices.set(subject, device);
    }
    return device;
  }

  #open(subject: string): Promise<Device> {
    const { state, connection, signer, keyOwner, network, gateway, open, lastKnown } = this.#options;
    return openDevice({
      signer,
      subject,
      network,
      gateway,
      transport: connection.transport(`${keyOwner}/${subject}`),
      storage: state.storage(subject),
      lastKnown: () => lastKnown(subject),
      class: 'imported',
      open,
      queueMax: Number.POSITIVE_INFINITY,
      retryMs: RETRY_MS,
      setAsideMax: 0,
      onAnswer: (id, { verdict }) => {
        if (verdict === 'refused') return;
        this.sealedPacks++;
        this.acknowledged += state.readingsIn(id);
      },
      onSetAside: (id, reason) => this.#count(reason, id),
    });
  }

  #count(reason: string, id: string): void {
    const refused = this.refused.get(reason) ?? { packs: 0, readings: 0 };
    refused.packs++;
    refused.readings += this.#options.state.readingsIn(id);
    this.refused.set(reason, refused);
  }

  /** Waits until nothing is under way. @throws CommandError when the node is silent for too long */
  async drain(): Promise<void> {
    for (const device of await Promise.all(this.#devices.values())) {
      if (this.#failure) throw this.#failure;
      // Everything signed is stored before the count of what waits can be believed.
      await device.stored();
    }
    if (!(await this.#options.state.room(0, this.#options.patienceMs))) throw this.#silence();
    if (this.#failure) throw this.#failure;
  }

  #silence(): CommandError {
    return new CommandError(
      `The node has acknowledged nothing for ${this.#options.patienceMs / 1000} s. ${countOf(this.waiting, 'pack')} ${plural(this.waiting, 'is', 'are')} kept: run the same import again to continue.`,
      exitStatus.failed,
    );
  }

  async close(): Promise<void> {
    for (const device of await Promise.allSettled(this.#devices.values()))
      if (device.status === 'fulfilled') await device.value.close();
    await this.#options.connection.close();
  }
}
