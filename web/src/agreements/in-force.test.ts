import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AgreementView, PolicyStanding } from '../api/types.ts';
import { inForceFor, inOrder } from './in-force.ts';

interface Given {
  readonly standing?: PolicyStanding;
  readonly subject?: string;
  readonly payer?: string;
  /** The model it names: each another, unless said otherwise. */
  readonly model?: string;
}

function agreement(id: string, startMs: number, given: Given = {}): AgreementView {
  const { standing = 'in-force', subject = 'machine/1', payer = '0x1', model = id } = given;
  const policy = {
    subject,
    domain: 'd',
    model: { code: model },
    parties: [
      { role: 'payer', name: 'P', address: payer },
      { role: 'recipient', name: 'R', address: '0x2' },
    ],
    period: { startMs, endMs: startMs + 1_000 },
  };
  return { id, policy, standing, paid: 0, balance: 0 } as unknown as AgreementView;
}

const told = (all: readonly AgreementView[]) =>
  inOrder(all).map(({ agreement: { id }, standing }) => `${id} ${standing}`);

test('a renewed agreement replaces those that began before it, which come last', () => {
  const all = [agreement('a', 100), agreement('b', 300), agreement('c', 200), agreement('d', 50, { subject: 'x' })];
  assert.deepEqual(told(all), ['b in-force', 'd in-force', 'c replaced', 'a replaced']);
  assert.deepEqual(
    all.map(({ id }) => id),
    ['a', 'b', 'c', 'd'],
  );
});

test('of two that begin together, the one made later counts', () => {
  assert.deepEqual(told([agreement('a', 100), agreement('b', 100)]), ['b in-force', 'a replaced']);
});

test('agreements of the same parties under one model stand beside each other: each is decided and paid', () => {
  const all = [agreement('a', 100, { model: 'm' }), agreement('b', 200, { model: 'm' })];
  assert.deepEqual(told(all), ['b in-force', 'a in-force']);
  assert.equal(inForceFor('machine/1', all)?.id, 'b');
});

test('agreements of other parties about the same thing stand beside each other', () => {
  assert.deepEqual(told([agreement('a', 100), agreement('b', 200, { payer: '0x9' })]), ['b in-force', 'a in-force']);
});

test('what the node says of the newest stands', () => {
  const all = [agreement('a', 100), agreement('b', 300, { standing: 'ended' })];
  assert.deepEqual(told(all), ['b ended', 'a replaced']);
  assert.equal(inForceFor('machine/1', all), undefined);
  assert.equal(inForceFor('machine/1', [agreement('b', 300)])?.id, 'b');
  assert.equal(inForceFor('machine/2', [agreement('b', 300)]), undefined);
});
