// Answers to statements that are refused, also to those that cannot be read.
import { type Answer, parseStatement, type Refusal, sha256 } from '@trine/protocol';

const RETRY_AFTER_MS = 500;

export function refusedAnswer(id: Uint8Array, reason: Refusal): Answer {
  const retry = reason === 'overloaded' || reason === 'rate-limited' ? { retryAfterMs: RETRY_AFTER_MS } : {};
  return { id, verdict: 'refused', reason, ...retry };
}

export function hasId(id: Uint8Array): boolean {
  return id.some((byte) => byte !== 0);
}

/** Statement id where the bytes parse, else their hash. */
export function idOf(statement: Uint8Array): Uint8Array {
  try {
    return parseStatement(statement).id;
  } catch {
    return sha256(statement);
  }
}
