// Policies by hash: read once, found by every name they have, and taken back where the append fails.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { counting } from '@trine/engine/testing/counting.ts';
import { Scene } from '@trine/engine/testing/scene.ts';
import {
  type Agreement,
  accountPayload,
  addressOfPrivateKey,
  agreementPayload,
  consentPayload,
  fromHex,
  type Monitor,
  monitorPayload,
  policyEndPayload,
  policyHash,
  type Release,
  releaseDigest,
  releasePayload,
  sha256,
  signDigest,
  toHex,
} from '@trine/protocol';
import { isAgreement, PolicyRegistry } from './policies.ts';
import { type Entry, NO_UNDO, Undo } from './projection.ts';

const base = { domain: counting, terms: { thing: 'thing/1' }, subject: 'thing/1', startMs: 0, endMs: 60_000 };
const agreement = new Scene(base).policy as Agreement;
const monitorOf = (policy: Partial<Monitor> = {}) => new Scene({ ...base, monitor: true, policy }).policy as Monitor;
const idOf = ({ title }: Agreement) => Uint8Array.from(sha256(new TextEncoder().encode(title)));

function entry(kind: Entry['kind'], payload: Uint8Array, index: number): Entry {
  return { kind, index, arrivalMs: index * 10, statement: () => ({ payload }) } as unknown as Entry;
}
const sealed = (policy: Agreement | Monitor, index: number) =>
  'parties' in policy
    ? entry('agreement', agreementPayload.encode(policy), index)
    : entry('monitor', monitorPayload.encode(policy), index);

test('the first statement of a policy counts, under its hash; an agreement also under its id on the chain', () => {
  const policies = new PolicyRegistry(idOf);
  policies.apply(sealed(agreement, 3), NO_UNDO);
  policies.apply(sealed(agreement, 5), NO_UNDO);
  policies.apply(sealed(monitorOf(), 6), NO_UNDO);
  policies.apply(entry('pack', new Uint8Array(), 7), NO_UNDO);
  const hash = toHex(sha256(agreementPayload.encode(agreement)));
  assert.deepEqual(
    policies.all().map(({ index, arrivalMs }) => [index, arrivalMs]),
    [
      [3, 30],
      [6, 60],
    ],
  );
  const id = idOf(agreement);
  assert.deepEqual(policies.agreement(id)?.policy, agreement);
  assert.equal(policies.find(toHex(id)), policies.get(hash));
  assert.equal(policies.find(hash), policies.get(hash));
  assert.equal(policies.find('00'), undefined);
  assert.deepEqual([policies.agreements().length, policies.monitors().length], [1, 1]);
  assert.deepEqual(policies.all().map(isAgreement), [true, false]);
});

test('what was staged is taken back; what stood there before stays', () => {
  const policies = new PolicyRegistry(idOf);
  policies.apply(sealed(agreement, 1), NO_UNDO);
  const undo = new Undo();
  policies.apply(sealed(monitorOf(), 2), undo);
  policies.apply(sealed(agreement, 3), undo);
  undo.rollback();
  assert.deepEqual(
    policies.all().map(({ index }) => index),
    [1],
  );
});

test('what is no policy of the form is an error, and nothing is kept of it', () => {
  const policies = new PolicyRegistry(idOf);
  assert.throws(() => policies.apply(entry('agreement', monitorPayload.encode(monitorOf()), 1), new Undo()));
  assert.deepEqual(policies.all(), []);
});

test('which monitor goes on from which, and which try a model beside an agreement', () => {
  const policies = new PolicyRegistry(idOf);
  const first = monitorOf();
  policies.apply(sealed(agreement, 1), NO_UNDO);
  policies.apply(sealed(first, 2), NO_UNDO);
  const hash = toHex(sha256(monitorPayload.encode(first)));
  assert.equal(policies.replacedFrom(hash), undefined);
  const next = monitorOf({ replaces: fromHex(hash), period: { startMs: 20_000, endMs: 60_000 } });
  policies.apply(sealed(next, 3), NO_UNDO);
  policies.apply(sealed(monitorOf({ shadows: idOf(agreement), title: 'Beside' }), 4), NO_UNDO);
  assert.equal(policies.replacedFrom(hash), 20_000);
  assert.deepEqual(
    policies.shadowsOf(idOf(agreement)).map(({ index }) => index),
    [4],
  );
  assert.deepEqual(policies.shadowsOf(new Uint8Array(32)), []);
  const restored = new PolicyRegistry(() => assert.fail('what is restored is not reckoned again'));
  restored.restore(structuredClone(policies.snapshot()));
  assert.deepEqual(restored.all(), policies.all());
});

const consent = (policy: Agreement, role: string, index: number) =>
  entry(
    'consent',
    consentPayload.encode({
      ...{ trine: 'consent/1', policy: policyHash(policy), agreement: idOf(policy), role },
      signature: new Uint8Array(65),
    }),
    index,
  );
const end = (policy: Agreement | Monitor, fromMs: number, index: number) =>
  entry(
    'policy-end',
    policyEndPayload.encode({ trine: 'policy-end/1', policy: policyHash(policy), fromMs, reason: 'over' }),
    index,
  );

test('each party signs once, the earliest end counts, from its arrival on at the earliest; all of it is taken back', () => {
  const policies = new PolicyRegistry(idOf);
  const hash = toHex(policyHash(agreement));
  policies.apply(sealed(agreement, 1), NO_UNDO);
  policies.apply(consent(agreement, 'payer', 2), NO_UNDO);
  const undo = new Undo();
  for (const [role, index] of [
    ['payer', 3],
    ['recipient', 4],
  ] as const)
    policies.apply(consent(agreement, role, index), undo);
  policies.apply(end(agreement, Number.MAX_SAFE_INTEGER, 5), undo);
  assert.equal(policies.endedFrom(hash), Number.MAX_SAFE_INTEGER);
  policies.apply(end(agreement, 10, 6), undo);
  policies.apply(end(agreement, 5_000, 7), undo);
  const signed = () => policies.consents(hash).map(({ role, index }) => [role, index]);
  assert.deepEqual(signed(), [
    ['payer', 2],
    ['recipient', 4],
  ]);
  // It arrived at 60: what began before had begun.
  assert.equal(policies.endedFrom(hash), 60);
  assert.deepEqual([policies.end(hash)?.index, policies.end(hash, 6)?.index, policies.end(hash, 5)], [6, 5, undefined]);
  const restored = new PolicyRegistry(() => assert.fail('what is restored is not reckoned again'));
  restored.restore(structuredClone(policies.snapshot()));
  assert.deepEqual(restored.snapshot(), policies.snapshot());
  undo.rollback();
  assert.deepEqual([signed(), policies.endedFrom(hash)], [[['payer', 2]], undefined]);
});

test('of a line the first account counts and of an account the first line, from its leaf on, until it is erased', () => {
  const policies = new PolicyRegistry(idOf);
  const hash = toHex(policyHash(agreement));
  policies.apply(sealed(agreement, 1), NO_UNDO);
  const address = (digit: string) => `0x${digit.repeat(40)}`;
  const joins = (key: string, digit: string, index: number, isErased = false): Entry => {
    const said = { key, address: address(digit), signature: new Uint8Array(65) };
    const policy = { policy: policyHash(agreement), agreement: idOf(agreement) };
    const body = accountPayload.encode({ trine: 'account/1', ...policy, ...said });
    return { ...entry('account', new Uint8Array(), index), body: () => (isErased ? undefined : body) };
  };
  policies.apply(joins('home/1', 'a', 2), NO_UNDO);
  const undo = new Undo();
  for (const one of [
    joins('home/1', 'b', 3),
    joins('home/2', 'a', 4),
    joins('home/3', 'c', 5),
    joins('home/4', 'd', 6, true),
  ])
    policies.apply(one, undo);
  const below = (index: number) => [...policies.joinedBelow(hash, index)];
  assert.deepEqual(below(2), []);
  assert.deepEqual(below(3), [['home/1', address('a')]]);
  assert.deepEqual(below(9), [
    ['home/1', address('a')],
    ['home/3', address('c')],
  ]);
  assert.deepEqual([policies.lineOf(hash, address('c')), policies.lineOf(hash, address('b'))], ['home/3', undefined]);
  const restored = new PolicyRegistry(() => assert.fail('what is restored is not reckoned again'));
  restored.restore(structuredClone(policies.snapshot()));
  assert.deepEqual(restored.snapshot(), policies.snapshot());
  policies.apply({ ...entry('erasure', new Uint8Array(), 7), subject: 'home/1' }, undo);
  assert.deepEqual(below(9), [['home/3', address('c')]]);
  undo.rollback();
  assert.deepEqual(below(9), [['home/1', address('a')]]);
});

test('a monitor is over at its end, or where another goes on, whichever is first', () => {
  const policies = new PolicyRegistry(idOf);
  const first = monitorOf();
  const next = monitorOf({ replaces: policyHash(first), period: { startMs: 40_000, endMs: 60_000 } });
  policies.apply(sealed(first, 1), NO_UNDO);
  policies.apply(sealed(next, 2), NO_UNDO);
  const over = () => policies.endedFrom(toHex(policyHash(first)));
  assert.equal(over(), 40_000);
  policies.apply(end(first, 30_000, 3), NO_UNDO);
  assert.equal(over(), 30_000);
});

test('a word by hand is on a decision or on one line of it: of each the first counts, and a line has that which came first', () => {
  const policies = new PolicyRegistry(idOf);
  const key = new Uint8Array(32).fill(7);
  const decider = { key: agreement.deciders.list[0]?.key as string, address: addressOfPrivateKey(key) };
  const policy = { ...agreement, deciders: { list: [decider], quorum: 1 } };
  policies.apply(sealed(policy, 1), NO_UNDO);
  const [decision, id] = [new Uint8Array(32).fill(3), toHex(new Uint8Array(32).fill(3))];
  const hash = toHex(policyHash(policy));
  const word = (index: number, ruling: 'pay' | 'drop', row?: string, signedFor = row) => {
    const about = { decision, ruling, ...(row !== undefined && { row }) };
    const signed = { decision, ruling, ...(signedFor !== undefined && { row: signedFor }) };
    const signature = fromHex(signDigest(releaseDigest(idOf(policy), signed, policy.money), key));
    const release: Release = {
      ...{ trine: 'release/1', policy: policyHash(policy), ...about, reason: 'Seen', signatures: [signature] },
    };
    return entry('release', releasePayload.encode(release), index);
  };
  policies.apply(word(2, 'pay', 'a'), NO_UNDO);
  policies.apply(word(3, 'drop', 'a'), NO_UNDO);
  // Signed for another line, and for all.
  policies.apply(word(4, 'drop', 'b', 'a'), NO_UNDO);
  policies.apply(word(4, 'drop', 'b', ''), NO_UNDO);
  const undo = new Undo();
  policies.apply(word(5, 'drop'), undo);
  policies.apply(word(6, 'pay', 'b'), undo);
  const found = () => ['a', 'b', 'c'].map((row) => policies.wordOn(hash, id, row)?.index);
  assert.deepEqual(found(), [2, 5, 5]);
  assert.deepEqual(
    [policies.release(hash, id)?.index, policies.release(hash, id, 'b')?.index, policies.release(hash, id, 'c')],
    [5, 6, undefined],
  );
  const restored = new PolicyRegistry(() => assert.fail('what is restored is not reckoned again'));
  restored.restore(structuredClone(policies.snapshot()));
  assert.deepEqual(restored.snapshot(), policies.snapshot());
  assert.equal(restored.wordOn(hash, id, 'c')?.index, 5);
  undo.rollback();
  assert.deepEqual(found(), [2, undefined, undefined]);
});
