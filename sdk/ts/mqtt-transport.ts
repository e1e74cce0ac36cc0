// MQTT, over TCP in Node and over WebSocket in a browser.
import { ACKNOWLEDGEMENTS, STATEMENTS } from '@trine/core/protocol/topics.ts';
import mqtt from 'mqtt';
import type { Transport } from './device.ts';

/**
 * @param url `mqtt://host:1883`, or `ws://host:4100/mqtt` in a browser
 * @param sender this sender's part of the topics: its subject, usually
 * @returns a transport that connects again by itself
 */
export function mqttTransport(url: string, sender: string): Transport {
  const client = mqtt.connect(url, {
    clientId: `trine-${sender.replace(/[^A-Za-z0-9]/g, '-').slice(-40)}-${Math.random().toString(36).slice(2, 10)}`,
    clean: true,
    reconnectPeriod: 1_000,
    // Queueing is the device's business: it survives a restart there.
    queueQoSZero: false,
  });
  const listeners = new Set<(message: Uint8Array) => void>();
  client.on('connect', () => client.subscribe(ACKNOWLEDGEMENTS + sender, { qos: 1 }));
  client.on('message', (_topic, payload) => {
    for (const listener of listeners) listener(payload);
  });
  client.on('error', () => undefined); // It reconnects; what waits stays queued.
  return {
    async send(message) {
      if (!client.connected) throw new Error('Not connected.');
      await client.publishAsync(STATEMENTS + sender, Buffer.from(message), { qos: 1 });
    },
    onAcknowledgement(listener) {
      listeners.add(listener);
    },
    close: () => client.endAsync(true),
  };
}
