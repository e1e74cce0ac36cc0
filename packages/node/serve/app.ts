// HTTP: the log and the network document for everyone, everything else with the token of this installation.
import { createHash, timingSafeEqual } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join, normalize } from 'node:path';
import type { HttpBindings } from '@hono/node-server';
import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi';
import { readAgreement } from '@trine/ledger/agreements.ts';
import { publicRpc } from '@trine/ledger/public-rpc.ts';
import { logRoutes } from '@trine/log/serve.ts';
import { assuranceClasses, didKey, FormatError, fromHex, hexOf, isSubject, parseDidKey, toHex } from '@trine/protocol';
import type { Context, MiddlewareHandler } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { HTTPException } from 'hono/http-exception';
import { secureHeaders } from 'hono/secure-headers';
import { streamSSE } from 'hono/streaming';
import { NoEvidenceError } from '../evidence/build.ts';
import { type HttpTransport, openHttpTransport } from '../ingest/transports/http.ts';
import { ForecastJobs } from '../jobs/forecast.ts';
import { faults, noteFault } from '../last-resort.ts';
import type { Node } from '../node.ts';
import { entryRefusal } from './host.ts';
import { metricsText } from './metrics.ts';
import { modelRoutes } from './routes/models.ts';
import { replayRoutes } from './routes/replay.ts';
import { ingestCounts, logFacts } from './views.ts';

const hex32 = z.string().regex(/^[0-9a-f]{64}$/, 'an id of 64 hex digits');
const limit = z.coerce.number().int().min(1).max(1_000).default(100);
const subject = z.string().refine(isSubject, 'a subject: 1 to 128 of A-Z a-z 0-9 : . _ ~ / -');

/** Everything the node answers over HTTP. @param webRoot folder of the built console */
export function createApi(
  node: Node,
  webRoot: string,
  version: string,
  http: HttpTransport = openHttpTransport({ ingest: node.ingest, address: '' }),
): OpenAPIHono {
  const app = new OpenAPIHono({
    defaultHook: (result, c) =>
      result.success
        ? undefined
        : c.json({ error: result.error.issues.map((i) => `${i.path.join('.')}: ${i.message}`).join('; ') }, 400),
  });
  app.use(
    secureHeaders({
      contentSecurityPolicy: {
        defaultSrc: ["'self'"],
        styleSrc: ["'self'", "'unsafe-inline'"],
        imgSrc: ["'self'", 'data:', 'blob:'],
        objectSrc: ["'none'"],
        frameAncestors: ["'none'"],
        baseUri: ["'none'"],
      },
    }),
  );
  app.use(admitted(node.settings.host));
  app.onError((error, c) => {
    if (error instanceof FormatError || error instanceof RangeError) return c.json({ error: error.message }, 400);
    if (error instanceof HTTPException) return c.json({ error: error.message || 'Not possible.' }, error.status);
    if (error instanceof SyntaxError) return c.json({ error: 'Send JSON.' }, 400);
    noteFault(error, `${c.req.method} ${c.req.routePath}`);
    return c.json({ error: 'This went wrong on the node. Its log says more.' }, 500);
  });
  app.notFound((c) => c.json({ error: `There is nothing at ${c.req.path}.` }, 404));
  publicRoutes(app, node);
  app.use('/api/*', bearer(node.genesis.keys.token));
  app.use('/metrics', bearer(node.genesis.keys.token));
  app.get('/metrics', (c) => c.text(metricsText(node), 200, { 'content-type': 'text/plain; version=0.0.4' }));
  viewRoutes(app, node, version);
  actionRoutes(app, node, http);
  modelRoutes(app, node);
  replayRoutes(app, node);
  app.get('/api/events', (c) => events(c, node));
  app.doc('/openapi.json', { openapi: '3.1.0', info: { title: 'Trine', version } });
  app.get('*', (c) => staticFile(c, webRoot));
  return app;
}

function admitted(boundHost: string): MiddlewareHandler {
  return async (c, next) => {
    const refusal = entryRefusal({ host: c.req.header('host'), origin: c.req.header('origin'), boundHost });
    if (refusal) return c.json({ error: refusal.message }, refusal.status);
    await next();
  };
}

function bearer(token: string): MiddlewareHandler {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  const expected = digest(`Bearer ${token}`);
  return async (c, next) => {
    if (!timingSafeEqual(digest(c.req.header('authorization') ?? ''), expected))
      return c.json({ error: 'Open the address that the start command printed: it carries the token.' }, 401);
    await next();
  };
}

function publicRoutes(app: OpenAPIHono, node: Node): void {
  app.get('/healthz', (c) => c.json({ status: 'ready', leaves: node.log.durableSize }));
  app.get('/network.json', (c) => c.json(node.genesis.network));
  app.get('/gateway.json', (c) =>
    c.json({
      key: didKey(node.genesis.keys.gateway.publicKey),
      network: node.genesis.network.id,
      mqtt: node.mqtt.address,
    }),
  );
  app.get('/model.json', (c) =>
    c.json(Object.fromEntries(node.domains.map((domain) => [domain.name, domain.model()]))),
  );
  app.route('/log', logRoutes(node.log));
  const rpc = publicRpc(node.genesis.chain);
  app.post('/chain', bodyLimit({ maxSize: 262_144 }), async (c) => c.json(await rpc(await c.req.json())));
}

function viewRoutes(app: OpenAPIHono, node: Node, version: string): void {
  const { views } = node;
  app.get('/api/overview', (c) => c.json({ ...overview(node), version }));
  app.get('/api/devices', async (c) => c.json(await views.devices()));
  app.get('/api/refusals', (c) => c.json(node.events.refusals));
  app.get('/api/agreements', async (c) => c.json(await agreements(node)));
  const list = { limit, subject: subject.optional() };
  const route = <Q extends z.ZodObject>(path: string, query: Q) =>
    createRoute({
      method: 'get',
      path,
      request: { query },
      responses: { 200: { description: 'Rows, newest first.' } },
    });
  app.openapi(route('/api/streams', z.object({ subject })), async (c) =>
    c.json(await views.streams(c.req.valid('query').subject)),
  );
  app.openapi(route('/api/seals', z.object(list)), async (c) => {
    const { limit: count, subject: about } = c.req.valid('query');
    return c.json(await views.seals(count, about));
  });
  app.openapi(route('/api/decisions', z.object(list)), async (c) => {
    const { limit: count, subject: about } = c.req.valid('query');
    return c.json(await views.decisions(count, about));
  });
  app.openapi(route('/api/payments', z.object({ limit })), async (c) =>
    c.json(await views.payments(c.req.valid('query').limit)),
  );
  const time = z.coerce.number().int().optional();
  const series = z.object({
    stream: z.coerce.number().int().min(0),
    from: time,
    to: time,
    points: z.coerce.number().int().min(2).max(5_000).default(500),
  });
  app.openapi(route('/api/series', series), async (c) => {
    const { stream, from, to, points } = c.req.valid('query');
    return c.json(await views.series(stream, from, to, points));
  });
  const desk = new ForecastJobs(node.store);
  const forecast = z.object({
    stream: z.coerce.number().int().min(0),
    steps: z.coerce.number().int().min(1).max(336).optional(),
  });
  app.openapi(route('/api/forecast', forecast), async (c) => {
    const { stream, steps } = c.req.valid('query');
    return c.json(await desk.forecast(stream, steps));
  });
  app.openapi(route('/api/chain', z.object({ subject, keyOwner: z.string().optional() })), (c) => {
    const { subject: about, keyOwner } = c.req.valid('query');
    const chain = node.sequences.get(keyOwner ?? about, about);
    return c.json(
      chain
        ? {
            epoch: chain.epoch,
            seq: chain.headSeq,
            id: Buffer.from(chain.headId, 'latin1').toString('hex'),
            flags: chain.flags,
          }
        : {},
    );
  });
  app.get('/api/totals', async (c) => c.json(await views.totals()));
  app.get('/api/:table{decisions|payments}/:id', async (c) => {
    const id = hex32.safeParse(c.req.param('id'));
    if (!id.success) return c.json({ error: 'Ask with an id of 64 hex digits.' }, 400);
    const bytes = fromHex(id.data);
    const row = c.req.param('table') === 'decisions' ? await views.decision(bytes) : await views.payment(bytes);
    return row ? c.json(row) : c.json({ error: 'Nothing here has this id.' }, 404);
  });
  app.get('/api/evidence/:id', async (c) => {
    const id = hex32.safeParse(c.req.param('id'));
    if (!id.success)
      return c.json({ error: 'Ask with the id of a statement, a decision or a payment: 64 hex digits.' }, 400);
    try {
      const file = await node.evidence(fromHex(id.data));
      return c.body(file.slice().buffer, 200, {
        'content-type': 'application/octet-stream',
        'content-disposition': `attachment; filename="${id.data.slice(0, 16)}.trine"`,
      });
    } catch (error) {
      if (!(error instanceof NoEvidenceError)) throw error;
      return c.json({ error: error.message }, 404);
    }
  });
  app.get('/api/receipt/:leaf', async (c) => {
    const leaf = z.coerce.number().int().min(0).safeParse(c.req.param('leaf'));
    if (!leaf.success || leaf.data >= node.log.durableSize) return c.json({ error: 'There is no such leaf.' }, 404);
    await node.log.waitForCheckpoint(leaf.data + 1);
    return c.text(await node.log.receipt(leaf.data));
  });
}

export function overview(node: Node): Record<string, unknown> {
  const { genesis, log, ingest, ownDevice, settings } = node;
  return {
    network: { id: genesis.network.id, name: genesis.network.name },
    practice: genesis.network.chain.kind === 'practice',
    log: logFacts(log, genesis.origin),
    ingest: ingestCounts(ingest),
    ownDevice: ownDevice && { subject: ownDevice.subject, paused: ownDevice.paused },
    problem: node.settler.problem ?? node.events.problem?.message ?? transportProblem(node),
    transports: node.transports.map(({ name, address, health }) => ({ name, address, ...health })),
    faults: faults.count,
    bridged: node.bridged,
    mqtt: node.mqtt.address,
    chain: { isolation: genesis.chain.isolation, kind: genesis.chain.kind },
    startedMs: node.startedMs,
    deviceIntervalMs: settings.device.intervalMs,
    practiceWindowMs: settings.practice.windowMs,
  };
}

/** A broker to attach to that is down is a problem; ways in that a setting leaves out are none. */
function transportProblem({ mqtt }: Node): string | undefined {
  return mqtt.health.connected ? undefined : mqtt.health.reason;
}

async function agreements(node: Node): Promise<unknown[]> {
  const { chain, contracts } = node.genesis;
  return Promise.all(
    node.decisions.policies.agreements().map(async ({ id, terms }) => {
      const state = await readAgreement(chain, contracts, hexOf(id));
      return { id: toHex(id), terms, paid: Number(state?.paid ?? 0), balance: Number(state?.balance ?? 0) };
    }),
  );
}

const enrolmentBody = z.strictObject({
  key: z.string().max(80),
  subject,
  name: z.string().min(1).max(100),
  class: z.enum(Object.keys(assuranceClasses) as [keyof typeof assuranceClasses]),
  subjects: z
    .array(
      z
        .string()
        .regex(/^(?:[A-Za-z0-9][A-Za-z0-9:._~/-]*\*?|\*)$/)
        .max(128),
    )
    .min(1)
    .max(64)
    .optional(),
});

function actionRoutes(app: OpenAPIHono, node: Node, http: HttpTransport): void {
  app.post('/api/device/:action{pause|resume}', (c) => {
    if (!node.ownDevice) return c.json({ error: 'The own device is switched off in the settings.' }, 409);
    node.ownDevice.paused = c.req.param('action') === 'pause';
    return c.json({ paused: node.ownDevice.paused });
  });
  app.post('/api/devices', bodyLimit({ maxSize: 16_384 }), async (c) => {
    const body = enrolmentBody.safeParse(await c.req.json().catch(() => undefined));
    if (!body.success)
      return c.json({ error: body.error.issues.map((i) => `${i.path.join('.')}: ${i.message}`).join('; ') }, 400);
    const { subject: thing, subjects, ...rest } = body.data;
    parseDidKey(rest.key);
    await node.enrol(thing, { ...rest, subjects: subjects ?? [thing] });
    return c.json({ enrolled: rest.key, subject: thing });
  });
  app.post('/api/devices/revoke', bodyLimit({ maxSize: 16_384 }), async (c) => {
    const body = z
      .strictObject({ key: z.string(), reason: z.string().min(1).max(200) })
      .safeParse(await c.req.json().catch(() => undefined));
    if (!body.success) return c.json({ error: 'Send { key, reason }.' }, 400);
    await node.revoke(body.data.key, body.data.reason);
    return c.json({ revoked: body.data.key });
  });
  app.post('/api/statements', (c) => http.receive(c.req.raw, (c.env as HttpBindings).incoming.socket));
  app.get('/api/intents', async (c) => c.json((await node.settler.unsigned()).map(plainIntent)));
  app.post('/api/intents/:digest/signatures', bodyLimit({ maxSize: 4_096 }), async (c) => {
    const body = z
      .strictObject({ signature: z.string().regex(/^0x[0-9a-f]{130}$/) })
      .safeParse(await c.req.json().catch(() => undefined));
    const digest = hex32.safeParse(c.req.param('digest'));
    if (!body.success || !digest.success) return c.json({ error: 'Send { signature } of 65 bytes as 0x-hex.' }, 400);
    await node.settler.addSignature(fromHex(digest.data), fromHex(body.data.signature));
    return c.json({ taken: true });
  });
}

/** JSON has no bigint: numbers of an intent travel as decimal texts. */
function plainIntent({ intent, ...rest }: Awaited<ReturnType<Node['settler']['unsigned']>>[number]): unknown {
  return { ...rest, intent: Object.fromEntries(Object.entries(intent).map(([name, value]) => [name, String(value)])) };
}

const OVERVIEW_MS = 1_000;
const WAITING_MAX = 500;

/** Live events. A listener that is too slow misses some; tables tell the whole. */
function events(c: Context, node: Node): Response {
  return streamSSE(c, async (stream) => {
    const waiting: { event: string; data: string }[] = [];
    let wake: () => void = () => undefined;
    const push = (event: string, data: unknown) => {
      if (waiting.length >= WAITING_MAX) waiting.shift();
      waiting.push({ event, data: JSON.stringify(data) });
      wake();
    };
    const stop = node.events.listen(({ event, data }) => {
      if (event === 'decisions')
        void node.views.decisions(5).then((rows) => {
          for (const row of rows.reverse()) push('decision', row);
        });
      else if (event === 'payments')
        void node.views.payments(5).then((rows) => {
          for (const row of rows.reverse()) push('payment', row);
        });
      else push(event, data);
    });
    const timer = setInterval(() => push('overview', overview(node)), OVERVIEW_MS);
    let open = true;
    stream.onAbort(() => {
      open = false;
      wake();
    });
    push('overview', overview(node));
    while (open) {
      const next = waiting.shift();
      if (next) await stream.writeSSE(next);
      else
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
    }
    clearInterval(timer);
    stop();
  });
}

const types: Readonly<Record<string, string>> = {
  html: 'text/html; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  css: 'text/css; charset=utf-8',
  svg: 'image/svg+xml',
  png: 'image/png',
  json: 'application/json',
  woff2: 'font/woff2',
  ico: 'image/x-icon',
  webmanifest: 'application/manifest+json',
};

async function staticFile(c: Context, root: string): Promise<Response> {
  const path = normalize(c.req.path === '/' ? '/index.html' : c.req.path);
  if (path.includes('..') || path.includes('\0')) return c.notFound();
  try {
    const file = await readFile(join(root, path));
    const type = types[path.slice(path.lastIndexOf('.') + 1)] ?? 'application/octet-stream';
    const cache = path.startsWith('/assets/') ? 'public, max-age=31536000, immutable' : 'no-cache';
    return c.body(file, 200, { 'content-type': type, 'cache-control': cache });
  } catch (error) {
    if (['ENOENT', 'EISDIR', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) return c.notFound();
    throw error;
  }
}
