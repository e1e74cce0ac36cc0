// Plain messages of devices that sign nothing: mapped to readings by the rules of the settings, and said by this gateway.

import { MappingError } from '@trine/mapping/message/error.ts';
import { type MappedMessage, type MappedPack, mapMessage } from '@trine/mapping/message/map.ts';
import type { Mapping } from '@trine/mapping/message/shape.ts';
import { type Reading, refusals, TrineError } from '@trine/protocol';
import type { Clock } from '@trine/system/time.ts';
import type { Issuer } from './issuer.ts';
import type { PlainMessage } from './transport.ts';

const WAITING_MAX = 10_000;
/** Readings with a time of their own that are remembered; of others the log is asked. */
const REMEMBERED_MAX = 100_000;

export interface PlainMessagesOptions {
  readonly rules: readonly Mapping[];
  readonly gateway: Issuer;
  readonly now: Clock;
  /** Does the log have a reading of this quantity of this thing at this time? */
  readonly isSaid: (subject: string, reading: Reading) => Promise<boolean>;
}

/** What became of plain messages that are no readings like others. */
export type PlainCounts = Pick<
  PlainMessages,
  'refused' | 'noValue' | 'last' | 'datedByArrival' | 'lastDated' | 'undated' | 'lastUndated'
>;

export class PlainMessages {
  /** Messages that no rule could read, members of others, and what was refused; and why the last one was. */
  refused = 0;
  /** Values that say that there is none: a dead sensor is no reading. */
  noValue = 0;
  last: string | undefined;
  /** Messages dated by their arrival, because their time was missing or none; and why the last one was. */
  datedByArrival = 0;
  lastDated: string | undefined;
  /** Messages that a broker had kept and that have no time of their own: no readings; and why the last one was none. */
  undated = 0;
  lastUndated: string | undefined;
  readonly #options: PlainMessagesOptions;
  /** Subject and quantity, and the time that its device named last. */
  readonly #said = new Map<string, number>();
  #waiting = 0;

  constructor(options: PlainMessagesOptions) {
    this.#options = options;
  }

  /**
   * Takes a message. Resolves when it is sealed, or counted because it can be no reading: its sender may forget it then.
   *
   * @throws TrineError where the same message may be taken later
   */
  async take(message: PlainMessage): Promise<void> {
    const { topic, isRetained = false } = message;
    try {
      const mapped = this.#mapped(message);
      if (mapped === undefined) return;
      this.noValue += mapped.noValue;
      for (const why of mapped.refused) this.#refuse(why);
      if (mapped.undated !== undefined) {
        this.undated++;
        this.lastUndated = mapped.undated;
      }
      const packs = mapped.packs.filter(({ readings }) => readings.length > 0);
      if (packs.length === 0) return;
      if (this.#waiting >= WAITING_MAX)
        throw new MappingError(`Topic ${topic}: too much waits to be signed.`, 'overloaded');
      this.#waiting++;
      try {
        await everyOne(packs.map(async (pack) => this.#say(isRetained ? await this.#unsaid(pack) : pack)));
      } finally {
        this.#waiting--;
      }
    } catch (error) {
      this.#refuse((error as Error).message);
      const isRefused = error instanceof TrineError && error.retry === 'never' && error.code in refusals;
      if (!isRefused) throw error;
    }
  }

  /** By the first rule that is for its topic. */
  #mapped(message: PlainMessage): MappedMessage | undefined {
    const { rules, now } = this.#options;
    for (const rule of rules) {
      const mapped = mapMessage(rule, message, now());
      if (mapped !== undefined) return mapped;
    }
    return undefined;
  }

  /** What has no clock of its own is dated by its arrival, and its statement says so. */
  async #say({ subject, readings, isDated, arrival }: MappedPack): Promise<void> {
    const { gateway } = this.#options;
    if (readings.length === 0) return;
    if (arrival === undefined) {
      const forget = isDated ? this.#remember(subject, readings) : undefined;
      try {
        await gateway.measure(subject, readings, 'gateway', false);
      } catch (error) {
        forget?.();
        throw error;
      }
      return;
    }
    const undated = readings.map((reading) => ({ ...reading, timeMs: 0 }));
    await gateway.measure(subject, undated, 'gateway', false, 'none');
    this.datedByArrival++;
    this.lastDated = arrival;
  }

  /** Without the readings that are said already: a broker hands out what it kept as often as the node comes. */
  async #unsaid(mapped: MappedPack): Promise<MappedPack> {
    const { subject } = mapped;
    const isSaid = await Promise.all(
      mapped.readings.map(
        async (reading) =>
          this.#said.get(nameOf(subject, reading)) === reading.timeMs || (await this.#options.isSaid(subject, reading)),
      ),
    );
    // What was taken meanwhile is remembered by now.
    const readings = mapped.readings.filter(
      (reading, i) => !isSaid[i] && this.#said.get(nameOf(subject, reading)) !== reading.timeMs,
    );
    return { ...mapped, readings };
  }

  /** @returns undoes it, where they are not sealed after all */
  #remember(subject: string, readings: readonly Reading[]): () => void {
    if (this.#said.size > REMEMBERED_MAX) this.#said.clear();
    for (const reading of readings) this.#said.set(nameOf(subject, reading), reading.timeMs);
    return () => {
      for (const reading of readings)
        if (this.#said.get(nameOf(subject, reading)) === reading.timeMs) this.#said.delete(nameOf(subject, reading));
    };
  }

  #refuse(message: string): void {
    this.refused++;
    this.last = message;
  }
}

const nameOf = (subject: string, { quantity }: Reading): string => `${subject}\n${quantity}`;

/** Waits for all of them, and then says what went wrong with the first. */
async function everyOne(all: readonly Promise<void>[]): Promise<void> {
  const done = await Promise.allSettled(all);
  for (const one of done) if (one.status === 'rejected') throw one.reason;
}
