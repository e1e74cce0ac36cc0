// Batches that end another way: what was not announced in time is left, and ordered anew; what was dropped is nobody's any more;
// what was held and is released is settled.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { actCall, NEVER } from '@trine/ledger/acts.ts';
import { sendCall } from '@trine/ledger/transactions.ts';
import { type Act, addressOfPrivateKey, decisionId, hexOf, toHex } from '@trine/protocol';
import { DEADLINE_S, WINDOW_S } from '../testing/customers.ts';
import { District, homes } from '../testing/district.ts';
import { lined } from '../testing/lines.ts';
import { installedCounting } from '../testing/parts.ts';
import { openSettling } from '../testing/settling.ts';
import { T0 } from '../testing/world.ts';
import { actInPractice } from './practice-acts.ts';
import type { Payment } from './settler.ts';

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
  const { settling } = district;
  const { parts, settler } = settling;
  await district.decide(START_MS, [3, 4, 2]);
  const [row] = await district.query('SELECT digest FROM intents');
  const digest = toHex(row?.digest as Uint8Array);
  for (const what of ['hold', 'drop'] as const) {
    await parts.does(actInPractice({ genesis: parts.genesis, settler, clock: parts.world.now }, digest, what));
    await district.pass(5);
  }
  await district.pass(30);
  assert.deepEqual(settler.courses.of(digest), { state: 'dropped' });
  const atMs = parts.world.now() - T0 + 1_000;
  await parts.say([{ thing: 'home/1', atMs, ofMs: START_MS + 1_500, value: 5 }]);
  const [correction] = (await parts.decideAt(atMs + 3_000)).filter(({ supersedes }) => supersedes);
  assert.equal(correction?.outcome, 'pay');
  await settling.settle();
  assert.equal((await district.query('SELECT digest FROM intents')).length, 1);
  assert.match(settler.waiting.get(toHex(decisionId(correction)))?.reason ?? '', /was dropped: that was the last word/);
});

test('a batch that is released just before the node is started anew is settled when its window is over', async (t) => {
  const district = await District.open(t, homes);
  const { parts, settler } = district.settling;
  const { world, genesis } = parts;
  await district.decide(START_MS, [3, 4, 2]);
  const [row] = await district.query('SELECT digest FROM intents');
  const digest = row?.digest as Uint8Array;
  await parts.does(actInPractice({ genesis, settler, clock: world.now }, toHex(digest), 'hold'));
  await district.pass(5);
  assert.equal(settler.courses.of(toHex(digest))?.state, 'held');
  const { intent } = (await parts.does(settler.payment(digest))) as Payment;
  const { keys, chain, contracts } = genesis;
  const { agreement, obligation } = intent;
  const about = { agreement, obligation, intent: hexOf(digest), account: addressOfPrivateKey(keys.arbiter) };
  const act: Act = { kind: 'rule', ruling: 'pay', ...about, nonce: 1n, deadline: NEVER };
  await world.does(sendCall(chain, hexOf(keys.arbiter), actCall(contracts, act, { intent, settler: intent.settler })));
  parts.life.isOver = true;
  world.disk.restart();
  district.settling = await openSettling({ world, installed: [installedCounting, lined] });
  await district.settling.settle();
  assert.equal(district.settling.settler.courses.of(toHex(digest))?.state, 'released');
  await district.pass(WINDOW_S);
  assert.equal((await district.query('SELECT * FROM settlements')).length, 1);
  assert.equal(district.settling.settler.problem, undefined);
});
