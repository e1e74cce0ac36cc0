// Readings: for a plot, as they came, as a file, and what is to come.

import { Readable } from 'node:stream';
import type { OpenAPIHono } from '@hono/zod-openapi';
import { z } from '@hono/zod-openapi';
import { csvCell } from '@trine/protocol';
import { ForecastJobs } from '../../jobs/forecast.ts';
import type { Node } from '../../node.ts';
import { timeGiven, timeMs } from '../schema.ts';
import { rateFilter, rateSchema } from '../views/rate.ts';
import { type ReadingView, readingExport, readingFilter, readingPageSchema, seriesSchema } from '../views/readings.ts';
import { get, getFile } from './route.ts';

const stream = z.coerce.number().int().min(0);
const points = z.coerce.number().int().min(2).max(5_000).default(500);
const numbers = z.array(z.number());

const forecastSchema = z
  .object({
    stream: z.int(),
    intervalMs: z.int(),
    pastMs: z.array(timeMs),
    past: z
      .array(z.number().nullable())
      .openapi({ description: 'The last values it was made from; null for a missing one.' }),
    timeMs: z.array(timeMs),
    point: numbers,
    intervals: z.array(z.object({ level: z.number(), low: numbers, high: numbers })),
    methods: z.string().openapi({ description: 'The methods it came to use, in words.' }),
    model: z.string(),
  })
  .openapi('Forecast', { description: 'Advice, appended nowhere.' });

export function readingRoutes(api: OpenAPIHono, node: Node): void {
  const { views } = node;
  get(
    api,
    '/series',
    {
      about: 'A stream over time, in buckets; silence is marked.',
      fields: { stream, from: timeGiven, to: timeGiven, points },
      answer: seriesSchema,
    },
    (given) => views.series(given),
  );
  get(
    api,
    '/readings',
    { about: 'Readings of a thing as they came, by event time.', fields: readingFilter, answer: readingPageSchema },
    (given) => views.readings(given),
  );
  get(
    api,
    '/rate',
    {
      about: 'How often a thing speaks with a usable value, and how many statements of it to agree on as due.',
      fields: rateFilter,
      answer: rateSchema,
    },
    (given) => views.rate(given),
  );
  getFile(
    api,
    '/readings.csv',
    {
      about:
        'Readings of a thing as a table, oldest first: all that the log has by now. A text that a spreadsheet would compute has a quote before it.',
      fields: readingExport,
      answer: 'text/csv',
    },
    async (given, c) => {
      await node.runner.waitFor(node.log.durableSize);
      const name = given.subject.replaceAll(/[^A-Za-z0-9._-]/g, '-');
      // As bytes: a body of texts cannot be read to its end by whoever keeps to the Fetch standard.
      const rows = Readable.toWeb(Readable.from(csvOf(views.allReadings(given)), { objectMode: false }));
      return c.body(rows as ReadableStream, 200, {
        'content-type': 'text/csv; charset=utf-8',
        'content-disposition': `attachment; filename="${name}.csv"`,
      });
    },
  );
  const jobs = new ForecastJobs(node.store);
  const steps = z.coerce.number().int().min(1).max(336).optional();
  get(
    api,
    '/forecast',
    { about: 'What a stream will say: advice. One at a time.', fields: { stream, steps }, answer: forecastSchema },
    (given) => jobs.forecast(given.stream, given.steps),
  );
}

/** Bytes: the body of an answer is made of nothing else, nor is what can be compressed. */
async function* csvOf(pages: AsyncIterable<readonly ReadingView[]>): AsyncGenerator<Uint8Array> {
  const utf8 = new TextEncoder();
  yield utf8.encode('time,quantity,unit,value,leaf\r\n');
  for await (const page of pages) yield utf8.encode(page.map(lineOf).join(''));
}

function lineOf({ timeMs: ms, quantity, unit, value, leaf }: ReadingView): string {
  const cells = [new Date(ms).toISOString(), csvCell(quantity), csvCell(unit), csvCell(value), String(leaf)];
  return `${cells.join(',')}\r\n`;
}
