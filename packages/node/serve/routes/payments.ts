import type { OpenAPIHono } from '@hono/zod-openapi';
import { fromHex } from '@trine/protocol';
import type { Node } from '../../node.ts';
import { get, hex32, limit } from './route.ts';

export function paymentRoutes(api: OpenAPIHono, { views }: Node): void {
  get(api, '/payments', 'Payments, newest first.', { limit }, (given) => views.payments(given.limit));
  get(api, '/payments/:id', 'A payment.', { id: hex32 }, ({ id }) => views.payment(fromHex(id)));
}
