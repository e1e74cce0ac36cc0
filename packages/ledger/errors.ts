import { type Hex, TrineError } from '@trine/protocol';

/** What a contract answered when it refused a call. */
export type Revert = {
  /** name of the contract's error, such as `TooEarly` */
  readonly name: string;
  readonly args: readonly unknown[];
  readonly data: Hex;
};

/** What went wrong. Those that begin with `chain-` are of the chain as a whole, not of one call. */
export type LedgerProblem =
  | 'chain-lost'
  | 'chain-silent'
  | 'chain-stopped'
  | 'chain-not-started'
  | 'chain-in-use'
  | 'chain-wrong'
  | 'chain-unsupported'
  | 'call-refused'
  | 'call-failed'
  | 'not-included'
  | 'not-anchored'
  | 'overtaken'
  | 'proof-failed';

/**
 * Something the chain or a contract did not do. `retry` says whether the same call may succeed later.
 * The message names what to do and never contains a key.
 */
export class LedgerError extends TrineError {
  override readonly name = 'LedgerError';
  /** What went wrong, in the ledger's own words; `code` is that of the family. */
  readonly problem: LedgerProblem;
  readonly revert: Revert | undefined;

  constructor(
    problem: LedgerProblem,
    message: string,
    retry: 'never' | 'later',
    { revert, cause }: { readonly revert?: Revert; readonly cause?: unknown } = {},
  ) {
    super(retry === 'later' ? 'unavailable' : 'refused', message, {
      cause,
      facts: { problem, ...(revert && { revert: revert.name }) },
    });
    this.problem = problem;
    this.revert = revert;
  }

  /** Is it the chain that does not work, so that no single call is to blame? */
  get isOfChain(): boolean {
    return this.problem.startsWith('chain-');
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

/** What a chain answered to a request it would not fulfil, in the form EIP-1193 gives it. */
export class RpcError extends Error {
  override readonly name = 'RpcError';
  readonly code: number;
  readonly data: unknown;

  constructor(code: number, message: string, data: unknown) {
    super(message);
    this.code = code;
    this.data = data;
  }
}
