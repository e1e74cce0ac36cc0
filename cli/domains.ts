// The domains this installation decides with.
import type { Domain } from '@trine/engine/domain.ts';
import { serviceLevelModel } from '@trine/service-level/identity.ts';
import { serviceLevel } from '@trine/service-level/index.ts';

export function domains(): Domain[] {
  return [serviceLevel(serviceLevelModel())];
}

/** This module, for threads that decide again. */
export const domainsModule: URL = new URL(import.meta.url);
