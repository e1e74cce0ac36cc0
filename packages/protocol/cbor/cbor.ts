// Deterministic CBOR (RFC 8949 §4.2.1): one encoding per value, so that a hash of the bytes is a hash of the value.
import { decode } from 'cborg';
import { equalBytes } from '../bytes.ts';
import { FormatError } from '../errors.ts';
import { limits } from '../limits.ts';
import { writeCbor } from './writer.ts';

/**
 * Encodes a value of numbers, bigints, text, bytes, booleans, null, arrays and plain objects (text keys) or Maps.
 *
 * @throws TypeError for anything else; RangeError for integers of more than 64 bits
 * @example encodeCbor({ b: 1, a: 2 }) // a2 61 61 02 61 62 01
 */
export function encodeCbor(value: unknown): Uint8Array {
  return writeCbor((writer) => writer.value(value));
}

/**
 * Decodes exactly one deterministically encoded item.
 *
 * @throws FormatError `malformed` when the bytes are no such item, hold a tag, an indefinite length or a longer
 * encoding than need be, nest deeper than `limits.nestingMax`, or when bytes are left over
 */
export function decodeCbor(bytes: Uint8Array, what = 'value'): unknown {
  checkNesting(bytes, what);
  let value: unknown;
  try {
    value = decode(bytes, {
      strict: true,
      allowIndefinite: false,
      allowUndefined: false,
      rejectDuplicateMapKeys: true,
      retainStringBytes: false,
    });
  } catch (cause) {
    throw new FormatError('malformed', `The ${what} is not valid CBOR: ${(cause as Error).message}`);
  }
  if (!equalBytes(encodeCbor(value), bytes))
    throw new FormatError(
      'malformed',
      `The ${what} is not deterministic CBOR (RFC 8949 §4.2.1): sort map keys, use the shortest forms.`,
    );
  return value;
}

/** Walks the item heads before any object is built: deep nesting must not reach a recursive decoder. */
function checkNesting(bytes: Uint8Array, what: string): void {
  const open: number[] = [];
  let at = 0;
  do {
    const first = bytes[at++];
    if (first === undefined) throw new FormatError('malformed', `The ${what} ends early.`);
    const major = first >> 5;
    const info = first & 31;
    let argument = info;
    if (info >= 28) throw new FormatError('malformed', `The ${what} uses an indefinite or reserved length.`);
    if (info >= 24) {
      const width = 1 << (info - 24);
      if (at + width > bytes.length) throw new FormatError('malformed', `The ${what} ends early.`);
      argument = 0;
      for (let i = 0; i < width; i++) argument = argument * 256 + (bytes[at + i] as number);
      at += width;
    }
    if (major === 2 || major === 3) at += argument;
    if (at > bytes.length) throw new FormatError('malformed', `The ${what} ends early.`);
    if (major === 6) throw new FormatError('malformed', `The ${what} holds a CBOR tag where none belongs.`);
    if (major === 4 || major === 5) {
      const items = major === 4 ? argument : argument * 2;
      if (items > bytes.length) throw new FormatError('malformed', `The ${what} ends early.`);
      open.push(items + 1);
      if (open.length > limits.nestingMax)
        throw new FormatError('too-deep', `The ${what} nests deeper than ${limits.nestingMax} levels.`);
    }
    while (open.length > 0) {
      const left = (open[open.length - 1] as number) - 1;
      open[open.length - 1] = left;
      if (left > 0) break;
      open.pop();
    }
  } while (open.length > 0);
  if (at !== bytes.length) throw new FormatError('malformed', `The ${what} has ${bytes.length - at} bytes left over.`);
}
