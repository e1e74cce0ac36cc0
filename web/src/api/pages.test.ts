import assert from 'node:assert/strict';
import { test } from 'node:test';
import { alertFilterOf, decisionFilterOf, deviceFilterOf, letsThrough, paymentFilterOf } from './filters.ts';
import { heardOf, type Pages, putRows, rowsOf, takeDecisions } from './pages.ts';
import type { DecisionView, DeviceView, SealView } from './types.ts';

const decision = (id: string, more: Partial<DecisionView> = {}) =>
  ({
    id,
    verdict: 'met',
    domain: 'd',
    outcome: 'none',
    subject: 's',
    policy: 'p',
    agreement: 'a',
    fromMs: 0,
    toMs: 10,
    ...more,
  }) as DecisionView;
const pagesOf = <Row>(...pages: Row[][]): Pages<Row> => ({
  pages: pages.map((items) => ({ items, counts: {} })),
  pageParams: [],
});
const ids = (pages: Pages<{ readonly id: string }>) => rowsOf(pages).map(({ id }) => id);

test('what is decided comes first, each once, and what it replaces is marked', () => {
  const pages = pagesOf([decision('2')], [decision('1')]);
  const now = takeDecisions(pages, {}, [decision('3', { supersedes: '1' }), decision('4'), decision('2')]);
  assert.deepEqual(ids(now), ['4', '3', '2', '1']);
  assert.equal(rowsOf(now).at(-1)?.supersededBy, '3');
  assert.equal(now.pages.length, 2);
});

test('a list shows what its filter lets through alone, and what is replaced leaves one of the standing', () => {
  const pages = pagesOf([decision('1', { verdict: 'breached' })]);
  const fresh = [decision('2', { verdict: 'breached', supersedes: '1' }), decision('3')];
  assert.deepEqual(ids(takeDecisions(pages, { verdict: 'breached' }, fresh)), ['2', '1']);
  assert.deepEqual(ids(takeDecisions(pages, { standing: true }, fresh)), ['3', '2']);
  assert.deepEqual(ids(takeDecisions(pages, { sort: 'amount' }, fresh)), ['1']);
});

test('the filter is as the node has it: times overlap, a policy is its hash or its agreement', () => {
  const row = decision('1', { outcome: 'hold' });
  assert.ok(letsThrough({ from: 9, to: 1, held: true, advice: false, policy: 'a' }, row));
  for (const filter of [{ from: 10 }, { to: 0 }, { held: false }, { advice: true }, { policy: 'x' }, { domain: 'x' }])
    assert.equal(letsThrough(filter, row), false, JSON.stringify(filter));
});

test('rows as they are now take their place, new ones the first, and what the filter no longer shows leaves', () => {
  const pages = pagesOf([
    { id: 'a', isOpen: true },
    { id: 'b', isOpen: true },
  ]);
  const put = (isNewest: boolean) =>
    putRows(
      pages,
      [
        { id: 'a', isOpen: false },
        { id: 'c', isOpen: true },
      ],
      {
        keyOf: ({ id }) => id,
        isShown: ({ isOpen }) => isOpen,
        isNewest,
      },
    );
  assert.deepEqual(ids(put(true)), ['c', 'b']);
  assert.deepEqual(ids(put(false)), ['b']);
});

test('things are heard of by what is sealed', () => {
  const device = { subject: 's', statements: 1, readings: 4 } as DeviceView;
  const seal = { subject: 's', kind: 'pack', arrivalMs: 7, readings: 2 } as SealView;
  const [now] = rowsOf(heardOf(pagesOf([device]), [seal, { ...seal, subject: 'other' }, { ...seal, kind: 'label' }]));
  assert.deepEqual([now?.statements, now?.readings, now?.lastArrivalMs], [2, 6, 7]);
});

test('an address is read as far as it can be, and nothing else gets through', () => {
  const hex = 'a'.repeat(64);
  assert.deepEqual(decisionFilterOf({ verdict: 'met', held: true, policy: hex, from: 5, sort: 'score', x: 1 }), {
    verdict: 'met',
    held: true,
    policy: hex,
    from: 5,
    sort: 'score',
  });
  assert.deepEqual(
    decisionFilterOf({ held: 'yes', policy: 'short', from: -1, to: '5', sort: 'newest', verdict: '' }),
    {},
  );
  assert.deepEqual(paymentFilterOf({ state: 'stolen', party: 'City' }), { party: 'City' });
  assert.deepEqual(alertFilterOf({ status: 'all', severity: 7 }), { status: 'all' });
  // What looks like a number stands in the address as one.
  assert.deepEqual(deviceFilterOf({ name: 42, class: 'software' }), { name: '42', class: 'software' });
});
