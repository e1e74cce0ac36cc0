// MQTT discovery of Home Assistant, as ESPHome, Tasmota, Zigbee2MQTT and hundreds of others announce themselves: entities of a
// device, one by one or all at once. https://www.home-assistant.io/integrations/mqtt/#mqtt-discovery
import type { Connector, Discovered, FoundThing } from '@trine/mapping/connector.ts';
import { proposeFields } from '@trine/mapping/fields.ts';
import { MappingError } from '@trine/mapping/message/error.ts';
import { jsonMessage } from '@trine/mapping/message/message.ts';
import type { MappedField, Mapping } from '@trine/mapping/message/shape.ts';
import { escapeName } from '@trine/mapping/names.ts';
import { limits } from '@trine/protocol';
import { z } from 'zod';
import { longKeys } from './keys.ts';
import { memberOfTemplate } from './template.ts';

const settings = z.strictObject({
  prefix: z
    .string()
    .regex(/^[^+#\s]+$/)
    .default('homeassistant')
    .describe('Discovery prefix.'),
});
type Settings = z.infer<typeof settings>;

const DEVICES_MAX = 10_000;
const ENTITIES_MAX = 500;
const text = z.string().min(1).max(1_024);
const device = z.looseObject({
  identifiers: z.union([text, z.array(z.union([text, z.array(z.unknown())])).min(1)]).optional(),
  connections: z.array(z.tuple([text, text])).optional(),
  name: text.nullish(),
  manufacturer: text.nullish(),
  model: text.nullish(),
});
const entity = z.looseObject({
  '~': z.string().max(1_024).optional(),
  name: z.string().max(1_024).nullish(),
  unique_id: text.optional(),
  object_id: text.optional(),
  state_topic: text,
  value_template: z.string().max(4_096).optional(),
  unit_of_measurement: z.string().max(64).nullish(),
  device_class: z.string().max(64).nullish(),
  payload_on: z.union([z.string(), z.boolean(), z.number()]).optional(),
  payload_off: z.union([z.string(), z.boolean(), z.number()]).optional(),
  device: device.optional(),
});
type Entity = z.infer<typeof entity>;
type Device = z.infer<typeof device>;

/** Components whose state is a value, and of those with two states their words. */
const READ = new Map<string, Readonly<Record<string, boolean>> | undefined>([
  ['sensor', undefined],
  ['number', undefined],
  ['binary_sensor', { ON: true, OFF: false }],
  ['switch', { ON: true, OFF: false }],
]);

/** An entity, as a field of a mapping. */
interface Read {
  readonly topic: string;
  /** Undefined: the payload is the value. */
  readonly path: string | undefined;
  readonly field: Omit<MappedField, 'path'>;
  /** Nobody said its unit. */
  readonly isAssumed: boolean;
}

interface Known {
  device: Device;
  /** By who announced them: nobody takes the place of what another announced. */
  readonly entities: Map<string, readonly [id: string, read: Read | string]>;
}

/** @returns in words, why it is not read */
function readEntity(component: string, given: Entity, id: string): Read | string {
  const base = given['~'] ?? '';
  const topic = given.state_topic.replace(/^~/, base).replace(/~$/, base);
  const path = memberOfTemplate(given.value_template ?? '{{ value }}');
  if (/[+#]/.test(topic)) return `${id}: its topic has a wildcard`;
  if (path === undefined) return `${id}: its template does more than name a member`;
  const usual = READ.get(component);
  const on = String(given.payload_on ?? 'ON');
  const off = String(given.payload_off ?? 'OFF');
  const { fields, assumed } = proposeFields(
    [{ path: id, name: given.device_class ?? id, unit: given.unit_of_measurement ?? '' }],
    'homeassistant',
  );
  const { path: _, ...field } = fields[0] as MappedField;
  const words = usual === undefined ? {} : { words: { [on]: true, [off]: false } };
  const isAssumed = assumed.length > 0;
  return { topic, path: path === '' ? undefined : path, field: { ...field, ...words }, isAssumed };
}

type Entities = readonly (readonly [id: string, read: Read | string])[];

/** Each under a quantity of its own: two of one quantity are told apart by their own names. */
function namedApart(entities: Entities): Read[] {
  const taken = new Set<string>();
  return entities.flatMap(([id, read]) => {
    if (typeof read === 'string') return [];
    const { quantity } = read.field;
    const own = `${quantity}.${escapeName(id, { isInside: true, charsMax: limits.quantityCharsMax - quantity.length - 1 })}`;
    const name = [quantity, own].find((one) => !taken.has(one));
    if (name === undefined) return [];
    taken.add(name);
    return [{ ...read, field: { ...read.field, quantity: name } }];
  });
}

function mappingsOf(subject: string, entities: readonly Read[]): Mapping[] {
  const mappings = new Map<string, Mapping>();
  for (const { topic, path, field } of entities) {
    if (path === undefined) {
      mappings.set(topic, { topic, subject, ...field, fields: [] });
      continue;
    }
    const fields = [...(mappings.get(topic)?.fields ?? []), { ...field, path }];
    mappings.set(topic, { topic, subject, unit: '', fields });
  }
  return [...mappings.values()];
}

function thingOf(id: string, { device: { name, manufacturer, model }, entities }: Known): FoundThing {
  // Brokers hand out announcements in any order.
  const all = [...entities.values()].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  const named = namedApart(all);
  return {
    id,
    name: name ?? id,
    kind: [manufacturer, model].filter(Boolean).join(' '),
    ...(manufacturer && { maker: manufacturer }),
    ...(model && { model }),
    mappings: mappingsOf(`homeassistant/${escapeName(id, { isInside: true, charsMax: 90 })}`, named),
    isWhole: true,
    unknown: all.flatMap(([, read]) => (typeof read === 'string' ? [read] : [])),
    assumed: named.flatMap(({ field, isAssumed }) => (isAssumed ? [field.quantity] : [])),
  };
}

function isObject(json: unknown): json is Record<string, unknown> {
  return typeof json === 'object' && json !== null && !Array.isArray(json);
}

/** What names a device, whatever it is called. */
function idOf({ identifiers, connections }: Device): string | undefined {
  const first = Array.isArray(identifiers) ? identifiers[0] : identifiers;
  if (typeof first === 'string') return first;
  return Array.isArray(first) ? first.join(' ') : connections?.[0]?.[1];
}

export const homeassistant: Connector<Settings> = {
  manifest: {
    name: 'homeassistant',
    title: 'Home Assistant MQTT discovery',
    about: 'Whatever announces itself to Home Assistant: ESPHome, gateways, scripts.',
    ways: ['mqtt'],
    triedAgainst: 'messages in the shape of its documentation',
  },
  settings,
  start({ prefix }) {
    const devices = new Map<string, Known>();
    /** Of each announcement: its device, so that an empty one takes it back. */
    const places = new Map<string, readonly (readonly [device: string, entity: string])[]>();

    function remember(id: string, said: Device): Known {
      const known = devices.get(id) ?? { device: said, entities: new Map() };
      known.device = { ...known.device, ...said };
      if (!devices.has(id) && devices.size >= DEVICES_MAX) devices.delete(devices.keys().next().value as string);
      devices.set(id, known);
      return known;
    }

    function takeBack(topic: string): Discovered {
      const gone: string[] = [];
      const found: FoundThing[] = [];
      const changed = new Set<string>();
      for (const [id, entityId] of places.get(topic) ?? []) {
        devices.get(id)?.entities.delete(entityId);
        changed.add(id);
      }
      for (const id of changed) {
        const known = devices.get(id);
        if (known === undefined) continue;
        if (known.entities.size > 0) found.push(thingOf(id, known));
        else {
          devices.delete(id);
          gone.push(id);
        }
      }
      places.delete(topic);
      return { found, gone };
    }

    /** @param given entities by what they are, with the keys written out */
    function announce(
      topic: string,
      said: Device,
      given: readonly (readonly [component: string, id: string, json: unknown])[],
    ): Discovered {
      const id = idOf(said) ?? given[0]?.[1];
      if (id === undefined) return { found: [] };
      const known = remember(id, said);
      const before = places.get(topic) ?? [];
      for (const [, entityId] of before) known.entities.delete(entityId);
      const kept: (readonly [string, string])[] = [];
      for (const [component, objectId, json] of given) {
        const { data } = entity.safeParse(json);
        if (!READ.has(component) || data === undefined || known.entities.size >= ENTITIES_MAX) continue;
        const entityId = data.unique_id ?? objectId;
        const key = `${topic}\n${entityId}`;
        known.entities.set(key, [entityId, readEntity(component, data, objectId)]);
        kept.push([id, key]);
      }
      if (places.size >= DEVICES_MAX * 10) places.delete(places.keys().next().value as string);
      places.set(topic, kept);
      return { found: known.entities.size === 0 ? [] : [thingOf(id, known)] };
    }

    return {
      filters: [`${prefix}/+/+/config`, `${prefix}/+/+/+/config`],
      discover(message) {
        const levels = message.topic.slice(prefix.length + 1).split('/');
        const component = levels[0] as string;
        const objectId = levels.at(-2) as string;
        if (message.payload.length === 0) return takeBack(message.topic);
        const json = longKeys(jsonMessage(message));
        if (!isObject(json)) throw new MappingError('An announcement is a JSON object.');
        const { data: said = {} } = device.safeParse(json.device);
        if (component !== 'device') return announce(message.topic, said, [[component, objectId, json]]);
        const { components } = json;
        const all = isObject(components) ? Object.entries(components) : [];
        return announce(
          message.topic,
          said,
          all.slice(0, ENTITIES_MAX).map(([key, one]) => {
            const { platform, ...rest } = isObject(one) ? one : {};
            // What all of them share stands beside them.
            return [String(platform), key, { ...json, components: undefined, ...rest }] as const;
          }),
        );
      },
    };
  },
};
