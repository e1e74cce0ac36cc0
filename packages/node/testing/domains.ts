// A module of domains, for threads that import one.
import { Domains } from '@trine/engine';
import { installedCounting } from './parts.ts';

export async function domains(): Promise<Domains> {
  return new Domains([installedCounting]);
}
