// The Things Stack v3 (The Things Network): uplinks by its MQTT server or by webhooks. Formats:
// https://www.thethingsindustries.com/docs/integrations/data-formats/
import type { Connector, Discovered } from '@trine/mapping/connector.ts';
import { MappingError } from '@trine/mapping/message/error.ts';
import { jsonMessage } from '@trine/mapping/message/message.ts';
import type { Mapping } from '@trine/mapping/message/shape.ts';
import { escapeName } from '@trine/mapping/names.ts';
import { z } from 'zod';
import { uplinkFields } from '../lorawan.ts';

const settings = z.strictObject({
  codecs: z
    .record(z.string(), z.string().min(1).max(65_536))
    .default({})
    .describe(
      'Payload formatters (`decodeUplink`, JavaScript) of applications without one there, by id of the application; run in a sandbox.',
    ),
});
type Settings = z.infer<typeof settings>;

const id = z.string().regex(/^[a-z0-9][a-z0-9._-]{0,63}$/);
const uplink = z.looseObject({
  end_device_ids: z.looseObject({
    device_id: id,
    application_ids: z.looseObject({ application_id: id }),
  }),
  uplink_message: z.looseObject({
    f_port: z.int().optional(),
    frm_payload: z.string().optional(),
    decoded_payload: z.looseObject({}).nullish(),
    version_ids: z
      .looseObject({ brand_id: z.string().max(64).optional(), model_id: z.string().max(64).optional() })
      .nullish(),
  }),
});
/** The tenant stands behind the application. */
const TOPIC = /^v3\/([^/@]+)(?:@[^/]+)?\/devices\/([^/]+)\/up$/;
type Uplink = z.infer<typeof uplink>;

export const tts: Connector<Settings> = {
  manifest: {
    name: 'tts',
    title: 'The Things Stack',
    about: 'LoRaWAN devices of The Things Network or a Things Stack v3 of your own.',
    ways: ['mqtt', 'http'],
    triedAgainst: 'messages in the shape of its documentation for v3',
    example: {
      path: '/up',
      body: JSON.stringify({
        end_device_ids: { device_id: 'example', application_ids: { application_id: 'example' } },
        uplink_message: {
          session_key_id: 'AYf',
          f_cnt: 1,
          received_at: '2026-01-05T12:00:00Z',
          decoded_payload: { temperature: 21.5 },
        },
      }),
    },
  },
  settings,
  start({ codecs }, code) {
    /** By MQTT the tenant stands behind the application; by webhook nobody says it. */
    const pushedTopic = ({ device_id, application_ids }: Uplink['end_device_ids']) =>
      `v3/${application_ids.application_id}/devices/${device_id}/up`;

    const fieldsOf = ({ end_device_ids: { application_ids }, uplink_message: said }: Uplink) =>
      uplinkFields(
        {
          ...{ decoded: said.decoded_payload, frame: said.frm_payload, port: said.f_port },
          source: codecs[application_ids.application_id],
        },
        {
          ...{ decoded: 'uplink_message.decoded_payload', frame: 'uplink_message.frm_payload' },
          port: 'uplink_message.f_port',
        },
        'frm_payload: its application has no payload formatter',
        code,
      );

    function discover(given: unknown, topic: string): Discovered {
      const { data } = uplink.safeParse(given);
      if (data === undefined) throw new MappingError('This is no uplink of The Things Stack.');
      const { device_id, application_ids } = data.end_device_ids;
      // Nobody speaks for a device on the topic of another.
      const [, application, device] = TOPIC.exec(topic) ?? [];
      if (application !== application_ids.application_id || device !== device_id)
        throw new MappingError('This uplink names another device than its topic.');
      const { fields, unknown, assumed, codec } = fieldsOf(data);
      const mapping: Mapping = {
        topic,
        subject: `lorawan/${escapeName(`${application_ids.application_id}.${device_id}`, { isInside: true })}`,
        ...(codec && { codec }),
        unit: '',
        time: 'uplink_message.received_at',
        once: '{json:uplink_message.session_key_id} {json:uplink_message.f_cnt}',
        fields: [...fields],
      };
      const { brand_id, model_id } = data.uplink_message.version_ids ?? {};
      return {
        found: [
          {
            id: `${application_ids.application_id}/${device_id}`,
            name: device_id,
            kind: model_id === undefined ? application_ids.application_id : `${brand_id ?? ''} ${model_id}`.trim(),
            ...(brand_id !== undefined && { maker: brand_id }),
            ...(model_id !== undefined && { model: model_id }),
            mappings: fields.length === 0 ? [] : [mapping],
            unknown,
            assumed,
          },
        ],
      };
    }

    return {
      formatters: Object.values(codecs),
      filters: ['v3/+/devices/+/up'],
      discover: (message) => discover(jsonMessage(message), message.topic),
      messages({ body }) {
        const { data } = uplink.safeParse(jsonMessage({ topic: 'webhook', payload: body }));
        // Joins, acknowledgements and the like are none of ours: they are taken, so that nobody sends them again.
        const messages = data === undefined ? [] : [{ topic: pushedTopic(data.end_device_ids), payload: body }];
        return { messages, answer: { status: 200 } };
      },
    };
  },
};
