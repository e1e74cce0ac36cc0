// The Ethereum ABI's 32-byte words: the few kinds that intents, anchors and their events are made of.
import { fromHex, toHex } from '../bytes.ts';
import { FormatError } from '../errors.ts';

/** `0x` and lower-case hex digits. */
export type Hex = `0x${string}`;

export function hexOf(bytes: Uint8Array): Hex {
  return `0x${toHex(bytes)}`;
}

/**
 * Bytes of a hex text of a given length.
 * @throws FormatError `malformed` naming the field, when it is not lower-case `0x…` of that many bytes
 */
export function bytesOf(field: string, hex: string, length: number): Uint8Array {
  if (!/^0x[0-9a-f]*$/.test(hex) || hex.length !== 2 + 2 * length)
    throw new FormatError('malformed', `${field}: expected 0x and ${2 * length} lower-case hex digits.`);
  return fromHex(hex);
}

/** A number as a big-endian word. @throws FormatError `malformed` naming the field, when it is negative or too large */
export function uintWord(field: string, value: bigint, bits: number): Uint8Array {
  if (typeof value !== 'bigint') throw new TypeError(`${field}: expected a bigint.`);
  if (value < 0n || value >> BigInt(bits) !== 0n)
    throw new FormatError('malformed', `${field}: expected an unsigned integer of ${bits} bits.`);
  return fromHex(value.toString(16).padStart(64, '0'));
}

/** An address as a word, its high 12 bytes zero. */
export function addressWord(field: string, address: Hex): Uint8Array {
  const word = new Uint8Array(32);
  word.set(bytesOf(field, address, 20), 12);
  return word;
}

/** The number in a word. @throws FormatError `malformed` when it has more than the given bits */
export function readUint(field: string, word: Uint8Array, bits: number): bigint {
  const value = BigInt(hexOf(word));
  if (value >> BigInt(bits) !== 0n) throw new FormatError('malformed', `${field}: more than ${bits} bits.`);
  return value;
}

/** The address in a word. @throws FormatError `malformed` when its high 12 bytes are not zero */
export function readAddress(field: string, word: Uint8Array): Hex {
  for (let i = 0; i < 12; i++) if (word[i] !== 0) throw new FormatError('malformed', `${field}: not an address.`);
  return hexOf(word.subarray(12));
}
