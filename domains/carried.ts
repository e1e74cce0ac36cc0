// The bundles of this release for a program that only computes again: in a browser, without the sources' words and routes.
import { Domains, type FindBundle, releasedDomain } from '@trine/engine';
import { released } from '../bundles/index.ts';

/** @param find asked for bundles that the release does not have */
export function carriedDomains(find?: FindBundle): Domains {
  return new Domains(
    released.map((bundle) => releasedDomain(bundle)),
    find,
  );
}
