// Accounts that join over HTTP: no token, but the code of the line; who guesses waits, and who is right does not.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import {
  type Agreement,
  addressOfPrivateKey,
  didKey,
  lineAccountDigest,
  policyHash,
  signDigest,
  toHex,
} from '@trine/protocol';
import { addressOf, batched, keyOf } from '../../testing/customers.ts';
import { lined } from '../../testing/lines.ts';
import { installedCounting } from '../../testing/parts.ts';
import { problemOf, ServedNode } from '../../testing/served.ts';

const LINES = ['home/1', 'home/2', 'home/3'];
let served: ServedNode;
let policy: Agreement;
let id: Uint8Array;
before(async () => {
  served = await ServedNode.open({ installed: [installedCounting, lined] });
  const { keys } = served.parts.genesis;
  policy = batched(served.settling, LINES, {
    joining: { by: [didKey(keys.member.publicKey)] },
    registrar: addressOfPrivateKey(keys.account),
  });
  const proposed = await served.post('/api/v1/policies', { policy });
  assert.equal(proposed.status, 200, proposed.text);
  id = served.parts.projections.policies.get(toHex(policyHash(policy)))?.id as Uint8Array;
});
after(() => served.close());

const codes = () =>
  served.get<{ key: string; code: string; hasAccount: boolean }[]>(`/api/v1/agreements/${toHex(id)}/codes`);
const join = (accounts: object[], from = '127.0.0.1', agreement = toHex(id)) =>
  served.post(`/api/v1/agreements/${agreement}/accounts`, { accounts }, { token: '', socket: { remoteAddress: from } });
const accountOf = (key: string, code: string, by = key) => ({
  ...{ key, code, address: addressOf(by) },
  signature: signDigest(lineAccountDigest(id, key, policy.money), keyOf(by)),
});

test('with its code and its signature an account joins, once; the others of a request come to no harm', async () => {
  const known = new Map((await codes()).map(({ key, code }) => [key, code]));
  assert.deepEqual([...known.keys()], LINES);
  const one = accountOf('home/1', known.get('home/1') as string);
  const first = await join([one]);
  assert.equal(first.status, 200, first.text);
  assert.deepEqual((await join([one])).json(), first.json(), 'again changes nothing');
  const stolen = accountOf('home/1', known.get('home/1') as string, 'home/2');
  assert.equal(problemOf(await join([stolen])).code, 'conflict');
  const both = await join([accountOf('home/2', 'f'.repeat(32)), accountOf('home/3', known.get('home/3') as string)]);
  const { accounts } = both.json() as { accounts: { key: string; leaf?: number; error?: string }[] };
  assert.match(accounts[0]?.error ?? '', /not the code of home\/2/);
  assert.ok(accounts[1]?.leaf);
  assert.deepEqual(
    (await codes()).map(({ hasAccount }) => hasAccount),
    [true, false, true],
  );
  assert.equal(problemOf(await join([one], '127.0.0.1', '0'.repeat(64))).code, 'not-found');
});

test('who guesses waits; who comes from elsewhere does not', async () => {
  const wrong = Array.from({ length: 99 }, () => accountOf('home/2', 'e'.repeat(32)));
  await join(wrong, '192.0.2.1');
  await join(wrong.slice(0, 1), '192.0.2.1');
  const problem = problemOf(await join(wrong.slice(0, 1), '192.0.2.1'));
  assert.equal(problem.code, 'rate-limited');
  assert.ok(problem.facts.retryAfterMs);
  assert.equal(problemOf(await join(wrong.slice(0, 1), '192.0.2.2')).code, 'forbidden');
});

test('the codes are for who runs the node', async () => {
  const asked = await served.ask(`/api/v1/agreements/${toHex(id)}/codes`, { token: '' });
  assert.equal(problemOf(asked).code, 'unauthorised');
});
