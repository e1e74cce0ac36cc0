// Alerts, and what people did about them: sealed in the log.
import type { OpenAPIHono } from '@hono/zod-openapi';
import { z } from '@hono/zod-openapi';
import type { Node } from '../../node.ts';
import { get, idIn, limit, post, text } from './route.ts';

const status = {
  code: text(40),
  status: z.enum(['acknowledged', 'resolved']),
  by: text(100),
  note: z.string().max(500).default(''),
};

export function alertRoutes(api: OpenAPIHono, { views, decisions }: Node): void {
  get(api, '/alerts', 'Alerts, newest first; one that goes on is one.', { limit }, (given) =>
    views.alerts(given.limit),
  );
  post(api, '/alerts/:id/status', 'What was done about an alert, by its newest decision.', status, async (said, c) => {
    await decisions.alertStatus(idIn(c), said);
    return { decision: idIn(c), code: said.code, status: said.status };
  });
}
