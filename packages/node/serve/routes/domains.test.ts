// Questions that a domain answers from its decisions: of the right policy, in the names it asks for, and of what still holds.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { InstalledDomain, Route } from '@trine/engine';
import { type Owing, openOwing, problemOf, type ServedNode } from '../../testing/served.ts';
import { teachable } from '../../testing/teachable.ts';

/** Answers what it was asked with, and from. */
const echo: Route = {
  path: 'sum',
  summary: 'What is owed in all.',
  asks: { from: 'Milliseconds since 1970.' },
  answer: (decisions, { terms, currency }, asked) => ({
    owed: decisions.flatMap(({ entries }) => entries.map(({ amount }) => amount)),
    verdicts: decisions.map(({ verdict }) => verdict),
    rows: decisions.flatMap(({ rows }) => rows),
    due: (terms as { due: number }).due,
    currency,
    asked,
  }),
};
const manifest = { ...teachable.domain.manifest, routes: [echo, { ...echo, path: 'plain', asks: {} }] };
const asking: InstalledDomain = { ...teachable, domain: { ...teachable.domain, manifest } };

let owing: Owing;
let served: ServedNode;
before(async () => {
  owing = await openOwing({ installed: [asking] });
  ({ served } = owing);
});
after(() => served.close());

async function refusal(path: string): Promise<[number, string]> {
  const answer = await served.ask(`/api/v1/domains/${path}`);
  return [answer.status, problemOf(answer).error];
}

test('what is installed is told with its words, its form and its questions', async () => {
  const [domain, ...more] = await served.get<Record<string, unknown>[]>('/api/v1/domains');
  assert.deepEqual(more, []);
  assert.deepEqual([domain?.name, domain?.roles], ['counting', ['payer', 'recipient']]);
  assert.deepEqual(domain?.routes, [
    { path: 'sum', summary: echo.summary, asks: echo.asks },
    { path: 'plain', summary: echo.summary, asks: {} },
  ]);
  assert.deepEqual((domain?.terms as { required: string[] } | undefined)?.required, ['thing']);
  assert.ok(domain?.model);
});

test('a question is answered from the decisions under one policy, by its hash or the id of its agreement', async () => {
  for (const policy of [owing.policy, owing.agreement]) {
    const answer = await served.get(`/api/v1/domains/counting/sum?policy=${policy}&from=5`);
    const wanted = { owed: [5], verdicts: ['missed'], rows: [], due: 2, currency: 'EUR', asked: { from: '5' } };
    assert.deepEqual(answer, wanted);
  }
});

test('what was corrected since is counted with what corrects it, and what was replaced is not', async () => {
  const { parts } = served;
  const terms = { ...(parts.agreement().terms as object), due: 3 };
  const proposed = await served.post('/api/v1/policies', {
    policy: parts.agreement({ title: 'Corrected', terms, correctableMs: 60_000 }),
  });
  const { policy } = proposed.json() as { policy: string };
  await parts.decideAt(21_500);
  await served.recorded();
  const answer = () => served.get<{ owed: number[] }>(`/api/v1/domains/counting/sum?policy=${policy}`);
  const owed = async () => (await answer()).owed.reduce((sum, one) => sum + one, 0);
  const before = await owed();
  assert.ok(before > 0);
  await parts.say([{ atMs: 22_000, ofMs: 2_000 }]);
  await parts.decideAt(33_000);
  await served.recorded();
  const corrected = await served.get<{ counts: { total: number } }>(
    `/api/v1/decisions?policy=${policy}&standing=false`,
  );
  assert.equal(corrected.counts.total, 1);
  const [first] = (await answer()).owed;
  assert.equal(first, 5 * 1, 'one of three is missing now');
});

test('a question that the domain does not have, of a policy that is not its own, or in other names, is refused', async () => {
  const { policy } = owing;
  for (const [path, status, words] of [
    [`counting/none?policy=${policy}`, 404, /^The domain counting answers no none here\.$/],
    [`nowhere/sum?policy=${policy}`, 404, /^The domain nowhere answers no sum here\.$/],
    [`__proto__/sum?policy=${policy}`, 404, /answers no sum here/],
    [`counting/sum?policy=${'f'.repeat(64)}`, 404, /^No policy of the domain counting has this hash\.$/],
    ['counting/sum', 400, /^policy: /],
    ['counting/sum?policy=abc', 400, /^policy: an id of 64 hex digits/],
    [`counting/sum?policy=${policy}&to=5`, 400, /^to: counting\/sum asks for from\.$/],
    [`counting/sum?policy=${policy}&toString=5`, 400, /^toString: /],
    [`counting/plain?policy=${policy}&from=5`, 400, /^from: counting\/plain asks for nothing\.$/],
    [`counting/sum?policy=${policy}&name=other`, 400, /^name: /],
  ] as const) {
    const [found, error] = await refusal(path);
    assert.equal(found, status, `${path}: ${error}`);
    assert.match(error, words);
  }
});
