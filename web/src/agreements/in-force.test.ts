import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AgreementView } from '../api/types.ts';
import { inForceFor, inOrder } from './in-force.ts';

function agreement(id: string, startMs: number, subject = 'machine/1', payer = '0x1'): AgreementView {
  const terms = {
    subject,
    domain: 'service-level',
    payer: { name: 'P', address: payer },
    recipient: { name: 'R', address: '0x2' },
    window: { startMs, endMs: startMs + 1_000, lengthMs: 10, graceMs: 1 },
  } as unknown as AgreementView['terms'];
  return { id, terms, paid: 0, balance: 0 };
}

const told = (all: readonly AgreementView[], nowMs: number) =>
  inOrder(all, nowMs).map(({ agreement: { id }, standing }) => `${id} ${standing}`);

test('a renewed agreement replaces those that began before it, which come last', () => {
  const all = [agreement('a', 100), agreement('b', 300), agreement('c', 200), agreement('d', 50, 'machine/2')];
  assert.deepEqual(told(all, 310), ['b in-force', 'd in-force', 'c replaced', 'a replaced']);
  assert.deepEqual(
    all.map(({ id }) => id),
    ['a', 'b', 'c', 'd'],
  );
});

test('of two that begin together, the one made later counts', () => {
  assert.deepEqual(told([agreement('a', 100), agreement('b', 100)], 100), ['b in-force', 'a replaced']);
});

test('agreements of other parties about the same thing stand beside each other', () => {
  assert.deepEqual(told([agreement('a', 100), agreement('b', 200, 'machine/1', '0x9')], 200), [
    'b in-force',
    'a in-force',
  ]);
});

test('an agreement is over when its last window ends', () => {
  const all = [agreement('a', 100), agreement('b', 300)];
  assert.deepEqual(told(all, 1_300), ['b ended', 'a replaced']);
  assert.equal(inForceFor('machine/1', all, 1_300), undefined);
  assert.equal(inForceFor('machine/1', all, 1_299)?.id, 'b');
  assert.equal(inForceFor('machine/2', all, 400), undefined);
});
