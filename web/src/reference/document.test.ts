// The reference is made from the document that stands in the repository: every operation of it has its place and a call.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { curlOf, groupsOf, kindOf, membersOf, namedIn, type OpenApi } from './document.ts';

const document = JSON.parse(
  readFileSync(new URL('../../../docs/reference/openapi.json', import.meta.url), 'utf8'),
) as OpenApi;
const groups = groupsOf(document);
const operations = groups.flatMap((group) => group.operations);

test('every operation stands in one group, what needs no token apart', () => {
  const all = Object.values(document.paths).flatMap((of) => Object.keys(of));
  assert.equal(operations.length, all.length);
  assert.ok(groups.find(({ name }) => name === 'decisions'));
  const open = groups.find(({ name }) => name === 'without a token')?.operations ?? [];
  assert.ok(open.some(({ path }) => path === '/healthz') && open.every(({ needsToken }) => !needsToken));
});

test('every schema that is named is there, and what it is can be said in words', () => {
  for (const { body, answers, parameters } of operations)
    for (const schema of [body?.schema, ...answers.map((one) => one.schema), ...parameters.map((one) => one.schema)]) {
      if (schema === undefined) continue;
      assert.notEqual(kindOf(schema), '');
      for (const name of namedIn(schema)) assert.ok(document.components.schemas[name], name);
    }
  assert.equal(
    kindOf({ type: 'integer', minimum: 1, maximum: 9, default: 3 }),
    'integer, from 1, up to 9, by default 3',
  );
  assert.equal(kindOf({ type: ['string', 'null'] }), 'string or null');
});

test('members of what a schema is made of are its own', () => {
  const detail = document.components.schemas.DecisionDetail;
  assert.ok(detail && membersOf(detail).some(({ name }) => name === 'chain'));
});

test('a call: the token from its file, what must be given, a body with what it needs', () => {
  const find = (method: string, path: string) =>
    operations.find((one) => one.method === method && one.path === path) as (typeof operations)[number];
  const label = curlOf(find('POST', '/api/v1/decisions/{id}/label'), 'http://n');
  assert.match(label, /^curl -X POST 'http:\/\/n\/api\/v1\/decisions\/ID\/label'/);
  assert.match(label, /token\.secret/);
  assert.match(label, /-d '\{"assessment":"right","by":"…"\}'$/);
  assert.equal(curlOf(find('GET', '/healthz'), 'http://n'), "curl 'http://n/healthz'");
  assert.match(curlOf(find('GET', '/api/v1/readings'), ''), /\?subject=SUBJECT'/);
});
