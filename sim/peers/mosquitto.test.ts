// Beside a broker that was there before: Debian's Mosquitto.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { openDevice } from '@trine/device/device.ts';
import { mqttTransport } from '@trine/device/mqtt-transport.ts';
import { Domains } from '@trine/engine';
import { openSigner } from '@trine/node/access/keystore.ts';
import { startNode } from '@trine/node/node.ts';
import { readSettings } from '@trine/node/settings.ts';
import { didKey } from '@trine/protocol';
import mqtt from 'mqtt';
import { until } from '../platform.ts';
import { mosquittoIn, withoutMosquitto } from './mosquitto.ts';

test('attached to Mosquitto as a client: devices there are sealed and acknowledged', {
  skip: withoutMosquitto,
}, async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'trine-sim-'));
  const broker = await mosquittoIn(folder);
  await broker.start();
  const { url } = broker;
  const home = join(folder, 'node');
  const settings = readSettings({ home, port: 0, mqttAttach: url, device: { enabled: false } }, {});
  const node = await startNode(settings, { domains: new Domains([]) });
  t.after(async () => {
    await node.stop();
    await broker.stop('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  });
  assert.equal(node.mqtt.name, 'mqtt-attached');
  assert.equal(node.mqtt.health.connected, true);
  const signer = openSigner(join(home, 'keys'), 'meter', 'ESP256');
  await node.enrol('meter/1', {
    key: didKey(signer.publicKey),
    name: 'Meter',
    class: 'software',
    subjects: ['meter/1'],
  });
  const device = await openDevice({
    signer,
    subject: 'meter/1',
    network: node.genesis.network.id,
    gateway: node.genesis.keys.gateway.publicKey,
    transport: mqttTransport(url, 'meter/1'),
  });
  await device.measure([{ quantity: 'temperature', unit: 'Cel', timeMs: Date.now(), value: 20 }]);
  await device.drain(10_000);
  assert.equal(device.sealed, 1);
  await device.close();
});

test('devices that speak MQTT 5 or 3.1.1 to Mosquitto: the node hears both', { skip: withoutMosquitto }, async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'trine-sim-'));
  const broker = await mosquittoIn(folder);
  await broker.start();
  const bridge = [{ topic: 'hall/+', subject: 'hall/{1}', quantity: 'temperature', unit: 'Cel' }];
  const given = { home: join(folder, 'node'), port: 0, mqttAttach: broker.url, device: { enabled: false }, bridge };
  const node = await startNode(readSettings(given, {}), { domains: new Domains([]) });
  t.after(async () => {
    await node.stop();
    await broker.stop('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  });
  for (const protocolVersion of [4, 5] as const) {
    const device = await mqtt.connectAsync(broker.url, { protocolVersion });
    // With what only version 5 can say, it is the same reading.
    const properties = protocolVersion === 5 ? { properties: { contentType: 'text/plain', topicAlias: 1 } } : {};
    await device.publishAsync(`hall/${protocolVersion}`, '21.5', { qos: 2, ...properties });
    await device.endAsync();
  }
  const rows = await until('both are in the log', async () => {
    const found = await node.store.query<{ subject: string; value: number }>(
      "SELECT subject, value FROM readings JOIN streams USING (stream) WHERE subject LIKE 'hall/%' ORDER BY subject",
    );
    return found.length >= 2 ? found : undefined;
  });
  assert.deepEqual(
    rows.map(({ subject, value }) => [subject, value]),
    [
      ['hall/4', 21.5],
      ['hall/5', 21.5],
    ],
  );
});
