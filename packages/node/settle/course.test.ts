// The course of a payment that can be disputed, on the real contracts: each way from one state to the next, and the power
// failing between any two.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { addressOfPrivateKey } from '@trine/protocol';
import { DEADLINE_S, Disputable, HOLD_MAX_S, WINDOW_S } from '../testing/disputable.ts';

/** Seconds from now until the window is over. */
function left({ course, nowS }: Disputable): number {
  assert.equal(course?.state, 'announced');
  return course.untilS - nowS;
}

test('what nobody disputes is announced, says until when it can be disputed, and is paid then and not before', async (t) => {
  const one = await Disputable.open(t);
  const wait = left(one);
  assert.ok(wait > WINDOW_S - 60 && wait <= WINDOW_S);
  await one.pass(wait - 5);
  assert.equal(await one.paid(), false);
  await one.pass(15);
  assert.equal(await one.paid(), true);
  assert.equal(await one.received(), 5n);
  assert.equal(one.course, undefined, 'the log says the rest');
  assert.equal(one.settling.settler.problem, undefined);
});

test('held just before the end of the window it waits, and says who holds it, until when, and what follows', async (t) => {
  const one = await Disputable.open(t);
  await one.pass(left(one) - 2);
  const heldS = one.nowS;
  await one.act('hold', one.keys.account);
  await one.pass(30);
  const { course } = one;
  assert.equal(course?.state, 'held');
  assert.equal(course.holder, addressOfPrivateKey(one.keys.account));
  assert.ok(Math.abs(course.untilS - heldS - HOLD_MAX_S) <= 10);
  assert.deepEqual([course.afterwards, course.replaceable], ['pay', true]);
  await one.pass(HOLD_MAX_S - 120);
  assert.equal(one.course?.state, 'held');
  assert.equal(await one.paid(), false);
  assert.equal(one.settling.settler.problem, undefined, 'that people take their time is no problem of the node');
});

test('where the arbiter vanishes, the hold ends by itself as the terms say: it is paid', async (t) => {
  const one = await Disputable.open(t);
  await one.act('hold', one.keys.arbiter);
  await one.pass(10);
  assert.equal(one.course?.state === 'held' && one.course.replaceable, false);
  await one.act('redecide', one.keys.arbiter);
  await one.pass(10);
  assert.equal(one.course?.state === 'held' && one.course.replaceable, true);
  await one.pass(HOLD_MAX_S + 30);
  await one.pass(10);
  assert.equal(await one.paid(), true);
});

test('or it is dropped: for good, also after a restart, with the money back in the lock, and no problem of the node', async (t) => {
  const one = await Disputable.open(t, { money: { afterHold: 'drop' } });
  const before = await one.locked();
  await one.act('hold', one.keys.account);
  await one.pass(10);
  assert.equal(one.course?.state === 'held' && one.course.afterwards, 'drop');
  await one.pass(HOLD_MAX_S + 30);
  assert.deepEqual(one.course, { state: 'dropped' });
  assert.equal(await one.locked(), before + 5n);
  await one.powerFails();
  assert.deepEqual(one.course, { state: 'dropped' }, 'before anything was looked at');
  await one.pass(DEADLINE_S + 30);
  assert.deepEqual(one.course, { state: 'dropped' });
  assert.equal(await one.paid(), false);
  assert.equal(one.settling.settler.problem, undefined);
});

test('released by the arbiter it is paid at once, though its window would last', async (t) => {
  const one = await Disputable.open(t);
  await one.act('hold', one.keys.arbiter);
  await one.pass(10);
  await one.act('pay', one.keys.arbiter);
  await one.pass(8);
  assert.equal(await one.paid(), true);
});

test('a try that sleeps until the end of the window is made anew when the arbiter releases it before', async (t) => {
  const one = await Disputable.open(t);
  const { outbox } = one.settling.settler;
  const { id } = outbox.enqueue('settle', outbox.get(`announce:0x${one.digest}`)?.payload);
  await one.pass(10);
  assert.ok((outbox.get(id)?.nextAttemptAt ?? 0) > one.world.now() + 300_000, 'it sleeps');
  await one.act('hold', one.keys.account);
  await one.pass(60);
  await one.act('pay', one.keys.arbiter);
  await one.pass(8);
  assert.equal(await one.paid(), true);
});

test('a chain of others is not asked at every turn, and nothing of what happens there is missed', async (t) => {
  let asked = 0;
  const one = await Disputable.open(t, {
    chain: ({ request }) => ({
      kind: 'external',
      request: (call) => {
        if (call.method === 'eth_getBlockByNumber') asked++;
        return request(call);
      },
    }),
  });
  await one.act('hold', one.keys.account);
  await one.pass(10);
  assert.equal(one.course?.state, 'held');
  const before = asked;
  await one.pass(8);
  assert.ok(asked > before && asked - before <= 3, `${asked - before} times in 8 rounds`);
  await one.act('pay', one.keys.arbiter);
  await one.pass(16);
  assert.equal(await one.paid(), true);
});

test('dropped by the arbiter it is never paid', async (t) => {
  const one = await Disputable.open(t);
  await one.act('hold', one.keys.account);
  await one.pass(10);
  const { outbox } = one.settling.settler;
  const tried = (['queued', 'submitted', 'confirmed', 'refused'] as const).flatMap((state) => outbox.list(state));
  assert.ok(tried.length > 0 && tried.every(({ kind }) => kind !== 'endHold'), 'nobody ends it before its time');
  await one.act('drop', one.keys.arbiter);
  await one.pass(10);
  assert.deepEqual(one.course, { state: 'dropped' });
  assert.deepEqual(one.told, ['announced', 'held', 'dropped'], 'each once');
  await one.pass(DEADLINE_S);
  assert.equal(await one.paid(), false);
  assert.equal(await one.received(), 0n);
  assert.equal(one.settling.settler.problem, undefined);
});

test('who gives in after the deadline of the intent starts the window again; then it is paid', async (t) => {
  const one = await Disputable.open(t);
  await one.act('hold', one.keys.account);
  await one.powerFails(WINDOW_S + DEADLINE_S + 60);
  // While the node was away nobody ended the hold, which has lasted too long: giving in comes first.
  await one.act('pay', one.keys.account);
  await one.pass(10);
  const wait = left(one);
  assert.ok(wait > WINDOW_S - 60, 'the others can still hold it');
  assert.equal(await one.paid(), false);
  await one.pass(wait + 15);
  assert.equal(await one.paid(), true);
});

test('what was not paid in time expires, its money is free again, and it is ordered anew and paid, once', async (t) => {
  const one = await Disputable.open(t);
  const before = await one.locked();
  await one.powerFails(WINDOW_S + DEADLINE_S + 60);
  await one.pass(20);
  assert.deepEqual(one.course, { state: 'expired' });
  await one.powerFails();
  assert.deepEqual(one.course, { state: 'expired' });
  await one.pass(60);
  const [, again = '', ...more] = await one.ordered();
  assert.deepEqual(more, []);
  one.digest = again;
  assert.equal(one.course?.state, 'announced');
  assert.equal(await one.locked(), before, 'of the one nothing, and the other is reserved');
  await one.pass(WINDOW_S);
  assert.equal(await one.paid(), true);
  assert.equal(await one.received(), 5n);
  assert.equal(one.settling.settler.problem, undefined);
});

test('the power fails between any two steps: what follows is the same', async (t) => {
  for (let at = 0; at < 5; at++) {
    const one = await Disputable.open(t);
    const step = async (n: number) => (n === at ? one.powerFails(3) : undefined);
    await step(0);
    await one.act('hold', one.keys.account);
    await step(1);
    await one.pass(10);
    assert.equal(one.course?.state, 'held', `after step ${at}`);
    await step(2);
    await one.act('pay', one.keys.arbiter);
    await step(3);
    one.settling.settler.round();
    await one.world.reaches(one.world.time.elapsedMs + 900);
    await step(4);
    await one.pass(20);
    assert.equal(await one.paid(), true, `after step ${at}`);
    assert.equal(one.settling.settler.problem, undefined);
  }
});
