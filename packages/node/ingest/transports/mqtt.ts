// MQTT: a broker of our own, or the one that is there already, as its client.
import { once } from 'node:events';
import { createServer, type Server } from 'node:net';
import type { Duplex } from 'node:stream';
import { ACKNOWLEDGEMENTS, acknowledgementTopic, STATEMENTS, TrineError } from '@trine/protocol';
import mqtt from 'mqtt';
import type { Ingest } from '../ingest.ts';
import { StatementBroker } from './statement-broker.ts';

/** Gets every message that is no statement: plain devices speak here. */
export type PlainListener = (topic: string, payload: Uint8Array) => void;

export interface MqttTransport {
  /** Where devices connect, for people to read. */
  readonly address: string;
  readonly kind: 'embedded' | 'attached';
  readonly port: number | undefined;
  /** Takes an MQTT connection that came over a WebSocket; embedded only. */
  accept?(stream: Duplex): void;
  close(): Promise<void>;
}

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

const PAYLOAD_BYTES_MAX = 1_048_576;

/**
 * Runs a broker.
 *
 * @param options address and port (0: any), and whom the messages go to
 * @throws MqttPortTakenError
 */
export async function embedBroker(options: {
  host: string;
  port: number;
  ingest: Ingest;
  onPlain: PlainListener;
}): Promise<MqttTransport> {
  const { host, ingest } = options;
  // Those who wait for room, one behind the other: the order of a sender's messages is kept.
  let waiting = 0;
  let turn: Promise<void> = Promise.resolve();
  const broker = new StatementBroker({
    authorizePublish: (client, packet, done) => {
      if (packet.topic.startsWith('$') || packet.topic.startsWith(ACKNOWLEDGEMENTS))
        return done(new Error('Only the gateway publishes here.'));
      if (packet.payload.length > PAYLOAD_BYTES_MAX)
        return done(new Error(`A message has at most ${PAYLOAD_BYTES_MAX} bytes.`));
      const payload = packet.payload as Buffer;
      // Nothing stays in the broker's memory: it carries what comes and keeps nothing.
      packet.retain = false;
      const { topic } = packet;
      if (!topic.startsWith(STATEMENTS)) {
        done(null);
        options.onPlain(topic, payload);
        return;
      }
      const take = () => {
        done(null);
        ingest
          .take(payload, `mqtt:${client?.id ?? 'internal'}`)
          .then(({ acknowledgement }) => broker.acknowledge(client, topic, acknowledgement))
          .catch(() => undefined); // The log stopped: no acknowledgement, and the sender keeps what it has.
      };
      if (waiting === 0 && ingest.hasRoom) return take();
      // A sender that is too quick waits for its PUBACK; that is all a PUBACK says.
      waiting++;
      turn = turn
        .then(() => ingest.room())
        .then(() => {
          waiting--;
          take();
        });
    },
  });
  await broker.listen();
  const server = createServer(broker.handle);
  try {
    await listen(server, host, options.port);
  } catch (error) {
    await new Promise<void>((resolve) => broker.close(resolve));
    throw error;
  }
  const { port } = server.address() as { port: number };
  return {
    kind: 'embedded',
    port,
    address: `mqtt://${host}:${port}`,
    accept: (stream) => broker.handle(stream),
    close: async () => {
      const closed = once(server, 'close');
      server.close();
      await new Promise<void>((resolve) => broker.close(resolve));
      await closed;
    },
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

/**
 * Uses a broker that is there already.
 *
 * @param options its URL, whom the messages go to, and which plain topics to listen to
 */
export async function attachToBroker(options: {
  url: string;
  ingest: Ingest;
  onPlain: PlainListener;
  plainFilters: readonly string[];
}): Promise<MqttTransport> {
  const client = await mqtt.connectAsync(options.url, { clientId: `trine-${process.pid}`, clean: true });
  client.on('message', (topic, payload) => {
    if (!topic.startsWith(STATEMENTS)) return options.onPlain(topic, payload);
    options.ingest
      .take(payload, 'mqtt:attached')
      .then(({ acknowledgement }) =>
        client.publishAsync(acknowledgementTopic(topic), Buffer.from(acknowledgement), { qos: 1 }),
      )
      .catch(() => undefined); // As above: without an acknowledgement the sender sends again.
  });
  await client.subscribeAsync([`${STATEMENTS}#`, ...options.plainFilters], { qos: 1 });
  return {
    kind: 'attached',
    port: undefined,
    address: new URL(options.url).host,
    close: () => client.endAsync(),
  };
}
