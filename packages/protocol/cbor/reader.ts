import { fromUtf8 } from '../bytes.ts';
import { FormatError } from '../errors.ts';

const float64 = new DataView(new ArrayBuffer(8));

/** Texts that {@link CborReader.name} read before, by a hash of their bytes: one a slot, so the memory is bounded. */
const NAME_SLOTS = 8_192;
const NAME_BYTES_MAX = 128;
const names: ({ readonly bytes: Uint8Array; readonly text: string } | undefined)[] = new Array(NAME_SLOTS).fill(
  undefined,
);

/**
 * A cursor over CBOR bytes for the two structures read on the hot path (statement headers, SenML packs): it builds no
 * intermediate objects and refuses every encoding longer than need be (RFC 8949 §4.2.1) except in numbers' floats.
 */
export class CborReader {
  at = 0;
  readonly bytes: Uint8Array;
  private readonly what: string;

  constructor(bytes: Uint8Array, what: string) {
    this.bytes = bytes;
    this.what = what;
  }

  fail(problem: string): never {
    throw new FormatError('malformed', `The ${this.what} ${problem} (at byte ${this.at}).`);
  }

  /** The next item's major type, without moving. */
  major(): number {
    const first = this.bytes[this.at];
    if (first === undefined) return this.fail('ends early');
    return first >> 5;
  }

  /** Reads an item head of the given major type and returns its argument. */
  head(major: number, expected: string): number {
    const first = this.bytes[this.at];
    if (first === undefined || first >> 5 !== major) return this.fail(`should have ${expected} here`);
    this.at++;
    return this.argument(first & 31);
  }

  private argument(info: number): number {
    if (info < 24) return info;
    if (info === 24) {
      const byte = this.bytes[this.at++];
      if (byte === undefined) return this.fail('ends early');
      if (byte < 24) return this.fail('uses a longer integer than need be');
      return byte;
    }
    if (info > 27) return this.fail('uses an indefinite or reserved length');
    const width = 1 << (info - 24);
    if (this.at + width > this.bytes.length) return this.fail('ends early');
    let value = 0;
    for (let i = 0; i < width; i++) value = value * 256 + (this.bytes[this.at++] as number);
    const least = info === 25 ? 256 : info === 26 ? 65_536 : 4_294_967_296;
    if (value < least) return this.fail('uses a longer integer than need be');
    if (value > Number.MAX_SAFE_INTEGER) return this.fail('holds an integer above 2^53-1');
    return value;
  }

  unsigned(): number {
    return this.head(0, 'an unsigned integer');
  }

  integer(): number {
    return this.major() === 1 ? -1 - this.head(1, 'an integer') : this.head(0, 'an integer');
  }

  /** A view of the byte string, not a copy. */
  byteString(length?: number): Uint8Array {
    const size = this.head(2, 'a byte string');
    if (length !== undefined && size !== length) return this.fail(`should have ${length} bytes here`);
    return this.take(size);
  }

  text(): string {
    const raw = this.take(this.head(3, 'a text'));
    let ascii = '';
    for (let i = 0; i < raw.length; i++) {
      const byte = raw[i] as number;
      if (byte > 127) {
        try {
          return fromUtf8(raw);
        } catch {
          return this.fail('holds malformed UTF-8');
        }
      }
      ascii += String.fromCharCode(byte);
    }
    return ascii;
  }

  /**
   * A text of which few different ones come again and again (units, quantities, subjects): the same bytes give the
   * same string object, without decoding them anew.
   */
  name(): string {
    const start = this.at;
    const size = this.head(3, 'a text');
    const from = this.at;
    const end = from + size;
    if (size > NAME_BYTES_MAX || end > this.bytes.length) {
      this.at = start;
      return this.text();
    }
    // FNV-1a: which slot a text takes matters for speed alone.
    let hash = 0x811c9dc5;
    for (let i = from; i < end; i++) hash = Math.imul(hash ^ (this.bytes[i] as number), 0x01000193);
    const slot = (hash ^ (hash >>> 15)) & (NAME_SLOTS - 1);
    const known = names[slot];
    if (known !== undefined && known.bytes.length === size) {
      let i = 0;
      while (i < size && known.bytes[i] === this.bytes[from + i]) i++;
      if (i === size) {
        this.at = end;
        return known.text;
      }
    }
    this.at = start;
    const text = this.text();
    names[slot] = { bytes: this.bytes.slice(from, end), text };
    return text;
  }

  list(): number {
    return this.head(4, 'a list');
  }

  map(): number {
    return this.head(5, 'a map');
  }

  tag(): number {
    return this.head(6, 'a tag');
  }

  private take(size: number): Uint8Array {
    if (this.at + size > this.bytes.length) return this.fail('ends early');
    const part = this.bytes.subarray(this.at, this.at + size);
    this.at += size;
    return part;
  }

  /** Integer, float of any width, or decimal fraction (tag 4), as RFC 8428 §6 allows for SenML numbers. */
  number(): number {
    const major = this.major();
    if (major === 0 || major === 1) return this.integer();
    if (major === 6) {
      if (this.tag() !== 4 || this.list() !== 2) return this.fail('should have a number here');
      const exponent = this.integer();
      const mantissa = this.integer();
      // Through text, so that 215·10^-1 is exactly the number that 21.5 reads as.
      return Number(`${mantissa}e${exponent}`);
    }
    if (major !== 7) return this.fail('should have a number here');
    const info = (this.bytes[this.at] as number) & 31;
    const width = info === 25 ? 2 : info === 26 ? 4 : info === 27 ? 8 : 0;
    if (width === 0) return this.fail('should have a number here');
    this.at++;
    const raw = this.take(width);
    for (let i = 0; i < width; i++) float64.setUint8(i, raw[i] as number);
    return width === 8 ? float64.getFloat64(0) : width === 4 ? float64.getFloat32(0) : half(float64.getUint16(0));
  }

  boolean(): boolean {
    const first = this.bytes[this.at];
    if (first !== 0xf4 && first !== 0xf5) return this.fail('should have true or false here');
    this.at++;
    return first === 0xf5;
  }

  end(): void {
    if (this.at !== this.bytes.length) this.fail(`has ${this.bytes.length - this.at} bytes left over`);
  }
}

/** IEEE 754 half precision to number. */
function half(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 0x3ff;
  if (exponent === 31) return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY;
  return exponent === 0 ? sign * fraction * 2 ** -24 : sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}
