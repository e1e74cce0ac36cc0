// The form in which HTTP says an error of the family, wherever it is answered from.
import type { ErrorCode, ErrorFacts, Retry, TrineError } from '@trine/protocol';

export interface ErrorAnswer {
  /** For people. */
  readonly error: string;
  readonly code: ErrorCode;
  readonly retry: Retry;
  readonly status: number;
  readonly facts: ErrorFacts;
  readonly docs: string;
}

export function errorAnswer({ message, code, retry, status, facts, docs }: TrineError): ErrorAnswer {
  return { error: message, code, retry, status, facts, docs };
}

const RETRY_AFTER_S = 5;

/** Seconds for the header Retry-After; undefined where trying again is of no use. */
export function retryAfterS({ retry, facts }: TrineError): number | undefined {
  if (retry === 'never') return undefined;
  return Math.ceil(typeof facts.retryAfterMs === 'number' ? facts.retryAfterMs / 1000 : RETRY_AFTER_S);
}
