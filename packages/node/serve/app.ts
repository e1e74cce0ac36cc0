// HTTP: the log and the network document for everyone, everything else with the token of this installation.
import { createHash, timingSafeEqual } from 'node:crypto';
import { OpenAPIHono } from '@hono/zod-openapi';
import { TrineError } from '@trine/protocol';
import { type Context, Hono, type MiddlewareHandler } from 'hono';
import { except } from 'hono/combine';
import { compress } from 'hono/compress';
import { cors } from 'hono/cors';
import { etag } from 'hono/etag';
import { secureHeaders } from 'hono/secure-headers';
import { type HttpTransport, openHttpTransport } from '../ingest/transports/http.ts';
import type { Node } from '../node.ts';
import { answerError, type ErrorLogger } from './errors.ts';
import { entryRefusal } from './host.ts';
import { metricsText } from './metrics.ts';
import { actRoutes } from './routes/acts.ts';
import { alertRoutes } from './routes/alerts.ts';
import { connectorRoutes } from './routes/connectors.ts';
import { decidingRoutes } from './routes/deciding.ts';
import { decisionRoutes } from './routes/decisions.ts';
import { deviceRoutes } from './routes/devices.ts';
import { domainRoutes } from './routes/domains.ts';
import { heldRoutes } from './routes/held.ts';
import { idRoutes } from './routes/ids.ts';
import { joiningRoutes } from './routes/joining.ts';
import { liveRoutes } from './routes/live.ts';
import { modelRoutes } from './routes/models.ts';
import { mqttRoutes } from './routes/mqtt.ts';
import { overviewRoutes } from './routes/overview.ts';
import { paymentRoutes } from './routes/payments.ts';
import { policyRoutes } from './routes/policies.ts';
import { proofRoutes, receiptRoutes } from './routes/proofs.ts';
import { proposalRoutes } from './routes/proposals.ts';
import { publicRoutes } from './routes/public.ts';
import { pushRoutes } from './routes/push.ts';
import { readingRoutes } from './routes/readings.ts';
import { replayRoutes } from './routes/replay.ts';
import { describe } from './routes/route.ts';
import { statementRoutes } from './routes/statements.ts';
import { staticFile } from './routes/static.ts';
import { VERIFIER_PATH } from './routes/verifier.ts';

/** Of what this version answers; what asks without a version is answered as by the newest. */
const API = '/api/v1';
const API_NEWEST = '/api';
const BASES: readonly string[] = [API, API_NEWEST];

export interface ApiOptions {
  readonly node: Node;
  /** Folder of the built console. */
  readonly webRoot: string;
  readonly version: string;
  readonly logger?: ErrorLogger;
  /** Takes the statements that come by POST. */
  readonly http?: HttpTransport;
}

/** Everything the node answers over HTTP. */
export function createApi({ node, webRoot, version, logger = node.logger, http }: ApiOptions): OpenAPIHono {
  const app = new OpenAPIHono();
  // The verifier brings its own, stricter.
  app.use(except(VERIFIER_PATH, contentSecurity()));
  app.use(admitted(node.settings.host));
  // What answers hold is no secret from who may ask, and tokens come in headers alone: nothing to guess by lengths.
  app.use(compress());
  app.onError((error, c) => answerError(error, c, logger));
  app.notFound((c) => answerError(new TrineError('not-found', `There is nothing at ${c.req.path}.`), c, logger));
  publicRoutes(app, node);
  pushRoutes(app, node);
  const token = bearer(node.genesis.keys.token);
  app.use(`${API_NEWEST}/*`, (c, next) => (needsNoToken(c) ? next() : token(c, next)));
  app.use('/metrics', token);
  describe(app, 'get', '/metrics', { about: 'Prometheus metrics.', fields: {}, answer: 'text/plain' });
  app.get('/metrics', async (c) =>
    c.text(await metricsText(node), 200, { 'content-type': 'text/plain; version=0.0.4' }),
  );
  const api = apiRoutes(node, version, http ?? openHttpTransport({ ingest: node.ingest, address: '' }));
  app.route(API, api);
  // Plain, so that /openapi.json lists each route once.
  app.route(API_NEWEST, new Hono().route('/', api));
  app.openAPIRegistry.registerComponent('securitySchemes', 'token', { type: 'http', scheme: 'bearer' });
  app.doc31('/openapi.json', apiDocument);
  app.get('*', etag(), (c) => staticFile(c, webRoot));
  return app;
}

/** The head of the document; the rest are the operations. */
const apiDocument = {
  openapi: '3.1.0',
  info: {
    title: 'Trine',
    version: '1',
    license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    description:
      'The HTTP interface of a node. Times are milliseconds since 1970, money minor units, ids 64 hex digits. ' +
      'Every answer that is none is a Problem.',
  },
};

function apiRoutes(node: Node, version: string, http: HttpTransport): OpenAPIHono {
  const api = new OpenAPIHono();
  overviewRoutes(api, node, version);
  liveRoutes(api, node, version);
  idRoutes(api, node);
  deviceRoutes(api, node);
  readingRoutes(api, node);
  statementRoutes(api, node, http);
  mqttRoutes(api, node);
  connectorRoutes(api, node);
  policyRoutes(api, node);
  proposalRoutes(api, node);
  joiningRoutes(api, node);
  domainRoutes(api, node);
  decisionRoutes(api, node);
  decidingRoutes(api, node);
  alertRoutes(api, node);
  paymentRoutes(api, node);
  heldRoutes(api, node);
  actRoutes(api, node);
  modelRoutes(api, node);
  replayRoutes(api, node);
  proofRoutes(api, node);
  receiptRoutes(api, node);
  return api;
}

function contentSecurity(): MiddlewareHandler {
  return secureHeaders({
    contentSecurityPolicy: {
      defaultSrc: ["'self'"],
      // WebAssembly, for the sandbox of bundles; no script is made of text.
      scriptSrc: ["'self'", "'wasm-unsafe-eval'"],
      styleSrc: ["'self'", "'unsafe-inline'"],
      imgSrc: ["'self'", 'data:', 'blob:'],
      objectSrc: ["'none'"],
      frameAncestors: ["'none'"],
      baseUri: ["'none'"],
    },
  });
}

/** What pages of any site may read: all that a verifier needs, and nothing that is not public. */
const PUBLIC_READS =
  /^\/(?:log\/(?:checkpoint|vkey|tile\/.+)|domains\/[0-9a-f]{64}\.json|network\.json|model\.json|openapi\.json|api\/(?:v1\/)?receipts\/[^/]+)$/;

/**
 * The host must be right for everyone: under a name that was made point here nothing is answered, public or not. The
 * origin matters for what is not public.
 */
function admitted(boundHost: string): MiddlewareHandler {
  const forEveryone = cors({ origin: '*', allowMethods: ['GET', 'HEAD'] });
  return async (c, next) => {
    const isPublic = ['GET', 'HEAD', 'OPTIONS'].includes(c.req.method) && PUBLIC_READS.test(c.req.path);
    const origin = isPublic ? undefined : c.req.header('origin');
    const refusal = entryRefusal({ host: c.req.header('host'), origin, boundHost });
    if (refusal) throw new TrineError(refusal.status === 400 ? 'invalid' : 'forbidden', refusal.message);
    return isPublic ? forEveryone(c, next) : next();
  };
}

/**
 * Signed statements, acts, ends, accounts that join, and what deciders sign and ask for prove their sender by themselves, a party that signs has
 * the code of its link; receipts and intents are of the public log.
 */
function needsNoToken({ req }: Context): boolean {
  if (req.method === 'POST' && ['statements', 'acts'].some((name) => isOne(req.path, name))) return true;
  if (/^\/api\/(?:v1\/)?(?:signing\/[^/]+(?:\/[a-z]+)?|agreements\/[^/]+\/(?:end|accounts))$/.test(req.path))
    return true;
  if (/^\/api\/(?:v1\/)?(?:deciding\/[^/]+\/[a-z]+|intents\/[^/]+\/signatures|held\/[^/]+\/release)$/.test(req.path))
    return true;
  return req.method !== 'POST' && /^\/api\/(?:v1\/)?(?:receipts|acts|intents)\/[^/]+$/.test(req.path);
}

const isOne = (path: string, name: string): boolean => BASES.some((base) => path === `${base}/${name}`);

function bearer(token: string): MiddlewareHandler {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  const expected = digest(`Bearer ${token}`);
  return async (c, next) => {
    if (!timingSafeEqual(digest(c.req.header('authorization') ?? ''), expected))
      throw new TrineError('unauthorised', 'Open the address that the start command printed: it carries the token.');
    await next();
  };
}
