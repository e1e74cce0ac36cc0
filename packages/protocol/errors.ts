/**
 * Why a statement, pack or message was refused. Each is counted under this word, shown on the console in words, and
 * sent back in the acknowledgement.
 */
export const refusals = {
  'too-large': 'larger than the limit',
  'too-deep': 'nested deeper than the limit',
  malformed: 'not in the format of the specification',
  'unsupported-version': 'a version this node does not know',
  'wrong-network': 'made for another network',
  'unknown-key': 'signed by a key that nobody enrolled',
  'revoked-key': 'signed by a key that was revoked',
  'not-permitted': 'signed by a key that may not speak of this subject',
  'bad-signature': 'the signature does not match',
  'bad-commitment': 'the body is not the one that was signed',
  'missing-body': 'the body was not delivered with its statement',
  'absurd-time': 'dated before 1990 or too far in the future',
  'wrong-unit': 'a unit unknown or wrong for this quantity',
  'bad-value': 'a value that is no reading',
  'too-many-quantities': 'more quantities than one thing may have',
  'rate-limited': 'more than this key may send',
  overloaded: 'the node has too much to do',
} as const;

export type Refusal = keyof typeof refusals;

/** Input that does not follow a format. `refusal` is the counted reason; the message says what to do. */
export class FormatError extends Error {
  override readonly name = 'FormatError';
  readonly refusal: Refusal;
  constructor(refusal: Refusal, message: string) {
    super(message);
    this.refusal = refusal;
  }
}
