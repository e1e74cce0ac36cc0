// Writes docs/reference/settings.md from the schema that validates the settings: `node scripts/settings-doc.ts`.
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
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
}

function rows(schema: JsonSchema, prefix = ''): string[] {
  return Object.entries(schema.properties ?? {}).flatMap(([name, property]) => {
    const path = `${prefix}${name}`;
    if (property.type === 'object') return rows(property, `${path}.`);
    const range = property.enum ? property.enum.join(', ') : limitsOf(property);
    const fallback = property.default === undefined ? '' : `\`${JSON.stringify(property.default)}\``;
    const row = `| \`${path}\` | ${property.type ?? ''}${range && `: ${range}`} | ${fallback} | ${property.description ?? ''} |`;
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

const page = new URL('../docs/reference/settings.md', import.meta.url);
if (process.argv[1] === fileURLToPath(import.meta.url)) writeFileSync(page, settingsPage());
