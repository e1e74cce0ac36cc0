// Users, rights, TLS and retained messages of the embedded broker.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { ACKNOWLEDGEMENTS, STATEMENTS } from '@trine/protocol';
import mqtt, { type IClientOptions, type MqttClient } from 'mqtt';
import { brokerParts } from '../testing/broker.ts';
import { type IngestHarness, openIngestHarness } from '../testing/harness.ts';
import { certificate, key } from '../testing/localhost.ts';
import type { PlainMessage } from '../transport.ts';
import { type EmbeddedMqtt, embedBroker } from './mqtt.ts';

let harness: IngestHarness;
let door: EmbeddedMqtt;
let password: string;
const { access, retained } = brokerParts();
const plain: PlainMessage[] = [];
const user = { name: 'meter', publish: ['home/meter/#'], subscribe: ['home/+/set'] };

before(async () => {
  harness = await openIngestHarness();
  password = await access.users.put(user);
  const tls = { port: 0, certificate: Buffer.from(certificate), key: Buffer.from(key) };
  const onPlain = async (message: PlainMessage) => void plain.push(message);
  door = await embedBroker({ host: '127.0.0.1', port: 0, ingest: harness.ingest, onPlain, access, retained, tls });
});
after(async () => {
  await door.close();
  await harness.close();
});

const connect = (options: IClientOptions = {}, url = `mqtt://127.0.0.1:${door.port}`): Promise<MqttClient> =>
  mqtt.connectAsync(url, { reconnectPeriod: 0, ...options }, false);
const asMeter = () => connect({ username: 'meter', password });
const counted = (reason: string) => door.counters.get(reason);

test('a wrong password is refused at the door, whoever gives it, and counted', async () => {
  for (const given of [
    { username: 'meter', password: 'wrong' },
    { username: 'nobody', password },
    { username: 'meter' },
  ])
    await assert.rejects(connect(given), /Bad username or password/i);
  assert.equal(counted('wrong-password'), 3);
});

test('a user says what it may, is named with it, and is cut off where it says more', async () => {
  const client = await asMeter();
  await client.publishAsync('home/meter/power', '21', { qos: 1 });
  assert.deepEqual(
    plain.map(({ topic, user }) => [topic, user]),
    [['home/meter/power', 'meter']],
  );
  client.on('error', () => undefined);
  const closed = new Promise<void>((resolve) => client.once('close', () => resolve()));
  client.publish('home/door/lock', 'open', { qos: 1 });
  await closed;
  assert.deepEqual([plain.length, counted('publishing-not-permitted')], [1, 1]);
  client.end(true);
});

test('a user hears what it may, and nothing wider', async () => {
  const client = await asMeter();
  const qosOf = async (topic: string) => {
    const granted = await client.subscribeAsync(topic).catch(() => [{ qos: 128 }]);
    return granted[0]?.qos;
  };
  assert.deepEqual(
    [await qosOf('home/lamp/set'), await qosOf('home/#'), await qosOf('#'), await qosOf(`${ACKNOWLEDGEMENTS}#`)],
    [0, 128, 128, 0],
  );
  await client.endAsync();
});

test('removed, it is let out', async () => {
  await access.users.put({ ...user, name: 'gone' });
  const now = await access.users.put({ ...user, name: 'gone' });
  const client = await connect({ username: 'gone', password: now });
  const closed = new Promise<void>((resolve) => client.once('close', () => resolve()));
  access.users.remove('gone');
  await closed;
  assert.equal(counted('user-removed'), 1);
  client.end(true);
});

test('over TLS it is the same broker; what is no TLS is counted and harms nobody', async () => {
  const url = `mqtts://127.0.0.1:${door.tlsPort}`;
  const ca = certificate;
  await assert.rejects(connect({}, url), /self.signed/i);
  const client = await connect({ ca, username: 'meter', password }, url);
  await client.publishAsync('home/meter/tls', '1', { qos: 1 });
  assert.equal(plain.at(-1)?.topic, 'home/meter/tls');
  await client.endAsync();
  await assert.rejects(connect({ connectTimeout: 1_000 }, `mqtt://127.0.0.1:${door.tlsPort}`));
  assert.ok(counted('tls-failed') > 0);
});

test('whoever subscribes late gets what is retained first, marked so', async () => {
  const sender = await connect();
  await sender.publishAsync('homeassistant/sensor/x/config', '{"name":"x"}', { qos: 1, retain: true });
  const late = await connect();
  const heard = new Promise<[string, string, boolean]>((resolve) =>
    late.once('message', (topic, payload, { retain }) => resolve([topic, payload.toString(), retain])),
  );
  await late.subscribeAsync('homeassistant/#', { qos: 1 });
  assert.deepEqual(await heard, ['homeassistant/sensor/x/config', '{"name":"x"}', true]);
  await Promise.all([sender.endAsync(), late.endAsync()]);
});

test('from elsewhere nobody without a password says or hears anything plain; statements and their answers are everybody’s', () => {
  const stranger = { remoteAddress: '192.0.2.7', user: undefined };
  const own = { remoteAddress: '::ffff:127.0.0.1', user: undefined };
  const asked = (who: typeof stranger) => [
    access.mayPublish(who, 'home/door'),
    access.mayPublish(who, `${STATEMENTS}thing`),
    access.maySubscribe(who, 'home/#'),
    access.maySubscribe(who, '#'),
    access.maySubscribe(who, `${ACKNOWLEDGEMENTS}thing`),
  ];
  assert.deepEqual(asked(stranger), [false, true, false, false, true]);
  assert.deepEqual(asked(own), [true, true, true, true, true]);
  const open = brokerParts(true).access;
  assert.deepEqual([open.mayPublish(stranger, 'home/door'), open.maySubscribe(stranger, '#')], [true, true]);
});

test('whoever tries passwords from elsewhere soon has to wait', async () => {
  let now = 0;
  const { access } = brokerParts(false, () => now);
  const given = await access.users.put(user);
  const tried = (address: string, secret = 'wrong') =>
    access.enter('meter', secret, address).catch(({ code }: { code: string }) => code);
  for (let i = 0; i < 30; i++) assert.equal(await tried('192.0.2.8'), 'forbidden');
  assert.deepEqual(
    [await tried('192.0.2.8'), await tried('192.0.2.8', given), await tried('192.0.2.9', given)],
    ['rate-limited', 'rate-limited', 'meter'],
  );
  now += 5_000;
  assert.equal(await tried('192.0.2.8', given), 'meter');
});
