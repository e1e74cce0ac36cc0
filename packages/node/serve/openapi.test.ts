// The document of the HTTP interface stands in the repository, so that every change to it is seen.
// `node packages/node/serve/openapi.test.ts --update` writes it anew; then make the client again, as its test says.
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { documentText } from './testing/stub.ts';

const file = new URL('../../../docs/reference/openapi.json', import.meta.url);

if (process.argv.includes('--update')) writeFileSync(file, await documentText());

test('docs/reference/openapi.json is what the node answers: else update it with --update', async () => {
  assert.equal(readFileSync(file, 'utf8'), await documentText());
});

interface Operation {
  readonly responses: Readonly<Record<string, { content?: Readonly<Record<string, { schema?: object }>> }>>;
  readonly security?: readonly object[];
}

test('every operation says what it answers, and what an error looks like, once', () => {
  const { paths } = JSON.parse(readFileSync(file, 'utf8')) as { paths: Record<string, Record<string, Operation>> };
  for (const [path, operations] of Object.entries(paths))
    for (const [method, { responses }] of Object.entries(operations)) {
      const [answer] = Object.values(responses['200']?.content ?? {});
      assert.ok(answer?.schema, `${method} ${path}`);
      const problem = responses.default?.content?.['application/json']?.schema;
      assert.deepEqual(problem, { $ref: '#/components/schemas/Problem' }, `${method} ${path}`);
    }
});

test('only what is public is answered without the token', () => {
  const { paths } = JSON.parse(readFileSync(file, 'utf8')) as { paths: Record<string, Record<string, Operation>> };
  const open = Object.entries(paths).flatMap(([path, operations]) =>
    Object.entries(operations).flatMap(([method, { security }]) => (security ? [] : [`${method} ${path}`])),
  );
  assert.deepEqual(open.sort(), [
    'get /api/v1/acts/{id}',
    'get /api/v1/intents/{id}',
    'get /api/v1/receipts/{of}',
    'get /api/v1/signing/{id}',
    'get /domains/{file}',
    'get /gateway.json',
    'get /healthz',
    'get /log/checkpoint',
    'get /log/tile/{path}',
    'get /log/vkey',
    'get /model.json',
    'get /network.json',
    'get /readyz',
    'get /verifier.html',
    'post /api/v1/acts',
    'post /api/v1/agreements/{id}/accounts',
    'post /api/v1/agreements/{id}/end',
    'post /api/v1/deciding/{policy}/bodies',
    'post /api/v1/deciding/{policy}/rows',
    'post /api/v1/held/{id}/release',
    'post /api/v1/intents/{id}/signatures',
    'post /api/v1/signing/{id}/account',
    'post /api/v1/signing/{id}/practice',
    'post /api/v1/signing/{id}/signature',
    'post /api/v1/statements',
    'post /chain',
  ]);
});
