// Recursive Length Prefix (Ethereum Yellow Paper, appendix B): byte strings and lists of them, in one encoding each.
import { concatBytes } from '../bytes.ts';
import { FormatError } from '../errors.ts';
import { limits } from '../limits.ts';

/** A byte string, or a list. */
export type RlpItem = Uint8Array | readonly RlpItem[];

const BYTES = 0x80;
const LIST = 0xc0;
/** Longer contents have their length written after the prefix. */
const SHORT_MAX = 55;
/** 2^48: more than any buffer, and exact as a number. */
const LENGTH_BYTES_MAX = 6;

/**
 * Encodes an item.
 *
 * @example encodeRlp([new Uint8Array(), Uint8Array.of(5)]) // c2 80 05
 */
export function encodeRlp(item: RlpItem): Uint8Array {
  if (item instanceof Uint8Array) {
    if (item.length === 1 && (item[0] as number) < BYTES) return item.slice();
    return concatBytes(prefix(BYTES, item.length), item);
  }
  const content = concatBytes(...item.map(encodeRlp));
  return concatBytes(prefix(LIST, content.length), content);
}

/**
 * The bytes of a number as RLP writes it: big-endian, without leading zeros, none for 0.
 *
 * @param value from 0 to 2^53-1, or any bigint from 0
 * @throws RangeError
 * @example rlpInteger(1024) // 04 00
 */
export function rlpInteger(value: number | bigint): Uint8Array {
  if (value < 0 || (typeof value === 'number' && !Number.isSafeInteger(value)))
    throw new RangeError('RLP: an integer is 0 or more.');
  const bytes: number[] = [];
  for (let left = BigInt(value); left > 0n; left >>= 8n) bytes.unshift(Number(left & 255n));
  return Uint8Array.from(bytes);
}

function prefix(base: number, length: number): Uint8Array {
  if (length <= SHORT_MAX) return Uint8Array.of(base + length);
  const size = rlpInteger(length);
  return Uint8Array.of(base + SHORT_MAX + size.length, ...size);
}

/**
 * Decodes exactly one item: what it takes, {@link encodeRlp} writes as the same bytes.
 *
 * @param bytes the whole encoding; byte strings of the result are views of it
 * @param what how messages call it
 * @throws FormatError `malformed` for a longer form than need be, for bytes missing or left over; `too-deep` for lists
 * nested deeper than `limits.nestingMax`
 */
export function decodeRlp(bytes: Uint8Array, what = 'RLP'): RlpItem {
  const { item, end } = readItem(bytes, 0, bytes.length, 0, what);
  if (end !== bytes.length)
    throw new FormatError('malformed', `The ${what} has ${bytes.length - end} bytes left over.`);
  return item;
}

function readItem(
  bytes: Uint8Array,
  at: number,
  limit: number,
  depth: number,
  what: string,
): { item: RlpItem; end: number } {
  const first = bytes[at];
  if (first === undefined || at >= limit) throw new FormatError('malformed', `The ${what} ends early.`);
  if (first < BYTES) return { item: bytes.subarray(at, at + 1), end: at + 1 };
  const isList = first >= LIST;
  const { start, end } = readContent(bytes, at, limit, first - (isList ? LIST : BYTES), what);
  if (!isList) {
    if (end - start === 1 && (bytes[start] as number) < BYTES)
      throw new FormatError('malformed', `The ${what} writes a small byte in a longer form than need be.`);
    return { item: bytes.subarray(start, end), end };
  }
  // Before anything is read: a recursion without end must not be asked for.
  if (depth >= limits.nestingMax)
    throw new FormatError('too-deep', `The ${what} nests deeper than ${limits.nestingMax} levels.`);
  const items: RlpItem[] = [];
  let next = start;
  while (next < end) {
    const read = readItem(bytes, next, end, depth + 1, what);
    items.push(read.item);
    next = read.end;
  }
  return { item: items, end };
}

/** Where the content of an item begins and ends. @param size the part of the prefix that says how long it is */
function readContent(
  bytes: Uint8Array,
  at: number,
  limit: number,
  size: number,
  what: string,
): { start: number; end: number } {
  let start = at + 1;
  let length = size;
  if (size > SHORT_MAX) {
    const width = size - SHORT_MAX;
    if (width > LENGTH_BYTES_MAX || start + width > limit)
      throw new FormatError('malformed', `The ${what} ends early.`);
    length = 0;
    for (let i = 0; i < width; i++) length = length * 256 + (bytes[start + i] as number);
    if (bytes[start] === 0 || length <= SHORT_MAX)
      throw new FormatError('malformed', `The ${what} writes a length in a longer form than need be.`);
    start += width;
  }
  if (start + length > limit) throw new FormatError('malformed', `The ${what} ends early.`);
  return { start, end: start + length };
}
