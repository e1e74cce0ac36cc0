// Any topic that no other connector knows: a number, or JSON with numbers in it. What it is called and in which unit it is,
// nobody said: whoever accepts it does.

import { textOf } from '@trine/mapping/bytes.ts';
import type { Connector } from '@trine/mapping/connector.ts';
import { describeJson } from '@trine/mapping/describe.ts';
import type { Mapping } from '@trine/mapping/message/shape.ts';
import { escapeName } from '@trine/mapping/names.ts';
import { parseJson } from '@trine/mapping/values/json.ts';
import { readText, trimmed } from '@trine/mapping/values/values.ts';
import { z } from 'zod';

const settings = z.strictObject({
  filters: z.array(z.string().min(1).max(1_024)).min(1).max(100).default(['#']).describe('Topic filters to look at.'),
});
type Settings = z.infer<typeof settings>;

const SUBJECT_CHARS = 100;
const PAYLOAD_BYTES_MAX = 65_536;

/**
 * Topics of brokers about themselves, of commands and of answers, where nobody measures; and that of all devices of
 * ThingsBoard, on which nobody tells them apart.
 */
const NO_READING =
  /^\$|^v1\/devices\/me\/|(?:^|\/)(?:set|get|cmd|cmnd|command|rpc|request|response|availability|lwt|online|status|log)$/i;

export const topics: Connector<Settings> = {
  manifest: {
    name: 'topics',
    title: 'Other topics',
    about: 'Topics that nothing else reads: a number, or JSON with numbers.',
    ways: ['mqtt'],
    triedAgainst: 'messages of one’s own',
  },
  settings,
  start: ({ filters }) => ({
    filters,
    discover({ topic, payload }) {
      if (NO_READING.test(topic) || payload.length > PAYLOAD_BYTES_MAX) return { found: [] };
      const text = trimmed(textOf(payload) ?? '');
      const last = topic.slice(topic.lastIndexOf('/') + 1);
      // A topic is a thing: whether it is another thing than its neighbour, nobody said.
      const subject = escapeName(topic, { charsMax: SUBJECT_CHARS, keepsSlashes: true });
      const { mapping, ...named } = text.startsWith('{')
        ? ofJson(topic, subject, text)
        : ofNumber(topic, subject, last, text);
      if (mapping === undefined) return { found: [] };
      return { found: [{ id: topic, name: topic, kind: '', mappings: [mapping], ...named }] };
    },
  }),
};

interface Described {
  readonly mapping?: Mapping;
  readonly unknown: readonly string[];
  readonly assumed: readonly string[];
}

function ofNumber(topic: string, subject: string, last: string, text: string): Described {
  const said = readText(text, { expects: 'number' });
  if (said.is !== 'value') return { unknown: [], assumed: [] };
  const { fields, unknown, assumed } = describeJson({ [last]: said.value }, '');
  const [field] = fields;
  if (field === undefined) return { unknown: [], assumed: [] };
  return {
    mapping: { topic, subject, quantity: field.quantity, unit: said.unit ?? field.unit, fields: [] },
    unknown,
    assumed: said.unit === undefined ? assumed : [],
  };
}

function ofJson(topic: string, subject: string, text: string): Described {
  let json: unknown;
  try {
    json = parseJson(text);
  } catch {
    return { unknown: [], assumed: [] };
  }
  const { fields, time, unknown, assumed } = describeJson(json, '');
  if (fields.length === 0) return { unknown: [], assumed: [] };
  return { mapping: { topic, subject, unit: '', ...(time && { time }), fields: [...fields] }, unknown, assumed };
}
