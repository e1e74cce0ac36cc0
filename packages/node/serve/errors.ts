// What HTTP answers where something went wrong.
import { z } from '@hono/zod-openapi';
import { errorCodes, TrineError } from '@trine/protocol';
import type { Context } from 'hono';
import { HTTPException } from 'hono/http-exception';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import { errorAnswer, retryAfterS } from '../error-answer.ts';
import { noteFault } from '../last-resort.ts';

/** Where faults of the program are written. */
export interface ErrorLogger {
  error(facts: object, message: string): void;
}

/** The form of every answer that is none. */
export const problemSchema = z
  .object({
    error: z.string().openapi({ description: 'What to do, or what was expected and what was found.' }),
    code: z.enum(Object.keys(errorCodes) as [keyof typeof errorCodes]),
    retry: z.enum(['never', 'later']).openapi({ description: '`later`: the same call may succeed in a while.' }),
    status: z.int(),
    facts: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])),
    docs: z.string().openapi({ description: 'Where the code is explained, from the root of the project.' }),
  })
  .openapi('Problem', { description: 'The one family of errors: docs/reference/errors.md.' });

/** An error of the family answers with its own status; anything else is a fault of the program: counted, and logged. */
export function answerError(error: Error, c: Context, logger: ErrorLogger): Response {
  const known = knownOf(error) ?? new TrineError('internal', FAULT);
  const where = `${c.req.method} ${c.req.path}`;
  if (known.code === 'internal' && !(error instanceof TrineError)) noteFault(error, `HTTP ${where}`);
  if (known.status >= 500 && known.retry === 'never') logger.error({ err: error, route: where }, 'HTTP');
  const waitS = retryAfterS(known);
  if (waitS !== undefined) c.header('retry-after', String(waitS));
  return c.json(errorAnswer(known), known.status as ContentfulStatusCode);
}

const FAULT = 'This went wrong on the node. Its log says more.';

function knownOf(error: Error): TrineError | undefined {
  if (error instanceof TrineError) return error;
  if (!(error instanceof HTTPException)) return undefined;
  if (error.status === 413)
    return new TrineError('too-large', error.message || 'The body is larger than is taken here.');
  return new TrineError('invalid', error.message);
}
