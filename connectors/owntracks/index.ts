// OwnTracks: where phones are, by MQTT or HTTP. Format: https://owntracks.org/booklet/tech/json/
import type { Connector } from '@trine/mapping/connector.ts';
import { MappingError } from '@trine/mapping/message/error.ts';
import { jsonMessage } from '@trine/mapping/message/message.ts';
import type { Mapping } from '@trine/mapping/message/shape.ts';
import { escapeName } from '@trine/mapping/names.ts';
import { z } from 'zod';

const settings = z.strictObject({
  base: z
    .string()
    .regex(/^[^+#\s/]+$/)
    .default('owntracks')
    .describe('First level of its topics.'),
});
type Settings = z.infer<typeof settings>;

const location = z.looseObject({ _type: z.literal('location'), lat: z.number(), lon: z.number() });
const level = /^[^+#/]{1,64}$/;

const fields: Mapping['fields'] = [
  { path: 'lat', quantity: 'latitude', unit: 'lat' },
  { path: 'lon', quantity: 'longitude', unit: 'lon' },
  { path: 'acc', quantity: 'position-accuracy', unit: 'm' },
  { path: 'alt', quantity: 'altitude', unit: 'm' },
  { path: 'vel', quantity: 'speed', unit: 'm/s', scale: '5/18' },
  { path: 'cog', quantity: 'course', unit: 'deg' },
  { path: 'batt', quantity: 'battery-level', unit: '%EL' },
];

export const owntracks: Connector<Settings> = {
  manifest: {
    name: 'owntracks',
    title: 'OwnTracks',
    about: 'Positions of phones, from their owners.',
    ways: ['mqtt', 'http'],
    triedAgainst: 'messages in the shape of its booklet',
    example: {
      path: '?u=example&d=phone',
      body: JSON.stringify({ _type: 'location', lat: 52.52, lon: 13.405, tst: 1_767_614_400 }),
    },
  },
  settings,
  start: ({ base }) => ({
    filters: [`${base}/+/+`],
    discover(message) {
      if (!location.safeParse(jsonMessage(message)).success) return { found: [] };
      const [, user = '', device = ''] = message.topic.split('/');
      const mapping: Mapping = {
        topic: message.topic,
        // Waypoints, transitions and what is encrypted come on the same topic.
        where: { _type: 'location' },
        subject: `phone/${escapeName(user, { isInside: true })}.${escapeName(device, { isInside: true })}`,
        unit: '',
        time: 'tst',
        fields,
      };
      return { found: [{ id: `${user}/${device}`, name: `${user} ${device}`, kind: 'phone', mappings: [mapping] }] };
    },
    messages({ query, headers, body }) {
      const user = query.get('u') ?? headers.get('x-limit-u') ?? '';
      const device = query.get('d') ?? headers.get('x-limit-d') ?? '';
      if (!level.test(user) || !level.test(device))
        throw new MappingError(
          'OwnTracks in HTTP mode names user and device: set both, or add ?u=USER&d=DEVICE to the URL.',
        );
      return {
        messages: [{ topic: `${base}/${user}/${device}`, payload: body }],
        // Friends to be shown on its map: none.
        answer: { status: 200, body: '[]', contentType: 'application/json' },
      };
    },
  }),
};
