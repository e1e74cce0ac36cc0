// Parties that pay, are paid or decide and mean ill, against direct settlement: what each attack gains.
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { type Hex, zeroAddress, zeroHash } from 'viem';
import { account, sorted } from './chain.ts';
import { reverts } from './scene.ts';
import { DAY, DROP, type Intent, PAY, type SettlementScene, startSettlementScene, WINDOW } from './settlement-scene.ts';

let scene: SettlementScene;
before(async () => {
  scene = await startSettlementScene();
});
let salt = 1;
async function agreed(over: Record<string, unknown> = {}, limits: Record<string, unknown> = {}): Promise<Hex> {
  const word: Hex = `0x${(salt++).toString(16).padStart(64, '0')}`;
  const id = await scene.open(await scene.terms({ salt: word, ...over }));
  await scene.fund(scene.payer, (limits.amount as bigint | undefined) ?? 1500n);
  await scene.authorize(scene.payer, id, limits);
  return id;
}
const NOWHERE = { originHash: zeroHash, index: 0n, size: 0n, root: zeroHash, path: [] };
const announce = async (what: Intent) => scene.send(scene.direct, 'announce', [what, ...(await scene.seal(what))]);
const settle = (what: Intent) => scene.send(scene.direct, 'settle', [what, [], NOWHERE]);
const supersede = async (old: Intent, what: Intent) =>
  scene.send(scene.direct, 'supersede', [old, what, ...(await scene.seal(what))]);
const lockedOf = async (id: Hex) =>
  ((await scene.read(scene.direct, 'getLimits', [id, scene.payer.address])) as { locked: bigint }).locked;

test('who pays cannot stop a payment that it sees coming: what has no open window is not held', async () => {
  const now = await agreed({ window: 0n, payAfterHold: false });
  const direct = await scene.intent(now);
  // The payment was on its way; the payer announces what it saw there, to hold it and have it dropped.
  await announce(direct);
  await reverts(scene.hold(direct, scene.payer), 'TooLate');
  await reverts(scene.hold(direct, scene.arbiter), 'TooLate');
  await settle(direct);
  const later = await agreed({ payAfterHold: false });
  const waited = await scene.intent(later);
  await announce(waited);
  await scene.chain.advance(Number(WINDOW));
  await reverts(scene.hold(waited, scene.payer), 'TooLate');
  await settle(waited);
});

test('what the escrow pays, every listed party may hold, and nobody else', async () => {
  const id = await agreed({ window: WINDOW });
  const into = await scene.intent(id, { entries: [{ from: scene.payer.address, to: zeroAddress, amount: 400n }] });
  await announce(into);
  await scene.chain.advance(Number(WINDOW));
  await settle(into);
  const back = await scene.intent(id, { entries: [{ from: zeroAddress, to: scene.recipient.address, amount: 300n }] });
  await announce(back);
  await reverts(scene.hold(back, account('thief')), 'NotAllowed');
  await scene.hold(back, scene.payer);
  assert.equal(await scene.phaseOf(back), 'held');
});

test('who is paid cannot bring back what a correction replaced', async () => {
  const id = await agreed();
  const wrong = await scene.intent(id);
  await announce(wrong);
  await scene.hold(wrong, scene.payer);
  const right = await scene.intent(id, {
    obligation: wrong.obligation,
    supersedes: await scene.digestOf(wrong),
    entries: [{ ...wrong.entries[0]!, amount: 100n }],
    deadline: (await scene.chain.now()) + WINDOW + 60n,
  });
  await supersede(wrong, right);
  // Nobody submits the right one in time. The payer has used up its hold.
  await scene.chain.advance(Number(WINDOW) + 120);
  await scene.send(scene.direct, 'expire', [right]);
  await reverts(announce(wrong), 'Discarded');
  await announce(await scene.intent(id, { obligation: wrong.obligation, begin: wrong.begin, end: wrong.end }));
});

test('what an old authorization gave comes back free, and counts for no limit of the new one', async () => {
  const id = await agreed({ window: 5n * DAY }, { perPeriod: 300n, period: 3600n, perObligation: 300n });
  const deadline = (await scene.chain.now()) + 20n * DAY;
  const old = await scene.intent(id, { deadline });
  await announce(old);
  await scene.chain.advance(60);
  await scene.revoke(scene.payer, id);
  await scene.chain.advance(Number(2n * DAY) + 60);
  await scene.send(scene.direct, 'release', [id, scene.payer.address]);
  await scene.authorize(scene.payer, id, { amount: 500n, perObligation: 300n, perPeriod: 300n, period: 30n * DAY });
  // 24 hours and some of the first authorization are no month of the second.
  for (const period of [0n, 24n])
    assert.equal(await scene.read(scene.direct, 'spentIn', [id, scene.payer.address, period]), 0n);
  await announce(await scene.intent(id, { deadline }));
  const free = await scene.balance(scene.payer.address);
  await scene.hold(old, scene.payer);
  await scene.rule(old, DROP, scene.arbiter);
  assert.equal((await scene.balance(scene.payer.address)) - free, 300n);
  assert.equal(await lockedOf(id), 200n);
  await reverts(announce(await scene.intent(id, { deadline })), 'AboveLimit');
});

test('nothing pays for an obligation without a name', async () => {
  const id = await agreed({ window: 0n });
  await reverts(announce(await scene.intent(id, { obligation: zeroHash })), 'NotAgreed');
});

test('times at their ends: beyond 64 bits nothing, and a payment due in its last second is freed after it', async () => {
  const id = await agreed({ window: 0n });
  const now = await scene.chain.now();
  // The longest terms that policies may have, and a second for rounding.
  const longest = async (more: bigint) => scene.open(await scene.terms({ obligationMax: 1830n * DAY + more }));
  await longest(1n);
  await reverts(longest(2n), 'BadTerms');
  await reverts(announce(await scene.intent(id, { deadline: 2n ** 64n - 1n })), 'NotAgreed');
  await reverts(announce(await scene.intent(id, { validAfter: 2n ** 64n - 1n, deadline: now + DAY })), 'NotAgreed');
  await reverts(announce(await scene.intent(id, { begin: 2n ** 64n - 1n, end: 2n ** 64n - 1n })), 'NotAgreed');
  await reverts(announce(await scene.intent(id, { end: 2n ** 64n - 1n })), 'NotAgreed');
  const last = await scene.intent(id, { validAfter: now + DAY, deadline: now + DAY });
  await announce(last);
  await reverts(settle(last), 'TooEarly');
  await reverts(scene.send(scene.direct, 'expire', [last]), 'TooEarly');
  await scene.chain.advance(Number(DAY) + 60);
  await reverts(settle(last), 'TooLate');
  await scene.send(scene.direct, 'expire', [last]);
  assert.equal(await lockedOf(id), 1500n);
});

test('what was signed for one contract, agreement or account counts in no other', async () => {
  const registrar = account('registrar');
  const terms = { window: 0n, registrar: registrar.address };
  const [one, two] = [await agreed(terms), await agreed(terms)];
  const [driver, thief] = [account('driver'), account('thief')];
  const { proof } = await scene.sign(scene.terms_, 'Admission', registrar, { agreement: one, account: driver.address });
  const none = { amount: 0n, perObligation: 0n };
  await reverts(scene.authorize(driver, two, none, proof), 'BadSignature');
  await reverts(scene.authorize(thief, one, none, proof), 'BadSignature');
  await scene.authorize(driver, one, none, proof);
  const revocation = { agreement: one, account: scene.payer.address };
  const elsewhere = await scene.sign(scene.batch, 'Revocation', scene.payer, revocation);
  await reverts(scene.send(scene.direct, 'revoke', [elsewhere.act, elsewhere.proof]), 'BadSignature');
  const here = await scene.sign(scene.direct, 'Revocation', scene.payer, revocation);
  await reverts(scene.send(scene.direct, 'revoke', [{ ...here.act, agreement: two }, here.proof]), 'BadSignature');
  // An intent of one agreement, with its signatures and its place in the log, for the other.
  const what = await scene.intent(one);
  const [signatures, place] = await scene.seal(what);
  await reverts(scene.send(scene.direct, 'settle', [{ ...what, agreement: two }, signatures, place]), 'NotADecider');
  await scene.send(scene.direct, 'settle', [what, signatures, place]);
  await reverts(scene.send(scene.direct, 'settle', [what, signatures, place]), 'AlreadyFinal');
});

test('as many payers and deciders as there may be, replaced once, cost less than a transaction may', async () => {
  const people = sorted(Array.from({ length: 16 }, (_, i) => account(`one of sixteen ${i}`)));
  const deciders = sorted(Array.from({ length: 16 }, (_, i) => account(`decider of sixteen ${i}`)));
  const word: Hex = `0x${(salt++).toString(16).padStart(64, '0')}`;
  const parties = people.map(({ address }) => address);
  const id = await scene.open(
    await scene.terms({ salt: word, parties, threshold: 16, deciders: deciders.map(({ address }) => address) }),
  );
  for (const person of people) {
    await scene.fund(person, 100n);
    await scene.authorize(person, id, { amount: 100n, perObligation: 100n, perPeriod: 100n, period: DAY });
  }
  const entries = parties.map((from, i) => ({ from, to: parties[(i + 1) % 16] as Hex, amount: 60n }));
  const wrong = await scene.intent(id, { entries });
  const first = await scene.send(scene.direct, 'announce', [wrong, ...(await scene.seal(wrong, deciders))]);
  const { obligation, begin, end } = wrong;
  const right = { ...wrong, decision: zeroHash, supersedes: await scene.digestOf(wrong), obligation, begin, end };
  const second = await scene.send(scene.direct, 'supersede', [wrong, right, ...(await scene.seal(right, deciders))]);
  await scene.chain.advance(Number(WINDOW));
  const third = await settle(right);
  for (const { gasUsed } of [first, second, third]) assert.ok(gasUsed < 2n ** 23n, String(gasUsed));
});

test('what is not owed any more stays nobody’s: decided again, nothing may be due, nothing moves, and it is settled', async () => {
  const id = await agreed();
  const a = await scene.intent(id);
  const before = await scene.balance(scene.recipient.address);
  await announce(a);
  await scene.hold(a, scene.payer);
  const b = { ...a, entries: [], supersedes: await scene.digestOf(a) };
  await reverts(announce({ ...b, supersedes: zeroHash }), 'OtherIntentPending');
  await supersede(a, b);
  assert.equal(await lockedOf(id), 1500n, 'free at once');
  await reverts(settle(b), 'TooEarly');
  await scene.hold(b, scene.arbiter);
  await scene.rule(b, PAY, scene.arbiter);
  await settle(b);
  assert.equal(await scene.phaseOf(b), 'settled');
  assert.equal(await scene.balance(scene.recipient.address), before);
  await reverts(settle(a), 'AlreadyFinal');
});
