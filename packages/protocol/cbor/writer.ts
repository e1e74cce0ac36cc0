// Writes deterministic CBOR (RFC 8949 §4.2.1) straight into one buffer. Everything signed, logged or acknowledged is
// encoded, often several times a statement: no tokens, no intermediate objects.
import { compareBytes } from '../bytes.ts';
import { limits } from '../limits.ts';

const utf8 = new TextEncoder();
/** Longer texts are left to the engine's own encoder. */
const SHORT_TEXT = 40;
/** Keys of objects come again and again: their encodings, bounded. */
const encodedKeys = new Map<string, Uint8Array>();
const ENCODED_KEYS_MAX = 1_024;

/** Writers that nobody uses at the moment. */
const idle: CborWriter[] = [];
const IDLE_MAX = 4;
/** A writer that grew beyond this is not kept. */
const KEPT_BYTES_MAX = 1_048_576;

/**
 * What `write` wrote, as bytes. Calls may nest: each has a writer of its own for as long as it runs. The writer must
 * not be used after `write` returned.
 *
 * @param write gets an empty writer
 * @returns a copy of the bytes written
 * @example writeCbor((writer) => { writer.list(2); writer.number(1); writer.text('a'); }) // 82 01 61 61
 */
export function writeCbor(write: (writer: CborWriter) => void): Uint8Array {
  const writer = idle.pop() ?? new CborWriter();
  try {
    write(writer);
    return writer.finish();
  } finally {
    // An error may have left half an item.
    writer.clear();
    if (idle.length < IDLE_MAX && writer.capacity <= KEPT_BYTES_MAX) idle.push(writer);
  }
}

/**
 * Writes one item after the other. Whoever writes a map writes its keys in order: by the bytes of their encodings.
 */
export class CborWriter {
  #buffer = new Uint8Array(1_024);
  #view = new DataView(this.#buffer.buffer);
  #at = 0;

  /** Bytes that fit before the buffer grows. */
  get capacity(): number {
    return this.#buffer.length;
  }

  /** Drops what was written. */
  clear(): void {
    this.#at = 0;
  }

  /** The bytes written so far, as a copy. */
  finish(): Uint8Array {
    return this.#buffer.slice(0, this.#at);
  }

  /** Head of a list of `count` items, to be written next. */
  list(count: number): void {
    this.#head(0x80, count);
  }

  /** Head of a map of `count` entries: keys and values in turn, keys by the bytes of their encodings. */
  map(count: number): void {
    this.#head(0xa0, count);
  }

  /**
   * Integers of at most 2^53-1 in size as integers (-0 is the integer 0), everything else as the shortest float that
   * holds it; NaN is f97e00 (RFC 8949 §4.2.2).
   */
  number(value: number): void {
    if (Number.isSafeInteger(value)) {
      if (value >= 0) this.#head(0x00, value);
      else this.#head(0x20, -1 - value);
    } else this.#float(value);
  }

  /** A byte string. */
  bytes(value: Uint8Array): void {
    this.#head(0x40, value.length);
    this.#reserve(value.length);
    this.#buffer.set(value, this.#at);
    this.#at += value.length;
  }

  /** Lone surrogates become U+FFFD. */
  text(value: string): void {
    const { length } = value;
    if (length <= SHORT_TEXT && this.#ascii(value)) return;
    const encoded = utf8.encode(value);
    this.#head(0x60, encoded.length);
    this.#reserve(encoded.length);
    this.#buffer.set(encoded, this.#at);
    this.#at += encoded.length;
  }

  /** Writes a short text; false, having written nothing, where it is not all ASCII. */
  #ascii(text: string): boolean {
    const { length } = text;
    this.#reserve(2 + SHORT_TEXT);
    const buffer = this.#buffer;
    let at = this.#at;
    if (length < 24) buffer[at++] = 0x60 | length;
    else {
      buffer[at++] = 0x78;
      buffer[at++] = length;
    }
    for (let i = 0; i < length; i++) {
      const unit = text.charCodeAt(i);
      if (unit > 0x7f) return false;
      buffer[at++] = unit;
    }
    this.#at = at;
    return true;
  }

  /** Items that were encoded before. They are not checked. */
  encoded(items: Uint8Array): void {
    this.#reserve(items.length);
    this.#buffer.set(items, this.#at);
    this.#at += items.length;
  }

  /** true or false. */
  boolean(value: boolean): void {
    this.#byte(value ? 0xf5 : 0xf4);
  }

  /**
   * A number, bigint, text, byte string, boolean, null, list, plain object or Map.
   *
   * @param depth of lists, objects and Maps around it
   * @throws TypeError for what has no encoding here; RangeError for integers of more than 64 bits and for values nested
   * deeper than `limits.nestingMax`, which no reader would take
   */
  value(value: unknown, depth = 0): void {
    if (typeof value === 'number') this.number(value);
    else if (typeof value === 'string') this.text(value);
    else if (typeof value === 'boolean') this.boolean(value);
    else if (typeof value === 'bigint') this.#bigint(value);
    else if (value === null) this.#byte(0xf6);
    else if (value instanceof Uint8Array) this.bytes(value);
    else if (depth >= limits.nestingMax)
      throw new RangeError(`CBOR: a value nests at most ${limits.nestingMax} levels deep.`);
    else if (Array.isArray(value)) {
      this.list(value.length);
      for (const item of value) this.value(item, depth + 1);
    } else if (value instanceof Map) {
      const entries = [...value].map(([key, item]): [Uint8Array, unknown] => [encodedKey(key), item]);
      this.#entries(entries, depth + 1);
    } else if (isPlain(value)) {
      const entries = Object.keys(value).map((key): [Uint8Array, unknown] => [encodedKey(key), value[key]]);
      this.#entries(entries, depth + 1);
    } else throw new TypeError(`CBOR: expected numbers, text, bytes, lists, objects or Maps; got ${typeof value}.`);
  }

  /** Entries of a map in any order. */
  #entries(entries: [Uint8Array, unknown][], depth: number): void {
    entries.sort((a, b) => compareBytes(a[0], b[0]));
    this.map(entries.length);
    let before: Uint8Array | undefined;
    for (const [key, item] of entries) {
      if (before && compareBytes(before, key) === 0) throw new RangeError('CBOR: two keys have the same encoding.');
      before = key;
      this.encoded(key);
      this.value(item, depth);
    }
  }

  #bigint(value: bigint): void {
    const argument = value < 0n ? -1n - value : value;
    if (argument >= 2n ** 64n) throw new RangeError('CBOR: an integer has at most 64 bits.');
    const major = value < 0n ? 0x20 : 0x00;
    if (argument <= Number.MAX_SAFE_INTEGER) {
      this.#head(major, Number(argument));
      return;
    }
    this.#reserve(9);
    this.#buffer[this.#at] = major | 27;
    this.#view.setBigUint64(this.#at + 1, argument);
    this.#at += 9;
  }

  #float(value: number): void {
    this.#reserve(9);
    const view = this.#view;
    const at = this.#at;
    const half = halfBits(value);
    if (half !== undefined) {
      view.setUint8(at, 0xf9);
      view.setUint16(at + 1, half);
      this.#at += 3;
    } else if (Math.fround(value) === value) {
      view.setUint8(at, 0xfa);
      view.setFloat32(at + 1, value);
      this.#at += 5;
    } else {
      view.setUint8(at, 0xfb);
      view.setFloat64(at + 1, value);
      this.#at += 9;
    }
  }

  /** Major type and argument in the shortest form. */
  #head(major: number, argument: number): void {
    this.#reserve(9);
    const view = this.#view;
    if (argument < 24) this.#buffer[this.#at++] = major | argument;
    else if (argument < 0x100) {
      this.#buffer[this.#at] = major | 24;
      this.#buffer[this.#at + 1] = argument;
      this.#at += 2;
    } else if (argument < 0x10000) {
      this.#buffer[this.#at] = major | 25;
      view.setUint16(this.#at + 1, argument);
      this.#at += 3;
    } else if (argument < 0x100000000) {
      this.#buffer[this.#at] = major | 26;
      view.setUint32(this.#at + 1, argument);
      this.#at += 5;
    } else {
      this.#buffer[this.#at] = major | 27;
      view.setUint32(this.#at + 1, Math.floor(argument / 2 ** 32));
      view.setUint32(this.#at + 5, argument % 2 ** 32);
      this.#at += 9;
    }
  }

  #byte(value: number): void {
    this.#reserve(1);
    this.#buffer[this.#at++] = value;
  }

  #reserve(more: number): void {
    const needed = this.#at + more;
    if (needed <= this.#buffer.length) return;
    const grown = new Uint8Array(Math.max(needed, 2 * this.#buffer.length));
    grown.set(this.#buffer.subarray(0, this.#at));
    this.#buffer = grown;
    this.#view = new DataView(grown.buffer);
  }
}

const floatView = new DataView(new ArrayBuffer(4));

/** Bits of the float of 16 bits that holds a value exactly (IEEE 754 binary16); undefined where none does. */
export function halfBits(value: number): number | undefined {
  if (Number.isNaN(value)) return 0x7e00;
  if (Math.fround(value) !== value) return undefined;
  floatView.setFloat32(0, value);
  const bits = floatView.getUint32(0);
  const sign = (bits >>> 16) & 0x8000;
  if (!Number.isFinite(value)) return sign | 0x7c00;
  const exponent = ((bits >>> 23) & 0xff) - 127;
  if (exponent >= -14) {
    if (exponent > 15 || (bits & 0x1fff) !== 0) return undefined;
    return sign | ((exponent + 15) << 10) | ((bits & 0x7fffff) >>> 13);
  }
  // Subnormal: a whole number of 2^-24.
  const units = Math.abs(value) * 2 ** 24;
  return Number.isInteger(units) ? sign | units : undefined;
}

function isPlain(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null) return false;
  const prototype = Object.getPrototypeOf(value) as unknown;
  return prototype === Object.prototype || prototype === null;
}

function encodedKey(key: unknown): Uint8Array {
  if (typeof key !== 'string') return writeCbor((writer) => writer.value(key));
  let encoded = encodedKeys.get(key);
  if (encoded === undefined) {
    encoded = writeCbor((writer) => writer.text(key));
    if (encodedKeys.size >= ENCODED_KEYS_MAX) encodedKeys.clear();
    encodedKeys.set(key, encoded);
  }
  return encoded;
}
