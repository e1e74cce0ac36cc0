// An operation: described once, with schemas of what it takes and answers; the same description checks requests and
// stands in the OpenAPI document.
import type { OpenAPIHono } from '@hono/zod-openapi';
import { z } from '@hono/zod-openapi';
import { TrineError } from '@trine/protocol';
import type { Context, Env } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { etag } from 'hono/etag';
import { problemSchema } from '../errors.ts';
import type { Immutable } from '../schema.ts';

type Fields = Record<string, z.ZodType>;
type Given<F extends Fields> = z.output<z.ZodObject<F>>;
type Answer<A extends z.ZodType> = Immutable<z.input<A>> | undefined | Promise<Immutable<z.input<A>> | undefined>;

export interface Question<F extends Fields, A> {
  readonly about: string;
  /** Parts of the path and of the query; anything else in the query is refused. */
  readonly fields: F;
  /** Schema of the answer in JSON, or the media type of bytes or text. */
  readonly answer: A;
  /** Other names may stand in the query: whoever answers checks them. */
  readonly isOpen?: boolean;
  /** Answered without a token. */
  readonly isPublic?: boolean;
}

export interface Act<P extends Fields, B extends Fields, A extends z.ZodType> {
  readonly about: string;
  readonly params: P;
  /** Members of the body, a JSON object that has no others. */
  readonly body: B;
  readonly answer: A;
  /** Done without a token. */
  readonly isPublic?: boolean;
}

const BODY_BYTES_MAX = 65_536;

/** A question answered in JSON. @param answer undefined: there is nothing by that name */
export function get<F extends Fields, A extends z.ZodType>(
  api: OpenAPIHono,
  path: string,
  question: Question<F, A>,
  answer: (given: Given<F>, c: Context) => Answer<A>,
): void {
  describe(api, 'get', path, question);
  // What did not change since it was asked last is not sent again.
  api.get(path, etag({ weak: true }), async (c) => reply(c, await answer(checkQuestion(question, c), c)));
}

/** A question answered with bytes or text of another media type. */
export function getFile<F extends Fields>(
  api: OpenAPIHono,
  path: string,
  question: Question<F, string>,
  answer: (given: Given<F>, c: Context) => Response | Promise<Response>,
): void {
  describe(api, 'get', path, question);
  api.get(path, async (c) => answer(checkQuestion(question, c), c));
}

/** An act. */
export function post<P extends Fields, B extends Fields, A extends z.ZodType>(
  api: OpenAPIHono,
  path: string,
  act: Act<P, B, A>,
  answer: (given: Given<P> & Given<B>, c: Context) => Answer<A>,
): void {
  const body = z.strictObject(act.body);
  const hasBody = Object.keys(act.body).length > 0;
  describe(api, 'post', path, { ...act, fields: act.params, body: hasBody ? body : undefined });
  api.post(path, bodyLimit({ maxSize: BODY_BYTES_MAX }), async (c) => {
    const given = hasBody ? readJson(await c.req.text()) : {};
    const params = check(z.object(act.params), c.req.param());
    return reply(c, await answer({ ...params, ...check(body, given) } as Given<P> & Given<B>, c));
  });
}

/** @throws TrineError `invalid` where it is no JSON */
function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new TrineError('invalid', `body: ${text === '' ? 'there is none' : 'this is no JSON'}. Send a JSON object.`);
  }
}

interface Described {
  readonly about: string;
  readonly fields: Fields;
  readonly answer: z.ZodType | string;
  readonly isPublic?: boolean;
  readonly isOpen?: boolean;
  readonly body?: z.ZodType | undefined;
  /** Media type of a body that is not JSON. */
  readonly takes?: string;
  /** Other statuses with an answer of the same form, and what they mean. */
  readonly also?: Readonly<Record<string, string>>;
}

/** Puts an operation into the document. */
export function describe<E extends Env>(
  api: OpenAPIHono<E>,
  method: 'get' | 'post',
  path: string,
  { about, fields, answer, isPublic = false, isOpen = false, body, takes, also = {} }: Described,
): void {
  const inPath = namesIn(path);
  const pick = (wanted: (name: string) => boolean) =>
    z.object(Object.fromEntries(Object.entries(fields).filter(([name]) => wanted(name))));
  const query = pick((name) => !inPath.includes(name));
  const [type, schema] =
    typeof answer === 'string'
      ? [answer, z.string().openapi(answer.startsWith('text/') ? {} : { format: 'binary' })]
      : ['application/json', answer];
  const content = takes
    ? { [takes]: { schema: z.string().openapi({ format: 'binary' }) } }
    : body && { 'application/json': { schema: body } };
  api.openAPIRegistry.registerPath({
    method,
    path: path.replaceAll(/:(\w+)(?:\{[^}]*\})?/g, '{$1}'),
    summary: about,
    ...(isOpen && { description: 'More names may stand in the query, as what is asked says.' }),
    ...(!isPublic && { security: [{ token: [] }] }),
    request: {
      ...(inPath.length > 0 && { params: pick((name) => inPath.includes(name)) }),
      ...(Object.keys(query.shape).length > 0 && { query }),
      ...(content && { body: { required: true, content } }),
    },
    responses: {
      200: { description: about, content: { [type]: { schema } } },
      ...Object.fromEntries(
        Object.entries(also).map(([status, words]) => [
          status,
          { description: words, content: { [type]: { schema } } },
        ]),
      ),
      default: { description: 'What went wrong.', content: { 'application/json': { schema: problemSchema } } },
    },
  });
}

const namesIn = (path: string): string[] => [...path.matchAll(/:(\w+)/g)].map(([, name]) => name as string);

/** @throws TrineError `invalid` naming the parameter that nobody knows, or that is not as it should be */
function checkQuestion<F extends Fields>({ fields, isOpen }: Question<F, unknown>, c: Context): Given<F> {
  const query = c.req.query();
  const params = c.req.param();
  const unknown = Object.keys(query).find((name) => !Object.hasOwn(fields, name) || Object.hasOwn(params, name));
  if (unknown !== undefined && !isOpen) {
    const known = Object.keys(fields).filter((name) => !Object.hasOwn(params, name));
    throw new TrineError('invalid', `${unknown}: there is no such parameter here, only ${known.join(', ') || 'none'}.`);
  }
  // As a number nothing would be 0, which somebody may have meant.
  const empty = Object.keys(query).find((name) => query[name]?.trim() === '' && isNumber(fields[name]));
  if (empty !== undefined) throw new TrineError('invalid', `${empty}: a number.`);
  return check(z.object(fields), { ...query, ...params }) as Given<F>;
}

function isNumber(schema: z.ZodType | undefined): boolean {
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodDefault) return isNumber(schema.unwrap() as z.ZodType);
  return schema instanceof z.ZodNumber;
}

function reply(c: Context, answer: unknown): Response {
  if (answer === undefined) throw new TrineError('not-found', 'Nothing here has this name.');
  const body = Buffer.from(JSON.stringify(answer));
  return c.body(body, 200, {
    'content-type': 'application/json',
    // What is small is not worth compressing, and this says how small it is.
    'content-length': String(body.length),
    // Asked again each time: with the tag of what is known, the answer may be that nothing changed.
    'cache-control': 'private, no-cache',
  });
}

/** @throws TrineError `invalid` naming the field */
function check<S extends z.ZodType>(schema: S, given: unknown): z.output<S> {
  const parsed = schema.safeParse(given);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map(({ path, message }) => `${path.join('.') || 'body'}: ${message}`);
  throw new TrineError('invalid', problems.join('; '));
}
