// A domain as one file: its bundle, and the data that stands beside it. What a member installs, and what whoever checks a
// decision of it needs. The bundle's hash is all that is agreed on; the data are words, and nothing is decided by them.
import { type ModelIdentity, TrineError, toUtf8 } from '@trine/protocol';
import { z } from 'zod';
import { assembled, type DomainData, domainData } from '../abi/data.ts';
import { bundleHash, bundleIdentity } from '../abi/identity.ts';
import type { Domain } from '../domain.ts';
import type { InstalledDomain } from '../replay.ts';
import { type SandboxOptions, sandboxedDeciding } from './sandboxed.ts';

/** Of a whole file. */
export const DOMAIN_FILE_BYTES_MAX = 4_194_304;

const text = (max: number) => z.string().min(1).max(max);
/** Of verdicts, things, fields: each is a word, a flag or a line somewhere. */
const NAMES_MAX = 256;
const names = <T extends z.ZodType>(value: T) =>
  z.record(text(96), value).refine((all) => Object.keys(all).length <= NAMES_MAX, `has more than ${NAMES_MAX} names`);
const word = z.strictObject({ label: text(60), tone: z.enum(['ok', 'info', 'warn', 'bad', 'quiet']) });
const property = z.strictObject({
  title: text(100),
  unit: z.string().max(20),
  minimum: z.number().optional(),
  maximum: z.number().optional(),
});
const panel = z.strictObject({
  id: text(40),
  title: text(100),
  kind: z.enum(['facts', 'readings', 'rows']),
  of: z.array(text(96)).max(32),
  unit: z.string().max(20).optional(),
});
const manifest = z.strictObject({
  name: z
    .string()
    .regex(/^[a-z][a-z-]*$/)
    .max(40),
  version: text(20),
  title: text(100),
  about: text(500),
  things: names(z.strictObject({ title: text(100), properties: names(property) })),
  roles: z
    .array(
      z
        .string()
        .regex(/^[a-z][a-z-]*$/)
        .max(20),
    )
    .max(16),
  reads: z.array(z.enum(['pack', 'event'])).max(2),
  verdicts: names(word),
  alerts: names(word),
  panels: z.array(panel).max(32),
});
const field: z.ZodType = z.lazy(() =>
  z.looseObject({
    type: z.string().max(20).optional(),
    title: z.string().max(200).optional(),
    description: z.string().max(1_000).optional(),
    kind: z.enum(['money', 'price', 'duration', 'ppm', 'subject', 'time', 'time-zone', 'quantity']).optional(),
    properties: names(field).optional(),
    required: z.array(z.string()).max(200).optional(),
    items: field.optional(),
    enum: z
      .array(z.union([z.string().max(200), z.number(), z.boolean()]))
      .max(200)
      .optional(),
  }),
);
const file = z.strictObject({
  trine: z.literal('domain/1'),
  manifest,
  schema: field,
  code: text(DOMAIN_FILE_BYTES_MAX),
});

/** What a file holds, none of it run yet. */
export interface DomainFile {
  readonly data: DomainData;
  readonly code: string;
  readonly hash: string;
  readonly identity: ModelIdentity;
}

export function writeDomainFile(domain: Domain, code: string): string {
  return `${JSON.stringify({ trine: 'domain/1', ...domainData(domain), code })}\n`;
}

/** @throws TrineError `malformed` in words: a file of a stranger may hold anything */
export function readDomainFile(json: string): DomainFile {
  const data = checked(parsed(json));
  const hash = bundleHash(data.code);
  return {
    data: { manifest: data.manifest, schema: data.schema } as DomainData,
    code: data.code,
    hash,
    identity: bundleIdentity(data.manifest, hash),
  };
}

function checked(given: unknown): z.output<typeof file> {
  let result: ReturnType<typeof file.safeParse>;
  try {
    result = file.safeParse(given);
  } catch {
    // Fields of fields without end: the stack has one.
    throw new TrineError('malformed', 'This is no file of a domain: its fields are nested too deep.');
  }
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  throw new TrineError(
    'malformed',
    `This is no file of a domain: ${issue?.path.join('.') || 'it'}: ${issue?.message}.`,
  );
}

function parsed(json: string): unknown {
  if (toUtf8(json).length > DOMAIN_FILE_BYTES_MAX)
    throw new TrineError('too-large', 'The file of a domain is too large.');
  try {
    return JSON.parse(json);
  } catch {
    throw new TrineError('malformed', 'This is no file of a domain: no JSON.');
  }
}

/** Loads a domain into a sandbox of its own. @throws SandboxError, TrineError where its bundle cannot be loaded */
export async function sandboxedDomain(
  { data, code, identity }: DomainFile,
  options: SandboxOptions,
): Promise<InstalledDomain> {
  const deciding = await sandboxedDeciding(code, Object.keys(data.manifest.verdicts), options);
  return { domain: assembled(data, deciding), identity };
}
