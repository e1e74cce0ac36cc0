// What stands beside a bundle as data: words, panels, limits of devices and the form of the terms. None of it decides.
import type { Deciding, Domain, Manifest } from '../domain.ts';
import type { InstalledDomain } from '../replay.ts';
import type { TermsSchema } from '../terms.ts';
import type { Bundled } from './guest.ts';
import { bundleIdentity } from './identity.ts';
import { nativeDeciding } from './native.ts';

export interface DomainData {
  /** Without routes: what answers them is code, and not what decides. */
  readonly manifest: Omit<Manifest, 'routes'>;
  readonly schema: TermsSchema;
}

export function domainData({ manifest: { routes: _, ...manifest }, terms }: Domain): DomainData {
  return { manifest, schema: terms.schema };
}

/** A domain of what decides and what stands beside it. */
export function assembled({ manifest, schema }: DomainData, deciding: Deciding): Domain {
  const terms = { schema, parse: deciding.terms.parse };
  return { ...deciding, manifest: { ...manifest, routes: [] }, terms };
}

/** A bundle of the release: in this program's own code. */
export interface ReleasedBundle {
  readonly hash: string;
  readonly data: DomainData;
  readonly bundled: Bundled;
}

/**
 * A domain whose bundle is part of this release.
 * @param source of the same domain: its words and questions take the place of those beside the bundle
 */
export function releasedDomain({ hash, data, bundled }: ReleasedBundle, source?: Domain): InstalledDomain {
  const deciding = nativeDeciding(bundled);
  const domain = assembled(source ? domainData(source) : data, deciding);
  return {
    domain: source ? { ...domain, manifest: source.manifest } : domain,
    identity: bundleIdentity(data.manifest, hash),
  };
}
