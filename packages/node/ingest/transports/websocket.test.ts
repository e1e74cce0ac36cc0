import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { connect } from 'node:net';
import { test } from 'node:test';
import mqtt from 'mqtt';
import { WebSocket } from 'ws';
import { brokerParts } from '../testing/broker.ts';
import { openIngestHarness } from '../testing/harness.ts';
import { mqttLine } from '../testing/mqtt-line.ts';
import { checkTransport } from '../transport.checks.ts';
import { embedBroker } from './mqtt.ts';
import { openWebSocketTransport, type WebSocketTransport } from './websocket.ts';

interface Port {
  readonly transport: WebSocketTransport;
  readonly port: number;
  readonly server: Server;
  close(): Promise<void>;
}

async function openPort(ingest: Parameters<typeof embedBroker>[0]['ingest'], publishBytesMax?: number): Promise<Port> {
  const broker = await embedBroker({
    host: '127.0.0.1',
    port: 0,
    ingest,
    onPlain: async () => undefined,
    ...brokerParts(),
    limits: { ...(publishBytesMax && { publishBytesMax }) },
  });
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  const transport = openWebSocketTransport({
    boundHost: '127.0.0.1',
    address: `ws://127.0.0.1:${port}/mqtt`,
    accept: broker.accept,
  });
  server.on('upgrade', (request, socket, head) => transport.upgrade(request, socket, head));
  return {
    transport,
    port,
    server,
    close: async () => {
      await transport.close();
      await broker.close();
      server.close();
      server.closeAllConnections();
    },
  };
}

checkTransport('MQTT over WebSocket', async ({ harness, messageBytesMax }) => {
  const { transport, close } = await openPort(harness.ingest, messageBytesMax);
  return { transport, connect: () => mqttLine(transport.address), close };
});

/** The answer to an upgrade with these headers: its status line, or nothing where the connection just ended. */
async function upgrade(port: number, target: string, headers: Record<string, string>): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => undefined);
  const all = {
    Host: `127.0.0.1:${port}`,
    Connection: 'Upgrade',
    Upgrade: 'websocket',
    'Sec-WebSocket-Version': '13',
    'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25jZQ==',
    'Sec-WebSocket-Protocol': 'mqtt',
    ...headers,
  };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.write(`GET ${target} HTTP/1.1\r\n${lines.join('')}\r\n`);
  let answer = '';
  socket.setEncoding('utf8');
  socket.on('data', (text) => {
    answer += text;
    if (answer.includes('\r\n\r\n')) socket.destroy();
  });
  await once(socket, 'close');
  return answer.split('\r\n')[0] ?? '';
}

test('what a proxy hands on comes from elsewhere: nothing plain without a password', async () => {
  const harness = await openIngestHarness();
  const { transport, close } = await openPort(harness.ingest);
  const subscribed = async (headers: Record<string, string>) => {
    const options = { reconnectPeriod: 0, wsOptions: { headers } };
    const client = await mqtt.connectAsync(transport.address, options, false);
    const granted = await client.subscribeAsync('hall/#').then(
      ([one]) => one?.qos,
      () => 128,
    );
    await client.endAsync(true);
    return granted;
  };
  try {
    assert.deepEqual([await subscribed({}), await subscribed({ 'X-Forwarded-For': '192.0.2.1' })], [0, 128]);
  } finally {
    await close();
    await harness.close();
  }
});

test('an upgrade comes in under the names of this machine alone, from its own pages alone', async () => {
  const harness = await openIngestHarness();
  const { port, transport, close } = await openPort(harness.ingest);
  try {
    assert.match(await upgrade(port, '/mqtt', {}), / 101 /);
    assert.match(await upgrade(port, '/mqtt', { Origin: `http://127.0.0.1:${port}` }), / 101 /);
    // DNS rebinding: a name that was made point here, and a page of that very name.
    const evil = `evil.com:${port}`;
    assert.match(await upgrade(port, '/mqtt', { Host: evil, Origin: `http://${evil}` }), / 403 /);
    assert.match(await upgrade(port, '/mqtt', { Origin: 'http://evil.example' }), / 403 /);
    assert.match(await upgrade(port, '//', {}), / 404 /);
    assert.match(await upgrade(port, 'http://127.0.0.1/mqtt', {}), / 400 /);
    assert.match(await upgrade(port, '/mqtt', { 'Sec-WebSocket-Key': 'x' }), / 400 /);
    assert.deepEqual(
      ['foreign-host', 'foreign-origin', 'no-such-path', 'bad-target'].map((reason) => transport.counters.get(reason)),
      [1, 1, 1, 1],
    );
    const socket = new WebSocket(transport.address, 'mqtt');
    await once(socket, 'open');
    socket.terminate();
  } finally {
    await close();
    await harness.close();
  }
});
