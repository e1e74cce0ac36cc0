// The domains this installation decides with: those of the release, and those that the member installed besides.
import { releasedDomains } from '@trine/domains/released.ts';
import { Domains, type InstalledDomain } from '@trine/engine';
import { oneFile } from '@trine/engine/sandbox/budget.ts';
import { readDomainFile, sandboxedDomain } from '@trine/engine/sandbox/file.ts';
import { homeFolder } from './home.ts';
import { loadApproved, type NotUsable, readQuickjs } from './installed.ts';

/**
 * @param home data folder; the usual one where none is named
 * @param told of what the member installed and cannot be used
 */
export async function domains(home?: string, told: (problem: NotUsable) => void = () => undefined): Promise<Domains> {
  const { loaded, problems } = await loadApproved(homeFolder(home));
  for (const problem of problems) told(problem);
  return new Domains([...releasedDomains(), ...loaded]);
}

/** Those of this installation, and besides a domain from a stranger's file, run in the sandbox for this one time. */
export async function domainsWith(json: string, home?: string): Promise<Domains> {
  const file = readDomainFile(json);
  let found: Promise<InstalledDomain> | undefined;
  return new Domains([...releasedDomains(), ...(await loadApproved(homeFolder(home))).loaded], async (name, hash) => {
    if (hash !== file.hash || name !== file.identity.name) return undefined;
    found ??= sandboxedDomain(file, { quickjs: readQuickjs(), budget: oneFile });
    return found;
  });
}

/** This module, for threads that decide again. */
export const domainsModule: URL = new URL(import.meta.url);
