// Plain messages of devices that sign nothing: mapped to readings by rules and connectors, and said by this gateway, which
// names the mapping and the bytes that it made them of.
import { MappingError } from '@trine/mapping/message/error.ts';
import type { MappedPack } from '@trine/mapping/message/map.ts';
import { limits, type Reading, refusals, sha256, TrineError, toHex } from '@trine/protocol';
import type { Clock } from '@trine/system/time.ts';
import type { Connectors, Routed } from '../connectors/connectors.ts';
import type { Origins } from '../connectors/origins.ts';
import { isSimulated } from '../connectors/simulated.ts';
import type { Issuer, Measuring } from './issuer.ts';
import { REMEMBERED_MS, Repeats } from './repeats.ts';
import type { PlainMessage } from './transport.ts';

const WAITING_MAX = 10_000;
/** Readings with a time of their own that are remembered; of others the log is asked. */
const REMEMBERED_MAX = 100_000;

export interface PlainMessagesOptions {
  readonly connectors: Pick<Connectors, 'take'>;
  readonly origins: Pick<Origins, 'of'>;
  readonly gateway: Issuer;
  readonly now: Clock;
  /** Does the log have a reading of this quantity of this thing at this time? */
  readonly isSaid: (subject: string, reading: Reading) => Promise<boolean>;
}

/** What became of plain messages that are no readings like others. */
export type PlainCounts = Pick<
  PlainMessages,
  'refused' | 'noValue' | 'last' | 'datedByArrival' | 'lastDated' | 'undated' | 'lastUndated' | 'repeated'
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
  /** Messages that came twice. */
  repeated = 0;
  readonly #options: PlainMessagesOptions;
  /** Subject and quantity, and the time and value that its device named last. */
  readonly #said = new Map<string, string>();
  readonly #repeats = new Repeats();
  /** Of the first message: what was said before, the log knows, and the memory here does not. */
  #startMs: number | undefined;
  #waiting = 0;
  #onNoValue: (subject: string, nowMs: number) => void = () => undefined;

  constructor(options: PlainMessagesOptions) {
    this.#options = options;
  }

  /** Told of each thing that spoke and has no value. */
  onNoValue(listener: (subject: string, nowMs: number) => void): void {
    this.#onNoValue = listener;
  }

  /**
   * Takes a message. Resolves when it is sealed, or counted because it can be no reading: its sender may forget it then.
   *
   * @throws TrineError where the same message may be taken later
   */
  async take(message: PlainMessage): Promise<void> {
    const { connectors, now } = this.#options;
    try {
      const nowMs = now();
      this.#startMs ??= nowMs;
      const heard = { by: message.connector, nowMs: message.arrivalMs ?? nowMs };
      const routed = connectors.take(message, heard, (why) => this.#refuse(why));
      await everyOne(routed.map((one) => this.#takeOnce(message, one, nowMs)));
    } catch (error) {
      this.#refuse((error as Error).message);
      if (!isForGood(error)) throw error;
    }
  }

  async #takeOnce(message: PlainMessage, routed: Routed, nowMs: number): Promise<void> {
    const name = nameOfMessage(message, routed);
    if (name === undefined) return this.#takeMapped(message, routed, nowMs);
    const { isRepeat, done } = this.#repeats.once(name, nowMs, () => this.#takeMapped(message, routed, nowMs));
    if (isRepeat) this.repeated++;
    await done;
  }

  async #takeMapped(message: PlainMessage, { mapping, mapped }: Routed, nowMs: number): Promise<void> {
    const { topic, isRetained, isAgain } = message;
    this.noValue += mapped.noValue;
    if (mapped.undated !== undefined) {
      this.undated++;
      this.lastUndated = mapped.undated;
    }
    // What a broker had kept is of another time, and one that could not be read said something.
    if (mapped.noValue > 0 && !isRetained)
      for (const { subject, readings } of mapped.packs) if (readings.length === 0) this.#onNoValue(subject, nowMs);
    const packs = joined(mapped.packs.filter(({ readings }) => readings.length > 0));
    if (packs.length === 0) return;
    if (this.#waiting >= WAITING_MAX)
      throw new MappingError(`Topic ${topic}: too much waits to be signed.`, 'overloaded');
    this.#waiting++;
    try {
      const subjects = packs.map(({ subject }) => subject);
      const origin = await this.#options.origins.of(mapping, message, subjects);
      const how = { class: isSimulated(message) ? 'simulated' : 'gateway', origin } as const;
      const mayBeSaid = (pack: MappedPack) => isRetained || isAgain || this.#isFromBefore(pack, nowMs);
      await everyOne(packs.map(async (pack) => this.#say(mayBeSaid(pack) ? await this.#unsaid(pack) : pack, how)));
    } finally {
      this.#waiting--;
    }
  }

  /** Whatever repeats what was said before the start comes within a while after it. */
  #isFromBefore({ isDated, readings }: MappedPack, nowMs: number): boolean {
    const startMs = this.#startMs as number;
    return isDated === true && (readings[0]?.timeMs ?? startMs) < startMs && nowMs < startMs + REMEMBERED_MS;
  }

  /** What has no clock of its own is dated by its arrival, and its statement says so. */
  async #say({ subject, readings, isDated, arrival }: MappedPack, how: Measuring): Promise<void> {
    const { gateway } = this.#options;
    if (readings.length === 0) return;
    if (arrival === undefined) {
      const forget = isDated ? this.#remember(subject, readings) : undefined;
      try {
        await gateway.measure(subject, readings, how);
      } catch (error) {
        forget?.();
        throw error;
      }
      return;
    }
    const undated = readings.map((reading) => ({ ...reading, timeMs: 0 }));
    await gateway.measure(subject, undated, { ...how, clock: 'none' });
    this.datedByArrival++;
    this.lastDated = arrival;
  }

  /** Without the readings that are said already: a broker hands out what it kept as often as the node comes. */
  async #unsaid(mapped: MappedPack): Promise<MappedPack> {
    const { subject } = mapped;
    const isSaid = await Promise.all(
      mapped.readings.map(
        async (reading) =>
          this.#said.get(nameOf(subject, reading)) === saidOf(reading) ||
          (await this.#options.isSaid(subject, reading)),
      ),
    );
    // What was taken meanwhile is remembered by now.
    const readings = mapped.readings.filter(
      (reading, i) => !isSaid[i] && this.#said.get(nameOf(subject, reading)) !== saidOf(reading),
    );
    return { ...mapped, readings };
  }

  /** @returns undoes it, where they are not sealed after all */
  #remember(subject: string, readings: readonly Reading[]): () => void {
    if (this.#said.size > REMEMBERED_MAX) this.#said.clear();
    for (const reading of readings) this.#said.set(nameOf(subject, reading), saidOf(reading));
    return () => {
      for (const reading of readings)
        if (this.#said.get(nameOf(subject, reading)) === saidOf(reading)) this.#said.delete(nameOf(subject, reading));
    };
  }

  #refuse(message: string): void {
    this.refused++;
    this.last = message;
  }
}

const nameOf = (subject: string, { quantity }: Reading): string => `${subject}\n${quantity}`;
const saidOf = ({ timeMs, value }: Reading): string => `${timeMs} ${value}`;

/** What the same message has in common with its repeats; of one without a time of its own nobody knows. */
function nameOfMessage({ topic, payload }: PlainMessage, { mapped: { once, packs } }: Routed): string | undefined {
  if (once !== undefined) return `${packs[0]?.subject}\n${once}`;
  if (!packs.some(({ isDated }) => isDated)) return undefined;
  return toHex(sha256(Buffer.concat([Buffer.from(`${topic}\0`), payload])));
}

/** What a message says of one thing at several times is one pack, as far as it fits. */
function joined(packs: readonly MappedPack[]): MappedPack[] {
  const all: MappedPack[] = [];
  const open = new Map<string, number>();
  for (const pack of packs) {
    const key = `${pack.subject}\n${pack.isDated ?? ''}\n${pack.arrival ?? ''}`;
    const at = open.get(key);
    const before = at === undefined ? undefined : all[at];
    if (before === undefined || before.readings.length + pack.readings.length > limits.readingsPerPackMax) {
      open.set(key, all.push(pack) - 1);
      continue;
    }
    all[at as number] = { ...before, readings: [...before.readings, ...pack.readings] };
  }
  return all;
}

/** Is it no use to try the same again? */
function isForGood(error: unknown): boolean {
  return error instanceof TrineError && error.retry === 'never' && error.code in refusals;
}

/** Waits for all of them, and then says what went wrong: first what may be tried again. */
async function everyOne(all: readonly Promise<void>[]): Promise<void> {
  const done = await Promise.allSettled(all);
  const errors = done.flatMap((one) => (one.status === 'rejected' ? [one.reason as unknown] : []));
  if (errors.length > 0) throw errors.find((error) => !isForGood(error)) ?? errors[0];
}
