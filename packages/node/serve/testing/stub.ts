// The HTTP interface over hardly a node: who may ask, under which paths, and what is documented need no more.
import type { OpenAPIHono } from '@hono/zod-openapi';
import type { HttpTransport } from '../../ingest/transports/http.ts';
import type { Node } from '../../node.ts';
import { createApi } from '../app.ts';

export const token = 'a'.repeat(32);
export const totals = { decisions: 1, verdicts: [], advice: 0, held: 0, ordered: 0, paid: 0 } as const;

/** @param parts of the node that are there */
export function stubApi(parts: object = {}, webRoot = '/nowhere'): OpenAPIHono {
  const node = {
    settings: { host: '127.0.0.1', home: '/nowhere' },
    genesis: { keys: { token }, network: { name: 'n' }, chain: { clock: { now: () => 0 } } },
    views: { totals: async () => totals, decision: async () => undefined },
    logger: { error: () => undefined },
    log: {
      durableSize: 8,
      checkpoint: { note: 'checkpoint' },
      vkey: 'vkey',
      waitForCheckpoint: async () => undefined,
      receipt: async (leaf: number) => `receipt of ${leaf}`,
    },
    domains: { all: () => [] },
    events: { refusals: [] },
    store: { query: async () => [{ leaf: 7 }] },
    runner: { waitFor: async () => undefined },
    ...parts,
  };
  return createApi({
    node: node as unknown as Node,
    webRoot,
    version: '9',
    http: { receive: async () => new Response('taken') } as unknown as HttpTransport,
  });
}

/** The document as it stands in the repository. */
export async function documentText(): Promise<string> {
  const response = await stubApi().request('http://127.0.0.1/openapi.json', { headers: { host: '127.0.0.1' } });
  return `${JSON.stringify(await response.json(), undefined, 2)}\n`;
}
