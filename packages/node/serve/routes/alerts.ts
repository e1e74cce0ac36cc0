// Alerts, and what people did about them: sealed in the log.
import type { OpenAPIHono } from '@hono/zod-openapi';
import { z } from '@hono/zod-openapi';
import type { Node } from '../../node.ts';
import { hex32, idOrPrefix, limit, subject, text, timeMs } from '../schema.ts';
import { alertFilter, alertPageSchema } from '../views/alerts.ts';
import { idOf } from './ids.ts';
import { get, post } from './route.ts';

const said = {
  code: text(40),
  status: z.enum(['acknowledged', 'resolved']),
  by: text(100),
  note: z.string().max(500).default(''),
};

const silencesSchema = z
  .object({
    total: z.int().openapi({ description: 'How many are silent or without a usable value.' }),
    watched: z.int().openapi({ description: 'How many things are listened for.' }),
    left: z.int().openapi({ description: 'Statements of things that are not, because there are too many.' }),
    common: z
      .object({ sinceMs: timeMs, reason: z.string() })
      .optional()
      .openapi({ description: 'What is so of all of them: nothing can come in, or most are silent.' }),
    items: z.array(
      z
        .object({
          subject: z.string(),
          code: z.enum(['silent', 'no-value']),
          sinceMs: timeMs.openapi({ description: 'When it came last with a usable value.' }),
          usualMs: z.number().optional().openapi({ description: 'How long it is usually quiet; absent: not known.' }),
          reason: z.string(),
        })
        .openapi('Silence'),
    ),
  })
  .openapi('Silences');

export function alertRoutes(api: OpenAPIHono, node: Node): void {
  get(
    api,
    '/alerts',
    { about: 'Alerts; one that goes on is one.', fields: alertFilter, answer: alertPageSchema },
    (given) => node.views.alerts(given),
  );
  get(
    api,
    '/silences',
    {
      about:
        'Things that used to speak and are silent, or have no usable value any more; longest first. What this node hears now: none of it is sealed.',
      fields: { limit },
      answer: silencesSchema,
    },
    (given) => ({
      ...(node.silences?.counts ?? { total: 0, watched: 0, left: 0 }),
      common: node.silences?.common,
      items: node.silences?.list(given.limit) ?? [],
    }),
  );
  post(
    api,
    '/silences/dismiss',
    {
      about: 'Says that nothing more is expected of a thing, until it speaks again.',
      params: {},
      body: { subject },
      answer: z.object({ subject: z.string() }),
    },
    ({ subject: about }) => (node.silences?.dismiss([about]) ? { subject: about } : undefined),
  );
  const answer = z.object({ decision: hex32, code: z.string(), status: said.status });
  post(
    api,
    '/alerts/:id/status',
    { about: 'What was done about an alert, by its newest decision.', params: { id: idOrPrefix }, body: said, answer },
    async ({ id, ...what }) => {
      const decision = await idOf(node, id, 'decision');
      await node.decisions.alertStatus(decision, what);
      return { decision, code: what.code, status: what.status };
    },
  );
}
