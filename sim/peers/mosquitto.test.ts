// Beside a broker that was there before: Debian's Mosquitto.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
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

const mosquitto = '/usr/sbin/mosquitto';
test('attached to Mosquitto as a client: devices there are sealed and acknowledged', {
  skip: existsSync(mosquitto) ? false : 'the Debian package mosquitto is not installed',
}, async (t) => {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address() as { port: number };
  probe.close();
  const broker = spawn(mosquitto, ['-p', String(port)], { stdio: 'ignore' });
  const url = `mqtt://127.0.0.1:${port}`;
  await until('Mosquitto answers', async () => {
    const client = mqtt.connect(url, { reconnectPeriod: 0, connectTimeout: 500 });
    const answers = await new Promise<boolean>((resolve) =>
      client
        .once('connect', () => resolve(true))
        .once('error', () => resolve(false))
        .once('close', () => resolve(false)),
    );
    await client.endAsync(true);
    return answers || undefined;
  });
  const home = mkdtempSync(join(tmpdir(), 'trine-sim-'));
  const settings = readSettings({ home, port: 0, mqttAttach: url, device: { enabled: false } }, {});
  const node = await startNode(settings, { domains: new Domains([]) });
  t.after(async () => {
    await node.stop();
    broker.kill();
    rmSync(home, { recursive: true, force: true });
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
