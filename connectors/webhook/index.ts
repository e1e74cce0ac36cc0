// JSON that anything pushes by HTTP: what stands behind the address names what it is about.
import type { Connector } from '@trine/mapping/connector.ts';
import { describeJson } from '@trine/mapping/describe.ts';
import { MappingError } from '@trine/mapping/message/error.ts';
import { jsonMessage } from '@trine/mapping/message/message.ts';
import type { Mapping } from '@trine/mapping/message/shape.ts';
import { escapeName } from '@trine/mapping/names.ts';
import { z } from 'zod';

const settings = z.strictObject({});
const PATH = /^[^+#]{1,128}$/;

export const webhook: Connector = {
  manifest: {
    name: 'webhook',
    title: 'Webhook',
    about: 'JSON that a program or a service posts, one thing or a list of records.',
    ways: ['http'],
    triedAgainst: 'curl',
    example: { path: '/example', body: JSON.stringify({ temperature: 21.5 }) },
  },
  settings,
  start: () => ({
    filters: [],
    discover(message) {
      const json = jsonMessage(message);
      const isList = Array.isArray(json);
      const { fields, time, ...named } = describeJson(isList ? json[0] : json, '');
      if (fields.length === 0) return { found: [] };
      const id = message.topic.slice('webhook/'.length);
      const mapping: Mapping = {
        ...{
          topic: message.topic,
          subject: `webhook/${escapeName(id, { isInside: true, keepsSlashes: true, charsMax: 110 })}`,
        },
        ...(isList && { each: '*' }),
        ...{ unit: '', ...(time && { time }), fields: [...fields] },
      };
      return { found: [{ ...{ id, name: id, kind: '', mappings: [mapping] }, ...named }] };
    },
    messages({ path, body }) {
      if (!PATH.test(path))
        throw new MappingError(
          'Add to the address what the message is about, such as /boiler-2: letters, digits, - and /.',
        );
      return { messages: [{ topic: `webhook/${path}`, payload: body }], answer: { status: 202 } };
    },
  }),
};
