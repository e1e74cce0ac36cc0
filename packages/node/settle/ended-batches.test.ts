// Batches that are never paid: what was not announced in time is left, and ordered anew; what was dropped is nobody's any more.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decisionId, toHex } from '@trine/protocol';
import { DEADLINE_S, WINDOW_S } from '../testing/customers.ts';
import { District, homes } from '../testing/district.ts';
import { T0 } from '../testing/world.ts';
import { actInPractice } from './practice-acts.ts';

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
