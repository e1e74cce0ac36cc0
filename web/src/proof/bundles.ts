// Bundles that decide and that this console does not carry: from a file that the reader brought, or from the node that the page
// came from. Whoever gives one, its hash is the one that the decision names, and it runs in the sandbox alone.
import { carriedDomains } from '@trine/domains/carried.ts';
import type { Domains, InstalledDomain } from '@trine/engine';
import { oneFile } from '@trine/engine/sandbox/budget.ts';
import { type DomainFile, readDomainFile, sandboxedDomain } from '@trine/engine/sandbox/file.ts';
import { readQuickjs } from './quickjs.ts';

const brought = new Map<string, DomainFile>();
let quickjs: Promise<Uint8Array> | undefined;

/** Keeps the file of a domain for as long as the page is open. @returns what it is called @throws TrineError where it is none */
export function bringDomain(json: string): { readonly title: string; readonly hash: string } {
  const file = readDomainFile(json);
  brought.set(file.hash, file);
  return { title: file.data.manifest.title, hash: file.hash };
}

/** @returns undefined where the node has none of this hash, or there is no node */
async function fromNode(hash: string): Promise<DomainFile | undefined> {
  try {
    const answer = await fetch(`/domains/${hash}.json`);
    if (!answer.ok) return undefined;
    const file = readDomainFile(await answer.text());
    return file.hash === hash ? file : undefined;
  } catch {
    return undefined;
  }
}

async function find(name: string, hash: string): Promise<InstalledDomain | undefined> {
  const file = brought.get(hash) ?? (await fromNode(hash));
  if (file === undefined || file.identity.name !== name) return undefined;
  quickjs ??= readQuickjs();
  // A budget of its own for each file that is checked.
  return sandboxedDomain(file, { quickjs: await quickjs, budget: oneFile });
}

/** What decisions are computed again with, for one file. */
export const domainsForFile = (): Domains => carriedDomains(find);
