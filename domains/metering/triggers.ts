// When it is decided, and on what: periods of a calendar, and for each customer the packs of the own meters.
import type { Selector, Trigger } from '@trine/engine';
import type { Obligation } from '@trine/protocol';
import type { MeteringTerms } from './terms.ts';

export const READINGS = 'readings';

export function triggers({ period, timeZone, graceMs }: MeteringTerms): Trigger[] {
  return [{ name: 'period', on: 'calendar', period, timeZone, graceMs }];
}

/** What a counter showed at both boundaries: of the beginning before it, of the end up to the moment itself. */
export function inputs({ customers, kind, boundaryMs }: MeteringTerms, { fromMs, toMs }: Obligation): Selector[] {
  const times = kind === 'counter' ? { fromMs: Math.max(0, fromMs - boundaryMs), toMs: toMs + 1 } : { fromMs, toMs };
  return customers.map(({ customer, meters }) => ({
    name: READINGS,
    subjects: meters,
    kinds: ['pack'],
    ...times,
    row: customer,
  }));
}

export function rows({ customers }: MeteringTerms): string[] {
  return customers.map(({ customer }) => customer);
}
