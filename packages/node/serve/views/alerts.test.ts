// Alerts against a plain telling of the same leaves, one after the other: what goes on is one, until a person ends it.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Row } from '../../projections/projection.ts';
import { inOrder, openTables, type PlainOrder, paged, tallied, wideHex, wideId } from '../../testing/lists.ts';
import { alert, append, hex, id, status } from '../testing/tables.ts';
import { type AlertQuery, type AlertView, alerts, alertsRaisedNext } from './alerts.ts';

const severities = ['info', 'warning', 'critical'] as const;
const policies = [40, 41];

/** A leaf: a decision that raises some, or a person's word on an earlier one. */
type Leaf =
  | { readonly policy: number; readonly raises: readonly { code: string; subject: string; severity: number }[] }
  | { readonly word: 'acknowledged' | 'resolved'; readonly code: string; readonly back: number };

const aboutOf = ({ back }: { readonly back: number }, leaf: number) => Math.max(0, leaf - back);

const few = (max: number) => fc.integer({ min: 0, max });
const code = fc.constantFrom('leak', 'noise');
const raising = fc.record({
  policy: fc.constantFrom(...policies),
  raises: fc.uniqueArray(fc.record({ code, subject: fc.constantFrom('s', 't'), severity: few(2) }), {
    ...{
      minLength: 1,
      maxLength: 3,
      selector: ({ code: of, subject }: { code: string; subject: string }) => `${of} ${subject}`,
    },
  }),
});
const saying = fc.record({
  word: fc.constantFrom('acknowledged' as const, 'resolved' as const),
  code,
  back: fc.integer({ min: 1, max: 8 }),
});
const leaves = (size: number) =>
  fc.array(fc.oneof({ weight: 3, arbitrary: raising }, { weight: 2, arbitrary: saying }), {
    ...{ minLength: size, maxLength: size },
  });

/** Rows of a leaf: each decision has the number of its leaf. */
function rowsOf(one: Leaf, leaf: number): Row[] {
  if ('word' in one) {
    const { table, values } = status(leaf, 0, one.word);
    return [{ table, values: { ...values, decision: wideId(aboutOf(one, leaf)), code: one.code, note: `at ${leaf}` } }];
  }
  return one.raises.map(({ severity, ...raised }): Row => {
    const { table, values } = alert(leaf, 0);
    const more = { decision: wideId(leaf), policy: id(one.policy), domain: `d${one.policy}` };
    return { table, values: { ...values, ...more, ...raised, severity: severities[severity] } };
  });
}

interface Told {
  readonly place: { leaf: number; raised: number; severity: number; isOver: boolean };
  readonly view: { -readonly [Name in keyof AlertView]: AlertView[Name] };
}

/** What is told of the leaves, each taken once, in order. */
function tell(all: readonly Leaf[]): Told[] {
  const told: Told[] = [];
  /** By decision and code: the alerts that it raised or went on with. */
  const of = new Map<string, Told[]>();
  all.forEach((one, leaf) => {
    if ('word' in one)
      for (const said of of.get(`${aboutOf(one, leaf)} ${one.code}`) ?? []) {
        said.view.status = one.word;
        said.view.said = { by: 'Ada', note: `at ${leaf}`, atMs: leaf };
        said.place.isOver ||= one.word === 'resolved';
      }
    else
      for (const { code: word, subject, severity } of one.raises) {
        const policy = hex(one.policy);
        const newest = {
          decision: wideHex(leaf),
          reason: `at ${leaf}`,
          lastMs: leaf * 10,
          severity: severities[severity],
        };
        const going = told.findLast(
          ({ view, place }) =>
            !place.isOver && view.code === word && view.subject === subject && view.policy === policy,
        );
        const raised: Told = going ?? {
          place: { leaf, raised: leaf, severity, isOver: false },
          view: {
            ...{ policy, domain: `d${one.policy}`, code: word, subject, raisedBy: wideHex(leaf), sinceMs: leaf * 10 },
            ...{ times: 0, status: 'raised', said: undefined, decision: '', reason: '', lastMs: 0, severity: 'info' },
          },
        };
        if (going === undefined) told.push(raised);
        Object.assign(raised.place, { leaf, severity });
        Object.assign(raised.view, newest, { times: raised.view.times + 1 });
        of.set(`${leaf} ${word}`, [...(of.get(`${leaf} ${word}`) ?? []), raised]);
      }
  });
  return told;
}

const tie = ({ place, view }: Told) => `${String(place.leaf).padStart(16, '0')} ${view.code} ${view.subject}`;
const orders: Readonly<Record<string, PlainOrder<Told>>> = {
  newest: { by: ({ place }) => place.leaf, tie, descending: true },
  oldest: { by: ({ place }) => place.leaf, tie, descending: false },
  severity: { by: ({ place }) => place.severity, tie, descending: true },
};

const lets = ({ view }: Told, query: Partial<AlertQuery>) =>
  (query.status === undefined ||
    (query.status === 'open' ? view.status !== 'resolved' : view.status === query.status)) &&
  (query.severity === undefined || view.severity === query.severity) &&
  (query.subject === undefined || view.subject === query.subject) &&
  (query.policy === undefined || view.policy === query.policy) &&
  (query.domain === undefined || view.domain === query.domain) &&
  (query.from === undefined || view.lastMs > query.from) &&
  (query.to === undefined || view.sinceMs < query.to);

const filter = fc.record(
  {
    status: fc.constantFrom('raised' as const, 'acknowledged' as const, 'resolved' as const, 'open' as const),
    severity: fc.constantFrom(...severities),
    subject: fc.constantFrom('s', 't', 'u'),
    policy: fc.constantFrom(...[...policies, 99].map(hex)),
    domain: fc.constantFrom('d40', 'd41', 'd'),
    // Where alerts end and begin, too.
    from: few(40).map((n) => n * 10),
    to: few(40).map((n) => n * 10),
    sort: fc.constantFrom('newest' as const, 'oldest' as const, 'severity' as const),
  },
  { requiredKeys: [] },
);

test('property: what is told of any leaves is what telling them one by one says', async () => {
  const own = await openTables();
  await fc.assert(
    fc.asyncProperty(leaves(14), async (all) => {
      for (const table of ['alerts', 'alert_status']) await own.query(`DELETE FROM ${table}`);
      await append(own, all.length, all.flatMap(rowsOf));
      const { items } = await alerts(own, { limit: 100, sort: 'oldest' });
      assert.deepEqual(
        items,
        inOrder(tell(all), orders.oldest as PlainOrder<Told>).map(({ view }) => view),
      );
    }),
    { numRuns: 80, seed: 7 },
  );
});

/** With alerts of every status among the first forty. */
const [many] = fc.sample(
  leaves(60).filter((all) => new Set(tell(all.slice(0, 40)).map(({ view }) => view.status)).size === 3),
  { numRuns: 1, seed: 8 },
) as [Leaf[]];
const store = await openTables();
let position = 0;
async function arrive(count: number): Promise<void> {
  const from = position;
  position = Math.min(many.length, from + count);
  await append(
    store,
    position,
    many.slice(from, position).flatMap((one, i) => rowsOf(one, from + i)),
  );
}
await arrive(40);

test('property: each filter in each order lets through what comparing one by one does, and counts it', async () => {
  const all = tell(many.slice(0, position));
  await fc.assert(
    fc.asyncProperty(filter, fc.integer({ min: 1, max: 9 }), async (query, limit) => {
      const rows = all.filter((one) => lets(one, query));
      const { items, counts } = await paged((page) => alerts(store, { ...query, ...page }), limit);
      assert.deepEqual(
        items,
        inOrder(rows, orders[query.sort ?? 'newest'] as PlainOrder<Told>).map(({ view }) => view),
      );
      assert.equal(counts.total, rows.length);
      assert.deepEqual(
        counts.statuses.map((one) => [one.status, one.severity, one.count]),
        tallied(
          all.filter((one) => lets(one, { ...query, status: undefined, severity: undefined })),
          ({ view }) => [view.status, view.severity],
        ),
      );
    }),
    { numRuns: 80, seed: 9, examples: [[{ status: 'open' }, 9]] },
  );
});

test('what is raised next, leaf after leaf, is each alert once where it was raised first', async () => {
  const all = tell(many.slice(0, position));
  const found: unknown[] = [];
  for (let beyond = -1; ; ) {
    const next = await alertsRaisedNext(store, beyond);
    if (next.length === 0) break;
    found.push(...next);
    beyond = next[0]?.leaf as number;
  }
  const name = ({ place, view }: Told) => `${view.code} ${view.subject} ${place.leaf}`;
  const whole = inOrder(all, { by: ({ place }) => place.raised, tie: name, descending: false });
  assert.deepEqual(
    found,
    whole.map(({ place, view }) => ({ leaf: place.raised, decision: view.raisedBy, alert: view })),
  );
});

test('what is raised and said while a list is paged is seen on none of its later pages', async () => {
  for (const sort of ['newest', 'severity'] as const) {
    const whole = inOrder(tell(many.slice(0, position)), orders[sort] as PlainOrder<Told>).map(({ view }) => view);
    const { items } = await paged(
      (page) => alerts(store, { sort, ...page }),
      3,
      () => arrive(2),
    );
    assert.deepEqual(items, whole);
  }
});

test('a word on what was over already ends nothing: what goes on since then stays one', async () => {
  const own = await openTables();
  await append(own, 100, [
    ...[alert(1, 1), status(2, 1, 'resolved'), alert(3, 2)],
    // Somebody who had not seen the first word.
    ...[status(4, 1, 'resolved'), alert(5, 3)],
    // One decision that raised the same of two things: what is said is said of both.
    ...[alert(6, 4, 'a'), alert(6, 4, 'b'), status(7, 4, 'resolved'), alert(8, 5, 'a')],
  ]);
  const { items } = await alerts(own, { limit: 9, sort: 'oldest' });
  assert.deepEqual(
    items.map(({ subject, status: word, times, raisedBy }) => [subject, word, times, raisedBy]),
    [
      ['s', 'resolved', 1, hex(1)],
      ['s', 'raised', 2, hex(2)],
      ['a', 'resolved', 1, hex(4)],
      ['b', 'resolved', 1, hex(4)],
      ['a', 'raised', 1, hex(5)],
    ],
  );
});

test('a decision that several deciders say raises once, also where the second says it after it was resolved', async () => {
  const own = await openTables();
  await append(own, 100, [
    ...[alert(1, 1), alert(2, 1), alert(3, 2), status(4, 1, 'resolved'), alert(5, 2), alert(6, 1)],
    // A word that came before what it is about says nothing.
    ...[status(7, 3, 'resolved'), alert(8, 3), alert(9, 4)],
  ]);
  const { items } = await alerts(own, { limit: 9, sort: 'oldest' });
  assert.deepEqual(
    items.map(({ status: word, times, raisedBy, decision }) => [word, times, raisedBy, decision]),
    [
      ['resolved', 2, hex(1), hex(2)],
      ['raised', 2, hex(3), hex(4)],
    ],
  );
});
