// What an operation does with what it is asked, whatever it answers: checked against its description, to the word.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { OpenAPIHono, z } from '@hono/zod-openapi';
import { TrineError } from '@trine/protocol';
import { answerError } from '../errors.ts';
import { get, getFile, post } from './route.ts';

/** Operations that answer what they were given, and those that the tests ask for by name. */
function api(): { app: OpenAPIHono; logged: unknown[]; taken: unknown[] } {
  const app = new OpenAPIHono();
  const logged: unknown[] = [];
  const taken: unknown[] = [];
  app.onError((error, c) => answerError(error, c, { error: (facts) => void logged.push(facts) }));
  const fields = { id: z.string().regex(/^\d+$/, 'a number'), limit: z.coerce.number().int().max(9).default(3) };
  get(app, '/things/:id', { about: 'A thing.', fields, answer: z.unknown() }, (given) =>
    given.id === '404' ? undefined : given,
  );
  const open = { about: 'Open.', fields: { id: z.string() }, answer: z.unknown(), isOpen: true };
  get(app, '/open/:id', open, (given, c) => ({ ...given, asked: c.req.query() }));
  getFile(app, '/files/:id', { about: 'A file.', fields: { id: fields.id }, answer: 'text/plain' }, ({ id }, c) =>
    c.text(id),
  );
  const body = { note: z.string().max(5), times: z.number().int().default(1) };
  const act = { about: 'Does.', params: { id: fields.id }, body, answer: z.unknown() };
  post(app, '/things/:id/act', act, (given) => {
    taken.push(given);
    return given;
  });
  post(app, '/pause', { about: 'Pauses.', params: {}, body: {}, answer: z.unknown() }, () => ({ paused: true }));
  post(app, '/fault', { about: 'Breaks.', params: {}, body: {}, answer: z.unknown() }, () => {
    throw new Error('secret of the node');
  });
  return { app, logged, taken };
}

const sent = (body: BodyInit, headers: Record<string, string> = { 'content-type': 'application/json' }) => ({
  method: 'POST',
  body,
  headers,
});
async function refusal(response: Response | Promise<Response>): Promise<[number, string, string]> {
  const { status, error, code } = (await (await response).json()) as { status: number; error: string; code: string };
  assert.equal((await response).status, status);
  return [status, code, error];
}

test('of a question path and query are read by their schemas, with what is left out', async () => {
  const { app } = api();
  assert.deepEqual(await (await app.request('/things/7')).json(), { id: '7', limit: 3 });
  assert.deepEqual(await (await app.request('/things/7?limit=9')).json(), { id: '7', limit: 9 });
  assert.equal(await (await app.request('/files/12')).text(), '12');
});

test('what is wrong in a question is named, each field of it, and what there is to ask', async () => {
  const { app } = api();
  assert.deepEqual(await refusal(app.request('/files/x')), [400, 'invalid', 'id: a number']);
  const [, , words] = await refusal(app.request('/things/x?limit=10'));
  assert.match(words, /^id: a number; limit: .*9/);
  const [status, code, unknown] = await refusal(app.request('/things/7?limt=3'));
  assert.deepEqual([status, code], [400, 'invalid']);
  assert.equal(unknown, 'limt: there is no such parameter here, only limit.');
  assert.match((await refusal(app.request('/files/7?x=1')))[2], /only none\.$/);
  // What stands in the path is not to be given twice: whose word would count?
  assert.match((await refusal(app.request('/things/7?id=8')))[2], /^id: /);
});

test('an open question gets other names as they were given, and its path counts before them', async () => {
  const { app } = api();
  const answer = await (await app.request('/open/7?id=8&other=x')).json();
  assert.deepEqual(answer, { id: '7', asked: { id: '8', other: 'x' } });
});

test('nothing by that name is not found, and is no answer to come back to', async () => {
  const { app, logged } = api();
  const [status, code] = await refusal(app.request('/things/404'));
  assert.deepEqual([status, code], [404, 'not-found']);
  const missing = await app.request('/things/404', { headers: { 'if-none-match': '*' } });
  assert.deepEqual([missing.status, missing.headers.get('etag')], [404, null]);
  assert.deepEqual(logged, []);
});

test('an answer says its length and its tag; who has it is told that it is the same, in any way of asking', async () => {
  const { app } = api();
  const first = await app.request('/things/7');
  assert.deepEqual(
    ['content-type', 'content-length', 'cache-control'].map((name) => first.headers.get(name)),
    ['application/json', '20', 'private, no-cache'],
  );
  const tag = first.headers.get('etag') as string;
  assert.match(tag, /^W\/"/);
  for (const known of [tag, tag.slice(2), `"other", ${tag}`, '*']) {
    const again = await app.request('/things/7', { headers: { 'if-none-match': known } });
    assert.deepEqual([again.status, await again.text()], [304, ''], known);
  }
  assert.equal((await app.request('/things/7', { headers: { 'if-none-match': '"other"' } })).status, 200);
  // Another answer is another tag.
  assert.equal((await app.request('/things/8', { headers: { 'if-none-match': tag } })).status, 200);
  const head = await app.request('/things/7', { method: 'HEAD' });
  assert.deepEqual([head.status, head.headers.get('etag'), await head.text()], [200, tag, '']);
});

test('an act takes a JSON object of its members alone, and nothing is done where one is wrong', async () => {
  const { app, taken } = api();
  const answer = await app.request('/things/7/act', sent('{"note":"hi"}'));
  assert.deepEqual(await answer.json(), { id: '7', note: 'hi', times: 1 });
  assert.equal(answer.headers.get('etag'), null, 'what was done is not asked for again');
  for (const [path, body, words] of [
    ['/things/7/act', '', /^body: there is none\. Send a JSON object\.$/],
    ['/things/7/act', 'note=hi', /^body: this is no JSON\. Send a JSON object\.$/],
    ['/things/7/act', '[]', /^body: .*expected object/],
    ['/things/7/act', 'null', /^body: .*expected object/],
    ['/things/7/act', '{"note":"too long"}', /^note: /],
    ['/things/7/act', '{"times":1.5,"note":"hi"}', /^times: /],
    ['/things/7/act', '{"note":"hi","note2":"ho"}', /note2/],
    ['/things/7/act', '{"note":"hi","id":"8"}', /id/],
    ['/things/x/act', '{"note":"hi"}', /^id: a number$/],
  ] as const) {
    const [status, code, said] = await refusal(app.request(path, sent(body)));
    assert.deepEqual([status, code], [400, 'invalid'], body);
    assert.match(said, words);
  }
  assert.equal(taken.length, 1);
});

test('what kind of body it is said to be changes nothing: what it is does', async () => {
  const { app, taken } = api();
  for (const type of ['text/plain', 'application/x-www-form-urlencoded', ''])
    assert.equal((await app.request('/things/7/act', sent('{"note":"hi"}', { 'content-type': type }))).status, 200);
  assert.equal(taken.length, 3);
});

test('an act without members needs no body, and reads none', async () => {
  const { app } = api();
  for (const init of [{ method: 'POST' }, sent('{'), sent('{"x":1}')])
    assert.deepEqual(await (await app.request('/pause', init)).json(), { paused: true });
});

test('a body of more than 64 KiB is too large, to the byte, and whether or not it says so', async () => {
  const { app } = api();
  const largest = `{"note":"hi"}${' '.repeat(65_536 - 13)}`;
  const stream = (text: string) => ({ ...sent(new Blob([text]).stream()), duplex: 'half' as const });
  const length = (text: string) => sent(text, { 'content-length': String(text.length) });
  for (const [given, status] of [
    [largest, 200],
    [`${largest} `, 413],
  ] as const)
    for (const init of [stream(given), length(given)]) {
      const response = await app.request('/things/7/act', init);
      assert.equal(response.status, status);
      if (status === 413) assert.equal((await refusal(response))[1], 'too-large');
    }
});

test('a fault is logged with where it was, and says nothing of itself', async () => {
  const { app, logged } = api();
  const [status, code, words] = await refusal(app.request('/fault', { method: 'POST' }));
  assert.deepEqual([status, code], [500, 'internal']);
  assert.doesNotMatch(words, /secret/);
  assert.deepEqual(
    logged.map((one) => (one as { route: string }).route),
    ['POST /fault'],
  );
});

test('a refusal that comes again later says when, and a fault never', async () => {
  const app = new OpenAPIHono();
  app.onError((error, c) => answerError(error, c, { error: () => undefined }));
  const about = { about: 'x', fields: { code: z.enum(['busy', 'conflict']) }, answer: z.unknown() };
  get(app, '/refused', about, ({ code }) => {
    throw new TrineError(code, 'no', { facts: { retryAfterMs: 1_001 } });
  });
  assert.equal((await app.request('/refused?code=busy')).headers.get('retry-after'), '2');
  assert.equal((await app.request('/refused?code=conflict')).headers.get('retry-after'), null);
});
