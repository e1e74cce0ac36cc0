// When it is decided, and on what. The proof of a decision shows that exactly these statements went in, and all of them.
import type { Selector, Trigger } from '@trine/engine';
import type { Obligation } from '@trine/protocol';
import type { OverLimitTerms } from './terms.ts';

export const READINGS = 'readings';

export function triggers({ windowMs, graceMs }: OverLimitTerms): Trigger[] {
  return [{ name: 'window', on: 'window', startMs: 0, lengthMs: windowMs, graceMs }];
}

export function inputs({ thing }: OverLimitTerms, { fromMs, toMs }: Obligation): Selector[] {
  return [{ name: READINGS, subjects: [thing], kinds: ['pack'], fromMs, toMs }];
}
