// Alerts, and what people did about them: sealed in the log.
import type { OpenAPIHono } from '@hono/zod-openapi';
import { z } from '@hono/zod-openapi';
import type { Node } from '../../node.ts';
import { hex32, idOrPrefix, text } from '../schema.ts';
import { alertFilter, alertPageSchema } from '../views/alerts.ts';
import { idOf } from './ids.ts';
import { get, post } from './route.ts';

const said = {
  code: text(40),
  status: z.enum(['acknowledged', 'resolved']),
  by: text(100),
  note: z.string().max(500).default(''),
};

export function alertRoutes(api: OpenAPIHono, node: Node): void {
  get(
    api,
    '/alerts',
    { about: 'Alerts; one that goes on is one.', fields: alertFilter, answer: alertPageSchema },
    (given) => node.views.alerts(given),
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
