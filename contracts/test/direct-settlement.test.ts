import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { type Hex, hashTypedData, zeroAddress, zeroHash } from 'viem';
import { account } from './chain.ts';
import { reverts } from './scene.ts';
import {
  DAY,
  DROP,
  HOUR,
  type Intent,
  NO_PROOF,
  PAY,
  REDECIDE,
  type SettlementScene,
  startSettlementScene,
  WINDOW,
} from './settlement-scene.ts';

let scene: SettlementScene;
before(async () => {
  scene = await startSettlementScene();
});
let salt = 1;
/** An agreement of its own, whose payer has locked 1,500 and pays at most 500 for one obligation. */
async function agreed(over: Record<string, unknown> = {}, limits: Record<string, unknown> = {}): Promise<Hex> {
  const word: Hex = `0x${(salt++).toString(16).padStart(64, '0')}`;
  const id = await scene.open(await scene.terms({ salt: word, ...over }));
  await scene.fund(scene.payer, (limits.amount as bigint | undefined) ?? 1500n);
  await scene.authorize(scene.payer, id, limits);
  return id;
}
const announce = async (what: Intent) => scene.send(scene.direct, 'announce', [what, ...(await scene.seal(what))]);
const settle = async (what: Intent) =>
  scene.send(scene.direct, 'settle', [
    what,
    [],
    { originHash: zeroHash, index: 0n, size: 0n, root: zeroHash, path: [] },
  ]);
const settleNow = async (what: Intent) => scene.send(scene.direct, 'settle', [what, ...(await scene.seal(what))]);
const supersede = async (old: Intent, what: Intent) =>
  scene.send(scene.direct, 'supersede', [old, what, ...(await scene.seal(what))]);
const lockedOf = async (id: Hex, who: Hex = scene.payer.address) =>
  ((await scene.read(scene.direct, 'getLimits', [id, who])) as { locked: bigint }).locked;
const expire = (what: Intent) => scene.send(scene.direct, 'expire', [what]);
const endHold = (what: Intent) => scene.send(scene.direct, 'endHold', [what]);

test('what is signed is what EIP-712 says of the published types', async () => {
  const what = await scene.intent(zeroHash);
  assert.equal(await scene.digestOf(what), hashTypedData(scene.typed(scene.direct, 'Intent', what) as never));
});

test('without a window an intent pays at once, and once', async () => {
  const id = await agreed({ window: 0n });
  const before = await scene.balance(scene.recipient.address);
  const what = await scene.intent(id);
  await settleNow(what);
  assert.equal((await scene.balance(scene.recipient.address)) - before, 300n);
  assert.equal(await lockedOf(id), 1200n);
  assert.equal(await scene.phaseOf(what), 'settled');
  await reverts(settle(what), 'AlreadyFinal');
  await reverts(settleNow({ ...what, decision: zeroHash }), 'AlreadyFinal');
});

test('with a window it is announced first, and paid when the window has passed', async () => {
  const id = await agreed();
  const what = await scene.intent(id);
  await reverts(settleNow(what), 'TooEarly');
  await announce(what);
  assert.equal(await lockedOf(id), 1200n, 'reserved');
  await reverts(settle(what), 'TooEarly');
  await scene.chain.advance(Number(WINDOW));
  await settle(what);
  assert.equal(await scene.phaseOf(what), 'settled');
});

test('every field of an intent is as agreed', async () => {
  const id = await agreed({ window: 0n });
  const wrong: [Partial<Intent>, string][] = [
    [{ chainId: 1n }, 'NotAgreed'],
    [{ network: zeroHash }, 'NotAgreed'],
    [{ termsHash: zeroHash }, 'NotAgreed'],
    [{ token: scene.accounts }, 'NotAgreed'],
    [{ settler: scene.batch }, 'NotAgreed'],
    [{ begin: 5n }, 'NotAgreed'],
    [{ end: 5n }, 'NotAgreed'],
    [{ rowCount: 1 }, 'Mismatch'],
    [{ entries: [] }, 'Mismatch'],
    [{ supersedes: `0x${'11'.repeat(32)}` }, 'Mismatch'],
  ];
  for (const [over, error] of wrong) {
    const what = { ...(await scene.intent(id)), ...over };
    const sealed = await scene.seal(what);
    await reverts(scene.send(scene.direct, 'settle', [what, ...sealed]), error);
  }
});

test('deciders, anchors and places in the log are checked', async () => {
  const id = await agreed({
    window: 0n,
    deciders: ['decider', 'decider 2', 'decider 3']
      .map((name) => account(name).address)
      .sort((a, b) => (a.toLowerCase() < b.toLowerCase() ? -1 : 1)),
    threshold: 2,
  });
  const what = await scene.intent(id);
  const [one, proof] = await scene.seal(what);
  const attempt = (signatures: unknown, place: unknown = proof) =>
    scene.send(scene.direct, 'settle', [what, signatures, place]);
  await reverts(attempt(one), 'NotEnoughSignatures');
  await reverts(attempt([...one, ...one]), 'SignersNotAscending');
  await reverts(attempt(await scene.approve(what, [account('decider'), account('thief')])), 'NotADecider');
  const two = await scene.approve(what, [account('decider'), account('decider 3')]);
  await reverts(attempt(two, { ...proof, originHash: zeroHash }), 'NotAgreed');
  await reverts(attempt(two, { ...proof, size: proof.size - 1n }), 'NotAnchored');
  await reverts(attempt(two, { ...proof, index: proof.index - 1n }), 'NotIncluded');
  await attempt(two);
});

test('an obligation is over, not too long ago, and its intent ends', async () => {
  const id = await agreed({ window: 0n });
  const now = await scene.chain.now();
  const attempt = async (over: Partial<Intent>, error: string) =>
    reverts(settleNow(await scene.intent(id, over)), error);
  await attempt({ end: now + HOUR, deadline: now + DAY }, 'NotYet');
  await attempt({ begin: now - 2n * DAY, end: now }, 'NotAgreed');
  const never = (1n << 64n) - 1n;
  await attempt({ validAfter: never, deadline: never }, 'NotAgreed');
  await attempt({ deadline: now - 1n }, 'NotAgreed');
  const late = await scene.intent(id);
  const sealed = await scene.seal(late);
  await scene.chain.advance(Number(DAY) + 60);
  await reverts(scene.send(scene.direct, 'settle', [late, ...sealed]), 'NoLonger');
});

test('entries move something, between parties, in one order', async () => {
  const id = await agreed({ window: 0n });
  const [payer, recipient] = [scene.payer.address, scene.recipient.address];
  const attempt = async (entries: Intent['entries'], error: string) =>
    reverts(settleNow(await scene.intent(id, { entries })), error);
  await attempt([{ from: payer, to: recipient, amount: 0n }], 'BadEntry');
  await attempt([{ from: payer, to: payer, amount: 1n }], 'BadEntry');
  await attempt([{ from: payer, to: recipient, amount: 1n << 96n }], 'BadEntry');
  await attempt([{ from: payer, to: account('thief').address, amount: 1n }], 'NotAParty');
  await attempt([{ from: recipient, to: payer, amount: 1n }], 'NotCovered');
  await attempt([{ from: payer, to: recipient, amount: 501n }], 'AboveLimit');
  const two = [
    { from: payer, to: zeroAddress as Hex, amount: 251n },
    { from: payer, to: recipient, amount: 250n },
  ];
  await attempt(two, 'AboveLimit');
  await attempt([...two].reverse(), 'BadEntry');
  await attempt(Array.from({ length: 17 }, () => two[1]) as never, 'Mismatch');
  await attempt([{ from: zeroAddress, to: recipient, amount: 1n }], 'AboveLimit');
});

test('a deposit goes into escrow and comes back, in part', async () => {
  const id = await agreed({ window: 0n });
  const [payer, recipient] = [scene.payer.address, scene.recipient.address];
  await settleNow(await scene.intent(id, { entries: [{ from: payer, to: zeroAddress, amount: 400n }] }));
  assert.equal(await scene.read(scene.direct, 'escrowOf', [id]), 400n);
  const before = [await scene.balance(payer), await scene.balance(recipient)] as const;
  const entries = [
    { from: zeroAddress as Hex, to: payer, amount: 250n },
    { from: zeroAddress as Hex, to: recipient, amount: 150n },
  ].sort((a, b) => (a.to.toLowerCase() < b.to.toLowerCase() ? -1 : 1));
  await settleNow(await scene.intent(id, { entries }));
  assert.equal((await scene.balance(payer)) - before[0], 250n);
  assert.equal((await scene.balance(recipient)) - before[1], 150n);
  assert.equal(await scene.read(scene.direct, 'escrowOf', [id]), 0n);
});

test('a limit per period counts what its obligations take together, and gives back what was not paid', async () => {
  const id = await agreed({}, { perPeriod: 600n, period: DAY });
  const [first, second] = [await scene.intent(id), await scene.intent(id)];
  await announce(first);
  await announce({ ...second, entries: [{ ...second.entries[0]!, amount: 300n }] });
  const third = await scene.intent(id, { begin: first.begin, end: first.begin });
  await reverts(announce({ ...third, entries: [{ ...third.entries[0]!, amount: 1n }] }), 'AboveLimit');
  await scene.hold(first, scene.payer);
  await scene.rule(first, DROP, scene.arbiter);
  assert.equal(await lockedOf(id), 1200n);
  await announce({ ...third, entries: [{ ...third.entries[0]!, amount: 300n }] });
});

test('limits grow while they stand; less needs the notice', async () => {
  const id = await agreed();
  await reverts(scene.authorize(scene.payer, id, { perObligation: 499n, amount: 0n }), 'BadAuthorization');
  await reverts(
    scene.authorize(scene.payer, id, { until: (await scene.chain.now()) + DAY, amount: 0n }),
    'BadAuthorization',
  );
  await reverts(scene.authorize(scene.payer, id, { perPeriod: 5n, period: DAY, amount: 0n }), 'BadAuthorization');
  await reverts(scene.authorize(scene.payer, id, { perPeriod: 5n, amount: 0n }), 'BadAuthorization');
  await scene.fund(scene.payer, 500n);
  await scene.authorize(scene.payer, id, {
    perObligation: 600n,
    amount: 500n,
    until: (await scene.chain.now()) + 400n * DAY,
  });
  assert.equal(await lockedOf(id), 2000n);
});

test('a revocation counts for what begins after it, and frees the lock when nothing before it can come any more', async () => {
  const id = await agreed({ window: 0n }, { from: (await scene.chain.now()) - HOUR });
  const during = await scene.intent(id);
  await scene.chain.advance(60);
  await scene.revoke(scene.payer, id);
  await scene.chain.advance(60);
  const after = await scene.intent(id);
  await reverts(settleNow(after), 'NotCovered');
  const early = await scene.intent(id, { begin: during.begin - 3n * HOUR, end: during.begin - 2n * HOUR });
  await reverts(settleNow(early), 'NotCovered');
  await settleNow(during);
  await reverts(scene.send(scene.direct, 'release', [id, scene.payer.address]), 'TooEarly');
  await reverts(scene.authorize(scene.payer, id, { amount: 0n }), 'TooEarly');
  await scene.chain.advance(Number(2n * DAY));
  const before = await scene.balance(scene.payer.address);
  await scene.send(scene.direct, 'release', [id, scene.payer.address]);
  assert.equal((await scene.balance(scene.payer.address)) - before, 1200n);
  await reverts(scene.send(scene.direct, 'release', [id, scene.payer.address]), 'NothingToRelease');
  // From then on it may promise anew, and less.
  await scene.authorize(scene.payer, id, { amount: 100n, perObligation: 100n });
});

test('what is free leaves before any debit; what is locked does not', async () => {
  const id = await agreed({ window: 0n });
  await scene.fund(scene.payer, 40n);
  const free = await scene.balance(scene.payer.address);
  const { act, proof } = await scene.sign(scene.accounts, 'Withdrawal', scene.payer, {
    account: scene.payer.address,
    token: scene.token,
    to: scene.payer.address,
    amount: free,
  });
  await scene.send(scene.accounts, 'withdraw', [act, proof]);
  await settleNow(await scene.intent(id));
});

test('only who is listed or admitted joins, and the arbiter never', async () => {
  const registrar = account('registrar');
  const id = await agreed({ window: 0n, registrar: registrar.address });
  const driver = account('driver');
  const none = { amount: 0n, perObligation: 0n };
  await reverts(scene.authorize(driver, id, none), 'BadSignature');
  const { proof } = await scene.sign(scene.terms_, 'Admission', registrar, { agreement: id, account: driver.address });
  await scene.authorize(driver, id, none, proof);
  await scene.authorize(driver, id, none);
  await settleNow(await scene.intent(id, { entries: [{ from: scene.payer.address, to: driver.address, amount: 5n }] }));
  assert.equal(await scene.balance(driver.address), 5n);
  await reverts(scene.authorize(scene.arbiter, id, none, proof), 'NotAParty');
  const closed = await agreed();
  await reverts(scene.authorize(driver, closed, none, proof), 'NotAParty');
});

test('money is locked only with the contract that settles the agreement', async () => {
  const word: Hex = `0x${(salt++).toString(16).padStart(64, '0')}`;
  const id = await scene.open(await scene.terms({ salt: word, settler: scene.batch }));
  await scene.fund(scene.payer, 1500n);
  await reverts(scene.authorize(scene.payer, id), 'NotAgreed');
});

test('a hold stops what was prepared before it: the superseding intent waits a whole window', async () => {
  const id = await agreed();
  const a = await scene.intent(id);
  const b = { ...a, entries: [{ ...a.entries[0]!, amount: 500n }], supersedes: await scene.digestOf(a) };
  await announce(a);
  await scene.chain.advance(Number(WINDOW) - 20);
  await scene.hold(a, scene.payer);
  await scene.chain.advance(30);
  await reverts(settle(a), 'OnHold');
  await supersede(a, b);
  await reverts(settle(b), 'TooEarly');
  await reverts(scene.hold(b, scene.payer), 'HeldBefore');
  await scene.hold(b, scene.arbiter);
  const c = { ...a, supersedes: await scene.digestOf(b) };
  await reverts(supersede(b, c), 'WrongPhase');
  await scene.rule(b, REDECIDE, scene.arbiter);
  await supersede(b, c);
  await scene.chain.advance(Number(WINDOW));
  await settle(c);
  assert.equal(await lockedOf(id), 1200n);
});

test('an arbiter’s hold uses up nobody else’s', async () => {
  const id = await agreed();
  const a = await scene.intent(id);
  await announce(a);
  await scene.hold(a, scene.arbiter);
  await reverts(scene.rule(a, PAY, scene.payer), 'NotAllowed');
  await scene.rule(a, REDECIDE, scene.arbiter);
  const b = { ...a, supersedes: await scene.digestOf(a) };
  await supersede(a, b);
  await scene.hold(b, scene.payer);
  assert.equal(await scene.phaseOf(b), 'held');
});

test('nobody holds what was not announced, nor for another', async () => {
  const id = await agreed();
  const a = await scene.intent(id);
  await reverts(scene.hold(a, scene.payer), 'WrongPhase');
  await announce(a);
  await reverts(scene.hold({ ...a, decision: zeroHash }, scene.payer), 'OtherIntentPending');
  await reverts(scene.hold(a, scene.recipient), 'NotAllowed');
  await reverts(scene.hold(a, account('thief')), 'NotAllowed');
});

for (const payAfterHold of [true, false]) {
  test(`an arbiter that vanishes locks nothing: after holdMax it is ${payAfterHold ? 'paid' : 'dropped'}`, async () => {
    const id = await agreed({ payAfterHold });
    const a = await scene.intent(id);
    await announce(a);
    await scene.hold(a, scene.payer);
    await reverts(endHold(a), 'TooEarly');
    await scene.chain.advance(Number(7n * DAY) + 5);
    await endHold(a);
    if (payAfterHold) await settle(a);
    assert.equal(await scene.phaseOf(a), payAfterHold ? 'settled' : 'dropped');
    assert.equal(await lockedOf(id), payAfterHold ? 1200n : 1500n);
    await reverts(announce({ ...a, supersedes: zeroHash }), 'NoLonger');
  });
}

test('who gives in after the deadline locks nothing either', async () => {
  const id = await agreed();
  const a = await scene.intent(id);
  await announce(a);
  await scene.hold(a, scene.payer);
  await scene.chain.advance(Number(6n * DAY));
  await scene.rule(a, PAY, scene.payer);
  await reverts(settle(a), 'TooEarly');
  await scene.chain.advance(Number(WINDOW));
  await settle(a);
  const b = await scene.intent(id);
  await announce(b);
  await scene.hold(b, scene.arbiter);
  await scene.rule(b, PAY, scene.arbiter);
  await scene.chain.advance(Number(31n * DAY));
  await reverts(settle(b), 'TooLate');
  await expire(b);
  assert.equal(await scene.phaseOf(b), 'dropped');
  assert.equal(await lockedOf(id), 1200n);
});

test('one payer’s giving in is not another’s', async () => {
  const id = await agreed({}, { amount: 1500n });
  await scene.fund(scene.recipient, 100n);
  await scene.authorize(scene.recipient, id, { amount: 100n, perObligation: 100n });
  const entries = [
    { from: scene.payer.address, to: zeroAddress as Hex, amount: 100n },
    { from: scene.recipient.address, to: zeroAddress as Hex, amount: 100n },
  ].sort((x, y) => (x.from.toLowerCase() < y.from.toLowerCase() ? -1 : 1));
  const a = await scene.intent(id, { entries });
  await announce(a);
  await scene.hold(a, scene.recipient);
  await scene.rule(a, PAY, scene.recipient);
  await scene.hold(a, scene.payer);
  assert.equal(await scene.phaseOf(a), 'held');
});

test('what was announced and never paid is freed, and may come again in time', async () => {
  const id = await agreed({ settleWithin: 10n * DAY });
  const a = await scene.intent(id, {});
  await announce(a);
  await reverts(expire(a), 'TooEarly');
  await scene.chain.advance(Number(2n * DAY) + 10);
  await reverts(settle(a), 'TooLate');
  await expire(a);
  assert.equal(await lockedOf(id), 1500n);
  assert.equal(await scene.phaseOf(a), 'none');
  const again = { ...a, deadline: (await scene.chain.now()) + DAY };
  await announce(again);
  await scene.chain.advance(Number(WINDOW));
  await settle(again);
});

test('what the escrow holds at the end is the residuary’s', async () => {
  const id = await agreed({ window: 0n, validUntil: (await scene.chain.now()) + DAY });
  await settleNow(await scene.intent(id, { entries: [{ from: scene.payer.address, to: zeroAddress, amount: 400n }] }));
  await reverts(scene.send(scene.direct, 'returnEscrow', [id]), 'TooEarly');
  await scene.chain.advance(Number(3n * DAY));
  const before = await scene.balance(scene.recipient.address);
  await scene.send(scene.direct, 'returnEscrow', [id]);
  assert.equal((await scene.balance(scene.recipient.address)) - before, 400n);
  // And the payer's lock is free without a revocation: nothing can begin any more.
  await scene.send(scene.direct, 'release', [id, scene.payer.address]);
});

test('terms that could lock or trap somebody are refused', async () => {
  const bad: Record<string, unknown>[] = [
    { token: scene.payer.address },
    { settler: scene.payer.address },
    { validUntil: 5n },
    { validUntil: (1n << 64n) - 1n },
    { obligationMax: 1831n * DAY },
    { settleWithin: 0n },
    { window: 367n * DAY },
    { holdMax: 367n * DAY },
    { arbiter: zeroAddress },
    { arbiter: scene.payer.address },
    { arbiter: scene.recipient.address },
    { residuary: zeroAddress },
    { deciders: [] },
    { threshold: 0 },
    { threshold: 2 },
    { origins: [] },
    { parties: [zeroAddress] },
    { parties: Array.from({ length: 17 }, (_, i) => account(`party ${i}`).address) },
    { settler: scene.batch, window: 0n },
  ];
  for (const over of bad) await reverts(scene.send(scene.terms_, 'open', [await scene.terms(over)]), 'BadTerms');
  void NO_PROOF;
});
