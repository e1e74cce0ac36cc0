// What anyone can check without this node.
import type { OpenAPIHono } from '@hono/zod-openapi';
import { z } from '@hono/zod-openapi';
import { fromHex, TrineError } from '@trine/protocol';
import type { Node } from '../../node.ts';
import { idOrPrefix } from '../schema.ts';
import { idOf } from './ids.ts';
import { getFile } from './route.ts';

export function proofRoutes(api: OpenAPIHono, node: Node): void {
  getFile(
    api,
    '/evidence/:id',
    {
      about: 'The evidence file of a statement, a decision, a row or a payment.',
      fields: { id: idOrPrefix },
      answer: 'application/vnd.trine.evidence+cbor',
    },
    async (given, c) => {
      const id = await idOf(node, given.id);
      const file = await node.evidence(fromHex(id));
      return c.body(file.slice().buffer, 200, {
        'content-type': 'application/vnd.trine.evidence+cbor',
        'content-disposition': `attachment; filename="${id.slice(0, 16)}.trine"`,
        'content-length': String(file.length),
      });
    },
  );
}

/** Answered at the same time: they need no token, and each may search the tables and wait for a checkpoint. */
const RECEIPTS_MAX = 16;

/** Receipts, for everyone: the log is public, and so is what is in it. */
export function receiptRoutes(api: OpenAPIHono, { log, store }: Node): void {
  let asked = 0;
  const of = z
    .string()
    .regex(/^(?:[0-9a-f]{64}|\d{1,15})$/, 'the id of a statement or a payment, 64 hex digits, or the number of a leaf')
    .openapi({ description: 'Id of a statement or a payment, 64 hex digits, or number of a leaf.' });
  getFile(
    api,
    '/receipts/:of',
    { about: 'A C2SP tlog-proof.', fields: { of }, answer: 'text/plain', isPublic: true },
    async ({ of: given }, c) => {
      if (asked >= RECEIPTS_MAX) throw new TrineError('busy', 'Many ask for receipts: ask again in a moment.');
      asked++;
      try {
        const leaf = given.length === 64 ? await leafOf(store, given) : Number(given);
        if (leaf === undefined || leaf >= log.durableSize)
          throw new TrineError('not-found', 'There is no such leaf in this log.');
        await log.waitForCheckpoint(leaf + 1);
        return c.text(await log.receipt(leaf));
      } finally {
        asked--;
      }
    },
  );
}

async function leafOf(store: Node['store'], id: string): Promise<number | undefined> {
  const [row] = await store.query<{ leaf: number | null }>(
    'SELECT min(leaf) AS leaf FROM (SELECT leaf, id FROM statements UNION ALL SELECT leaf, digest FROM intents) WHERE id = $1',
    [fromHex(id)],
  );
  return row?.leaf ?? undefined;
}
