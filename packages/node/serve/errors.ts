// What HTTP answers where something went wrong.
import { TrineError } from '@trine/protocol';
import type { Context } from 'hono';
import { HTTPException } from 'hono/http-exception';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import { noteFault } from '../last-resort.ts';

/** Where faults of the program are written. */
export interface ErrorLogger {
  error(facts: object, message: string): void;
}

const RETRY_AFTER_S = 5;

/** An error of the family answers with its own status; anything else is a fault of the program: counted, and logged. */
export function answerError(error: Error, c: Context, logger: ErrorLogger): Response {
  const known = knownOf(error);
  const { code, retry, docs, status, message, facts } = known ?? new TrineError('internal', FAULT);
  if (known === undefined) noteFault(error, `HTTP ${c.req.method} ${c.req.path}`);
  if (status >= 500 && retry === 'never') logger.error({ err: error, path: c.req.path }, 'HTTP');
  if (retry === 'later') {
    const waitMs = typeof facts.retryAfterMs === 'number' ? facts.retryAfterMs : RETRY_AFTER_S * 1000;
    c.header('retry-after', String(Math.ceil(waitMs / 1000)));
  }
  return c.json({ error: message, code, retry, docs }, status as ContentfulStatusCode);
}

const FAULT = 'This went wrong on the node. Its log says more.';

function knownOf(error: Error): TrineError | undefined {
  if (error instanceof TrineError) return error;
  if (!(error instanceof HTTPException)) return undefined;
  return new TrineError(error.status === 413 ? 'too-large' : 'invalid', error.message);
}
