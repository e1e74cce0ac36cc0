// Who may ask, under which paths, and what is documented; what the routes answer, tests of their own parts say.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { HttpTransport } from '../ingest/transports/http.ts';
import type { Node } from '../node.ts';
import { createApi } from './app.ts';

const token = 'a'.repeat(32);
const totals = { decisions: 1 };
const app = createApi({
  node: {
    settings: { host: '127.0.0.1', home: '/nowhere' },
    genesis: { keys: { token }, network: {}, chain: { clock: { now: () => 0 } } },
    views: { totals: async () => totals, decision: async () => undefined },
    logger: { error: () => undefined },
    log: {},
    domains: { all: () => [] },
    events: { refusals: [] },
  } as unknown as Node,
  webRoot: '/nowhere',
  version: '9',
  http: { receive: async () => new Response('taken') } as unknown as HttpTransport,
});
const ask = (path: string, headers: Record<string, string> = {}) =>
  app.request(`http://127.0.0.1${path}`, { headers: { host: '127.0.0.1', ...headers } });
const authorization = `Bearer ${token}`;

test('the same answers with and without the version, and none without the token', async () => {
  for (const path of ['/api/v1/totals', '/api/totals']) {
    assert.deepEqual(await (await ask(path, { authorization })).json(), totals);
    const refused = await ask(path);
    assert.deepEqual([refused.status, ((await refused.json()) as { code: string }).code], [401, 'unauthorised']);
  }
});

test('signed statements are handed in without a token', async () => {
  const init = { method: 'POST', headers: { host: '127.0.0.1', 'content-type': 'text/plain' }, body: 'x' };
  const refused = await app.request('http://127.0.0.1/api/v1/totals', init);
  assert.equal(refused.status, 401);
  const handedIn = await app.request('http://127.0.0.1/api/v1/statements', init, { incoming: {} });
  assert.deepEqual([handedIn.status, await handedIn.text()], [200, 'taken']);
});

test('every route is documented once, under its version', async () => {
  const { paths } = (await (await ask('/openapi.json')).json()) as { paths: Record<string, object> };
  const documented = Object.keys(paths);
  assert.ok(documented.every((path) => path.startsWith('/api/v1/')));
  for (const path of [
    'decisions/{id}',
    'domains/{name}/{path}',
    'models/{id}/{vote}',
    'policies',
    'alerts/{id}/status',
  ])
    assert.ok(documented.includes(`/api/v1/${path}`), path);
});

test('what is asked wrongly names the field, and what is not there is not found', async () => {
  const wrong = await ask('/api/v1/decisions?limit=0', { authorization });
  assert.equal(wrong.status, 400);
  assert.match(((await wrong.json()) as { error: string }).error, /^limit: /);
  for (const path of [`decisions/${'0'.repeat(64)}`, 'nothing'])
    assert.equal((await ask(`/api/v1/${path}`, { authorization })).status, 404);
});

test('a page of another site does not come in', async () => {
  const origin = 'http://elsewhere.example';
  assert.equal((await ask('/api/v1/totals', { authorization, origin })).status, 403);
});
