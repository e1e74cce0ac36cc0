// Acts over HTTP: handed in by anybody with a signature, refused in words before they cost anything, and seen in the
// payment that they are about.
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import {
  actDigest,
  addressOfPrivateKey,
  decodeIntent,
  fromHex,
  type Hex,
  intentDigest,
  permitDigest,
  signDigest,
} from '@trine/protocol';
import { actInPractice } from '../../settle/practice-acts.ts';
import { type Asked, problemOf, ServedNode } from '../../testing/served.ts';
import type { PaymentView } from '../views/payments.ts';

const WINDOW_S = 600;
const NO_TOKEN: Asked = { token: '' };
type Fields = Readonly<Record<string, unknown>>;
interface Account {
  readonly free: number;
  readonly wallet: number;
  readonly tokenName: string;
  readonly permitNonce: string;
  readonly locks: readonly {
    agreement: string;
    role: string;
    locked: number;
    freeFromMs?: number;
    revokedMs?: number;
  }[];
}
interface ActState {
  readonly id: string;
  readonly state: string;
  readonly transaction?: string;
}

class Court {
  readonly served: ServedNode;
  readonly payment: string;
  #nonce = 1;

  constructor(served: ServedNode, payment: string) {
    this.served = served;
    this.payment = payment;
  }

  /** A node with a payment that was announced. */
  static async open(t: TestContext): Promise<Court> {
    const served = await ServedNode.open();
    t.after(() => served.close());
    const { parts } = served;
    const { money } = parts.agreement();
    const policy = parts.agreement({ money: { ...money, disputeWindowS: WINDOW_S } });
    assert.equal((await served.post('/api/v1/policies', { policy })).status, 200);
    await parts.say([{ atMs: 1_000 }]);
    await parts.decideAt(12_000);
    await served.settling.settle();
    const { items } = await served.get<{ items: PaymentView[] }>('/api/v1/payments');
    return new Court(served, items[0]?.id as string);
  }

  get keys() {
    return this.served.node.genesis.keys;
  }

  shown(): Promise<PaymentView> {
    return this.served.get<PaymentView>(`/api/v1/payments/${this.payment}`);
  }

  account(key: Uint8Array): Promise<Account> {
    return this.served.get<Account>(`/api/v1/accounts/${addressOfPrivateKey(key)}`);
  }

  get nowS(): number {
    return Math.floor(this.served.parts.world.now() / 1000);
  }

  signedBy(key: Uint8Array): Fields {
    const nonce = (this.#nonce++).toString(16).padStart(64, '0');
    return { account: addressOfPrivateKey(key), nonce, deadline: this.nowS + 600 };
  }

  /** What is pending, as anybody learns it from the public log. */
  async about(): Promise<Fields> {
    const found = await this.served.ask(`/api/v1/intents/${this.payment.slice(0, 10)}`, NO_TOKEN);
    const { intent, digest } = found.json() as { intent: Hex; digest: string };
    const decoded = decodeIntent(fromHex(intent));
    assert.equal(intentDigest(decoded), `0x${digest}`);
    return { agreement: decoded.agreement.slice(2), obligation: decoded.obligation.slice(2), intent: digest };
  }

  sign(act: Fields, key: Uint8Array): string {
    const { chain, contracts } = this.served.node.genesis;
    const exact = Object.entries(act).map(([name, value]) => {
      if (['agreement', 'obligation', 'intent'].includes(name)) return [name, `0x${value}`];
      if (name === 'nonce') return [name, BigInt(`0x${value}`)];
      return [name, typeof value === 'number' ? BigInt(value) : value];
    });
    const verifyingContract = ['deposit', 'withdraw'].includes(act.kind as string)
      ? contracts.accounts
      : contracts.direct;
    return signDigest(actDigest(Object.fromEntries(exact), { chainId: chain.chainId, verifyingContract }), key);
  }

  async hand(act: Fields, key: Uint8Array, more: Fields = {}) {
    return this.served.post('/api/v1/acts', { act, signature: this.sign(act, key), ...more }, NO_TOKEN);
  }

  async does(act: Fields, key: Uint8Array, more: Fields = {}): Promise<ActState> {
    const answer = await this.hand(act, key, more);
    assert.equal(answer.status, 200, answer.text);
    const { id } = answer.json() as ActState;
    await this.served.settling.settle();
    return (await this.served.ask(`/api/v1/acts/${id}`, NO_TOKEN)).json() as ActState;
  }
}

test('whoever pays objects without a token, the arbiter rules; the payment says where it stands, and is paid', async (t) => {
  const court = await Court.open(t);
  const before = await court.shown();
  assert.equal(before.state, 'announced');
  assert.ok((before.course?.disputableUntilMs ?? 0) > court.nowS * 1000);
  const about = await court.about();
  const { account, arbiter } = court.keys;
  const held = await court.does({ kind: 'hold', ...about, ...court.signedBy(account) }, account);
  assert.equal(held.state, 'confirmed');
  assert.match(held.transaction ?? '', /^[0-9a-f]{64}$/);
  const shown = await court.shown();
  assert.deepEqual(
    [shown.state, shown.course?.heldBy, shown.course?.afterHold],
    ['held', addressOfPrivateKey(account), 'pay'],
  );
  const { counts } = await court.served.get<{ counts: { total: number } }>('/api/v1/payments?state=held');
  assert.equal(counts.total, 1);
  const ruled = await court.does({ kind: 'rule', ruling: 'pay', ...about, ...court.signedBy(arbiter) }, arbiter);
  assert.equal(ruled.state, 'confirmed');
  await court.served.settling.settle();
  const paid = await court.shown();
  assert.deepEqual([paid.state, paid.course], ['paid', undefined]);
  const again = problemOf(await court.hand({ kind: 'hold', ...about, ...court.signedBy(arbiter) }, arbiter));
  assert.deepEqual([again.code, again.error], ['refused', 'The payment is settled or dropped: that is final.']);
});

test('what a contract would refuse is refused in words, and costs nothing', async (t) => {
  const court = await Court.open(t);
  const { served } = court;
  const { account, recipient, arbiter, issuer } = court.keys;
  const about = await court.about();
  const sent = () => served.settling.settler.outbox.counts();
  const before = sent();
  const hold = (key: Uint8Array, change: Fields = {}) => ({
    kind: 'hold',
    ...about,
    ...court.signedBy(key),
    ...change,
  });
  const refused = async (act: Fields, key: Uint8Array, status: number, words: RegExp) => {
    const answer = await court.hand(act, key);
    assert.equal(answer.status, status, answer.text);
    assert.match(problemOf(answer).error, words);
  };
  await refused(hold(recipient), recipient, 422, /may not do that: who pays and the arbiter may hold/);
  await refused(hold(issuer), issuer, 403, /neither a party nor the arbiter/);
  await refused(hold(account), recipient, 403, /^The signature is not by /);
  await refused(hold(account, { intent: 'f'.repeat(64) }), account, 404, /no such payment/);
  await refused(hold(account, { agreement: 'f'.repeat(64) }), account, 404, /no such agreement/);
  await refused(hold(account, { deadline: court.nowS - 1 }), account, 422, /Sign the act again/);
  await refused(hold(account, { deadline: court.nowS + 30 * 86_400 }), account, 400, /at most 7 days/);
  const mistyped = { act: { ...hold(account), account: '0x1' } };
  assert.match(problemOf(await served.post('/api/v1/acts', mistyped, NO_TOKEN)).error, /account: an address/);
  await refused(
    { kind: 'rule', ruling: 'pay', ...about, ...court.signedBy(arbiter) },
    arbiter,
    422,
    /is announced: only/,
  );
  const { token } = served.node.genesis.contracts;
  const money = { token, amount: 1, ...court.signedBy(recipient) };
  await refused({ kind: 'withdraw', to: addressOfPrivateKey(issuer), ...money }, recipient, 422, /free balance is 0/);
  await refused({ kind: 'deposit', ...money }, recipient, 422, /a permit or an approval/);
  const release = { kind: 'release', agreement: about.agreement, account: addressOfPrivateKey(account) };
  const early = await served.post('/api/v1/acts', { act: release }, NO_TOKEN);
  assert.match(problemOf(early).error, /^It is too early: from 20\d\d-.*Z on\.$/);
  assert.deepEqual(sent(), before);
});

test('without a signature nothing is done in the name of the node, whose account sends it', async (t) => {
  const court = await Court.open(t);
  const { account } = court.keys;
  const act = { kind: 'hold', ...(await court.about()), ...court.signedBy(account) };
  const answer = await court.served.post('/api/v1/acts', { act }, NO_TOKEN);
  assert.deepEqual([answer.status, problemOf(answer).error], [400, 'signature: this act needs one.']);
  for (const signature of ['0x', `0x${'0'.repeat(130)}`]) {
    const { status } = await court.served.post('/api/v1/acts', { act, signature }, NO_TOKEN);
    assert.ok(status >= 400 && status < 500);
  }
  await court.served.settling.settle();
  assert.equal((await court.shown()).state, 'announced');
});

test('an act that is handed in twice is one', async (t) => {
  const court = await Court.open(t);
  const { account } = court.keys;
  const act = { kind: 'revoke', agreement: (await court.about()).agreement, ...court.signedBy(account) };
  const first = await court.does(act, account);
  assert.deepEqual((await court.hand(act, account)).json(), first);
  const [lock] = (await court.account(account)).locks;
  assert.ok(lock?.revokedMs);
  assert.ok((lock.freeFromMs ?? 0) > lock.revokedMs);
});

test('money goes out and in again: by withdrawal, and by a deposit with a permit', async (t) => {
  const court = await Court.open(t);
  const { recipient } = court.keys;
  const { served } = court;
  const { world } = served.parts;
  await world.reaches(world.time.elapsedMs + WINDOW_S * 1_000);
  await served.settling.settle();
  assert.equal((await court.account(recipient)).free, 5);
  const { contracts, chain } = served.node.genesis;
  const { token } = contracts;
  const to = addressOfPrivateKey(recipient);
  await court.does({ kind: 'withdraw', token, to, amount: 4, ...court.signedBy(recipient) }, recipient);
  const out = await court.account(recipient);
  assert.deepEqual([out.free, out.wallet], [1, 4]);
  const deadline = court.nowS + 600;
  const permit = {
    owner: to,
    spender: contracts.accounts,
    value: 3n,
    nonce: BigInt(out.permitNonce),
    deadline: BigInt(deadline),
  };
  const domain = { chainId: chain.chainId, verifyingContract: token, name: out.tokenName };
  const signature = signDigest(permitDigest(permit, domain), recipient);
  const act = { kind: 'deposit', token, amount: 3, ...court.signedBy(recipient) };
  await court.does(act, recipient, { permit: { deadline, signature } });
  const back = await court.account(recipient);
  assert.deepEqual([back.free, back.wallet, back.locks.map(({ role }) => role)], [4, 1, ['recipient']]);
  assert.equal((await served.ask('/api/v1/accounts/0x12')).status, 400);
  assert.equal((await served.ask(`/api/v1/accounts/${to}`, NO_TOKEN)).status, 401);
});

test('one sender, and one account, are taken so often and no more; others are heard', async (t) => {
  const court = await Court.open(t);
  const { account, recipient } = court.keys;
  const { agreement } = await court.about();
  const from = (remoteAddress: string): Asked => ({ ...NO_TOKEN, socket: { remoteAddress } });
  const junk = { act: { kind: 'revoke', agreement, ...court.signedBy(account) }, signature: `0x${'1'.repeat(130)}` };
  const looked = async (handedIn: number) => {
    let count = 0;
    for (let i = 0; i < handedIn; i++)
      if ((await court.served.post('/api/v1/acts', junk, from('192.0.2.1'))).status !== 429) count++;
    return count;
  };
  assert.equal(await looked(100), 60);
  const { world } = court.served.parts;
  for (const seconds of [1, 3]) {
    await world.reaches(world.time.elapsedMs + seconds * 1_000);
    assert.equal(await looked(10), seconds, 'one more for each second');
  }
  const act = { kind: 'revoke', agreement, ...court.signedBy(recipient) };
  const good = { act, signature: court.sign(act, recipient) };
  const limited = await court.served.post('/api/v1/acts', good, from('192.0.2.1'));
  assert.deepEqual([limited.status, problemOf(limited).code], [429, 'rate-limited']);
  assert.ok(limited.headers.get('retry-after'));
  const heard = await court.served.post('/api/v1/acts', good, from('192.0.2.2'));
  assert.match(problemOf(heard).error, /nothing to revoke/);
  let taken = 0;
  for (let i = 0; i < 30; i++) {
    const revoke = { kind: 'revoke', agreement, ...court.signedBy(account) };
    const body = { act: revoke, signature: court.sign(revoke, account) };
    if ((await court.served.post('/api/v1/acts', body, from(`192.0.2.${10 + i}`))).status === 200) taken++;
  }
  assert.ok(taken >= 1 && taken <= 20, `${taken}`);
});

test('for practice the node objects and rules in the names of others; elsewhere it does not', async (t) => {
  const court = await Court.open(t);
  const { served, payment } = court;
  const path = `/api/v1/payments/${payment}/practice`;
  assert.equal((await served.post(path, { act: 'hold' }, NO_TOKEN)).status, 401);
  for (const [act, state] of [
    ['hold', 'held'],
    ['drop', 'dropped'],
  ]) {
    const answer = await served.post(path, { act });
    assert.equal(answer.status, 200, answer.text);
    await served.settling.settle();
    assert.equal((await court.shown()).state, state);
  }
  assert.match(problemOf(await served.post(path, { act: 'hold' })).error, /that is final/);
  const { genesis } = served.node;
  const { network } = genesis;
  const elsewhere = { ...genesis, network: { ...network, chain: { ...network.chain, kind: 'evm' as const } } };
  await assert.rejects(actInPractice({ ...served.node, genesis: elsewhere }, payment, 'hold'), { code: 'forbidden' });
});
