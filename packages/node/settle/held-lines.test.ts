// Held lines of decisions that are settled in batches: released one by one or all at once, paid once in a later batch that a
// second decider signs, and proven to be by hand; or dropped.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  type Agreement,
  addressOfPrivateKey,
  type Decision,
  decisionId,
  didKey,
  type Evidence,
  type Report,
  toHex,
} from '@trine/protocol';
import { SECOND } from '../testing/co-deciding.ts';
import { HELD_MS, HeldLines } from '../testing/held-lines.ts';
import type { Settling } from '../testing/settling.ts';

const failed = ({ steps }: Report) => steps.find(({ status }) => status !== 'ok');
const intentOf = ({ steps }: Report) => steps.find(({ name }) => name === 'intent')?.detail ?? '';
const states = (said: readonly { state: string }[]) => said.map(({ state }) => state);

/** The file without what stands at some leaves. */
const without = (file: Evidence, ...left: number[]): Evidence => ({
  ...file,
  logs: file.logs.map((log) => ({ ...log, leaves: log.leaves.filter(({ index }) => !left.includes(index)) })),
});
const releaseOf = (scene: HeldLines, decision: Decision, row?: string) =>
  scene.served.node.policies.release(toHex(decision.policy), toHex(decisionId(decision)), row)?.index as number;

test('a held line is shown, released by both deciders, paid once in a later batch, and its file says that it was by hand', async (t) => {
  const scene = await HeldLines.open(t);
  const decision = await scene.decide({ 'home/1': 3 }, { 'home/2': 4, 'home/3': 2 });
  assert.equal(decision.outcome, 'pay');
  assert.deepEqual(states(await scene.pays()), ['signed']);
  assert.deepEqual(await scene.counts(), [1, 1]);
  const [shown, ...others] = await scene.held();
  assert.deepEqual([shown?.id, shown?.amount, shown?.lines, others], [toHex(decisionId(decision)), 60, 2, []]);
  assert.match(shown?.gate[0] ?? '', /^a statement of class gateway; at least software needed$/);
  const first = await scene.lines(decision, '?limit=1');
  assert.deepEqual(
    first.items.map(({ key, amount }) => [key, amount]),
    [['home/2', 40]],
  );
  const rest = await scene.lines(decision, `?limit=1&after=${encodeURIComponent(first.next ?? '')}`);
  assert.deepEqual([rest.items.map(({ key }) => key), rest.next], [['home/3'], undefined]);

  await scene.rules(decision, { row: 'home/3' });
  assert.deepEqual(states(await scene.pays()), ['signed']);
  assert.deepEqual(await scene.counts(), [2, 2]);
  assert.deepEqual([await scene.position('home/2'), await scene.position('home/3')], [0, -20]);
  assert.deepEqual(
    (await scene.lines(decision)).items.map(({ key }) => key),
    ['home/2'],
  );
  assert.equal((await scene.held())[0]?.lines, 1);
  assert.equal(await scene.says(decision, scene.keys.account, { row: 'home/3' }), 'conflict');
  // Nothing follows twice, after a start neither.
  scene.district.settling.settler.decided({ outcome: 'pay' });
  assert.deepEqual(await scene.pays(), []);
  assert.deepEqual(await scene.counts(), [2, 2]);

  const file = await scene.file('home/3', decision);
  const report = await scene.verify(file);
  assert.deepEqual([report.verdict, failed(report)], ['members-word', undefined]);
  assert.match(
    intentOf(report),
    /^released by hand by 2 deciders; the gate had held it; 0\.20 EUR less for home\/3, in a batch of 2 accounts$/,
  );
  assert.equal(report.facts.released, 'by hand, by 2 deciders: Read off on the spot');
  const unpaid = await scene.verify(await scene.file('home/2', decision));
  assert.deepEqual([unpaid.verdict, unpaid.facts.outcome], ['trusted', 'hold']);
  const normal = await scene.verify(await scene.file('home/1', decision));
  assert.deepEqual([normal.verdict, normal.facts.released], ['members-word', undefined]);
  // Of the payment as a whole the same is said.
  const [, last] = await scene.district.query('SELECT digest FROM intents ORDER BY leaf');
  const payment = await scene.district.verify(last?.digest as Uint8Array);
  assert.deepEqual([payment.verdict, failed(payment)], ['members-word', undefined]);
  assert.match(intentOf(payment), /^1 line released by hand by 2 deciders; the gate had held them; 1 line, netted/);
});

test('without its release, with one of another line, or with one that was logged later the file of a line proves nothing', async (t) => {
  const scene = await HeldLines.open(t);
  const decision = await scene.decide({ 'home/1': 3 }, { 'home/2': 4, 'home/3': 2 });
  await scene.pays();
  await scene.rules(decision, { row: 'home/3' });
  await scene.pays();
  await scene.rules(decision, { row: 'home/2' });
  await scene.pays();
  assert.deepEqual(await scene.counts(), [3, 3]);
  const file = await scene.file('home/3', decision);
  assert.equal((await scene.verify(file)).verdict, 'members-word');
  const [own, others] = [releaseOf(scene, decision, 'home/3'), releaseOf(scene, decision, 'home/2')];
  const told = async (change: Evidence) => {
    const report = await scene.verify(change);
    return [report.verdict, failed(report)?.name, failed(report)?.detail] as const;
  };
  assert.equal((await told(without(file, own)))[0], 'broken');
  // Written by whoever keeps the log: whole, with every proof, and another release.
  const rewritten = (leave: number, add: number[]) => scene.rewrite(file, leave, add);
  const none = await told(await rewritten(own, []));
  assert.deepEqual(none.slice(0, 2), ['broken', 'intent']);
  assert.match(none[2] ?? '', /outcome is hold/);
  const wrong = await told(await rewritten(own, [others]));
  assert.deepEqual(wrong.slice(0, 2), ['broken', 'intent']);
  const both = await told(await rewritten(-1, [others]));
  assert.deepEqual(both.slice(0, 2), ['broken', 'intent']);
  // Nor does what its keeper writes into the log: signed for another line, for all, to drop it, or by too few.
  const deciders = [scene.keys.account, SECOND];
  const forged = async (change: Parameters<HeldLines['forge']>[2]) =>
    (await told(await scene.forge(file, own, change))).slice(1);
  const signed = (about: Parameters<HeldLines['signatures']>[1], keys = deciders) => ({
    signatures: scene.signatures(decision, about, keys),
  });
  const line = { row: 'home/3' };
  const stranger = /does not count: A signature is by no decider/;
  const lies: [Parameters<HeldLines['forge']>[2], RegExp][] = [
    [() => signed({ row: 'home/2' }), stranger],
    [() => signed({}), stranger],
    [() => signed({ ...line, ruling: 'drop' }), stranger],
    [() => signed(line, [SECOND]), /does not count: It takes the signatures of 2 of the deciders/],
    [() => signed(line, [SECOND, SECOND]), /does not count: It takes the signatures of 2 of the deciders/],
    [() => ({ ruling: 'drop', ...signed({ ...line, ruling: 'drop' }) }), /of another line, or drops it/],
    [() => ({ row: 'home/2', ...signed({ row: 'home/2' }) }), /of another line, or drops it/],
    [() => ({ policy: new Uint8Array(32), ...signed(line) }), /of other terms/],
  ];
  for (const [change, why] of lies) {
    const [step, detail] = await forged(change);
    assert.equal(step, 'intent', detail);
    assert.match(detail ?? '', why);
  }
  // Written anew without a change it holds, and with another reason it fails where the chain comes in, and no sooner.
  assert.deepEqual(await forged(() => ({})), [undefined, undefined]);
  assert.equal((await forged(() => ({ reason: 'Another' })))[0], 'anchor');
  // The same words once more, after it was paid.
  const late = scene.served.parts.log.size;
  await scene.seals(decision, { row: 'home/3' });
  const again = await scene.file('home/3', decision);
  const after = await told(await scene.rewrite(await grown(scene, again), own, [late]));
  assert.deepEqual(after.slice(0, 2), ['broken', 'intent']);
  assert.match(after[2] ?? '', /after the order to pay/);
});

/** With the newest checkpoint. */
async function grown(scene: HeldLines, file: Evidence): Promise<Evidence> {
  const { log } = scene.served.parts;
  await scene.served.does(log.publish());
  const [own] = file.logs;
  assert.ok(own && file.anchor);
  const { note, size } = log.checkpoint;
  const consistency = await log.consistencyProof(file.anchor.size, size);
  return { ...file, anchor: { ...file.anchor, consistency }, logs: [{ ...own, checkpoint: note }] };
}

test('what is signed for one line counts for no other, nor for all, nor for another ruling; strangers and what is not held are refused', async (t) => {
  const scene = await HeldLines.open(t);
  const decision = await scene.decide({ 'home/1': 3 }, { 'home/2': 4, 'home/3': 2 });
  await scene.pays();
  const { account } = scene.keys;
  const says = (word: Parameters<HeldLines['says']>[2], key = account) => scene.says(decision, key, word);
  assert.equal(await says({ row: 'home/2', about: { row: 'home/3' } }), 'forbidden');
  assert.equal(await says({ row: 'home/2', about: { row: '' } }), 'forbidden');
  assert.equal(await says({ about: { row: 'home/3' } }), 'forbidden');
  assert.equal(await says({ row: 'home/2', about: { ruling: 'drop' } }), 'forbidden');
  // A stranger does not learn which lines are held.
  for (const row of ['home/1', 'home/2', 'home/9'])
    assert.equal(await says({ row }, new Uint8Array(32).fill(9)), 'forbidden', row);
  assert.equal(await says({ row: 'home/1' }), 'conflict', 'it is paid');
  assert.equal(await says({ row: 'home/9' }), 'conflict', 'there is none');
  // Each line collects its own words.
  assert.equal(await says({ row: 'home/2' }), 'waits');
  assert.equal(await says({ row: 'home/3' }, SECOND), 'waits');
  assert.equal(await says({}, SECOND), 'waits');
  const { items } = await scene.lines(decision);
  assert.deepEqual(
    items.map(({ key, words }) => [key, words.length]),
    [
      ['home/2', 1],
      ['home/3', 1],
    ],
  );
  assert.deepEqual(scene.served.node.policies.releases(), []);
  // A member that seals what is about no line that is held, or about none, moves nothing.
  for (const row of ['home/1', 'home/9']) await scene.seals(decision, { row });
  assert.deepEqual(await scene.pays(), []);
  assert.deepEqual(await scene.counts(), [1, 1]);
});

test('a dropped line is never paid and is held no longer; no later word and no correction changes that', async (t) => {
  const scene = await HeldLines.open(t);
  const decision = await scene.decide({ 'home/1': 3 }, { 'home/3': 2 });
  await scene.pays();
  await scene.rules(decision, { row: 'home/3', ruling: 'drop' });
  assert.deepEqual([await scene.held(), (await scene.lines(decision)).items], [[], []]);
  assert.equal(await scene.says(decision, SECOND, { row: 'home/3' }), 'conflict');
  assert.equal(await scene.says(decision, SECOND, {}), 'conflict');
  await scene.seals(decision, {});
  assert.deepEqual(await scene.pays(), []);
  const correction = await scene.corrects('home/3', 7);
  assert.equal(correction.outcome, 'hold');
  assert.deepEqual(await scene.held(), []);
  assert.equal(await scene.says(correction, SECOND, { row: 'home/3' }), 'conflict');
  await scene.seals(correction, { row: 'home/3' });
  assert.deepEqual(await scene.pays(), []);
  assert.deepEqual([await scene.counts(), await scene.position('home/3')], [[1, 1], 0]);
});

test('a decision of which all lines are held is released at once: they are paid in one batch, and each file says so', async (t) => {
  const scene = await HeldLines.open(t);
  const decision = await scene.decide({}, { 'home/2': 4, 'home/3': 2 });
  assert.equal(decision.outcome, 'hold');
  assert.deepEqual(await scene.pays(), []);
  // But for one that is dropped before.
  await scene.rules(decision, { row: 'home/2', ruling: 'drop' });
  await scene.rules(decision, {});
  assert.deepEqual(states(await scene.pays()), ['signed']);
  assert.deepEqual([await scene.position('home/2'), await scene.position('home/3')], [0, -20]);
  assert.deepEqual([await scene.counts(), await scene.held()], [[1, 1], []]);
  const report = await scene.verify(await scene.file('home/3', decision));
  assert.deepEqual([report.verdict, failed(report)], ['members-word', undefined]);
  assert.match(intentOf(report), /^released by hand by 2 deciders; /);
  const [last] = await scene.district.query('SELECT digest FROM intents');
  const payment = await scene.district.verify(last?.digest as Uint8Array);
  assert.deepEqual([payment.verdict, failed(payment)], ['members-word', undefined]);
});

test('a correction of a line that was released moves the difference: held again, it is released, and paid once', async (t) => {
  const scene = await HeldLines.open(t);
  const decision = await scene.decide({ 'home/1': 3 }, { 'home/3': 2 });
  await scene.pays();
  await scene.rules(decision, { row: 'home/3' });
  await scene.pays();
  assert.equal(await scene.position('home/3'), -20);
  const correction = await scene.corrects('home/3', 5);
  const [shown] = await scene.held();
  assert.deepEqual([shown?.id, shown?.amount], [toHex(decisionId(correction)), 30], 'fifty, of which twenty are paid');
  await scene.rules(correction, { row: 'home/3' });
  assert.deepEqual(states(await scene.pays()), ['signed']);
  assert.deepEqual([await scene.position('home/3'), await scene.counts()], [-50, [3, 3]]);
  const file = await scene.file('home/3', correction);
  const report = await scene.verify(file);
  assert.deepEqual([report.verdict, failed(report)], ['members-word', undefined]);
  // Without what was said of the line before it is another line: nobody gets it from the readings.
  const [before, own] = [releaseOf(scene, decision, 'home/3'), releaseOf(scene, correction, 'home/3')];
  const silent = await scene.verify(await scene.rewrite(file, before, []));
  assert.deepEqual([silent.verdict, failed(silent)?.name], ['broken', 'replay']);
  const unreleased = await scene.verify(await scene.rewrite(file, own, []));
  assert.deepEqual([unreleased.verdict, failed(unreleased)?.name], ['broken', 'intent']);
});

test('what was decided again is not released: a release that is sealed nevertheless orders nothing', async (t) => {
  const scene = await HeldLines.open(t);
  const decision = await scene.decide({ 'home/1': 3 }, { 'home/3': 2 });
  await scene.pays();
  const correction = await scene.corrects('home/3', 5);
  assert.equal(await scene.says(decision, SECOND, { row: 'home/3' }), 'conflict');
  await scene.seals(decision, { row: 'home/3' });
  assert.deepEqual(await scene.pays(), []);
  // All of it is due by the newer one.
  await scene.rules(correction, { row: 'home/3' });
  assert.deepEqual(states(await scene.pays()), ['signed']);
  assert.deepEqual([await scene.position('home/3'), await scene.counts()], [-50, [2, 2]]);
  assert.equal((await scene.verify(await scene.file('home/3', correction))).verdict, 'members-word');
});

test('released after the cut of a correction and before it, the line is paid once: the correction of it moves nothing', async (t) => {
  const scene = await HeldLines.open(t);
  const { parts, settle } = scene.district.settling;
  const decision = await scene.decide({ 'home/1': 3 }, { 'home/3': 2 });
  await scene.pays();
  const atMs = parts.world.time.elapsedMs + 1_000;
  await parts.say([{ thing: 'home/3', atMs, ofMs: HELD_MS + 1_500, value: 5, class: 'gateway' }]);
  await parts.world.reaches(atMs + 6_000);
  await scene.rules(decision, { row: 'home/3' });
  const late = (await parts.decideAt(parts.world.time.elapsedMs + 6_000)).find(({ supersedes }) => supersedes);
  assert.ok(late && (late.cuts[0]?.index ?? 0) <= releaseOf(scene, decision, 'home/3'), 'it did not see the release');
  await settle();
  assert.equal(await scene.says(late, SECOND, { row: 'home/3' }), 'conflict');
  await scene.seals(late, { row: 'home/3' });
  assert.deepEqual(states(await scene.pays()), ['signed']);
  assert.deepEqual([await scene.position('home/3'), await scene.counts()], [-20, [2, 2]]);
  // The next one starts from what was ordered: twenty, and not seventy.
  const next = await scene.corrects('home/3', 4, 1_400);
  assert.deepEqual(
    (await scene.held()).map(({ id, amount }) => [id, amount]),
    [[toHex(decisionId(next)), 20]],
  );
  await scene.rules(next, { row: 'home/3' });
  assert.deepEqual(states(await scene.pays()), ['signed']);
  assert.equal(await scene.position('home/3'), -40);
  const report = await scene.verify(await scene.file('home/3', next));
  assert.deepEqual([report.verdict, failed(report)], ['members-word', undefined]);
});

test('where the power fails once a line was released, it is paid all the same, and once', async (t) => {
  const scene = await HeldLines.open(t);
  const decision = await scene.decide({ 'home/1': 3 }, { 'home/3': 2 });
  await scene.pays();
  await scene.rules(decision, { row: 'home/3' });
  await scene.crashes();
  assert.deepEqual(await scene.lines(decision), { items: [], counts: { total: 0 } });
  assert.deepEqual(states(await scene.pays()), ['signed']);
  await scene.crashes();
  assert.deepEqual(await scene.pays(), []);
  assert.deepEqual([await scene.position('home/3'), await scene.counts()], [-20, [2, 2]]);
  assert.equal((await scene.verify(await scene.file('home/3', decision))).verdict, 'members-word');
});

test('a released line whose account joined by a statement is paid, and its file shows that account; until then it waits', async (t) => {
  const joining = ({ parts }: Settling): Partial<Agreement> => ({
    joining: { by: [didKey(parts.genesis.keys.member.publicKey)] },
    registrar: addressOfPrivateKey(parts.genesis.keys.account),
  });
  const scene = await HeldLines.open(t, joining, []);
  const leaves = new Map<string, number>();
  for (const home of ['home/1', 'home/3']) leaves.set(home, await scene.district.says(home));
  await scene.district.join('home/1');
  const decision = await scene.decide({ 'home/1': 3 }, { 'home/3': 2 });
  await scene.pays();
  await scene.rules(decision, { row: 'home/3' });
  assert.deepEqual(await scene.pays(), []);
  assert.deepEqual(scene.district.waiting(decision), [
    ['home/3', 'its account has not joined the agreement on the chain'],
  ]);
  await scene.district.join('home/3');
  await scene.district.pass(30);
  assert.deepEqual(states(await scene.pays()), ['signed']);
  assert.deepEqual([await scene.position('home/3'), await scene.counts()], [-20, [2, 2]]);
  const file = await scene.file('home/3', decision);
  assert.ok(file.logs[0]?.leaves.some(({ index }) => index === leaves.get('home/3')));
  const report = await scene.verify(file);
  assert.deepEqual([report.verdict, failed(report)], ['members-word', undefined]);
});
