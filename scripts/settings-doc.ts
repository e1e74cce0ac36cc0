// Writes the pages of settings and of mappings, docs/reference/{settings,mapping}.md, from the schemas that validate them:
// `node scripts/settings-doc.ts`.
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { mappingShape } from '@trine/mapping/message/shape.ts';
import { settingsSchema } from '@trine/node/settings.ts';
import { z } from 'zod';

interface JsonSchema {
  readonly type?: string;
  readonly description?: string;
  readonly default?: unknown;
  readonly properties?: Record<string, JsonSchema>;
  readonly items?: JsonSchema;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly enum?: readonly string[];
  readonly anyOf?: readonly JsonSchema[];
}

/** What a page of its own says. */
const elsewhere: Readonly<Record<string, string>> = {
  bridge: 'Mappings of plain MQTT topics, read before what connectors found: see [mapping](mapping.md).',
};

function rows(schema: JsonSchema, prefix = ''): string[] {
  return Object.entries(schema.properties ?? {}).flatMap(([name, property]) => {
    const path = `${prefix}${name}`;
    const known = elsewhere[path];
    if (known !== undefined) return [`| \`${path}\` | ${property.type} |  | ${known} |`];
    if (property.type === 'object' && property.properties) return rows(property, `${path}.`);
    const range = property.enum ? property.enum.join(', ') : limitsOf(property);
    const fallback = property.default === undefined ? '' : `\`${JSON.stringify(property.default)}\``;
    const row = `| \`${path}\` | ${property.type ?? (property.anyOf ?? []).map(({ type }) => type).join(' or ')}${range && `: ${range}`} | ${fallback} | ${property.description ?? ''} |`;
    const members = property.type === 'array' && property.items?.properties ? rows(property.items, `${path}[].`) : [];
    return [row, ...members];
  });
}

/** Bounds that mean something; the widest integers are none. */
function limitsOf({ minimum, maximum }: JsonSchema): string {
  const low = minimum !== undefined && Math.abs(minimum) < Number.MAX_SAFE_INTEGER ? `from ${minimum}` : '';
  const high = maximum !== undefined && maximum < Number.MAX_SAFE_INTEGER ? `to ${maximum}` : '';
  return [low, high].filter(Boolean).join(' ');
}

/** The page as it should be. */
export function settingsPage(): string {
  const schema = z.toJSONSchema(settingsSchema, { io: 'input' }) as JsonSchema;
  return `# Settings
One typed configuration from \`settings.json\` in the data folder, the environment, and flags of \`trine up\`, in this order
of rising precedence. A wrong or unknown setting stops the start and is named. This page is made from the schema
(\`scripts/settings-doc.ts\`); a test compares them.

Environment: \`TRINE_HOME\` (data folder, default \`~/.trine\`), \`TRINE_PORT\`, \`TRINE_MQTT_PORT\`, \`TRINE_MQTT_ATTACH\`,
\`TRINE_CHAIN\`, \`TRINE_LOG\`.

| setting | type | default | meaning |
|---|---|---|---|
${rows(schema).join('\n')}
`;
}

/** The page as it should be. */
export function mappingPage(): string {
  const schema = z.toJSONSchema(mappingShape, { io: 'input' }) as JsonSchema;
  return `# Mapping
A mapping says which messages it is for, and what in them is whom they are about, which quantity, in which unit, when. It is
data: whoever has the message and the mapping reads the same (\`packages/mapping\`, without I/O, in Node and in a browser). Its
name is SHA-256 over its canonical JSON (RFC 8785), without what has its default. A pack of the gateway names, in its body, the
hashes of its mapping and of the message ([origin](statement.md#origin)); an [evidence file](evidence.md) holds both, as far as
they are kept, and whoever checks it maps again.

This page is made from the schema (\`scripts/settings-doc.ts\`); a test compares them.

| member | type | default | meaning |
|---|---|---|---|
${rows(schema).join('\n')}

A message is passed over where the topic or \`where\` does not fit. Places in \`subject\`, \`name\`, \`quantity\` and \`once\`: \`{1}\`, \`{2}\`
what the wildcards matched, \`{topic}\`, \`{json:PATH}\` a member, \`{each:1}\` what the first \`*\` of \`each\` stood for. What fills them is
[escaped](../guides/mqtt.md#plain-messages-as-devices-send-them), so that what differs stays apart.

**Values** are read strictly: see [the table](../guides/mqtt.md#plain-messages-as-devices-send-them). \`scale\` and \`offset\` are exact
fractions, applied before the unit is converted. A message that says several values of one quantity of one thing at one time says
none of them: name what tells its parts apart. A member under \`valid\` that says another word than those for good makes the
value *no value*.

**Code.** \`transform\` is JSONata 2.2, \`codec\` a script with \`decodeUplink\` (The Things Network v3), \`Decoder\` (v2) or \`Decode\`
(ChirpStack v3). Both run in QuickJS, without clock, chance, network or files, within 32 MB and some tenth of a second a
message; \`$now\`, \`$millis\`, \`$random\`, \`$shuffle\` and \`$eval\` are not there, and \`Date\` knows UTC and not the present. At most 16
payload formatters run beside each other. What takes too long in all is told to come again.
`;
}

const pages: readonly (readonly [file: string, page: () => string])[] = [
  ['settings.md', settingsPage],
  ['mapping.md', mappingPage],
];
if (process.argv[1] === fileURLToPath(import.meta.url))
  for (const [file, page] of pages) writeFileSync(new URL(`../docs/reference/${file}`, import.meta.url), page());
