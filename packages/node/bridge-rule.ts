// A rule of the bridge: what plain messages of a topic mean. Checked as a whole when the node starts, in words.
import { formatNamed } from '@trine/mapping/times/format.ts';
import { Zone } from '@trine/mapping/times/zone.ts';
import { ruleUnit } from '@trine/mapping/units/units.ts';
import { zones } from '@trine/protocol/calendar/zones.ts';
import { z } from 'zod';

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

const unit = z
  .string()
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

const bridgeField = z.strictObject({
  path: z.string().min(1),
  quantity: z.string().min(1),
  unit,
  missing,
  decimal,
});

const shape = z.strictObject({
  topic: z.string().min(1).describe('MQTT topic filter, for example `zigbee2mqtt/+`.'),
  subject: z
    .string()
    .min(1)
    .describe(
      'Subject signed about; `{1}` is what the first + matched, `{topic}` the whole topic, `{json:PATH}` a member.',
    ),
  quantity: z.string().min(1).optional().describe('Quantity of a payload that is one number; `{1}` as above.'),
  unit,
  missing,
  decimal,
  fields: z
    .array(bridgeField)
    .default([])
    .describe('For JSON payloads: which members (`a.b`) become which quantity in which unit.'),
  time: z
    .string()
    .optional()
    .describe(
      'JSON member with the event time: ISO 8601, or a count since 1970. Where it is missing or none, the arrival counts.',
    ),
  timeFormat: z
    .string()
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
    .refine(
      isSound((name) => Zone.of(name, zones)),
      'Expected a time zone such as Europe/Berlin or +01:00.',
    )
    .optional()
    .describe('Zone of times that name none, such as `Europe/Berlin`. Without it the arrival counts for them.'),
});
export type BridgeRule = z.infer<typeof shape>;
export type BridgeField = BridgeRule['fields'][number];

/** The rule as settings give it. What is wrong with it stops the start of a node, and is named. */
export const bridgeRule = shape.superRefine((rule, context) => {
  const problem = problemOf(rule);
  if (problem) context.addIssue({ code: 'custom', message: problem.message, path: problem.path });
});

interface Problem {
  readonly path: (string | number)[];
  readonly message: string;
}

const PLACE = /\{([^{}]*)\}/g;

function problemOf(rule: BridgeRule): Problem | undefined {
  if (rule.quantity === undefined && rule.fields.length === 0)
    return {
      path: [],
      message: `the rule for "${rule.topic}" says neither a quantity, for payloads of one value, nor fields, for JSON`,
    };
  const values = [
    { path: ['unit'], unit: rule.unit, quantity: rule.quantity ?? '' },
    ...rule.fields.map((field, i) => ({ path: ['fields', i, 'unit'], unit: field.unit, quantity: field.quantity })),
  ];
  for (const { path, unit: written, quantity } of values) {
    if (/^\{json:[^{}]+\}$/.test(written)) {
      const message = problemOfTemplate(rule, written);
      if (message) return { path, message };
      continue;
    }
    if (ruleUnit(written, quantity) !== undefined) continue;
    return {
      path,
      message: `"${written}" is no unit known here: give a SenML symbol (Cel, W, kWh, m3, %, …; RFC 8428), its usual spelling (°C, kwh, m³), or leave it out`,
    };
  }
  const templates = [
    { path: ['subject'], text: rule.subject },
    { path: ['quantity'], text: rule.quantity ?? '' },
    ...rule.fields.map(({ quantity }, i) => ({ path: ['fields', i, 'quantity'], text: quantity })),
  ];
  for (const { path, text } of templates) {
    const message = problemOfTemplate(rule, text);
    if (message) return { path, message };
  }
  return undefined;
}

function problemOfTemplate({ topic, fields }: BridgeRule, text: string): string | undefined {
  const wildcards = topic.split('/').filter((level) => level === '+' || level === '#').length;
  for (const [place, name = ''] of text.matchAll(PLACE)) {
    if (name === 'topic') continue;
    if (name.startsWith('json:') && name.length > 5) {
      if (fields.length > 0) continue;
      return `${place} is a member of JSON, and the rule has no fields: its payloads are no JSON`;
    }
    if (!/^[1-9]\d*$/.test(name)) return `${place} means nothing: use {1}, {2}, …, {topic} or {json:PATH}`;
    if (Number(name) > wildcards)
      return `${place} needs ${name} + or # in the topic "${topic}", which has ${wildcards === 0 ? 'none' : wildcards}`;
  }
  return undefined;
}
