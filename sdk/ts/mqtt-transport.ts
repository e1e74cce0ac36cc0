// MQTT, over TCP in Node and over WebSocket in a browser.
import { ACKNOWLEDGEMENTS, STATEMENTS, TrineError } from '@trine/protocol';
import mqtt from 'mqtt';
import type { Transport } from './transport.ts';

/** One connection that several devices of one program share. */
export interface MqttConnection {
  /** A transport for one sender; closing it leaves the connection to the others. */
  transport(sender: string): Transport;
  close(): Promise<void>;
}

interface Sender {
  readonly acknowledgements: Set<(message: Uint8Array) => void>;
  readonly connected: Set<() => void>;
  /** Statements may go only when their acknowledgements can come back. */
  subscribed: boolean;
}

/**
 * Connects to a broker, again and again where it must.
 *
 * @param url `mqtt://host:1883`, or `ws://host:4100/mqtt` in a browser
 * @param name of this program, part of the MQTT client id
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
  const subscribe = async (sender: string, state: Sender): Promise<void> => {
    try {
      await client.subscribeAsync(ACKNOWLEDGEMENTS + sender, { qos: 1 });
    } catch {
      return; // The connection went: the next one subscribes again.
    }
    state.subscribed = true;
    for (const listener of state.connected) listener();
  };
  client.on('connect', () => {
    for (const [sender, state] of senders) void subscribe(sender, state);
  });
  client.on('close', () => {
    for (const state of senders.values()) state.subscribed = false;
  });
  client.on('message', (topic, payload) => {
    const state = senders.get(topic.slice(ACKNOWLEDGEMENTS.length));
    if (state) for (const listener of state.acknowledgements) listener(payload);
  });
  client.on('error', () => undefined); // It reconnects; what waits stays queued.
  return {
    transport(sender) {
      const state = senders.get(sender) ?? { acknowledgements: new Set(), connected: new Set(), subscribed: false };
      senders.set(sender, state);
      if (client.connected && !state.subscribed) void subscribe(sender, state);
      return {
        async send(message) {
          if (!client.connected || !state.subscribed) throw new TrineError('unavailable', 'Not connected.');
          // Any bytes will do; a browser has no Buffer.
          await client.publishAsync(STATEMENTS + sender, message as Buffer, { qos: 1 });
        },
        onAcknowledgement: (listener) => void state.acknowledgements.add(listener),
        onConnected: (listener) => void state.connected.add(listener),
        close: async () => void senders.delete(sender),
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
  return { ...connection.transport(sender), close: () => connection.close() };
}
