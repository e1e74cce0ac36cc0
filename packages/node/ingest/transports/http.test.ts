import assert from 'node:assert/strict';
import { once } from 'node:events';
import { Agent, createServer, request } from 'node:http';
import type { Socket } from 'node:net';
import { test } from 'node:test';
import { getRequestListener, type HttpBindings } from '@hono/node-server';
import { encodeDeliveries } from '@trine/protocol';
import { temporarySigner } from '@trine/protocol/testing/signer.ts';
import { JUNK_MAX } from '../source.ts';
import { openIngestHarness } from '../testing/harness.ts';
import { checkTransport, type Line } from '../transport.checks.ts';
import { type HttpTransport, openHttpTransport } from './http.ts';

async function serve(
  open: (address: string) => HttpTransport,
): Promise<{ transport: HttpTransport; port: number; close(): void }> {
  const server = createServer(
    getRequestListener((asked, env) => transport.receive(asked, (env as HttpBindings).incoming.socket)),
  ).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  const transport = open(`http://127.0.0.1:${port}/`);
  return {
    transport,
    port,
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}

interface Answered {
  readonly status: number;
  readonly headers: Record<string, unknown>;
  readonly body: Uint8Array;
}

function post(port: number, agent: Agent, message: Uint8Array): Promise<Answered | undefined> {
  return new Promise((resolve) => {
    const asked = request({ port, host: '127.0.0.1', method: 'POST', agent }, async (response) => {
      const parts: Buffer[] = [];
      for await (const part of response) parts.push(part as Buffer);
      resolve({ status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(parts) });
    });
    asked.on('error', () => resolve(undefined));
    asked.end(message);
  });
}

function httpLine(port: number): Line {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  let socket: Socket | undefined;
  return {
    async send(message) {
      const answer = await post(port, agent, message);
      return answer?.headers['content-type'] === 'application/cbor' ? answer.body : undefined;
    },
    garbage: (bytes) => {
      socket = new (agent.constructor as typeof Agent)({}).createConnection({ port, host: '127.0.0.1' }) as Socket;
      socket.on('error', () => undefined);
      socket.write(bytes);
    },
    abort: () => {
      socket?.destroy();
      agent.destroy();
    },
    close: async () => agent.destroy(),
  };
}

checkTransport('HTTP', async ({ harness: { ingest }, messageBytesMax }) => {
  const limits = { messageBytesMax };
  const { transport, port, close } = await serve((address) => openHttpTransport({ ingest, address, limits }));
  return { transport, connect: async () => httpLine(port), close: async () => close() };
});

test('limits are in bytes and by connection; a connection of only junk is told so and closed', async () => {
  const harness = await openIngestHarness();
  const { transport, port, close } = await serve((address) => openHttpTransport({ ingest: harness.ingest, address }));
  const [loud, quiet] = [new Agent({ keepAlive: true, maxSockets: 1 }), new Agent({ keepAlive: true, maxSockets: 1 })];
  try {
    const { statement } = await harness.pack(temporarySigner(), { open: true });
    const junk = encodeDeliveries(Array.from({ length: JUNK_MAX + 100 }, () => ({ statement: statement.bytes })));
    assert.equal((await post(port, loud, junk))?.headers.connection, 'close');
    assert.equal(transport.counters.get('cut-off'), 1);
    assert.equal((await post(port, quiet, encodeDeliveries([{ statement: statement.bytes }])))?.status, 200);
    assert.equal((await post(port, quiet, new Uint8Array(2_000_000)))?.status, 413);
    assert.equal(transport.counters.get('too-large'), 1);
  } finally {
    close();
    loud.destroy();
    quiet.destroy();
    await harness.close();
  }
});
