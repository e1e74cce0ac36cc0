// What anyone can check without this node.
import type { OpenAPIHono } from '@hono/zod-openapi';
import { z } from '@hono/zod-openapi';
import { fromHex, TrineError } from '@trine/protocol';
import type { Node } from '../../node.ts';
import { get, hex32 } from './route.ts';

export function proofRoutes(api: OpenAPIHono, node: Node): void {
  const { log } = node;
  get(
    api,
    '/evidence/:id',
    'Evidence of a statement, a decision, a row or a payment.',
    { id: hex32 },
    async (given, c) => {
      const file = await node.evidence(fromHex(given.id));
      return c.body(file.slice().buffer, 200, {
        'content-type': 'application/vnd.trine.evidence+cbor',
        'content-disposition': `attachment; filename="${given.id.slice(0, 16)}.trine"`,
      });
    },
  );
  const leaf = z.coerce.number().int().min(0);
  get(api, '/receipt/:leaf', 'A C2SP tlog-proof of a leaf.', { leaf }, async (given, c) => {
    if (given.leaf >= log.durableSize) throw new TrineError('not-found', 'There is no such leaf.');
    await log.waitForCheckpoint(given.leaf + 1);
    return c.text(await log.receipt(given.leaf));
  });
}
