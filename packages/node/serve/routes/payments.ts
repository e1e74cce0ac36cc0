// Payments: what was ordered, and what the chain paid.
import type { OpenAPIHono } from '@hono/zod-openapi';
import { toHex } from '@trine/protocol';
import type { Node } from '../../node.ts';
import { idOrPrefix } from '../schema.ts';
import { paymentFilter, paymentPageSchema, paymentSchema } from '../views/payments.ts';
import { idBytesOf } from './ids.ts';
import { get } from './route.ts';

export function paymentRoutes(api: OpenAPIHono, node: Node): void {
  const { views } = node;
  get(
    api,
    '/payments',
    { about: 'Payments, with sums over the whole filter.', fields: paymentFilter, answer: paymentPageSchema },
    ({ party, ...given }) =>
      views.payments({ ...given, ...(party !== undefined && { agreements: agreementsOf(node, party) }) }),
  );
  get(
    api,
    '/payments/:id',
    { about: 'A payment.', fields: { id: idOrPrefix }, answer: paymentSchema },
    async ({ id }) => views.payment(await idBytesOf(node, id, 'payment')),
  );
}

/** Ids of the agreements to which somebody of this name or address is a party. */
function agreementsOf({ policies }: Node, party: string): string[] {
  const wanted = party.toLowerCase();
  return policies
    .agreements()
    .filter(({ policy }) =>
      policy.parties.some(({ name, address }) => [name.toLowerCase(), address.toLowerCase()].includes(wanted)),
    )
    .map(({ id }) => toHex(id));
}
