// Statements by POST, and payments that wait for other deciders.
import type { HttpBindings } from '@hono/node-server';
import type { OpenAPIHono } from '@hono/zod-openapi';
import { z } from '@hono/zod-openapi';
import type { HttpTransport } from '../../ingest/transports/http.ts';
import type { Node } from '../../node.ts';
import { plain } from '../plain.ts';
import { hex32, type Immutable } from '../schema.ts';
import { describe, get } from './route.ts';

const intentSchema = z
  .object({
    digest: hex32,
    decision: hex32,
    intent: z.record(z.string(), z.unknown()).openapi({ description: 'As the contract has it (EIP-712).' }),
    signatures: z.int(),
    quorum: z.int(),
    rows: z
      .string()
      .optional()
      .openapi({ description: 'Of a batch: its rows as they are to be published, 12 bytes each, 0x-hex.' }),
  })
  .openapi('UnsignedIntent');

export function statementRoutes(api: OpenAPIHono, { settler }: Node, http: HttpTransport): void {
  describe(api, 'post', '/statements', {
    about: 'Hands in statements: a CBOR sequence of deliveries. The answer is the signed acknowledgement.',
    fields: {},
    takes: 'application/cbor-seq',
    answer: 'application/cbor',
    also: { 429: 'The same: too much of this connection.', 503: 'The same: too much in all.' },
    isPublic: true,
  });
  api.post('/statements', (c) => http.receive(c.req.raw, (c.env as HttpBindings).incoming.socket));
  get(
    api,
    '/intents',
    { about: 'Payments that still need signatures.', fields: {}, answer: z.array(intentSchema) },
    async () => plain(await settler.unsigned()) as Immutable<z.infer<typeof intentSchema>>[],
  );
}
