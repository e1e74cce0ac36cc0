// MQTT: a broker of our own. (One that is there already: mqtt-attached.ts.)
import { once } from 'node:events';
import { createServer, type Server } from 'node:net';
import { createServer as createTlsServer, type TLSSocket } from 'node:tls';
import { TrineError } from '@trine/protocol';
import mqtt from 'mqtt';
import { Counters } from '../counters.ts';
import type { Ingest } from '../ingest.ts';
import type { PlainListener, Transport } from '../transport.ts';
import type { MqttAccess } from './mqtt-access.ts';
import { type MqttLimits, mqttLimits } from './mqtt-limits.ts';
import type { MqttUsers } from './mqtt-users.ts';
import type { RetainedMessages } from './retained.ts';
import { StatementBroker, type StatementBrokerOptions } from './statement-broker.ts';

/** The MQTT port is taken: the message says by whom it can be used instead. */
export class MqttPortTakenError extends TrineError {
  override readonly name = 'MqttPortTakenError';
  readonly port: number;
  /** A broker answers there: it can be used as a client. */
  readonly answers: boolean;
  constructor(port: number, answers: boolean) {
    super(
      'in-use',
      answers
        ? `MQTT port ${port} is taken by a broker. Use it: --mqtt-attach mqtt://127.0.0.1:${port}; or choose another port: --mqtt-port.`
        : `MQTT port ${port} is taken. Choose another with --mqtt-port or TRINE_MQTT_PORT.`,
    );
    this.port = port;
    this.answers = answers;
  }
}

export interface EmbeddedMqtt extends Transport {
  readonly name: 'mqtt';
  readonly port: number;
  /** With TLS; undefined where the settings name no certificate. */
  readonly tlsPort?: number | undefined;
  /** Connections open now. */
  readonly connections: number;
  readonly users?: MqttUsers;
  readonly accept: NonNullable<Transport['accept']>;
}

/** A port with TLS beside the other. PEM. */
export interface TlsOptions {
  readonly port: number;
  readonly certificate: Uint8Array;
  readonly key: Uint8Array;
}

export interface EmbedOptions {
  readonly host: string;
  /** 0: any. */
  readonly port: number;
  readonly ingest: Ingest;
  readonly onPlain: PlainListener;
  readonly access: MqttAccess;
  readonly retained: RetainedMessages;
  readonly tls?: TlsOptions | undefined;
  readonly limits?: Partial<MqttLimits>;
  /** Wall clock, for people. */
  readonly now?: () => number;
  /** Milliseconds that only grow. */
  readonly elapsed?: () => number;
}

/**
 * Runs a broker.
 * @throws MqttPortTakenError
 */
export async function embedBroker(options: EmbedOptions): Promise<EmbeddedMqtt> {
  const { host, ingest } = options;
  const counters = new Counters();
  const limits = { ...mqttLimits, ...options.limits };
  const broker: StatementBroker = new StatementBroker({
    limits,
    counters,
    elapsed: options.elapsed ?? (() => performance.now()),
    openSource: (source) => ingest.source(source),
    onStatements: takeInTurn(ingest, limits, (client, topic, acknowledgement) =>
      broker.acknowledge(client, topic, acknowledgement),
    ),
    onPlain: options.onPlain,
    access: options.access,
    retained: options.retained,
  });
  await broker.listen();
  const servers: Server[] = [];
  try {
    servers.push(createServer({ noDelay: true }, (socket) => broker.accept(socket, socket.remoteAddress)));
    await listen(servers[0] as Server, host, options.port);
    if (options.tls) servers.push(await listenWithTls(options.tls, host, broker, counters));
  } catch (error) {
    for (const server of servers) server.close();
    await broker.end();
    throw error;
  }
  const [port, tlsPort] = servers.map((server) => (server.address() as { port: number }).port);
  const sinceMs = (options.now ?? Date.now)();
  let closed = false;
  let heard: readonly string[] = [];
  return {
    name: 'mqtt',
    port: port as number,
    tlsPort,
    address: `mqtt://${host}:${port}`,
    counters,
    users: options.access.users,
    get connections() {
      return broker.connections;
    },
    get health() {
      return closed ? { connected: false, sinceMs, reason: 'The broker was closed.' } : { connected: true, sinceMs };
    },
    accept: (stream, remoteAddress) => broker.accept(stream, remoteAddress),
    // It hears every plain message anyway: only what was said before has to be said again.
    listen: (filters) => {
      const fresh = filters.filter((filter) => !heard.includes(filter));
      heard = filters;
      for (const { topic, payload } of options.retained.matching(fresh))
        options.onPlain({ topic, payload, isRetained: true }).catch(() => counters.count('retained-not-sealed'));
    },
    close: async () => {
      closed = true;
      const over = servers.map((server) => once(server, 'close'));
      for (const server of servers) server.close();
      await broker.end();
      await Promise.all(over);
    },
  };
}

async function listenWithTls(
  { port, certificate, key }: TlsOptions,
  host: string,
  broker: StatementBroker,
  counters: Counters,
): Promise<Server> {
  const options = {
    cert: Buffer.from(certificate),
    key: Buffer.from(key),
    minVersion: 'TLSv1.2',
    noDelay: true,
  } as const;
  // Whoever says nothing of TLS for as long as a CONNECT may take is let go.
  const server = createTlsServer({ ...options, handshakeTimeout: mqttLimits.connectMsMax }, (socket: TLSSocket) =>
    broker.accept(socket, socket.remoteAddress),
  );
  server.on('tlsClientError', () => counters.count('tls-failed'));
  await listen(server, host, port);
  return server;
}

/** Hands statements to the ingest. Where it has no room, a connection waits, with its messages in their order. */
function takeInTurn(
  ingest: Ingest,
  { waitingBytesMax }: MqttLimits,
  acknowledge: StatementBroker['acknowledge'],
): StatementBrokerOptions['onStatements'] {
  let waitingBytes = 0;
  return (client, peer, { topic, payload }, done) => {
    const message = payload as Buffer;
    const take = () => {
      ingest
        .take(message, peer.source as NonNullable<typeof peer.source>)
        .then(({ acknowledgement }) => acknowledge(client, topic, acknowledgement))
        .catch(() => undefined); // The log stopped: no acknowledgement, and the sender keeps what it has.
      done();
    };
    if (peer.waiting === 0 && (ingest.hasRoom || waitingBytes + message.length > waitingBytesMax)) return take();
    peer.waiting++;
    waitingBytes += message.length;
    peer.turn = peer.turn.then(async () => {
      while (!ingest.hasRoom && !peer.isClosed) await ingest.room();
      peer.waiting--;
      waitingBytes -= message.length;
      if (!peer.isClosed) take();
    });
  };
}

/**
 * Finds out before anything else is started whether a port is free.
 * @throws MqttPortTakenError
 */
export async function checkMqttPort(host: string, port: number): Promise<void> {
  if (port === 0) return;
  const server = createServer();
  await listen(server, host, port);
  const closed = once(server, 'close');
  server.close();
  await closed;
}

async function listen(server: Server, host: string, port: number): Promise<void> {
  server.listen(port, host);
  try {
    await once(server, 'listening');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
    throw new MqttPortTakenError(port, await isBroker(host, port));
  }
}

async function isBroker(host: string, port: number): Promise<boolean> {
  const client = mqtt.connect(`mqtt://${host}:${port}`, { connectTimeout: 1_500, reconnectPeriod: 0 });
  const answers = await new Promise<boolean>((resolve) => {
    client.once('connect', () => resolve(true));
    client.once('error', () => resolve(false));
    client.once('close', () => resolve(false));
  });
  await client.endAsync(true);
  return answers;
}
