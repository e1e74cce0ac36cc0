// The contract's form of the terms, from the terms alone.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { counting } from '@trine/engine/testing/counting.ts';
import { Scene } from '@trine/engine/testing/scene.ts';
import {
  type Agreement,
  addressOfPrivateKey,
  chainTerms,
  hexOf,
  originHash,
  policyHash,
  secondsOf,
  toHex,
} from '@trine/protocol';
import { agreementId, isOwnPractice } from './agreements.ts';

const given = { domain: counting, terms: { thing: 'thing/1' }, subject: 'thing/1', startMs: 1_500, endMs: 60_999 };
const agreement = (policy: Partial<Agreement> = {}) => new Scene({ ...given, policy }).policy as Agreement;
const contracts = { terms: `0x${'4'.repeat(40)}` } as const;

test('times are whole seconds: what begins within the period is paid, and for as long after as the terms say', () => {
  const terms = chainTerms(agreement({ origins: ['one.example/log'] }));
  assert.deepEqual([terms.validFrom, terms.validUntil, terms.window], [1n, 61n, 0n]);
  assert.deepEqual([terms.settleWithin, terms.obligationMax], [366n * 86_400n, 40n * 86_400n + 1n]);
  assert.deepEqual([terms.holdMax, terms.payAfterHold, terms.threshold], [86_400n, true, 1]);
  assert.equal(terms.termsHash, hexOf(policyHash(agreement({ origins: ['one.example/log'] }))));
  assert.deepEqual(terms.origins, [originHash('one.example/log')]);
});

test('the longest obligation is paid at whichever part of a second it begins', () => {
  const { money } = agreement();
  const { obligationMax } = chainTerms(agreement());
  for (const fromMs of [7_000, 7_001, 7_500, 7_999]) {
    const { begin, end } = secondsOf({ fromMs, toMs: fromMs + money.obligationMaxS * 1000 });
    assert.ok(end - begin <= obligationMax, `from ${fromMs} ms`);
  }
});

test('deciders ascend as the contract wants them, whatever their order in the terms', () => {
  const list = ['c', 'a', 'b'].map((digit) => ({ key: 'did:key:z6Mk', address: `0x${digit.repeat(40)}` }));
  const { deciders } = chainTerms(agreement({ deciders: { list, quorum: 2 } }));
  assert.deepEqual(
    deciders.map((one) => one[2]),
    ['a', 'b', 'c'],
  );
});

test('accounts of lines are listed where there is room for all; else the registrar admits them', () => {
  const accounts = Array.from({ length: 15 }, (_, i) => ({
    key: `home/${i}`,
    address: `0x${(i + 256).toString(16).padStart(40, '0')}`,
  }));
  const few = chainTerms(agreement({ accounts: accounts.slice(1) }));
  assert.deepEqual([few.parties.length, few.parties[2], BigInt(few.registrar)], [16, accounts[1]?.address, 0n]);
  const registrar = `0x${'9'.repeat(40)}`;
  const many = chainTerms(agreement({ accounts, registrar }));
  assert.deepEqual([many.parties.length, many.registrar], [2, registrar]);
});

test('each of terms, contract, chain and origin makes another agreement of it', () => {
  const id = (policy = agreement(), contract = contracts) => toHex(agreementId(policy, contract));
  const { money } = agreement();
  const ids = [
    id(),
    id(agreement({ title: 'Another' })),
    id(agreement(), { terms: `0x${'5'.repeat(40)}` as never }),
    id(agreement({ origins: ['two'] })),
    id(agreement({ money: { ...money, chainId: 2 } })),
  ];
  assert.equal(new Set(ids).size, ids.length);
  assert.equal(id(), ids[0]);
});

test('ours to open is what both practice keys are the parties of', () => {
  const [account, recipient] = [new Uint8Array(32).fill(1), new Uint8Array(32).fill(2)];
  const parties = (payer: Uint8Array, payee: Uint8Array) => [
    { role: 'payer', name: 'P', address: addressOfPrivateKey(payer) },
    { role: 'recipient', name: 'R', address: addressOfPrivateKey(payee) },
  ];
  const keys = { account, recipient };
  assert.equal(isOwnPractice(agreement({ parties: parties(account, recipient) }), keys), true);
  assert.equal(isOwnPractice(agreement({ parties: parties(recipient, account) }), keys), false);
  assert.equal(isOwnPractice(agreement({ parties: parties(account, account) }), keys), false);
});
