// Connectors: what they are set to, what they found, what is accepted of it, and what became of messages.
import type { OpenAPIHono } from '@hono/zod-openapi';
import { z } from '@hono/zod-openapi';
import type { MappedMessage } from '@trine/mapping/message/map.ts';
import { mappingHash, plainMapping } from '@trine/mapping/message/mapping.ts';
import type { Mapping } from '@trine/mapping/message/shape.ts';
import { type Reading, TrineError, toUtf8 } from '@trine/protocol';
import { readMappings } from '../../connectors/connectors.ts';
import type { Entry } from '../../connectors/found.ts';
import type { Running } from '../../connectors/running.ts';
import type { Node } from '../../node.ts';
import { json, limit, pageOf, text, timeMs } from '../schema.ts';
import { get, post } from './route.ts';

const name = text(60).openapi({ description: 'Name of the connector.' });
const id = text(256);
const reading = z
  .object({
    quantity: z.string(),
    unit: z.string(),
    timeMs,
    value: z.union([z.number(), z.boolean(), z.string()]),
  })
  .openapi('MappedReading');
const mappingGiven = z.record(z.string(), json).openapi({ description: 'A mapping: docs/reference/mapping.md.' });
const connectorSchema = z
  .object({
    name,
    title: z.string(),
    about: z.string(),
    ways: z.array(z.enum(['mqtt', 'http'])),
    triedAgainst: z.string(),
    enabled: z.boolean(),
    settings: z.record(z.string(), json),
    schema: z.record(z.string(), json).openapi({ description: 'JSON Schema of the settings.' }),
    filters: z.array(z.string()),
    heard: z.int().openapi({ description: 'Messages looked at since the start.' }),
    refused: z.int(),
    lastRefused: z.string().optional(),
    found: z.int().openapi({ description: 'Things that wait for somebody who accepts them.' }),
    accepted: z.int(),
    kinds: z.array(z.string()).openapi({ description: 'Kinds that are accepted as they come.' }),
  })
  .openapi('Connector');
const thingSchema = z
  .object({
    connector: name,
    id,
    name: z.string(),
    kind: z.string(),
    maker: z.string().optional(),
    model: z.string().optional(),
    state: z.enum(['found', 'accepted', 'changed']).openapi({
      description: '`changed`: it is read as it was accepted, and says that it can be read otherwise now.',
    }),
    subjects: z.array(z.string()),
    mappings: z.array(mappingGiven),
    mappingHashes: z.array(z.string()),
    offered: z.array(mappingGiven).openapi({ description: 'As it would be read if it were accepted now.' }),
    unknown: z.array(z.string()).openapi({ description: 'Names that nobody knows a quantity for.' }),
    assumed: z.array(z.string()).openapi({ description: 'Quantities whose unit nobody said.' }),
    foundMs: timeMs,
    acceptedMs: timeMs.optional(),
    heardMs: timeMs.optional(),
    messages: z.int(),
    preview: z.array(reading).openapi({ description: 'What its last message says, or would say.' }),
    noValue: z.int().openapi({ description: 'Values of its last message that say that there is none.' }),
  })
  .openapi('ConnectorThing');
const unreadSchema = z
  .object({
    unread: z.int().openapi({ description: 'Messages that nothing reads, since the start.' }),
    topics: z.array(z.object({ topic: z.string(), messages: z.int(), lastMs: timeMs, payload: z.string() })),
    refused: z.array(z.object({ ms: timeMs, topic: z.string(), by: z.string(), why: z.string(), payload: z.string() })),
  })
  .openapi('UnreadMessages');
const triedSchema = z
  .object({
    found: z.array(z.object({ id, name: z.string(), kind: z.string(), mappings: z.array(mappingGiven) })),
    packs: z.array(
      z.object({
        mapping: z.string().openapi({ description: 'Hash of the mapping that reads it.' }),
        subject: z.string(),
        name: z.string().optional(),
        readings: z.array(reading),
        arrival: z.string().optional().openapi({ description: 'Why it is dated by its arrival.' }),
      }),
    ),
    noValue: z.int(),
    refused: z.array(z.string()),
    undated: z.string().optional(),
  })
  .openapi('TriedMessage');
const countSchema = z.object({ things: z.int() });

export function connectorRoutes(api: OpenAPIHono, node: Node): void {
  settingRoutes(api, node);
  thingRoutes(api, node);
  get(
    api,
    '/connectors/unread',
    { about: 'Messages that nothing reads, by topic, and those refused last.', fields: {}, answer: unreadSchema },
    () => {
      const { tally } = node.connectors;
      return { unread: tally.unread, topics: tally.topics, refused: tally.refused };
    },
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
      const { found, mapped, refused } = node.connectors.tryIt({ topic, payload: toUtf8(payload) }, given);
      return {
        found: found.map((thing) => ({ ...thing, mappings: thing.mappings.map(plainMapping), unknown: undefined })),
        packs: mapped.flatMap(({ mapping: by, mapped: { packs } }) => packsOf(by, packs)),
        noValue: mapped.reduce((sum, { mapped: one }) => sum + one.noValue, 0),
        refused: [...refused],
        undated: mapped.find(({ mapped: one }) => one.undated !== undefined)?.mapped.undated,
      };
    },
  );
}

function settingRoutes(api: OpenAPIHono, node: Node): void {
  get(
    api,
    '/connectors',
    { about: 'Connectors, how they are set, and what they heard.', fields: {}, answer: z.array(connectorSchema) },
    () => node.connectors.running.all.map((one) => connectorOf(node, one)),
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
      return connectorOf(node, node.connectors.running.need(of));
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
      fields: {
        connector: name.optional(),
        state: z.enum(['found', 'accepted', 'changed']).optional(),
        after: z.coerce.number().int().min(0).default(0),
        limit,
      },
      answer: pageOf('ConnectorThings', thingSchema, z.object({ found: z.int(), accepted: z.int(), changed: z.int() })),
    },
    ({ connector, state, after, limit: count }) => {
      const all = [...node.connectors.things.all(connector)].reverse();
      const counts = { found: 0, accepted: 0, changed: 0 };
      for (const entry of all) counts[stateOf(entry)]++;
      const kept = state === undefined ? all : all.filter((entry) => stateOf(entry) === state);
      const items = kept.slice(after, after + count).map(thingOf);
      return { items, counts, ...(after + count < kept.length && { next: String(after + count) }) };
    },
  );
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

function connectorOf({ connectors }: Node, one: Running): z.infer<typeof connectorSchema> {
  const { connector, enabled, settings, running, heard, refused, lastRefused } = one;
  const { name: of } = connector.manifest;
  const things = [...connectors.things.all(of)];
  return {
    ...connector.manifest,
    ways: [...connector.manifest.ways],
    ...{ enabled, settings: settings as Record<string, unknown>, heard, refused, lastRefused },
    schema: z.toJSONSchema(connector.settings, { io: 'input' }) as Record<string, unknown>,
    filters: [...running.filters],
    found: connectors.things.waiting(of),
    accepted: things.filter(({ accepted }) => accepted !== undefined).length,
    kinds: [...connectors.kinds(of)].sort(),
  };
}

function stateOf({ accepted, thing }: Entry): 'found' | 'accepted' | 'changed' {
  if (accepted === undefined) return 'found';
  if (accepted === thing.mappings) return 'accepted';
  const hashes = (mappings: readonly Mapping[]) => mappings.map(mappingHash).sort().join();
  return hashes(accepted) === hashes(thing.mappings) ? 'accepted' : 'changed';
}

function thingOf(entry: Entry): z.infer<typeof thingSchema> {
  const { connector, thing, accepted, acceptedMs, foundMs, heardMs, messages, preview, noValue } = entry;
  const mappings = accepted ?? thing.mappings;
  const state = stateOf(entry);
  return {
    ...{ connector, id: thing.id, name: thing.name, kind: thing.kind, maker: thing.maker, model: thing.model },
    ...{ state, foundMs, acceptedMs, heardMs, messages, noValue, preview: preview.map(readingOf) },
    subjects: [...new Set(mappings.map(({ subject }) => subject))],
    mappings: mappings.map(plainMapping),
    mappingHashes: mappings.map(mappingHash),
    offered: state === 'changed' ? thing.mappings.map(plainMapping) : [],
    unknown: [...(thing.unknown ?? [])],
    assumed: [...(thing.assumed ?? [])],
  };
}

const readingOf = ({ quantity, unit, timeMs: ms, value }: Reading): z.infer<typeof reading> => ({
  ...{ quantity, unit, timeMs: ms, value },
});

function packsOf(mapping: Mapping, packs: MappedMessage['packs']): z.infer<typeof triedSchema>['packs'] {
  const hash = mappingHash(mapping);
  return packs.map(({ subject, name: written, readings, arrival }) => ({
    ...{ mapping: hash, subject, name: written, arrival, readings: readings.map(readingOf) },
  }));
}
