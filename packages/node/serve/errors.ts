// How HTTP answers errors: by the one family, and nothing else leaks.
import { TrineError } from '@trine/protocol';
import type { Context } from 'hono';
import { HTTPException } from 'hono/http-exception';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import type { Logger } from 'pino';

/** Where faults of the program are written. */
export type ErrorLogger = Pick<Logger, 'error'>;

const RETRY_AFTER_S = 5;

/** An error of the family answers with its own status; anything else is a fault of the program, and is logged. */
export function answerError(error: Error, c: Context, logger: ErrorLogger): Response {
  const known =
    error instanceof TrineError
      ? error
      : error instanceof HTTPException
        ? new TrineError(error.status === 413 ? 'too-large' : 'invalid', error.message)
        : new TrineError('internal', 'This went wrong on the node. Its log says more.');
  const { code, retry, docs, status, message, facts } = known;
  if (status >= 500 && retry === 'never') logger.error({ err: error, path: c.req.path }, 'HTTP');
  if (retry === 'later') {
    const waitMs = typeof facts.retryAfterMs === 'number' ? facts.retryAfterMs : RETRY_AFTER_S * 1000;
    c.header('retry-after', String(Math.ceil(waitMs / 1000)));
  }
  return c.json({ error: message, code, retry, docs }, status as ContentfulStatusCode);
}
