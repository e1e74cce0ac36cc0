// Who may ask, under which paths, and what is documented; what the routes answer, tests of their own parts say.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { stubApi, token, totals } from './testing/stub.ts';

const app = stubApi();
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
  assert.ok(documented.every((path) => !path.startsWith('/api/') || path.startsWith('/api/v1/')));
  for (const path of [
    'decisions/{id}',
    'domains/{name}/{path}',
    'models/{id}/{vote}',
    'policies',
    'alerts/{id}/status',
    'events',
    'statements',
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

test('a path longer than any file may have is not there, and no fault of the node', async () => {
  for (const path of [`/${'a'.repeat(3_000)}`, `/${'a/'.repeat(4_000)}`, `/api/v1/receipts/${'a'.repeat(3_000)}/b`])
    assert.equal((await ask(path, { authorization })).status, 404, path.slice(0, 20));
});

test('what nobody asked for is not ignored: a parameter that is none is named, with those that are', async () => {
  const wrong = await ask('/api/v1/decisions?vredict=breached', { authorization });
  assert.equal(wrong.status, 400);
  assert.match(((await wrong.json()) as { error: string }).error, /^vredict: .*verdict/);
  // The id in the path cannot be given a second time.
  assert.equal((await ask(`/api/v1/decisions/${'0'.repeat(64)}?id=1`, { authorization })).status, 400);
});

test('a page of another site does not come in', async () => {
  const origin = 'http://elsewhere.example';
  for (const path of ['/api/v1/totals', '/healthz', '/gateway.json', '/api/v1/events', '/'])
    assert.equal((await ask(path, { authorization, origin })).status, 403, path);
  const handingIn = { method: 'POST', headers: { host: '127.0.0.1', origin }, body: 'x' };
  assert.equal((await app.request('http://127.0.0.1/api/v1/statements', handingIn)).status, 403);
});

test('what is public is read by pages of any site, without a token, and by no other name', async () => {
  const headers = { origin: 'http://elsewhere.example' };
  for (const path of ['/network.json', '/log/checkpoint', '/log/vkey', '/openapi.json', '/model.json']) {
    const answer = await ask(path, headers);
    assert.equal(answer.headers.get('access-control-allow-origin'), '*', path);
    assert.equal(answer.headers.get('access-control-allow-credentials'), null);
    assert.equal(answer.status, 200, path);
    assert.equal((await ask(path, { ...headers, host: 'evil.example' })).status, 403, path);
  }
  assert.equal((await ask('/api/v1/totals', { authorization })).headers.get('access-control-allow-origin'), null);
  const preflight = { method: 'OPTIONS', headers: { host: '127.0.0.1', ...headers } };
  assert.equal((await app.request('http://127.0.0.1/network.json', preflight)).status, 204);
  assert.equal((await app.request('http://127.0.0.1/api/v1/totals', preflight)).status, 403);
});

test('a receipt needs no token, by the id of its statement or its leaf, from any site', async () => {
  const origin = 'http://elsewhere.example';
  for (const given of ['7', '0'.repeat(64)]) {
    const answer = await ask(`/api/v1/receipts/${given}`, { origin });
    assert.deepEqual([answer.status, await answer.text()], [200, 'receipt of 7']);
    assert.equal(answer.headers.get('access-control-allow-origin'), '*');
  }
  assert.equal((await ask('/api/v1/receipts/8', { origin })).status, 404);
  assert.equal((await ask('/api/v1/receipts/..%2ftotals', { origin })).status, 400);
});

test('what is large is compressed, what did not change is not sent again', async () => {
  const encodings = { 'accept-encoding': 'gzip, br' };
  const document = await ask('/openapi.json', encodings);
  assert.equal(document.headers.get('content-encoding'), 'gzip');
  const small = await ask('/api/v1/totals', { authorization, ...encodings });
  assert.equal(small.headers.get('content-encoding'), null);
  const tag = small.headers.get('etag') as string;
  const again = await ask('/api/v1/totals', { authorization, 'if-none-match': tag });
  assert.deepEqual([again.status, await again.text()], [304, '']);
  assert.equal(again.headers.get('cache-control'), 'private, no-cache');
});

test('files of the console are compressed and asked for once', async (t) => {
  const webRoot = mkdtempSync(join(tmpdir(), 'trine-web-'));
  t.after(() => rmSync(webRoot, { recursive: true }));
  writeFileSync(join(webRoot, 'index.html'), '<p>'.repeat(1_000));
  const web = stubApi({}, webRoot);
  const get = (headers: Record<string, string>) =>
    web.request('http://127.0.0.1/', { headers: { host: '127.0.0.1', 'accept-encoding': 'gzip', ...headers } });
  const page = await get({});
  assert.deepEqual([page.status, page.headers.get('content-encoding')], [200, 'gzip']);
  assert.ok((await page.arrayBuffer()).byteLength < 200);
  assert.equal((await get({ 'if-none-match': page.headers.get('etag') as string })).status, 304);
});

test('the verifier as one file: boxed in, its script named by hash, read once however many ask', async () => {
  let read = 0;
  const verifier = () => {
    read++;
    return Buffer.from('<script type="module">1</script>');
  };
  const app = stubApi({ verifier });
  for (let i = 0; i < 3; i++) {
    const page = await app.request('http://127.0.0.1/verifier.html', { headers: { host: '127.0.0.1' } });
    assert.deepEqual([page.status, await page.text()], [200, '<script type="module">1</script>']);
    const policy = page.headers.get('content-security-policy') ?? '';
    const hash = createHash('sha256').update('1').digest('base64');
    assert.ok(policy.includes(`script-src 'sha256-${hash}' blob:;`) && policy.includes('sandbox'), policy);
    assert.doesNotMatch(policy, /unsafe-eval|'self'|connect-src/);
  }
  assert.equal(read, 1);
});
