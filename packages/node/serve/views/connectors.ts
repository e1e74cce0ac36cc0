// Connectors and what they found, as people and programs see them.
import { z } from '@hono/zod-openapi';
import type { MappedMessage } from '@trine/mapping/message/map.ts';
import { mappingHash, plainMapping } from '@trine/mapping/message/mapping.ts';
import type { Mapping } from '@trine/mapping/message/shape.ts';
import type { Reading } from '@trine/protocol';
import type { Connectors } from '../../connectors/connectors.ts';
import type { Entry } from '../../connectors/found.ts';
import type { Running } from '../../connectors/running.ts';
import { type Immutable, json, limit, pageOf, text, timeMs } from '../schema.ts';

export const connectorName = text(60).openapi({ description: 'Name of the connector.' });
/** As long as a topic may be, which is the id of what says nothing of itself. */
export const thingId = text(1_024);
const KINDS_MAX = 1_000;

const reading = z
  .object({
    quantity: z.string(),
    unit: z.string(),
    timeMs,
    value: z.union([z.number(), z.boolean(), z.string()]),
  })
  .openapi('MappedReading');
export const mappingGiven = z
  .record(z.string(), json)
  .openapi({ description: 'A mapping: docs/reference/mapping.md.' });
export const connectorSchema = z
  .object({
    name: connectorName,
    title: z.string(),
    about: z.string(),
    ways: z.array(z.enum(['mqtt', 'http'])),
    triedAgainst: z.string(),
    example: z
      .object({ path: z.string(), body: z.string() })
      .optional()
      .openapi({ description: 'What such a system pushes: behind its address this path, and this body.' }),
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
type ConnectorView = z.infer<typeof connectorSchema>;

const stateName = z.enum(['found', 'accepted', 'changed']);
const thingSchema = z
  .object({
    connector: connectorName,
    id: thingId,
    name: z.string(),
    kind: z.string(),
    maker: z.string().optional(),
    model: z.string().optional(),
    state: stateName.openapi({
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
type ThingView = z.infer<typeof thingSchema>;

const kindSchema = z
  .object({
    connector: connectorName,
    kind: z.string(),
    found: z.int(),
    accepted: z.int(),
    changed: z.int(),
    assumed: z.array(z.string()).openapi({ description: 'Quantities of those found whose unit nobody said.' }),
    isAccepted: z.boolean().openapi({ description: 'Those that come are accepted too.' }),
  })
  .openapi('ConnectorKind');
type KindView = z.infer<typeof kindSchema>;

export const thingFilter = {
  connector: connectorName.optional(),
  kind: z.string().max(1_024).optional(),
  state: stateName.optional(),
  search: text(200).optional().openapi({ description: 'Part of the name, id, subject, kind, maker or model.' }),
  sort: z.enum(['newest', 'kind']).default('newest').openapi({
    description: 'Those found last first, or by connector, kind and name.',
  }),
  after: z.coerce.number().int().min(0).default(0),
  limit,
};
type ThingFilter = z.output<z.ZodObject<typeof thingFilter>>;

export const thingPageSchema = pageOf(
  'ConnectorThings',
  thingSchema,
  z.object({
    total: z.int().openapi({ description: 'Things that the whole filter lets through.' }),
    found: z.int().openapi({ description: 'Under the filter but for `state`.' }),
    accepted: z.int(),
    changed: z.int(),
    kinds: z.array(kindSchema).openapi({ description: `Under the filter but for \`state\`; at most ${KINDS_MAX}.` }),
  }),
);
type ThingPage = Immutable<z.infer<typeof thingPageSchema>>;

export const unreadSchema = z
  .object({
    unread: z.int().openapi({ description: 'Messages that nothing reads, since the start.' }),
    topics: z.array(z.object({ topic: z.string(), messages: z.int(), lastMs: timeMs, payload: z.string() })),
    refused: z.array(z.object({ ms: timeMs, topic: z.string(), by: z.string(), why: z.string(), payload: z.string() })),
  })
  .openapi('UnreadMessages');
export const triedSchema = z
  .object({
    found: z.array(z.object({ id: thingId, name: z.string(), kind: z.string(), mappings: z.array(mappingGiven) })),
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
type TriedView = z.infer<typeof triedSchema>;

export function connectorOf(connectors: Connectors, one: Running): ConnectorView {
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

/** A page of things, and counts over all that the filter lets through. */
export function thingsOf(
  connectors: Connectors,
  { after, limit: most, sort, state, ...narrow }: ThingFilter,
): ThingPage {
  const all = [...connectors.things.all(narrow.connector)].filter(isLet(narrow)).reverse();
  const kept = state === undefined ? all : all.filter((entry) => stateOf(entry) === state);
  if (sort === 'kind') kept.sort(byKind);
  const counts = { found: 0, accepted: 0, changed: 0 };
  for (const entry of all) counts[stateOf(entry)]++;
  return {
    items: kept.slice(after, after + most).map(thingOf),
    counts: { total: kept.length, ...counts, kinds: kindsOf(connectors, all) },
    ...(after + most < kept.length && { next: String(after + most) }),
  };
}

function isLet({ kind, search }: Pick<ThingFilter, 'kind' | 'search'>): (entry: Entry) => boolean {
  const part = search?.toLowerCase();
  return ({ thing, accepted = thing.mappings }) =>
    (kind === undefined || thing.kind === kind) &&
    (part === undefined ||
      [
        thing.name,
        thing.id,
        thing.kind,
        thing.maker ?? '',
        thing.model ?? '',
        ...accepted.map((one) => one.subject),
      ].some((word) => word.toLowerCase().includes(part)));
}

const order = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

function byKind(a: Entry, b: Entry): number {
  return (
    order(a.connector, b.connector) ||
    order(a.thing.kind, b.thing.kind) ||
    order(a.thing.name.toLowerCase(), b.thing.name.toLowerCase()) ||
    order(a.thing.id, b.thing.id)
  );
}

function kindsOf(connectors: Connectors, entries: readonly Entry[]): KindView[] {
  const kinds = new Map<string, KindView & { readonly said: Set<string> }>();
  for (const entry of [...entries].sort(byKind)) {
    const { connector, thing } = entry;
    const key = `${connector}\n${thing.kind}`;
    const known = kinds.get(key) ?? {
      ...{ connector, kind: thing.kind, found: 0, accepted: 0, changed: 0, assumed: [], said: new Set<string>() },
      isAccepted: connectors.kinds(connector).includes(thing.kind),
    };
    known[stateOf(entry)]++;
    if (entry.accepted === undefined) for (const quantity of thing.assumed ?? []) known.said.add(quantity);
    kinds.set(key, known);
  }
  return [...kinds.values()].slice(0, KINDS_MAX).map(({ said, ...kind }) => ({ ...kind, assumed: [...said].sort() }));
}

function stateOf({ accepted, offered = accepted, thing }: Entry): z.infer<typeof stateName> {
  if (accepted === undefined || offered === undefined) return 'found';
  if (offered === thing.mappings) return 'accepted';
  const hashes = (mappings: readonly Mapping[]) => mappings.map(hashOf).sort().join();
  return hashes(offered) === hashes(thing.mappings) ? 'accepted' : 'changed';
}

/** Nobody changes a mapping: it is hashed once, however often lists are asked for. */
const known = new WeakMap<Mapping, string>();

function hashOf(mapping: Mapping): string {
  const hash = known.get(mapping) ?? mappingHash(mapping);
  known.set(mapping, hash);
  return hash;
}

function thingOf(entry: Entry): ThingView {
  const { connector, thing, accepted, acceptedMs, foundMs, heardMs, messages, preview, noValue } = entry;
  const mappings = accepted ?? thing.mappings;
  const state = stateOf(entry);
  return {
    ...{ connector, id: thing.id, name: thing.name, kind: thing.kind, maker: thing.maker, model: thing.model },
    ...{ state, foundMs, acceptedMs, heardMs, messages, noValue, preview: preview.map(readingOf) },
    subjects: [...new Set(mappings.map(({ subject }) => subject))],
    mappings: mappings.map(plainMapping),
    mappingHashes: mappings.map(hashOf),
    offered: state === 'changed' ? thing.mappings.map(plainMapping) : [],
    unknown: [...(thing.unknown ?? [])],
    assumed: [...(thing.assumed ?? [])],
  };
}

const readingOf = ({ quantity, unit, timeMs: ms, value }: Reading): z.infer<typeof reading> => ({
  ...{ quantity, unit, timeMs: ms, value },
});

/** What a message would become. */
export function triedOf({ found, mapped, refused }: ReturnType<Connectors['tryIt']>): TriedView {
  return {
    found: found.map(({ id, name, kind, mappings }) => ({ id, name, kind, mappings: mappings.map(plainMapping) })),
    packs: mapped.flatMap(({ mapping: by, mapped: { packs } }) => packsOf(by, packs)),
    noValue: mapped.reduce((sum, { mapped: one }) => sum + one.noValue, 0),
    refused: [...refused],
    undated: mapped.find(({ mapped: one }) => one.undated !== undefined)?.mapped.undated,
  };
}

function packsOf(mapping: Mapping, packs: MappedMessage['packs']): TriedView['packs'] {
  const hash = mappingHash(mapping);
  return packs.map(({ subject, name: written, readings, arrival }) => ({
    ...{ mapping: hash, subject, name: written, arrival, readings: readings.map(readingOf) },
  }));
}
