// The course of a payment that can be disputed, on the real contracts: each way from one state to the next, and the power
// failing between any two.
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { actCall, digestOf } from '@trine/ledger/acts.ts';
import { readBalance, readLimits } from '@trine/ledger/agreements.ts';
import type { Chain } from '@trine/ledger/chain.ts';
import { sendCall } from '@trine/ledger/transactions.ts';
import { type Act, addressOfPrivateKey, hexOf, type Ruling, signDigest, toHex } from '@trine/protocol';
import { openSettling, type Settling } from '../testing/settling.ts';
import type { World } from '../testing/world.ts';

const WINDOW_S = 600;
const HOLD_MAX_S = 3_600;
const DEADLINE_S = 7_200;
type Money = { readonly afterHold?: 'pay' | 'drop' };

/** A payment with time to dispute it, which was announced. */
class Disputable {
  settling: Settling;
  readonly digest: string;
  /** Where it stood, one after the other, as was told. */
  readonly told: string[];
  #nonce = 1n;

  constructor(settling: Settling, digest: string, told: string[]) {
    this.settling = settling;
    this.digest = digest;
    this.told = told;
  }

  static async open(
    t: TestContext,
    money: Money = {},
    change: (chain: Chain) => Partial<Chain> = () => ({}),
  ): Promise<Disputable> {
    const told: string[] = [];
    const settling = await openSettling({}, ({ chain }) => ({
      chain: { ...chain, ...change(chain) },
      onCourse: (_, state) => void told.push(state),
    }));
    const { parts, decisions } = settling;
    const given = { disputeWindowS: WINDOW_S, holdMaxS: HOLD_MAX_S, deadlineS: DEADLINE_S, ...money };
    await parts.does(decisions.propose(parts.agreement({ money: { ...parts.agreement().money, ...given } })));
    await parts.say([{ atMs: 1_000 }]);
    await parts.decideAt(12_000);
    await settling.settle();
    const [row] = await parts.does(parts.store.query('SELECT digest FROM intents'));
    const made = new Disputable(settling, toHex(row?.digest as Uint8Array), told);
    t.after(() => made.settling.close());
    return made;
  }

  get course() {
    return this.settling.settler.courses.of(this.digest);
  }
  get keys() {
    return this.settling.parts.genesis.keys;
  }
  get world(): World {
    return this.settling.parts.world;
  }
  get nowS(): number {
    return Math.floor(this.world.now() / 1000);
  }

  /** Time passes, with a round each second at its end, as the node's clock does. */
  async pass(seconds: number): Promise<void> {
    const { world, settling } = this;
    await world.reaches(world.time.elapsedMs + Math.max(0, seconds - 8) * 1_000);
    for (let i = 0; i < Math.min(8, seconds); i++) {
      settling.settler.round();
      await world.reaches(world.time.elapsedMs + 1_000);
      await world.does(settling.parts.projections.runner.flush());
    }
  }

  /** Somebody signs, and somebody else submits it. */
  async act(what: 'hold' | Ruling, key: Uint8Array): Promise<void> {
    const { settling, digest } = this;
    const { chain, parts } = settling;
    const { contracts } = parts.genesis;
    const payment = await parts.does(settling.settler.payment(Buffer.from(digest, 'hex')));
    assert.ok(payment);
    const { intent } = payment;
    const by = { account: addressOfPrivateKey(key), nonce: this.#nonce++, deadline: 2n ** 40n };
    const about = {
      agreement: intent.agreement,
      obligation: intent.obligation,
      intent: hexOf(Buffer.from(digest, 'hex')),
    };
    const act: Act =
      what === 'hold' ? { kind: 'hold', ...about, ...by } : { kind: 'rule', ruling: what, ...about, ...by };
    const signature = signDigest(digestOf(chain.chainId, contracts, act), key);
    const call = actCall(contracts, act, { signature, intent });
    await parts.does(sendCall(chain, hexOf(parts.genesis.keys.issuer), call));
  }

  async paid(): Promise<boolean> {
    const { parts } = this.settling;
    const rows = await parts.does(parts.store.query('SELECT leaf FROM settlements'));
    assert.ok(rows.length < 2, 'paid once');
    return rows.length === 1;
  }

  /** The power fails, and the node starts again after some time. */
  async powerFails(downS = 0): Promise<void> {
    const { world } = this;
    this.settling.parts.life.isOver = true;
    world.disk.restart();
    await world.reaches(world.time.elapsedMs + downS * 1_000);
    this.settling = await openSettling({ world });
  }

  /** What the payer still has in the agreement's lock, minor units. */
  async locked(): Promise<bigint> {
    const { chain, parts } = this.settling;
    const [{ id } = {}] = parts.projections.policies.agreements();
    const { contracts, keys } = parts.genesis;
    const limits = readLimits(chain, contracts, hexOf(id as Uint8Array), addressOfPrivateKey(keys.account));
    return (await parts.does(limits)).locked;
  }

  async received(): Promise<bigint> {
    const { chain, parts } = this.settling;
    const { contracts, keys } = parts.genesis;
    return parts.does(readBalance(chain, contracts, addressOfPrivateKey(keys.recipient)));
  }
}

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
  const one = await Disputable.open(t, { afterHold: 'drop' });
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
  const one = await Disputable.open(t, {}, ({ request }) => ({
    kind: 'external',
    request: (call) => {
      if (call.method === 'eth_blockNumber') asked++;
      return request(call);
    },
  }));
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

test('what was not paid in time expires, and its money is free again', async (t) => {
  const one = await Disputable.open(t);
  const before = await one.locked();
  await one.powerFails(WINDOW_S + DEADLINE_S + 60);
  await one.pass(20);
  assert.deepEqual(one.course, { state: 'expired' });
  assert.equal(await one.locked(), before + 5n);
  await one.powerFails();
  assert.deepEqual(one.course, { state: 'expired' });
  await one.pass(20);
  assert.equal(await one.paid(), false);
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
