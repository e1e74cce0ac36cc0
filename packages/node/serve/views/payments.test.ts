// Payments against an array of the same rows: filters, orders, sums by state and month; what the chain paid, as of a leaf.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Row } from '../../projections/projection.ts';
import type { Course } from '../../settle/course.ts';
import { inOrder, openTables, type PlainOrder, paged, wideHex, wideId } from '../../testing/lists.ts';
import { append, decisionRow, hex, id, intentRow, settlement } from '../testing/tables.ts';
import { type PaymentQuery, type PaymentView, payment, payments } from './payments.ts';

interface Ordered {
  /** Of the decision; its intent follows, and what vouches for its payment. */
  readonly leaf: number;
  readonly subject: string;
  readonly policy: number;
  readonly agreement: number;
  readonly currency: string | undefined;
  readonly amount: number;
  readonly toMs: number;
  readonly isCopied: boolean;
  /** Blocks in which members say that it was paid. */
  readonly blocks: readonly number[];
}

const LEAVES = 10;
const DAY = 86_400_000;
const FEBRUARY = Date.UTC(2026, 1, 1);
const few = (max: number) => fc.integer({ min: 0, max });
const given: Ordered[] = fc
  .sample(
    fc.record({
      subject: fc.constantFrom('s', 'thing/1'),
      policy: few(2),
      agreement: few(2),
      currency: fc.constantFrom('EUR', 'CHF', undefined),
      amount: fc.constantFrom(0, 5, 5, 7, 3_000_000_000),
      // At the turn of a month, around it, and in the month after the next.
      toMs: fc.constantFrom(FEBRUARY - DAY, FEBRUARY, FEBRUARY + 1, FEBRUARY + 40 * DAY),
      isCopied: fc.boolean(),
      blocks: fc.array(few(9), { maxLength: 3 }),
    }),
    { numRuns: 120, seed: 5 },
  )
  .map((one, n) => ({ ...one, leaf: n * LEAVES }));

const intentLeaf = ({ leaf }: Ordered) => leaf + 2;

function rowsOf(one: Ordered): Row[] {
  const { leaf, subject, currency, amount, toMs } = one;
  const decided = {
    ...{ decision: wideId(leaf), policy: id(20 + one.policy), agreement: id(30 + one.agreement) },
    ...{ subject, currency, from_ms: toMs - DAY, to_ms: toMs, reason: `of ${leaf}` },
  };
  const intent = intentRow(intentLeaf(one), 0, 0, amount);
  const ordered = { digest: wideId(leaf + 1), decision: wideId(leaf), agreement: id(30 + one.agreement) };
  return [
    decisionRow(leaf, 1, decided),
    // What another decider says of the same orders nothing more.
    ...(one.isCopied ? [decisionRow(leaf + 1, 1, { ...decided, reason: 'copy' })] : []),
    { ...intent, values: { ...intent.values, ...ordered } },
    ...one.blocks.map((block, i): Row => {
      const { table, values } = settlement(leaf + 3 + i);
      return { table, values: { ...values, intent: wideId(leaf + 1), block, block_time_s: block * 12, tx: id(block) } };
    }),
  ];
}

const store = await openTables();
const known: Ordered[] = [];
async function arrive(count: number): Promise<void> {
  const more = given.slice(known.length, known.length + count);
  known.push(...more);
  await append(store, known.length * LEAVES, more.flatMap(rowsOf));
}
await arrive(90);

/** Where some stand on the chain; also of one that the log says is paid, and then that counts. */
const course: Course = { state: 'held', holder: '0x', untilS: 7, afterwards: 'drop', replaceable: false };
const courses = new Map<string, Course>();
given.forEach(({ leaf }, n) => {
  if (n % 3 > 0) courses.set(wideHex(leaf + 1), n % 3 === 1 ? course : { state: 'dropped' });
});
const stateOf = ({ blocks, leaf }: Ordered) =>
  blocks.length > 0 ? 'paid' : (courses.get(wideHex(leaf + 1))?.state ?? 'ordered');
const currencyOf = ({ currency = '' }: Ordered) => currency;
const lets = (one: Ordered, query: Partial<PaymentQuery>) =>
  (query.state === undefined || stateOf(one) === query.state) &&
  (query.policy === undefined || [hex(20 + one.policy), hex(30 + one.agreement)].includes(query.policy)) &&
  (query.agreements === undefined || query.agreements.includes(hex(30 + one.agreement))) &&
  (query.subject === undefined || one.subject === query.subject) &&
  (query.from === undefined || one.toMs > query.from) &&
  (query.to === undefined || one.toMs - DAY < query.to);

const orders: Readonly<Record<string, PlainOrder<Ordered>>> = {
  newest: { by: intentLeaf, tie: intentLeaf, descending: true },
  oldest: { by: intentLeaf, tie: intentLeaf, descending: false },
  amount: { by: ({ amount }) => amount, tie: intentLeaf, descending: true },
};
const idsOf = (rows: readonly Ordered[], sort = 'newest') =>
  inOrder(rows, orders[sort] as PlainOrder<Ordered>).map(({ leaf }) => wideHex(leaf + 1));

/** Number and sum of each, by what names it. */
function sums(rows: readonly Ordered[], nameOf: (one: Ordered) => string): Record<string, [number, number]> {
  const found: Record<string, [number, number]> = {};
  for (const one of rows) {
    const [count, amount] = found[nameOf(one)] ?? [0, 0];
    found[nameOf(one)] = [count + 1, amount + one.amount];
  }
  return found;
}

const month = ({ toMs }: Ordered) => (toMs <= FEBRUARY ? '2026-01' : toMs === FEBRUARY + 1 ? '2026-02' : '2026-03');
const times = fc.constantFrom(0, FEBRUARY - DAY, FEBRUARY, FEBRUARY + 1, FEBRUARY + 40 * DAY);
const filter = fc.record(
  {
    state: fc.constantFrom('ordered' as const, 'held' as const, 'dropped' as const, 'paid' as const),
    policy: fc.constantFrom(...[20, 21, 31, 99].map(hex)),
    agreements: fc.subarray([30, 32, 99].map(hex)),
    subject: fc.constantFrom('s', 'thing/1', 'thing'),
    from: times,
    to: times,
    sort: fc.constantFrom('newest' as const, 'oldest' as const, 'amount' as const),
  },
  { requiredKeys: [] },
);

test('property: each filter in each order lets through what comparing row by row does, and sums it', async () => {
  await fc.assert(
    fc.asyncProperty(filter, fc.integer({ min: 1, max: 40 }), async (query, limit) => {
      const rows = known.filter((one) => lets(one, query));
      const { items, counts } = await paged((page) => payments(store, { ...query, ...page }, courses), limit);
      assert.deepEqual(
        items.map((one) => one.id),
        idsOf(rows, query.sort),
      );
      assert.equal(counts.total, rows.length);
      assert.deepEqual(
        Object.fromEntries(counts.states.map((one) => [`${one.state} ${one.currency}`, [one.count, one.amount]])),
        sums(
          known.filter((one) => lets(one, { ...query, state: undefined })),
          (one) => `${stateOf(one)} ${currencyOf(one)}`,
        ),
      );
      const nameOf = (one: { month: string; agreement: string; state: string; currency: string }) =>
        `${one.month} ${one.agreement} ${one.state} ${one.currency}`;
      assert.deepEqual(
        Object.fromEntries(counts.months.map((one) => [nameOf(one), [one.count, one.amount]])),
        sums(rows, (one) =>
          nameOf({
            ...{ month: month(one), agreement: hex(30 + one.agreement), state: stateOf(one) },
            currency: currencyOf(one),
          }),
        ),
      );
      const inTime = counts.months.map((one) => one.month);
      assert.deepEqual(inTime, inTime.toSorted().toReversed(), 'the newest month first');
    }),
    { numRuns: 100, seed: 6 },
  );
});

test('each is told with the obligation of its first decision, and the first block that paid it', async () => {
  const { items } = await payments(store, { limit: 1_000, sort: 'oldest' }, courses);
  for (const [n, one] of items.entries()) {
    const { leaf, blocks, toMs, ...ordered } = known[n] ?? assert.fail();
    const block = blocks.length === 0 ? undefined : Math.min(...blocks);
    const expected: PaymentView = {
      ...{
        id: wideHex(leaf + 1),
        decision: wideHex(leaf),
        obligation: hex(51),
        isBatch: false,
        recipient: '0x',
        domain: 'd',
      },
      ...{ agreement: hex(30 + ordered.agreement), policy: hex(20 + ordered.policy), subject: ordered.subject },
      ...{ fromMs: toMs - DAY, toMs, amount: ordered.amount, currency: ordered.currency ?? '', reason: `of ${leaf}` },
      ...{ state: stateOf(known[n] as Ordered), block },
      course:
        stateOf(known[n] as Ordered) === 'held'
          ? { heldBy: '0x', heldUntilMs: 7_000, afterHold: 'drop', replaceable: false }
          : undefined,
      transaction: block === undefined ? undefined : hex(block),
      paidMs: block === undefined ? undefined : block * 12_000,
    };
    assert.deepEqual(one, expected);
    assert.deepEqual(await payment(store, wideId(leaf + 1), courses), expected);
  }
  assert.equal(await payment(store, wideId(0)), undefined, 'the id of a decision is none of a payment');
});

test('what is ordered and what is paid while a list is paged is seen on none of its later pages', async () => {
  const open = known.filter((one) => stateOf(one) === 'ordered');
  const pay = async () => {
    await arrive(1);
    const last = open.at(-1) ?? assert.fail();
    const { table, values } = settlement(known.length * LEAVES - 1);
    await append(store, known.length * LEAVES, [{ table, values: { ...values, intent: wideId(last.leaf + 1) } }]);
  };
  const { items } = await paged(
    (page) => payments(store, { state: 'ordered', sort: 'oldest', ...page }, courses),
    5,
    pay,
  );
  assert.deepEqual(
    items.map((one) => one.id),
    idsOf(open, 'oldest'),
  );
  const { counts } = await payments(store, { limit: 1, state: 'ordered' }, courses);
  assert.equal(counts.total, known.filter((one) => stateOf(one) === 'ordered').length - 1);
});

test('of months there are at most a thousand, the newest', async () => {
  const many = await openTables();
  const rows = Array.from({ length: 1_001 }, (_, n) => {
    const more = { decision: wideId(n), to_ms: Date.UTC(1970, n, 15), from_ms: 0 };
    const intent = intentRow(2 * n + 1, 0, 0);
    return [
      decisionRow(2 * n, 1, more),
      { ...intent, values: { ...intent.values, digest: wideId(n), decision: wideId(n) } },
    ];
  });
  await append(many, 3_000, rows.flat());
  const { months, total } = (await payments(many, { limit: 1 })).counts;
  assert.deepEqual(
    [total, months.length, months[0]?.month, months.at(-1)?.month],
    [1_001, 1_000, '2053-05', '1970-02'],
  );
});

test('what was replaced names what took its place: the next order for its obligation, or, where it came too late itself, of its decision', async () => {
  const tables = await openTables();
  const order = (leaf: number, digest: number, decision: number, obligation: number): Row => {
    const { table, values } = intentRow(leaf, digest, decision);
    return { table, values: { ...values, obligation: id(obligation) } };
  };
  const orders = [order(10, 110, 1, 61), order(11, 111, 2, 61), order(12, 112, 2, 62), order(13, 113, 3, 61)];
  await append(tables, 20, [...[1, 2, 3].map((n) => decisionRow(n, n)), ...orders]);
  const replaced: Course = { state: 'replaced' };
  const courses = new Map<string, Course>([110, 111].map((digest) => [hex(digest), replaced]));
  const shown = await Promise.all([110, 111, 112, 113].map((digest) => payment(tables, id(digest), courses)));
  assert.deepEqual(
    shown.map((one) => [one?.state, one?.replacedBy]),
    [
      ['replaced', hex(111)],
      ['replaced', hex(113)],
      ['ordered', undefined],
      ['ordered', undefined],
    ],
  );
  const alone = await openTables();
  await append(alone, 20, [decisionRow(1, 1), decisionRow(2, 2), order(11, 111, 2, 61), order(12, 112, 2, 62)]);
  assert.equal((await payment(alone, id(111), courses))?.replacedBy, hex(112), 'ordered apart');
});
