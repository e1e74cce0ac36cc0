import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { ACKNOWLEDGEMENTS, type Answer, encodeDelivery, STATEMENTS, verifyAcknowledgement } from '@trine/protocol';
import { temporarySigner } from '@trine/protocol/testing/signer.ts';
import mqtt, { type MqttClient } from 'mqtt';
import { type IngestHarness, openIngestHarness } from '../testing/harness.ts';
import { embedBroker, type MqttTransport } from './mqtt.ts';

const device = temporarySigner();
let harness: IngestHarness;
let door: MqttTransport;
const plain: string[] = [];
before(async () => {
  harness = await openIngestHarness();
  await harness.enrol(device, 'thing/1');
  const onPlain = (topic: string) => void plain.push(topic);
  door = await embedBroker({ host: '127.0.0.1', port: 0, ingest: harness.ingest, onPlain });
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

test('acknowledgements reach whoever listens where the sending connection does not', async () => {
  const listener = await connect(`${ACKNOWLEDGEMENTS}#`);
  const sender = await connect();
  await sender.client.publishAsync(`${STATEMENTS}thing/1`, await message(), { qos: 1 });
  await listener.count(1);
  await sender.client.subscribeAsync(`${ACKNOWLEDGEMENTS}thing/1`);
  await sender.client.unsubscribeAsync(`${ACKNOWLEDGEMENTS}thing/1`);
  await sender.client.publishAsync(`${STATEMENTS}thing/1`, await message(), { qos: 1 });
  await listener.count(2);
  assert.deepEqual(
    listener.heard.flatMap(answersIn).map(({ verdict }) => verdict),
    ['sealed', 'sealed'],
  );
  await Promise.all([listener.end(), sender.end()]);
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
  const back = mqtt.connect(door.address, { reconnectPeriod: 0, ...session });
  assert.equal(await nextTopic(back), 'hall/temperature');
  assert.deepEqual(
    listener.heard.map((one) => one.topic),
    ['hall/temperature'],
  );
  assert.deepEqual(plain, ['hall/temperature']);
  await Promise.all([back.endAsync(), listener.end(), sender.end()]);
});
