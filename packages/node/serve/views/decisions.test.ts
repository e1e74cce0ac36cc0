// Decisions against an array of the same rows: filters, orders, counts, what is joined to a row, lines of parties, totals.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Row } from '../../projections/projection.ts';
import { inOrder, openTables, type PlainOrder, paged, tallied, wideHex, wideId } from '../../testing/lists.ts';
import { append, decisionRow, hex, id, intentRow, settlement } from '../testing/tables.ts';
import {
  chainOf,
  type DecisionQuery,
  type DecisionView,
  decision,
  decisions,
  rowsOf,
  totals,
  withWaiting,
} from './decisions.ts';

const outcomes = ['none', 'pay', 'hold', 'advice'] as const;

interface Decided {
  readonly leaf: number;
  readonly domain: string;
  readonly subject: string;
  readonly verdict: string;
  readonly outcome: (typeof outcomes)[number];
  readonly policy: number;
  readonly agreement: number | undefined;
  readonly amount: number;
  readonly score: number | undefined;
  readonly gate: string;
  readonly fromMs: number;
  readonly lengthMs: number;
  /** How many decisions before it the one stands that it replaces. */
  readonly supersedes: number | undefined;
}

const few = (max: number) => fc.integer({ min: 0, max });
const maybe = <T>(one: fc.Arbitrary<T>) => fc.option(one, { nil: undefined });
const gates = ['', 'The log slept', 'The log slept\nToo few owners', "it's 100 %_"];
const given: Decided[] = fc
  .sample(
    fc.record({
      domain: fc.constantFrom('d', 'e'),
      subject: fc.constantFrom('s', 'thing/1', 'thing/10'),
      verdict: fc.constantFrom('fine', 'poor', 'unknown'),
      outcome: fc.constantFrom(...outcomes),
      policy: few(2),
      agreement: maybe(few(1)),
      // Two of a money beyond 32 bits among them.
      amount: fc.constantFrom(0, 1, 5, 5, 3_000_000_000, 3_000_000_001),
      score: maybe(fc.constantFrom(0, 700_000, 1_000_000)),
      gate: fc.constantFrom(...gates),
      fromMs: few(9),
      lengthMs: fc.integer({ min: 1, max: 4 }),
      supersedes: maybe(fc.integer({ min: 1, max: 6 })),
    }),
    { numRuns: 160, seed: 3 },
  )
  .map((one, leaf) => ({ ...one, leaf, supersedes: (one.supersedes ?? leaf + 1) > leaf ? undefined : one.supersedes }));
const replacedBy = (one: Decided) => (one.supersedes === undefined ? undefined : one.leaf - one.supersedes);

const rowOf = (one: Decided): Row =>
  decisionRow(one.leaf, 1, {
    decision: wideId(one.leaf),
    ...{ domain: one.domain, subject: one.subject, verdict: one.verdict, outcome: one.outcome, amount: one.amount },
    policy: id(20 + one.policy),
    agreement: one.agreement === undefined ? undefined : id(30 + one.agreement),
    ...{ score_ppm: one.score, gate: one.gate, from_ms: one.fromMs, to_ms: one.fromMs + one.lengthMs },
    supersedes: one.supersedes === undefined ? undefined : wideId(one.leaf - one.supersedes),
  });

const store = await openTables();
const known: Decided[] = [];
async function arrive(count: number): Promise<void> {
  const more = given.slice(known.length, known.length + count);
  known.push(...more);
  await append(store, known.length, more.map(rowOf));
}
await arrive(100);

const isReplaced = (leaf: number, rows: readonly Decided[]) => rows.some((one) => replacedBy(one) === leaf);

function lets(one: Decided, query: Partial<DecisionQuery>, rows: readonly Decided[]): boolean {
  const { policy, gate } = query;
  return (
    (query.verdict === undefined || one.verdict === query.verdict) &&
    (query.held === undefined || (one.outcome === 'hold') === query.held) &&
    (query.outcome === undefined || one.outcome === query.outcome) &&
    (query.advice === undefined || (one.agreement === undefined) === query.advice) &&
    (query.standing === undefined || isReplaced(one.leaf, rows) !== query.standing) &&
    (gate === undefined || one.gate.toLowerCase().includes(gate.toLowerCase())) &&
    (query.subject === undefined || one.subject === query.subject) &&
    (query.domain === undefined || one.domain === query.domain) &&
    (policy === undefined ||
      hex(20 + one.policy) === policy ||
      (one.agreement !== undefined && hex(30 + one.agreement) === policy)) &&
    (query.from === undefined || one.fromMs + one.lengthMs > query.from) &&
    (query.to === undefined || one.fromMs < query.to)
  );
}

const leaf = (one: Decided) => one.leaf;
const orders: Readonly<Record<string, PlainOrder<Decided>>> = {
  newest: { by: leaf, tie: leaf, descending: true },
  oldest: { by: leaf, tie: leaf, descending: false },
  amount: { by: ({ amount }) => amount, tie: leaf, descending: true },
  score: { by: ({ score }) => score ?? -1, tie: leaf, descending: true },
};

const filter = fc.record(
  {
    verdict: fc.constantFrom('fine', 'poor', 'nothing'),
    held: fc.boolean(),
    outcome: fc.constantFrom(...outcomes),
    advice: fc.boolean(),
    standing: fc.boolean(),
    gate: fc.constantFrom('SLEPT', 'too few', '%', "it's", '_%', 'x'),
    subject: fc.constantFrom('s', 'thing/1', 'thing'),
    policy: fc.constantFrom(...[20, 21, 30, 31, 99].map(hex)),
    domain: fc.constantFrom('d', 'e'),
    from: few(12),
    to: few(12),
    sort: fc.constantFrom('newest' as const, 'oldest' as const, 'amount' as const, 'score' as const),
  },
  { requiredKeys: [] },
);

test('property: each filter in each order lets through what comparing row by row does, and counts it', async () => {
  const noChoice = { verdict: undefined, held: undefined, outcome: undefined, advice: undefined };
  await fc.assert(
    fc.asyncProperty(filter, fc.integer({ min: 1, max: 40 }), async (query, limit) => {
      const rows = known.filter((one) => lets(one, query, known));
      const { items, counts } = await paged((page) => decisions(store, { ...query, ...page }), limit);
      const whole = inOrder(rows, orders[query.sort ?? 'newest'] as PlainOrder<Decided>);
      assert.deepEqual(
        items.map((one) => one.id),
        whole.map((one) => wideHex(one.leaf)),
      );
      assert.equal(counts.total, rows.length);
      const wider = known.filter((one) => lets(one, { ...query, ...noChoice }, known));
      assert.deepEqual(
        counts.verdicts.map(({ domain, verdict, count }) => [domain, verdict, count]),
        tallied(wider, ({ domain, verdict }) => [domain, verdict]),
      );
      for (const { domain, verdict, held, advice } of counts.verdicts) {
        const of = wider.filter((one) => one.domain === domain && one.verdict === verdict);
        assert.equal(held, of.filter(({ outcome }) => outcome === 'hold').length);
        assert.equal(advice, of.filter(({ agreement }) => agreement === undefined).length);
      }
    }),
    { numRuns: 120, seed: 4, examples: [[{ sort: 'score' }, 7]] },
  );
});

test('what replaces a decision while its list is paged moves nothing on later pages', async () => {
  for (const standing of [true, false]) {
    const whole = known.filter((one) => lets(one, { standing }, known)).map((one) => wideHex(one.leaf));
    const { items } = await paged(
      (page) => decisions(store, { standing, sort: 'oldest', ...page }),
      10,
      () => arrive(5),
    );
    assert.deepEqual(
      items.map((one) => one.id),
      whole,
    );
  }
});

test('totals: under agreements by word but for what is held, advice apart, and held ones that none replaced', async () => {
  const found = await totals(store);
  const agreed = known.filter(({ agreement }) => agreement !== undefined);
  const isHeld = ({ outcome }: Decided) => outcome === 'hold';
  assert.deepEqual(
    found.verdicts.map(({ domain, verdict, count }) => [domain, verdict, count]),
    tallied(
      agreed.filter((one) => !isHeld(one)),
      ({ domain, verdict }) => [domain, verdict],
    ),
  );
  assert.deepEqual(
    { ...found, verdicts: [] },
    {
      decisions: agreed.length,
      advice: known.length - agreed.length,
      held: known.filter((one) => isHeld(one) && !isReplaced(one.leaf, known)).length,
      ...{ ordered: 0, paid: 0, verdicts: [] },
    },
  );
});

const other = await openTables();
const chain = { policy: id(60), obligation: id(61) };
const label = (at: number, decided: number): Row => ({
  table: 'labels',
  values: {
    ...{ leaf: at, id: id(at), decision: id(decided), row_key: undefined, assessment: 'right', verdict: undefined },
    ...{ said_by: 'Ada', note: '', arrival_ms: at },
  },
});
const party = (at: number, key: string, more: Row['values'] = {}): Row => ({
  table: 'rows',
  values: {
    ...{ leaf: at, statement: id(at), commitment: id(0), ...chain, base: undefined, key, from_ms: 0, to_ms: 1 },
    ...{ verdict: 'fine', outcome: 'hold', amount: 2, reason: 'r', gate: 'a\nb', facts: '{"n":1}', entries: '[]' },
    ...more,
  },
});
await append(other, 100, [
  decisionRow(1, 1, { ...chain, row_count: 0, entries: '[]', outcome: 'pay' }),
  decisionRow(2, 2, { ...chain, obligation: id(62), base: id(61), supersedes: id(1), outcome: 'none' }),
  decisionRow(3, 3, { ...chain, policy: id(63) }),
  decisionRow(4, 4, { ...chain, obligation: id(64) }),
  decisionRow(5, 5, { ...chain, obligation: id(65), base: id(61), agreement: undefined, currency: undefined }),
  // Another decider's copy of the first.
  decisionRow(9, 1, { ...chain, verdict: 'copy' }),
  ...[label(20, 1), label(21, 1), label(22, 2), intentRow(23, 90, 1), settlement(24), settlement(25)],
  ...[party(30, 'b'), party(31, 'a'), party(32, 'b'), party(33, 'c', { policy: id(63) })],
  ...[party(34, 'd', { obligation: id(62) }), party(35, 'Z')],
]);
const found = async (n: number): Promise<DecisionView> => (await decision(other, id(n))) ?? assert.fail(`${n}`);

test('a decision is the first leaf of its id, with its payment, what came of it, and how often people spoke of it', async () => {
  const first = await found(1);
  assert.deepEqual(
    [first.leaf, first.verdict, first.payment, first.supersededBy, first.supersedes, first.labels, first.rowCount],
    [1, 'fine', hex(90), hex(2), undefined, 2, 0],
  );
  const second = await found(2);
  assert.deepEqual(
    [second.payment, second.supersedes, second.supersededBy, second.base, second.labels, second.rowCount],
    [undefined, hex(1), undefined, hex(61), 1, undefined],
  );
  assert.equal(await decision(other, id(99)), undefined);
});

test('what is not ordered yet is said of its decision: why, or of how many lines', async () => {
  const one = await found(1);
  const whole = { reason: 'The terms name no account of home/1.', lines: new Map() };
  assert.equal(withWaiting(one, new Map([[one.id, whole]])).awaits, whole.reason);
  const lines = new Map([
    ['home/1', 'its account has not joined'],
    ['home/2', 'another'],
  ]);
  const waiting = new Map([[one.id, { reason: undefined, lines }]]);
  assert.equal(withWaiting(one, waiting).awaits, '2 of its lines: its account has not joined');
  assert.equal(withWaiting(await found(3), waiting).awaits, undefined);
  assert.equal(withWaiting(one, new Map([[one.id, { reason: undefined, lines: new Map() }]])).awaits, undefined);
  assert.deepEqual([(await found(5)).awaits, (await found(5)).currency], [undefined, ''], 'advice');
});

test('the chain of an obligation is the same from each of its decisions, and no other policy’s', async () => {
  for (const n of [1, 2, 5])
    assert.deepEqual(
      (await chainOf(other, await found(n))).map((one) => [one.leaf, one.id]),
      [
        [1, hex(1)],
        [2, hex(2)],
        [5, hex(5)],
        [9, hex(1)],
      ],
    );
  assert.deepEqual((await chainOf(other, await found(4))).length, 1);
});

test('lines of parties are those of the obligation itself, by key and leaf, page by page', async () => {
  const first = await found(1);
  for (const limit of [1, 2, 4, 5]) {
    const { items, counts } = await paged((page) => rowsOf(other, first, page), limit);
    assert.deepEqual(
      items.map(({ key, leaf: at }) => [key, at]),
      [
        ['Z', 35],
        ['a', 31],
        ['b', 30],
        ['b', 32],
      ],
    );
    assert.deepEqual(counts, { total: 4 });
  }
  const [line] = (await rowsOf(other, await found(2), { limit: 9 })).items;
  assert.deepEqual(line, {
    ...{ id: hex(34), leaf: 34, key: 'd', verdict: 'fine', outcome: 'hold', amount: 2, entries: [], facts: { n: 1 } },
    ...{ reason: 'r', gate: ['a', 'b'] },
  });
  const { next } = await rowsOf(other, first, { limit: 1 });
  await assert.rejects(decisions(other, { limit: 1, after: next }), { code: 'invalid' });
});

test('totals count a payment once, however many members vouch for it', async () => {
  const { ordered, paid } = await totals(other);
  assert.deepEqual([ordered, paid], [1, 1]);
});
