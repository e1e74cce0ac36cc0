// MQTT through a broker of the user's own, as its client. It may be down, at the start or later: then it is waited for. A
// message is acknowledged to it once it is sealed; what is not acknowledged it hands out again, also after the node was down.
import { acknowledgementTopic, STATEMENTS } from '@trine/protocol';
import mqtt, { type IPublishPacket, type MqttClient, type Packet } from 'mqtt';
import { Counters } from '../counters.ts';
import type { Ingest } from '../ingest.ts';
import type { PlainListener, PlainMessage, Transport, TransportHealth } from '../transport.ts';
import type { AttachedSession } from './attached-session.ts';
import { HeldAcknowledgements } from './held-acknowledgements.ts';

const RECONNECT_MS_MIN = 500;
const RECONNECT_MS_MAX = 10_000;
/** A broker that is there answers within this time; the start of the node does not wait longer for it. */
const START_MS_MAX = 3_000;
/** A broker that is gone without a word is noticed after one and a half times this. */
const KEEPALIVE_S = 10;
/** A connection that ends before is no sign that all is well: the next try waits longer. */
const STABLE_MS = 10_000;
/** So many that ended right after the broker let the node in, one after the other, are somebody else's doing. */
const THROWN_OUT_MIN = 3;
/** What a broker answers instead of a quality of service (MQTT 3.1.1 §3.9.3). */
const REFUSED = 128;
const FILTERS_AT_ONCE = 100;
/** Of one connection, taken and not yet sealed. */
const HELD_MAX = { messagesMax: 1_000, bytesMax: 16 * 1_048_576 };
/** What is under way at the end is still sealed. */
const CLOSE_MS_MAX = 3_000;

export interface AttachOptions {
  readonly url: string;
  readonly ingest: Ingest;
  readonly onPlain: PlainListener;
  readonly session: AttachedSession;
  /** Plain topics to listen to. */
  readonly plainFilters: readonly string[];
  /** Told whenever the connection comes or goes. */
  readonly onHealth?: (health: TransportHealth) => void;
  readonly now?: () => number;
  /** Between two tries to connect, at first and at most. */
  readonly reconnectMs?: readonly [min: number, max: number];
  /** Seconds between two signs of life to the broker. */
  readonly keepaliveS?: number;
}

export interface AttachedMqtt extends Transport {
  readonly name: 'mqtt-attached';
  readonly port: undefined;
}

/**
 * Uses a broker that is there already. Resolves when it is connected, or when it has to be waited for: see `health`.
 * @throws RangeError when the URL is none
 */
export async function attachToBroker(options: AttachOptions): Promise<AttachedMqtt> {
  const url = URL.parse(options.url);
  if (url === null) throw new RangeError('The broker to attach to is not a URL: give mqtt://HOST:PORT.');
  const attached = new Attached(options, url.host);
  await attached.start();
  return attached;
}

/** To the client library: go on, and acknowledge nothing. */
const HELD = new Error('It is acknowledged once it is sealed.');

class Attached implements AttachedMqtt {
  readonly name = 'mqtt-attached';
  readonly port = undefined;
  readonly address: string;
  readonly counters = new Counters();
  readonly #options: AttachOptions;
  readonly #client: MqttClient;
  readonly #source: ReturnType<Ingest['source']>;
  #health: TransportHealth;
  #lastError: string | undefined;
  #wait: number;
  #timer: NodeJS.Timeout | undefined;
  #closed = false;
  #plainFilters: readonly string[];
  #changed: () => void = () => undefined;
  /** Of the connection that is open. */
  #held: HeldAcknowledgements;
  #thrownOut = 0;
  /** Messages under way, by their number: also of connections before. */
  readonly #pending = new Map<number, Promise<void>>();
  /** The last message acknowledged on this connection, and the last one when a ping went out whose answer is awaited. */
  #acknowledged = 0;
  #pinged: number | undefined;

  constructor(options: AttachOptions, address: string) {
    this.#options = options;
    this.#plainFilters = options.plainFilters;
    this.address = address;
    this.#wait = this.#reconnectMs[0];
    this.#health = { connected: false, sinceMs: this.#now(), reason: `The broker at ${address} has not answered yet.` };
    this.#source = options.ingest.source({ name: `mqtt:${address}`, perIssuer: true });
    options.session.at(address);
    this.#client = mqtt.connect(options.url, {
      // The broker keeps for this id what comes while the node is away.
      clientId: options.session.clientId,
      clean: false,
      keepalive: options.keepaliveS ?? KEEPALIVE_S,
      // However much is sent: what the broker answers says up to where it knows.
      reschedulePings: false,
      resubscribe: false,
      reconnectPeriod: 0,
      connectTimeout: 10_000,
      manualConnect: true,
    });
    this.#held = this.#holding();
    // The library acknowledges a message of QoS 1 when this is done without an error, and goes on either way.
    this.#client.handleMessage = (packet, done) => {
      if (packet.cmd !== 'publish') return done();
      this.#take(packet)
        .catch((error: Error) => this.#notSealed(error))
        .then(() => done(packet.qos === 0 ? undefined : HELD));
    };
    this.#client.on('connect', () => void this.#subscribe());
    this.#client.on('error', (error) => {
      this.#lastError = error.message;
    });
    this.#client.on('close', () => this.#lost());
    this.#client.on('packetsend', (packet) => this.#sent(packet));
    this.#client.on('packetreceive', (packet) => this.#received(packet));
  }

  get health(): TransportHealth {
    return this.#health;
  }

  get #reconnectMs(): readonly [number, number] {
    return this.#options.reconnectMs ?? [RECONNECT_MS_MIN, RECONNECT_MS_MAX];
  }

  #now(): number {
    return (this.#options.now ?? Date.now)();
  }

  async start(): Promise<void> {
    const timer = Promise.withResolvers<void>();
    const giveUp = setTimeout(timer.resolve, START_MS_MAX);
    this.#changed = timer.resolve;
    this.#client.connect();
    await timer.promise;
    clearTimeout(giveUp);
  }

  #set(connected: boolean, reason?: string): void {
    const changes = connected !== this.#health.connected || reason !== this.#health.reason;
    if (changes) {
      const sinceMs = connected === this.#health.connected ? this.#health.sinceMs : this.#now();
      this.#health = { connected, sinceMs, ...(reason !== undefined && { reason }) };
      this.#options.onHealth?.(this.#health);
    }
    this.#changed();
  }

  async #subscribe(): Promise<void> {
    try {
      const [granted] = await this.#client.subscribeAsync(`${STATEMENTS}#`, { qos: 1 });
      if (granted === undefined || Number(granted.qos) >= REFUSED) throw new Error('It was refused.');
      await this.#subscribePlain(this.#plainFilters);
    } catch {
      this.counters.count('subscription-refused');
      const reason = `The broker at ${this.address} does not let the node subscribe to ${STATEMENTS}#: permit it there.`;
      this.#set(false, reason);
      // Asked again later: somebody may permit it meanwhile.
      this.#client.end(true);
      return;
    }
    this.#lastError = undefined;
    this.#set(true);
  }

  /** A plain topic that the broker does not let the node hear is counted, and takes nothing from the others. */
  async #subscribePlain(fresh: readonly string[]): Promise<void> {
    const { session } = this.#options;
    for (let from = 0; from < fresh.length; from += FILTERS_AT_ONCE) {
      const filters = fresh.slice(from, from + FILTERS_AT_ONCE);
      await this.#client.subscribeAsync(filters, { qos: 1 }).catch((error: Error) => {
        if (!this.#client.connected) throw error;
        this.counters.count('plain-subscription-refused');
      });
    }
    // The broker remembers what was asked for before.
    const wanted = [`${STATEMENTS}#`, ...this.#plainFilters];
    const stale = session.filters.filter((filter) => !wanted.includes(filter));
    if (stale.length > 0) await this.#client.unsubscribeAsync(stale);
    session.filters = wanted;
  }

  listen(filters: readonly string[]): void {
    const fresh = filters.filter((filter) => !this.#plainFilters.includes(filter));
    this.#plainFilters = filters;
    // Otherwise they are asked for when it is connected.
    if (this.#health.connected) this.#subscribePlain(fresh).catch(() => this.counters.count('subscription-lost'));
  }

  #lost(): void {
    this.#held.end();
    this.#held = this.#holding();
    this.#acknowledged = 0;
    this.#pinged = undefined;
    if (this.#closed) return;
    const { connected, sinceMs, reason } = this.#health;
    const isStable = connected && this.#now() - sinceMs >= STABLE_MS;
    if (connected) this.counters.count('connection-lost');
    if (isStable) this.#wait = this.#reconnectMs[0];
    if (isStable || this.#lastError !== undefined) this.#thrownOut = 0;
    else if (connected) this.#thrownOut++;
    if (connected || !reason?.includes('permit it')) this.#set(false, this.#whyLost());
    this.#lastError = undefined;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#client.reconnect(), this.#wait);
    this.#wait = Math.min(2 * this.#wait, this.#reconnectMs[1]);
  }

  #whyLost(): string {
    const { clientId } = this.#options.session;
    if (this.#thrownOut >= THROWN_OUT_MIN)
      return (
        `The broker at ${this.address} lets the node in and soon ends the connection, ${this.#thrownOut} times now: probably ` +
        `another node comes under the same client id (${clientId}), from a copy of this data folder. Stop it, or remove ` +
        'mqtt/attached.sqlite from the copy.'
      );
    const why = this.#lastError === undefined ? '' : ` (${this.#lastError})`;
    return `The broker at ${this.address} does not answer${why}: it is tried again and again.`;
  }

  #holding(): HeldAcknowledgements {
    return new HeldAcknowledgements(HELD_MAX, (error) => this.#notSealed(error));
  }

  /** A broker hands out again what was not acknowledged on the next connection, and not before. */
  #notSealed({ message }: Error): void {
    this.counters.count('not-sealed');
    this.#lastError = `a message could not be sealed: ${message}`;
    this.#client.stream.destroy();
  }

  /** What the broker answers to a ping shows that it has the acknowledgements that went out before. */
  #sent({ cmd }: Packet): void {
    if (cmd === 'pingreq') this.#pinged ??= this.#acknowledged;
  }

  #received({ cmd }: Packet): void {
    if (cmd !== 'pingresp' || this.#pinged === undefined) return;
    if (this.#pinged > 0) this.#options.session.forget(this.#pinged);
    this.#pinged = undefined;
  }

  /** Resolves when the next message may come. */
  async #take(packet: IPublishPacket): Promise<void> {
    const { ingest } = this.#options;
    const held = this.#held;
    await held.room();
    const isStatement = packet.topic.startsWith(STATEMENTS);
    while (isStatement && !ingest.hasRoom && !this.#closed) await ingest.room();
    // The connection was lost meanwhile: it comes again.
    if (held !== this.#held || this.#closed) return;
    const { messageId, payload } = packet;
    if (packet.qos === 0 || messageId === undefined) {
      const work = isStatement ? this.#statement(packet) : this.#options.onPlain(plainOf(packet));
      work.catch(() => this.counters.count('not-sealed'));
      return;
    }
    const { done, number } = isStatement
      ? { done: this.#statement(packet), number: 0 }
      : this.#plain(packet, messageId);
    held.hold(payload.length, done, () => {
      this.#acknowledged = Math.max(this.#acknowledged, number);
      const { stream } = this.#client;
      if (!stream.destroyed) stream.write(puback(messageId));
    });
  }

  /** Resolves when it is sealed, or refused for good: which of both, its sender is told in an acknowledgement of ours. */
  async #statement({ topic, payload }: IPublishPacket): Promise<void> {
    const { acknowledgement } = await this.#options.ingest.take(payload as Buffer, this.#source);
    this.#client
      .publishAsync(acknowledgementTopic(topic), Buffer.from(acknowledgement), { qos: 1 })
      // The broker is gone: without an acknowledgement the sender sends again.
      .catch(() => this.counters.count('acknowledgement-not-sent'));
  }

  /** A message of QoS 1 counts once, however often it comes until the broker knows that it was taken. */
  #plain(packet: IPublishPacket, messageId: number): { done: Promise<void>; number: number } {
    const { session, onPlain } = this.#options;
    const delivered = { topic: packet.topic, payload: packet.payload as Buffer, messageId, dup: packet.dup };
    const taking = session.take(delivered, this.#now());
    const { number, isAgain, isSealed, arrivalMs } = taking;
    if (isAgain) this.counters.count('came-again');
    if (isSealed) return { done: Promise.resolve(), number };
    const pending = this.#pending.get(number);
    if (pending) return { done: pending, number };
    const done = onPlain({ ...plainOf(packet), arrivalMs, isAgain: isAgain || packet.dup }).then(() =>
      session.sealed(taking),
    );
    this.#pending.set(number, done);
    done.catch(() => undefined).finally(() => this.#pending.delete(number));
    return { done, number };
  }

  async close(): Promise<void> {
    const held = this.#held;
    const late = new Promise<void>((resolve) => setTimeout(resolve, CLOSE_MS_MAX).unref());
    // Nothing more is taken; what was is sealed and acknowledged, where that takes no long time.
    this.#closed = true;
    clearTimeout(this.#timer);
    if (this.#client.connected) {
      await Promise.race([held.drained(), late]);
      await Promise.race([this.#client.endAsync(false), late]);
    }
    this.#set(false, 'The connection was closed.');
    held.end();
    await this.#client.endAsync(true);
    await Promise.race([Promise.allSettled(this.#pending.values()), late]);
  }
}

function plainOf({ topic, payload, retain }: IPublishPacket): PlainMessage {
  return { topic, payload: payload as Buffer, isRetained: retain };
}

/** MQTT 3.1.1 §3.4. */
function puback(messageId: number): Buffer {
  return Buffer.of(0x40, 2, messageId >> 8, messageId & 0xff);
}
