// Proposing over HTTP: the same is agreed once, what cannot be decided here is refused before it is in the log, and what is
// asked of the past without what it takes is said.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { toHex } from '@trine/protocol';
import { problemOf, ServedNode } from '../../testing/served.ts';
import { T0 } from '../../testing/world.ts';

let served: ServedNode;
before(async () => {
  served = await ServedNode.open();
});
after(() => served.close());

async function refusal(path: string, body: object): Promise<[number, string, string]> {
  const answer = await served.post(path, body);
  const { code, error } = problemOf(answer);
  return [answer.status, code, error];
}
const size = () => served.parts.log.durableSize;
const propose = (policy: object) => served.post('/api/v1/policies', { policy });
interface View {
  readonly hash: string;
  readonly standing?: string;
  readonly leaf: number;
}

test('the same agreement, proposed again or twice at once, is one, and its leaf is told each time', async () => {
  const policy = served.parts.agreement();
  const answers = await Promise.all([propose(policy), propose(policy)]);
  answers.push(await propose(policy));
  const leaves = answers.map(({ status, json }) => {
    assert.equal(status, 200);
    return json() as { policy: string; leaf: number };
  });
  assert.equal(new Set(leaves.map(({ policy: hash, leaf }) => `${hash} ${leaf}`)).size, 1);
  const [one, ...more] = await served.get<View[]>('/api/v1/agreements');
  assert.deepEqual([one?.hash, one?.leaf, more], [leaves[0]?.policy, leaves[0]?.leaf, []]);
  // Opened on the chain once, too.
  await served.settling.settle();
  assert.equal(served.settling.settler.problem, undefined);
  assert.equal(served.settling.settler.outbox.list('confirmed').filter(({ kind }) => kind === 'open').length, 1);
});

test('an agreement with a field that is wrong is refused by the name of the field, and nothing is appended', async () => {
  const good = served.parts.agreement({ title: 'Another' });
  const terms = good.terms as object;
  const before = size();
  const parties = [...good.parties, { role: 'bystander', name: 'Nobody', address: `0x${'9'.repeat(40)}` }];
  for (const [wrong, status, words] of [
    [{ title: 5 }, 400, /title/],
    [{ title: undefined }, 400, /title/],
    [{ colour: 'red' }, 400, /colour/],
    [{ parties: [] }, 400, /parties/],
    [{ parties }, 400, /^parties: bystander is none of the roles payer, recipient\.$/],
    [{ period: { startMs: 5, endMs: 4 } }, 400, /period/],
    [{ terms: { ...terms, colour: 'red' } }, 400, /colour/],
    [{ terms: { ...terms, due: 'two' } }, 400, /due/],
    [{ domain: 'nowhere' }, 501, /domain nowhere is not installed here/],
    [{ network: `trine:${'1'.repeat(32)}` }, 400, /^network: .* is not of this network, which has trine:/],
    [{ money: { ...good.money, chainId: 1 } }, 400, /^money\.chainId: 1 is not/],
    [{ money: { ...good.money, contract: `0x${'9'.repeat(40)}` } }, 400, /^money\.contract: 0x9/],
    [{ money: { ...good.money, token: `0x${'9'.repeat(40)}` } }, 400, /^money\.token: 0x9/],
    [{ money: { ...good.money, currency: 'USD' } }, 400, /^money\.currency: USD .* which has EUR/],
    [{ replaces: 'xyz' }, 400, /^policy\.replaces: an id of 64 hex digits\.$/],
    [{ trine: 'agreement/2' }, 400, /^policy\.trine: agreement\/1 or monitor\/1\.$/],
  ] as const) {
    const [found, , error] = await refusal('/api/v1/policies', { policy: { ...good, ...wrong } });
    assert.equal(found, status, `${JSON.stringify(wrong)}: ${error}`);
    assert.match(error, words);
  }
  assert.equal(size(), before);
  assert.equal((await served.get<View[]>('/api/v1/agreements')).length, 1);
});

test('a monitor begins now unless it is told, stands in its list as that, and moves no money', async () => {
  const asked = { subject: 'thing/1', domain: 'counting', title: 'Watched', terms: { thing: 'thing/1' } };
  const { policy } = (await served.post('/api/v1/monitors', asked)).json() as { policy: string };
  await served.post('/api/v1/monitors', { ...asked, startMs: T0 + 9e9, endMs: T0 + 9.1e9 });
  await served.post('/api/v1/monitors', { ...asked, startMs: T0 - 9e9, endMs: T0 - 8e9, currency: 'EUR' });
  const monitors = await served.get<(View & { period: { startMs: number } })[]>('/api/v1/monitors');
  assert.deepEqual(
    monitors.map(({ standing }) => standing),
    ['in-force', 'not-begun', 'ended'],
  );
  assert.equal(monitors[0]?.hash, policy);
  assert.equal((await served.get<View[]>('/api/v1/agreements')).length, 1);
  assert.equal((await served.get<View[]>('/api/v1/monitors?limit=2')).length, 2);
});

test('a monitor that makes no sense is refused by its field, in words of its form', async () => {
  const good = { subject: 'thing/1', domain: 'counting', title: 'Watched', terms: { thing: 'thing/1' } };
  const before = size();
  for (const [wrong, status, words] of [
    [{ terms: {} }, 400, /^terms\.thing: /],
    [{ domain: '__proto__' }, 422, /not installed here/],
    [{ endMs: T0 - 1 }, 400, /period|end/i],
    [{ currency: 'eur' }, 400, /^currency: /],
    [{ correctableMs: 0 }, 400, /^correctableMs: /],
    [{ startMs: -1 }, 400, /^startMs: /],
    [{ plausibility: { colour: 1 } }, 400, /plausibility/],
    [{ title: 'x'.repeat(201) }, 400, /^title: /],
  ] as const) {
    const [found, , error] = await refusal('/api/v1/monitors', { ...good, ...wrong });
    assert.equal(found, status, `${JSON.stringify(wrong)}: ${error}`);
    assert.match(error, words);
  }
  assert.equal(size(), before);
});

test('what would have been is asked of a policy that is known, within a period, and of terms that it has', async () => {
  const [{ hash }] = (await served.get<View[]>('/api/v1/agreements')) as [View];
  for (const [body, status, words] of [
    [{ policy: 'f'.repeat(64) }, 404, /No such agreement or monitor/],
    [{ policy: hash, fromMs: 5, toMs: 5 }, 400, /^toMs: the period ends before it begins/],
    [{ policy: hash, terms: { colour: 1 } }, 400, /colour/],
    [{ policy: hash, terms: { due: 'two' } }, 400, /due/],
    [
      { policy: hash, terms: Object.fromEntries(Array.from({ length: 65 }, (_, i) => [`t${i}`, i])) },
      400,
      /at most 64/,
    ],
    [{ policy: hash, perObligationMax: 0 }, 400, /^perObligationMax: /],
    // This node has no module of its domains: it says so, and what has one.
    [{ policy: hash, terms: { due: 1 } }, 501, /trine replay/],
  ] as const) {
    const [found, , error] = await refusal('/api/v1/replay', body);
    assert.equal(found, status, error);
    assert.match(error, words);
  }
});

test('what was agreed is in the log as it was proposed', async () => {
  const [first] = served.parts.projections.policies.agreements();
  assert.ok(first);
  const { leaf, hash } = ((await served.get<View[]>('/api/v1/agreements')) as [View])[0];
  assert.deepEqual([first.index, first.hash], [leaf, hash]);
  const views = await served.get<{ id: string }[]>('/api/v1/agreements');
  assert.equal(views[0]?.id, toHex(first.id));
});
