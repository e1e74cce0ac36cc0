// Runs in the page of device.e2e.ts: a device in a browser, with its queue in IndexedDB.

import { ed25519 } from '@noble/curves/ed25519.js';
import { openDevice } from '@trine/device/device.ts';
import { indexedDbStorage } from '@trine/device/indexeddb-storage.ts';
import { mqttTransport } from '@trine/device/mqtt-transport.ts';
import { algorithms, didKey, fromHex, parseDidKey } from '@trine/protocol';

interface Task {
  readonly secret: string;
  readonly subject: string;
  readonly network: string;
  readonly gateway: string;
  /** Where to connect; nothing answers at the first one. */
  readonly url: string;
  readonly values: readonly number[];
  readonly drain: boolean;
}

const page = globalThis as unknown as { deviceKey(secret: string): string; runDevice(task: Task): Promise<unknown> };

page.deviceKey = (secret) => didKey({ algorithm: algorithms.Ed25519, raw: ed25519.getPublicKey(fromHex(secret)) });

page.runDevice = async ({ secret, subject, network, gateway, url, values, drain }) => {
  const key = fromHex(secret);
  const device = await openDevice({
    signer: {
      publicKey: { algorithm: algorithms.Ed25519, raw: ed25519.getPublicKey(key) },
      sign: (message) => ed25519.sign(message, key),
    },
    subject,
    network,
    gateway: parseDidKey(gateway),
    transport: mqttTransport(url, subject),
    storage: await indexedDbStorage(subject),
  });
  const restored = device.waiting;
  for (const value of values) await device.measure([{ quantity: 'level', unit: 'm', timeMs: Date.now(), value }]);
  if (drain) await device.drain(15_000);
  const { waiting, sealed, refused } = device;
  await device.close();
  return { restored, waiting, sealed, refused };
};
