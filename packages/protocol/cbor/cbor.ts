// Deterministic CBOR (RFC 8949 §4.2.1): one encoding per value, so that a hash of the bytes is a hash of the value.
import { CborReader } from './reader.ts';
import { writeCbor } from './writer.ts';

/**
 * Encodes a value of numbers, bigints, text, bytes, booleans, null, arrays and plain objects (text keys) or Maps.
 *
 * @throws TypeError for anything else; RangeError for integers of more than 64 bits, and for values nested deeper than
 * `limits.nestingMax`
 * @example encodeCbor({ b: 1, a: 2 }) // a2 61 61 02 61 62 01
 */
export function encodeCbor(value: unknown): Uint8Array {
  return writeCbor((writer) => writer.value(value));
}

/**
 * Decodes exactly one deterministically encoded item: what it takes, {@link encodeCbor} writes as the same bytes.
 *
 * @param what how messages call it
 * @param itemsMax of all lists and maps together, where memory must be bounded
 * @returns numbers, bigints (integers above 2^53-1), text, bytes (copies), booleans, null, arrays and plain objects
 * @throws FormatError `malformed` when the bytes are no such item: a tag, an indefinite length, a longer encoding than
 * need be, keys that are no text, come twice or out of order, bytes left over; `too-deep` beyond `limits.nestingMax`, `too-large` beyond `itemsMax`
 * @example decodeCbor(Uint8Array.of(0x82, 1, 0xf5)) // [1, true]
 */
export function decodeCbor(bytes: Uint8Array, what = 'value', itemsMax?: number): unknown {
  const reader = new CborReader(bytes, what, itemsMax);
  const value = reader.value();
  reader.end();
  return value;
}
