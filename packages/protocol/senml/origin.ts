// Where the readings of a gateway or an import come from: the mapping that made them, and the bytes it made them of. It stands
// in the first record of a pack, in fields of our own that other readers of SenML pass over (RFC 8428 §4.4). It is a part of
// the body, for it would tell what the values are: raw bytes are few enough to be tried.
import { CborReader } from '../cbor/reader.ts';
import type { CborWriter } from '../cbor/writer.ts';

export interface PackOrigin {
  /** SHA-256 of the mapping's canonical JSON (RFC 8785). */
  readonly mapping: Uint8Array;
  /** SHA-256 of what was mapped: a message, or a file. */
  readonly raw: Uint8Array;
  /** Whom the way in had let in, and how: `mqtt user pump-7`. Absent where it asked nobody. */
  readonly source?: string;
  /** Of a file: its first and last row that gave readings, from 1. */
  readonly rows?: readonly [first: number, last: number];
}

const HASH_BYTES = 32;
const SOURCE_CHARS_MAX = 200;

/** Writes the fields of an origin, in the order of deterministic CBOR, into a map that counts them. */
export function writeOrigin(writer: CborWriter, { raw, rows, source, mapping }: PackOrigin): void {
  writer.text('raw');
  writer.bytes(raw);
  if (rows !== undefined) {
    writer.text('rows');
    writer.list(2);
    for (const row of rows) writer.number(row);
  }
  if (source !== undefined) {
    writer.text('source');
    writer.text(source);
  }
  writer.text('mapping');
  writer.bytes(mapping);
}

/**
 * The origin in the body of a pack that {@link readPack} reads.
 *
 * @returns undefined where there is none, and where what stands in its fields is none: they may be somebody else's
 * @example readOrigin(encodePack(readings, { mapping, raw })) // { mapping, raw }
 */
export function readOrigin(body: Uint8Array): PackOrigin | undefined {
  // SenML as JSON is no gateway's of ours.
  if (body[0] === undefined || body[0] >> 5 !== LIST) return undefined;
  const reader = new CborReader(body, 'pack');
  reader.list();
  const said = new Map<string, unknown>();
  for (let left = reader.map(); left > 0; left--) {
    if (reader.major() === TEXT) said.set(reader.name(), reader.value());
    else {
      reader.integer();
      passOver(reader);
    }
  }
  const { mapping, raw, source, rows } = Object.fromEntries(said);
  if (!isHash(mapping) || !isHash(raw)) return undefined;
  const isSource = typeof source === 'string' && source.length <= SOURCE_CHARS_MAX;
  return { mapping, raw, ...(isSource && { source }), ...(isRows(rows) && { rows }) };
}

const LIST = 4;
const TEXT = 3;

function isHash(value: unknown): value is Uint8Array {
  return value instanceof Uint8Array && value.length === HASH_BYTES;
}

function isRows(value: unknown): value is [number, number] {
  return Array.isArray(value) && value.length === 2 && value.every((row) => Number.isSafeInteger(row) && row > 0);
}

/** What stands in a field that is not known. */
export function passOver(reader: CborReader): void {
  const first = reader.bytes[reader.at] as number;
  // A sender writes floats as it likes.
  if (first >= 0xf9 && first <= 0xfb) reader.number();
  else reader.value();
}
