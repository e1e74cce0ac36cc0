// The domains this installation decides with.
import { installedDomains } from '@trine/domains/released.ts';
import type { Domains } from '@trine/engine';

export async function domains(): Promise<Domains> {
  return installedDomains();
}

/** This module, for threads that decide again. */
export const domainsModule: URL = new URL(import.meta.url);
