// Statements by POST, and payments that other deciders sign here.
import type { HttpBindings } from '@hono/node-server';
import type { OpenAPIHono } from '@hono/zod-openapi';
import { z } from '@hono/zod-openapi';
import { fromHex } from '@trine/protocol';
import type { HttpTransport } from '../../ingest/transports/http.ts';
import type { Node } from '../../node.ts';
import { plain } from '../plain.ts';
import { get, idBytes, post } from './route.ts';

export function statementRoutes(api: OpenAPIHono, { settler }: Node, http: HttpTransport): void {
  api.post('/statements', (c) => http.receive(c.req.raw, (c.env as HttpBindings).incoming.socket));
  get(api, '/intents', 'Payments that still need signatures.', {}, async () => plain(await settler.unsigned()));
  const signature = z.string().regex(/^0x[0-9a-f]{130}$/, '65 bytes as 0x-hex');
  post(api, '/intents/:id/signatures', 'A decider’s signature over a payment.', { signature }, async (given, c) => {
    await settler.addSignature(idBytes(c), fromHex(given.signature));
    return { taken: true };
  });
}
