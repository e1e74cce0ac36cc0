// The errors of a bundle, in place of the protocol's: their table of codes, statuses and sentences is no part of what
// decides. Whoever runs a bundle makes the protocol's of them.
import type { ErrorCode, Refusal } from '@trine/protocol';

export class TrineError extends Error {
  override readonly name: string = 'TrineError';
  readonly code: ErrorCode;

  constructor(code: ErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}

export class FormatError extends TrineError {
  override readonly name: string = 'FormatError';
  readonly refusal: Refusal;

  constructor(refusal: Refusal, message: string) {
    super(refusal, message);
    this.refusal = refusal;
  }
}
