// How data crosses between a machine and its sandbox: as JSON, with what JSON has no form for under a tag. The same on both
// sides.

const TAG = '$';
/** Deeper is no data of ours. */
const DEPTH_MAX = 64;

function pack(value: unknown, depth: number, withHoles: boolean): unknown {
  if (depth > DEPTH_MAX) throw new TypeError('Data nests too deep.');
  if (typeof value === 'number')
    return Number.isFinite(value) && !Object.is(value, -0)
      ? value
      : { [TAG]: 'n', v: Object.is(value, -0) ? '-0' : `${value}` };
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return value;
  if (value === undefined) return { [TAG]: 'u' };
  // A function cannot cross: of a trigger it is told that there is one.
  if (typeof value === 'function' && withHoles) return { [TAG]: 'f' };
  if (typeof value !== 'object') throw new TypeError(`A ${typeof value} is no data.`);
  if (value instanceof Uint8Array) return { [TAG]: 'b', v: hexOf(value) };
  if (Array.isArray(value)) return value.map((one) => pack(one, depth + 1, withHoles));
  if (value instanceof Map)
    return {
      [TAG]: 'm',
      v: [...value].map(([key, one]) => [pack(key, depth + 1, withHoles), pack(one, depth + 1, withHoles)]),
    };
  const entries = Object.entries(value).map(([key, one]) => [key, pack(one, depth + 1, withHoles)] as const);
  return Object.hasOwn(value, TAG) ? { [TAG]: 'o', v: entries } : Object.fromEntries(entries);
}

function unpack(value: unknown, depth: number): unknown {
  if (depth > 2 * DEPTH_MAX + 4) throw new TypeError('Data nests too deep.');
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map((one) => unpack(one, depth + 1));
  const { [TAG]: tag, v } = value as Record<string, unknown>;
  if (!Object.hasOwn(value, TAG))
    return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, unpack(one, depth + 1)]));
  if (tag === 'u') return undefined;
  if (tag === 'f') return HOLE;
  if (tag === 'n' && typeof v === 'string') return Number(v);
  if (tag === 'b' && typeof v === 'string') return bytesOf(v);
  if (!Array.isArray(v) || !v.every((one) => Array.isArray(one) && one.length === 2))
    throw new TypeError('A tag is none of ours.');
  const entries = (v as [unknown, unknown][]).map(
    ([key, one]) => [unpack(key, depth + 1), unpack(one, depth + 1)] as const,
  );
  if (tag === 'm') return new Map(entries);
  if (tag === 'o') return Object.fromEntries(entries as [string, unknown][]);
  throw new TypeError('A tag is none of ours.');
}

/** In the place of a function. */
export const HOLE: { readonly hole: true } = Object.freeze({ hole: true });

function hexOf(bytes: Uint8Array): string {
  let hex = '';
  for (const byte of bytes) hex += (byte < 16 ? '0' : '') + byte.toString(16);
  return hex;
}

function bytesOf(hex: string): Uint8Array {
  if (hex.length % 2 !== 0 || !/^[0-9a-f]*$/.test(hex)) throw new TypeError('Bytes are lower-case hex.');
  const bytes = new Uint8Array(hex.length / 2);
  for (let i = 0; i < bytes.length; i++) bytes[i] = Number.parseInt(hex.slice(2 * i, 2 * i + 2), 16);
  return bytes;
}

/** @param withHoles functions become {@link HOLE} @throws TypeError for what is no data */
export function toWire(value: unknown, withHoles = false): string {
  return JSON.stringify(pack(value, 0, withHoles));
}

/** @throws TypeError, SyntaxError for what {@link toWire} did not write */
export function fromWire(text: string): unknown {
  return unpack(JSON.parse(text), 0);
}
