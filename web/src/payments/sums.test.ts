import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AgreementView, PaymentView, TotalsView } from '../api/types.ts';
import { sumPayments } from './sums.ts';

const payment = (state: PaymentView['state'], amount: number) => ({ state, amount, currency: 'EUR' }) as PaymentView;
const totals = (ordered: number, paid: number): TotalsView => ({
  decisions: 0,
  verdicts: [],
  held: 0,
  advice: 0,
  ordered,
  paid,
});
const agreements = [{ paid: 700, policy: { money: { currency: 'EUR' } } }] as unknown as AgreementView[];
const list = [payment('ordered', 5), payment('paid', 10), payment('paid', 15)];

test('a list that holds every payment is added up', () => {
  assert.deepEqual(sumPayments(list, totals(3, 2), undefined), {
    paid: '€0.25',
    underWay: '€0.05',
    underWayCount: 1,
  });
});

test('where the list is cut off, the contracts say what was paid', () => {
  assert.deepEqual(sumPayments(list, totals(60, 58), agreements), {
    paid: '€7.00',
    underWay: 'at least €0.05',
    underWayCount: 2,
  });
  assert.equal(sumPayments(list, totals(60, 59), agreements)?.underWay, '€0.05');
  assert.equal(sumPayments(list, totals(60, 58), undefined), undefined);
});

test('nothing is said before the answers are there', () => {
  assert.equal(sumPayments(undefined, totals(0, 0), agreements), undefined);
  assert.equal(sumPayments(list, undefined, agreements), undefined);
});
