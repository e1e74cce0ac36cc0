// MQTT through a broker of the user's own, as its client. It may be down, at the start or later: then it is waited for.
import { randomBytes } from 'node:crypto';
import { acknowledgementTopic, STATEMENTS } from '@trine/protocol';
import mqtt, { type IPublishPacket, type MqttClient } from 'mqtt';
import { Counters } from '../counters.ts';
import type { Ingest } from '../ingest.ts';
import type { PlainListener, Transport, TransportHealth } from '../transport.ts';

const RECONNECT_MS_MIN = 500;
const RECONNECT_MS_MAX = 30_000;
/** A broker that is there answers within this time; the start of the node does not wait longer for it. */
const START_MS_MAX = 3_000;

export interface AttachOptions {
  readonly url: string;
  readonly ingest: Ingest;
  readonly onPlain: PlainListener;
  /** Plain topics to listen to. */
  readonly plainFilters: readonly string[];
  /** Told whenever the connection comes or goes. */
  readonly onHealth?: (health: TransportHealth) => void;
  readonly now?: () => number;
  /** Between two tries to connect, at first and at most. */
  readonly reconnectMs?: readonly [min: number, max: number];
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
  #changed: () => void = () => undefined;

  constructor(options: AttachOptions, address: string) {
    this.#options = options;
    this.address = address;
    this.#wait = this.#reconnectMs[0];
    this.#health = { connected: false, sinceMs: this.#now(), reason: `The broker at ${address} has not answered yet.` };
    this.#source = options.ingest.source({ name: `mqtt:${address}`, perIssuer: true });
    this.#client = mqtt.connect(options.url, {
      // One of its own for each run: a broker closes the older of two clients of one id.
      clientId: `trine-${randomBytes(8).toString('hex')}`,
      clean: true,
      resubscribe: false,
      reconnectPeriod: 0,
      connectTimeout: 10_000,
      manualConnect: true,
    });
    // Reading goes on, and a message of QoS 1 is acknowledged to the broker, when the ingest has room for it.
    this.#client.handleMessage = (packet, done) => {
      if (packet.cmd === 'publish') this.#take(packet).then(() => done(), done);
      else done();
    };
    this.#client.on('connect', () => void this.#subscribe());
    this.#client.on('error', (error) => {
      this.#lastError = error.message;
    });
    this.#client.on('close', () => this.#lost());
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
    const filters = [`${STATEMENTS}#`, ...this.#options.plainFilters];
    try {
      const granted = await this.#client.subscribeAsync(filters, { qos: 1 });
      const refused = granted.find(({ qos }) => Number(qos) >= 128);
      if (refused) throw new Error(refused.topic);
    } catch {
      this.counters.count('subscription-refused');
      const reason = `The broker at ${this.address} does not let the node subscribe to ${STATEMENTS}#: permit it there.`;
      this.#set(false, reason);
      // Asked again later: somebody may permit it meanwhile.
      this.#client.end(true);
      return;
    }
    this.#wait = this.#reconnectMs[0];
    this.#lastError = undefined;
    this.#set(true);
  }

  #lost(): void {
    if (this.#closed) return;
    if (this.#health.connected) this.counters.count('connection-lost');
    const why = this.#lastError === undefined ? '' : ` (${this.#lastError})`;
    if (this.#health.connected || !this.#health.reason?.includes('permit it'))
      this.#set(false, `The broker at ${this.address} does not answer${why}: it is tried again and again.`);
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#client.reconnect(), this.#wait);
    this.#wait = Math.min(2 * this.#wait, this.#reconnectMs[1]);
  }

  /** Resolves when the next message may come. */
  async #take({ topic, payload, retain }: IPublishPacket): Promise<void> {
    const { ingest, onPlain } = this.#options;
    if (!topic.startsWith(STATEMENTS)) {
      // The client library takes one message after the other: to wait for each seal would hold up all statements.
      onPlain({ topic, payload: payload as Buffer, isRetained: retain }).catch(() =>
        this.counters.count('plain-not-sealed'),
      );
      return;
    }
    while (!ingest.hasRoom && !this.#closed) await ingest.room();
    ingest
      .take(payload as Buffer, this.#source)
      .then(({ acknowledgement }) =>
        this.#client.publishAsync(acknowledgementTopic(topic), Buffer.from(acknowledgement), { qos: 1 }),
      )
      // The log stopped, or the broker is gone: without an acknowledgement the sender sends again.
      .catch(() => this.counters.count('acknowledgement-not-sent'));
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#timer);
    this.#set(false, 'The connection was closed.');
    await this.#client.endAsync(true);
  }
}
