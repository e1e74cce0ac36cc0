// Decisions on late readings while what they correct is pending: all of it together takes the place of that, and nothing is
// paid twice, or paid first and asked back, however it goes on the chain.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { replayWith } from '@trine/engine';
import { settleCall } from '@trine/ledger/calls.ts';
import { sendCall } from '@trine/ledger/transactions.ts';
import { fromHex, hexOf, type Intent, intentDigest, type Report, verifyEvidence, ZERO_HASH } from '@trine/protocol';
import { correctable, corrects, fileOf } from '../testing/correctable.ts';
import { type Disputable, type DisputableOptions, WINDOW_S } from '../testing/disputable.ts';
import { T0 } from '../testing/world.ts';
import { checkCovered } from './replacing.ts';
import { Later, Waits } from './waits.ts';

async function intentOf({ settling }: Disputable, digest: string): Promise<Intent> {
  const payment = await settling.parts.does(settling.settler.payment(fromHex(digest)));
  assert.ok(payment);
  return payment.intent;
}

const amounts = ({ entries }: Intent) => entries.map(({ amount }) => amount);

async function reportOf(one: Disputable, digest: string): Promise<Report> {
  const { domains, genesis } = one.settling.parts;
  return verifyEvidence(await fileOf(one, digest), { network: genesis.network, replay: replayWith(domains) });
}

const detail = ({ steps }: Report, step: string) => steps.find(({ name }) => name === step)?.detail ?? '';

test('what is pending is replaced by what the late reading leaves of it, which can be disputed anew, is paid, and proven', async (t) => {
  const one = await correctable(t);
  const [first = ''] = await one.ordered();
  assert.deepEqual(amounts(await intentOf(one, first)), [10n]);
  await one.act('hold', one.keys.account);
  await one.pass(5);
  await corrects(one, 2_000);
  const [, second = '', ...more] = await one.ordered();
  assert.deepEqual(more, []);
  const intent = await intentOf(one, second);
  assert.deepEqual([amounts(intent), intent.supersedes], [[5n], `0x${first}`]);
  assert.equal(intent.obligation, (await intentOf(one, first)).obligation);
  assert.deepEqual(one.course, { state: 'replaced' });
  one.digest = second;
  const { course } = one;
  assert.equal(course?.state, 'announced');
  assert.ok(course.untilS - one.nowS > WINDOW_S - 90, 'a window of its own');
  await one.pass(WINDOW_S);
  assert.equal(await one.paid(), true);
  assert.equal(await one.received(), 5n);
  assert.equal(one.settling.settler.problem, undefined);
  const report = await reportOf(one, second);
  assert.equal(report.verdict, 'members-word', JSON.stringify(report.steps));
  assert.match(
    detail(report, 'intent'),
    new RegExp(`in place of the order ${first.slice(0, 12)}, 2 decisions together`),
  );
});

test('once it is paid, the difference alone is ordered', async (t) => {
  const one = await correctable(t);
  await one.pass(WINDOW_S);
  assert.equal(await one.received(), 10n);
  await corrects(one, 2_000);
  const [first = '', second = ''] = await one.ordered();
  const [base, intent] = [await intentOf(one, first), await intentOf(one, second)];
  assert.deepEqual([amounts(intent), intent.supersedes], [[5n], ZERO_HASH]);
  assert.notEqual(intent.obligation, base.obligation);
  assert.deepEqual([intent.entries[0]?.from, intent.entries[0]?.to], [base.entries[0]?.to, base.entries[0]?.from]);
});

test('where nothing is left of it, nothing moves, and the deposit is free', async (t) => {
  const one = await correctable(t);
  const before = await one.locked();
  const { parts } = one.settling;
  await parts.say([{ atMs: one.world.now() - T0 + 500, ofMs: 3_000 }]);
  await corrects(one, 2_000);
  const [first = '', second = ''] = await one.ordered();
  assert.deepEqual(amounts(await intentOf(one, second)), []);
  assert.equal(await one.locked(), before + 10n);
  await one.pass(WINDOW_S);
  assert.equal(await one.received(), 0n);
  const report = await reportOf(one, second);
  assert.equal(report.verdict, 'members-word', JSON.stringify(report.steps));
  assert.match(detail(report, 'intent'), /^nothing is due any more; in place of the order/);
  assert.ok(first);
});

test('late again: the second takes the place of the first, and all three decisions are paid together', async (t) => {
  const one = await correctable(t);
  await corrects(one, 2_000);
  await corrects(one, 3_000);
  const [first = '', second = '', third = ''] = await one.ordered();
  const intent = await intentOf(one, third);
  assert.deepEqual([amounts(intent), intent.supersedes], [[], `0x${second}`]);
  assert.equal(intent.obligation, (await intentOf(one, first)).obligation);
  one.digest = third;
  await one.pass(WINDOW_S);
  assert.equal(await one.paid(), true);
  assert.equal(await one.received(), 0n);
});

test('what was to replace a payment that was faster is ordered apart', async (t) => {
  let isCutOff = false;
  const chain: DisputableOptions['chain'] = ({ request }) => ({
    request: (call) => {
      if (isCutOff && call.method === 'eth_sendRawTransaction') throw new Error('The way to the chain is cut off.');
      return request(call);
    },
  });
  const one = await correctable(t, chain);
  const [first = ''] = await one.ordered();
  const base = await intentOf(one, first);
  isCutOff = true;
  await one.pass(WINDOW_S - 90);
  await corrects(one, 2_000);
  const [, second = ''] = await one.ordered();
  assert.equal((await intentOf(one, second)).supersedes, `0x${first}`);
  await one.world.reaches(one.world.time.elapsedMs + 90_000);
  isCutOff = false;
  // Anyone may settle what is due.
  const proof = { originHash: ZERO_HASH, index: 0n, size: 0n, root: ZERO_HASH, path: [] };
  const { parts } = one.settling;
  await parts.does(sendCall(one.settling.chain, hexOf(parts.genesis.keys.issuer), settleCall(base, [], proof)));
  await one.pass(60);
  assert.equal(await one.received(), 10n);
  await one.pass(120);
  const [, , third = ''] = await one.ordered();
  assert.deepEqual(one.settling.settler.courses.of(second), { state: 'replaced' });
  const apart = await intentOf(one, third);
  assert.deepEqual([amounts(apart), apart.supersedes], [[5n], ZERO_HASH]);
  assert.notEqual(apart.obligation, base.obligation);
  assert.equal(apart.entries[0]?.from, base.entries[0]?.to);
});

test('what was dropped is not corrected: that was the last word', async (t) => {
  const one = await correctable(t);
  await one.act('hold', one.keys.account);
  await one.act('drop', one.keys.arbiter);
  await one.pass(10);
  await corrects(one, 2_000);
  assert.equal((await one.ordered()).length, 1);
  const [waiting] = [...one.settling.settler.waiting.values()];
  assert.match(waiting?.reason ?? '', /was dropped: that was the last word/);
  assert.equal(one.settling.settler.problem, undefined);
});

test('held by the arbiter it waits until it is to be decided again, and then takes its place', async (t) => {
  const one = await correctable(t);
  await one.act('hold', one.keys.arbiter);
  await one.pass(5);
  await corrects(one, 2_000);
  assert.equal((await one.ordered()).length, 1);
  await one.act('redecide', one.keys.arbiter);
  await one.pass(30);
  const [first = '', second = ''] = await one.ordered();
  const intent = await intentOf(one, second);
  assert.deepEqual([amounts(intent), intent.supersedes], [[5n], `0x${first}`]);
  assert.equal(intentDigest(intent).slice(2), second);
  one.digest = second;
  await one.pass(WINDOW_S);
  assert.equal(await one.received(), 5n);
});

test('the power fails between the order and its announcement: it takes the place all the same', async (t) => {
  const one = await correctable(t);
  await one.act('hold', one.keys.account);
  await one.pass(5);
  const { parts } = one.settling;
  const atMs = one.world.now() - T0 + 1_000;
  await parts.say([{ atMs, ofMs: 2_000 }]);
  await parts.decideAt(atMs + 3_000);
  await one.powerFails(30);
  await one.pass(60);
  const [first = '', second = ''] = await one.ordered();
  assert.equal((await intentOf(one, second)).supersedes, `0x${first}`);
  one.digest = second;
  await one.pass(WINDOW_S);
  assert.equal(await one.received(), 5n);
});

test('what was not paid in time is ordered anew only where who pays has enough, and while the contract takes it', async (t) => {
  const one = await correctable(t);
  const { parts, chain, settler } = one.settling;
  const [first = ''] = await one.ordered();
  const intent = await intentOf(one, first);
  const [decision] = parts.decided;
  const [logged] = parts.projections.policies.agreements();
  assert.ok(decision && logged);
  const { contracts } = parts.genesis;
  const options = {
    ...{ chain, contracts, log: parts.log, store: parts.store, bodies: parts.bodies },
    courses: settler.courses,
  };
  const asked = (amount: bigint, nowMs = T0) => {
    const entries = intent.entries.map((entry) => ({ ...entry, amount }));
    return parts.does(checkCovered({ ...options, now: () => nowMs }, decision, { ...intent, entries }, logged.policy));
  };
  const there = await one.locked();
  await asked(there);
  await assert.rejects(asked(there + 1n), { constructor: Later, message: /who pays has too little in the agreement/ });
  const tooLate = decision.obligation.toMs + logged.policy.money.settleWithinS * 1_000 + 1;
  await assert.rejects(asked(1n, tooLate), { constructor: Waits, message: /too old to be ordered anew/ });
});
