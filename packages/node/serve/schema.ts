// What schemas of requests and answers have in common. Answers' types are inferred from their schemas, so that the
// document says what the node sends.
import { z } from '@hono/zod-openapi';
import { assuranceClasses, isSubject } from '@trine/protocol';

/** What a schema infers, as it is handed around: nobody changes it. */
export type Immutable<T> = T extends readonly (infer Item)[]
  ? readonly Immutable<Item>[]
  : T extends object
    ? { readonly [Name in keyof T]: Immutable<T[Name]> }
    : T;

export const hex32 = z.string().regex(/^[0-9a-f]{64}$/, 'an id of 64 hex digits');
/** An id, or its beginning where that is of one thing only. */
export const idOrPrefix = z
  .string()
  .regex(/^[0-9a-f]{6,64}$/, 'an id of 64 hex digits, or the first 6 or more')
  .openapi({ description: 'An id, or its first 6 or more digits.' });
export const subject = z.string().refine(isSubject, 'a subject: 1 to 128 of A-Z a-z 0-9 : . _ ~ / -');
export const limit = z.coerce.number().int().min(1).max(1_000).default(100);
export const text = (max: number) => z.string().min(1).max(max);
/** Any JSON: what it must be, whoever takes it says. */
export const json = z.unknown();
export const timeMs = z.int().openapi({ description: 'Milliseconds since 1970.' });
/** In a query, where everything is text. */
export const timeGiven = z.coerce.number().int().min(0).optional().openapi({ description: 'Milliseconds since 1970.' });
export const flagGiven = z
  .enum(['true', 'false'])
  .transform((word) => word === 'true')
  .optional();
/** Of a page: where the one before ended, as it said. */
export const after = z.string().max(400).optional().openapi({ description: '`next` of the page before.' });
export const className = z.enum(Object.keys(assuranceClasses) as [keyof typeof assuranceClasses]);
export const minorUnits = z.int().openapi({ description: 'Minor units of the currency.' });

/** What follows from a decision. */
export const outcome = z.enum(['none', 'pay', 'hold', 'advice']);
export const facts = z.record(z.string(), z.union([z.number(), z.string()]));
export const entrySchema = z
  .object({ tag: z.literal('entry'), from: z.string(), to: z.string(), amount: minorUnits, currency: z.string() })
  .openapi('Entry', { description: 'What leaves one account enters another.' });
export const modelIdentitySchema = z
  .object({
    name: z.string(),
    version: z.string(),
    code: z.string(),
    configuration: z.string(),
    runtime: z.string(),
  })
  .openapi('ModelIdentity', { description: 'What a model is, by hashes of what it executes.' });

/** Schema of a page. @param counts of the rows that the filter lets through, over all pages */
export function pageOf<I extends z.ZodType, C extends z.ZodType>(name: string, item: I, counts: C) {
  return z
    .object({
      items: z.array(item),
      next: z.string().optional().openapi({ description: 'Give it as `after` for the next page; absent: the last.' }),
      counts,
    })
    .openapi(name);
}
