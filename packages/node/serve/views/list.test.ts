// Any list: paged in every order, with ties, while more arrives; what is asked never becomes SQL.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { toHex } from '@trine/protocol';
import fc from 'fast-check';
import type { Row } from '../../projections/projection.ts';
import { inOrder, openTables, type PlainOrder, paged, wideHex, wideId } from '../../testing/lists.ts';
import { append } from '../testing/tables.ts';
import { type List, listed, totalOf } from './list.ts';
import type { PageQuery } from './page.ts';

interface Titled {
  readonly leaf: number;
  readonly title: string;
  readonly subject: string;
}
interface TitleQuery extends PageQuery {
  readonly subject?: string;
}

/** The tie is another than the leaf, as where one leaf makes several rows. */
const titles: List<TitleQuery, string> = {
  name: 'titles',
  from: (asOf) => `(SELECT *, lower(hex(policy)) AS place FROM policies WHERE leaf < ${asOf}) p`,
  narrow: (conditions, { subject }) => conditions.add(subject, (n) => `p.subject = ${n}`),
  orders: {
    newest: { by: 'p.leaf', tie: 'p.leaf', descending: true },
    title: { by: 'p.title', tie: 'p.place', descending: false },
    reverse: { by: 'p.title', tie: 'p.place', descending: true },
  },
  form: ['string', 'string'],
  view: (row) => toHex(row.policy as Uint8Array),
};
const listOf = (sort: string): typeof titles =>
  sort === 'newest' ? { ...titles, form: ['number', 'number'] } : titles;

const orders: Readonly<Record<string, PlainOrder<Titled>>> = {
  newest: { by: ({ leaf }) => leaf, tie: ({ leaf }) => leaf, descending: true },
  title: { by: ({ title }) => title, tie: ({ leaf }) => wideHex(leaf), descending: false },
  reverse: { by: ({ title }) => title, tie: ({ leaf }) => wideHex(leaf), descending: true },
};

const store = await openTables();
const known: Titled[] = [];
const words = ['', 'a', 'b', 'B', "' OR 1=1 --", '$1', 'ß', '10', '9'];
const given = fc.sample(fc.record({ title: fc.constantFrom(...words), subject: fc.constantFrom(...words) }), {
  ...{ numRuns: 300, seed: 2 },
});

/** The next few of the given rows, one leaf each. */
async function arrive(count: number): Promise<void> {
  const more = given.slice(known.length, known.length + count).map((one, i) => ({ ...one, leaf: known.length + i }));
  known.push(...more);
  const rows = more.map(
    ({ leaf, title, subject }): Row => ({
      table: 'policies',
      values: { leaf, policy: wideId(leaf), domain: 'd', subject, title },
    }),
  );
  await append(store, known.length, rows);
}
await arrive(40);

const ask = (query: Omit<TitleQuery, 'limit'>) => (page: { limit: number; after?: string }) => {
  const whole = { ...query, ...page };
  return listed(store, listOf(query.sort ?? 'newest'), whole, (through) => totalOf(through, whole));
};
const expected = (rows: readonly Titled[], sort: string, subject?: string) =>
  inOrder(
    rows.filter((one) => subject === undefined || one.subject === subject),
    orders[sort] as PlainOrder<Titled>,
  ).map(({ leaf }) => wideHex(leaf));

for (const sort of Object.keys(orders))
  test(`by ${sort}: each row once, whatever the length of a page, also while rows arrive before and behind`, async () => {
    for (const limit of [1, 2, 3, 7, known.length - 1, known.length, known.length + 1]) {
      const whole = expected(known, sort);
      const { items, counts } = await paged(ask({ sort }), limit, () => arrive(limit === 3 ? 1 : 0));
      assert.deepEqual(items, whole);
      assert.equal(counts, whole.length);
    }
  });

test('a filter is a value, however it is written', async () => {
  for (const subject of [...words, "x'; DROP TABLE policies; --"]) {
    const whole = expected(known, 'title', subject);
    assert.deepEqual(await paged(ask({ sort: 'title', subject }), 2), { items: whole, counts: whole.length });
  }
});

test('beyond the end there is nothing, and no next page', async () => {
  const after = (place: string, asOf = known.length) =>
    Buffer.from(JSON.stringify(['titles', 'title', asOf, place, ''])).toString('base64url');
  const { items, ...rest } = await ask({ sort: 'title' })({ limit: 5, after: after('\u{10ffff}') });
  assert.deepEqual([items, rest], [[], { counts: known.length }]);
  assert.deepEqual(await ask({ sort: 'title' })({ limit: 5, after: after('', 0) }), { items: [], counts: 0 });
});

test('a cursor of another list or order is refused before anything is asked', async () => {
  const { next } = await ask({ sort: 'title' })({ limit: 1 });
  const other = { ...titles, name: 'others' };
  const none = async () => assert.fail('nothing is counted');
  for (const wrong of [
    listed(store, other, { limit: 1, sort: 'title', after: next }, none),
    listed(store, titles, { limit: 1, sort: 'reverse', after: next }, none),
  ])
    await assert.rejects(wrong, { code: 'invalid' });
});

test('columns that are joined are joined to the rows of the page alone, which stay in their order', async () => {
  const joined: List<TitleQuery, unknown> = {
    ...titles,
    joined: (page) => `SELECT p.*, (SELECT count(*) FROM policies o WHERE o.title = p.title) AS same FROM ${page} p`,
    view: ({ leaf, same }) => [leaf, same],
  };
  const { items } = await listed(store, joined, { limit: 20, sort: 'reverse' }, async () => undefined);
  const whole = inOrder(known, orders.reverse as PlainOrder<Titled>).slice(0, 20);
  assert.deepEqual(
    items,
    whole.map(({ leaf, title }) => [leaf, known.filter((one) => one.title === title).length]),
  );
});
