// From an order to its proof, over HTTP: what is ordered, signed, paid and shown, and what cannot be shown yet.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { replayWith } from '@trine/engine';
import { addressOfPrivateKey, fromHex, hexOf, signDigest, toHex, verifyEvidence } from '@trine/protocol';
import { type Owing, openOwing, problemOf, type ServedNode } from '../../testing/served.ts';

const NOBODY = 'f'.repeat(64);
let owing: Owing;
let served: ServedNode;
/** Digest of the intent. */
let payment: string;

interface Paid {
  readonly id: string;
  readonly state: string;
  readonly amount: number;
  readonly decision: string;
}
const paymentsOf = (query: string) =>
  served.get<{ items: Paid[]; counts: { total: number } }>(`/api/v1/payments?${query}`);
async function refusal(path: string, body?: object): Promise<[number, string, string]> {
  const answer = await (body ? served.post(path, body) : served.ask(path));
  const { code, error } = problemOf(answer);
  return [answer.status, code, error];
}

before(async () => {
  owing = await openOwing();
  ({ served } = owing);
  served.settling.settler.round();
  const { world } = served.parts;
  for (let i = 0; i < 200 && !payment; i++) {
    await world.reaches(world.time.elapsedMs + 10);
    await served.recorded();
    payment = (await paymentsOf('')).items[0]?.id ?? '';
  }
});
after(() => served.close());

test('what is ordered is a payment of its decision, and there is no proof of it yet', async () => {
  const found = await served.get<Paid>(`/api/v1/payments/${payment.slice(0, 12)}`);
  assert.deepEqual([found.id, found.state, found.amount, found.decision], [payment, 'ordered', 5, owing.decision]);
  const [status, code, error] = await refusal(`/api/v1/evidence/${payment}`);
  assert.deepEqual([status, code], [404, 'not-yet']);
  assert.match(error, /ask again once it is paid, or ask for its decision/);
  assert.equal((await served.ask(`/api/v1/evidence/${payment}`)).headers.get('retry-after'), '5');
});

test('only a decider of the agreement signs a payment, and what is no signature is refused', async () => {
  const path = `/api/v1/intents/${payment}/signatures`;
  const { recipient, account } = served.node.genesis.keys;
  const by = (key: Uint8Array, digest = payment) => ({ signature: signDigest(hexOf(fromHex(digest)), key) });
  const [status, code, error] = await refusal(path, by(recipient));
  assert.deepEqual([status, code], [403, 'forbidden']);
  assert.ok(error.includes(addressOfPrivateKey(recipient)));
  assert.equal((await refusal(path, by(account, NOBODY)))[0], 403, 'over something else');
  for (const signature of ['f'.repeat(130), '0'.repeat(130), `${'1'.repeat(128)}05`]) {
    const [found] = await refusal(path, { signature: `0x${signature}` });
    assert.ok(found >= 400 && found < 500, signature);
  }
  for (const signature of ['0x00', 'x', `0x${'F'.repeat(130)}`])
    assert.match((await refusal(path, { signature }))[2], /^signature: 65 bytes as 0x-hex$/);
  assert.deepEqual((await refusal(`/api/v1/intents/${NOBODY}/signatures`, by(account))).slice(0, 2), [
    404,
    'not-found',
  ]);
  assert.deepEqual((await served.post(path, by(account))).json(), { taken: true });
  assert.deepEqual(await served.get('/api/v1/intents'), [], 'what has all signatures needs none');
});

test('once paid it says so, once, and its evidence holds for a stranger', async () => {
  await served.settling.settle();
  await served.recorded();
  const { items, counts } = await paymentsOf('state=paid');
  assert.deepEqual([items.map(({ id }) => id), counts.total], [[payment], 1]);
  assert.equal((await paymentsOf('state=ordered')).counts.total, 0);
  const file = await served.ask(`/api/v1/evidence/${payment.slice(0, 16)}`);
  assert.deepEqual(
    ['content-type', 'content-length', 'content-disposition'].map((name) => file.headers.get(name)),
    [
      'application/vnd.trine.evidence+cbor',
      String(file.bytes.length),
      `attachment; filename="${payment.slice(0, 16)}.trine"`,
    ],
  );
  const { network } = served.node.genesis;
  const report = await verifyEvidence(file.bytes, { network, replay: replayWith(served.parts.domains) });
  assert.deepEqual([report.verdict, report.about], ['members-word', 'payment']);
});

test('payments are found by whoever is a party, by name or address in any case, and by nobody else', async () => {
  const address = addressOfPrivateKey(served.node.genesis.keys.recipient);
  for (const party of ['Customer', 'customer', 'OPERATOR', address, address.toUpperCase().replace('0X', '0x')])
    assert.equal((await paymentsOf(`party=${party}`)).counts.total, 1, party);
  for (const party of ['Custom', '0x', `0x${'9'.repeat(40)}`])
    assert.equal((await paymentsOf(`party=${party}`)).counts.total, 0, party);
  assert.match((await refusal('/api/v1/payments?party='))[2], /^party: /);
});

test('a receipt is there for a leaf, its statement and its payment alike, for everyone', async () => {
  const [{ leaf, id }] = (await served.parts.does(
    served.parts.store.query<{ leaf: number; id: Uint8Array }>('SELECT leaf, id FROM statements ORDER BY leaf LIMIT 1'),
  )) as [{ leaf: number; id: Uint8Array }];
  const receipt = (of: string) => served.ask(`/api/v1/receipts/${of}`, { token: '' });
  const first = await receipt(String(leaf));
  assert.match(first.text, /^c2sp\.org\/tlog-proof@v1\nindex 0\n/);
  assert.match(first.headers.get('content-type') ?? '', /^text\/plain/);
  assert.equal((await receipt(toHex(id))).text, first.text);
  assert.match((await receipt(payment)).text, /\nindex \d+\n/);
  for (const [of, status] of [
    [String(served.parts.log.durableSize), 404],
    ['999999999999999', 404],
    [NOBODY, 404],
    ['-1', 400],
    ['1.5', 400],
    ['abcdef', 400],
  ] as const)
    assert.equal((await receipt(of)).status, status, of);
});

test('receipts for more askers than there is room for are told to come again, and then are there', async () => {
  const asked = await Promise.all(Array.from({ length: 20 }, () => served.ask('/api/v1/receipts/0', { token: '' })));
  const busy = asked.filter(({ status }) => status === 503);
  assert.equal(busy.length, 4);
  for (const one of busy) assert.deepEqual([problemOf(one).code, one.headers.get('retry-after')], ['busy', '5']);
  // One that fails gives its place back as well.
  for (let i = 0; i < 20; i++) await served.ask(`/api/v1/receipts/${NOBODY}`, { token: '' });
  assert.equal((await served.ask('/api/v1/receipts/0', { token: '' })).status, 200);
});

test('evidence of what nobody said is not found, and what is no id is not looked for', async () => {
  assert.deepEqual((await refusal(`/api/v1/evidence/${NOBODY}`)).slice(0, 2), [404, 'not-found']);
  assert.deepEqual((await refusal('/api/v1/evidence/ffffff')).slice(0, 2), [404, 'not-found']);
  assert.deepEqual((await refusal('/api/v1/evidence/..%2f..')).slice(0, 2), [400, 'invalid']);
  assert.deepEqual((await refusal(`/api/v1/payments/${NOBODY}`)).slice(0, 2), [404, 'not-found']);
  assert.deepEqual((await refusal(`/api/v1/payments/${owing.decision}`)).slice(0, 2), [404, 'not-found']);
});
