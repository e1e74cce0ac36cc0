import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { test } from 'node:test';
import { getRequestListener } from '@hono/node-server';
import type { Chain } from '@trine/ledger/chain.ts';
import { systemClock } from '@trine/ledger/time.ts';
import { chainRoutes } from './chain.ts';

test('the chain over HTTP: types, sizes and a time to come again', async (t) => {
  let go: () => void = () => undefined;
  const held = new Promise<void>((resolve) => {
    go = resolve;
  });
  const request = async ({ method }: { method: string }) => {
    if (method === 'eth_call') await held;
    return '0x1';
  };
  const app = chainRoutes({ request, clock: systemClock } as unknown as Chain, {
    bodiesOfClientMax: { light: 1, heavy: 1 },
  });
  const server = createServer(getRequestListener(app.fetch)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    go();
    server.close();
  });
  const { port } = server.address() as { port: number };
  const post = (body: string, type = 'application/json') =>
    fetch(`http://127.0.0.1:${port}/`, { method: 'POST', headers: { 'content-type': type }, body });
  const call = (method: string) => JSON.stringify({ jsonrpc: '2.0', id: 1, method, params: [] });

  const answer = await post(call('eth_chainId'));
  assert.equal(answer.headers.get('content-type'), 'application/json');
  assert.deepEqual(await answer.json(), { jsonrpc: '2.0', id: 1, result: '0x1' });
  // What a page of another site can send unasked.
  assert.equal((await post(call('eth_chainId'), 'text/plain')).status, 415);
  const large = { method: 'POST', headers: { 'content-type': 'application/json' }, body: ' '.repeat(300_001) };
  assert.equal((await app.request('/', large)).status, 413);
  assert.equal((await post('{')).status, 400);

  const first = post(call('eth_call'));
  const second = await post(call('eth_call')).then(async (reply) => (reply.status === 503 ? reply : await first));
  assert.equal(second.status, 503);
  assert.equal(second.headers.get('retry-after'), '1');
  go();
  assert.equal((await first).status, 200);
});
