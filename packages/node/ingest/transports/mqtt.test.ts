import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { ACKNOWLEDGEMENTS, type Answer, encodeDelivery, STATEMENTS, verifyAcknowledgement } from '@trine/protocol';
import { temporarySigner } from '@trine/protocol/testing/signer.ts';
import mqtt, { type MqttClient } from 'mqtt';
import { brokerParts } from '../testing/broker.ts';
import { type IngestHarness, openIngestHarness } from '../testing/harness.ts';
import { mqttLine } from '../testing/mqtt-line.ts';
import { checkTransport } from '../transport.checks.ts';
import { type EmbeddedMqtt, embedBroker } from './mqtt.ts';

checkTransport('embedded MQTT', async ({ harness: { ingest }, messageBytesMax }) => {
  const limits = { publishBytesMax: messageBytesMax };
  const transport = await embedBroker({
    host: '127.0.0.1',
    port: 0,
    ingest,
    onPlain: async () => undefined,
    limits,
    ...brokerParts(),
  });
  return { transport, connect: () => mqttLine(transport.address), close: () => transport.close() };
});

const device = temporarySigner();
let harness: IngestHarness;
let door: EmbeddedMqtt;
const plain: string[] = [];
before(async () => {
  harness = await openIngestHarness();
  await harness.enrol(device, 'thing/1');
  const onPlain = async ({ topic }: { topic: string }) => void plain.push(topic);
  door = await embedBroker({ host: '127.0.0.1', port: 0, ingest: harness.ingest, onPlain, ...brokerParts() });
});
after(async () => {
  await door.close();
  await harness.close();
});

interface Connection {
  readonly client: MqttClient;
  readonly heard: { topic: string; payload: Uint8Array }[];
  /** Resolves when so many messages were heard in all. */
  count(n: number): Promise<void>;
  end(): Promise<void>;
}

async function connect(filter?: string, options: { clientId?: string; clean?: boolean } = {}): Promise<Connection> {
  const client = await mqtt.connectAsync(door.address, { reconnectPeriod: 0, ...options });
  const heard: Connection['heard'] = [];
  client.on('message', (topic, payload) => heard.push({ topic, payload }));
  if (filter) await client.subscribeAsync(filter, { qos: 1 });
  return {
    client,
    heard,
    count: async (n) => {
      while (heard.length < n) await nextTopic(client);
    },
    end: () => client.endAsync(),
  };
}

const nextTopic = (client: MqttClient): Promise<string> =>
  new Promise((resolve) => {
    client.once('message', resolve);
  });

async function message(): Promise<Buffer> {
  const { statement, disclosure } = await harness.pack(device);
  return Buffer.from(encodeDelivery({ statement: statement.bytes, ...(disclosure && { disclosure }) }));
}

const answersIn = ({ payload }: { payload: Uint8Array }): Answer[] =>
  verifyAcknowledgement(payload, harness.gateway.publicKey);

for (const qos of [0, 1, 2] as const)
  test(`many messages on one connection at QoS ${qos}: each acknowledged once, in order, to its sender alone`, async () => {
    const [sender, other] = [await connect(`${ACKNOWLEDGEMENTS}thing/1`), await connect(`${ACKNOWLEDGEMENTS}thing/1`)];
    const messages: Buffer[] = [];
    for (let i = 0; i < 40; i++) messages.push(await message());
    await Promise.all(messages.map((payload) => sender.client.publishAsync(`${STATEMENTS}thing/1`, payload, { qos })));
    await sender.count(40);
    const answers = sender.heard.flatMap(answersIn);
    assert.ok(answers.every(({ verdict, flag }) => verdict === 'sealed' && flag === undefined));
    const leaves = answers.map(({ index }) => index as number);
    assert.deepEqual(
      leaves,
      [...leaves].sort((a, b) => a - b),
    );
    assert.equal(other.heard.length, 0);
    await Promise.all([sender.end(), other.end()]);
  });

for (const filter of [`${ACKNOWLEDGEMENTS}thing/1`, `${ACKNOWLEDGEMENTS}+/1`, `${ACKNOWLEDGEMENTS}#`, '#'])
  test(`acknowledgements come to the sender that listens to ${filter}, and to nobody else`, async () => {
    const listener = await connect(`${ACKNOWLEDGEMENTS}#`);
    const sender = await connect(filter);
    await sender.client.publishAsync(`${STATEMENTS}thing/1`, await message(), { qos: 1 });
    await sender.count(1);
    assert.equal(sender.heard.flatMap(answersIn)[0]?.verdict, 'sealed');
    const silent = await connect();
    await silent.client.publishAsync(`${STATEMENTS}thing/1`, await message(), { qos: 1 });
    await sender.client.publishAsync(`${STATEMENTS}thing/1`, await message(), { qos: 1 });
    await sender.count(2);
    assert.equal(listener.heard.length, 0, 'not even where the sender does not listen');
    await Promise.all([listener.end(), sender.end(), silent.end()]);
  });

test('a sender that is gone gets no acknowledgement, and nobody in its place; asking again is answered', async () => {
  const listener = await connect(`${ACKNOWLEDGEMENTS}#`);
  const payload = await message();
  const gone = await connect(`${ACKNOWLEDGEMENTS}thing/1`);
  const before = harness.ingest.sealed;
  gone.client.publish(`${STATEMENTS}thing/1`, payload, { qos: 0 });
  await gone.end();
  const again = await connect(`${ACKNOWLEDGEMENTS}thing/1`);
  await again.client.publishAsync(`${STATEMENTS}thing/1`, payload, { qos: 1 });
  await again.count(1);
  assert.equal(harness.ingest.sealed, before + 1);
  assert.equal(listener.heard.length, 0);
  await Promise.all([listener.end(), again.end()]);
});

test('the client id of a connected device takes nothing from it', async () => {
  const victim = await connect(`${ACKNOWLEDGEMENTS}thing/1`, { clientId: 'pump' });
  const attacker = await connect(`${ACKNOWLEDGEMENTS}thing/1`, { clientId: 'pump' });
  assert.equal(attacker.client.connected, true);
  await victim.client.publishAsync(`${STATEMENTS}thing/1`, await message(), { qos: 1 });
  await victim.count(1);
  assert.equal(victim.client.connected, true);
  assert.equal(attacker.heard.length, 0);
  await Promise.all([victim.end(), attacker.end()]);
});

test('statements and what the broker says of itself cannot be subscribed to', async () => {
  const client = await mqtt.connectAsync(door.address, { reconnectPeriod: 0 });
  const heard: string[] = [];
  client.on('message', (topic) => heard.push(topic));
  const granted = async (topic: string) => {
    const [only] = await client.subscribeAsync(topic, { qos: 1 }).catch(() => [{ qos: 128 }]);
    return only?.qos;
  };
  for (const topic of [`${STATEMENTS}#`, `${STATEMENTS}thing/1`, `${STATEMENTS}+`, '$SYS/#', '$SYS/+/new/clients'])
    assert.equal(await granted(topic), 128, topic);
  assert.equal(await granted('#'), 1);
  const other = await connect(`${ACKNOWLEDGEMENTS}thing/1`, { clientId: 'somebody' });
  await other.client.publishAsync(`${STATEMENTS}thing/1`, await message(), { qos: 1 });
  await other.count(1);
  await other.end();
  assert.deepEqual(heard, []);
  assert.equal(door.counters.get('subscription-not-permitted'), 5);
  await client.endAsync();
});

test('statements are forwarded to nobody and kept for nobody; other messages are', async () => {
  const session = { clientId: 'away', clean: false };
  await (await connect('#', session)).end();
  const listener = await connect('#');
  const sender = await connect(`${ACKNOWLEDGEMENTS}thing/1`);
  await sender.client.publishAsync(`${STATEMENTS}thing/1`, await message(), { qos: 1, retain: true });
  await sender.count(1);
  await sender.client.publishAsync('hall/temperature', '21', { qos: 1 });
  await listener.count(1);
  // A session ends with its connection: nothing waits for who comes back. What is retained comes to whoever does.
  const back = await connect('#', session);
  await sender.client.publishAsync('hall/humidity', '40', { qos: 1, retain: true });
  await back.count(1);
  await listener.count(2);
  const late = await connect('#');
  await sender.client.publishAsync('hall/end', '', { qos: 1 });
  await late.count(2);
  assert.deepEqual(
    listener.heard.map((one) => one.topic),
    ['hall/temperature', 'hall/humidity', 'hall/end'],
  );
  assert.deepEqual(
    [back, late].map(({ heard }) => heard.map(({ topic }) => topic)),
    [
      ['hall/humidity', 'hall/end'],
      ['hall/humidity', 'hall/end'],
    ],
  );
  assert.deepEqual(plain, ['hall/temperature', 'hall/humidity', 'hall/end']);
  await Promise.all([back.end(), late.end(), listener.end(), sender.end()]);
});
