// The bundles of this release for a program that only computes again: in a browser, without the sources' words and routes.
import { Domains, releasedDomain } from '@trine/engine';
import { released } from '../bundles/index.ts';

export function carriedDomains(): Domains {
  return new Domains(released.map((bundle) => releasedDomain(bundle)));
}
