// The life of a model over HTTP: registered once, voted on by parties alone, tried beside, and never in force by a mistake.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { addressOfPrivateKey, approvalDigest, fromHex, type Hex, signDigest } from '@trine/protocol';
import { type Owing, openOwing, problemOf, type ServedNode } from '../../testing/served.ts';
import { card, teachable } from '../../testing/teachable.ts';

const NOBODY = 'f'.repeat(64);
let owing: Owing;
let served: ServedNode;
let model: string;
before(async () => {
  owing = await openOwing({ installed: [teachable] });
  ({ served } = owing);
  const registered = await served.post('/api/v1/models', { domain: 'counting', parameters: { lenient: 1 }, card });
  ({ model } = registered.json() as { model: string });
});
after(() => served.close());

async function refusal(path: string, body: object): Promise<[number, string, string]> {
  const answer = await served.post(path, body);
  const { code, error } = problemOf(answer);
  return [answer.status, code, error];
}
const size = () => served.parts.log.durableSize;

test('a model is registered once, however often and with whatever words', async () => {
  const before = size();
  const again = { domain: 'counting', parameters: { lenient: 1 }, card: { ...card, purpose: 'Another.' } };
  assert.deepEqual((await served.post('/api/v1/models', again)).json(), { model });
  assert.equal(size(), before);
  const listed = await served.get<{ hash: string }[]>('/api/v1/models');
  assert.ok(listed.some(({ hash }) => hash === model));
  for (const [wrong, status, words] of [
    [{ domain: 'nowhere' }, 422, /not installed here/],
    [{ card: { ...card, licence: undefined } }, 400, /^card\.licence: /],
    [{ card: { ...card, purpose: 5 } }, 400, /^card\.purpose: /],
    [{ parameters: [] }, 400, /^parameters: /],
  ] as const) {
    const [found, , error] = await refusal('/api/v1/models', { ...again, ...wrong });
    assert.equal(found, status, error);
    assert.match(error, words);
  }
});

test('the parties whose keys are here vote; a vote from elsewhere counts where a party signed just that', async () => {
  const { agreement } = owing;
  const { account, recipient, arbiter } = served.node.genesis.keys;
  const [payer, payee, stranger] = [account, recipient, arbiter].map((key) => addressOfPrivateKey(key) as string);
  const here = await served.post(`/api/v1/models/${model}/approve`, { agreement });
  assert.deepEqual(here.json(), { parties: [payer, payee] });
  const { money } = served.parts.agreement();
  const domain = { chainId: BigInt(money.chainId), verifyingContract: money.contract as Hex };
  const atMs = served.parts.world.now();
  const vote = (key: Uint8Array, party: string | undefined, said: 'approve' | 'reject') => {
    const digest = approvalDigest({ agreement: fromHex(agreement), model: fromHex(model), vote: said, atMs }, domain);
    return { agreement, signed: { party, signature: signDigest(digest, key), atMs } };
  };
  const taken = await served.post(`/api/v1/models/${model}/reject`, vote(recipient, payee, 'reject'));
  assert.deepEqual(taken.json(), { parties: [payee] });
  const before = size();
  for (const [path, body, words] of [
    ['reject', vote(arbiter, stranger, 'reject'), /is no party of this agreement/],
    ['reject', vote(arbiter, payee, 'reject'), /did not sign this vote/],
    // Signed for the other word: nobody may turn it round.
    ['approve', vote(recipient, payee, 'reject'), /did not sign this vote/],
    ['approve', vote(recipient, payer, 'approve'), /did not sign this vote/],
  ] as const) {
    const [status, , error] = await refusal(`/api/v1/models/${model}/${path}`, body);
    assert.ok(status >= 400 && status < 500, `${status} ${error}`);
    assert.match(error, words);
  }
  assert.equal(size(), before);
});

test('what is voted on, tried or taken back must be known here, by its whole id', async () => {
  const { agreement } = owing;
  for (const [path, body, status] of [
    [`/api/v1/models/${NOBODY}/approve`, { agreement }, 404],
    [`/api/v1/models/${model}/approve`, { agreement: NOBODY }, 404],
    [`/api/v1/models/${NOBODY}/shadow`, { agreement }, 404],
    [`/api/v1/models/${model}/shadow`, { agreement: NOBODY }, 404],
    [`/api/v1/models/${model.slice(0, 12)}/shadow`, { agreement }, 400],
    [`/api/v1/models/${model}/shadow`, {}, 400],
    [`/api/v1/models/${model}/elect`, { agreement }, 404],
    ['/api/v1/models/learn', { agreement: NOBODY }, 404],
    ['/api/v1/models/rollback', { agreement: NOBODY, by: 'Ada' }, 404],
    // None decided before it.
    ['/api/v1/models/rollback', { agreement, by: 'Ada' }, 409],
  ] as const)
    assert.equal((await refusal(path, body))[0], status, path);
});

test('tried beside, a model has one monitor, however often it is asked for; the one in force is not tried', async () => {
  const { agreement, policy } = owing;
  const tried = await served.post(`/api/v1/models/${model}/shadow`, { agreement });
  const { monitor } = tried.json() as { monitor: string };
  // An agreement is known by its hash, too.
  const again = await served.post(`/api/v1/models/${model}/shadow`, { agreement: policy });
  assert.deepEqual(again.json(), { monitor });
  const monitors = await served.get<{ hash: string }[]>('/api/v1/monitors');
  assert.deepEqual(
    monitors.map(({ hash }) => hash),
    [monitor],
  );
  const [agreed] = await served.get<{ model: string }[]>('/api/v1/agreements');
  const [status, code, error] = await refusal(`/api/v1/models/${agreed?.model}/shadow`, { agreement });
  assert.deepEqual([status, code, error], [409, 'conflict', 'This model is in force already.']);
  // A monitor is no agreement.
  assert.equal((await refusal(`/api/v1/models/${model}/shadow`, { agreement: monitor }))[0], 404);
});

test('nothing is learnt from what nobody said', async () => {
  const [status, , error] = await refusal('/api/v1/models/learn', { agreement: owing.agreement });
  assert.ok(status >= 400 && status < 500, `${status} ${error}`);
  assert.match(error, /label/i);
});
