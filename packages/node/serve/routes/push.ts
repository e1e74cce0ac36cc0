// What systems push by HTTP: each connector has an address with a secret of its own, good for nothing else.
import { gunzipSync } from 'node:zlib';
import { MappingError } from '@trine/mapping/message/error.ts';
import { limits, TrineError } from '@trine/protocol';
import type { Context, Hono, MiddlewareHandler } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import type { Node } from '../../node.ts';

const METHODS = ['POST', 'PUT', 'PATCH'];
/** Requests that are being sealed at once. */
const UNDER_WAY_MAX = 1_000;

export function pushRoutes(app: Pick<Hono, 'on'>, node: Node): void {
  let underWay = 0;
  const large = () => {
    throw new TrineError('too-large', `A request has at most ${limits.bodyBytesMax} bytes: send several.`);
  };
  const addressed: MiddlewareHandler = async (c, next) => {
    // A stranger's request is not read, and takes nobody's place.
    const { connector = '', secret = '' } = c.req.param() as Record<string, string>;
    node.connectors.running.pushedTo(connector, secret);
    if (underWay >= UNDER_WAY_MAX)
      throw new TrineError('overloaded', 'Too much is being sealed: send it again in a moment.');
    underWay++;
    try {
      await next();
    } finally {
      underWay--;
    }
  };
  app.on(
    METHODS,
    '/push/:connector/:secret/:path{.*}?',
    addressed,
    bodyLimit({ maxSize: limits.bodyBytesMax, onError: large }),
    (c: Context) => take(node, c),
  );
}

async function take({ connectors, plain }: Node, c: Context): Promise<Response> {
  const { connector = '', secret = '', path = '' } = c.req.param();
  const body = unpacked(await c.req.arrayBuffer(), c.req.header('content-encoding'));
  const { messages, answer } = read(() =>
    connectors.running.pushedTo(connector, secret).messages({
      ...{ method: c.req.method, path, query: new URL(c.req.url).searchParams },
      headers: c.req.raw.headers,
      body,
    }),
  );
  // Answered once all of it is sealed, or counted as what can be no reading: until then the sender keeps it.
  await Promise.all(messages.map((message) => plain.take({ ...message, connector })));
  const headers = answer.contentType === undefined ? {} : { 'content-type': answer.contentType };
  return new Response(answer.body ?? null, { status: answer.status, headers });
}

/** Telegraf and others pack what they push. @throws TrineError `too-large` or `invalid` */
function unpacked(body: ArrayBuffer, encoding: string | undefined): Uint8Array {
  if (encoding === undefined || encoding === 'identity') return new Uint8Array(body);
  if (encoding !== 'gzip') throw new TrineError('invalid', 'A request is packed with gzip, or not at all.');
  try {
    return new Uint8Array(gunzipSync(body, { maxOutputLength: limits.bodyBytesMax }));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE')
      throw new TrineError('too-large', `A request has at most ${limits.bodyBytesMax} bytes, unpacked: send several.`);
    throw new TrineError('invalid', 'The request says that it is packed with gzip, and is not.');
  }
}

/** @throws TrineError `invalid`, for whoever pushed */
function read<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof MappingError) throw new TrineError('invalid', error.message);
    throw error;
  }
}
