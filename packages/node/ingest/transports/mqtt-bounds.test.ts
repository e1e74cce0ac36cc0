// What a hostile client can make the broker keep. Each test takes the steps of an attack and looks at the memory and
// at what was counted; limits are small where the attack would take long.
import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { ACKNOWLEDGEMENTS, encodeDeliveries, encodeDelivery, STATEMENTS, verifyAcknowledgement } from '@trine/protocol';
import { temporarySigner } from '@trine/protocol/testing/signer.ts';
import { generate, type Packet } from 'mqtt-packet';
import { JUNK_MAX } from '../source.ts';
import { brokerParts } from '../testing/broker.ts';
import { type IngestHarness, openIngestHarness } from '../testing/harness.ts';
import { RawMqtt } from '../testing/raw-mqtt.ts';
import { type EmbeddedMqtt, embedBroker } from './mqtt.ts';
import type { MqttLimits } from './mqtt-limits.ts';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;
const MEBIBYTE = 1_048_576;

/** Memory held, in mebibytes: heap and buffers, after collections (buffers are given back a turn later). */
async function held(): Promise<number> {
  for (let round = 0; round < 3; round++) {
    collect();
    await sleep(10);
  }
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return (heapUsed + arrayBuffers) / MEBIBYTE;
}

const device = temporarySigner();
let harness: IngestHarness;
let broker: EmbeddedMqtt | undefined;
let isBehind = false;
before(async () => {
  harness = await openIngestHarness(1_000_000, { isBehind: () => isBehind });
  await harness.enrol(device, 'thing/1');
});
afterEach(async () => {
  await broker?.close();
  broker = undefined;
});
after(() => harness.close());

async function embed(limits: Partial<MqttLimits> = {}, elapsed?: () => number): Promise<EmbeddedMqtt> {
  broker = await embedBroker({
    host: '127.0.0.1',
    port: 0,
    ingest: harness.ingest,
    onPlain: async () => undefined,
    ...brokerParts(),
    limits,
    ...(elapsed && { elapsed }),
  });
  return broker;
}

/** A good statement of another connection is sealed, whatever the others do. */
async function goesOn(port: number): Promise<void> {
  const good = await RawMqtt.connected(port, 'good', true);
  good.send({ cmd: 'subscribe', messageId: 1, subscriptions: [{ topic: `${ACKNOWLEDGEMENTS}good`, qos: 0 }] });
  const { statement, disclosure } = await harness.pack(device);
  const payload = Buffer.from(encodeDelivery({ statement: statement.bytes, ...(disclosure && { disclosure }) }));
  good.send({ cmd: 'publish', topic: `${STATEMENTS}good`, payload, qos: 1, messageId: 2, retain: false, dup: false });
  await good.until(() => good.heard.some(({ cmd }) => cmd === 'publish'));
  const heard = good.heard.find(({ cmd }) => cmd === 'publish') as Extract<Packet, { cmd: 'publish' }> | undefined;
  assert.ok(heard, 'the good connection was closed');
  const [answer] = verifyAcknowledgement(heard.payload as Buffer, harness.gateway.publicKey);
  assert.equal(answer?.verdict, 'sealed');
  good.close();
}

test('QoS 2 that is never released, by several client ids one after the other: no payload is kept', async () => {
  const { port, counters } = await embed();
  const payload = Buffer.alloc(MEBIBYTE - 100);
  const before = await held();
  for (const clientId of ['one', 'two', 'three']) {
    const client = await RawMqtt.connected(port, clientId);
    for (let messageId = 1; messageId <= 120 && !client.isClosed; messageId++) {
      client.send({ cmd: 'publish', topic: 'plain', payload, qos: 2, messageId, retain: false, dup: false });
      await client.until(() => client.heard.length > messageId);
    }
    await client.until(() => client.isClosed);
  }
  assert.equal(counters.get('too-many-qos2-in-flight'), 3);
  assert.ok((await held()) - before < 30, 'more is held');
  await goesOn(port);
});

test('200,000 subscriptions of one client: the first hundred are granted, the others refused', async () => {
  const { port, counters } = await embed();
  const client = await RawMqtt.connected(port, 'greedy');
  const before = await held();
  const granted: number[] = [];
  for (let from = 0; from < 200_000; from += 4_000) {
    const subscriptions = Array.from({ length: 4_000 }, (_, i) => ({ topic: `a/${from + i}/#`, qos: 1 as const }));
    client.send({ cmd: 'subscribe', messageId: 1 + from / 4_000, subscriptions });
  }
  await client.until(() => client.heard.filter(({ cmd }) => cmd === 'suback').length === 50);
  for (const packet of client.heard) if (packet.cmd === 'suback') granted.push(...(packet.granted as number[]));
  assert.equal(granted.filter((qos) => qos === 1).length, 100);
  assert.equal(granted.filter((qos) => qos === 128).length, 199_900);
  assert.equal(counters.get('too-many-subscriptions'), 199_900);
  client.heard.length = 0;
  granted.length = 0;
  assert.ok((await held()) - before < 20, 'more is held');
  // What is given back can be used again.
  client.send({ cmd: 'unsubscribe', messageId: 99, unsubscriptions: ['a/0/#'] });
  await client.until(() => client.heard.some(({ cmd }) => cmd === 'unsuback'));
  client.send({ cmd: 'subscribe', messageId: 100, subscriptions: [{ topic: 'b', qos: 0 }] });
  await client.until(() => client.heard.some(({ cmd }) => cmd === 'suback'));
  assert.deepEqual((client.heard.find(({ cmd }) => cmd === 'suback') as { granted?: number[] }).granted, [0]);
  client.close();
  await goesOn(port);
});

test('connections are limited; who leaves makes room', async () => {
  const opened = await embed({ connectionsMax: 50 });
  const { port, counters } = opened;
  const clients = await Promise.all(Array.from({ length: 80 }, () => RawMqtt.open(port)));
  for (let tries = 0; counters.get('too-many-connections') < 30 && tries < 200; tries++) await sleep(10);
  assert.equal(counters.get('too-many-connections'), 30);
  assert.equal(opened.connections, 50);
  for (const client of clients) client.close();
  for (let tries = 0; opened.connections > 0 && tries < 200; tries++) await sleep(10);
  await goesOn(port);
});

test('a half-sent packet of 256 MB is refused by its head; half-sent small ones are bounded in all', async () => {
  const { port, counters } = await embed({ unfinishedBytesMax: 4 * MEBIBYTE });
  const before = await held();
  const large = await RawMqtt.connected(port, 'large');
  large.socket.write(Buffer.from([0x32, 0xff, 0xff, 0xff, 0x7f]));
  for (let i = 0; i < 200 && !large.isClosed; i++) {
    large.socket.write(Buffer.alloc(MEBIBYTE));
    await sleep(0);
  }
  await large.until(() => large.isClosed);
  assert.equal(counters.get('packet-too-large'), 1);
  const publish = generate({
    cmd: 'publish',
    topic: 'plain',
    payload: Buffer.alloc(MEBIBYTE - 100),
    qos: 0,
    retain: false,
    dup: false,
  });
  const half: RawMqtt[] = [];
  for (let i = 0; i < 20; i++) {
    const client = await RawMqtt.connected(port, `half-${i}`);
    client.socket.write(publish.subarray(0, MEBIBYTE - 5_000));
    half.push(client);
    await sleep(5);
  }
  for (let tries = 0; counters.get('too-many-unfinished-bytes') < 15 && tries < 200; tries++) await sleep(10);
  assert.ok(counters.get('too-many-unfinished-bytes') >= 15, String(counters.get('too-many-unfinished-bytes')));
  assert.ok((await held()) - before < 30, 'more is held');
  assert.equal(half[0]?.isClosed, true, 'the one that was begun first goes first');
  assert.equal(half.at(-1)?.isClosed, false);
  for (const client of half) client.close();
  await goesOn(port);
});

test('a CONNECT that does not come, a packet that does not end, and silence at keep-alive 0 end the connection', async () => {
  let now = 0;
  const { port, counters } = await embed({ packetMsMax: 30_000, idleMsMax: 600_000, connectMsMax: 20_000 }, () => now);
  const silent = await RawMqtt.open(port);
  const slow = await RawMqtt.connected(port, 'slow');
  slow.socket.write(Buffer.from([0x30, 0x7f, 0x00]));
  const idle = await RawMqtt.connected(port, 'idle');
  await sleep(20);
  now = 25_000;
  await silent.until(() => silent.isClosed);
  assert.equal(counters.get('no-connect-in-time'), 1);
  slow.socket.write(Buffer.from([0x01]));
  await sleep(20);
  now = 31_000;
  await slow.until(() => slow.isClosed);
  assert.equal(counters.get('packet-too-slow'), 1);
  assert.equal(idle.isClosed, false);
  now = 700_000;
  await idle.until(() => idle.isClosed);
  assert.equal(counters.get('idle'), 1);
});

test('topics are limited in length and levels, and a will is no way around', async () => {
  const { port, counters } = await embed();
  for (const topic of ['a/'.repeat(40), 'a'.repeat(2_000)]) {
    const client = await RawMqtt.connected(port, 'deep');
    client.send({ cmd: 'publish', topic, payload: 'x', qos: 1, messageId: 1, retain: true, dup: false });
    await client.until(() => client.isClosed);
  }
  assert.equal(counters.get('topic-too-long'), 2);
  const will = await RawMqtt.open(port);
  const large = { topic: 'a', payload: Buffer.alloc(60_000), qos: 0 as const, retain: false };
  will.send({
    cmd: 'connect',
    protocolId: 'MQTT',
    protocolVersion: 4,
    clean: true,
    clientId: 'w',
    keepalive: 0,
    will: large,
  });
  await will.until(() => will.isClosed);
  assert.equal(counters.get('packet-too-large'), 1);
  await goesOn(port);
});

test('a subscriber that does not read loses messages; senders and other subscribers do not wait for it', async () => {
  const { port, counters } = await embed({ outgoingBytesMax: 2 * MEBIBYTE });
  const stuck = await RawMqtt.connected(port, 'stuck');
  stuck.send({ cmd: 'subscribe', messageId: 1, subscriptions: [{ topic: 'plain', qos: 1 }] });
  await stuck.until(() => stuck.heard.some(({ cmd }) => cmd === 'suback'));
  stuck.socket.pause();
  const well = await RawMqtt.connected(port, 'well');
  well.send({ cmd: 'subscribe', messageId: 1, subscriptions: [{ topic: 'plain', qos: 0 }] });
  await well.until(() => well.heard.some(({ cmd }) => cmd === 'suback'));
  const sender = await RawMqtt.connected(port, 'sender');
  const before = await held();
  const begun = performance.now();
  const payload = Buffer.alloc(100_000);
  for (let messageId = 1; messageId <= 200; messageId++) {
    sender.send({ cmd: 'publish', topic: 'plain', payload, qos: 1, messageId, retain: false, dup: false });
    await sender.until(() => sender.heard.length > messageId);
    await well.until(() => well.heard.length > messageId);
  }
  assert.ok(performance.now() - begun < 5_000, 'nobody waited');
  assert.equal(well.heard.length, 201);
  well.heard.length = 0;
  assert.ok(counters.get('subscriber-too-slow') > 50, String(counters.get('subscriber-too-slow')));
  assert.ok((await held()) - before < 20, 'more is held');
  for (const client of [stuck, well, sender]) client.close();
  await goesOn(port);
});

test('without room each connection waits for itself, within bounds, and what waits goes on in its order', async () => {
  const { port } = await embed({ waitingBytesMax: MEBIBYTE });
  isBehind = true;
  const clients = await Promise.all(Array.from({ length: 10 }, (_, i) => RawMqtt.connected(port, `w${i}`, true)));
  const { statement, disclosure } = await harness.pack(device);
  const payload = Buffer.from(encodeDelivery({ statement: statement.bytes, ...(disclosure && { disclosure }) }));
  for (const [i, client] of clients.entries()) {
    client.send({ cmd: 'subscribe', messageId: 1, subscriptions: [{ topic: `${ACKNOWLEDGEMENTS}${i}`, qos: 0 }] });
    client.send({
      cmd: 'publish',
      topic: `${STATEMENTS}${i}`,
      payload,
      qos: 1,
      messageId: 2,
      retain: false,
      dup: false,
    });
  }
  // One connection with many messages is no line for the others to stand behind.
  const many = await RawMqtt.connected(port, 'many', true);
  many.send({ cmd: 'subscribe', messageId: 1, subscriptions: [{ topic: `${ACKNOWLEDGEMENTS}many`, qos: 0 }] });
  for (let messageId = 2; messageId < 52; messageId++) {
    const { statement: one, disclosure: body } = await harness.pack(device);
    const payload = Buffer.from(encodeDelivery({ statement: one.bytes, ...(body && { disclosure: body }) }));
    many.send({ cmd: 'publish', topic: `${STATEMENTS}many`, payload, qos: 0, retain: false, dup: false });
  }
  await sleep(20);
  const late = await RawMqtt.connected(port, 'late', true);
  late.send({ cmd: 'subscribe', messageId: 1, subscriptions: [{ topic: `${ACKNOWLEDGEMENTS}late`, qos: 0 }] });
  const { statement: last, disclosure: itsBody } = await harness.pack(device);
  const latest = Buffer.from(encodeDelivery({ statement: last.bytes, ...(itsBody && { disclosure: itsBody }) }));
  late.send({ cmd: 'publish', topic: `${STATEMENTS}late`, payload: latest, qos: 0, retain: false, dup: false });
  await sleep(100);
  assert.ok(clients.every(({ heard }) => heard.every(({ cmd }) => cmd !== 'publish')));
  clients[0]?.close(); // One that waits leaves: the others do not stand behind it.
  isBehind = false;
  const leaves = async (client: RawMqtt, count: number) => {
    await client.until(() => client.heard.filter(({ cmd }) => cmd === 'publish').length === count);
    return client.heard.flatMap((packet) =>
      packet.cmd === 'publish'
        ? [verifyAcknowledgement(packet.payload as Buffer, harness.gateway.publicKey)[0]?.index as number]
        : [],
    );
  };
  const ofMany = await leaves(many, 50);
  assert.deepEqual(
    ofMany,
    [...ofMany].sort((a, b) => a - b),
  );
  assert.ok(((await leaves(late, 1))[0] as number) < (ofMany.at(-1) as number));
  many.close();
  late.close();
  for (const client of clients.slice(1)) {
    await client.until(() => client.heard.some(({ cmd }) => cmd === 'publish'));
    assert.equal(client.isClosed, false);
    client.close();
  }
  await goesOn(port);
});

test('a connection of only junk is told and closed; the next with its client id is not', async () => {
  const { port, counters } = await embed();
  const { statement } = await harness.pack(temporarySigner(), { open: true });
  const junk = Buffer.from(
    encodeDeliveries(Array.from({ length: JUNK_MAX + 100 }, () => ({ statement: statement.bytes }))),
  );
  const client = await RawMqtt.connected(port, 'pump');
  client.send({ cmd: 'subscribe', messageId: 1, subscriptions: [{ topic: `${ACKNOWLEDGEMENTS}#`, qos: 0 }] });
  client.send({
    cmd: 'publish',
    topic: `${STATEMENTS}x`,
    payload: junk,
    qos: 1,
    messageId: 2,
    retain: false,
    dup: false,
  });
  await client.until(() => client.isClosed);
  const told = client.heard.find(({ cmd }) => cmd === 'publish') as Extract<Packet, { cmd: 'publish' }>;
  const answers = verifyAcknowledgement(told.payload as Buffer, harness.gateway.publicKey);
  assert.equal(answers.length, JUNK_MAX + 100);
  assert.equal(counters.get('cut-off'), 1);
  const next = await RawMqtt.connected(port, 'pump');
  assert.equal(next.isClosed, false);
  next.close();
  await goesOn(port);
});
