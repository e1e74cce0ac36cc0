// The stretch of time that charts show, as it stands in the address.
import type { Between } from '../api/filters.ts';

const HOUR_MS = 3_600_000;
/** Ranges that end now, by name. */
export const lengths = { '1h': HOUR_MS, '24h': 24 * HOUR_MS, '7d': 168 * HOUR_MS } as const;
export type Length = keyof typeof lengths;

/** Neither: all there is. A range that ends now has a name alone, so that a link to it stays one. */
export interface Range extends Between {
  readonly range?: Length;
}

/** @param given of the address; what is unreadable there is passed over */
export function rangeOf(given: Readonly<Record<string, unknown>>): Range {
  const { range, from, to } = given;
  if (typeof range === 'string' && Object.hasOwn(lengths, range)) return { range: range as Length };
  const isTime = (value: unknown) => Number.isSafeInteger(value) && Number(value) >= 0;
  const isOrdered = !isTime(from) || !isTime(to) || Number(from) < Number(to);
  return {
    ...(isTime(from) && isOrdered && { from: Number(from) }),
    ...(isTime(to) && isOrdered && { to: Number(to) }),
  };
}

/** @returns times to ask for; undefined at an end is as far as there are readings */
export function timesOf({ range, from, to }: Range, nowMs: number): { fromMs?: number; toMs?: number } {
  if (range !== undefined) return { fromMs: nowMs - lengths[range] };
  return { ...(from !== undefined && { fromMs: from }), ...(to !== undefined && { toMs: to }) };
}
