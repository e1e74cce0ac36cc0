// Notifications of context brokers: NGSI-LD (Scorpio, Orion-LD, Stellio) and NGSI v2 (Orion). An entity is a thing.
// ETSI GS CIM 009 §5.8.6; FIWARE NGSI v2 §Notification Messages
import type { Connector, FoundThing, PushAnswer } from '@trine/mapping/connector.ts';
import { proposeFields } from '@trine/mapping/fields.ts';
import { MappingError } from '@trine/mapping/message/error.ts';
import { jsonMessage } from '@trine/mapping/message/message.ts';
import type { MappedField, Mapping } from '@trine/mapping/message/shape.ts';
import { escapeName } from '@trine/mapping/names.ts';
import { unitOfCode } from '@trine/mapping/units/cefact.ts';
import { toUtf8 } from '@trine/protocol';
import { z } from 'zod';

const settings = z.strictObject({});
const ENTITIES_MAX = 1_000;
const ATTRIBUTES_MAX = 200;
const SCOPE_CHARS_MAX = 200;
const entity = z.looseObject({
  id: z
    .string()
    .min(1)
    .max(256)
    .refine((id) => id.isWellFormed()),
  type: z.union([z.string(), z.array(z.string()).min(1)]).optional(),
});
type Entity = z.infer<typeof entity>;
const notification = z.looseObject({ data: z.array(z.unknown()).max(ENTITIES_MAX) });

/** Members that are about the entity, and not measured. */
const ABOUT = new Set([
  'id',
  'type',
  '@context',
  'scope',
  'dateObserved',
  'dateCreated',
  'dateModified',
  'createdAt',
  'modifiedAt',
  'TimeInstant',
]);
const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const isValue = (value: unknown): boolean => typeof value === 'number' || typeof value === 'boolean';
const textOf = (value: unknown): string | undefined =>
  typeof value === 'string' ? value : isObject(value) && typeof value.value === 'string' ? value.value : undefined;

/** Levels of a topic may hold anything but wildcards. */
const topicOf = (scope: string, id: string): string =>
  `ngsi/${[scope, id]
    .filter((level) => level !== '')
    .map(encodeURIComponent)
    .join('/')}`;

/** Tenant and service path: what is called the same in two of them is not the same. */
function scopeOf(headers: Headers): string {
  const tenant = headers.get('fiware-service') ?? headers.get('ngsild-tenant') ?? '';
  const path = headers.get('fiware-servicepath') ?? '';
  return `${tenant}${path === '/' ? '' : path}`.slice(0, SCOPE_CHARS_MAX);
}

/** An attribute in one of its forms: as a property, with its time and unit beside it, or as a value alone. */
function attributeOf(
  name: string,
  given: unknown,
): { field: MappedField; assumed: readonly string[]; isKnown: boolean } | undefined {
  const isProperty = isObject(given) && 'value' in given;
  if (!isValue(isProperty ? given.value : given) || /[.*]/.test(name) || name.startsWith('/')) return undefined;
  const metadata = isProperty && isObject(given.metadata) ? given.metadata : {};
  const code = isProperty ? (textOf(given.unitCode) ?? textOf(metadata.unitCode)) : undefined;
  const unit = code === undefined ? '' : unitOfCode(code);
  const path = isProperty ? `${name}.value` : name;
  const { fields, assumed, unknown } = proposeFields([{ path, name, own: name, unit }], 'ngsi');
  const [field] = fields;
  if (field === undefined) return undefined;
  const own =
    isProperty && given.observedAt !== undefined
      ? `${name}.observedAt`
      : isObject(metadata.TimeInstant)
        ? `${name}.metadata.TimeInstant.value`
        : undefined;
  // A count says that it has no unit: then none is assumed.
  const isCount = code !== undefined && unit === '';
  return {
    field: { ...field, ...(isCount && { unit: '' }), ...(own && { time: own }) },
    assumed: isCount ? [] : assumed,
    isKnown: unknown.length === 0,
  };
}

function thingOf(scope: string, given: Entity): FoundThing | undefined {
  const { id, type } = given;
  const attributes = Object.entries(given)
    .filter(([name]) => !ABOUT.has(name))
    .slice(0, ATTRIBUTES_MAX)
    .flatMap(([name, value]) => attributeOf(name, value) ?? []);
  if (attributes.length === 0) return undefined;
  const time = ['dateObserved', 'TimeInstant'].find((name) => given[name] !== undefined);
  const quantities = new Set<string>();
  const fields = attributes
    .map(({ field }) => field)
    .filter(({ quantity }) => !quantities.has(quantity) && quantities.add(quantity));
  const levels = [scope, id].filter((level) => level !== '');
  const scoped = levels.map((level) => escapeName(level, { isInside: true, charsMax: 1_000 })).join('/');
  const mapping: Mapping = {
    // In NGSI v2 entities of two types may have one id.
    ...{ topic: topicOf(scope, id), each: 'data.*', where: { id, ...(typeof type === 'string' && { type }) } },
    subject: `ngsi/${scoped.length > 110 ? escapeName(scoped, { isInside: true, keepsSlashes: true, charsMax: 110 }) : scoped}`,
    unit: '',
    ...(time !== undefined && { time: isObject(given[time]) ? `${time}.value` : time }),
    fields,
  };
  return {
    ...{
      id: levels.join(' '),
      name: id.replace(/^urn:ngsi-ld:/, ''),
      kind: Array.isArray(type) ? type.join(' ') : (type ?? ''),
    },
    mappings: [mapping],
    unknown: attributes.filter(({ isKnown }) => !isKnown).map(({ field }) => field.quantity),
    assumed: attributes.flatMap(({ assumed }) => assumed),
  };
}

/** Entities of a notification. @throws MappingError where it is none */
function entitiesOf(json: unknown): Entity[] {
  const { data } = notification.safeParse(json);
  if (data === undefined)
    throw new MappingError('This is no notification: it has no "data" with entities (at most 1,000).');
  return data.data.flatMap((one) => entity.safeParse(one).data ?? []);
}

const answer: PushAnswer = { status: 204 };

export const ngsi: Connector = {
  manifest: {
    name: 'ngsi',
    title: 'NGSI-LD and NGSI v2',
    about: 'Context brokers of FIWARE and others, by their subscriptions.',
    ways: ['http'],
    triedAgainst: 'notifications in the shape of the specifications',
    example: {
      path: '',
      body: JSON.stringify({
        type: 'Notification',
        data: [
          {
            ...{ id: 'urn:ngsi-ld:Room:example', type: 'Room' },
            temperature: { type: 'Property', value: 21.5, unitCode: 'CEL' },
          },
        ],
      }),
    },
  },
  settings,
  start: () => ({
    filters: [],
    discover(message) {
      const [, ...levels] = message.topic.split('/').map(decodeURIComponent);
      const [id, scope = ''] = levels.reverse();
      const found = entitiesOf(jsonMessage(message)).find((one) => one.id === id);
      const thing = found && thingOf(scope, found);
      return { found: thing ? [thing] : [] };
    },
    messages({ headers, body }) {
      const byId = new Map<string, Entity[]>();
      for (const one of entitiesOf(jsonMessage({ topic: 'notification', payload: body })))
        byId.set(one.id, [...(byId.get(one.id) ?? []), one]);
      const scope = scopeOf(headers);
      // Each entity as a notification of its own: so one thing's messages hold nothing of another.
      const messages = [...byId].map(([id, data]) => ({
        topic: topicOf(scope, id),
        payload: toUtf8(JSON.stringify({ data })),
      }));
      return { messages, answer };
    },
  }),
};
