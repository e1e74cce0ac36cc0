// Memory: what is kept of a customer from one bill to the next, as bytes.
import { decodeCbor, encodeCbor, schema } from '@trine/protocol';

export interface Memory {
  /** What each counter showed where the last bill ended, in thousandths. */
  readonly counters: Readonly<Record<string, number>>;
  /** Quantities of the last bills in thousandths, the newest last. */
  readonly usual: readonly number[];
}

const USUAL_MAX = 12;
/** From so few bills nothing is usual. */
const USUAL_MIN = 3;

const form = schema.record({
  counters: schema.dictionary(schema.integer(0), 8),
  usual: schema.list(schema.integer(0), USUAL_MAX),
});

export function readMemory(state: Uint8Array): Memory {
  return state.length === 0 ? { counters: {}, usual: [] } : form.check(decodeCbor(state, 'memory'), 'memory');
}

export function remember({ usual }: Memory, quantityMilli: number, counters: Memory['counters']): Uint8Array {
  return encodeCbor({ counters, usual: [...usual, quantityMilli].slice(-USUAL_MAX) });
}

/** Mean of the last bills, rounded down; undefined where there are too few. */
export function usualMilli({ usual }: Memory): number | undefined {
  if (usual.length < USUAL_MIN) return undefined;
  return Math.floor(usual.reduce((sum, one) => sum + one, 0) / usual.length);
}
