import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PushBackError } from '@trine/log/errors.ts';
import { FormatError, TrineError } from '@trine/protocol';
import { Hono } from 'hono';
import { HTTPException } from 'hono/http-exception';
import { answerError } from './errors.ts';

async function answerTo(
  error: unknown,
): Promise<{ response: Response; body: Record<string, unknown>; logged: number; routes: unknown[] }> {
  let logged = 0;
  const routes: unknown[] = [];
  const app = new Hono();
  app.get('/', () => {
    throw error;
  });
  app.onError((thrown, c) =>
    answerError(thrown, c, {
      error: (facts) => {
        logged++;
        routes.push((facts as { route?: string }).route);
      },
    }),
  );
  const response = await app.request('/');
  return { response, body: (await response.json()) as Record<string, unknown>, logged, routes };
}

test('an error of the family answers with its status, code, retry and where it is explained', async () => {
  const { response, body, logged } = await answerTo(new TrineError('not-found', 'No such agreement is known here.'));
  assert.deepEqual([response.status, logged], [404, 0]);
  assert.deepEqual(body, {
    error: 'No such agreement is known here.',
    code: 'not-found',
    retry: 'never',
    status: 404,
    facts: {},
    docs: 'docs/reference/errors.md#not-found',
  });
  const format = await answerTo(new FormatError('too-large', 'A message has at most 1048576 bytes.'));
  assert.deepEqual([format.response.status, format.body.code], [413, 'too-large']);
});

test('later says when', async () => {
  const { response, body } = await answerTo(new PushBackError(2_500));
  assert.deepEqual([response.status, body.retry, response.headers.get('retry-after')], [503, 'later', '3']);
  assert.equal((await answerTo(new TrineError('busy', 'One at a time.'))).response.headers.get('retry-after'), '5');
});

test('anything else is a fault of the program: logged, and its message kept in', async () => {
  for (const error of [new RangeError('secret 7'), new TypeError('secret 8'), new Error('secret 9')]) {
    const { response, body, logged, routes } = await answerTo(error);
    assert.deepEqual([response.status, body.code, logged], [500, 'internal', 1]);
    assert.doesNotMatch(JSON.stringify(body), /secret/);
    assert.deepEqual(routes, ['GET /']);
  }
  const malformed = await answerTo(new HTTPException(400, { message: 'Malformed JSON in request body' }));
  assert.deepEqual([malformed.response.status, malformed.body.code, malformed.logged], [400, 'invalid', 0]);
  const large = await answerTo(new HTTPException(413));
  assert.deepEqual([large.response.status, large.body.code], [413, 'too-large']);
  assert.match(String(large.body.error), /larger than is taken/);
});
