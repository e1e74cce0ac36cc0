// Damage done on purpose, to see it found.
export interface Tampered {
  readonly file: Uint8Array;
  readonly offset: number;
  readonly before: number;
  readonly after: number;
}

/**
 * Flips one bit of one byte.
 *
 * @param file left as it is
 * @param offset of the byte; any when omitted
 */
export function tamper(file: Uint8Array, offset: number = anyBelow(file.length)): Tampered {
  const copy = file.slice();
  const before = copy[offset] as number;
  const after = before ^ (1 << anyBelow(8));
  copy[offset] = after;
  return { file: copy, offset, before, after };
}

function anyBelow(limit: number): number {
  return (crypto.getRandomValues(new Uint32Array(1))[0] as number) % limit;
}

/** @example formatByte(10) // '0x0a' */
export function formatByte(byte: number): string {
  return `0x${byte.toString(16).padStart(2, '0')}`;
}
