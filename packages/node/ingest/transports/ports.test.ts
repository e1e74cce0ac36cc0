// Ports that are taken, by whom, and what to do; and the ways in where no broker is embedded.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type Server } from 'node:net';
import { PassThrough } from 'node:stream';
import { test } from 'node:test';
import type { Ingest } from '../ingest.ts';
import { Sources } from '../source.ts';
import { brokerParts } from '../testing/broker.ts';
import { checkMqttPort, embedBroker } from './mqtt.ts';
import { openWebSocketTransport } from './websocket.ts';

const sources = new Sources(1_000, 'node', () => 0);
const ingest = { source: sources.open.bind(sources), hasRoom: true } as unknown as Ingest;
const embed = (port: number) =>
  embedBroker({ host: '127.0.0.1', port, ingest, onPlain: () => Promise.resolve(), ...brokerParts() });

async function listening(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as { port: number }).port;
}

test('a port taken by a broker is said to be one, with how to use it', async () => {
  const broker = await embed(0);
  try {
    for (const open of [() => checkMqttPort('127.0.0.1', broker.port), () => embed(broker.port)])
      await assert.rejects(open, (error: Error & { code: string; answers: boolean; port: number }) => {
        assert.deepEqual([error.name, error.code, error.answers], ['MqttPortTakenError', 'in-use', true]);
        assert.ok(error.message.includes(`--mqtt-attach mqtt://127.0.0.1:${broker.port}`), error.message);
        return true;
      });
  } finally {
    await broker.close();
  }
  await checkMqttPort('127.0.0.1', broker.port);
  assert.deepEqual([broker.health.connected, broker.health.reason], [false, 'The broker was closed.']);
});

test('a port taken by something else is not taken for a broker', async () => {
  const server = createServer((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'));
  const port = await listening(server);
  await assert.rejects(checkMqttPort('127.0.0.1', port), {
    answers: false,
    message: /Choose another with --mqtt-port/,
  });
  server.close();
});

test('port 0 is any, and never taken', async () => {
  await checkMqttPort('127.0.0.1', 0);
  const [one, two] = [await embed(0), await embed(0)];
  assert.notEqual(one.port, two.port);
  assert.equal(one.address, `mqtt://127.0.0.1:${one.port}`);
  await Promise.all([one.close(), two.close()]);
});

test('without a broker of its own the node says so to browsers, and takes no upgrade', async () => {
  const transport = openWebSocketTransport({
    ...{ boundHost: '127.0.0.1', address: 'ws://127.0.0.1:1/mqtt', accept: undefined, now: () => 5 },
  });
  assert.equal(transport.health.connected, false);
  assert.match(transport.health.reason ?? '', /No broker is embedded/);
  const socket = new PassThrough();
  let written = '';
  const ended = once(socket, 'close');
  socket.on('data', (chunk) => {
    written += chunk;
  });
  const request = { url: '/mqtt', headers: { host: '127.0.0.1' }, socket: { remoteAddress: '127.0.0.1' } };
  transport.upgrade(request as never, socket, Buffer.alloc(0));
  await ended;
  assert.match(written, /^HTTP\/1\.1 404 Not Found\r\nConnection: close\r\n/);
  assert.equal(transport.counters.get('no-such-path'), 1);
  await transport.close();
  assert.equal(transport.health.reason, 'The port was closed.');
});
