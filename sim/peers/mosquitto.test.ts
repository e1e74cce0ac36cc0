// Beside a broker that was there before: Debian's Mosquitto.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { connectors } from '@trine/connectors/index.ts';
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

test('beside Mosquitto connectors hear what it keeps, and what is switched on later', {
  skip: withoutMosquitto,
}, async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'trine-sim-'));
  const broker = await mosquittoIn(folder);
  await broker.start();
  const announcer = await mqtt.connectAsync(broker.url);
  const device = (base: string, n: number) => {
    const exposes = [{ type: 'numeric', property: 'temperature', access: 1, unit: '°C' }];
    const one = {
      ieee_address: `0x${n}`,
      friendly_name: `room ${n}`,
      definition: { model: 'm', vendor: 'v', exposes },
    };
    return announcer.publishAsync(`${base}/bridge/devices`, JSON.stringify([one]), { qos: 1, retain: true });
  };
  await device('zigbee2mqtt', 1);
  await device('upstairs', 2);
  await announcer.publishAsync('odd', '7', { qos: 1, retain: true });
  const settings = readSettings(
    { home: join(folder, 'node'), port: 0, mqttAttach: broker.url, device: { enabled: false } },
    {},
  );
  const node = await startNode(settings, { domains: new Domains([]), connectors });
  t.after(async () => {
    await announcer.endAsync(true);
    await node.stop();
    await broker.stop('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  });
  const found = (connector: string) => [...node.connectors.things.all(connector)].map(({ thing }) => thing.id);
  await until('what is kept is found', async () => (found('zigbee2mqtt').length > 0 ? true : undefined));
  assert.deepEqual(
    [found('zigbee2mqtt'), found('topics')],
    [['0x1'], []],
    'a broker of others is not asked for everything',
  );
  await node.connectors.set('zigbee2mqtt', { enabled: true, settings: { baseTopics: ['zigbee2mqtt', 'upstairs'] } });
  await until('the other base is heard', async () => (found('zigbee2mqtt').length === 2 ? true : undefined));
  await node.connectors.set('topics', { enabled: true, settings: {} });
  await until('any topic, where somebody says so', async () => (found('topics').includes('odd') ? true : undefined));
  node.connectors.accept('zigbee2mqtt', ['0x1']);
  await announcer.publishAsync('zigbee2mqtt/room 1', '{"temperature":21.5}', { qos: 1 });
  await until('it is sealed', async () => (await node.views.seals({ limit: 1, subject: 'zigbee/0x1' })).items[0]);
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
