import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PaymentView } from '../api/types.ts';
import { billOf, countOf, csvOf, sumOf, UNDER_WAY } from './bill.ts';

const states = [
  { state: 'ordered' as const, currency: 'EUR', count: 1, amount: 5 },
  { state: 'paid' as const, currency: 'EUR', count: 2, amount: 25 },
  { state: 'paid' as const, currency: 'JPY', count: 1, amount: 300 },
];

test('sums of one state, each currency by itself', () => {
  assert.equal(sumOf(states, 'ordered'), '€0.05');
  assert.equal(sumOf(states, 'paid'), '€0.25 + JP¥300');
  assert.equal(sumOf([], 'paid'), '–');
  const pending = (['held', 'announced', 'released', 'dropped', 'expired'] as const).map((state) => ({
    ...{ state, currency: 'EUR', count: 1, amount: 10 },
  }));
  assert.equal(sumOf([...states, ...pending], UNDER_WAY), '€0.35');
  assert.equal(countOf([...states, ...pending], UNDER_WAY), 4);
  assert.deepEqual([countOf(states, 'paid'), countOf([], 'paid'), countOf(undefined, 'paid')], [3, 0, undefined]);
});

test('a bill has a line for each agreement, month and currency, paid beside what is on its way', () => {
  const month = { agreement: 'a', month: '2026-10' };
  const bill = billOf([
    { ...month, ...states[0]! },
    { ...month, ...states[1]! },
    { ...month, ...states[0]!, state: 'held', count: 0 },
    { ...month, ...states[0]!, state: 'dropped' },
    { ...month, agreement: 'b', ...states[1]! },
    { ...month, agreement: 'c', ...states[0]!, state: 'expired' },
  ]);
  assert.deepEqual(
    bill.map(({ agreement, count, paid, ordered }) => [agreement, count, paid, ordered]),
    [
      ['a', 3, 25, 10],
      ['b', 2, 25, 0],
    ],
  );
});

test('a table for a spreadsheet: amounts in whole units, nothing that it would compute', () => {
  const row = {
    id: 'p',
    fromMs: 0,
    toMs: 1_000,
    state: 'ordered',
    amount: 1_205,
    currency: 'EUR',
    subject: '=cmd',
    reason: 'silence: 3, of "10"',
    agreement: 'a',
    recipient: '0x1',
    decision: 'd',
  } as PaymentView;
  assert.equal(
    csvOf([row]).split('\r\n')[1],
    `1970-01-01T00:00:00.000Z,1970-01-01T00:00:01.000Z,,ordered,12.05,EUR,'=cmd,"silence: 3, of ""10""",a,0x1,d,p,`,
  );
});
