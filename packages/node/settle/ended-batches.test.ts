// Batches that are never paid: what was not announced in time is left, and ordered anew; what was dropped is nobody's any more.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { actCall, digestOf } from '@trine/ledger/acts.ts';
import { sendCall } from '@trine/ledger/transactions.ts';
import { type Act, addressOfPrivateKey, decisionId, hexOf, intentDigest, signDigest, toHex } from '@trine/protocol';
import { DEADLINE_S, WINDOW_S } from '../testing/customers.ts';
import { District, homes } from '../testing/district.ts';
import { T0 } from '../testing/world.ts';

const START_MS = 60_000;

test('a batch that was not announced in time is ordered anew, with all that it was to pay', async (t) => {
  let isCutOff = false;
  const district = await District.open(
    t,
    homes,
    () => ({}),
    ({ chain }) => ({
      chain: {
        ...chain,
        request: (call) => {
          if (isCutOff && call.method === 'eth_sendRawTransaction') throw new Error('The way to the chain is cut off.');
          return chain.request(call);
        },
      },
    }),
  );
  isCutOff = true;
  const decision = await district.decide(START_MS, [3, 4, 2]);
  const [first, ...none] = await district.query('SELECT digest, obligation FROM intents');
  assert.deepEqual(none, []);
  await district.pass(WINDOW_S + DEADLINE_S + 10);
  isCutOff = false;
  await district.customers.fund('home/1', 1n);
  await district.pass(60);
  assert.deepEqual(district.settling.settler.courses.of(toHex(first?.digest as Uint8Array)), { state: 'expired' });
  const [, second, ...more] = await district.query('SELECT digest, obligation FROM intents ORDER BY leaf');
  assert.deepEqual([second?.obligation, more], [first?.obligation, []]);
  await district.pass(WINDOW_S);
  assert.equal((await district.query('SELECT * FROM settlements')).length, 1);
  const line = await district.verify(await district.lineOf('home/2', START_MS));
  assert.equal(line.verdict, 'members-word', JSON.stringify(line.steps));
  assert.deepEqual(district.waiting(decision), []);
});

test('lines of a batch that the arbiter dropped are not corrected', async (t) => {
  const district = await District.open(t, homes, () => ({ correctableMs: 86_400_000 }));
  const { settling, logged } = district;
  const { parts, settler } = settling;
  const { chain, contracts, keys } = parts.genesis;
  await district.decide(START_MS, [3, 4, 2]);
  const [row] = await district.query('SELECT digest FROM intents');
  const payment = await parts.does(settler.payment(row?.digest as Uint8Array));
  assert.ok(payment);
  const { intent } = payment;
  const about = { agreement: hexOf(logged.id), obligation: intent.obligation, intent: intentDigest(intent) };
  const by = { account: addressOfPrivateKey(keys.arbiter), deadline: 2n ** 40n };
  const acts: Act[] = [
    { kind: 'hold', ...about, ...by, nonce: 1n },
    { kind: 'rule', ruling: 'drop', ...about, ...by, nonce: 2n },
  ];
  for (const act of acts) {
    const signature = signDigest(digestOf(chain.chainId, contracts, act, contracts.batch), keys.arbiter);
    await parts.does(
      sendCall(chain, hexOf(keys.issuer), actCall(contracts, act, { signature, intent, settler: contracts.batch })),
    );
  }
  await district.pass(30);
  assert.deepEqual(settler.courses.of(toHex(row?.digest as Uint8Array)), { state: 'dropped' });
  const atMs = parts.world.now() - T0 + 1_000;
  await parts.say([{ thing: 'home/1', atMs, ofMs: START_MS + 1_500, value: 5 }]);
  const [correction] = (await parts.decideAt(atMs + 3_000)).filter(({ supersedes }) => supersedes);
  assert.equal(correction?.outcome, 'pay');
  await settling.settle();
  assert.equal((await district.query('SELECT digest FROM intents')).length, 1);
  assert.match(settler.waiting.get(toHex(decisionId(correction)))?.reason ?? '', /was dropped: that was the last word/);
});
