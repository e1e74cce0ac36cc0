import { FormatError } from '../errors.ts';

/**
 * A note, checkpoint, proof, tile or path that breaks its format or fails its check. The message names the field, what
 * was expected and what was found; it is safe to show, and the input must not be used.
 */
export class TlogError extends FormatError {
  override readonly name = 'TlogError';

  /** @param refusal `bad-signature` where the format is right and the check fails */
  constructor(message: string, refusal: 'malformed' | 'bad-signature' = 'malformed') {
    super(refusal, message);
  }
}

/**
 * Refuses what cannot be the index of a leaf or the size of a log here: at most 2^53 − 1, so that arithmetic on numbers
 * is exact.
 *
 * @param value the number to check
 * @param name how the message calls it
 * @throws TlogError
 */
export function assertIndex(value: number, name: string): void {
  if (!Number.isSafeInteger(value) || value < 0) {
    throw new TlogError(`The ${name} should be an integer from 0 to 2^53 - 1; got ${value}.`);
  }
}

/**
 * Reads a canonical decimal number: digits only, no leading zero.
 *
 * @throws TlogError when it is written otherwise or exceeds 2^53 − 1
 */
export function parseDecimal(text: string, name: string): number {
  const value = /^(0|[1-9][0-9]{0,15})$/.test(text) ? Number(text) : Number.NaN;
  if (!Number.isSafeInteger(value)) {
    throw new TlogError(`The ${name} should be a decimal number up to 2^53 - 1 without leading zeros.`);
  }
  return value;
}
