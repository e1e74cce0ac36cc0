// Checks a proof file with the domains this console carries.
import { type Domain, Domains, replayWith } from '@trine/engine';
import { type ModelIdentity, type NetworkDocument, type Report, verifyEvidence } from '@trine/protocol';

/** @param identities of the domains' models, by name: fixed when the console is built, and never asked of a node */
export function carriedDomains(
  domains: readonly Domain[],
  identities: Readonly<Record<string, ModelIdentity>>,
): Domains {
  return new Domains(
    domains.flatMap((domain) => {
      const identity = identities[domain.manifest.name];
      return identity ? [{ domain, identity }] : [];
    }),
  );
}

/**
 * Verifies an evidence file.
 *
 * @param file its bytes
 * @param network the document that is trusted; undefined when none is
 * @param domains whose decisions can be computed again here
 * @example (await checkFile(bytes, network, domains)).verdict // 'trusted'
 */
export function checkFile(file: Uint8Array, network: NetworkDocument | undefined, domains: Domains): Promise<Report> {
  return verifyEvidence(file, { ...(network && { network }), replay: replayWith(domains) });
}
