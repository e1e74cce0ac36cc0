// For everyone, without a token: what the network is, its log, and the chain to read.
import type { OpenAPIHono } from '@hono/zod-openapi';
import { z } from '@hono/zod-openapi';
import { logRoutes } from '@trine/log/serve.ts';
import { didKey, TrineError } from '@trine/protocol';
import type { Node } from '../../node.ts';
import { healthSchema } from '../health.ts';
import { hex32, modelIdentitySchema } from '../schema.ts';
import { chainRoutes } from './chain.ts';
import { describe, get, getFile } from './route.ts';
import { VERIFIER_PATH, verifierPage } from './verifier.ts';

const networkSchema = z
  .object({
    trine: z.literal('network/1'),
    id: z.string(),
    name: z.string(),
    founded: z.string(),
    members: z.array(
      z.object({
        name: z.string(),
        key: z.string(),
        address: z.string(),
        logs: z.array(z.object({ origin: z.string(), vkey: z.string() })),
      }),
    ),
    quorum: z.int(),
    chain: z.object({
      id: z.int(),
      kind: z.enum(['practice', 'evm']),
      registry: z.string(),
      checkpoints: z.string(),
      accounts: z.string(),
      terms: z.string(),
      direct: z.string(),
      batch: z.string(),
      tokens: z.array(z.object({ address: z.string(), currency: z.string(), decimals: z.int() })),
    }),
    verifier: hex32.optional().openapi({ description: 'SHA-256 of the verifier that the founder hands out.' }),
  })
  .openapi('Network', { description: 'Who the members are, which logs and contracts count: what a verifier pins.' });

const gatewaySchema = z
  .object({
    key: z.string().openapi({ description: 'did:key whose acknowledgements count.' }),
    network: z.string(),
    mqtt: z.string().openapi({ description: 'Where to send.' }),
  })
  .openapi('Gateway');

/** A bundle is what its hash says for good. */
const IMMUTABLE = 'public, max-age=31536000, immutable';

export function publicRoutes(app: OpenAPIHono, node: Node): void {
  const { genesis, domains, mqtt } = node;
  const isPublic = true;
  const fields = {};
  healthRoutes(app, node);
  get(
    app,
    '/network.json',
    { about: 'The network document.', fields, answer: networkSchema, isPublic },
    () => genesis.network,
  );
  get(app, '/gateway.json', { about: 'What a device must know.', fields, answer: gatewaySchema, isPublic }, () => ({
    key: didKey(genesis.keys.gateway.publicKey),
    network: genesis.network.id,
    mqtt: mqtt.address,
  }));
  const identities = z.record(z.string(), modelIdentitySchema);
  const about = 'Identities of the models installed, by domain.';
  get(app, '/model.json', { about, fields, answer: identities, isPublic }, () =>
    Object.fromEntries(domains.all().map(({ domain, identity }) => [domain.manifest.name, identity])),
  );
  getFile(
    app,
    '/domains/:file',
    {
      about: 'The file of an installed domain, by the hash of its bundle: what it decided is computed again with it.',
      fields: { file: z.string().regex(/^[0-9a-f]{64}\.json$/) },
      answer: 'application/json',
      isPublic,
    },
    ({ file }) => {
      const found = node.domainFile?.(file.slice(0, 64));
      if (found === undefined) throw new TrineError('not-found', 'No domain with this bundle is installed here.');
      return new Response(found, { headers: { 'content-type': 'application/json', 'cache-control': IMMUTABLE } });
    },
  );
  const page = 'The verifier as one file, which the network document names.';
  describe(app, 'get', VERIFIER_PATH, { about: page, fields, answer: 'text/html', isPublic });
  app.get(VERIFIER_PATH, verifierPage(node));
  logAndChain(app, node);
}

function healthRoutes(app: OpenAPIHono, node: Node): void {
  const health = { fields: {}, answer: healthSchema, isPublic: true };
  get(app, '/healthz', { ...health, about: 'It answers; what is wrong now.' }, () => node.health.forEveryone);
  describe(app, 'get', '/readyz', {
    ...health,
    about: 'Whether statements can come in.',
    also: { 503: 'They cannot.' },
  });
  app.get('/readyz', (c) => {
    const found = node.health.forEveryone;
    return c.json(found, found.status === 'unready' ? 503 : 200, { 'cache-control': 'no-store' });
  });
}

function logAndChain(app: OpenAPIHono, { genesis, log }: Node): void {
  const shared = { fields: {}, isPublic: true };
  describe(app, 'get', '/log/checkpoint', { ...shared, about: 'The newest signed tree head.', answer: 'text/plain' });
  describe(app, 'get', '/log/vkey', { ...shared, about: 'The verifier key of the log.', answer: 'text/plain' });
  describe(app, 'get', '/log/tile/:path', {
    about: 'A tile of hashes or of entries (C2SP tlog-tiles); the path may have several parts.',
    fields: { path: z.string() },
    answer: 'application/octet-stream',
    isPublic: true,
  });
  app.route('/log', logRoutes(log));
  const call = z.record(z.string(), z.unknown());
  describe(app, 'post', '/chain', {
    about: 'JSON-RPC 2.0 of the chain: reading calls and signed transactions, one or a batch.',
    fields: {},
    body: z.union([call, z.array(call)]).openapi('JsonRpc'),
    answer: z.unknown(),
    isPublic: true,
  });
  app.route('/chain', chainRoutes(genesis.chain));
}
