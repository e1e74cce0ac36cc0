// A detector's state as canonical bytes: a header, then every number in a fixed order, little-endian.

/** Arrays that together are a detector's whole state; each is read and written in place. */
export type StateParts = readonly (Float64Array | Uint8Array)[];

const HEADER_BYTES = 8;

/** Bytes a state takes: header and parts. */
export const stateBytes = (parts: StateParts): number =>
  parts.reduce((sum, part) => sum + part.byteLength, HEADER_BYTES);

/**
 * Writes a state. Equal parts give equal bytes, and every NaN has the one encoding 0x7ff8000000000000.
 *
 * @param tag four ASCII characters that name the model
 * @param version the model's version
 * @example writeState('demo', 1, [Float64Array.of(1)]) // 16 bytes
 */
export function writeState(tag: string, version: number, parts: StateParts): Uint8Array {
  const bytes = new Uint8Array(stateBytes(parts));
  const view = new DataView(bytes.buffer);
  for (let i = 0; i < 4; i++) view.setUint8(i, tag.charCodeAt(i));
  view.setUint32(4, version, true);
  let at = HEADER_BYTES;
  for (const part of parts) {
    if (part instanceof Uint8Array) bytes.set(part, at);
    // The engine may keep any NaN payload; the literal one is written as the canonical quiet NaN.
    else for (const [i, x] of part.entries()) setCanonical(view, at + 8 * i, x);
    at += part.byteLength;
  }
  return bytes;
}

function setCanonical(view: DataView, at: number, x: number): void {
  if (Number.isNaN(x)) view.setBigUint64(at, 0x7ff8000000000000n, true);
  else view.setFloat64(at, x, true);
}

/**
 * Reads bytes from `writeState` into parts of the same sizes. Nothing is changed unless all is well.
 *
 * @throws RangeError when tag, version or length differ, or a number is not finite
 */
export function readState(tag: string, version: number, parts: StateParts, bytes: Uint8Array): void {
  const size = stateBytes(parts);
  if (bytes.length !== size) {
    throw new RangeError(`A state of ${tag} version ${version} has ${size} bytes, these are ${bytes.length}.`);
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const foundTag = String.fromCharCode(...bytes.subarray(0, 4));
  const foundVersion = view.getUint32(4, true);
  if (foundTag !== tag || foundVersion !== version) {
    throw new RangeError(
      `Expected a state of ${tag} version ${version}; use the model that wrote these bytes (version ${foundVersion}).`,
    );
  }
  let at = HEADER_BYTES;
  for (const part of parts) {
    if (part instanceof Float64Array) {
      for (let i = 0; i < part.length; i++) {
        if (!Number.isFinite(view.getFloat64(at + 8 * i, true))) {
          throw new RangeError('A number in the state is not finite: the bytes are damaged.');
        }
      }
    }
    at += part.byteLength;
  }
  at = HEADER_BYTES;
  for (const part of parts) {
    if (part instanceof Uint8Array) part.set(bytes.subarray(at, at + part.length));
    else for (let i = 0; i < part.length; i++) part[i] = view.getFloat64(at + 8 * i, true);
    at += part.byteLength;
  }
}
