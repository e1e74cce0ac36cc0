// The chain, for everyone: JSON-RPC within the bounds of the ledger's public interface.
import { getConnInfo } from '@hono/node-server/conninfo';
import type { Chain } from '@trine/ledger/chain.ts';
import { type PublicRpcLimits, publicRpc } from '@trine/ledger/public-rpc.ts';
import { TrineError } from '@trine/protocol';
import { type Context, Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { errorAnswer } from '../../error-answer.ts';

/** A signed transaction has at most 128 kB, twice that in hex. */
const BODY_BYTES_MAX = 300_000;

/** `POST /`: JSON-RPC 2.0, one request or a batch. */
export function chainRoutes(chain: Chain, limits?: Partial<PublicRpcLimits>): Hono {
  const rpc = publicRpc(chain, limits);
  const app = new Hono();
  const error = new TrineError('too-large', `A body has at most ${BODY_BYTES_MAX} bytes.`);
  const tooLarge = (c: Context) => c.json(errorAnswer(error), 413);
  app.post('/', bodyLimit({ maxSize: BODY_BYTES_MAX, onError: tooLarge }), async (c) => {
    const reply = await rpc({
      client: addressOf(c),
      contentType: c.req.header('content-type'),
      body: await c.req.text(),
    });
    const headers = {
      'content-type': 'application/json',
      ...(reply.retryAfterS !== undefined && { 'retry-after': String(reply.retryAfterS) }),
    };
    return c.body(reply.body, reply.status, headers);
  });
  return app;
}

/** Of the other end of the connection: behind a proxy all its clients count as one. */
function addressOf(c: Context): string {
  // Without a connection (in tests) there is nothing to tell clients apart by.
  return c.env?.incoming === undefined ? '' : (getConnInfo(c).remote.address ?? '');
}
