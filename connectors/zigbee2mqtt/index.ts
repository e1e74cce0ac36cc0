// Zigbee2MQTT: its `bridge/devices` says which devices there are, what they expose and in which unit.
// Messages: https://www.zigbee2mqtt.io/guide/usage/mqtt_topics_and_messages.html; exposes: …/guide/usage/exposes.html
import type { Connector, Discovered, FoundThing } from '@trine/mapping/connector.ts';
import { type Member, proposeFields } from '@trine/mapping/fields.ts';
import { jsonMessage } from '@trine/mapping/message/message.ts';
import { escapeName } from '@trine/mapping/names.ts';
import { z } from 'zod';

const settings = z.strictObject({
  baseTopics: z
    .array(z.string().regex(/^[^+#\s]+$/))
    .min(1)
    .max(20)
    .default(['zigbee2mqtt'])
    .describe('Base topics (`mqtt.base_topic`), one for each instance.'),
});
type Settings = z.infer<typeof settings>;

/** What a device exposes; composites and generic ones (light, switch, climate) have features. */
const expose = z.looseObject({
  type: z.string(),
  name: z.string().optional(),
  property: z.string().optional(),
  unit: z.string().optional(),
  access: z.int().optional(),
  value_on: z.unknown().optional(),
  value_off: z.unknown().optional(),
  features: z.array(z.unknown()).optional(),
});
const device = z.looseObject({
  ieee_address: z.string().min(1).max(64),
  friendly_name: z.string().min(1).max(256),
  disabled: z.boolean().optional(),
  type: z.string().optional(),
  definition: z
    .looseObject({
      model: z.string(),
      vendor: z.string(),
      exposes: z.array(z.unknown()).default([]),
    })
    .nullish(),
});
type Device = z.infer<typeof device>;

/** Bit 1 of `access`: it is in the published state. */
const PUBLISHED = 1;
const SWITCHED = new Set(['string', 'boolean', 'number']);

/** Members of the state that a device exposes. */
function membersOf(exposes: readonly unknown[], under = ''): Member[] {
  return exposes.flatMap((given): Member[] => {
    const parsed = expose.safeParse(given);
    if (!parsed.success) return [];
    const {
      type,
      property,
      name = property,
      unit,
      access = PUBLISHED,
      features,
      value_on: on,
      value_off: off,
    } = parsed.data;
    const path = property === undefined ? under : `${under}${property}.`;
    // Those of a composite stand within it, those of a light or a switch beside it.
    if (features !== undefined) return membersOf(features, type === 'composite' ? path : under);
    if (property === undefined || (access & PUBLISHED) === 0 || type === 'list') return [];
    const words =
      type === 'binary' && SWITCHED.has(typeof on) && SWITCHED.has(typeof off)
        ? { words: { [String(on)]: true, [String(off)]: false } }
        : {};
    // A name is the same for all endpoints; the property is not.
    const named = name === undefined || property !== name ? property : name;
    return [
      {
        path: `${under}${property}`,
        name: named,
        isWord: type !== 'numeric',
        ...(unit !== undefined && { unit }),
        ...words,
      },
    ];
  });
}

function thingOf(base: string, { ieee_address, friendly_name, definition }: Device): FoundThing {
  const { fields, ...named } = proposeFields(membersOf(definition?.exposes ?? []), 'zigbee2mqtt');
  const { vendor, model } = definition ?? { vendor: '', model: '' };
  return {
    id: ieee_address,
    name: friendly_name,
    kind: `${vendor} ${model}`.trim(),
    maker: vendor,
    model,
    isWhole: true,
    mayMove: true,
    // A remote that exposes nothing in its state is listed all the same.
    mappings:
      fields.length === 0
        ? []
        : [
            {
              topic: `${base}/${friendly_name}`,
              subject: `zigbee/${escapeName(ieee_address, { isInside: true })}`,
              unit: '',
              time: 'last_seen',
              fields: [...fields],
            },
          ],
    ...named,
  };
}

export const zigbee2mqtt: Connector<Settings> = {
  manifest: {
    name: 'zigbee2mqtt',
    title: 'Zigbee2MQTT',
    about: 'Zigbee sensors, plugs and lights of any make, by a Zigbee2MQTT that is there.',
    ways: ['mqtt'],
    triedAgainst:
      'messages built from zigbee-herdsman-converters 26.112.0, 4,485 models (a radio is needed for the program itself)',
  },
  settings,
  start({ baseTopics }) {
    const announcements = new Map(baseTopics.map((base) => [`${base}/bridge/devices`, base]));
    return {
      filters: baseTopics.map((base) => `${base}/#`),
      discover(message): Discovered {
        const base = announcements.get(message.topic);
        if (base === undefined) return { found: [] };
        const listed = jsonMessage(message);
        const devices = Array.isArray(listed) ? listed : [];
        return {
          found: devices.flatMap((given) => {
            const { data } = device.safeParse(given);
            const isThing = data?.definition != null && data.type !== 'Coordinator' && data.disabled !== true;
            // A name with a wildcard in it would be a filter for the topics of others.
            return isThing && !/[+#]/.test(data.friendly_name) ? [thingOf(base, data)] : [];
          }),
        };
      },
    };
  },
};
