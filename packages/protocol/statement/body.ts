// Sealed bodies: the statement carries a salted commitment, salt and body travel beside it and can be erased.
import { encodeCbor } from '../cbor/cbor.ts';
import { CborReader } from '../cbor/reader.ts';
import { sha256 } from '../crypto.ts';
import { FormatError } from '../errors.ts';
import { limits } from '../limits.ts';
import type { Statement } from './statement.ts';

/** Salt and body, encoded: what the commitment hashes (the preimage of RFC 9995). */
export interface DetachedBody {
  readonly commitment: Uint8Array;
  readonly disclosure: Uint8Array;
}

/**
 * Commits to a body so that its hash reveals nothing: SHA-256 over CBOR `[salt, body]`.
 *
 * @param body at most `limits.bodyBytesMax` bytes
 * @param salt 16 random bytes, never used twice
 */
export function detachBody(
  body: Uint8Array,
  salt: Uint8Array = globalThis.crypto.getRandomValues(new Uint8Array(limits.saltBytes)),
): DetachedBody {
  if (salt.length !== limits.saltBytes)
    throw new RangeError(`A salt has ${limits.saltBytes} bytes; got ${salt.length}.`);
  const disclosure = encodeCbor([salt, body]);
  return { commitment: sha256(disclosure), disclosure };
}

/**
 * The body of a statement: its payload, or for a sealed one what the disclosure holds, checked against the commitment.
 *
 * @throws FormatError `missing-body`, `bad-commitment`, `too-large` or `malformed`
 */
export function openBody(statement: Statement, disclosure?: Uint8Array): Uint8Array {
  if (!statement.header.sealed) return statement.payload;
  if (disclosure === undefined)
    throw new FormatError('missing-body', 'The statement is sealed: deliver salt and body beside it.');
  if (disclosure.length > limits.bodyBytesMax + 32)
    throw new FormatError('too-large', `A sealed body has at most ${limits.bodyBytesMax} bytes.`);
  const digest = sha256(disclosure);
  for (let i = 0; i < 32; i++)
    if (digest[i] !== statement.payload[i])
      throw new FormatError('bad-commitment', 'The body delivered is not the one the statement commits to.');
  return openDisclosure(disclosure);
}

/**
 * The body in a disclosure, whoever commits to it.
 * @throws FormatError `malformed`
 */
export function openDisclosure(disclosure: Uint8Array): Uint8Array {
  const reader = new CborReader(disclosure, 'detached body');
  if (reader.list() !== 2) reader.fail('should be [salt, body]');
  reader.byteString(limits.saltBytes);
  const body = reader.byteString();
  reader.end();
  return body;
}

/** The salt in a disclosure. @throws FormatError `malformed` */
export function saltOf(disclosure: Uint8Array): Uint8Array {
  const reader = new CborReader(disclosure, 'detached body');
  if (reader.list() !== 2) reader.fail('should be [salt, body]');
  return reader.byteString(limits.saltBytes);
}
