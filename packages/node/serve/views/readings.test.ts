// Readings against an array of the same: buckets, silences, pages of numbers and texts in both orders, and all of them.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { inOrder, openTables, type PlainOrder, paged } from '../../testing/lists.ts';
import type { MemoryStore } from '../../testing/memory-store.ts';
import { append } from '../testing/tables.ts';
import { allReadings, type ReadingQuery, readings, type SeriesView, series } from './readings.ts';

interface Reading {
  readonly stream: number;
  readonly timeMs: number;
  readonly leaf: number;
  readonly value: number | string;
}

const STREAMS = [
  { stream: 0, subject: 's', quantity: 'flow', unit: 'm' },
  { stream: 1, subject: 's', quantity: 'level', unit: 'l' },
  { stream: 2, subject: 'other', quantity: 'flow', unit: 'm' },
];

/** As the projection makes them: a text stands in both tables, without a number in one. */
async function say(store: MemoryStore, next: number, said: readonly Reading[]): Promise<void> {
  const isText = (one: Reading): one is Reading & { value: string } => typeof one.value === 'string';
  await append(store, next, [], {
    streams: store.position === 0 ? STREAMS : [],
    readings: {
      stream: Uint32Array.from(said, ({ stream }) => stream),
      timeMs: Float64Array.from(said, ({ timeMs }) => timeMs),
      leaf: Float64Array.from(said, ({ leaf }) => leaf),
      value: Float64Array.from(said, ({ value }) => (typeof value === 'string' ? Number.NaN : value)),
    },
    texts: said.filter(isText),
  });
}

const few = (max: number) => fc.integer({ min: 0, max });
const START = 1_700_000_000_000;
const value = fc.oneof(
  { weight: 4, arbitrary: fc.integer({ min: -3, max: 3 }) },
  { weight: 1, arbitrary: fc.constantFrom('off', '', '=1+1', "'; --") },
);

/** Times with long silences between them, some of them the same. */
const timed = (count: number) =>
  fc
    .array(fc.record({ step: fc.constantFrom(0, 10, 10, 10, 11, 30, 31, 500), value }), {
      minLength: 1,
      maxLength: count,
    })
    .map((steps) => {
      let timeMs = START;
      return steps.map(({ step, value: said }, leaf): Reading => {
        timeMs += step;
        return { stream: 0, timeMs, leaf, value: said };
      });
    });

const median = (steps: readonly number[]) => steps.toSorted((a, b) => a - b)[Math.ceil(steps.length / 2) - 1];

/** Usual time between two, and the silences, said by comparing each reading with the one before. */
function plain(said: readonly Reading[], from: number | undefined, to: number | undefined) {
  const times = said.filter((one) => typeof one.value === 'number').map(({ timeMs }) => timeMs);
  const [low, high] = [from ?? times[0] ?? 0, to ?? (times.at(-1) ?? -1) + 1];
  const within = times.filter((time) => time >= low && time < high);
  const usualMs = median(
    within.slice(1).flatMap((time, i) => (time > (within[i] as number) ? [time - (within[i] as number)] : [])),
  );
  const ends = [...(from === undefined ? [] : [from]), ...within, ...(to === undefined ? [] : [to])];
  const gaps = ends.slice(1).flatMap((toMs, i) => {
    const fromMs = ends[i] as number;
    return usualMs !== undefined && toMs - fromMs > 3 * usualMs ? [{ fromMs, toMs }] : [];
  });
  return { low, high, usualMs, gaps };
}

function checkBuckets(found: SeriesView, said: readonly Reading[], points: number): void {
  const inRange = said.filter(
    (one) => typeof one.value === 'number' && one.timeMs >= found.fromMs && one.timeMs < found.toMs,
  );
  const drawn = found.timeMs.map((_, i) => i).filter((i) => found.count[i] !== 0);
  assert.ok(drawn.length <= points, 'no more buckets than asked for');
  const bucketOf = (timeMs: number) => Math.floor((timeMs - found.fromMs) / found.bucketMs);
  const buckets = Object.values(Object.groupBy(inRange, ({ timeMs }) => bucketOf(timeMs))) as Reading[][];
  assert.equal(drawn.length, buckets.length);
  for (const [n, bucket] of buckets.entries()) {
    const i = drawn[n] as number;
    const values = bucket.map((one) => one.value as number);
    const sum = values.reduce((a, b) => a + b, 0);
    assert.deepEqual(
      [found.timeMs[i], found.low[i], found.high[i], found.count[i], found.leaf[i]],
      [bucket[0]?.timeMs, Math.min(...values), Math.max(...values), values.length, bucket.at(-1)?.leaf],
    );
    assert.ok(Math.abs((found.mean[i] as number) - sum / values.length) < 1e-9);
  }
}

test('property: buckets hold what lies in them, the last leaf too, and silences are where nothing was said for long', async () => {
  const store = await openTables();
  const bound = fc.option(fc.integer({ min: -600, max: 3_000 }), { nil: undefined });
  await fc.assert(
    fc.asyncProperty(timed(40), fc.integer({ min: 2, max: 60 }), bound, bound, async (said, points, a, b) => {
      for (const table of ['readings', 'texts']) await store.query(`DELETE FROM ${table}`);
      await say(store, said.length, said);
      const [from, to] = [a, b].map((ms) => (ms === undefined ? undefined : START + ms));
      const found = await series(store, { stream: 0, points, from, to });
      const { low, high, usualMs, gaps } = plain(said, from, to);
      assert.deepEqual([found.fromMs, found.toMs, found.usualMs], [low, Math.max(low, high), usualMs]);
      checkBuckets(found, said, points);
      // A silence that lies within one bucket cannot be drawn: what is said of silences is true, and all but these are said.
      const bucketOf = (ms: number) => Math.floor((ms - found.fromMs) / found.bucketMs);
      const isDrawn = ({ fromMs, toMs }: { fromMs: number; toMs: number }) =>
        fromMs === from || toMs === to || bucketOf(fromMs) !== bucketOf(toMs);
      assert.deepEqual(found.gaps, gaps.filter(isDrawn));
      assert.notEqual(found.count[0], 0, 'none before the first reading');
      const empty = found.timeMs.filter((_, i) => found.count[i] === 0);
      for (const time of empty) {
        const i = found.timeMs.indexOf(time);
        assert.deepEqual([found.low[i], found.high[i], found.mean[i], found.leaf[i]], [null, null, null, null]);
        assert.ok(found.gaps.some(({ fromMs, toMs }) => fromMs < time && time < toMs));
      }
    }),
    { numRuns: 150, seed: 10 },
  );
});

test('what is usual is so over the newest of a range', async () => {
  const long = await openTables();
  const said = Array.from({ length: 4_100 }, (_, leaf): Reading => {
    return { stream: 0, timeMs: START + 10 * leaf + 10 * Math.max(0, leaf - 2_050), leaf, value: 1 };
  });
  await say(long, said.length, said);
  assert.equal((await series(long, { stream: 0, points: 10 })).usualMs, 20);
  assert.equal((await series(long, { stream: 0, points: 10, to: START + 20_500 })).usualMs, 10);
});

test('of a stream that nobody knows, or that said only texts, there is a series of nothing', async () => {
  const store = await openTables();
  await say(store, 1, [{ stream: 1, timeMs: START, leaf: 0, value: 'off' }]);
  for (const stream of [1, 99]) {
    const { timeMs, gaps, usualMs, fromMs, toMs, bucketMs } = await series(store, { stream, points: 10 });
    assert.deepEqual([timeMs, gaps, usualMs, fromMs, toMs, bucketMs], [[], [], undefined, 0, 0, 1]);
  }
  const asked = await series(store, { stream: 99, points: 10, from: START, to: START - 5 });
  assert.deepEqual([asked.fromMs, asked.toMs], [START, START], 'a range that ends before it begins is empty');
});

const given: Reading[] = fc
  .sample(fc.record({ stream: few(2), timeMs: few(4), value }), { numRuns: 260, seed: 11 })
  .map((one, n) => ({ ...one, timeMs: START + one.timeMs, leaf: Math.floor(n / 4) }));
const store = await openTables();
const known: Reading[] = [];
async function arrive(count: number): Promise<void> {
  const more = given.slice(known.length, known.length + 4 * count);
  known.push(...more);
  await say(store, Math.ceil(known.length / 4), more);
}
await arrive(40);

const lets = ({ stream, timeMs }: Reading, query: Partial<ReadingQuery>) =>
  STREAMS.some(
    (one) =>
      one.stream === stream &&
      one.subject === query.subject &&
      (query.quantity === undefined || one.quantity === query.quantity),
  ) &&
  (query.from === undefined || timeMs >= query.from) &&
  (query.to === undefined || timeMs < query.to);

/** Numbers before texts, where a stream says several at one time in one leaf. */
const order = (descending: boolean): PlainOrder<Reading> => ({
  by: ({ timeMs }) => timeMs,
  tie: ({ leaf, stream, value: said }) =>
    `${String(leaf).padStart(9, '0')} ${stream} ${typeof said === 'number' ? `0${said + 20}` : `1${said}`}`,
  descending,
});
const view = ({ stream, timeMs, value: said, leaf }: Reading) => {
  const { quantity, unit } = STREAMS[stream] as (typeof STREAMS)[number];
  return { quantity, unit, timeMs, value: said, leaf, stream };
};
const rows = (query: Partial<ReadingQuery>) =>
  inOrder(
    known.filter((one) => lets(one, query)),
    order(query.sort !== 'oldest'),
  ).map(view);

const times = fc.integer({ min: START - 1, max: START + 13 });
const narrowing = {
  subject: fc.constantFrom('s', 'other', 'nobody'),
  quantity: fc.constantFrom('flow', 'level', 'none'),
  from: times,
  to: times,
};
const filter = fc.record(
  { ...narrowing, sort: fc.constantFrom('newest' as const, 'oldest' as const) },
  { requiredKeys: ['subject'] },
);

test('property: pages of any narrowing, in both orders and of any length, are what comparing one by one lets through', async () => {
  await fc.assert(
    fc.asyncProperty(filter, fc.integer({ min: 1, max: 50 }), async (query, limit) => {
      const { items, counts } = await paged((page) => readings(store, { ...query, ...page }), limit);
      assert.deepEqual(items, rows(query));
      assert.deepEqual(counts, { total: items.length });
    }),
    { numRuns: 100, seed: 12 },
  );
});

test('what arrives while a list is paged, before and behind the place, is on none of its later pages', async () => {
  for (const sort of ['newest', 'oldest'] as const) {
    const whole = rows({ subject: 's', sort });
    const { items } = await paged(
      (page) => readings(store, { subject: 's', sort, ...page }),
      20,
      () => arrive(1),
    );
    assert.deepEqual(items, whole);
  }
});

test('all of them are those of the oldest-first list, across parts, with equals where a part ends, and as of its beginning', async () => {
  const long = await openTables();
  // Ten thousand are a part: what is the same in time and leaf lies on both sides of its end.
  const said = Array.from(
    { length: 20_500 },
    (_, n): Reading => ({
      ...{ stream: n % 2, timeMs: START + Math.floor(n / 700), leaf: Math.floor(n / 2_000), value: n },
    }),
  );
  await say(long, 11, said);
  const parts: number[] = [];
  const values: unknown[] = [];
  for await (const part of allReadings(long, { subject: 's' })) {
    parts.push(part.length);
    values.push(...part.map((one) => one.value));
    await say(long, 12, [{ stream: 0, timeMs: START + 20, leaf: 11, value: 'late' }]);
  }
  assert.deepEqual(parts, [10_000, 10_000, 500]);
  const place = ({ timeMs, leaf, stream }: Reading) =>
    [timeMs - START, leaf, stream].map((n) => String(n + 10)).join(' ');
  assert.deepEqual(
    values,
    inOrder(said, { by: place, tie: (one) => one.value as number, descending: false }).map((one) => one.value),
  );
});
