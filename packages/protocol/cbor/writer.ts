// Writes deterministic CBOR (RFC 8949 §4.2.1) straight into one buffer. Everything signed, sealed or acknowledged is
// encoded, often several times a statement: no tokens, no intermediate objects.
import { compareBytes } from '../bytes.ts';

const utf8 = new TextEncoder();
/** UTF-8 takes at most three bytes for each unit of UTF-16. */
const UTF8_BYTES_PER_UNIT = 3;
/** Longer texts are left to the engine's own encoder. */
const SHORT_TEXT = 40;
/** Keys of objects come again and again: their encodings, bounded. */
const encodedKeys = new Map<string, Uint8Array>();
const ENCODED_KEYS_MAX = 1_024;

/**
 * What `write` wrote, as bytes. All share one buffer: `write` may not call this again.
 *
 * @example writeCbor((writer) => { writer.list(2); writer.number(1); writer.text('a'); }) // 82 01 61 61
 */
export function writeCbor(write: (writer: CborWriter) => void): Uint8Array {
  writer.clear();
  write(writer);
  return writer.finish();
}

/**
 * Writes one item after the other. Whoever writes a map writes its keys in order: by the bytes of their encodings.
 */
export class CborWriter {
  private buffer = new Uint8Array(1_024);
  private view = new DataView(this.buffer.buffer);
  private at = 0;

  /** Drops what was written: an error may have left half an item. */
  clear(): void {
    this.at = 0;
  }

  /** The bytes written so far, as a copy. */
  finish(): Uint8Array {
    return this.buffer.slice(0, this.at);
  }

  list(count: number): void {
    this.head(0x80, count);
  }

  map(count: number): void {
    this.head(0xa0, count);
  }

  /** Integers of at most 2^53-1 in size as integers, everything else as the shortest float that holds it. */
  number(value: number): void {
    if (Number.isSafeInteger(value)) {
      if (value >= 0) this.head(0x00, value);
      else this.head(0x20, -1 - value);
    } else this.float(value);
  }

  bytes(value: Uint8Array): void {
    this.head(0x40, value.length);
    this.reserve(value.length);
    this.buffer.set(value, this.at);
    this.at += value.length;
  }

  /** Lone surrogates become U+FFFD. */
  text(value: string): void {
    const { length } = value;
    this.reserve(9 + UTF8_BYTES_PER_UNIT * length);
    if (length < 24 && this.asciiAt(value, this.at + 1)) {
      this.buffer[this.at] = 0x60 | length;
      this.at += 1 + length;
    } else if (length <= SHORT_TEXT && this.asciiAt(value, this.at + 2)) {
      this.buffer[this.at] = 0x78;
      this.buffer[this.at + 1] = length;
      this.at += 2 + length;
    } else {
      const encoded = utf8.encode(value);
      this.head(0x60, encoded.length);
      this.reserve(encoded.length);
      this.buffer.set(encoded, this.at);
      this.at += encoded.length;
    }
  }

  boolean(value: boolean): void {
    this.byte(value ? 0xf5 : 0xf4);
  }

  /** @throws TypeError for what has no encoding here; RangeError for integers of more than 64 bits */
  value(value: unknown): void {
    if (typeof value === 'number') this.number(value);
    else if (typeof value === 'string') this.text(value);
    else if (typeof value === 'boolean') this.boolean(value);
    else if (typeof value === 'bigint') this.bigint(value);
    else if (value === null) this.byte(0xf6);
    else if (value instanceof Uint8Array) this.bytes(value);
    else if (Array.isArray(value)) {
      this.list(value.length);
      for (const item of value) this.value(item);
    } else if (value instanceof Map) this.entries([...value].map(([key, item]) => [encodedKey(key), item]));
    else if (isPlain(value)) this.entries(Object.keys(value).map((key) => [encodedKey(key), value[key]]));
    else throw new TypeError(`CBOR: expected numbers, text, bytes, lists, objects or Maps; got ${typeof value}.`);
  }

  /** Entries of a map in any order. */
  private entries(entries: [Uint8Array, unknown][]): void {
    entries.sort((a, b) => compareBytes(a[0], b[0]));
    this.map(entries.length);
    for (const [key, item] of entries) {
      this.reserve(key.length);
      this.buffer.set(key, this.at);
      this.at += key.length;
      this.value(item);
    }
  }

  private bigint(value: bigint): void {
    const argument = value < 0n ? -1n - value : value;
    if (argument >= 2n ** 64n) throw new RangeError('CBOR: an integer has at most 64 bits.');
    const major = value < 0n ? 0x20 : 0x00;
    if (argument <= Number.MAX_SAFE_INTEGER) {
      this.head(major, Number(argument));
      return;
    }
    this.reserve(9);
    this.buffer[this.at] = major | 27;
    this.view.setBigUint64(this.at + 1, argument);
    this.at += 9;
  }

  private float(value: number): void {
    this.reserve(9);
    const { view, at } = this;
    const half = halfBits(value);
    if (half !== undefined) {
      view.setUint8(at, 0xf9);
      view.setUint16(at + 1, half);
      this.at += 3;
    } else if (Math.fround(value) === value) {
      view.setUint8(at, 0xfa);
      view.setFloat32(at + 1, value);
      this.at += 5;
    } else {
      view.setUint8(at, 0xfb);
      view.setFloat64(at + 1, value);
      this.at += 9;
    }
  }

  /** Major type and argument in the shortest form. */
  private head(major: number, argument: number): void {
    this.reserve(9);
    const { view } = this;
    if (argument < 24) this.buffer[this.at++] = major | argument;
    else if (argument < 0x100) {
      this.buffer[this.at] = major | 24;
      this.buffer[this.at + 1] = argument;
      this.at += 2;
    } else if (argument < 0x10000) {
      this.buffer[this.at] = major | 25;
      view.setUint16(this.at + 1, argument);
      this.at += 3;
    } else if (argument < 0x100000000) {
      this.buffer[this.at] = major | 26;
      view.setUint32(this.at + 1, argument);
      this.at += 5;
    } else {
      this.buffer[this.at] = major | 27;
      view.setUint32(this.at + 1, Math.floor(argument / 2 ** 32));
      view.setUint32(this.at + 5, argument % 2 ** 32);
      this.at += 9;
    }
  }

  private byte(value: number): void {
    this.reserve(1);
    this.buffer[this.at++] = value;
  }

  /** Writes the text at a position; false where it is not all ASCII. */
  private asciiAt(text: string, at: number): boolean {
    const { buffer } = this;
    for (let i = 0; i < text.length; i++) {
      const unit = text.charCodeAt(i);
      if (unit > 0x7f) return false;
      buffer[at + i] = unit;
    }
    return true;
  }

  private reserve(more: number): void {
    const needed = this.at + more;
    if (needed <= this.buffer.length) return;
    const grown = new Uint8Array(Math.max(needed, 2 * this.buffer.length));
    grown.set(this.buffer.subarray(0, this.at));
    this.buffer = grown;
    this.view = new DataView(grown.buffer);
  }
}

const floatView = new DataView(new ArrayBuffer(4));

/**
 * Bits of the float of 16 bits that holds a value. Of the subnormal ones only powers of two are written so; the
 * others take 32 bits, as the formats have had them from their start.
 */
function halfBits(value: number): number | undefined {
  if (Number.isNaN(value)) return 0x7e00;
  if (Math.fround(value) !== value) return undefined;
  floatView.setFloat32(0, value);
  const bits = floatView.getUint32(0);
  const sign = (bits >>> 16) & 0x8000;
  const mantissa = bits & 0x7fffff;
  if (!Number.isFinite(value)) return sign | 0x7c00;
  const exponent = ((bits >>> 23) & 0xff) - 127;
  if (exponent >= -14 && exponent <= 15 && (mantissa & 0x1fff) === 0)
    return sign | ((exponent + 15) << 10) | (mantissa >>> 13);
  if (exponent >= -24 && exponent < -14 && mantissa === 0) return sign | (1 << (24 + exponent));
  return undefined;
}

function isPlain(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null) return false;
  const prototype = Object.getPrototypeOf(value) as unknown;
  return prototype === Object.prototype || prototype === null;
}

const writer = new CborWriter();
const keyWriter = new CborWriter();

function encodedKey(key: unknown): Uint8Array {
  keyWriter.clear();
  if (typeof key !== 'string') {
    keyWriter.value(key);
    return keyWriter.finish();
  }
  let encoded = encodedKeys.get(key);
  if (encoded === undefined) {
    keyWriter.text(key);
    encoded = keyWriter.finish();
    if (encodedKeys.size >= ENCODED_KEYS_MAX) encodedKeys.clear();
    encodedKeys.set(key, encoded);
  }
  return encoded;
}
