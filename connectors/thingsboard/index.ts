// Devices that speak to ThingsBoard: telemetry by HTTP, and of its gateways by MQTT.
// https://thingsboard.io/docs/reference/http-api/ and …/gateway-mqtt-api/
import type { Connector, FoundThing } from '@trine/mapping/connector.ts';
import { proposeFields, valueMembers } from '@trine/mapping/fields.ts';
import { MappingError } from '@trine/mapping/message/error.ts';
import { jsonMessage } from '@trine/mapping/message/message.ts';
import type { Mapping } from '@trine/mapping/message/shape.ts';
import { escapeName } from '@trine/mapping/names.ts';
import { z } from 'zod';

const settings = z.strictObject({});
const GATEWAY = 'v1/gateway/telemetry';
const PUSHED = /^(?:api\/v1\/)?([\w-]{1,64})\/telemetry$/;
const DEVICES_MAX = 1_000;

/** The forms of telemetry: members alone, with a time around them, or a list of such. */
function formOf(json: unknown): 'plain' | 'dated' | 'list' {
  if (Array.isArray(json)) return 'list';
  return typeof json === 'object' && json !== null && 'ts' in json && 'values' in json ? 'dated' : 'plain';
}

const subjectOf = (name: string): string => `thingsboard/${escapeName(name, { isInside: true, charsMax: 100 })}`;

/** @param each of a message of a gateway or of a list, what comes before its values */
function thingOf(
  id: string,
  topic: string,
  json: unknown,
  form: ReturnType<typeof formOf>,
  each?: string,
): FoundThing | undefined {
  const first = form === 'list' ? (Array.isArray(json) ? json[0] : undefined) : json;
  const isDated = formOf(first) === 'dated';
  const { fields, ...named } = proposeFields(
    valueMembers(isDated ? (first as { values: unknown }).values : first, isDated ? 'values' : ''),
  );
  if (fields.length === 0) return undefined;
  const mapping: Mapping = {
    ...{ topic, subject: subjectOf(id), unit: '' },
    // Of a message of a gateway that does not name the device nothing is missing.
    ...(each !== undefined && { each, where: {} }),
    ...(isDated && { time: 'ts' }),
    fields: [...fields],
  };
  return { ...{ id, name: id, kind: '', mappings: [mapping] }, ...named };
}

export const thingsboard: Connector = {
  manifest: {
    name: 'thingsboard',
    title: 'ThingsBoard devices',
    about: 'Devices and gateways that speak ThingsBoard’s telemetry, as they are.',
    ways: ['mqtt', 'http'],
    triedAgainst: 'messages in the shape of its documentation',
    example: { path: '/api/v1/example/telemetry', body: JSON.stringify({ temperature: 21.5 }) },
  },
  settings,
  start: () => ({
    filters: [GATEWAY],
    discover(message) {
      const json = jsonMessage(message);
      const [, id, form] = /^thingsboard\/([\w-]+)\/(plain|dated|list)$/.exec(message.topic) ?? [];
      if (id !== undefined) {
        const thing = thingOf(id, message.topic, json, form as 'list', form === 'list' ? '*' : undefined);
        return { found: thing ? [thing] : [] };
      }
      if (typeof json !== 'object' || json === null)
        throw new MappingError('A gateway names devices and their telemetry.');
      return {
        found: Object.entries(json)
          .slice(0, DEVICES_MAX)
          .flatMap(([device, said]) => {
            // A device with a dot or a star in its name cannot be told by a path.
            const isNamed = Array.isArray(said) && device !== '' && !/[.*]/.test(device) && !device.startsWith('/');
            const thing = isNamed ? thingOf(device, message.topic, said, 'list', `${device}.*`) : undefined;
            return thing ? [thing] : [];
          }),
      };
    },
    messages({ path, body }) {
      const device = PUSHED.exec(path)?.[1];
      if (device === undefined)
        throw new MappingError('Telemetry is posted to …/api/v1/DEVICE/telemetry; attributes and RPC are not taken.');
      const form = formOf(jsonMessage({ topic: path, payload: body }));
      return { messages: [{ topic: `thingsboard/${device}/${form}`, payload: body }], answer: { status: 200 } };
    },
  }),
};
