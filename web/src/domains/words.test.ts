import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { DomainView } from '../api/types.ts';
import { alertWord, quantityTitle, readable, standingOf, verdictWord } from './words.ts';

const domain = {
  name: 'parking',
  verdicts: { 'too-long': { label: 'Too long', tone: 'bad' } },
  alerts: { full: { label: 'Car park full', tone: 'warn' } },
  things: { lot: { title: 'Lot', properties: { free: { title: 'Free places', unit: '' } } } },
} as unknown as DomainView;
const domains = new Map([[domain.name, domain]]);

test('verdicts and alerts are told in the words of their domain', () => {
  assert.deepEqual(verdictWord(domains, 'parking', 'too-long'), { label: 'Too long', tone: 'bad' });
  assert.deepEqual(verdictWord(domains, 'elsewhere', 'not-judged'), { label: 'Not judged', tone: 'quiet' });
  assert.equal(alertWord(domains, { domain: 'parking', code: 'full', severity: 'warning' }).tone, 'warn');
  assert.equal(alertWord(domains, { domain: 'parking', code: 'full', severity: 'critical' }).tone, 'bad');
  assert.equal(alertWord(domains, { domain: 'x', code: 'of-tomorrow', severity: 'info' }).label, 'Of tomorrow');
});

test('what is held says so, whatever the verdict', () => {
  const decision = { domain: 'parking', verdict: 'too-long', outcome: 'hold' } as const;
  assert.deepEqual(standingOf(domains, decision), { label: 'Too long, held', tone: 'held' });
  assert.deepEqual(standingOf(domains, { ...decision, outcome: 'pay' }), { label: 'Too long', tone: 'bad' });
});

test('quantities have titles, known or made readable', () => {
  assert.equal(quantityTitle(domains, 'free'), 'Free places');
  assert.equal(quantityTitle(domains, 'free_spaces'), 'Free spaces');
  assert.equal(readable('creditMinorUnits'), 'Credit minor units');
});
