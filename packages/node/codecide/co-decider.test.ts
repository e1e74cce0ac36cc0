// A second decider, the one that `trine decide` runs, beside an honest node and beside one that lies: log, member and first
// decider in one hand.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Agreement, type Decision, decisionId, hexOf, type Intent, obligationId, toHex } from '@trine/protocol';
import { keptIn, peerOf, secondDecider } from '../testing/co-deciding.ts';
import { Scene, words } from '../testing/ordering.ts';
import { T0 } from '../testing/world.ts';
import type { DeciderPeer, Said } from './co-decider.ts';

test('an order that holds is signed once, and paid; nothing is said of it again, also after a start', async (t) => {
  const scene = await Scene.open(t);
  const kept = keptIn(scene.served);
  const second = secondDecider(scene.served, kept);
  const decision = await scene.owes();
  assert.deepEqual(await scene.signatures(), [1]);
  const [signed, ...others] = await second.round();
  assert.deepEqual([signed?.state, signed?.decision, others], ['signed', toHex(decisionId(decision)), []]);
  assert.match(signed?.words ?? '', /^0\.05 EUR from 0x/);
  await scene.served.settling.settle();
  assert.equal((await scene.served.does(scene.served.parts.store.query('SELECT * FROM settlements'))).length, 1);
  assert.deepEqual(await second.round(), []);
  assert.deepEqual(await secondDecider(scene.served, kept).round(), []);
  // It goes on where it was, with the states of before.
  const next = toHex(decisionId(await scene.owes(60_000)));
  const said = await secondDecider(scene.served, kept).round();
  assert.equal(said.find((one) => one.decision === next)?.state, 'signed', words(said).join('\n'));
});

test('an order whose time is over is closed, and said so once', async (t) => {
  const scene = await Scene.open(t);
  const kept = keptIn(scene.served);
  const decision = await scene.owes();
  const nowS = BigInt(Math.floor(scene.served.node.clock() / 1000));
  const late = await scene.orders(scene.intentOf(decision, { deadline: nowS - 1n }));
  const about = (said: readonly Said[]) => words(said.filter(({ payment }) => payment === late));
  assert.deepEqual(about(await secondDecider(scene.served, kept).round()), ['over: its time to be paid is over']);
  assert.deepEqual(about(await secondDecider(scene.served, kept).round()), []);
});

test('A12: a second decision on a window, made without the packs that are in the log: refused', async (t) => {
  const scene = await Scene.open(t);
  const second = secondDecider(scene.served, keptIn(scene.served));
  const { parts } = scene.served;
  await parts.say([{ atMs: 1_000 }, { atMs: 2_000 }]);
  const [honest] = await parts.decideAt(12_000);
  assert.equal(honest?.outcome, 'none');
  const owing = await scene.owes(60_000);
  const { obligation, cuts, inputs, heads } = honest as Decision;
  const lie: Decision = { ...owing, obligation, cuts, inputs, heads };
  await scene.seals(lie);
  const payment = await scene.orders(scene.intentOf(lie));
  const said = (await second.round()).find((one) => one.payment === payment);
  assert.equal(said?.state, 'refused');
  assert.match(said?.words ?? '', /no decision of this log, or not the first one on its obligation/);
});

test('B1: the first decision on a window, made without the packs that are in the log: refused in words', async (t) => {
  const scene = await Scene.open(t);
  const second = secondDecider(scene.served, keptIn(scene.served));
  const { parts } = scene.served;
  const owing = await scene.owes();
  assert.deepEqual(
    (await second.round()).map(({ state }) => state),
    ['signed'],
  );
  // Both of the next window come. The node seals, before its own decider speaks, what would be right if none had.
  await parts.say([{ atMs: 61_000 }, { atMs: 62_000 }]);
  await parts.world.reaches(71_500);
  const pulse = [{ quantity: 'log/size', unit: 'count', timeMs: parts.world.now(), value: parts.log.size }];
  await scene.served.does(parts.identities.gateway.measure(parts.subject, pulse, { class: 'software', isOpen: true }));
  await scene.served.recorded();
  const lie: Decision = {
    ...owing,
    obligation: { ...owing.obligation, fromMs: T0 + 60_000, toMs: T0 + 70_000 },
    cuts: [{ ...(owing.cuts[0] as Decision['cuts'][number]), index: parts.log.size - 1, atMs: T0 + 71_000 }],
    continues: decisionId(owing),
    ...{ statesBefore: owing.statesAfter, statesAfter: owing.statesAfter },
  };
  await scene.seals(lie);
  await scene.orders(scene.intentOf(lie));
  const said = await second.round();
  assert.deepEqual(
    said.map(({ state }) => state),
    ['refused'],
  );
  assert.match(
    said[0]?.words ?? '',
    /its decision does not hold: computed again it is another decision: verdict: \w+, computed met/,
  );
  assert.deepEqual(await second.round(), []);
});

test('B2: a second, different payment of an obligation that was signed: refused, also after a start', async (t) => {
  const scene = await Scene.open(t);
  const kept = keptIn(scene.served);
  const decision = await scene.owes();
  assert.deepEqual(
    (await secondDecider(scene.served, kept).round()).map(({ state }) => state),
    ['signed'],
  );
  // Not paid yet: another order for the same, and one that claims to take its place.
  const [first] = await scene.served.does(scene.served.parts.store.query('SELECT digest FROM intents'));
  for (const change of [{ deadline: 9n }, { supersedes: hexOf(first?.digest as Uint8Array) }] as Partial<Intent>[]) {
    const { deadline } = scene.intentOf(decision);
    await scene.orders(scene.intentOf(decision, { ...change, deadline: deadline - (change.deadline ?? 0n) - 1n }));
  }
  const said = await secondDecider(scene.served, kept).round();
  assert.deepEqual(
    said.map(({ state }) => state),
    ['refused', 'refused'],
    words(said).join('\n'),
  );
  assert.match(said[0]?.words ?? '', /Another payment of this obligation was signed here before/);
  assert.match(said[1]?.words ?? '', /its decision of no other decision/);
});

test('B3: a window that is not over by the clock here: refused, however the log dates its leaves', async (t) => {
  const scene = await Scene.open(t);
  await scene.owes();
  const hourBefore = () => scene.served.node.clock() - 50 * 60_000;
  const said = await secondDecider(scene.served, keptIn(scene.served), { now: hourBefore }).round();
  assert.deepEqual(
    said.map(({ state }) => state),
    ['refused'],
  );
  assert.match(said[0]?.words ?? '', /the time it is about is not over/);
  const aMomentBefore = () => T0 + 11_500;
  const waiting = await secondDecider(scene.served, keptIn(scene.served, '/third'), { now: aMomentBefore }).round();
  assert.deepEqual(
    waiting.map(({ state }) => state),
    ['waits'],
  );
});

test('another amount, recipient, time or deadline than the decision and the terms order: refused', async (t) => {
  const scene = await Scene.open(t);
  const decision = await scene.owes();
  const second = secondDecider(scene.served, keptIn(scene.served));
  const right = scene.intentOf(decision);
  const [entry] = right.entries;
  assert.ok(entry);
  const stranger = `0x${'9'.repeat(40)}` as const;
  const changes: Partial<Intent>[] = [
    { entries: [{ ...entry, amount: 6n }] },
    { entries: [{ ...entry, to: stranger }] },
    { entries: [] },
    { end: right.end + 1n },
    { chainId: 1n },
    { deadline: right.deadline + 86_400n },
    { validAfter: right.deadline },
    { supersedes: `0x${'1'.repeat(64)}` },
    { decision: `0x${'2'.repeat(64)}` },
  ];
  for (const change of changes) await scene.orders({ ...right, ...change });
  const said = await second.round();
  assert.deepEqual(
    said.map(({ state }) => state).toSorted(),
    [...changes.map(() => 'refused'), 'signed'].toSorted(),
    words(said).join('\n'),
  );
});

test('a node that keeps bodies back, or hands out other ones, gets no signature before it has them', async (t) => {
  const scene = await Scene.open(t);
  await scene.owes();
  const honest = peerOf(scene.served);
  const kept = keptIn(scene.served);
  const none: DeciderPeer = {
    ...honest,
    bodies: async (policy, leaves) => ({
      ...(await honest.bodies(policy, leaves)),
      bodies: leaves.map(() => undefined),
    }),
  };
  const [waits] = await secondDecider(scene.served, kept, { peer: none }).round();
  assert.deepEqual([waits?.state, /does not hand out the body of leaf/.test(waits?.words ?? '')], ['waits', true]);
  const other: DeciderPeer = {
    ...honest,
    bodies: async (policy, leaves) => ({
      ...(await honest.bodies(policy, leaves)),
      bodies: leaves.map(() => new Uint8Array(40)),
    }),
  };
  assert.deepEqual(
    (await secondDecider(scene.served, kept, { peer: other }).round()).map(({ state }) => state),
    ['waits'],
  );
  assert.deepEqual(
    (await secondDecider(scene.served, kept).round()).map(({ state }) => state),
    ['signed'],
  );
});

test('who is named by no agreement signs nothing, and the node hands it nothing', async (t) => {
  const scene = await Scene.open(t);
  await scene.owes();
  const key = new Uint8Array(32).fill(9);
  const { decider, round } = secondDecider(scene.served, keptIn(scene.served), {
    key,
    peer: peerOf(scene.served, key),
  });
  assert.deepEqual(await round(), []);
  assert.deepEqual(decider.standing.agreements, []);
  await assert.rejects(
    peerOf(scene.served, key).bodies(scene.logged.hash, []),
    /403 .*is no decider of such an agreement/,
  );
});

/** A minute in which three statements are due; one comes in time, and what is owed can be disputed. */
const disputable = ({ money }: Agreement): Partial<Agreement> => ({
  correctableMs: 86_400_000,
  period: { startMs: T0, endMs: T0 + 60_000 },
  terms: { thing: 'thing/1', windowMs: 60_000, graceMs: 1_000, due: 3, price: 5 },
  money: { ...money, disputeWindowS: 600 },
});

test('an order in place of one that is pending is signed where its decision corrects that one’s, and no decision in two', async (t) => {
  const scene = await Scene.open(t, disputable);
  const { parts, settling } = scene.served;
  const second = secondDecider(scene.served, keptIn(scene.served));
  await parts.say([{ atMs: 1_000 }]);
  await parts.decideAt(62_000);
  await settling.settle();
  assert.deepEqual(
    (await second.round()).map(({ state }) => state),
    ['signed'],
  );
  await settling.settle();
  await parts.say([2_000, 3_000].map((ofMs) => ({ atMs: 108_000 + ofMs, ofMs })));
  const [correction] = await parts.decideAt(113_000);
  assert.ok(correction?.supersedes);
  await settling.settle();
  const own = obligationId(correction.obligation);
  // The difference apart, while what it corrects is not paid: waits, and for good once it is paid with it.
  await scene.orders(scene.intentOf(correction, { obligation: hexOf(own) }));
  const said = await second.round();
  assert.deepEqual(said.map(({ state }) => state).toSorted(), ['signed', 'waits'], words(said).join('\n'));
  assert.equal(said.find(({ state }) => state === 'signed')?.words, 'nothing is due any more');
  const waits = said.find(({ state }) => state === 'waits');
  assert.match(waits?.words ?? '', /was signed in another payment|what it corrects is not paid/);
  await settling.settle();
  const [again] = await second.round();
  assert.match(again?.words ?? '', /what it orders was signed in another payment/);
  const orders = await scene.served.does(parts.store.query('SELECT digest FROM intents ORDER BY leaf'));
  const courses = orders.map(({ digest }) => settling.settler.courses.of(toHex(digest as Uint8Array))?.state);
  assert.deepEqual(courses, ['replaced', 'announced', undefined]);
});

test('the difference alone is signed once what it corrects is paid', async (t) => {
  const scene = await Scene.open(t, (made) => ({ ...disputable(made), money: made.money }));
  const { parts, settling } = scene.served;
  const second = secondDecider(scene.served, keptIn(scene.served));
  await parts.say([{ atMs: 1_000 }]);
  await parts.decideAt(62_000);
  await settling.settle();
  await parts.say([{ atMs: 110_000, ofMs: 2_000 }]);
  const [correction] = await parts.decideAt(113_000);
  assert.ok(correction?.supersedes);
  await scene.orders(scene.intentOf(correction));
  // The order of what it corrects stands first, and is not paid before it is signed here.
  const said = await second.round();
  assert.deepEqual(
    said.map(({ state }) => state),
    ['signed', 'waits'],
    words(said).join('\n'),
  );
  assert.match(said[1]?.words ?? '', /what it corrects is not paid/);
  await settling.settle();
  assert.deepEqual(
    (await second.round()).map(({ state }) => state),
    ['signed'],
  );
});
