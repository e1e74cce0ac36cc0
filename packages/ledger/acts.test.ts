// Acts of parties on the real contracts: signed by one, submitted by another, each once; refused where they must be.
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { type Act, actDigest, type Hex, intentDigest, permitDigest, RULINGS, signDigest } from '@trine/protocol';
import { hashTypedData, type TypedDataDomain } from 'viem';
import { privateKeyToAccount } from 'viem/accounts';
import { type ActProof, actCall, digestOf, endHoldCall, expireCall, releaseCall } from './acts.ts';
import { freeFrom, readBalance, readLimits, readObligation, readWallet } from './agreements.ts';
import { mintCall } from './calls.ts';
import { publicClient } from './chain.ts';
import type { Call } from './contracts.ts';
import { LedgerError } from './errors.ts';
import { startMemory } from './testing/memory-chain.ts';
import { type Account, accountOf, fundedKeys, setUp } from './testing/network.ts';
import { VirtualTime } from './testing/virtual-time.ts';
import { sendCall } from './transactions.ts';

const SEED = 'acts';
const WINDOW_S = 3_600n;

async function founded(t: TestContext) {
  const folder = mkdtempSync(join(tmpdir(), 'trine-test-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const time = new VirtualTime();
  const chain = await startMemory({ chainId: 31_995n, keys: fundedKeys(SEED), clock: time, timers: time });
  const network = await setUp(chain, SEED, folder, 1_000_000n, WINDOW_S);
  const { contracts, operator, agreement } = network;
  let nonce = 1_000n;
  const once = (by: Account) => ({
    account: by.address,
    nonce: nonce++,
    deadline: BigInt(Math.floor(time.now() / 1000)) + 600n,
  });
  /** Blocks of one second each run ahead of the clock. */
  const newestS = async () => (await publicClient(chain).getBlock({ blockTag: 'latest' })).timestamp;
  const later = async (seconds: bigint) => time.set(Number((await newestS()) + seconds) * 1000);
  /** Anybody's transaction. */
  const send = async (call: Call) => {
    await chain.refresh();
    return sendCall(chain, operator.key, call);
  };
  const submit = (act: Act, by: Account, more: ActProof = {}) =>
    send(
      actCall(contracts, act, { ...more, signature: signDigest(digestOf(chain.chainId, contracts, act), by.bytes) }),
    );
  const announce = async (name: string) => {
    const payload = network.decide(name, 500n);
    await send(await network.kinds.anchor.call(network.checkpoint()));
    await send(await network.kinds.announce.call(payload));
    const intent = network.intentFor(name, 500n);
    return { intent, payload, about: { agreement, obligation: intent.obligation, intent: intentDigest(intent) } };
  };
  const phase = async (obligation: Hex) => (await readObligation(chain, contracts, agreement, obligation)).phase;
  const refused = (work: Promise<unknown>, name: string) =>
    assert.rejects(work, (error) => error instanceof LedgerError && error.revert?.name === name);
  return { ...network, time, later, send, submit, once, announce, phase, refused };
}

const word = (digit: string): Hex => `0x${digit.repeat(64)}`;
const address = (digit: string): Hex => `0x${digit.repeat(40)}`;
const once = { account: address('a'), nonce: 2n ** 255n + 7n, deadline: 2n ** 63n };
const about = { agreement: word('b'), obligation: word('c'), intent: word('d') };
const limits = { perObligation: 5n, perPeriod: 9n, period: 60n, amount: 2n ** 127n, from: 1n, until: 2n };
const ACTS: readonly Act[] = [
  { kind: 'deposit', token: address('1'), amount: 2n ** 200n, ...once },
  { kind: 'withdraw', token: address('1'), to: address('2'), amount: 3n, ...once },
  { kind: 'authorize', agreement: word('b'), ...limits, ...once },
  { kind: 'revoke', agreement: word('b'), ...once },
  { kind: 'hold', ...about, ...once },
  ...(['pay', 'drop', 'redecide'] as const).map((ruling): Act => ({ kind: 'rule', ...about, ruling, ...once })),
  { kind: 'claim', agreement: word('b'), amount: 2n ** 127n, ...once },
  { kind: 'contest', agreement: word('b'), obligation: word('c'), statement: word('e'), ...once },
  ...[true, false].map(
    (justified): Act => ({
      kind: 'rule-contest',
      agreement: word('b'),
      obligation: word('c'),
      justified,
      ...once,
    }),
  ),
];

/** Field by field as the contracts' own sources name them. */
function structsOfContracts() {
  const sources = ['Accounts', 'Settlement', 'BatchSettlement'].map((name) =>
    readFileSync(new URL(`../../contracts/src/${name}.sol`, import.meta.url), 'utf8'),
  );
  return Object.fromEntries(
    [...sources.join('').matchAll(/"(\w+)\(([^)]*address account[^)]*)\)"/g)].map(([, name = '', fields = '']) => [
      name,
      fields.split(',').map((field) => {
        const [type = '', called = ''] = field.split(' ');
        return { type, name: called };
      }),
    ]),
  );
}
const STRUCT_OF = {
  ...{ deposit: 'Deposit', withdraw: 'Withdrawal', authorize: 'Authorization' },
  ...{ revoke: 'Revocation', hold: 'Hold', rule: 'Ruled', claim: 'Claim' },
  ...{ contest: 'Contest', 'rule-contest': 'ContestRuling' },
} as const;

test('what is signed is the typed data of the contracts, and the signature is that of any wallet', async () => {
  const structs = structsOfContracts();
  const domain = { name: 'Trine', version: '1', chainId: 7, verifyingContract: address('e') } satisfies TypedDataDomain;
  const key = accountOf(SEED, 'payer');
  for (const act of ACTS) {
    const primaryType = STRUCT_OF[act.kind];
    const message = { ...act, ...(act.kind === 'rule' && { ruling: RULINGS[act.ruling] }) };
    const typed = { domain, primaryType, types: { [primaryType]: structs[primaryType] as never }, message };
    const digest = actDigest(act, { chainId: 7n, verifyingContract: address('e') });
    assert.equal(digest, hashTypedData(typed), act.kind);
    assert.equal(signDigest(digest, key.bytes), await privateKeyToAccount(key.key).signTypedData(typed), act.kind);
  }
});

test('money goes in by a permit and out again, on the word of its owner alone, whoever submits it', async (t) => {
  const { chain, contracts, operator, payer, recipient, agreement, ...rest } = await founded(t);
  const { once, submit, refused, time } = rest;
  const { token } = contracts;
  // All of it is locked at first: what is paid out comes from the payment of another.
  await refused(
    submit({ kind: 'withdraw', token, to: payer.address, amount: 1n, ...once(payer) }, payer),
    'BalanceTooLow',
  );
  await sendCall(chain, operator.key, mintCall(contracts, recipient.address, 900n, word('9')));
  const wallet = await readWallet(chain, contracts, recipient.address);
  const deadline = BigInt(Math.floor(time.now() / 1000)) + 600n;
  const permit = {
    owner: recipient.address,
    spender: contracts.accounts,
    value: 900n,
    nonce: wallet.permitNonce,
    deadline,
  };
  const domain = { chainId: chain.chainId, verifyingContract: token, name: wallet.tokenName };
  const signature = signDigest(permitDigest(permit, domain), recipient.bytes);
  const deposit: Act = { kind: 'deposit', token, amount: 900n, ...once(recipient) };
  await refused(submit(deposit, payer, { permit: { deadline, signature } }), 'BadSignature');
  await submit(deposit, recipient, { permit: { deadline, signature } });
  assert.equal(await readBalance(chain, contracts, recipient.address), 900n);
  await refused(submit(deposit, recipient, { permit: { deadline, signature } }), 'NonceUsed');
  const withdrawal: Act = { kind: 'withdraw', token, to: address('7'), amount: 400n, ...once(recipient) };
  await refused(submit({ ...withdrawal, amount: 901n }, recipient), 'BalanceTooLow');
  await submit(withdrawal, recipient);
  assert.equal(await readBalance(chain, contracts, recipient.address), 500n);
  assert.equal((await readWallet(chain, contracts, address('7'))).amount, 400n);
  assert.equal((await readLimits(chain, contracts, agreement, payer.address)).locked, 1_000_000n);
});

test('an act is worthless after its deadline; one that its account sends itself needs no signature', async (t) => {
  const { chain, contracts, payer, agreement, once, submit, refused, later } = await founded(t);
  const revocation: Act = { kind: 'revoke', agreement, ...once(payer) };
  await later(601n);
  await refused(submit(revocation, payer), 'ActExpired');
  const own = actCall(contracts, { ...revocation, ...once(payer) });
  await refused(sendCall(chain, accountOf(SEED, 'operator').key, own), 'BadSignature');
  await sendCall(chain, payer.key, own);
  assert.ok((await readLimits(chain, contracts, agreement, payer.address)).revokedAt > 0n);
});

test('a lock grows by a signed authorization, ends by a revocation, and is free when it was said to be', async (t) => {
  const { chain, contracts, payer, terms, agreement, once, submit, refused, send, time } = await founded(t);
  const more = { perObligation: 200_000n, perPeriod: 0n, period: 0n, amount: 0n, from: 0n, until: terms.validUntil };
  await submit({ kind: 'authorize', agreement, ...more, ...once(payer) }, payer);
  assert.equal((await readLimits(chain, contracts, agreement, payer.address)).perObligation, 200_000n);
  await refused(
    submit({ kind: 'authorize', agreement, ...more, perObligation: 1n, ...once(payer) }, payer),
    'BadAuthorization',
  );
  await submit({ kind: 'revoke', agreement, ...once(payer) }, payer);
  const release = releaseCall(contracts, agreement, payer.address);
  const free = freeFrom(terms, await readLimits(chain, contracts, agreement, payer.address));
  await assert.rejects(send(release), (error: LedgerError) => {
    assert.deepEqual([error.revert?.name, error.revert?.args], ['TooEarly', [free]]);
    return true;
  });
  time.set(Number(free) * 1000);
  await send(release);
  assert.equal(await readBalance(chain, contracts, payer.address), 1_000_000n);
  await refused(send(release), 'NothingToRelease');
});

test('whoever pays holds an announced payment and gives in; the arbiter drops another, for good', async (t) => {
  const { chain, contracts, payer, recipient, arbiter, kinds, ...rest } = await founded(t);
  const { once, submit, refused, announce, phase, send, later, agreement } = rest;
  const { intent, payload, about } = await announce('granted');
  await refused(submit({ kind: 'hold', ...about, ...once(recipient) }, recipient, { intent }), 'NotAllowed');
  await submit({ kind: 'hold', ...about, ...once(payer) }, payer, { intent });
  const held = await readObligation(chain, contracts, agreement, about.obligation);
  assert.deepEqual([held.phase, held.holder, held.redecide], ['held', payer.address, true]);
  await refused(submit({ kind: 'rule', ...about, ruling: 'drop', ...once(payer) }, payer, { intent }), 'NotAllowed');
  await submit({ kind: 'rule', ...about, ruling: 'pay', ...once(payer) }, payer, { intent });
  await refused(submit({ kind: 'hold', ...about, ...once(payer) }, payer, { intent }), 'HeldBefore');
  await later(WINDOW_S);
  await send(await kinds.settle.call(payload));
  assert.equal(await phase(about.obligation), 'settled');
  const other = await announce('dropped');
  const by = { intent: other.intent };
  await submit({ kind: 'hold', ...other.about, ...once(payer) }, payer, by);
  await submit({ kind: 'rule', ...other.about, ruling: 'drop', ...once(arbiter) }, arbiter, by);
  assert.equal(await phase(other.about.obligation), 'dropped');
  await assert.rejects(kinds.settle.findDone(other.payload), { problem: 'overtaken' });
});

test('a hold that nobody rules on ends as the terms say, and what is not paid in time expires', async (t) => {
  const { terms, payer, once, submit, refused, announce, phase, send, later, chain, contracts, agreement } =
    await founded(t);
  const { intent, about } = await announce('forgotten');
  await submit({ kind: 'hold', ...about, ...once(payer) }, payer, { intent });
  await refused(send(endHoldCall(intent)), 'TooEarly');
  await later(terms.holdMax + 1n);
  await send(endHoldCall(intent));
  assert.equal(await phase(about.obligation), 'released');
  await refused(send(expireCall(intent)), 'TooEarly');
  const { deadline, since } = await readObligation(chain, contracts, agreement, about.obligation);
  await later(deadline - since + 1n);
  await send(expireCall(intent));
  assert.equal(await phase(about.obligation), 'dropped', 'released and not paid');
  assert.equal((await readLimits(chain, contracts, agreement, payer.address)).locked, 1_000_000n);
});
