// Policies by hash: read once, found by every name they have, and taken back where the append fails.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { counting } from '@trine/engine/testing/counting.ts';
import { Scene } from '@trine/engine/testing/scene.ts';
import {
  type Agreement,
  agreementPayload,
  fromHex,
  type Monitor,
  monitorPayload,
  sha256,
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
