// A route: checks what it is given, answers in JSON, and stands in /openapi.json.
import type { OpenAPIHono } from '@hono/zod-openapi';
import { z } from '@hono/zod-openapi';
import { fromHex, isSubject, TrineError } from '@trine/protocol';
import type { Context } from 'hono';
import { bodyLimit } from 'hono/body-limit';

export const hex32 = z.string().regex(/^[0-9a-f]{64}$/, 'an id of 64 hex digits');
export const subject = z.string().refine(isSubject, 'a subject: 1 to 128 of A-Z a-z 0-9 : . _ ~ / -');
export const limit = z.coerce.number().int().min(1).max(1_000).default(100);
export const text = (max: number) => z.string().min(1).max(max);
/** Any JSON: what it must be, whoever takes it says. */
export const json = z.unknown();

type Fields = Record<string, z.ZodType>;
type Given<F extends Fields> = z.output<z.ZodObject<F>>;

const BODY_BYTES_MAX = 65_536;

/**
 * A question.
 * @param fields parts of the path and of the query
 * @param answer undefined: there is nothing by that name
 */
export function get<F extends Fields>(
  api: OpenAPIHono,
  path: string,
  about: string,
  fields: F,
  answer: (given: Given<F>, c: Context) => unknown,
): void {
  const schema = z.object(fields);
  register(api, 'get', path, about, fields);
  api.get(path, async (c) => reply(c, await answer(check(schema, { ...c.req.query(), ...c.req.param() }), c)));
}

/**
 * An act.
 * @param fields of the body, a JSON object that has no others
 */
export function post<F extends Fields>(
  api: OpenAPIHono,
  path: string,
  about: string,
  fields: F,
  answer: (given: Given<F>, c: Context) => unknown,
): void {
  const schema = z.strictObject(fields) as unknown as z.ZodObject<F>;
  register(api, 'post', path, about, {}, schema);
  api.post(path, bodyLimit({ maxSize: BODY_BYTES_MAX }), async (c) => {
    const body = Object.keys(fields).length === 0 ? {} : await c.req.json().catch(() => undefined);
    return reply(c, await answer(check(schema, body), c));
  });
}

function register(
  api: OpenAPIHono,
  method: 'get' | 'post',
  path: string,
  about: string,
  fields: Fields,
  body?: z.ZodObject,
): void {
  const inPath = [...path.matchAll(/:(\w+)/g)].map(([, name]) => name as string);
  const pick = (wanted: (name: string) => boolean) =>
    z.object(Object.fromEntries(Object.entries(fields).filter(([name]) => wanted(name))));
  const params = z.object(Object.fromEntries(inPath.map((name) => [name, fields[name] ?? z.string()])));
  api.openAPIRegistry.registerPath({
    method,
    path: path.replaceAll(/:(\w+)(?:\{[^}]*\})?/g, '{$1}'),
    summary: about,
    request: {
      params,
      query: pick((name) => !inPath.includes(name)),
      ...(body && { body: { content: { 'application/json': { schema: body } } } }),
    },
    responses: { 200: { description: about } },
  });
}

function reply(c: Context, answer: unknown): Response {
  if (answer instanceof Response) return answer;
  if (answer === undefined) throw new TrineError('not-found', 'Nothing here has this name.');
  return c.json(answer as object);
}

/** @throws TrineError `invalid` naming the field */
function check<S extends z.ZodType>(schema: S, given: unknown): z.output<S> {
  const parsed = schema.safeParse(given);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map(({ path, message }) => `${path.join('.') || 'body'}: ${message}`);
  throw new TrineError('invalid', problems.join('; '));
}

/** The id in the path. @throws TrineError `invalid` */
export function idIn(c: Context): string {
  return check(z.object({ id: hex32 }), c.req.param()).id;
}

export function idBytes(c: Context): Uint8Array {
  return fromHex(idIn(c));
}
