// Every way in, with real brokers and sockets: signed over MQTT, WebSocket and HTTP, plain through the bridge, and a
// broker that was there before.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { openDevice } from '@trine/device/device.ts';
import { mqttConnection, mqttTransport } from '@trine/device/mqtt-transport.ts';
import { Domains } from '@trine/engine';
import { readKey } from '@trine/ledger/checkpoints.ts';
import { mqttConnect, nastyPackets, nastyRequests, randomJunk, throwAt } from '@trine/node/ingest/testing/junk.ts';
import { mqttLimits } from '@trine/node/ingest/transports/mqtt-limits.ts';
import { startNode } from '@trine/node/node.ts';
import { PortTakenError, type Served, serveNode, takePort } from '@trine/node/serve/serve.ts';
import { readSettings } from '@trine/node/settings.ts';
import {
  addressOfPrivateKey,
  contentTypes,
  didKey,
  encodePack,
  hexOf,
  keyThumbprint,
  signStatement,
  verifyAcknowledgement,
} from '@trine/protocol';
import { temporarySigner } from '@trine/protocol/testing/signer.ts';
import mqtt from 'mqtt';
import { type Platform, startPlatform, until } from './platform.ts';

let platform: Platform;
let served: Served;
let headers: Record<string, string>;

before(async () => {
  const home = mkdtempSync(join(tmpdir(), 'trine-sim-'));
  const bridge = [{ topic: 'home/+/temp', subject: 'home/{1}', quantity: 'temperature', unit: 'Cel' }];
  writeFileSync(join(home, 'settings.json'), JSON.stringify({ bridge }));
  platform = await startPlatform(home);
  served = serveNode(await takePort('127.0.0.1', 0), platform.node, join(home, 'no-console'), 'test');
  headers = { authorization: `Bearer ${platform.node.genesis.keys.token}`, 'content-type': 'application/json' };
});
after(async () => {
  await served?.close();
  await platform?.remove();
});

const lastSealed = (subject: string) =>
  until(
    `something sealed about ${subject}`,
    async () => (await platform.node.views.seals({ limit: 5, subject: subject })).items[0],
  );
const reading = () => [{ quantity: 'temperature', unit: 'Cel', timeMs: Date.now(), value: 20 }];
async function enrol(subject: string): Promise<ReturnType<typeof temporarySigner>> {
  const signer = temporarySigner();
  const body = JSON.stringify({ key: didKey(signer.publicKey), subject, name: subject, class: 'software' });
  const response = await fetch(`${served.url}api/devices`, { method: 'POST', headers, body });
  assert.equal(response.status, 200, await response.text());
  return signer;
}

test('a plain MQTT message becomes a statement of class gateway, signed by the bridge', async () => {
  const client = await mqtt.connectAsync(platform.node.mqtt.address);
  await client.publishAsync('home/kitchen/temp', '21.5', { qos: 1 });
  await client.publishAsync('home/kitchen/temp', '{"no":"number"}', { qos: 1 });
  await client.publishAsync('home/kitchen/temp', 'unavailable', { qos: 1 });
  await client.endAsync();
  const seal = await lastSealed('home/kitchen');
  assert.equal(seal.class, 'gateway');
  const { refused, noValue, last } = platform.node.plain;
  assert.deepEqual([refused, noValue], [1, 1], 'a text is no temperature, and a dead sensor is no reading');
  assert.match(last ?? '', /home\/kitchen\/temp: the payload: .* is no number/);
});

test('a device over WebSocket, as in a browser, gets its signed acknowledgement', async () => {
  const subject = 'browser/1';
  const signer = await enrol(subject);
  const device = await openDevice({
    signer,
    subject,
    network: platform.node.genesis.network.id,
    gateway: platform.node.genesis.keys.gateway.publicKey,
    transport: mqttTransport(`${served.url.replace('http', 'ws')}mqtt`, subject),
  });
  await device.measure(reading());
  await device.drain(10_000);
  assert.equal(device.sealed, 1);
  await device.close();
});

test('one program speaks for more things than a connection may subscribe to, and each is acknowledged', async (t) => {
  const signer = temporarySigner();
  const body = { key: didKey(signer.publicKey), subject: 'importer/many', name: 'Many', class: 'imported' };
  const enrolled = await fetch(`${served.url}api/devices`, {
    method: 'POST',
    headers,
    body: JSON.stringify({ ...body, subjects: ['bay/*'] }),
  });
  assert.equal(enrolled.status, 200, await enrolled.text());
  const connection = mqttConnection(platform.node.mqtt.address, 'many');
  t.after(() => connection.close());
  const devices = await Promise.all(
    Array.from({ length: 2 * mqttLimits.subscriptionsPerClientMax + 1 }, (_, i) =>
      openDevice({
        signer,
        subject: `bay/${i}`,
        network: platform.node.genesis.network.id,
        gateway: platform.node.genesis.keys.gateway.publicKey,
        transport: connection.transport(`bay/${i}`),
        class: 'imported',
      }),
    ),
  );
  await Promise.all(devices.map((device) => device.measure(reading())));
  for (const device of devices) await device.drain(30_000);
  assert.ok(devices.every(({ sealed }) => sealed === 1));
});

test('a page of another site gets no WebSocket', async () => {
  const client = mqtt.connect(`${served.url.replace('http', 'ws')}mqtt`, {
    reconnectPeriod: 0,
    wsOptions: { headers: { origin: 'https://evil.example' } },
  });
  client.on('error', () => undefined);
  assert.equal(
    await new Promise((resolve) =>
      client.once('connect', () => resolve('taken')).once('close', () => resolve('refused')),
    ),
    'refused',
  );
  await client.endAsync(true);
});

test('enrolled keys stand in the registry on the chain, with their status', async () => {
  const signer = await enrol('registered/1');
  const did = didKey(signer.publicKey);
  const { chain, contracts, keys } = platform.node.genesis;
  const state = () =>
    readKey(chain, contracts, addressOfPrivateKey(keys.account), hexOf(keyThumbprint(signer.publicKey)));
  await until('the key is active on the chain', async () => ((await state()).status === 'active' ? true : undefined));
  await platform.node.revoke(did, 'lost');
  await until('the key is revoked on the chain', async () => ((await state()).status === 'revoked' ? true : undefined));
});

test('HTTP takes statements and answers with the signed acknowledgement', async () => {
  const signer = await enrol('http/1');
  const statement = await signStatement(signer, {
    kind: 'pack',
    subject: 'http/1',
    network: platform.node.genesis.network.id,
    epoch: 0,
    seq: 0,
    clock: 'synchronised',
    class: 'software',
    contentType: contentTypes.senmlCbor,
    payload: encodePack(reading()),
  });
  const response = await fetch(`${served.url}api/statements`, {
    method: 'POST',
    headers,
    body: statement.bytes.slice(),
  });
  const [answer] = verifyAcknowledgement(
    new Uint8Array(await response.arrayBuffer()),
    platform.node.genesis.keys.gateway.publicKey,
  );
  assert.equal(answer?.verdict, 'sealed');
  const receipt = await (await fetch(`${served.url}api/receipts/${answer?.index}`, { headers })).text();
  assert.match(receipt, /^c2sp\.org\/tlog-proof@v1\n/);
});

test('without the token, or under another host name, the API answers nobody', async () => {
  for (const path of ['api/overview', 'api/devices', 'api/events', 'metrics', 'api/evidence/00'])
    assert.equal((await fetch(served.url + path)).status, 401, path);
  assert.equal((await fetch(`${served.url}api/overview`, { headers: { authorization: 'Bearer wrong' } })).status, 401);
  for (const path of ['healthz', 'network.json', 'log/checkpoint', 'log/vkey'])
    assert.equal((await fetch(served.url + path)).status, 200, path);
  const { request } = await import('node:http');
  const rebound = request(`${served.url}healthz`, { headers: { host: 'evil.example' } });
  rebound.end();
  const [response] = (await once(rebound, 'response')) as [{ statusCode: number; resume(): void }];
  response.resume();
  assert.equal(response.statusCode, 403);
});

test('junk at the HTTP port and at the MQTT port harms nobody: a good request is answered after each', async () => {
  const { mqtt: broker } = platform.node;
  const healthy = async (what: string) => assert.equal((await fetch(`${served.url}healthz`)).status, 200, what);
  for (const request of nastyRequests) {
    await throwAt(served.port, request);
    await healthy(request.slice(0, 80));
  }
  for (const packet of nastyPackets) {
    await throwAt(broker.port as number, Buffer.concat([mqttConnect, packet]));
    await throwAt(broker.port as number, packet);
  }
  const requests = nastyRequests.map((text) => Buffer.from(text));
  const packets = nastyPackets.map((packet) => Buffer.concat([mqttConnect, packet]));
  for (let seed = 0; seed < 200; seed += 10) {
    const seeds = Array.from({ length: 10 }, (_, i) => seed + i);
    await Promise.all(
      seeds.flatMap((one) => [
        throwAt(served.port, randomJunk(one, requests)),
        throwAt(broker.port as number, randomJunk(one, packets)),
      ]),
    );
    await healthy(`seeds ${seed} to ${seed + 9}`);
  }
  const client = await mqtt.connectAsync(broker.address);
  await client.publishAsync('home/attic/temp', '21.5', { qos: 1 });
  await client.endAsync();
  await lastSealed('home/attic');
  const overview = (await (await fetch(`${served.url}api/overview`, { headers })).json()) as Record<string, unknown>;
  assert.equal(overview.faults, 0, 'nothing of it was unforeseen');
  assert.deepEqual(
    (overview.transports as { name: string; connected: boolean }[]).map(({ name, connected }) => [name, connected]),
    [
      ['mqtt', true],
      ['http', true],
      ['websocket', true],
    ],
  );
  assert.match(await (await fetch(`${served.url}metrics`, { headers })).text(), /reason="not-mqtt"} \d+/);
});

test('a page under a name that was made point here gets no WebSocket and no answer', async () => {
  const name = `evil.com:${served.port}`;
  const upgrade = (host: string, origin: string) =>
    new Promise<string>((resolve) => {
      const socket = connect(served.port, '127.0.0.1');
      const key =
        'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: mqtt';
      socket.write(
        `GET /mqtt HTTP/1.1\r\nHost: ${host}\r\nOrigin: ${origin}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n${key}\r\n\r\n`,
      );
      socket.once('data', (text) => {
        socket.destroy();
        resolve(text.toString().slice(9, 12));
      });
    });
  assert.equal(await upgrade(name, `http://${name}`), '403');
  assert.equal(await upgrade(`localhost:${served.port}`, `http://localhost:${served.port}`), '101');
  const foreign = await fetch(`${served.url}api/overview`, { headers: { origin: 'http://evil.example' } });
  assert.equal(foreign.status, 403);
});

test('a request of which the head does not come ends its connection', async () => {
  const server = await takePort('127.0.0.1', 0, { headersMsMax: 200, requestMsMax: 400, checkEveryMs: 50 });
  const { port } = server.address() as { port: number };
  const slow = connect(port, '127.0.0.1');
  slow.write('GET / HTTP/1.1\r\nHost: localhost\r\n');
  slow.resume();
  await once(slow, 'close');
  const limited = await takePort('127.0.0.1', 0, { connectionsMax: 2 });
  const port2 = (limited.address() as { port: number }).port;
  const three = [1, 2, 3].map(() =>
    connect(port2, '127.0.0.1')
      .on('error', () => undefined)
      .resume(),
  );
  await Promise.race(three.map((socket) => once(socket, 'close')));
  for (const socket of three) socket.destroy();
  server.close();
  limited.close();
});

test('nobody listens in on other senders, nobody publishes acknowledgements', async () => {
  const client = await mqtt.connectAsync(platform.node.mqtt.address);
  const heard: string[] = [];
  client.on('message', (topic) => heard.push(topic));
  await client.subscribeAsync(['#', '+/v1/statements/#', 'trine/v1/statements/#']).catch(() => undefined);
  const before = platform.node.ingest.sealed;
  await until('the own device spoke', async () => (platform.node.ingest.sealed > before + 2 ? true : undefined));
  assert.deepEqual(
    heard.filter((topic) => topic.startsWith('trine/v1/statements/')),
    [],
  );
  client.on('error', () => undefined);
  const closed = new Promise((resolve) => client.once('close', () => resolve(undefined)));
  client.publish('trine/v1/acks/x', 'forged', { qos: 1 });
  await closed;
  await client.endAsync(true);
});

test('a taken HTTP port is named', async (t) => {
  const blocker = createServer().listen(0, '127.0.0.1');
  await once(blocker, 'listening');
  t.after(() => blocker.close());
  const { port } = blocker.address() as { port: number };
  await assert.rejects(
    takePort('127.0.0.1', port),
    (error: Error) => error instanceof PortTakenError && error.message.includes(String(port)),
  );
});

test('a taken MQTT port says whether a broker is there to attach to', async () => {
  const home = mkdtempSync(join(tmpdir(), 'trine-sim-'));
  const { port } = platform.node.mqtt;
  const settings = readSettings({ home, port: 0, mqttPort: port as number, device: { enabled: false } }, {});
  await assert.rejects(startNode(settings, { domains: new Domains([]) }), (error: Error) =>
    error.message.includes(`--mqtt-attach mqtt://127.0.0.1:${port}`),
  );
  rmSync(home, { recursive: true, force: true });
});
