// Memory: who holds what, as bytes. Of a thing: the booking that holds it. Of a person: the bookings that are open.
import { decodeCbor, encodeCbor, schema } from '@trine/protocol';

const id = schema.text(64, /^[0-9a-f]{64}$/);

/** A booking that holds a thing. */
const hold = schema.record({
  id,
  resource: schema.text(128),
  latestStartMs: schema.integer(),
  /** By then it is over, whatever was reported. */
  untilMs: schema.integer(),
});
export type Hold = schema.Infer<typeof hold>;

const HOLDS_MAX = 100;
const holds = schema.list(hold, HOLDS_MAX);

/** Bookings that are open at a moment. */
export function openHolds(state: Uint8Array, atMs: number): Hold[] {
  const all = state.length === 0 ? [] : holds.check(decodeCbor(state, 'holds'), 'holds');
  return all.filter(({ untilMs }) => untilMs > atMs);
}

export function writeHolds(open: readonly Hold[]): Uint8Array {
  return encodeCbor(open);
}
