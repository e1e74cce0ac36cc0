// When it is decided, and on what: windows of one length, and the packs of the thing within.
import type { Selector, Trigger } from '@trine/engine';
import type { Obligation } from '@trine/protocol';
import type { ServiceLevelTerms } from './terms.ts';

export const READINGS = 'readings';

export function triggers({ windowMs, graceMs }: ServiceLevelTerms): Trigger[] {
  return [{ name: 'window', on: 'window', startMs: 0, lengthMs: windowMs, graceMs }];
}

export function inputs({ thing }: ServiceLevelTerms, { fromMs, toMs }: Obligation): Selector[] {
  return [{ name: READINGS, subjects: [thing], kinds: ['pack'], fromMs, toMs }];
}
