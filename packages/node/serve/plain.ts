// JSON has no bytes and no bigint: they travel as hex and as decimal text.
import { toHex } from '@trine/protocol';

/** @example plain({ id: new Uint8Array([1]), amount: 5n }) // { id: '01', amount: '5' } */
export function plain(value: unknown): unknown {
  if (value instanceof Uint8Array) return toHex(value);
  if (typeof value === 'bigint') return String(value);
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, plain(member)]));
}
