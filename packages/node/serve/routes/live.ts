// What happens now, as server-sent events (HTML Living Standard §9.2): rows as they were committed, and of the overview
// what changed.
import { isDeepStrictEqual } from 'node:util';
import { type OpenAPIHono, z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { streamSSE } from 'hono/streaming';
import type { Node } from '../../node.ts';
import { eventSchemas } from '../events.ts';
import { type Overview, overviewOf, overviewSchema } from './overview.ts';
import { getFile } from './route.ts';

const OVERVIEW_MS = 1_000;
/** More than a reader who comes back may have missed. */
const WAITING_MAX = 5_000;

/** Members that did not change are left out; null: there is none any more. */
const overviewChange = z
  .object(
    Object.fromEntries(
      Object.entries(overviewSchema.shape).map(([name, schema]) => [name, schema.nullable().optional()]),
    ),
  )
  .openapi('OverviewChange', { description: 'Members of the overview that changed; null: there is none any more.' });

const id = z.string().openapi({ description: 'Give the newest as Last-Event-ID, or `since`, to go on from there.' });
const liveSchema = z
  .union([
    z.object({ event: z.literal('overview'), data: overviewChange }),
    ...Object.entries(eventSchemas).map(([event, data]) => z.object({ event: z.literal(event), id, data })),
  ])
  .openapi('LiveEvent', { description: 'An event of the stream; `data` comes as one line of JSON.' });

export function liveRoutes(api: OpenAPIHono, node: Node, version: string): void {
  api.openAPIRegistry.register('LiveEvent', liveSchema);
  getFile(
    api,
    '/events',
    {
      about:
        'Live events, each a LiveEvent: first the whole overview, then what changes. With the id of the last event known, what was missed comes first, or `reload` where it cannot be told.',
      fields: { since: z.string().max(40).optional().openapi({ description: 'Instead of the header Last-Event-ID.' }) },
      answer: 'text/event-stream',
    },
    ({ since }, c) => liveEvents(c, node, c.req.header('last-event-id') ?? since, () => overviewOf(node, version)),
  );
}

interface Waiting {
  readonly event: string;
  readonly data: string;
  readonly id?: string;
}

/** A listener that is too slow misses some, and is told to ask for the lists again. */
function liveEvents(c: Context, node: Node, since: string | undefined, overview: () => Overview): Response {
  const { events } = node;
  return streamSSE(c, async (stream) => {
    const waiting: Waiting[] = [];
    let wake: () => void = () => undefined;
    let open = true;
    const push = (event: string, data: unknown, number?: string) => {
      if (waiting.length >= WAITING_MAX)
        waiting.splice(0, waiting.length, { event: 'reload', data: '{}', id: events.id });
      waiting.push({ event, data: JSON.stringify(data), ...(number !== undefined && { id: number }) });
      wake();
    };
    for (const { event, data, id: number } of since === undefined ? [] : events.since(since)) push(event, data, number);
    const stop = events.listen(({ event, data, id: number }) => push(event, data, number));
    const change = overviewChanges(overview);
    const look = () => {
      const changed = change();
      if (Object.keys(changed).length > 0) push('overview', changed);
    };
    const timer = node.timers.setInterval(look, OVERVIEW_MS);
    stream.onAbort(() => {
      open = false;
      wake();
    });
    look();
    try {
      while (open) {
        const next = waiting.shift();
        if (next) await stream.writeSSE(next);
        else
          await new Promise<void>((resolve) => {
            wake = resolve;
          });
      }
    } finally {
      timer.cancel();
      stop();
    }
  });
}

/** @returns what changed since the last call; at first, all of it */
function overviewChanges(overview: () => Overview): () => Record<string, unknown> {
  let known: Readonly<Record<string, unknown>> = {};
  let counting = true;
  return () => {
    const now: Readonly<Record<string, unknown>> = { ...overview() };
    const changed: Record<string, unknown> = {};
    for (const name of new Set([...Object.keys(known), ...Object.keys(now)]))
      if (!isDeepStrictEqual(known[name], now[name])) changed[name] = now[name] ?? null;
    // Once more after it stopped changing: who counts by the second sees that nothing came.
    const counts = Object.hasOwn(changed, 'ingest');
    if (!counts && counting) changed.ingest = now.ingest;
    counting = counts;
    known = now;
    return changed;
  };
}
