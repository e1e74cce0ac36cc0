// How often a thing speaks: what it said in whole windows of its past proposes how many statements are due in one.
import { z } from '@hono/zod-openapi';
import { formatDuration } from '@trine/engine';
import { countOf } from '@trine/protocol';
import type { Row, Store } from '../../projections/tables/store.ts';
import { flagGiven, type Immutable, subject, text, timeMs } from '../schema.ts';

export const rateSchema = z
  .object({
    subject: z.string(),
    windowMs: z.int(),
    windows: z.int().openapi({ description: 'Whole windows of its past that were looked at, silent ones among them.' }),
    fromMs: timeMs.optional(),
    toMs: timeMs.optional(),
    usual: z.number().optional().openapi({
      description: 'Median of the statements with a usable value in one of them; absent: there is no whole one.',
    }),
    proposed: z.int().optional().openapi({
      description: 'How many to agree on as due: four fifths, at least 1; absent: it never said anything usable.',
    }),
    words: z.string().openapi({ description: 'The same in words, for whoever is asked to agree.' }),
  })
  .openapi('Rate', { description: 'How often a thing speaks with a usable value. A proposal: nothing rests on it.' });
export type RateView = Immutable<z.infer<typeof rateSchema>>;

export const rateFilter = {
  subject,
  windowMs: z.coerce
    .number()
    .int()
    .min(1_000)
    .max(31 * 86_400_000),
  quantities: text(4_000).optional().openapi({ description: 'Those that count, with commas between; absent: all.' }),
  texts: flagGiven.openapi({ description: 'Do texts count as well?' }),
};
export type RateQuery = Immutable<z.output<z.ZodObject<typeof rateFilter>>>;

/** Four fifths of what is usual: a thing that loses one of ten now and then is no thing that failed. */
const DUE_PARTS = [4, 5] as const;
/** As many windows tell what is usual; fewer where they are long. */
const WINDOWS_MAX = 200;
const WINDOWS_MIN = 4;
const SPAN_MS_MAX = 35 * 86_400_000;

/** @returns how often it spoke in whole windows up to the one in which it spoke last; windows begin as those of policies do */
export async function rate(store: Store, query: RateQuery): Promise<RateView> {
  const { subject: about, windowMs } = query;
  const [all] = await asked<{ first: number | null; last: number | null }>(
    store,
    query,
    'SELECT min(event_ms) AS first, max(event_ms) AS last FROM said',
  );
  if (all?.last == null || all.first === null)
    return {
      ...{ subject: about, windowMs, windows: 0 },
      words: `${about} never said anything with a usable value: nothing shows how many statements are due.`,
    };
  const spanMs = Math.min(WINDOWS_MAX * windowMs, Math.max(WINDOWS_MIN * windowMs, SPAN_MS_MAX));
  const toMs = Math.floor(all.last / windowMs) * windowMs;
  const fromMs = Math.max(Math.ceil(all.first / windowMs), Math.floor((toMs - spanMs) / windowMs)) * windowMs;
  const isWhole = toMs > fromMs;
  const counted = await asked<{ n: number }>(
    store,
    query,
    `SELECT count(DISTINCT leaf) AS n FROM said WHERE event_ms >= $2 AND event_ms < $3 GROUP BY event_ms // $4`,
    [BigInt(isWhole ? fromMs : Math.floor(all.first)), BigInt(isWhole ? toMs : all.last + 1), BigInt(windowMs)],
  );
  const counts = counted.map(({ n }) => n);
  if (!isWhole) return ofParts(query, Math.max(...counts));
  const windows = (toMs - fromMs) / windowMs;
  const usual = medianOf([...counts, ...new Array<number>(windows - counts.length).fill(0)]);
  const proposed = dueOf(usual);
  const often = `${about} says ${countOf(usual, 'statement')} with a usable value in ${formatDuration(windowMs)}`;
  const seen = `the median of ${countOf(windows, 'window')}`;
  const words =
    usual < 1
      ? `${about} says nothing in most windows of ${formatDuration(windowMs)} (seen over ${windows}): choose longer ones, or ${proposed} that is due is often missing.`
      : `${often} (${seen}); ${proposed} ${proposed === 1 ? 'is' : 'are'} proposed as due, four fifths of it.`;
  return { subject: about, windowMs, windows, fromMs, toMs, usual, proposed, words };
}

/** No whole window lies in its past: in one there will be no fewer than in the fullest part of one. */
function ofParts({ subject: about, windowMs }: RateQuery, most: number): RateView {
  const proposed = dueOf(most);
  const words = `${about} has not spoken for a whole window of ${formatDuration(windowMs)} yet: ${countOf(most, 'statement')} in a part of one; ${proposed} ${proposed === 1 ? 'is' : 'are'} proposed as due.`;
  return { subject: about, windowMs, windows: 0, proposed, words };
}

const dueOf = (usual: number): number => Math.max(1, Math.floor((usual * DUE_PARTS[0]) / DUE_PARTS[1]));

function medianOf(counts: readonly number[]): number {
  const sorted = counts.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const [low, high] = [sorted[sorted.length % 2 === 1 ? middle : middle - 1], sorted[middle]] as [number, number];
  return (low + high) / 2;
}

/** A question about its readings that count: finite numbers, texts of quantities without a unit where texts do. */
function asked<T extends Row>(
  store: Store,
  { subject: about, quantities, texts }: RateQuery,
  sql: string,
  values: readonly unknown[] = [],
): Promise<T[]> {
  const names = quantities?.split(',') ?? [];
  const place = values.length + 2;
  const named = names.length === 0 ? '' : ` AND quantity IN (${names.map((_, i) => `$${place + i}`).join(', ')})`;
  const said = `SELECT event_ms, leaf FROM readings JOIN streams USING (stream)
      WHERE subject = $1 AND isfinite(value)${named}${
        texts
          ? ` UNION ALL SELECT event_ms, leaf FROM texts JOIN streams USING (stream)
      WHERE subject = $1 AND unit = '' AND value <> ''${named}`
          : ''
      }`;
  return store.query<T>(`WITH said AS (${said}) ${sql}`, [about, ...values, ...names]);
}
