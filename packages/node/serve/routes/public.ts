// For everyone, without a token: what the network is, its log, and the chain to read.
import type { OpenAPIHono } from '@hono/zod-openapi';
import { logRoutes } from '@trine/log/serve.ts';
import { didKey } from '@trine/protocol';
import type { Node } from '../../node.ts';
import { chainRoutes } from './chain.ts';
import { VERIFIER_PATH, verifierFile } from './verifier.ts';

export function publicRoutes(app: OpenAPIHono, node: Node): void {
  const { genesis, domains, log, mqtt } = node;
  app.get('/healthz', (c) => c.json({ status: 'ready', leaves: log.durableSize }));
  app.get('/network.json', (c) => c.json(genesis.network));
  app.get(VERIFIER_PATH, (c) => verifierFile(c, node));
  app.get('/gateway.json', (c) =>
    c.json({ key: didKey(genesis.keys.gateway.publicKey), network: genesis.network.id, mqtt: mqtt.address }),
  );
  app.get('/model.json', (c) =>
    c.json(Object.fromEntries(domains.all().map(({ domain, identity }) => [domain.manifest.name, identity]))),
  );
  app.route('/log', logRoutes(log));
  app.route('/chain', chainRoutes(genesis.chain));
}
