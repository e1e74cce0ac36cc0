// Who may ask what: every operation of the document, with and without the token, by one node.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { problemOf, ServedNode } from '../testing/served.ts';

let served: ServedNode;
/** Every operation, with a path that could be one, and whether it says that it needs the token. */
let operations: { readonly method: string; readonly path: string; readonly isPublic: boolean }[];

before(async () => {
  served = await ServedNode.open();
  const { paths } = await served.get<{ paths: Record<string, Record<string, { security?: object[] }>> }>(
    '/openapi.json',
  );
  const words: Readonly<Record<string, string>> = { action: 'pause', vote: 'approve', path: 'entries/000', of: '0' };
  operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, { security }]) => ({
      method: method.toUpperCase(),
      path: path.replaceAll(/\{(\w+)\}/g, (_, name: string) => words[name] ?? '0'.repeat(64)),
      isPublic: security === undefined,
    })),
  );
});
after(() => served.close());

const unversioned = (path: string) => path.replace('/api/v1/', '/api/');

test('without the token, or with anything else, nothing is answered but what is said to be public', async () => {
  const { token } = served.node.genesis.keys;
  assert.ok(operations.length > 50);
  const wrong: Record<string, string>[] = [
    {},
    { authorization: '' },
    { authorization: token },
    { authorization: `Bearer ${token.slice(1)}` },
    { authorization: `Bearer ${token}x` },
    { authorization: `Bearer  ${token}` },
    { authorization: `Basic ${token}` },
    { cookie: `token=${token}` },
  ];
  for (const { method, path, isPublic } of operations) {
    // What is not public is refused before it is looked at: with each of these alike.
    for (const headers of isPublic ? wrong.slice(0, 1) : wrong)
      for (const one of [path, unversioned(path)]) {
        const answer = await served.ask(one, { method, token: '', headers });
        const words = `${method} ${one} ${JSON.stringify(headers)}`;
        if (isPublic) {
          assert.notEqual(answer.status, 401, words);
          continue;
        }
        const { code, error } = problemOf(answer);
        assert.deepEqual([answer.status, code, answer.headers.get('etag')], [401, 'unauthorised', null], words);
        assert.match(error, /token/);
      }
  }
});

test('the token counts in its header alone, never in the address', async () => {
  const { token } = served.node.genesis.keys;
  for (const query of [`?token=${token}`, `?access_token=${token}`, `?authorization=Bearer%20${token}`])
    assert.equal((await served.ask(`/api/v1/totals${query}`, { token: '' })).status, 401);
});

test('with the token each is answered: found, not found or refused, and never a fault', async () => {
  for (const { method, path } of operations) {
    if (path.endsWith('/events')) continue;
    const { status, text } = await served.ask(path, { method, ...(method === 'POST' && { body: {} }) });
    assert.ok(status !== 401 && (status < 500 || status === 503), `${method} ${path}: ${status} ${text}`);
  }
  assert.deepEqual(served.logged, []);
});

test('no other name or way of asking gets around the token', async () => {
  const paths = ['/api/v1/', '/api/', '/api', '/api/v2/totals', '/api//v1/totals', '/api/v1/totals/', '/metrics/x'];
  for (const path of paths) {
    const { status } = await served.ask(path, { token: '' });
    assert.ok(status === 401 || status === 404, `${path}: ${status}`);
  }
  // A public path under another method is not public.
  for (const [method, path] of [
    ['GET', '/api/v1/statements'],
    ['POST', '/api/v1/statements/'],
    ['POST', '/api/v1/statementsx'],
    ['PUT', '/api/v1/devices'],
    ['DELETE', '/api/v1/devices'],
  ] as const)
    assert.equal((await served.ask(path, { method, token: '' })).status, 401, `${method} ${path}`);
  for (const method of ['POST', 'PUT', 'DELETE', 'PATCH'])
    assert.equal((await served.ask('/network.json', { method, token: '' })).status, 404, method);
  assert.equal((await served.ask('/api/v1/totals', { method: 'HEAD' })).status, 200);
  assert.equal((await served.ask('/api/v1/totals', { method: 'HEAD', token: '' })).status, 401);
});

test('pages of other sites read what is public, refusals included, and nothing else comes in from them', async () => {
  const origin = 'https://elsewhere.example';
  for (const { method, path, isPublic } of operations) {
    const { status, headers } = await served.ask(path, { method, headers: { origin } });
    const isRead = headers.get('access-control-allow-origin') === '*';
    if (!isRead) assert.equal(status, 403, `${method} ${path}`);
    else assert.ok(isPublic && method === 'GET', `${method} ${path}`);
  }
  const unknown = await served.ask('/api/v1/receipts/999999', { token: '', headers: { origin } });
  assert.deepEqual([unknown.status, unknown.headers.get('access-control-allow-origin')], [404, '*']);
  const preflight = { method: 'OPTIONS', token: '', headers: { origin, 'access-control-request-method': 'DELETE' } };
  const allowed = await served.ask('/network.json', preflight);
  assert.deepEqual([allowed.status, allowed.headers.get('access-control-allow-methods')], [204, 'GET,HEAD']);
});

test('nothing of it may be framed, sniffed or run as script of another', async () => {
  for (const path of ['/api/v1/totals', '/healthz', '/log/checkpoint', '/nowhere']) {
    const { headers } = await served.ask(path);
    assert.match(headers.get('content-security-policy') ?? '', /default-src 'self';.*frame-ancestors 'none'/, path);
    assert.equal(headers.get('x-content-type-options'), 'nosniff', path);
  }
});

test('large answers are compressed for who takes it, in the form that was asked for, and say so', async () => {
  const ask = (encoding: string) => served.open('/openapi.json', { headers: { 'accept-encoding': encoding } });
  const plain = new Uint8Array(await (await ask('identity')).arrayBuffer());
  for (const format of ['gzip', 'deflate'] as const) {
    const { headers, body } = await ask(format);
    assert.deepEqual([headers.get('content-encoding'), headers.get('content-length')], [format, null]);
    assert.match(headers.get('vary') ?? '', /accept-encoding/i);
    const unpacked = new Response(body?.pipeThrough(new DecompressionStream(format)));
    assert.deepEqual(new Uint8Array(await unpacked.arrayBuffer()), plain);
  }
  for (const encoding of ['identity', 'gzip;q=0', 'br'])
    assert.equal((await ask(encoding)).headers.get('content-encoding'), null, encoding);
});
