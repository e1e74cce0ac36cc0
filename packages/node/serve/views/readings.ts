// Readings: as buckets for a plot, with silence shown as silence, and as they came, page by page.
import { z } from '@hono/zod-openapi';
import type { Row, Store } from '../../projections/tables/store.ts';
import { after, type Immutable, limit, pageOf, subject, text, timeGiven, timeMs } from '../schema.ts';
import { Conditions, type Cursor, cursorOf, type Order, orderBy, type PageQuery, pageFrom } from './page.ts';

const value = z.number().nullable();

export const seriesSchema = z
  .object({
    stream: z.int(),
    fromMs: timeMs,
    toMs: timeMs,
    bucketMs: z.int().openapi({ description: 'Length of a bucket.' }),
    usualMs: z
      .int()
      .optional()
      .openapi({ description: 'Usual time between two readings, over the newest of the range; absent: too few.' }),
    timeMs: z.array(timeMs).openapi({
      description:
        'Of the first reading of each bucket that has any; and one time within each silence, for which all else is null.',
    }),
    low: z.array(value),
    high: z.array(value),
    mean: z.array(value),
    count: z.array(z.int()).openapi({ description: 'Readings in the bucket; 0 in a silence.' }),
    leaf: z.array(z.int().nullable()).openapi({ description: 'Of the last reading of the bucket: ask proof for it.' }),
    gaps: z
      .array(z.object({ fromMs: timeMs, toMs: timeMs }))
      .openapi({ description: 'Silences: much longer than usual without a reading. No line belongs across them.' }),
  })
  .openapi('Series', { description: 'A stream over time in buckets; the arrays are of one length.' });
export type SeriesView = Immutable<z.infer<typeof seriesSchema>>;

export const readingSchema = z
  .object({
    quantity: z.string(),
    unit: z.string(),
    timeMs,
    value: z.union([z.number(), z.string()]),
    leaf: z.int(),
    stream: z.int(),
  })
  .openapi('Reading');
export type ReadingView = Immutable<z.infer<typeof readingSchema>>;

export const readingPageSchema = pageOf('ReadingPage', readingSchema, z.object({ total: z.int() }));
type ReadingPage = Immutable<z.infer<typeof readingPageSchema>>;

const readingNarrowing = { subject, quantity: text(96).optional(), from: timeGiven, to: timeGiven };
export const readingFilter = { ...readingNarrowing, sort: z.enum(['newest', 'oldest']).optional(), limit, after };
export const readingExport = readingNarrowing;
export type ReadingQuery = PageQuery &
  Immutable<z.output<z.ZodObject<typeof readingNarrowing>>> & { readonly sort?: 'newest' | 'oldest' | undefined };

/** Of a place in the list. */
const FORM = ['number', 'string'] as const;
/** A silence is this many times as long as usual. */
const SILENCE = 3;
const SPACINGS_MAX = 2_000;

export interface SeriesQuery {
  readonly stream: number;
  readonly from?: number | undefined;
  readonly to?: number | undefined;
  /** Buckets, at most. */
  readonly points: number;
}

interface Bucket {
  readonly first: number;
  readonly last: number;
  readonly low: number;
  readonly high: number;
  readonly mean: number;
  readonly count: number;
  readonly leaf: number;
}

/** A bucket, or a silence. */
type Point = Pick<Bucket, 'first' | 'count'> & Partial<Pick<Bucket, 'low' | 'high' | 'mean' | 'leaf'>>;

/** A stream as at most `points` buckets of equal length: least, greatest and mean of each; silences are marked. */
export async function series(store: Store, { stream, from, to, points }: SeriesQuery): Promise<SeriesView> {
  const [range] = await store.query<{ low: number | null; high: number | null }>(
    'SELECT min(event_ms) AS low, max(event_ms) AS high FROM readings WHERE stream = $1 AND NOT isnan(value)',
    [stream],
  );
  const fromMs = from ?? range?.low ?? 0;
  const toMs = Math.max(fromMs, to ?? (range?.high ?? -1) + 1);
  const bucketMs = Math.max(1, Math.ceil((toMs - fromMs) / points));
  const within = [stream, BigInt(fromMs), BigInt(toMs)];
  const [spacing] = await store.query<{ ms: number | null }>(
    `SELECT quantile_disc(step, 0.5) AS ms FROM (
       SELECT event_ms - lag(event_ms) OVER (ORDER BY event_ms) AS step FROM (
         SELECT event_ms FROM readings WHERE stream = $1 AND event_ms >= $2 AND event_ms < $3 AND NOT isnan(value)
         ORDER BY event_ms DESC LIMIT ${SPACINGS_MAX})) WHERE step > 0`,
    within,
  );
  const buckets = await store.query<Bucket & Row>(
    `SELECT min(event_ms) AS first, max(event_ms) AS last, min(value) AS low, max(value) AS high, avg(value) AS mean,
      count(*) AS count, arg_max(leaf, ROW(event_ms, leaf)) AS leaf
     FROM readings WHERE stream = $1 AND event_ms >= $2 AND event_ms < $3 AND NOT isnan(value)
     GROUP BY (event_ms - $2) // $4 ORDER BY first`,
    [...within, BigInt(bucketMs)],
  );
  const usualMs = spacing?.ms ?? undefined;
  return { stream, fromMs, toMs, bucketMs, usualMs, ...drawn(buckets, usualMs, { from, to }) };
}

type Drawn = Pick<SeriesView, 'timeMs' | 'low' | 'high' | 'mean' | 'count' | 'leaf' | 'gaps'>;

/** Buckets with a place for each silence between them. @param asked where silence at the ends of the range counts */
function drawn(
  buckets: readonly Bucket[],
  usualMs: number | undefined,
  asked: { readonly from: number | undefined; readonly to: number | undefined },
): Drawn {
  const longMs = usualMs === undefined ? Number.POSITIVE_INFINITY : SILENCE * usualMs;
  const gaps: { fromMs: number; toMs: number }[] = [];
  const points: Point[] = [];
  const note = (fromMs: number, toMs: number): boolean => {
    if (toMs - fromMs <= longMs) return false;
    gaps.push({ fromMs, toMs });
    return true;
  };
  let before = asked.from;
  for (const bucket of buckets) {
    if (before !== undefined && note(before, bucket.first) && points.length > 0) {
      const middle = Math.floor((before + bucket.first) / 2);
      points.push({ first: middle, count: 0 });
    }
    points.push(bucket);
    before = bucket.last;
  }
  if (before !== undefined && asked.to !== undefined) note(before, asked.to);
  const column = (name: 'low' | 'high' | 'mean' | 'leaf') => points.map((one) => one[name] ?? null);
  return {
    timeMs: points.map(({ first }) => first),
    low: column('low'),
    high: column('high'),
    mean: column('mean'),
    count: points.map(({ count }) => count),
    leaf: column('leaf'),
    gaps,
  };
}

/** Numbers and texts; `n` tells the same stream's at one time in one leaf apart. */
const SAID = `(SELECT s.quantity, s.unit, s.subject, r.*, row_number() OVER (
    PARTITION BY r.stream, r.event_ms, r.leaf ORDER BY r.number, r.words) AS n FROM (
      SELECT stream, event_ms, leaf, value AS number, NULL AS words FROM readings WHERE NOT isnan(value)
      UNION ALL SELECT stream, event_ms, leaf, NULL, value FROM texts) r JOIN streams s USING (stream)`;
const PLACE = `printf('%016d %010d %06d', r.leaf, r.stream, r.n)`;

interface ReadingRow extends Row {
  readonly quantity: string;
  readonly unit: string;
  readonly stream: number;
  readonly event_ms: number;
  readonly leaf: number;
  readonly number: number | null;
  readonly words: string | null;
  readonly place: string;
}

/** A page of a thing's readings as they came, by event time. */
export async function readings(store: Store, query: ReadingQuery): Promise<ReadingPage> {
  const cursor = cursorOf('readings', store.position, query, FORM);
  const all = narrowed(query, cursor.asOf);
  const [sum] = await store.query<{ n: number }>(
    `SELECT count(*) AS n FROM (SELECT stream, event_ms, leaf FROM readings WHERE NOT isnan(value)
       UNION ALL SELECT stream, event_ms, leaf FROM texts) r JOIN streams s USING (stream) ${all.where}`,
    all.values,
  );
  return { ...(await pageAt(store, query, cursor)), counts: { total: sum?.n ?? 0 } };
}

const EXPORT_PAGE = 10_000;

/** All of them, oldest first, in parts. */
export async function* allReadings(store: Store, query: Omit<ReadingQuery, keyof PageQuery>) {
  let at: string | undefined;
  do {
    const asked = { ...query, sort: 'oldest' as const, limit: EXPORT_PAGE, after: at };
    const { items, next } = await pageAt(store, asked, cursorOf('readings', store.position, asked, FORM));
    yield items;
    at = next;
  } while (at !== undefined);
}

async function pageAt(store: Store, query: ReadingQuery, cursor: Cursor): Promise<Omit<ReadingPage, 'counts'>> {
  const order: Order = { by: 'r.event_ms', tie: 'r.place', descending: cursor.sort === 'newest' };
  const { place } = cursor;
  const [low, high] = order.descending ? [undefined, place?.value] : [place?.value, undefined];
  // Narrowed before they are numbered, so that a page of a long series does not number all of it.
  const page = narrowed(query, cursor.asOf)
    .add(low, (n) => `r.event_ms >= ${n}`)
    .add(high, (n) => `r.event_ms <= ${n}`);
  const numbered = `SELECT r.*, ${PLACE} AS place FROM ${SAID} ${page.where}) r`;
  const beyond = new Conditions();
  beyond.values.push(...page.values);
  beyond.beyond(order, place);
  const rows = await store.query<ReadingRow>(
    `SELECT * FROM (${numbered}) r ${beyond.where} ${orderBy(order)} LIMIT ${beyond.bind(query.limit + 1)}`,
    beyond.values,
  );
  return pageFrom(rows, query.limit, cursor, (row) => ({ value: row.event_ms, tie: row.place }), viewOf);
}

function narrowed(query: ReadingQuery, asOf: number): Conditions {
  return new Conditions()
    .add(query.subject, (n) => `s.subject = ${n}`)
    .add(query.quantity, (n) => `s.quantity = ${n}`)
    .add(query.from, (n) => `r.event_ms >= ${n}`)
    .add(query.to, (n) => `r.event_ms < ${n}`)
    .add(asOf, (n) => `r.leaf < ${n}`);
}

function viewOf(row: ReadingRow): ReadingView {
  const { quantity, unit, stream, event_ms, leaf, number, words } = row;
  return { quantity, unit, timeMs: event_ms, value: words ?? (number as number), leaf, stream };
}
