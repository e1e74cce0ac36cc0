// When it is decided, and on what: periods of a calendar, and for each customer the packs of the own meters.
import type { LoggedEvent, Selector, Trigger } from '@trine/engine';
import type { Obligation } from '@trine/protocol';
import { type Customer, customerOf, customersOf, type MeteringTerms } from './terms.ts';

export const READINGS = 'readings';

export function triggers({ period, timeZone, graceMs }: MeteringTerms): Trigger[] {
  return [{ name: 'period', on: 'calendar', period, timeZone, graceMs }];
}

/** What a counter showed at both boundaries: of the beginning before it, of the end up to the moment itself. */
export function inputs(
  terms: MeteringTerms,
  { fromMs, toMs }: Obligation,
  _opening?: LoggedEvent,
  only?: string,
): Selector[] {
  const { kind, boundaryMs } = terms;
  const times = kind === 'counter' ? { fromMs: Math.max(0, fromMs - boundaryMs), toMs: toMs + 1 } : { fromMs, toMs };
  return wanted(terms, only).map(({ customer, meters }) => ({
    name: READINGS,
    subjects: meters,
    kinds: ['pack'],
    ...times,
    row: customer,
  }));
}

export function rows(terms: MeteringTerms, _obligation?: Obligation, _opening?: LoggedEvent, only?: string): string[] {
  return wanted(terms, only).map(({ customer }) => customer);
}

function wanted(terms: MeteringTerms, only: string | undefined): Customer[] {
  if (only === undefined) return customersOf(terms);
  const one = customerOf(terms, only);
  return one ? [one] : [];
}
