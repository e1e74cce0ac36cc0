// The domains of this release, each deciding with the bundle that its hash names; earlier ones are kept for the agreements
// that name them.
import { Domains, type InstalledDomain, releasedDomain } from '@trine/engine';
import { released } from '../bundles/index.ts';
import { domains } from './index.ts';

/** Of each name the newest first. */
export function releasedDomains(): InstalledDomain[] {
  const named = new Set<string>();
  return released.map((bundle) => {
    const { name } = bundle.data.manifest;
    const source = named.has(name) ? undefined : domains.find(({ manifest }) => manifest.name === name);
    named.add(name);
    return releasedDomain(bundle, source);
  });
}

/** Alone, without what a member installed besides. */
export function installedDomains(): Domains {
  return new Domains(releasedDomains());
}
