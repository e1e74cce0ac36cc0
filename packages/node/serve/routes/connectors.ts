// Connectors: what they are set to, what they found, what is accepted of it, and what became of messages.
import type { OpenAPIHono } from '@hono/zod-openapi';
import { z } from '@hono/zod-openapi';
import { TrineError, toUtf8 } from '@trine/protocol';
import { readMappings } from '../../connectors/given.ts';
import type { Node } from '../../node.ts';
import { json, text, timeMs } from '../schema.ts';
import {
  connectorOf,
  connectorSchema,
  thingId as id,
  mappingGiven,
  connectorName as name,
  thingFilter,
  thingPageSchema,
  thingsOf,
  triedOf,
  triedSchema,
  unreadSchema,
} from '../views/connectors.ts';
import { get, post } from './route.ts';

const countSchema = z.object({ things: z.int() });

export function connectorRoutes(api: OpenAPIHono, node: Node): void {
  settingRoutes(api, node);
  thingRoutes(api, node);
  choiceRoutes(api, node);
  get(
    api,
    '/connectors/unread',
    { about: 'Messages that nothing reads, by topic, and those refused last.', fields: {}, answer: unreadSchema },
    () => {
      const { tally } = node.connectors;
      return { unread: tally.unread, topics: tally.topics, refused: tally.refused };
    },
  );
  const simulated = z.object({ untilMs: timeMs.optional() }).openapi('SimulatedHouse');
  get(
    api,
    '/connectors/simulated',
    { about: 'Until when a simulated house speaks; absent where it does not.', fields: {}, answer: simulated },
    () => ({ untilMs: node.simulation.untilMs }),
  );
  post(
    api,
    '/connectors/simulated',
    {
      about: 'Lets a simulated house speak through the connectors; its readings say that they are simulated.',
      params: {},
      body: { minutes: z.int().min(0).max(1_440).openapi({ description: '0: it speaks no more.' }) },
      answer: simulated,
    },
    ({ minutes }) => ({ untilMs: node.simulation.start(minutes) }),
  );
  post(
    api,
    '/connectors/try',
    {
      about: 'What a message would become: nothing of it is sealed.',
      params: {},
      body: { topic: text(1_024), payload: z.string().max(60_000), mapping: mappingGiven.optional() },
      answer: triedSchema,
    },
    async ({ topic, payload, mapping }) => {
      const [given] = mapping === undefined ? [] : readMappings([mapping]);
      if (given !== undefined) await node.connectors.prepare([given]);
      return triedOf(node.connectors.tryIt({ topic, payload: toUtf8(payload) }, given));
    },
  );
}

function settingRoutes(api: OpenAPIHono, node: Node): void {
  get(
    api,
    '/connectors',
    { about: 'Connectors, how they are set, and what they heard.', fields: {}, answer: z.array(connectorSchema) },
    () => node.connectors.running.all.map((one) => connectorOf(node.connectors, one)),
  );
  post(
    api,
    '/connectors/:name/settings',
    {
      about: 'Sets a connector anew, or switches it on or off: from the next message on.',
      params: { name },
      body: { enabled: z.boolean(), settings: z.record(z.string(), json) },
      answer: connectorSchema,
    },
    async ({ name: of, enabled, settings }) => {
      await node.connectors.set(of, { enabled, settings });
      return connectorOf(node.connectors, node.connectors.running.need(of));
    },
  );
  post(
    api,
    '/connectors/:name/address',
    {
      about: 'The path that a system pushes to: with a secret that is good for this connector alone.',
      params: { name },
      body: { isNew: z.boolean().openapi({ description: 'Another secret; the one before is good no more.' }) },
      answer: z.object({ path: z.string() }),
    },
    ({ name: of, isNew }) => {
      const { connector } = node.connectors.running.need(of);
      if (!connector.manifest.ways.includes('http'))
        throw new TrineError('unsupported', `${connector.manifest.title} comes by MQTT: it has no address to push to.`);
      return { path: `/push/${of}/${node.connectors.running.secret(of, isNew)}` };
    },
  );
}

function thingRoutes(api: OpenAPIHono, node: Node): void {
  get(
    api,
    '/connectors/things',
    {
      about: 'Things that connectors found, those found last first.',
      fields: thingFilter,
      answer: thingPageSchema,
    },
    (given) => thingsOf(node.connectors, given),
  );
  post(
    api,
    '/connectors/:name/add',
    {
      about: 'Adds a thing by hand, such as a topic that nothing reads: it is accepted and read by these mappings.',
      params: { name },
      body: {
        id: id.openapi({ description: 'Its id within the connector; of a topic that nothing reads, the topic.' }),
        title: text(256).optional().openapi({ description: 'What people call it; default: its id.' }),
        mappings: z.array(mappingGiven).min(1).max(20),
      },
      answer: countSchema,
    },
    async ({ name: of, id: added, title = added, mappings }) => {
      node.connectors.running.need(of);
      const given = readMappings(mappings);
      await node.connectors.prepare(given);
      node.connectors.add(of, { id: added, name: title, mappings: given });
      return { things: 1 };
    },
  );
}

function choiceRoutes(api: OpenAPIHono, node: Node): void {
  post(
    api,
    '/connectors/:name/accept',
    {
      about: 'Accepts things, or a kind of them: what they say is sealed from now on, by this gateway.',
      params: { name },
      body: {
        ids: z.array(id).max(1_000).default([]),
        kind: z.string().max(1_024).optional(),
        isSure: z.boolean().default(false).openapi({
          description: 'The units that nobody said (`assumed`) are as they are shown.',
        }),
        mappings: z.array(mappingGiven).min(1).max(20).optional().openapi({ description: 'How one thing is read.' }),
      },
      answer: countSchema,
    },
    async ({ name: of, ids, kind, mappings, isSure }) => {
      if (mappings !== undefined && (ids.length !== 1 || kind !== undefined))
        throw new TrineError('invalid', 'mappings: they are for one thing; name its id alone.');
      const things = kind === undefined ? 0 : node.connectors.acceptKind(of, kind, isSure);
      const given = { mappings: mappings && readMappings(mappings), isSure };
      await node.connectors.prepare(given.mappings ?? []);
      return { things: things + node.connectors.accept(of, ids, given).length };
    },
  );
  post(
    api,
    '/connectors/:name/release',
    {
      about: 'Undoes that: nothing more is sealed of them. What is sealed stays.',
      params: { name },
      body: { ids: z.array(id).max(1_000).default([]), kind: z.string().max(1_024).optional() },
      answer: countSchema,
    },
    ({ name: of, ids, kind }) => ({
      things: node.connectors.release(of, { ids, ...(kind !== undefined && { kind }) }),
    }),
  );
}
