import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { ACKNOWLEDGEMENTS, encodeDelivery, STATEMENTS, verifyAcknowledgement } from '@trine/protocol';
import { temporarySigner } from '@trine/protocol/testing/signer.ts';
import { Aedes, type AedesOptions } from 'aedes';
import mqtt from 'mqtt';
import { openIngestHarness } from '../testing/harness.ts';
import { mqttLine } from '../testing/mqtt-line.ts';
import { checkTransport } from '../transport.checks.ts';
import { AttachedSession } from './attached-session.ts';
import { attachToBroker } from './mqtt-attached.ts';

const session = (db = new DatabaseSync(':memory:')) => new AttachedSession(db, randomBytes);

interface UsersBroker {
  readonly port: number;
  readonly url: string;
  close(): Promise<void>;
}

/** A broker of the user's own, which knows nothing of statements. */
async function usersBroker(port = 0, options: AedesOptions = {}): Promise<UsersBroker> {
  const broker = await Aedes.createBroker(options);
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    broker.handle(socket);
  }).listen(port, '127.0.0.1');
  await once(server, 'listening');
  const taken = (server.address() as { port: number }).port;
  return {
    port: taken,
    url: `mqtt://127.0.0.1:${taken}`,
    close: async () => {
      const closed = once(server, 'close');
      server.close();
      await new Promise<void>((resolve) => broker.close(resolve));
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

checkTransport('attached MQTT', async ({ harness: { ingest } }) => {
  const broker = await usersBroker();
  const given = { url: broker.url, ingest, session: session(), onPlain: async () => undefined, plainFilters: [] };
  const transport = await attachToBroker(given);
  return {
    transport,
    connect: () => mqttLine(broker.url),
    close: async () => {
      await transport.close();
      await broker.close();
    },
  };
});

async function until(what: string, holds: () => boolean): Promise<void> {
  for (let tries = 0; !holds(); tries++) {
    if (tries > 500) throw new Error(`Not in five seconds: ${what}.`);
    await sleep(10);
  }
}

test('a broker that is down at the start, and later, is waited for; statements and plain messages go on after', async () => {
  const harness = await openIngestHarness();
  const device = temporarySigner();
  await harness.enrol(device, 'thing/1');
  const first = await usersBroker();
  const { port, url } = first;
  await first.close();
  const heard: string[] = [];
  const plain: string[] = [];
  const transport = await attachToBroker({
    url,
    ingest: harness.ingest,
    session: session(),
    onPlain: async ({ topic }) => void plain.push(topic),
    plainFilters: ['hall/+'],
    onHealth: ({ connected, reason }) => void heard.push(connected ? 'connected' : (reason ?? '')),
    reconnectMs: [10, 40],
  });
  const statement = async () => {
    const { statement: made, disclosure } = await harness.pack(device);
    const payload = encodeDelivery({ statement: made.bytes, ...(disclosure && { disclosure }) });
    const client = await mqtt.connectAsync(url, { reconnectPeriod: 0 });
    await client.subscribeAsync(`${ACKNOWLEDGEMENTS}thing/1`);
    const answer = new Promise<Buffer>((resolve) => client.once('message', (_topic, heardBack) => resolve(heardBack)));
    await client.publishAsync('hall/temperature', '21', { qos: 1 });
    await client.publishAsync(`${STATEMENTS}thing/1`, Buffer.from(payload), { qos: 1 });
    const acknowledgement = await answer;
    await client.endAsync(true);
    return verifyAcknowledgement(acknowledgement, harness.gateway.publicKey)[0]?.verdict;
  };
  try {
    assert.equal(transport.health.connected, false);
    assert.match(transport.health.reason ?? '', new RegExp(`127.0.0.1:${port} does not answer`));
    for (let round = 1; round <= 2; round++) {
      const broker = await usersBroker(port);
      await until('connected', () => transport.health.connected);
      assert.equal(await statement(), 'sealed');
      assert.deepEqual(plain, Array(round).fill('hall/temperature'));
      await broker.close();
      await until('noticed', () => !transport.health.connected);
    }
    assert.equal(transport.counters.get('connection-lost'), 2);
    assert.deepEqual(
      heard.map((one) => one === 'connected'),
      [false, true, false, true, false],
    );
  } finally {
    await transport.close();
    await harness.close();
  }
});

test('a broker that forbids the subscription is named as the reason, with what to do', async () => {
  const harness = await openIngestHarness();
  let isForbidden = true;
  const broker = await usersBroker(0, {
    authorizeSubscribe: (_client, subscription, done) => done(null, isForbidden ? null : subscription),
  });
  const transport = await attachToBroker({
    url: broker.url,
    ingest: harness.ingest,
    session: session(),
    onPlain: async () => undefined,
    plainFilters: [],
    reconnectMs: [10, 40],
  });
  try {
    assert.equal(transport.health.connected, false);
    assert.match(transport.health.reason ?? '', /does not let the node subscribe.*permit it there/);
    isForbidden = false;
    await until('connected', () => transport.health.connected);
  } finally {
    await transport.close();
    await broker.close();
    await harness.close();
  }
});

test('what is no URL is refused, without its password', async () => {
  const options = { url: 'not a url', onPlain: async () => undefined, plainFilters: [] };
  await assert.rejects(attachToBroker(options as never), RangeError);
});
