// ChirpStack v4: events of LoRaWAN devices by MQTT (JSON marshaler) or by its HTTP integration. An uplink that several gateways
// heard is one event, named by its deduplication id. Events: https://www.chirpstack.io/docs/chirpstack/integrations/events.html
import type { Connector, Discovered } from '@trine/mapping/connector.ts';
import { proposeFields } from '@trine/mapping/fields.ts';
import { MappingError } from '@trine/mapping/message/error.ts';
import { jsonMessage } from '@trine/mapping/message/message.ts';
import type { Mapping } from '@trine/mapping/message/shape.ts';
import { escapeName } from '@trine/mapping/names.ts';
import { z } from 'zod';
import { uplinkFields } from '../lorawan.ts';

const settings = z.strictObject({
  prefix: z
    .string()
    .regex(/^([^+#\s]+\/)?$/)
    .default('')
    .describe('What stands before `application/…` in its topics (`event_topic`), with the slash.'),
  codecs: z
    .record(z.string(), z.string().min(1).max(65_536))
    .default({})
    .describe(
      'Payload codecs (`decodeUplink`, JavaScript) of device profiles without one in ChirpStack, by name of the profile; run in a sandbox.',
    ),
});
type Settings = z.infer<typeof settings>;

const NAME_CHARS_MAX = 256;
const name = z.string().min(1).max(NAME_CHARS_MAX);
const event = z.looseObject({
  deviceInfo: z.looseObject({
    applicationId: name.regex(/^[^+#/]+$/),
    devEui: z.string().regex(/^[0-9a-fA-F]{16}$/),
    deviceName: z.string().max(NAME_CHARS_MAX).default(''),
    deviceProfileName: z.string().max(NAME_CHARS_MAX).default(''),
  }),
  data: z.string().optional(),
  fPort: z.int().optional(),
  object: z.looseObject({}).nullish(),
});
type Event = z.infer<typeof event>;

/** Events with values of a device. */
const READ = ['up', 'status'] as const;

export const chirpstack: Connector<Settings> = {
  manifest: {
    name: 'chirpstack',
    title: 'ChirpStack',
    about: 'LoRaWAN devices of a ChirpStack v4 network server.',
    ways: ['mqtt', 'http'],
    triedAgainst: 'events in the shape of its documentation for v4',
    example: {
      path: '?event=up',
      body: JSON.stringify({
        deduplicationId: '3ac7e3c4-4401-4b8d-9386-a5c902f9202d',
        time: '2026-01-05T12:00:00Z',
        deviceInfo: {
          applicationId: 'example',
          deviceProfileName: 'Example profile',
          deviceName: 'example',
          devEui: '0101010101010101',
        },
        object: { temperature: 21.5 },
      }),
    },
  },
  settings,
  start({ prefix, codecs }, code) {
    const topicOf = ({ applicationId, devEui }: Event['deviceInfo'], kind: string) =>
      `${prefix}application/${applicationId}/device/${devEui}/event/${kind}`;

    /** What the decoded payload holds: of ChirpStack's own codec, or of one that is kept here. */
    const fieldsOf = ({ deviceInfo, object, data, fPort }: Event) =>
      uplinkFields(
        { decoded: object, frame: data, port: fPort, source: codecs[deviceInfo.deviceProfileName] },
        { decoded: 'object', frame: 'data', port: 'fPort' },
        'data: its device profile has no payload codec',
        code,
      );

    function discover(given: unknown, topic: string, kind: string): Discovered {
      const { data } = event.safeParse(given);
      if (data === undefined) throw new MappingError('This is no event of ChirpStack: it has no deviceInfo.');
      const { deviceInfo } = data;
      // Nobody says on the topic of one device what another measures.
      if (topicOf(deviceInfo, kind) !== topic)
        throw new MappingError('This event names another device than its topic.');
      const { fields, unknown, assumed, codec } =
        kind === 'status'
          ? { ...proposeFields([{ path: 'batteryLevel', name: 'battery', unit: '%' }]), codec: undefined }
          : fieldsOf(data);
      const mapping: Mapping = {
        topic,
        subject: `lorawan/${escapeName(deviceInfo.devEui, { isInside: true })}`,
        ...(codec && { codec }),
        unit: '',
        time: 'time',
        once: '{json:deduplicationId}',
        fields: [...fields],
      };
      const { devEui, deviceName, deviceProfileName } = deviceInfo;
      const thing = { id: devEui, name: deviceName || devEui, kind: deviceProfileName, unknown, assumed };
      return { found: [{ ...thing, mappings: fields.length === 0 ? [] : [mapping] }] };
    }

    return {
      formatters: Object.values(codecs),
      filters: READ.map((kind) => `${prefix}application/+/device/+/event/${kind}`),
      discover(message) {
        const kind = message.topic.slice(message.topic.lastIndexOf('/') + 1);
        return discover(jsonMessage(message), message.topic, kind);
      },
      messages({ query, body }) {
        const kind = query.get('event') ?? 'up';
        const given = jsonMessage({ topic: `event ${kind.slice(0, 20)}`, payload: body });
        const { data } = event.safeParse(given);
        const isRead = READ.some((one) => one === kind) && data !== undefined;
        // Joins, logs and the like are none of ours: they are taken, so that nobody sends them again.
        const messages = isRead ? [{ topic: topicOf(data.deviceInfo, kind), payload: body }] : [];
        return { messages, answer: { status: 200 } };
      },
    };
  },
};
