// Disputes and accounts from the command line, as child processes, with a node whose chain is in memory.
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { SECOND } from '@trine/node/testing/co-deciding.ts';
import { HeldLines } from '@trine/node/testing/held-lines.ts';
import { ServedNode } from '@trine/node/testing/served.ts';
import { type Agreement, addressOfPrivateKey, decisionId, encodeNetwork, toHex } from '@trine/protocol';
import { type Bench, guideCommands, type Ran, VirtualBench } from './testing.ts';

const WINDOW_S = 600;

interface Shown {
  readonly state: string;
  readonly course?: { readonly heldBy?: string };
  readonly replacedBy?: string;
  readonly isBatch: boolean;
  readonly recipient: string;
}

class Scene {
  readonly bench: Bench;
  readonly served: ServedNode;
  readonly payment: string;
  readonly #commands: VirtualBench;

  private constructor(commands: VirtualBench, payment = '') {
    this.bench = commands.bench;
    this.served = commands.served;
    this.#commands = commands;
    this.payment = payment;
  }

  /** A node behind a port, and a data folder with the keys. */
  static async over(t: TestContext, served: ServedNode): Promise<Scene> {
    return new Scene(await VirtualBench.open(t, served));
  }

  /** And a payment that was announced. @param change of the terms */
  static async open(t: TestContext, change: Partial<Agreement> = {}): Promise<Scene> {
    const served = await ServedNode.open();
    t.after(() => served.close());
    const commands = await VirtualBench.open(t, served);
    const { parts } = served;
    const { money } = parts.agreement();
    const policy = parts.agreement({ money: { ...money, disputeWindowS: WINDOW_S }, ...change });
    assert.equal((await served.post('/api/v1/policies', { policy })).status, 200);
    await parts.say([{ atMs: 1_000 }]);
    await parts.decideAt(12_000);
    await served.settling.settle();
    const { items } = await served.get<{ items: { id: string }[] }>('/api/v1/payments');
    return new Scene(commands, items[0]?.id as string);
  }

  trine(...args: string[]): Promise<Ran> {
    return this.#commands.trine(...args);
  }

  shown(payment: string = this.payment): Promise<Shown> {
    return this.served.get<Shown>(`/api/v1/payments/${payment}`);
  }

  addressOf(name: 'account' | 'recipient' | 'arbiter'): string {
    return addressOfPrivateKey(this.served.node.genesis.keys[name]);
  }
}

test('a payment is held by who pays, ruled on by the arbiter, and dropped; refusals say why', async (t) => {
  const scene = await Scene.open(t);
  const short = scene.payment.slice(0, 12);
  const early = await scene.trine('rule', short, 'pay', '--as', 'arbiter');
  assert.deepEqual([early.status, early.words.includes('only what is held can be ruled on')], [1, true], early.words);
  const stranger = await scene.trine('hold', short, '--as', 'recipient');
  assert.deepEqual(
    [stranger.status, /who pays and the arbiter may hold/.test(stranger.words)],
    [1, true],
    stranger.words,
  );
  const nobody = await scene.trine('hold', short);
  assert.deepEqual([nobody.status, /Say who acts: --key FILE/.test(nobody.words)], [2, true]);
  const held = await scene.trine('hold', short, '--as', 'payer');
  assert.equal(held.status, 0, held.words);
  assert.match(held.out, /^Held by 0x/);
  assert.deepEqual(
    [(await scene.shown()).state, (await scene.shown()).course?.heldBy],
    ['held', scene.addressOf('account')],
  );
  const file = scene.bench.file('judge.key', `0x${toHex(scene.served.node.genesis.keys.arbiter)}\n`);
  const ruled = await scene.trine('rule', scene.payment, 'drop', '--key', file, '--json', '--token', 'none');
  assert.equal(ruled.status, 0, `needs no token: ${ruled.words}`);
  assert.equal(ruled.json<{ state: string }>().state, 'confirmed');
  assert.equal((await scene.shown()).state, 'dropped');
  const contested = await scene.trine('contest', short, '--reason', 'Wrong', '--as', 'payer');
  assert.deepEqual([contested.status, /is not settled in a batch: .*trine hold/.test(contested.words)], [2, true]);
  const again = await scene.trine('hold', short, '--as', 'payer');
  assert.deepEqual([again.status, /that is final/.test(again.words)], [1, true]);
});

test('held to be decided again: a late reading leaves less, or nothing, which takes its place, can be disputed, and is settled', async (t) => {
  const scene = await Scene.open(t, { correctableMs: 86_400_000 });
  const { parts, settling } = scene.served;
  assert.equal((await scene.trine('hold', scene.payment, '--as', 'arbiter')).status, 0);
  const ruled = await scene.trine('rule', scene.payment, 'redecide', '--as', 'arbiter');
  assert.match(ruled.out, /another decision takes its place/);
  const atMs = parts.world.time.elapsedMs + 1_000;
  await parts.say([{ atMs, ofMs: 2_000 }]);
  await parts.decideAt(atMs + 3_000);
  await settling.settle();
  settling.settler.round();
  await settling.settle();
  const { state, replacedBy = '' } = await scene.shown();
  assert.equal(state, 'replaced');
  assert.equal((await scene.shown(replacedBy)).state, 'announced');
  await parts.world.reaches(parts.world.time.elapsedMs + WINDOW_S * 1_000);
  settling.settler.round();
  await settling.settle();
  const { state: became, isBatch, recipient } = await scene.shown(replacedBy);
  assert.deepEqual([became, isBatch, recipient], ['paid', false, ''], 'nothing was due any more');
});

test('for another network than the one that is trusted nothing is signed', async (t) => {
  const scene = await Scene.open(t);
  const { network } = scene.served.node.genesis;
  const other = { ...network, name: `${network.name} too` };
  const [own, foreign] = [network, other].map((one, i) =>
    scene.bench.file(`network-${i}.json`, new TextDecoder().decode(encodeNetwork(one))),
  ) as [string, string];
  const refused = await scene.trine('hold', scene.payment, '--as', 'payer', '--network', foreign);
  assert.deepEqual([refused.status, /shows another network document/.test(refused.words)], [2, true], refused.words);
  assert.equal((await scene.shown()).state, 'announced');
  assert.equal((await scene.trine('hold', scene.payment, '--as', 'payer', '--network', own)).status, 0);
});

const HELD = { ownersMin: 3, classMin: 'software', heartbeat: 'node/1', heartbeatGapMsMax: 600_000 } as const;

/** What the guide says of what is held. */
async function byTheGuide(t: TestContext, commands: readonly (readonly string[])[]): Promise<void> {
  const scene = await Scene.open(t, { gate: HELD });
  const key = scene.bench.file('decider.key', toHex(scene.served.node.genesis.keys.account));
  const [held] = await scene.served.get<{ id: string }[]>('/api/v1/held');
  const words: Record<string, string> = { DECISION: held?.id as string, 'decider.key': key };
  for (const command of commands) {
    const answer = await scene.trine(...command.map((word) => words[word] ?? word));
    assert.equal(answer.status, 0, `${command.join(' ')}: ${answer.words}`);
  }
  assert.deepEqual(await scene.served.get('/api/v1/held'), []);
}

test('the commands of the guide do what it says', async (t) => {
  const blocks = guideCommands('disputes');
  // The fourth is of batches: contest.test.ts.
  const [practice = [], elsewhere = [], byHand = []] = blocks;
  assert.deepEqual([blocks.length, practice.length, elsewhere.length, byHand.length], [4, 3, 2, 3]);
  await byTheGuide(t, byHand.slice(0, 2));
  await byTheGuide(t, byHand.slice(2));
  for (const commands of [practice, elsewhere]) {
    const scene = await Scene.open(t);
    const key = scene.bench.file('payer.key', toHex(scene.served.node.genesis.keys.account));
    const words: Record<string, string> = { PAYMENT: scene.payment, 'payer.key': key };
    for (const command of commands) {
      const answer = await scene.trine(...command.map((word) => words[word] ?? word));
      assert.equal(answer.status, 0, `${command.join(' ')}: ${answer.words}`);
    }
    assert.equal((await scene.shown()).state, commands === practice ? 'paid' : 'announced');
  }
});

test('what somebody has is said, moved out and in, and an agreement is revoked and says from when on it is free', async (t) => {
  const scene = await Scene.open(t);
  const [agreement] = await scene.served.get<{ id: string }[]>('/api/v1/agreements');
  const id = agreement?.id.slice(0, 10) as string;
  assert.equal((await scene.trine('revoke', id, '--as', 'payer')).status, 0);
  const payer = await scene.trine('account', '--as', 'payer');
  assert.match(payer.out, /revoked 20\d\d-.*free from 20\d\d-/);
  const soon = await scene.trine('release', id, '--as', 'payer');
  assert.deepEqual([soon.status, /too early: from 20/.test(soon.words)], [1, true], soon.words);
  const { world } = scene.served.parts;
  await world.reaches(world.time.elapsedMs + WINDOW_S * 1_000);
  await scene.served.settling.settle();
  const has = await scene.trine('account', '--as', 'recipient');
  assert.match(has.out, /^Free {4}0\.05 EUR/m, has.words + has.out);
  const out = await scene.trine('withdraw', '0.04', '--as', 'recipient');
  assert.equal(out.out, `Withdrawn: 0.04 EUR to ${scene.addressOf('recipient')}.\n`, out.words);
  const more = await scene.trine('withdraw', '1', '--as', 'recipient');
  assert.deepEqual(
    [more.status, /free balance is 0\.01 EUR: less than the 1\.00 EUR it takes/.test(more.words)],
    [1, true],
    more.words,
  );
  const back = await scene.trine('deposit', '0.03', '--as', 'recipient');
  assert.equal(back.out, 'Deposited 0.03 EUR.\n', back.words);
  const now = (await scene.trine('account', scene.addressOf('recipient'), '--json')).json<{
    free: number;
    wallet: number;
  }>();
  assert.deepEqual([now.free, now.wallet], [4, 1]);
  // More for the agreement, out of what is free; what was revoked grows no more.
  const later = ['--until', '2026-12-31T23:00:00Z'];
  const given = await scene.trine('authorize', id, '0.02', '--at-once', '0.01', ...later, '--as', 'recipient');
  assert.equal(given.out, 'Authorised: Counting may take 0.01 EUR for one obligation, 0.02 EUR in all.\n', given.words);
  const locks = await scene.trine('account', '--as', 'recipient');
  assert.match(locks.out, /^Free {4}0\.02 EUR/m);
  assert.match(locks.out, /Counting +recipient +0\.02 EUR +0\.01 EUR +until 20/);
  const less = await scene.trine('authorize', id, '0', '--at-once', '0.005', '--as', 'recipient');
  assert.equal(less.status, 2, less.words);
  const late = await scene.trine('authorize', id, '0.01', ...later, '--as', 'payer');
  assert.deepEqual([late.status, /too early|free balance/.test(late.words)], [1, true], late.words);
  const stranger = await scene.trine('authorize', id, '0.01', '--until', 'soon', '--as', 'recipient');
  assert.match(stranger.words, /soon is no time/);
  const nothing = await scene.trine('claim', id, '--as', 'recipient');
  assert.match(nothing.words, /has no number in this agreement/);
  for (const amount of ['0', '-1', '0.001', 'x', '1e3'])
    assert.equal((await scene.trine('deposit', '--as', 'recipient', '--', amount)).status, 2, amount);
});

test('what the gate held is listed, waits for both parties, is released by hand, and then paid as any other', async (t) => {
  const scene = await Scene.open(t, { gate: HELD });
  assert.equal(scene.payment, '');
  const listed = await scene.trine('held', 'list', '--json');
  const [held] = listed.json<{ id: string; amount: number }[]>();
  assert.equal(held?.amount, 5, listed.words);
  const words = (await scene.trine('held', 'list')).out;
  assert.match(
    words,
    /Counting +2026-01-05T08:00:00Z +0\.05 EUR +.*Readings of 3 owners besides who gains .*\.*signed by none/,
  );
  const short = held?.id.slice(0, 12) as string;
  const nobody = await scene.trine('held', 'release', short, '--reason', 'x');
  assert.deepEqual([nobody.status, /Say who acts/.test(nobody.words)], [2, true]);
  const judge = await scene.trine('held', 'release', short, '--reason', 'x', '--as', 'arbiter');
  assert.deepEqual([judge.status, /is no decider and no party/.test(judge.words)], [1, true], judge.words);
  const one = await scene.trine('held', 'release', short, '--reason', 'Looked at', '--as', 'recipient');
  assert.deepEqual([one.status, /^Signed\. It counts once/.test(one.out)], [75, true], one.words);
  const both = await scene.trine('held', 'release', short, '--reason', 'Looked at', '--as', 'payer');
  assert.deepEqual([both.status, both.out], [0, 'Released: it is ordered and paid like any other.\n'], both.words);
  const again = await scene.trine('held', 'drop', short, '--reason', 'Changed', '--as', 'payer');
  assert.deepEqual([again.status, /Nothing that is held begins with/.test(again.words)], [1, true], again.words);
  await scene.served.settling.settle();
  const { items } = await scene.served.get<{ items: { state: string; decision: string }[] }>('/api/v1/payments');
  assert.deepEqual(
    items.map(({ state, decision }) => [state, decision]),
    [['announced', held?.id]],
  );
  const detail = await scene.served.get<{ byHand?: object }>(`/api/v1/decisions/${held?.id}`);
  assert.deepEqual(detail.byHand, { ruling: 'pay', reason: 'Looked at', by: '1 decider' });
});

test('and dropped: nothing is ordered', async (t) => {
  const scene = await Scene.open(t, { gate: HELD });
  const [held] = (await scene.trine('held', 'list', '--json')).json<{ id: string }[]>();
  const file = scene.bench.file('decider.key', `0x${toHex(scene.served.node.genesis.keys.account)}\n`);
  const dropped = await scene.trine('held', 'drop', held?.id as string, '--reason', 'Broken', '--key', file);
  assert.deepEqual([dropped.status, dropped.out], [0, 'Dropped: it is never paid.\n'], dropped.words);
  await scene.served.settling.settle();
  assert.deepEqual((await scene.served.get<{ items: object[] }>('/api/v1/payments')).items, []);
  assert.equal((await scene.trine('held', 'list')).out, 'Nothing is held.\n');
});

test('held lines are listed, and one of them is released by both deciders, then paid in a batch of its own', async (t) => {
  const lines = await HeldLines.open(t);
  const scene = await Scene.over(t, lines.served);
  const decision = await lines.decide({ 'home/1': 3 }, { 'home/2': 4, 'home/3': 2 });
  await lines.pays();
  const listed = await scene.trine('held', 'list');
  assert.match(
    listed.out,
    /0\.60 EUR in 2 lines +Some readings were signed by a gateway for a device that cannot sign; these terms/,
    listed.words,
  );
  assert.match(listed.out, /`trine held lines`/);
  const short = toHex(decisionId(decision)).slice(0, 12);
  const shown = await scene.trine('held', 'lines', short);
  assert.match(shown.out, /home\/2 +0\.40 EUR.*\n.*home\/3 +0\.20 EUR .*signed by none of the 2 deciders/, shown.words);
  const second = scene.bench.file('second.key', `0x${toHex(SECOND)}\n`);
  const says = (...args: string[]) =>
    scene.trine('held', 'release', short, '--line', 'home/3', '--reason', 'Seen', ...args);
  const one = await says('--key', second);
  assert.deepEqual([one.status, /^Signed\./.test(one.out)], [75, true], one.words);
  assert.match(
    (await scene.trine('held', 'lines', short, '--after', 'home/2')).out,
    /^home\/3 .*0x[0-9a-f]{40} says release\n$/,
  );
  assert.equal((await says('--as', 'payer')).out, 'Released: it is ordered and paid like any other.\n');
  const other = await scene.trine('held', 'drop', short, '--line', 'home/1', '--reason', 'No', '--as', 'payer');
  assert.deepEqual([other.status, /no line of home\/1 that is held/.test(other.words)], [1, true], other.words);
  await lines.pays();
  assert.equal(await lines.position('home/3'), -20);
});
