import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { DomainView } from '../api/types.ts';
import type { Matter } from './question.ts';
import { askedTerms, LIMIT } from './terms.ts';

const domain = {
  terms: {
    properties: {
      credit: { type: 'integer', kind: 'money', title: 'Credit', minimum: 0 },
      due: { type: 'integer', title: 'Due', minimum: 0 },
      note: { type: 'string' },
    },
  },
} as unknown as DomainView;
const matter: Matter = {
  id: 'a',
  kind: 'agreement',
  title: 'A',
  domain: 'd',
  currency: 'EUR',
  terms: { credit: 5, due: 3 },
  perObligationMax: 10,
};

test('nothing entered changes nothing', () => {
  const asked = askedTerms(domain, matter, {});
  assert.deepEqual(
    [asked.isChanged, asked.wrong, asked.terms, asked.perObligationMax],
    [false, undefined, {}, undefined],
  );
  assert.deepEqual(asked.texts, { credit: '0.05', due: '3', note: '', [LIMIT]: '0.10' });
});

test('what is entered is asked for, and the limit follows dearer terms until it is set by hand', () => {
  const dearer = askedTerms(domain, matter, { credit: '0.20' });
  assert.deepEqual([dearer.terms, dearer.perObligationMax, dearer.texts[LIMIT]], [{ credit: 20 }, 20, '0.20']);
  const byHand = askedTerms(domain, matter, { credit: '0.20', [LIMIT]: '0.15' });
  assert.equal(byHand.perObligationMax, 15);
  assert.equal(askedTerms(domain, { ...matter, perObligationMax: undefined }, {}).fields.length, 3);
});

test('what cannot be read is named', () => {
  assert.equal(askedTerms(domain, matter, { due: 'many' }).wrong?.label, 'Due');
  assert.equal(askedTerms(domain, matter, { [LIMIT]: '-1' }).wrong?.name, LIMIT);
});
