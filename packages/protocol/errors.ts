// The one family of errors: each has a code from one table, which says how HTTP answers and whether to try again.

export type Retry = 'never' | 'later';

interface Row {
  /** HTTP status of the answer. */
  readonly status: number;
  /** `later`: the same call may succeed in a while. */
  readonly retry: Retry;
  /** For people. */
  readonly sentence: string;
  /** True: a reason to refuse a statement, pack or message; counted, and sent back in the acknowledgement. */
  readonly counted: boolean;
}

const refusal = (status: number, sentence: string, retry: Retry = 'never') =>
  ({ status, retry, sentence, counted: true }) as const;
const general = (status: number, sentence: string, retry: Retry = 'never') =>
  ({ status, retry, sentence, counted: false }) as const;

/** Every code. docs/reference/errors.md says what to do about each; a test holds the two together. */
export const errorCodes = {
  'too-large': refusal(413, 'larger than the limit'),
  'too-deep': refusal(400, 'nested deeper than the limit'),
  malformed: refusal(400, 'not in the format of the specification'),
  'unsupported-version': refusal(400, 'a version this node does not know'),
  'unknown-kind': refusal(400, 'of a kind that this node does not know'),
  'wrong-network': refusal(400, 'made for another network'),
  'unknown-key': refusal(403, 'signed by a key that nobody enrolled'),
  'revoked-key': refusal(403, 'signed by a key that was revoked'),
  'not-permitted': refusal(403, 'signed by a key that may not say this'),
  'bad-signature': refusal(403, 'the signature does not match'),
  'bad-commitment': refusal(400, 'the body is not the one that was signed'),
  'missing-body': refusal(400, 'the body was not delivered with its statement'),
  'absurd-time': refusal(400, 'dated before 1990 or too far in the future'),
  'wrong-unit': refusal(400, 'a unit unknown or wrong for this quantity'),
  'bad-value': refusal(400, 'a value that is no reading'),
  'out-of-limits': refusal(400, 'a value that this kind of thing cannot have'),
  'too-many-quantities': refusal(400, 'more quantities than one thing may have'),
  'rate-limited': refusal(429, 'more than this key may send', 'later'),
  overloaded: refusal(503, 'the node has too much to do', 'later'),
  invalid: general(400, 'a request or a value that makes no sense here'),
  unauthorised: general(401, 'asked without a token, or with a wrong one'),
  forbidden: general(403, 'this caller may not do that'),
  'not-found': general(404, 'nothing here has this name'),
  'not-yet': general(404, 'it will be here, but is not yet', 'later'),
  ambiguous: general(409, 'it stands for several things'),
  conflict: general(409, 'it contradicts what is there'),
  'in-use': general(409, 'another process has it', 'later'),
  erased: general(410, 'it was here and was erased'),
  refused: general(422, 'the chain or a contract refused it'),
  'not-proven': general(422, 'what was claimed does not hold'),
  'not-checked': general(422, 'it was left out of the check on purpose'),
  damaged: general(500, 'what is stored contradicts itself or what was signed'),
  internal: general(500, 'a fault of the program'),
  unsupported: general(501, 'this node cannot do that'),
  busy: general(503, 'one at a time: another is being done', 'later'),
  unavailable: general(503, 'something it needs does not answer', 'later'),
  stopped: general(503, 'it was stopped, or is stopping', 'later'),
  'timed-out': general(504, 'it took longer than it may', 'later'),
} as const satisfies Readonly<Record<string, Row>>;

export type ErrorCode = keyof typeof errorCodes;

/** Why a statement, pack or message was refused. */
export type Refusal = { [C in ErrorCode]: (typeof errorCodes)[C]['counted'] extends true ? C : never }[ErrorCode];

/** The counted reasons with their sentences, in the order of the table. */
export const refusals = Object.fromEntries(
  Object.entries<Row>(errorCodes).flatMap(([code, { counted, sentence }]) => (counted ? [[code, sentence]] : [])),
) as Readonly<Record<Refusal, string>>;

/** Is this text a code of the table? */
export function isErrorCode(text: unknown): text is ErrorCode {
  return typeof text === 'string' && Object.hasOwn(errorCodes, text);
}

/** What a program may want to know besides the message; never a token, a key or a credential. */
export type ErrorFacts = Readonly<Record<string, string | number | boolean>>;

/**
 * An error that a caller can do something about: HTTP answers its status, the command line its exit status, an outbox
 * asks whether to try again. Whatever is no TrineError is a fault of the program.
 *
 * @example throw new TrineError('not-found', 'No such agreement is known here.', { facts: { agreement } })
 */
export class TrineError extends Error {
  override readonly name: string = 'TrineError';
  readonly code: ErrorCode;
  readonly facts: ErrorFacts;

  /** @param message a sentence that says what to do, or what was expected and what was found */
  constructor(code: ErrorCode, message: string, { facts = {}, cause }: { facts?: ErrorFacts; cause?: unknown } = {}) {
    super(message, cause === undefined ? {} : { cause });
    this.code = code;
    this.facts = facts;
  }

  get retry(): Retry {
    return errorCodes[this.code].retry;
  }

  /** HTTP status of the answer. */
  get status(): number {
    return errorCodes[this.code].status;
  }

  /** Where the code is explained, from the root of the project. */
  get docs(): string {
    return `docs/reference/errors.md#${this.code}`;
  }
}

/** Input that does not follow a format. `refusal` is the counted reason; the message says what to do. */
export class FormatError extends TrineError {
  override readonly name: string = 'FormatError';
  readonly refusal: Refusal;

  constructor(refusal: Refusal, message: string, options: { facts?: ErrorFacts; cause?: unknown } = {}) {
    super(refusal, message, options);
    this.refusal = refusal;
  }
}
