import { type Hex, TrineError } from '@trine/protocol';

/** What a contract answered when it refused a call. */
export type Revert = {
  /** name of the contract's error, such as `TooEarly` */
  readonly name: string;
  readonly args: readonly unknown[];
  readonly data: Hex;
};

/**
 * Something the chain or a contract did not do. `retry` says whether the same call may succeed later.
 * The message names what to do and never contains a key.
 */
export class LedgerError extends TrineError {
  override readonly name = 'LedgerError';
  readonly revert: Revert | undefined;

  constructor(message: string, retry: 'never' | 'later', revert?: Revert, cause?: unknown) {
    super(retry === 'later' ? 'unavailable' : 'refused', message, {
      cause,
      facts: revert === undefined ? {} : { revert: revert.name },
    });
    this.revert = revert;
  }
}

/** The outbox takes no more for now. */
export class OutboxFullError extends TrineError {
  override readonly name = 'OutboxFullError';
  readonly retryAfterMs: number;

  constructor(limit: number, retryAfterMs: number) {
    super('overloaded', `The outbox holds ${limit} unsent items; try again in ${Math.ceil(retryAfterMs / 1000)} s.`, {
      facts: { retryAfterMs },
    });
    this.retryAfterMs = retryAfterMs;
  }
}
