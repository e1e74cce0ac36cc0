// Binary payloads: what a mapping says of them, and what they hold.
import { fromUtf8 } from '@trine/protocol';

/** How a number lies in bytes. The field's own names; `int24` is what many LoRaWAN sensors send. */
export const numberTypes = [
  ...['uint8', 'int8', 'uint16', 'int16', 'uint24', 'int24', 'uint32', 'int32'],
  ...['uint64', 'int64', 'float16', 'float32', 'float64', 'bcd8', 'bcd16', 'bcd32'],
] as const;

/** One value in a binary payload. */
export interface BytesField {
  readonly type: string;
  /** Bytes before it. */
  readonly offset: number;
  /** Least significant byte first; default: most significant first, as networks do (RFC 1700). */
  readonly isLittleEndian?: boolean | undefined;
  /** Of a whole number, only these bits: the first is the least significant. */
  readonly bits?: { readonly first: number; readonly count: number } | undefined;
}

/** How the bytes come: as they are, or as text in them. */
export type BytesEncoding = 'binary' | 'hex' | 'base64';

/**
 * Text that has to be UTF-8 (RFC 3629).
 * @returns undefined where it is not: the bytes are binary, and no text
 */
export function textOf(payload: Uint8Array): string | undefined {
  try {
    return fromUtf8(payload);
  } catch {
    return undefined;
  }
}

/**
 * The bytes that a payload stands for.
 *
 * Hexadecimal may have spaces, `:`, `-` or a leading `0x`; base64 may be that of addresses (RFC 4648 §5) and lack its
 * padding.
 *
 * @returns undefined where the text is not of that encoding
 * @example bytesOf(utf8('0x1F 2E'), 'hex') // Uint8Array [0x1f, 0x2e]
 */
export function bytesOf(payload: Uint8Array, encoding: BytesEncoding): Uint8Array | undefined {
  if (encoding === 'binary') return payload;
  const text = textOf(payload)?.trim();
  return text === undefined ? undefined : encoding === 'hex' ? bytesOfHex(text) : bytesOfBase64(text);
}

function bytesOfHex(text: string): Uint8Array | undefined {
  const digits = text.replace(/^0x/i, '').replace(/[\s:-]/g, '');
  if (digits.length % 2 !== 0 || !/^[0-9a-f]*$/i.test(digits)) return undefined;
  return Uint8Array.from({ length: digits.length / 2 }, (_, i) => Number.parseInt(digits.slice(2 * i, 2 * i + 2), 16));
}

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

function bytesOfBase64(text: string): Uint8Array | undefined {
  const digits = text
    .replace(/\s/g, '')
    .replaceAll('-', '+')
    .replaceAll('_', '/')
    .replace(/={1,2}$/, '');
  if (digits.length % 4 === 1 || !/^[A-Za-z0-9+/]*$/.test(digits)) return undefined;
  const bytes = new Uint8Array(Math.floor((digits.length * 3) / 4));
  let held = 0;
  let bits = 0;
  let at = 0;
  for (const digit of digits) {
    held = ((held << 6) | ALPHABET.indexOf(digit)) & 0xffff;
    bits += 6;
    if (bits < 8) continue;
    bits -= 8;
    bytes[at++] = (held >> bits) & 0xff;
  }
  return bytes;
}

/**
 * Reads one value out of bytes.
 *
 * @returns the number, which may be not finite for a float, or in words why there is none
 * @example readBytes(Uint8Array.of(0, 0, 0xac, 0x41), { type: 'float32', offset: 0, isLittleEndian: true }) // 21.5
 */
export function readBytes(bytes: Uint8Array, field: BytesField): number | string {
  const width = widths.get(field.type);
  if (width === undefined) return `${field.type} is no type of a number: ${numberTypes.join(', ')}`;
  if (!Number.isInteger(field.offset) || field.offset < 0) return 'the offset is a whole number from 0';
  const part = bytes.slice(field.offset, field.offset + width);
  if (part.length < width)
    return `${field.type} at byte ${field.offset} needs ${field.offset + width} bytes; the payload has ${bytes.length}`;
  if (field.isLittleEndian) part.reverse();
  const value = field.type.startsWith('float') ? float(part) : whole(part, field.type);
  if (typeof value === 'string' || field.bits === undefined) return value;
  return bitsOf(part, field.bits, field.type);
}

const widths: ReadonlyMap<string, number> = new Map(
  numberTypes.map((type) => [type, Number(/\d+$/.exec(type)?.[0]) / 8]),
);

/** Most significant byte first. */
function unsigned(part: Uint8Array): bigint {
  return part.reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
}

function whole(part: Uint8Array, type: string): number | string {
  const raw = unsigned(part);
  if (type.startsWith('bcd')) {
    const digits = raw.toString(16).padStart(2 * part.length, '0');
    return /^\d+$/.test(digits) ? Number(digits) : `${digits} is no binary-coded decimal`;
  }
  const value = type.startsWith('uint') ? raw : BigInt.asIntN(8 * part.length, raw);
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : `${value} is beyond 2^53 and would be rounded`;
}

/** IEEE 754, binary16 by hand: browsers know it only since 2025. */
function float(part: Uint8Array): number {
  const view = new DataView(part.buffer, part.byteOffset, part.byteLength);
  if (part.length === 8) return view.getFloat64(0);
  if (part.length === 4) return view.getFloat32(0);
  const raw = view.getUint16(0);
  const [exponent, fraction] = [(raw >> 10) & 31, raw & 1023];
  const size =
    exponent === 31
      ? fraction === 0
        ? Number.POSITIVE_INFINITY
        : Number.NaN
      : exponent === 0
        ? fraction * 2 ** -24
        : (1 + fraction / 1024) * 2 ** (exponent - 15);
  return raw & 0x8000 ? -size : size;
}

function bitsOf(part: Uint8Array, { first, count }: { first: number; count: number }, type: string): number | string {
  const wide = 8 * part.length;
  if (type.startsWith('float') || type.startsWith('bcd')) return `${type} has no bits to be taken`;
  if (!Number.isInteger(first) || !Number.isInteger(count) || first < 0 || count < 1 || first + count > wide)
    return `bits ${first} and ${count} more are not in ${type}, which has ${wide}`;
  const taken = (unsigned(part) >> BigInt(first)) & ((1n << BigInt(count)) - 1n);
  const value = type.startsWith('int') ? BigInt.asIntN(count, taken) : taken;
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : `${value} is beyond 2^53 and would be rounded`;
}
