// Ids by their beginning, as people copy them.
import type { OpenAPIHono } from '@hono/zod-openapi';
import { z } from '@hono/zod-openapi';
import { fromHex, TrineError, toHex } from '@trine/protocol';
import type { Node } from '../../node.ts';
import { hex32, idOrPrefix } from '../schema.ts';
import { idRange } from '../views/page.ts';
import { get } from './route.ts';

const kinds = ['decision', 'payment', 'row', 'statement'] as const;
type Kind = (typeof kinds)[number];

const found = z.object({ id: hex32, kind: z.enum(kinds) });
const CANDIDATES_MAX = 20;

/** Where ids of a kind stand. */
const columns: Readonly<Record<Kind, string>> = {
  decision: 'SELECT decision AS id FROM decisions',
  payment: 'SELECT digest AS id FROM intents',
  row: 'SELECT statement AS id FROM rows',
  statement: 'SELECT id FROM statements',
};

export function idRoutes(api: OpenAPIHono, node: Node): void {
  get(
    api,
    '/ids/:prefix',
    {
      about: `What has an id that begins so: at most ${CANDIDATES_MAX}.`,
      fields: { prefix: idOrPrefix },
      answer: z.object({ items: z.array(found) }).openapi('Ids'),
    },
    async ({ prefix }) => ({ items: await candidates(node, prefix, kinds) }),
  );
}

/** Of each kind, each id once; a line has the id of its statement and is named as a line. */
async function candidates(
  { store }: Node,
  prefix: string,
  wanted: readonly Kind[],
): Promise<{ id: string; kind: Kind }[]> {
  const [low, high] = idRange(prefix);
  const selects = wanted.map(
    (kind, i) => `SELECT DISTINCT id, ${i} AS kind FROM (${columns[kind]}) WHERE id >= $1 AND id <= $2`,
  );
  const rows = await store.query<{ id: Uint8Array; kind: number }>(
    `SELECT id, min(kind) AS kind FROM (${selects.join(' UNION ALL ')}) GROUP BY id ORDER BY id LIMIT ${CANDIDATES_MAX}`,
    [low, high],
  );
  return rows.map(({ id, kind }) => ({ id: toHex(id), kind: wanted[kind] as Kind }));
}

/**
 * The whole id that a beginning stands for.
 * @param wanted of which kinds; by default of any
 * @throws TrineError `ambiguous` with the candidates, or `not-found`
 */
export async function idOf(node: Node, given: string, ...wanted: readonly Kind[]): Promise<string> {
  if (given.length === 64) return given;
  const all = await candidates(node, given, wanted.length === 0 ? kinds : wanted);
  const [only, ...others] = all;
  if (only === undefined)
    throw new TrineError('not-found', `No ${wanted[0] ?? 'thing'} has an id that begins with ${given}.`);
  if (others.length > 0)
    throw new TrineError('ambiguous', `${all.length} ids begin with ${given}: give more digits.`, {
      facts: Object.fromEntries(all.map(({ id, kind }) => [id, kind])),
    });
  return only.id;
}

/** The same as bytes. */
export async function idBytesOf(node: Node, given: string, ...wanted: readonly Kind[]): Promise<Uint8Array> {
  return fromHex(await idOf(node, given, ...wanted));
}
