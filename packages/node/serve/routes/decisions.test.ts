// Decisions and alerts over HTTP: found by their ids and the beginnings of them, explained, spoken of, and never made up.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type Owing, openOwing, problemOf, type ServedNode } from '../../testing/served.ts';
import { teachable } from '../../testing/teachable.ts';

const NOBODY = 'f'.repeat(64);
let owing: Owing;
let served: ServedNode;
before(async () => {
  owing = await openOwing({ installed: [teachable] });
  ({ served } = owing);
});
after(() => served.close());

async function refusal(path: string, body?: object): Promise<[number, string, string]> {
  const answer = await (body ? served.post(path, body) : served.ask(path));
  const { code, error } = problemOf(answer);
  return [answer.status, code, error];
}

interface Detail {
  readonly id: string;
  readonly verdict: string;
  readonly amount: number;
  readonly statesBefore: number;
  readonly statesAfter: number;
  readonly chain: readonly { readonly id: string }[];
}

test('a decision is found by its id or the beginning of it, with all that was decided on its obligation', async () => {
  const { decision } = owing;
  for (const id of [decision, decision.slice(0, 6), decision.slice(0, 63)]) {
    const found = await served.get<Detail>(`/api/v1/decisions/${id}`);
    assert.deepEqual([found.id, found.verdict, found.amount], [decision, 'missed', 5]);
    assert.deepEqual([found.statesBefore, found.statesAfter], [0, 1]);
    assert.deepEqual(
      found.chain.map((one) => one.id),
      [decision],
    );
  }
  const { items } = await served.get<{ items: { id: string; kind: string }[] }>(`/api/v1/ids/${decision.slice(0, 8)}`);
  assert.deepEqual(items, [{ id: decision, kind: 'decision' }]);
});

test('what was never decided is not found, whatever is asked of it, and nothing is said about it', async () => {
  const size = served.parts.log.durableSize;
  for (const path of ['', '/rows', '/explanation', '/labels'])
    for (const id of [NOBODY, 'ffffff'])
      assert.deepEqual((await refusal(`/api/v1/decisions/${id}${path}`)).slice(0, 2), [404, 'not-found'], path);
  const said = { assessment: 'right', by: 'Ada' };
  assert.deepEqual((await refusal(`/api/v1/decisions/${NOBODY}/label`, said)).slice(0, 2), [404, 'not-found']);
  const done = { code: 'missing', status: 'resolved', by: 'Ada' };
  assert.deepEqual((await refusal(`/api/v1/alerts/${NOBODY}/status`, done)).slice(0, 2), [404, 'not-found']);
  for (const id of ['xyz', 'ABCDEF', '12345', 'f'.repeat(65)])
    assert.match((await refusal(`/api/v1/decisions/${id}`))[2], /^id: an id of 64 hex digits, or the first 6 or more$/);
  assert.equal(served.parts.log.durableSize, size);
});

test('the list is narrowed by each of its parts, and a page goes on where the one before ended', async () => {
  const total = async (query: string) =>
    (await served.get<{ counts: { total: number } }>(`/api/v1/decisions?${query}`)).counts.total;
  for (const [query, count] of [
    ['', 1],
    ['verdict=missed', 1],
    ['verdict=met', 0],
    ['held=true', 0],
    ['held=false', 1],
    ['advice=true', 0],
    ['outcome=pay', 1],
    [`policy=${owing.policy}`, 1],
    [`policy=${owing.agreement}`, 1],
    [`policy=${NOBODY}`, 0],
    ['subject=thing/1&domain=counting', 1],
  ] as const)
    assert.equal(await total(query), count, query);
  for (const query of ['held=yes', 'limit=1001', 'limit=1.5', 'policy=abc', 'sort=oddest', 'from=-1', 'after=x'])
    assert.deepEqual((await refusal(`/api/v1/decisions?${query}`)).slice(0, 2), [400, 'invalid'], query);
  const foreign = Buffer.from(JSON.stringify(['payments', 'newest', 1, 1, 1])).toString('base64url');
  assert.match((await refusal(`/api/v1/decisions?after=${foreign}`))[2], /^after: give what the page before said/);
});

test('why it was decided is computed again, in sentences, and one that pays no line has none', async () => {
  const { replayed, words } = await served.get<{ replayed: boolean; words: string[] }>(
    `/api/v1/decisions/${owing.decision}/explanation`,
  );
  assert.deepEqual([replayed, words], [true, ['1 came.']]);
  const rows = await served.get<{ items: unknown[] }>(`/api/v1/decisions/${owing.decision.slice(0, 8)}/rows`);
  assert.deepEqual(rows.items, []);
});

test('what people say of it is kept in its order; a word that the domain does not know teaches nothing', async () => {
  const path = `/api/v1/decisions/${owing.decision}`;
  const label = (body: object) => served.post(`${path}/label`, { by: 'Ada', ...body });
  assert.deepEqual((await label({ assessment: 'wrong' })).json(), { labelled: owing.decision });
  await label({ assessment: 'corrected', verdict: 'met', note: 'It was out of power.' });
  const said = await served.get<Record<string, unknown>[]>(`${path}/labels`);
  assert.deepEqual(
    said.map(({ assessment, verdict, note, by }) => [assessment, verdict, note, by]),
    [
      ['wrong', undefined, '', 'Ada'],
      ['corrected', 'met', 'It was out of power.', 'Ada'],
    ],
  );
  const size = served.parts.log.durableSize;
  for (const [body, status, words] of [
    [{ assessment: 'corrected', verdict: 'fine' }, 400, /^verdict: one of met, missed\.$/],
    [{ assessment: 'corrected', verdict: 'constructor' }, 400, /^verdict: one of/],
    [{ assessment: 'odd' }, 400, /^assessment: /],
    [{ assessment: 'right', row: 'home/1' }, 404, /no line of home\/1/],
    [{ assessment: 'right', note: 'x'.repeat(501) }, 400, /^note: /],
    [{ assessment: 'right', by: '' }, 400, /^by: /],
  ] as const) {
    const [found, , error] = await refusal(`${path}/label`, { by: 'Ada', ...body });
    assert.equal(found, status, error);
    assert.match(error, words);
  }
  assert.equal(served.parts.log.durableSize, size);
});

test('an alert is acknowledged and resolved by name, and only one that was raised', async () => {
  const alerts = (query: string) =>
    served.get<{ items: { code: string; status: string; said?: { by: string } }[] }>(`/api/v1/alerts?${query}`);
  const [raised] = (await alerts('status=open')).items;
  assert.deepEqual([raised?.code, raised?.status, raised?.said], ['missing', 'raised', undefined]);
  const path = `/api/v1/alerts/${owing.decision.slice(0, 10)}/status`;
  for (const status of ['acknowledged', 'resolved']) {
    const answer = await served.post(path, { code: 'missing', status, by: 'Ada' });
    assert.deepEqual(answer.json(), { decision: owing.decision, code: 'missing', status });
    const [now] = (await alerts('')).items;
    assert.deepEqual([now?.status, now?.said?.by], [status, 'Ada']);
  }
  assert.deepEqual((await alerts('status=open')).items, []);
  const other = await refusal(path, { code: 'flood', status: 'resolved', by: 'Ada' });
  assert.deepEqual(other, [404, 'not-found', 'This decision raised no alert flood.']);
  assert.match((await refusal(path, { code: 'missing', status: 'raised', by: 'Ada' }))[2], /^status: /);
});
