// MQTT, over TCP in Node and over WebSocket in a browser.
import { ACKNOWLEDGEMENTS, STATEMENTS, TrineError } from '@trine/protocol';
import mqtt from 'mqtt';
import type { Transport } from './transport.ts';

/** One connection that several devices of one program share. */
export interface MqttConnection {
  /** A transport for one sender, '' for the program itself; closing it leaves the connection to the others. */
  transport(sender: string): Transport;
  close(): Promise<void>;
}

interface Sender {
  readonly acknowledgements: Set<(message: Uint8Array) => void>;
  readonly connected: Set<() => void>;
}

/**
 * Connects to a broker, again and again where it must. One subscription brings the acknowledgements of all senders: a
 * broker may bound how many a connection has.
 *
 * @param url `mqtt://host:1883`, or `ws://host:4100/mqtt` in a browser
 * @param name of this program, with which the topics of its senders begin, and part of the MQTT client id
 * @example const connection = mqttConnection('mqtt://127.0.0.1:1883', 'importer');
 *   const device = await openDevice({ …, transport: connection.transport('parking/north') });
 */
export function mqttConnection(url: string, name: string): MqttConnection {
  const client = mqtt.connect(url, {
    clientId: `trine-${name.replace(/[^A-Za-z0-9]/g, '-').slice(-40)}-${Math.random().toString(36).slice(2, 10)}`,
    clean: true,
    resubscribe: false,
    reconnectPeriod: 1_000,
    // Queueing is the device's business: it survives a restart there.
    queueQoSZero: false,
  });
  const senders = new Map<string, Sender>();
  /** Statements may go only when their acknowledgements can come back. */
  let subscribed = false;
  let refused: string | undefined;
  const subscribe = async (): Promise<void> => {
    try {
      // The pattern takes in the name itself (MQTT 5 §4.7.1.2).
      await client.subscribeAsync(`${ACKNOWLEDGEMENTS}${name}/#`, { qos: 1 });
    } catch (error) {
      // Where the connection went, the next one subscribes again.
      if (client.connected) refused = `The broker refused to send acknowledgements: ${(error as Error).message}`;
      return;
    }
    refused = undefined;
    subscribed = true;
    for (const { connected } of senders.values()) for (const listener of connected) listener();
  };
  client.on('connect', () => void subscribe());
  client.on('close', () => {
    subscribed = false;
  });
  client.on('message', (topic, payload) => {
    const state = senders.get(topic.slice(ACKNOWLEDGEMENTS.length));
    if (state) for (const listener of state.acknowledgements) listener(payload);
  });
  client.on('error', () => undefined); // It reconnects; what waits stays queued.
  return {
    transport(sender) {
      const topic = sender === '' ? name : `${name}/${sender}`;
      const state = senders.get(topic) ?? { acknowledgements: new Set(), connected: new Set() };
      senders.set(topic, state);
      return {
        async send(message) {
          if (!subscribed) throw new TrineError('unavailable', refused ?? 'Not connected.');
          // Any bytes will do; a browser has no Buffer.
          await client.publishAsync(STATEMENTS + topic, message as Buffer, { qos: 1 });
        },
        onAcknowledgement: (listener) => void state.acknowledgements.add(listener),
        onConnected(listener) {
          state.connected.add(listener);
          if (subscribed) listener();
        },
        close: async () => void senders.delete(topic),
      };
    },
    close: () => client.endAsync(true),
  };
}

/**
 * A connection of one device alone.
 *
 * @param url as for {@link mqttConnection}
 * @param sender this sender's part of the topics: its subject, usually
 * @returns a transport that connects again by itself
 */
export function mqttTransport(url: string, sender: string): Transport {
  const connection = mqttConnection(url, sender);
  return { ...connection.transport(''), close: () => connection.close() };
}
