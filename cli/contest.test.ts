// A contest from the command line, as child processes, with a node whose chain is in memory: a home says that its row in a
// batch is wrong, and the arbiter rules.
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { addressOf, DEADLINE_S, keyOf, WINDOW_S } from '@trine/node/testing/customers.ts';
import { District, homes } from '@trine/node/testing/district.ts';
import { ServedNode } from '@trine/node/testing/served.ts';
import { toHex } from '@trine/protocol';
import { guideCommands, VirtualBench } from './testing.ts';

const HOLD_S = 7_200;

/** A batch of three homes that is announced, and a key file of each. */
async function open(t: TestContext) {
  const district = await District.open(t, homes, ({ parts }) => {
    const { batch } = parts.genesis.network.chain;
    const times = { disputeWindowS: WINDOW_S, deadlineS: DEADLINE_S, holdMaxS: HOLD_S };
    return { money: { ...parts.agreement().money, contract: batch, ...times, contestBond: 20 } };
  });
  await district.decide(60_000, [3, 4, 2]);
  const served = ServedNode.over(district.settling);
  const commands = await VirtualBench.open(t, served);
  const { items } = await served.get<{ items: { id: string }[] }>('/api/v1/payments');
  const key = (home: string) => commands.bench.file(`${home.replace('/', '-')}.key`, toHex(keyOf(home)));
  const trine = (...args: string[]) => commands.trine(...args);
  return { district, served, payment: items[0]?.id as string, key, trine };
}

test('a home contests with its key file and no token; it is listed, ruled on by the arbiter, and listed again', async (t) => {
  const { district, payment, key, trine } = await open(t);
  const short = payment.slice(0, 12);
  const reason = 'Read twice: 3 of 4 are right.';
  assert.equal((await trine('contests', short)).out, 'Nobody contests it.\n');
  const poor = await trine('contest', short, '--reason', reason, '--key', key('home/1'));
  assert.deepEqual(
    [poor.status, /bond of 0\.20 EUR .* that is 0\.00 EUR: deposit/.test(poor.words)],
    [1, true],
    poor.words,
  );
  for (const home of ['home/1', 'home/2']) await district.customers.fund(home, 20n);
  const said = await trine('contest', short, '--reason', reason, '--key', key('home/1'), '--token', 'none');
  assert.equal(said.status, 0, said.words);
  assert.match(said.out, new RegExp(`^Contested by ${addressOf('home/1')}\\. The batch is settled all the same`));
  const twice = await trine('contest', short, '--reason', reason, '--key', key('home/1'));
  assert.deepEqual([twice.status, /has contested this batch before/.test(twice.words)], [1, true], twice.words);
  const stranger = await trine('contest', short, '--reason', reason, '--as', 'arbiter');
  assert.deepEqual([stranger.status, /has no row in its batches/.test(stranger.words)], [1, true], stranger.words);
  const long = await trine('contest', short, '--reason', 'x'.repeat(1_001), '--key', key('home/2'));
  assert.deepEqual([long.status, /at most 1000 characters/.test(long.words)], [2, true]);
  assert.equal((await trine('contest', short, '--reason', 'Not mine', '--key', key('home/2'))).status, 0);

  const open1 = (await trine('contests', short)).out;
  assert.match(
    open1,
    /home\/1 +0x[0-9a-f]{40} .* 0\.20 EUR +open; if nobody rules until 20\S+Z, the bond goes back +Read twice: 3 of 4/,
  );
  const usurper = await trine('rule-contest', short, 'home/1', 'justified', '--as', 'payer');
  assert.deepEqual([usurper.status, /The signature is not by 0x/.test(usurper.words)], [1, true], usurper.words);
  const nobody = await trine('rule-contest', short, 'home/3', 'justified', '--as', 'arbiter');
  assert.deepEqual([nobody.status, /Nobody by the name of home\/3/.test(nobody.words)], [1, true]);
  const none = await trine('rule-contest', short, addressOf('home/3'), 'justified', '--as', 'arbiter');
  assert.deepEqual([none.status, /has no open contest of this batch/.test(none.words)], [1, true], none.words);
  const ruled = await trine('rule-contest', short, 'home/1', 'justified', '--as', 'arbiter');
  assert.deepEqual([ruled.status, /^Ruled: justified\. The bond is back/.test(ruled.out)], [0, true], ruled.words);
  const against = await trine('rule-contest', payment, addressOf('home/2'), 'unjustified', '--as', 'arbiter');
  assert.equal(against.status, 0, against.words);
  const listed = (await trine('contests', short, '--json')).json<{ key: string; ended: { how: string } }[]>();
  assert.deepEqual(
    listed.map((one) => [one.key, one.ended.how]),
    [
      ['home/1', 'justified'],
      ['home/2', 'unjustified'],
    ],
  );
  const had = (await trine('account', addressOf('home/1'), '--json')).json<{ free: number }>();
  assert.equal(had.free, 20);
});

test('on a practice network the node rules in the name of the arbiter, for whom the token lets; what is said is for who sees payments', async (t) => {
  const { district, served, payment, key, trine } = await open(t);
  await district.customers.fund('home/3', 20n);
  assert.equal((await trine('contest', payment, '--reason', 'Wrong', '--key', key('home/3'))).status, 0);
  const path = `/api/v1/payments/${payment}/contests/practice`;
  const body = { account: addressOf('home/3'), justified: false };
  assert.equal((await served.post(path, body, { token: '' })).status, 401);
  const answer = await served.post(path, body);
  assert.equal(answer.status, 200, answer.text);
  await served.settling.settle();
  const { contests } = await served.get<{ contests: { ended?: { how: string } }[] }>(`/api/v1/payments/${payment}`);
  assert.deepEqual(
    contests.map(({ ended }) => ended?.how),
    ['unjustified'],
  );
  assert.equal(
    (await served.ask(`/api/v1/payments/${payment}`, { token: '' })).status,
    401,
    'words are for who sees payments',
  );
});

test('the commands of the guide do what it says', async (t) => {
  const { district, payment, key, trine } = await open(t);
  const { 3: commands = [] } = guideCommands('disputes');
  assert.equal(commands.length, 3);
  await district.customers.fund('home/2', 20n);
  const words: Record<string, string> = { PAYMENT: payment, ACCOUNT: addressOf('home/2'), 'home.key': key('home/2') };
  const said: string[] = [];
  for (const command of commands) {
    const answer = await trine(...command.map((word) => words[word] ?? word));
    assert.equal(answer.status, 0, `${command.join(' ')}: ${answer.words}`);
    said.push(answer.out);
  }
  assert.match(said[1] ?? '', /home\/2 .* open; .* My meter was read twice/);
  assert.match(said[2] ?? '', /^Ruled: justified/);
});
