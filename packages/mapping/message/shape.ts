// What a mapping is made of.
import { isTopicFilter } from '@trine/protocol';
import { zones } from '@trine/protocol/calendar/zones.ts';
import { z } from 'zod';
import { numberTypes } from '../bytes.ts';
import { formatNamed } from '../times/format.ts';
import { Zone } from '../times/zone.ts';
import { rational } from '../units/rational.ts';

/** Does it read, as those who use it read it? */
function isSound(read: (text: string) => unknown): (text: string) => boolean {
  return (text) => {
    try {
      read(text);
      return true;
    } catch {
      return false;
    }
  };
}

const TEXT_CHARS_MAX = 1_024;
const CODE_CHARS_MAX = 65_536;
const FIELDS_MAX = 1_000;

const text = z.string().min(1).max(TEXT_CHARS_MAX);
const word = z.union([z.string().max(TEXT_CHARS_MAX), z.number(), z.boolean()]);
const unit = z
  .string()
  .max(TEXT_CHARS_MAX)
  .default('')
  .describe('Unit of that number: a SenML symbol, or as the field writes it (`°F`, `kwh`); or `{json:PATH}`.');
const missing = z
  .array(z.number())
  .optional()
  .describe('Numbers that stand for "no value", such as -999, beside the words that always do.');
const decimal = z
  .enum(['.', ','])
  .optional()
  .describe('Decimal sign of numbers in texts; without it only what can be read in one way is read.');
const decimalText = z
  .union([z.number(), z.string().max(60)])
  .refine((given) => isSound(rational)(String(given)), 'Expected a decimal such as 0.1, or a fraction such as 5/9.');
const encoding = z.enum(['binary', 'hex', 'base64']);
const valid = z
  .strictObject({ path: text, is: z.array(word).min(1).max(50) })
  .optional()
  .describe('A member that says how good the value is, and the words for good: with another one there is no value.');
const path = 'Path of a member: dotted (`rxInfo.0.rssi`), or from the outermost as a JSON Pointer (`/a/b`, RFC 6901)';

const value = {
  unit,
  missing,
  decimal,
  scale: decimalText.optional().describe('The value is multiplied by it, exactly: a decimal, or a fraction as text.'),
  offset: decimalText.optional().describe('And this is added then.'),
  words: z
    .record(z.string().max(TEXT_CHARS_MAX), z.union([z.number(), z.boolean()]))
    .optional()
    .describe('Words that stand for values: `{"ON": true, "closed": 0}`.'),
  hex: z.boolean().optional().describe('Numbers are hexadecimal text.'),
  split: z
    .strictObject({ by: z.string().min(1).max(8), part: z.number().int().min(0).max(99) })
    .optional()
    .describe('The value is one part of a text, such as of "52.52,13.40".'),
  valid,
};

const bytes = z
  .strictObject({
    type: z.enum(numberTypes),
    offset: z.number().int().min(0),
    isLittleEndian: z.boolean().optional(),
    bits: z.strictObject({ first: z.number().int().min(0), count: z.number().int().min(1) }).optional(),
  })
  .describe('Where it lies in the bytes: type, bytes before it, byte order, bits of it.');

const field = z.strictObject({
  path: text.optional().describe(`${path}. Absent where the value lies in bytes.`),
  bytes: bytes.optional(),
  quantity: text.describe('What it is called here; `{1}`, `{json:PATH}` as in subjects.'),
  time: text.optional().describe('Member with the time of this value, where each has its own.'),
  ...value,
});

const code = z.string().min(1).max(CODE_CHARS_MAX);

export const mappingShape = z.strictObject({
  topic: text
    .refine(isTopicFilter, 'Expected a topic filter (MQTT 3.1.1 §4.7): + and # stand for whole levels, # for the last.')
    .describe('MQTT topic filter, for example `zigbee2mqtt/+`; for HTTP the path below the connector.'),
  where: z
    .record(text, word)
    .optional()
    .describe('Only messages, or parts of them, in which these members have these values.'),
  transform: code
    .optional()
    .describe('JSONata expression that makes of the payload what the rest of the mapping reads; bounded in time.'),
  codec: z
    .strictObject({ source: code, bytes: text, encoding: encoding.default('base64'), port: text.optional() })
    .optional()
    .describe(
      'Payload formatter in the form of The Things Network (`decodeUplink`), run in a sandbox: what it makes of the bytes stands at `decoded`.',
    ),
  each: text
    .optional()
    .describe('Several in one message: the path of a list, or of members, with `*` for each (`*.*`, `data.*`).'),
  format: z
    .enum(['line-protocol'])
    .optional()
    .describe(
      'The payload is points of InfluxDB, one a line: a list of `{measurement, tags, fields, time}`, read like JSON.',
    ),
  encoding: encoding.optional().describe('The payload is bytes, as they are or as text, and fields say where in them.'),
  frame: z
    .strictObject({ path: text, encoding: encoding.exclude(['binary']) })
    .optional()
    .describe('A member that holds bytes as text; fields say where in them.'),
  subject: text.describe(
    'Subject signed about; `{1}` is what the first + matched, `{topic}` the whole topic, `{json:PATH}` a member, `{each:1}` what the first * stood for.',
  ),
  name: text.optional().describe('What people call it, with the same places.'),
  quantity: text.optional().describe('Quantity of a payload that is one value; `{1}` as above.'),
  ...value,
  fields: z
    .array(field)
    .max(FIELDS_MAX)
    .default([])
    .describe('For JSON payloads: which members (`a.b`) become which quantity in which unit.'),
  time: text
    .nullish()
    .describe(
      'JSON member with the event time: ISO 8601, or a count since 1970. Where it is missing or none, the arrival counts.',
    ),
  timeFormat: z
    .string()
    .max(TEXT_CHARS_MAX)
    .refine(
      isSound(formatNamed),
      'Expected iso, day-first, unix-ms and the like, or a pattern such as dd.MM.yyyy HH:mm.',
    )
    .optional()
    .describe(
      'How it is written, where it is neither: a name or a pattern as `trine import --time-format` takes them.',
    ),
  timezone: z
    .string()
    .max(TEXT_CHARS_MAX)
    .refine(
      isSound((name) => Zone.of(name, zones)),
      'Expected a time zone such as Europe/Berlin or +01:00.',
    )
    .optional()
    .describe('Zone of times that name none, such as `Europe/Berlin`. Without it the arrival counts for them.'),
  once: text
    .optional()
    .describe(
      'What names the message wherever it comes from, such as `{json:deduplicationId}`: with the same name it is the same message.',
    ),
});

export type Mapping = z.infer<typeof mappingShape>;
export type MappedField = Mapping['fields'][number];
/** How one value is read. */
export type ValueRule = Omit<MappedField, 'path' | 'quantity' | 'bytes' | 'time'>;
