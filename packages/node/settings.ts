// Settings: one typed object from file, environment and flags, in this order of rising precedence. The schema below
// drives validation, `trine up --help` and the reference in docs/operating.
import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { mappingSchema } from '@trine/mapping/message/mapping.ts';
import { TrineError } from '@trine/protocol';
import { z } from 'zod';

const port = z.number().int().min(0).max(65_535);

export const settingsSchema = z.strictObject({
  home: z.string().describe('Data folder (TRINE_HOME).'),
  host: z
    .string()
    .default('127.0.0.1')
    .describe('Address to bind to. Leave it on localhost unless a proxy with TLS stands before it.'),
  port: port.default(4100).describe('HTTP, WebSocket and console (TRINE_PORT). 0 takes any free port.'),
  mqttPort: port.default(1883).describe('Embedded MQTT broker (TRINE_MQTT_PORT). 0 takes any free port.'),
  mqttAttach: z
    .string()
    .optional()
    .describe('Use this broker (mqtt://…) as a client instead of embedding one (TRINE_MQTT_ATTACH).'),
  mqttTls: z
    .strictObject({
      port: port.default(8883).describe('Port of the embedded broker with TLS. 0 takes any free port.'),
      certificate: z
        .string()
        .describe('File with its certificate and those above it, PEM; below the data folder, or whole.'),
      key: z.string().describe('File with its private key, PEM.'),
    })
    .optional()
    .describe('TLS at the embedded broker, beside the port without.'),
  mqttOpen: z
    .boolean()
    .default(false)
    .describe(
      'Plain messages are taken from everybody, and told to everybody, who reaches the embedded broker; otherwise from this machine and from users with a password.',
    ),
  name: z.string().min(1).max(60).default('Practice city').describe('Name of the network founded on first start.'),
  operator: z.string().min(1).max(60).default('This computer').describe('Name of the founding member.'),
  device: z
    .strictObject({
      enabled: z.boolean().default(true).describe('Measure the machine the node runs on.'),
      intervalMs: z.number().int().min(200).default(5_000).describe('Time between two packs.'),
    })
    .prefault({}),
  practice: z
    .strictObject({
      windowMs: z.number().int().min(1_000).default(30_000).describe('Length of a window of the first agreement.'),
      graceMs: z.number().int().min(0).default(3_000).describe('How long after its end a window waits for readings.'),
      creditMinorUnits: z.number().int().min(1).default(5).describe('Credit for a breached window, cents.'),
      fundsMinorUnits: z.number().int().min(1).default(10_000).describe('Deposit behind the agreement, cents.'),
      deciders: z
        .array(z.string().regex(/^0x[0-9a-f]{40}$/))
        .max(15)
        .default([])
        .describe('Accounts that decide beside this node.'),
      quorum: z.number().int().min(1).max(16).default(1).describe('Deciders whose signatures a payment needs.'),
      shadowWindowsMin: z
        .number()
        .int()
        .min(1)
        .default(20)
        .describe('Windows that a new model decides beside the one in force before it may take its place.'),
      disputeWindowS: z.number().int().min(0).default(2).describe('Seconds in which a payment can be disputed.'),
    })
    .prefault({}),
  chain: z
    .strictObject({
      url: z.string().optional().describe('EVM JSON-RPC to use instead of the embedded chain (TRINE_CHAIN).'),
      confirmations: z
        .number()
        .int()
        .min(0)
        .optional()
        .describe('Blocks after which one counts as final there; without it the chain’s own finality is asked.'),
      practice: z
        .boolean()
        .default(false)
        .describe('Open the practice agreement on that chain too, with practice money.'),
    })
    .prefault({}),
  checkpointIntervalMs: z.number().int().min(20).default(250).describe('Least time between checkpoints.'),
  anchorIntervalMs: z
    .number()
    .int()
    .min(500)
    .default(600_000)
    .describe('Time between anchors when nothing must be paid.'),
  bridge: z.array(mappingSchema).default([]).describe('Plain MQTT topics to sign for, class `gateway`.'),
  raw: z
    .strictObject({
      days: z.number().int().min(0).max(36_500).default(30).describe('Messages are kept so long as they came.'),
      megabytesMax: z.number().int().min(1).default(1_000).describe('Room for them; beyond, the oldest go.'),
    })
    .prefault({}),
  alerts: z
    .strictObject({
      webhook: z
        .url({ protocol: /^https?$/ })
        .optional()
        .describe('Address that every new alert is posted to as JSON, at least once and in order.'),
      silence: z
        .boolean()
        .default(true)
        .describe('A thing that used to speak and falls silent, or has no usable value any more, is an alert.'),
    })
    .prefault({}),
  pseudonyms: z
    .strictObject({
      perPersonMax: z.number().int().min(1).default(8).describe('Pseudonyms that one person may have at once.'),
      unusedMs: z
        .number()
        .int()
        .min(1_000)
        .default(900_000)
        .describe('One that said nothing for so long after it was let in is shut out.'),
      idleMs: z
        .number()
        .int()
        .min(100)
        .default(60_000)
        .describe('One that has nothing open is shut out so long after its last word.'),
    })
    .prefault({}),
  logLevel: z
    .enum(['fatal', 'error', 'warn', 'info', 'debug'])
    .default('warn')
    .describe('Detail of the log on stderr (TRINE_LOG).'),
  ingest: z
    .strictObject({
      statementsPerSecondMax: z
        .number()
        .int()
        .min(1)
        .default(100_000)
        .describe('Per connection; behind a broker of your own, per issuer.'),
      mqttConnectionsMax: z.number().int().min(1).default(10_000).describe('To the embedded broker, in all.'),
      mqttConnectionsPerAddressMax: z
        .number()
        .int()
        .min(1)
        .default(1_000)
        .describe('To the embedded broker, from one address; from this machine itself as many as in all.'),
    })
    .prefault({}),
});
export type Settings = z.infer<typeof settingsSchema>;
type Given = z.input<typeof settingsSchema>;
type DeepPartial<T> = { [K in keyof T]?: T[K] extends object | undefined ? Partial<T[K]> : T[K] };

/** A setting that is wrong: says which, what was expected, and where it came from. */
export class SettingsError extends TrineError {
  override readonly name = 'SettingsError';
  constructor(message: string) {
    super('invalid', message);
  }
}

/**
 * Reads the settings.
 *
 * @param flags from the command line, highest precedence
 * @param environment usually `process.env`
 * @throws SettingsError naming the setting
 * @example const settings = readSettings({ port: 4200 }, process.env);
 */
export function readSettings(flags: DeepPartial<Given> = {}, environment: NodeJS.ProcessEnv = process.env): Settings {
  const home = resolve(flags.home ?? environment.TRINE_HOME ?? join(homedir(), '.trine'));
  const path = join(home, 'settings.json');
  const fromEnvironment: DeepPartial<Given> = {
    ...(environment.TRINE_PORT && { port: toNumber('TRINE_PORT', environment.TRINE_PORT) }),
    ...(environment.TRINE_MQTT_PORT && { mqttPort: toNumber('TRINE_MQTT_PORT', environment.TRINE_MQTT_PORT) }),
    ...(environment.TRINE_MQTT_ATTACH && { mqttAttach: environment.TRINE_MQTT_ATTACH }),
    ...(environment.TRINE_CHAIN && { chain: { url: environment.TRINE_CHAIN } }),
    ...(environment.TRINE_LOG && { logLevel: environment.TRINE_LOG as Settings['logLevel'] }),
  };
  const merged = [readFile(path), fromEnvironment, flags].reduce<Record<string, unknown>>(merge, {});
  const parsed = settingsSchema.safeParse({ ...merged, home });
  if (parsed.success) return parsed.data;
  const problem = parsed.error.issues[0];
  throw new SettingsError(
    `Setting ${problem?.path.join('.') || '(root)'}: ${problem?.message}. It comes from ${path}, the environment or a flag.`,
  );
}

function toNumber(name: string, value: string): number {
  const number = Number(value);
  if (!Number.isInteger(number)) throw new SettingsError(`${name} should be a whole number; got "${value}".`);
  return number;
}

function readFile(path: string): Record<string, unknown> {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return {};
    throw error;
  }
  try {
    return JSON.parse(text) as Record<string, unknown>;
  } catch (error) {
    throw new SettingsError(`${path} is not JSON: ${(error as Error).message}`);
  }
}

function merge(under: Record<string, unknown>, over: object): Record<string, unknown> {
  const result = { ...under };
  for (const [name, value] of Object.entries(over)) {
    if (value === undefined) continue;
    const below = result[name];
    const both = isPlain(below) && isPlain(value);
    result[name] = both ? merge(below, value) : value;
  }
  return result;
}

function isPlain(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Practice money: the embedded chain, or one that the settings say is for practice. */
export function isPractice({ chain }: Settings, kind: 'embedded' | 'external'): boolean {
  return kind === 'embedded' || chain.practice;
}
