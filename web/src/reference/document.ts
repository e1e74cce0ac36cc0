// An OpenAPI 3.1 document as a page needs it: operations in groups, schemas in words, an example of each call.
import { plural } from '@trine/protocol';

/** JSON Schema (2020-12), as far as the document of a node uses it. */
export interface Schema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly items?: Schema;
  readonly additionalProperties?: Schema | boolean;
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly allOf?: readonly Schema[];
  readonly description?: string;
  readonly default?: unknown;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly pattern?: string;
}

export interface Parameter {
  readonly name: string;
  readonly in: string;
  readonly required?: boolean;
  readonly description?: string;
  readonly schema: Schema;
}

interface Described {
  readonly description?: string;
  readonly content?: Readonly<Record<string, { readonly schema?: Schema }>>;
}

export interface Operation {
  readonly method: string;
  readonly path: string;
  readonly summary: string;
  readonly needsToken: boolean;
  readonly parameters: readonly Parameter[];
  readonly body: { readonly type: string; readonly schema: Schema } | undefined;
  /** By status; `default`, the error, is told once for all. */
  readonly answers: readonly { readonly status: string; readonly type: string; readonly schema: Schema | undefined }[];
}

export interface Group {
  readonly name: string;
  readonly operations: readonly Operation[];
}

export interface OpenApi {
  readonly info: { readonly title: string; readonly version: string };
  readonly paths: Readonly<Record<string, Readonly<Record<string, RawOperation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> };
}

interface RawOperation {
  readonly summary?: string;
  readonly security?: readonly object[];
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: Described;
  readonly responses: Readonly<Record<string, Described>>;
}

/** Operations by the first part of their path after the version; what needs no token apart. */
export function groupsOf({ paths }: Pick<OpenApi, 'paths'>): Group[] {
  const groups = new Map<string, Operation[]>();
  for (const [path, operations] of Object.entries(paths))
    for (const [method, raw] of Object.entries(operations)) {
      const operation = operationOf(method, path, raw);
      const [, part = ''] = /^(?:\/api\/v\d+)?\/([^/.]+)/.exec(path) ?? [];
      const group = operation.needsToken ? part : 'without a token';
      groups.set(group, [...(groups.get(group) ?? []), operation]);
    }
  return [...groups].sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, operations]) => ({ name, operations }));
}

function operationOf(method: string, path: string, raw: RawOperation): Operation {
  const [body] = Object.entries(raw.requestBody?.content ?? {});
  return {
    method: method.toUpperCase(),
    path,
    summary: raw.summary ?? '',
    needsToken: raw.security !== undefined,
    parameters: raw.parameters ?? [],
    body: body && { type: body[0], schema: body[1].schema ?? {} },
    answers: Object.entries(raw.responses)
      .filter(([status]) => status !== 'default')
      .map(([status, { content = {} }]) => {
        const [type = '', told] = Object.entries(content)[0] ?? [];
        return { status, type, schema: told?.schema };
      }),
  };
}

/** Name of what a schema refers to. */
export function refOf({ $ref }: Schema): string | undefined {
  return $ref?.split('/').at(-1);
}

/** What values a schema takes, in a few words. @example kindOf({ type: 'integer', minimum: 1 }) // 'integer, from 1' */
export function kindOf(schema: Schema): string {
  const name = refOf(schema);
  if (name !== undefined) return name;
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.enum) return schema.enum.map((value) => JSON.stringify(value)).join(' | ');
  const choices = schema.anyOf ?? schema.oneOf;
  if (choices) return choices.map(kindOf).join(' | ');
  if (schema.allOf) return schema.allOf.map(kindOf).join(' and ');
  if (schema.items) return `list of ${kindOf(schema.items)}`;
  if (typeof schema.additionalProperties === 'object') return `by name: ${kindOf(schema.additionalProperties)}`;
  const type = [schema.type ?? 'anything'].flat().join(' or ');
  return [type, ...limitsOf(schema)].join(', ');
}

function limitsOf({ minimum, maximum, minLength, maxLength, pattern, default: usual }: Schema): string[] {
  const length =
    maxLength !== undefined && (minLength === maxLength ? `${maxLength}` : `${minLength ?? 0} to ${maxLength}`);
  return [
    minimum !== undefined && `from ${minimum}`,
    maximum !== undefined && maximum < Number.MAX_SAFE_INTEGER && `up to ${maximum}`,
    length && `${length} ${plural(maxLength ?? 0, 'character')}`,
    pattern !== undefined && `like ${pattern}`,
    usual !== undefined && `by default ${JSON.stringify(usual)}`,
  ].filter((one) => typeof one === 'string');
}

export interface Member {
  readonly name: string;
  readonly schema: Schema;
  readonly isRequired: boolean;
}

/** Members of an object, those of the parts it is made of included; of a list, of what it lists. */
export function membersOf(schema: Schema): Member[] {
  if (schema.items) return membersOf(schema.items);
  const own = Object.entries(schema.properties ?? {}).map(([name, of]) => ({
    name,
    schema: of,
    isRequired: schema.required?.includes(name) ?? false,
  }));
  const parts = [...(schema.allOf ?? []), ...(schema.anyOf ?? []), ...(schema.oneOf ?? [])];
  return [...parts.flatMap(membersOf), ...own];
}

/** Schemas that a schema names, itself or in its members. */
export function namedIn(schema: Schema): string[] {
  const own = refOf(schema);
  const parts = [
    schema.items,
    typeof schema.additionalProperties === 'object' ? schema.additionalProperties : undefined,
    ...(schema.allOf ?? []),
    ...(schema.anyOf ?? []),
    ...(schema.oneOf ?? []),
    ...Object.values(schema.properties ?? {}),
  ];
  return [...new Set([...(own === undefined ? [] : [own]), ...parts.flatMap((part) => (part ? namedIn(part) : []))])];
}

/** A call for a shell. The token is read from its file, so that it stands in no history. */
export function curlOf({ method, path, needsToken, parameters, body }: Operation, origin: string): string {
  const wanted = parameters.filter((one) => one.in === 'query' && one.required);
  const query = wanted.map(({ name }) => `${name}=${name.toUpperCase()}`).join('&');
  const at = `${origin}${path.replaceAll(/\{([^}]+)\}/g, (_, name: string) => name.toUpperCase())}`;
  const lines = [
    `curl ${method === 'GET' ? '' : `-X ${method} `}'${at}${query === '' ? '' : `?${query}`}'`,
    needsToken && `-H "authorization: Bearer $(cat ~/.trine/keys/token.secret)"`,
    body && `-H 'content-type: ${body.type}'`,
    body?.type === 'application/json' && `-d '${JSON.stringify(exampleOf(body.schema))}'`,
    body && body.type !== 'application/json' && '--data-binary @FILE',
  ];
  return lines.filter((one) => typeof one === 'string').join(' \\\n  ');
}

/** A body with what must be there. */
function exampleOf(schema: Schema): unknown {
  if (schema.enum) return schema.enum[0];
  if (schema.const !== undefined) return schema.const;
  if (schema.properties)
    return Object.fromEntries(
      membersOf(schema)
        .filter(({ isRequired }) => isRequired)
        .map(({ name, schema: of }) => [name, exampleOf(of)]),
    );
  if (schema.type === 'integer' || schema.type === 'number') return schema.minimum ?? 0;
  if (schema.type === 'boolean') return true;
  if (schema.type === 'array') return [];
  return schema.type === 'string' ? '…' : {};
}
