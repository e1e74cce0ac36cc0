// What a node hands out to deciders: to those that the terms name, once for each signature, and no more than the terms look at.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { hexOf, sha256, toUtf8 } from '@trine/protocol';
import type { LoggedPolicy } from '../../projections/policies.ts';
import { authorizationOf, peerOf, SECOND, twoDeciders } from '../../testing/co-deciding.ts';
import { problemOf, ServedNode } from '../../testing/served.ts';

let served: ServedNode;
let logged: LoggedPolicy;
let own: number;
let others: number;
let path: string;

before(async () => {
  served = await ServedNode.open();
  const { parts, decisions } = served.settling;
  const made = parts.agreement();
  logged = await served.does(decisions.propose({ ...made, ...twoDeciders(made) }));
  const [one, other] = await parts.say([{ atMs: 1_000 }, { thing: 'thing/2', atMs: 1_500 }]);
  [own, others] = [one?.leaf ?? -1, other?.leaf ?? -1];
  await parts.decideAt(12_000);
  await served.recorded();
  path = `/api/v1/deciding/${logged.hash}/bodies`;
});
after(() => served.close());

const nonceOf = (name: string) => hexOf(sha256(toUtf8(name)));
const ask = (body: object, authorization: string, to = path) =>
  served.post(to, body, { token: '', headers: { authorization } });

test('a decider gets the bodies that the terms look at, and the secret of the policy', async () => {
  const { secret, bodies } = await peerOf(served).bodies(logged.hash, [own]);
  assert.equal(secret.length, 32);
  assert.deepEqual(bodies[0], Uint8Array.from(served.node.bodies.read(own) as Uint8Array));
  const answer = await ask(
    { leaves: [own] },
    authorizationOf(served, { path, body: { leaves: [own] }, nonce: nonceOf('1') }),
  );
  assert.equal(answer.status, 200);
});

test('leaves that the terms do not look at, decisions, and those that are not there are refused', async () => {
  const agreement = logged.index;
  for (const leaf of [others, agreement, 1_000_000]) {
    const body = { leaves: [leaf] };
    const answer = await ask(body, authorizationOf(served, { path, body, nonce: nonceOf(`leaf ${leaf}`) }));
    assert.deepEqual([answer.status, problemOf(answer).code], [403, 'forbidden'], String(leaf));
  }
});

test('without a signature, by another account, for another log, path or body, of another time, or a second time: refused', async () => {
  const body = { leaves: [own] };
  const good = { path, body, nonce: nonceOf('good') };
  const nowS = Math.floor(served.node.clock() / 1000);
  const cases: [string, string, string][] = [
    ['unauthorised', 'none', ''],
    ['unauthorised', 'the token of the installation', `Bearer ${served.node.genesis.keys.token}`],
    ['forbidden', 'a stranger', authorizationOf(served, { ...good, key: new Uint8Array(32).fill(9) })],
    ['forbidden', 'another log', authorizationOf(served, { ...good, origin: 'elsewhere.example/1' })],
    ['forbidden', 'another path', authorizationOf(served, { ...good, path: `${path}x` })],
    ['forbidden', 'another body', authorizationOf(served, { ...good, body: { leaves: [] } })],
    ['unauthorised', 'too old', authorizationOf(served, { ...good, timeS: nowS - 121 })],
    ['unauthorised', 'of the future', authorizationOf(served, { ...good, timeS: nowS + 121 })],
    ['bad-signature', 'no signature', `Trine-Decider ${nowS} ${'0'.repeat(64)} 0x${'0'.repeat(130)}`],
  ];
  for (const [code, name, authorization] of cases) {
    const answer = await ask(body, authorization);
    assert.equal(problemOf(answer).code, code, name);
  }
  const right = authorizationOf(served, { ...good, key: SECOND });
  assert.equal((await ask(body, right)).status, 200);
  assert.match(problemOf(await ask(body, right)).error, /came before: sign it anew/);
});

test('a policy that is not there, and one that names other deciders, are told apart by nobody', async () => {
  const { parts, decisions } = served.settling;
  const alone = await served.does(decisions.propose({ ...parts.agreement(), title: 'Alone' }));
  const errors = await Promise.all(
    [alone.hash, '0'.repeat(64)].map(async (hash) => {
      const to = `/api/v1/deciding/${hash}/bodies`;
      const body = { leaves: [] };
      return problemOf(await ask(body, authorizationOf(served, { path: to, body, nonce: nonceOf(to) }), to)).error;
    }),
  );
  assert.equal(errors[0], errors[1]);
});

test('who asks too often, or hands in too many signatures, is told to wait', async () => {
  const body = { signature: `0x${'1'.repeat(130)}` };
  const codes = new Set<string>();
  for (let i = 0; i < 400; i++)
    codes.add(problemOf(await served.post(`/api/v1/intents/${'0'.repeat(64)}/signatures`, body, { token: '' })).code);
  assert.deepEqual([...codes], ['not-found', 'rate-limited']);
  const asked = new Set<string>();
  for (let i = 0; i < 400; i++) asked.add(problemOf(await ask({ leaves: [] }, 'none')).code);
  assert.deepEqual([...asked], ['unauthorised', 'rate-limited']);
});
