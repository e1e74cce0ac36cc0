// The embedded broker. Statements end at the ingest: they never enter its matching, sessions and queues, so nobody can
// listen in and nothing is kept of them. What became of them goes straight back to the connection they came on.
// Everything that a client can make the broker keep has a bound (mqtt-limits.ts); what goes beyond is counted by reason.
import type { Duplex } from 'node:stream';
import { ACKNOWLEDGEMENTS, acknowledgementTopic, STATEMENTS, type TrineError } from '@trine/protocol';
import { Aedes, type Client, type PublishPacket } from 'aedes';
import type { Counters } from '../counters.ts';
import type { Elapsed, Source, SourceOptions } from '../source.ts';
import type { PlainListener, PlainMessage } from '../transport.ts';
import { failureOf } from './connection-failures.ts';
import { ConnectionGate } from './connection-gate.ts';
import type { MqttAccess } from './mqtt-access.ts';
import type { MqttLimits } from './mqtt-limits.ts';
import { PacketGauge } from './packet-gauge.ts';
import { Peer } from './peer.ts';
import type { RetainedMessages } from './retained.ts';
import { SessionStore } from './session-store.ts';

type Done = (error?: Error) => void;
/** As the broker itself calls it; its types know the form of two arguments alone. */
type Publish = (packet: PublishPacket, clientOrDone: Client | Done | null, done?: Done) => void;
type Authorized = (error: Error | null) => void;
type Entered = Parameters<Aedes['authenticate']>[3];
type Subscribing = Parameters<Aedes['authorizeSubscribe']>;

export interface StatementBrokerOptions {
  readonly limits: MqttLimits;
  readonly counters: Counters;
  /** Milliseconds that only grow. */
  readonly elapsed: Elapsed;
  readonly openSource: (options: SourceOptions) => Source;
  /**
   * A message of statements has come and is acknowledged to its sender's MQTT. The connection is read on once `done` is
   * called: until then its sender waits.
   */
  readonly onStatements: (client: Client, peer: Peer, packet: PublishPacket, done: () => void) => void;
  readonly onPlain: PlainListener;
  readonly access: MqttAccess;
  readonly retained: RetainedMessages;
}

const SWEEP_MS = 1_000;
/** Answers under way still reach a connection that is cut off. */
const FAREWELL_MS = 250;
const CLIENT_ID_CHARS_SHOWN = 40;
/** CONNACK of MQTT 5: unsupported protocol version (MQTT 5.0 §3.2.2.2), no properties. */
const UNSUPPORTED_VERSION = Buffer.of(0x20, 3, 0, 0x84, 0);

export class StatementBroker extends Aedes {
  readonly #options: StatementBrokerOptions;
  readonly #gate: ConnectionGate;
  readonly #peers = new Map<Client, Peer>();
  readonly #due = new Map<Client, PublishPacket[]>();
  /** Plain messages that were sealed before they came to `publish`. */
  readonly #sealed = new WeakSet<PublishPacket>();
  readonly #sweeping: NodeJS.Timeout;
  #connections = 0;
  #subscriptions = 0;
  #outgoing = 0;
  #unfinishedBytes = 0;

  constructor(options: StatementBrokerOptions) {
    const { limits } = options;
    super({
      persistence: new SessionStore(options.retained, () => options.counters.count('too-many-retained')),
      // Nobody waits for a slow subscriber: see publish.
      concurrency: 0,
      connectTimeout: limits.connectMsMax,
      drainTimeout: limits.drainMsMax,
      maxInflightInbound: limits.qos2InFlightMax,
      maxTopicLevels: limits.topicLevelsMax,
      preConnect: (client, packet, done) => {
        this.#begin(client, packet);
        done(null, true);
      },
      authenticate: (client, name, password, done) => this.#enter(client, name, password, done),
      authorizePublish: (client, packet, done) => this.#mayPublish(client, packet, done),
      authorizeSubscribe: (client, subscription, done) =>
        done(null, this.#mayListen(client, subscription) ? subscription : null),
      authorizeForward: (client, packet) => (this.#hasRoomFor(client) ? packet : null),
    });
    this.#options = options;
    this.#gate = new ConnectionGate(limits, options.counters);
    this.on('unsubscribe', (topics, client) => {
      for (const topic of topics) if (this.#peers.get(client)?.filters.delete(topic)) this.#subscriptions--;
    });
    this.on('clientError', (client, error) => this.#failed(client, error));
    this.on('connectionError', (client, error) => this.#failed(client, error));
    // Whatever goes wrong inside the broker is one connection's or message's matter.
    eventsOf(this).on('error', () => options.counters.count('broker-error'));
    this.#sweeping = setInterval(() => this.sweep(), SWEEP_MS);
    this.#sweeping.unref();
  }

  get connections(): number {
    return this.#gate.open;
  }

  /** Takes a connection: a socket, or what comes over a WebSocket. */
  accept(stream: Duplex, remoteAddress: string | undefined): void {
    stream.on('error', () => stream.destroy());
    if (this.closed || stream.destroyed || !this.#gate.enter(stream, remoteAddress)) return void stream.destroy();
    const { limits, elapsed } = this.#options;
    const peer = new Peer(stream, remoteAddress, new PacketGauge(limits), elapsed());
    const read = stream.read.bind(stream);
    stream.read = (size?: number) => {
      const chunk: Uint8Array | null = read(size);
      return chunk === null || this.#measure(peer, chunk) ? chunk : null;
    };
    const client = this.handle(stream);
    this.#peers.set(client, peer);
    stream.once('close', () => this.#end(client, peer));
  }

  /** @returns false where the bytes must not be kept: the connection is closed then */
  #measure(peer: Peer, chunk: Uint8Array): boolean {
    const { limits, elapsed } = this.#options;
    if (peer.isClosed) return false;
    const refusal = peer.gauge.take(chunk);
    if (refusal) {
      // Whoever speaks version 5 reads no answer of another.
      this.#close(peer, refusal, refusal === 'mqtt-5' ? UNSUPPORTED_VERSION : undefined);
      return false;
    }
    peer.lastByteAt = elapsed();
    const { unfinishedBytes } = peer.gauge;
    if (unfinishedBytes === 0) peer.unfinishedSince = undefined;
    // Another one began in this chunk where no more bytes are kept than before.
    else if (unfinishedBytes <= peer.unfinishedBytes) peer.unfinishedSince = peer.lastByteAt;
    else peer.unfinishedSince ??= peer.lastByteAt;
    this.#keep(peer, unfinishedBytes);
    if (this.#unfinishedBytes > limits.unfinishedBytesMax) this.#closeSlowest();
    return !peer.isClosed;
  }

  #keep(peer: Peer, unfinishedBytes: number): void {
    this.#unfinishedBytes += unfinishedBytes - peer.unfinishedBytes;
    peer.unfinishedBytes = unfinishedBytes;
  }

  /** Too much of packets that are not complete: the one that was begun first goes. */
  #closeSlowest(): void {
    let slowest: Peer | undefined;
    for (const peer of this.#peers.values()) {
      // Those that wait for room are not read: they may be quicker than it looks.
      if (peer.waiting > 0 && slowest) continue;
      if (
        peer.unfinishedSince !== undefined &&
        peer.unfinishedSince < (slowest?.unfinishedSince ?? Number.POSITIVE_INFINITY)
      )
        slowest = peer;
    }
    if (slowest) this.#close(slowest, 'too-many-unfinished-bytes');
  }

  #close(peer: Peer, reason: string, farewell?: Uint8Array): void {
    if (!peer.isCounted) this.#options.counters.count(reason);
    peer.isCounted = true;
    peer.isClosed = true;
    this.#keep(peer, 0);
    if (farewell === undefined) return void peer.stream.destroy();
    peer.stream.end(farewell);
    setTimeout(() => peer.stream.destroy(), FAREWELL_MS).unref();
  }

  #end(client: Client, peer: Peer): void {
    peer.isClosed = true;
    this.#keep(peer, 0);
    this.#subscriptions -= peer.filters.size;
    peer.filters.clear();
    this.#haveLeft(peer);
    this.#due.delete(client);
    this.#peers.delete(client);
  }

  #failed(client: Client, error: Error): void {
    const peer = this.#peers.get(client);
    if (peer === undefined || peer.isCounted) return;
    peer.isCounted = true;
    this.#options.counters.count(failureOf(error));
  }

  /** A CONNECT has come. Sessions are known by their connection: whoever takes another's client id takes nothing. */
  #begin(client: Client, packet: { clientId: string; clean?: boolean }): void {
    const peer = this.#peers.get(client);
    if (peer === undefined) return;
    const shown = packet.clientId.slice(0, CLIENT_ID_CHARS_SHOWN);
    packet.clientId = String(++this.#connections);
    packet.clean = true;
    peer.isConnected = true;
    peer.source = this.#options.openSource({
      name: `mqtt:${shown}`,
      remoteAddress: peer.remoteAddress,
      onCutOff: () => this.#cutOff(peer),
    });
  }

  #enter(client: Client, name: string | undefined, password: Buffer | undefined, done: Entered): void {
    const { access, counters } = this.#options;
    const peer = this.#peers.get(client);
    access.enter(name ?? '', password?.toString('utf8') ?? '', peer?.remoteAddress).then(
      (user) => {
        if (peer) peer.user = user;
        done(null, true);
      },
      (error: TrineError) => {
        counters.count(error.code === 'forbidden' ? 'wrong-password' : 'too-many-passwords');
        if (peer) peer.isCounted = true;
        done(Object.assign(new Error(error.message), { returnCode: error.code === 'forbidden' ? 4 : 3 }), null);
      },
    );
  }

  #cutOff({ stream }: Peer): void {
    this.#options.counters.count('cut-off');
    setTimeout(() => {
      stream.end();
      setTimeout(() => stream.destroy(), FAREWELL_MS).unref();
    }, FAREWELL_MS).unref();
  }

  #publishRefusal(client: Client | null, { topic }: PublishPacket): Error | null {
    const { access, limits, counters } = this.#options;
    const peer = client && this.#peers.get(client);
    const reason =
      topic.startsWith('$') || topic.startsWith(ACKNOWLEDGEMENTS)
        ? 'topic-not-permitted'
        : Buffer.byteLength(topic) > limits.topicBytesMax
          ? 'topic-too-long'
          : peer && !access.mayPublish(peer, topic)
            ? 'publishing-not-permitted'
            : undefined;
    if (reason === undefined) return null;
    counters.count(reason);
    if (peer) peer.isCounted = true;
    return new Error('This message is not permitted.');
  }

  /**
   * Whether a message may be published. A plain one of QoS 1 is sealed first: the broker acknowledges it as soon as this
   * says yes. (One of QoS 2 is acknowledged after `publish`.)
   */
  #mayPublish(client: Client | null, packet: PublishPacket & { messageId?: number }, done: Authorized): void {
    const refusal = this.#publishRefusal(client, packet);
    const peer = client && this.#peers.get(client);
    // A will has no number, and nobody waits for its acknowledgement.
    const waits = packet.qos === 1 && packet.messageId !== undefined && !packet.topic.startsWith(STATEMENTS);
    if (refusal || !peer || !waits) {
      done(refusal);
      return;
    }
    this.#sealed.add(packet);
    this.#seal(peer, packet).then(() => done(null), done);
  }

  /** Resolves when a plain message, and those before it on its connection, may be acknowledged. */
  #seal(peer: Peer, packet: PublishPacket): Promise<void> {
    const { limits, counters, onPlain } = this.#options;
    const late = Promise.withResolvers<void>();
    const timer = setTimeout(() => late.reject(new Error('This message was not sealed in time.')), limits.sealMsMax);
    timer.unref();
    peer.unsealed++;
    const own = Promise.race([onPlain(plainOf(packet, peer)), late.promise]).finally(() => {
      clearTimeout(timer);
      peer.unsealed--;
    });
    own.catch(() => {
      counters.count('plain-not-sealed');
      peer.isCounted = true;
    });
    peer.sealing = peer.sealing.then(() => own);
    return peer.sealing;
  }

  /** Statements are nobody's to hear, and what the broker tells of itself is nobody's business. */
  #mayListen(client: Subscribing[0], { topic }: Subscribing[1]): boolean {
    const { access, limits, counters } = this.#options;
    const peer = this.#peers.get(client);
    if (peer === undefined || peer.filters.has(topic)) return peer !== undefined;
    const reason =
      topic.startsWith('$') || `${topic}/`.startsWith(STATEMENTS) || !access.maySubscribe(peer, topic)
        ? 'subscription-not-permitted'
        : Buffer.byteLength(topic) > limits.topicBytesMax
          ? 'topic-too-long'
          : peer.filters.size >= limits.subscriptionsPerClientMax || this.#subscriptions >= limits.subscriptionsMax
            ? 'too-many-subscriptions'
            : undefined;
    if (reason !== undefined) {
      counters.count(reason);
      return false;
    }
    peer.filters.add(topic);
    this.#subscriptions++;
    return true;
  }

  /** A subscriber that does not take what it gets loses messages, and nobody else does. */
  #hasRoomFor(client: Client): boolean {
    const { limits, counters } = this.#options;
    const peer = this.#peers.get(client);
    if (peer === undefined || peer.isClosed) return false;
    const { writableLength } = peer.stream;
    if (writableLength === 0) this.#haveLeft(peer);
    const isFull =
      writableLength > limits.outgoingBytesMax ||
      peer.outgoing >= limits.outgoingMessagesMax ||
      (this.#outgoing >= limits.outgoingMessagesOfAllMax && peer.outgoing > 0);
    if (isFull) {
      counters.count('subscriber-too-slow');
      return false;
    }
    peer.outgoing++;
    this.#outgoing++;
    return true;
  }

  #haveLeft(peer: Peer): void {
    this.#outgoing -= peer.outgoing;
    peer.outgoing = 0;
  }

  /** A message has come. Statements go to the ingest, everything else to its subscribers and to the bridge. */
  override publish(packet: PublishPacket, clientOrDone: Client | Done | null, done?: Done): void {
    const client = typeof clientOrDone === 'function' ? null : clientOrDone;
    const finish = typeof clientOrDone === 'function' ? clientOrDone : (done ?? nothing);
    const peer = client ? this.#peers.get(client) : undefined;
    // What the broker says of itself is for clusters of brokers: there is none.
    if (packet.topic.startsWith('$')) {
      finish();
      return;
    }
    // At QoS 0 this runs within the reading of the connection, which must not be entered again from here.
    const readOn = packet.qos === 0 ? () => queueMicrotask(finish) : finish;
    if (packet.topic.startsWith(STATEMENTS)) {
      if (client && peer?.source && !peer.source.isCutOff) this.#options.onStatements(client, peer, packet, readOn);
      else readOn();
      return;
    }
    // The sender does not wait for subscribers: the slowest of them would hold up everybody.
    const forward = () => {
      (super.publish as Publish).call(this, packet, client, nothing);
      readOn();
    };
    if (!client || this.#sealed.delete(packet)) forward();
    else if (peer && packet.qos === 2) this.#seal(peer, packet).then(forward, finish);
    else {
      // Of QoS 0, and wills: nobody waits for an acknowledgement.
      const { onPlain, counters } = this.#options;
      onPlain(plainOf(packet, peer)).catch(() => counters.count('plain-not-sealed'));
      forward();
    }
  }

  /**
   * Sends the acknowledgement of a message to the connection that it came on, where that listens, and to nobody else.
   * @param statementsTopic that the message came on
   */
  acknowledge(client: Client, statementsTopic: string, acknowledgement: Uint8Array): void {
    const topic = acknowledgementTopic(statementsTopic);
    const peer = this.#peers.get(client);
    if (peer === undefined || peer.isClosed || client.closed || !peer.listensTo(topic)) return;
    const { buffer, byteOffset, length } = acknowledgement;
    const payload = Buffer.from(buffer, byteOffset, length);
    // QoS 0 is enough on the connection that asks: if it breaks, the sender sends again and is answered again.
    const packet: PublishPacket = { cmd: 'publish', topic, payload, qos: 0, retain: false, dup: false };
    const waiting = this.#due.get(client);
    if (waiting) waiting.push(packet);
    else this.#due.set(client, [packet]);
    if (this.#due.size === 1 && waiting === undefined) process.nextTick(() => this.#flush());
  }

  /** Acknowledgements become due many at once: those of one connection leave in one write. */
  #flush(): void {
    const corked = [...this.#due.keys()].map(({ conn }) => conn);
    for (const conn of corked) conn.cork();
    for (const [client, packets] of this.#due) for (const packet of packets) client.publish(packet, nothing);
    this.#due.clear();
    // The broker writes each in a turn of its own, queued before this one.
    setImmediate(() => {
      for (const conn of corked) conn.uncork();
    });
  }

  /** Closes connections that hold what they do not use. */
  sweep(): void {
    const { access, limits, elapsed } = this.#options;
    const now = elapsed();
    for (const peer of this.#peers.values()) {
      if (peer.stream.writableLength === 0) this.#haveLeft(peer);
      if (peer.user !== undefined && !access.users.get(peer.user)) this.#close(peer, 'user-removed');
      if (peer.waiting > 0 || peer.unsealed > 0) continue; // It is not read meanwhile: how slow it is cannot be told.
      if (!peer.isConnected && now - peer.openedAt > limits.connectMsMax) this.#close(peer, 'no-connect-in-time');
      else if (peer.unfinishedSince !== undefined && now - peer.unfinishedSince > limits.packetMsMax)
        this.#close(peer, 'packet-too-slow');
      else if (now - peer.lastByteAt > limits.idleMsMax) this.#close(peer, 'idle');
    }
  }

  /** Ends every connection, also those that never said who they are. */
  async end(): Promise<void> {
    clearInterval(this.#sweeping);
    await new Promise<void>((resolve) => this.close(resolve));
    for (const { stream } of this.#peers.values()) stream.destroy();
  }
}

function plainOf({ topic, payload }: PublishPacket, peer: Peer | undefined): PlainMessage {
  return { topic, payload: payload as Buffer, ...(peer?.user !== undefined && { user: peer.user }) };
}

function nothing(): void {}

/** The broker’s types leave out the event for errors of its own. */
function eventsOf(broker: unknown): { on(event: 'error', listener: (error: Error) => void): void } {
  return broker as { on(event: 'error', listener: (error: Error) => void): void };
}
