// The client against a server that misbehaves: typed errors whatever comes, and live events that go on where they were.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import { type TestContext, test } from 'node:test';
import { TrineError } from '@trine/protocol';
import { answer, connect, live, UnreachableError } from './index.ts';

async function serve(t: TestContext, listener: RequestListener): Promise<string> {
  const server = createServer(listener).listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    server.close();
    server.closeAllConnections();
  });
  return `http://127.0.0.1:${(server.address() as { port: number }).port}`;
}

async function errorOf(call: Promise<unknown>): Promise<TrineError> {
  const error = await call.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  assert.ok(error instanceof TrineError);
  return error;
}

test('an answer is what came, asked with the token', async (t) => {
  const url = await serve(t, ({ headers, url: path }, response) =>
    response
      .setHeader('content-type', 'application/json')
      .end(JSON.stringify({ asked: path, as: headers.authorization })),
  );
  const api = connect({ url, token: 'abc' });
  const query = { verdict: 'breached', limit: 2 };
  assert.deepEqual(await answer(api.GET('/api/v1/decisions', { params: { query } })), {
    asked: '/api/v1/decisions?verdict=breached&limit=2',
    as: 'Bearer abc',
  });
});

test('an error has the code, the facts and the time that the node said', async (t) => {
  const problem = {
    error: 'Two.',
    code: 'ambiguous',
    retry: 'never',
    status: 409,
    facts: { ab: 'decision' },
    docs: '',
  };
  const url = await serve(t, ({ url: path }, response) => {
    if (path === '/healthz') response.writeHead(409).end(JSON.stringify(problem));
    else if (path === '/readyz') response.writeHead(503, { 'retry-after': '7' }).end('<h1>proxy</h1>');
    else response.writeHead(404).end(JSON.stringify({ code: 'made-up', error: 7 }));
  });
  const api = connect({ url });
  const known = await errorOf(api.GET('/healthz'));
  assert.deepEqual([known.code, known.message, known.facts], ['ambiguous', 'Two.', { ab: 'decision' }]);
  const proxy = await errorOf(api.GET('/readyz'));
  assert.deepEqual([proxy.status, proxy.retry, proxy.facts], [503, 'later', { retryAfterMs: 7_000 }]);
  assert.match(proxy.message, /\/readyz .*503/);
  assert.equal((await errorOf(api.GET('/network.json'))).code, 'not-found');
});

test('where nothing answers, that is what is said', async () => {
  const error = await errorOf(connect({ url: 'http://127.0.0.1:1' }).GET('/healthz'));
  assert.ok(error instanceof UnreachableError);
  assert.deepEqual([error.code, error.retry], ['unavailable', 'later']);
});

test('what is no JSON is no answer of a node', async (t) => {
  const url = await serve(t, (_, response) => void response.writeHead(200).end('<html>'));
  await assert.rejects(answer(connect({ url }).GET('/healthz')), { name: 'TrineError', code: 'malformed' });
});

test('live events: in pieces of any length, and after a break from the last one on', async (t) => {
  const asked: (string | undefined)[] = [];
  const line = 'event: reading\ndata: {"value":"ü"}\nid: r-2\n\n';
  const url = await serve(t, async (request, response) => {
    asked.push(request.url);
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    if (asked.length === 1) {
      for (const byte of Buffer.from(`event: overview\ndata: {"faults":1}\n\n${line}`)) response.write(Buffer.of(byte));
      // A piece of the next one, and the connection is gone.
      response.end('event: reading\nda');
    } else response.write('event: reload\ndata: {}\nid: r-9\n\n');
  });
  const heard: unknown[] = [];
  const states: string[] = [];
  const stop = new AbortController();
  await live(connect({ url }), {
    signal: stop.signal,
    onConnection: (state) => states.push(state),
    onEvent: (event) => {
      heard.push(event);
      if (event.event === 'reload') stop.abort();
    },
  });
  assert.deepEqual(asked, ['/api/v1/events', '/api/v1/events?since=r-2']);
  assert.deepEqual(heard, [
    { event: 'overview', data: { faults: 1 } },
    { event: 'reading', data: { value: 'ü' }, id: 'r-2' },
    { event: 'reload', data: {}, id: 'r-9' },
  ]);
  assert.deepEqual(states, ['live', 'lost', 'live']);
});

test('with a wrong token live events end, and are not tried for ever', async (t) => {
  let asked = 0;
  const url = await serve(t, (_, response) => {
    asked++;
    response.writeHead(401).end('{}');
  });
  const states: string[] = [];
  const { signal } = new AbortController();
  await live(connect({ url }), { signal, onEvent: () => undefined, onConnection: (state) => states.push(state) });
  assert.deepEqual([asked, states], [1, ['refused']]);
});
