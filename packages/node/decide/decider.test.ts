// Deciding: what is due is decided once, in its turn, by the model in force, and goes on where it stopped after any end.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { counting } from '@trine/engine/testing/counting.ts';
import { testIdentity } from '@trine/engine/testing/scene.ts';
import {
  type Decision,
  decisionId,
  detachBody,
  type Entry,
  entriesOf,
  equalBytes,
  modelHash,
  openDisclosure,
  policyHash,
  rowPayload,
  toHex,
} from '@trine/protocol';
import { isAgreement, type LoggedPolicy } from '../projections/policies.ts';
import { addressOf } from '../testing/customers.ts';
import { lined } from '../testing/lines.ts';
import { installedCounting, type Logged, Parts, type Said } from '../testing/parts.ts';
import { T0 } from '../testing/world.ts';

/** What was decided, in short: when it began, what came, how many came in all, and who owes what. */
function short({ obligation, facts, effects, outcome }: Decision): unknown[] {
  const amounts = entriesOf({ effects }).map(({ amount }) => amount);
  return [(obligation.fromMs - T0) / 1_000, facts.came, facts.total, outcome, ...amounts];
}

const twoEach: readonly Said[] = [
  { atMs: 1_000 },
  { atMs: 2_000 },
  { atMs: 11_000 },
  { atMs: 21_000 },
  { atMs: 22_000 },
];

test('each obligation is decided when its time and grace are over, on what arrived before, after the one before it', async (t) => {
  const parts = await Parts.open();
  t.after(() => parts.close());
  await parts.propose(parts.agreement());
  await parts.say(twoEach);
  assert.deepEqual((await parts.decideAt(22_500)).map(short), [
    [0, 2, 2, 'none'],
    [10, 1, 3, 'pay', 5],
  ]);
  assert.deepEqual(await parts.decideAt(30_999), [], 'its grace lasts');
  assert.deepEqual((await parts.decideAt(31_000)).map(short), [[20, 2, 5, 'none']]);
  const [first, second, third] = parts.decided as [Decision, Decision, Decision];
  assert.equal(first.continues, undefined);
  assert.ok(equalBytes(second.continues as Uint8Array, decisionId(first)));
  assert.ok(equalBytes(third.continues as Uint8Array, decisionId(second)));
  assert.deepEqual(await parts.decideAt(31_500), [], 'each once');
});

test('after the end of a policy its last windows are decided, in their time, and none that began later', async (t) => {
  const parts = await Parts.open();
  t.after(() => parts.close());
  // It was to end within the third window: a monitor lasts until that is over.
  const monitor = parts.monitor({}, 24_000);
  assert.equal(monitor.period.endMs, T0 + 30_000);
  await parts.propose(monitor);
  await parts.propose(parts.agreement({ period: { startMs: T0, endMs: T0 + 20_000 } }));
  await parts.say([...twoEach, { atMs: 29_999 }, { atMs: 31_500 }, { atMs: 41_500 }]);
  const starts = ({ policy }: Decision) => (equalBytes(policy, policyHash(monitor)) ? 'monitor' : 'agreement');
  const decided = await parts.decideAt(60_000);
  assert.deepEqual(decided.map((one) => [starts(one), ...short(one).slice(0, 2)]).sort(), [
    ['agreement', 0, 2],
    ['agreement', 10, 1],
    ['monitor', 0, 2],
    ['monitor', 10, 1],
    ['monitor', 20, 3],
  ]);
});

test('what arrives after the cut is not seen; what speaks of the time and arrived within the grace is', async (t) => {
  const parts = await Parts.open();
  t.after(() => parts.close());
  await parts.propose(parts.agreement());
  const said = await parts.say([{ atMs: 1_000 }, { atMs: 10_999, ofMs: 9_999 }, { atMs: 11_000, ofMs: 9_998 }]);
  const [decision] = await parts.decideAt(12_000);
  assert.equal(decision?.facts.came, 2);
  assert.deepEqual(
    decision?.cuts.map(({ index, atMs }) => [index, atMs - T0]),
    [[said[2]?.leaf, 11_000]],
  );
});

test('while nothing arrived after the grace there is no cut, and nothing is decided', async (t) => {
  const parts = await Parts.open();
  t.after(() => parts.close());
  await parts.propose(parts.agreement());
  await parts.say([{ atMs: 1_000 }]);
  await parts.world.reaches(60_000);
  await parts.does(parts.decider.tick());
  assert.deepEqual(parts.decided, []);
  assert.deepEqual([...parts.decider.problems], []);
});

for (const how of ['restart', 'crash'] as const)
  test(`after a ${how} it goes on with the states it had, and decides nothing again`, async (t) => {
    const first = await Parts.open();
    await first.propose(first.agreement());
    await first.say(twoEach);
    await first.decideAt(22_500);
    const parts = await first[how]();
    t.after(() => parts.close());
    assert.deepEqual((await parts.decideAt(31_000)).map(short), [[20, 2, 5, 'none']]);
    const [next] = parts.decided;
    assert.ok(equalBytes(next?.continues as Uint8Array, decisionId(first.decided[1] as Decision)));
    assert.deepEqual(next?.statesBefore, first.decided[1]?.statesAfter);
  });

test('from many decisions without a kept state, and from lost tables, the same states follow', async (t) => {
  const first = await Parts.open();
  await first.propose(first.agreement());
  const steady = Array.from({ length: 52 }, (_, i): Said => ({ atMs: 2_500 + i * 5_000 }));
  await first.say(steady);
  await first.decideAt(261_000);
  assert.equal(first.decided.length, 26);
  await first.does(first.projections.runner.flush());
  const [{ count } = { count: 0 }] = await first.does(
    first.store.query<{ count: number }>('SELECT count(*) AS count FROM states'),
  );
  assert.equal(count, 2, 'after the first, and after so many');
  await first.close();
  await first.world.loseTables();
  const parts = await Parts.open({ world: first.world });
  t.after(() => parts.close());
  await parts.say([{ atMs: 262_000 }]);
  assert.deepEqual((await parts.decideAt(271_000)).map(short), [[260, 1, 53, 'pay', 5]]);
  assert.deepEqual(parts.decided[0]?.statesBefore, first.decided.at(-1)?.statesAfter);
});

test('a policy that cannot be decided is said, is tried again, and keeps no other from being decided', async (t) => {
  let isBroken = true;
  const moody: typeof counting = {
    ...counting,
    async open(parameters) {
      const engine = await counting.open(parameters);
      return {
        decide(input) {
          if (isBroken && input.terms.due === 3) throw new RangeError('It is out of order.');
          return engine.decide(input);
        },
      };
    },
  };
  const parts = await Parts.open({ installed: [{ domain: moody, identity: testIdentity('counting') }] });
  t.after(() => parts.close());
  const bad = await parts.propose(
    parts.monitor({ title: 'Bad', terms: { ...(parts.monitor().terms as object), due: 3 } as never }),
  );
  await parts.propose(parts.monitor());
  await parts.say([{ atMs: 1_000 }]);
  assert.equal((await parts.decideAt(11_000)).length, 1);
  assert.deepEqual([...parts.decider.problems], [[bad.hash, '"Bad": It is out of order.']]);
  isBroken = false;
  assert.deepEqual(
    (await parts.decideAt(11_500)).map(({ reason }) => reason.arguments.due),
    [3],
  );
  assert.equal(parts.decider.problems.size, 0);
});

test('what comes late corrects what was decided: its states go on as they were, and the difference is ordered', async (t) => {
  const first = await Parts.open();
  await first.propose(first.agreement({ correctableMs: 60_000 }));
  await first.say([{ atMs: 1_000 }, { atMs: 11_000 }, { atMs: 12_000 }]);
  assert.deepEqual((await first.decideAt(21_500)).map(short), [
    [0, 1, 1, 'pay', 5],
    [10, 2, 3, 'none'],
  ]);
  const parts = await first.restart();
  t.after(() => parts.close());
  await parts.say([{ atMs: 22_000, ofMs: 2_000 }]);
  const [correction, ...rest] = await parts.decideAt(34_000);
  assert.ok(correction);
  assert.equal(correction.obligation.revision, 1);
  assert.deepEqual([correction.facts.came, correction.facts.total], [2, 2]);
  assert.ok(equalBytes(correction.supersedes as Uint8Array, decisionId(first.decided[0] as Decision)));
  assert.deepEqual(
    entriesOf(correction).map(({ from, to, amount }) => [from, to, amount]),
    [['recipient', 'payer', 5]],
    'what was ordered goes back',
  );
  assert.deepEqual(rest.map(short), [[20, 0, 3, 'pay', 10]], 'it continues the decision before, not the correction');
});

test('what comes late twice is corrected twice in a row, each from what was decided a moment before', async (t) => {
  const parts = await Parts.open();
  t.after(() => parts.close());
  await parts.propose(parts.agreement({ correctableMs: 60_000, period: { startMs: T0, endMs: T0 + 10_000 } }));
  await parts.say([{ atMs: 1_000 }]);
  const [base] = await parts.decideAt(12_000);
  // Both are due when it decides again.
  await parts.say([
    { atMs: 14_000, ofMs: 2_000 },
    { atMs: 18_000, ofMs: 3_000 },
  ]);
  const [first, second, ...rest] = await parts.decideAt(21_000);
  assert.ok(base && first && second);
  assert.deepEqual(rest, []);
  assert.deepEqual([first.obligation.revision, second.obligation.revision], [1, 2]);
  assert.deepEqual(
    [first.supersedes, second.supersedes].map((id) => toHex(id as Uint8Array)),
    [base, first].map((one) => toHex(decisionId(one))),
  );
  const back = (decision: Decision) => entriesOf(decision).map(({ from, amount }) => [from, amount]);
  assert.deepEqual([back(first), back(second)], [[['recipient', 5]], []], 'it goes back once');
});

test('another model decides from the next obligation on, with the states it has as a shadow', async (t) => {
  const first = await Parts.open();
  const agreement = await first.propose(
    first.agreement({ modelChange: { approvals: [], shadowsMin: 1, differencesMaxPpm: 1_000_000 } }),
  );
  assert.ok(isAgreement(agreement));
  const card = { purpose: 'p', data: 'd', split: 's', metric: 'm', result: 'r', limits: 'l', licence: 'c' };
  const hash = await first.does(first.lifecycle.register('counting', { lenient: 1 }, card));
  await first.does(first.lifecycle.shadow(agreement, hash));
  await first.say([{ atMs: 1_000 }]);
  assert.deepEqual((await first.decideAt(11_000)).map(short), [
    [0, 1, 1, 'pay', 5],
    [0, 1, 1, 'none'],
  ]);
  assert.deepEqual(first.decider.standing(agreement)?.untilMs, T0 + 10_000);
  const model = first.domains.identity('counting', { lenient: 1 });
  const change = { model, cause: 'promotion' as const, approvals: [], facts: {} };
  assert.deepEqual(await first.does(first.decider.changeModel(agreement, change)), { fromMs: T0 + 10_000 });
  await first.say([{ atMs: 12_000 }]);
  const [next] = (await first.decideAt(21_000)).filter(({ policy }) => equalBytes(policy, hashOf(agreement)));
  assert.deepEqual(short(next as Decision), [10, 1, 2, 'none'], 'it forgives one, and knows what came before');
  assert.ok(equalBytes(modelHash((next as Decision).model), modelHash(model)));
  const parts = await first.crash();
  t.after(() => parts.close());
  const again = (await parts.decideAt(31_000)).find(({ policy }) => equalBytes(policy, hashOf(agreement)));
  assert.deepEqual(short(again as Decision), [20, 0, 2, 'pay', 5]);
});

const hashOf = ({ hash }: LoggedPolicy) => Uint8Array.from(Buffer.from(hash, 'hex'));

test('no model of a monitor is changed so, nor of what others decide; and who was stopped decides no more', async (t) => {
  const parts = await Parts.open();
  t.after(() => parts.close());
  const monitor = await parts.propose(parts.monitor());
  const change = { model: monitor.policy.model, cause: 'promotion' as const, approvals: [], facts: {} };
  await assert.rejects(parts.does(parts.decider.changeModel(monitor as never, change)), { code: 'conflict' });
  const { deciders } = parts.agreement();
  const [other] = deciders.list;
  const theirs = await parts.propose(
    parts.agreement({
      deciders: { quorum: 1, list: [{ key: `${other?.key.slice(0, -4)}1111`, address: other?.address as string }] },
    }),
  );
  assert.equal(parts.decider.standing(theirs), undefined);
  await assert.rejects(parts.does(parts.decider.changeModel(theirs as never, change)), { code: 'conflict' });
  await parts.does(parts.decider.stop());
  await parts.say([{ atMs: 1_000 }]);
  assert.deepEqual(await parts.decideAt(12_000), []);
});

const homes = ['home/1', 'home/2'];
/** A street whose lines late readings correct. */
async function street(): Promise<Parts> {
  const parts = await Parts.open({ installed: [installedCounting, lined] });
  const { model, ...rest } = parts.agreement();
  await parts.propose({
    ...{ ...rest, domain: 'toy', model: parts.domains.identity('toy'), subject: 'market/1', terms: { things: homes } },
    correctableMs: 600_000,
    accounts: homes.map((key) => ({ key, address: addressOf(key) })),
  });
  return parts;
}

const spoke = (fromMs: number): readonly Said[] => [
  { thing: 'market/1', atMs: fromMs + 1_000, value: 10 },
  { thing: 'home/1', atMs: fromMs + 2_000, value: 3 },
  { thing: 'home/2', atMs: fromMs + 3_000, value: 4 },
];

/** Lines that are sealed, in the order of the log: whose, under which revision, and who owes what. */
async function sealed(parts: Parts): Promise<unknown[]> {
  await parts.does(parts.projections.runner.flush());
  const rows = await parts.does(
    parts.store.query<{ key: string; revision: number; entries: string }>(
      'SELECT key, base IS NOT NULL AS revision, entries FROM rows ORDER BY leaf',
    ),
  );
  return rows.map(({ key, revision, entries }) => [
    key,
    Number(revision),
    ...(JSON.parse(entries) as Entry[]).map(({ from, amount }) => `${from} ${amount}`),
  ]);
}

/** The first home says of its reading that it was 5: it owes 20 more. */
async function corrects(parts: Parts, [, wrong]: readonly Logged[], ofMs: number, atMs: number): Promise<void> {
  await parts.say([{ thing: 'home/1', atMs, ofMs, value: 5, supersedes: (wrong as Logged).id }]);
  const [correction] = (await parts.decideAt(atMs + 2_000)).filter(({ supersedes }) => supersedes);
  assert.ok(correction);
}

test('lines that were sealed before their decision could be are not sealed again, and a correction orders the difference', async (t) => {
  const before = await street();
  const said = await before.say(spoke(0));
  const { disk } = before.world;
  disk.watch = ({ kind, bytes }) =>
    kind === 'write' && Buffer.from(bytes ?? []).includes('decision/1') ? 'full' : undefined;
  assert.deepEqual(await before.decideAt(11_500), []);
  assert.equal(before.decider.problems.size, 1);
  disk.watch = undefined;
  const parts = await before.crash();
  t.after(() => parts.close());
  assert.equal((await parts.decideAt(12_000)).length, 1);
  const once = [
    ['home/1', 0, 'home/1 30'],
    ['home/2', 0, 'home/2 40'],
  ];
  assert.deepEqual(await sealed(parts), once);
  await corrects(parts, said, 2_000, 13_000);
  assert.deepEqual(await sealed(parts), [...once, ['home/1', 1, 'home/1 20'], ['home/2', 1]]);
});

test('of a line that was sealed otherwise before its decision was, the newest counts', async (t) => {
  const parts = await street();
  t.after(() => parts.close());
  await parts.say(spoke(0));
  await parts.decideAt(11_500);
  const { store, bodies, projections } = parts;
  await parts.does(projections.runner.flush());
  const [first] = await parts.does(store.query<{ leaf: number }>("SELECT leaf FROM rows WHERE key = 'home/1'"));
  const row = rowPayload.decode(openDisclosure(bodies.read(first?.leaf as number) as Uint8Array));
  const said = await parts.say(spoke(20_000));
  const other = { ...row, obligation: { ...row.obligation, fromMs: T0 + 20_000, toMs: T0 + 30_000 } };
  const { commitment, disclosure } = detachBody(rowPayload.encode(other), parts.world.random(16));
  await parts.world.reaches(30_500);
  await parts.does(parts.identities.member.issueDetached('row', 'home/1', commitment, disclosure));
  await parts.decideAt(31_500);
  await corrects(parts, said, 22_000, 33_000);
  assert.deepEqual((await sealed(parts)).slice(-2), [
    ['home/1', 1, 'home/1 20'],
    ['home/2', 1],
  ]);
});
