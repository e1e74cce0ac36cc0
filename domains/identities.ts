// Which model each domain decides with, read off its source files: everything that the outcome of a decision depends on, and
// no word or panel. In Node; a browser bundle gets the identities when it is built.
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Domains } from '@trine/engine';
import { identifyModel } from '@trine/models/hash.ts';
import type { ModelIdentity } from '@trine/protocol';
import { domains } from './index.ts';

const root = new URL('../', import.meta.url);
/** Where deciding begins, in a domain's folder. */
const ENTRIES = ['engine.ts', 'triggers.ts', 'terms.ts', 'parameters.ts'];
/** Packages whose code decides with it. Formats of the protocol have versions of their own. */
const PACKAGES: Readonly<Record<string, string>> = {
  '@trine/engine': 'packages/engine/',
  '@trine/models': 'packages/models/',
};

/** @returns by name of the domain, with the parameters it is delivered with */
export function domainIdentities(): Readonly<Record<string, ModelIdentity>> {
  return Object.fromEntries(
    domains.map(({ manifest: { name, version } }) => [
      name,
      identifyModel({ name, version, config: {} }, root, decidingSources(name)),
    ]),
  );
}

/** The domains of this installation with their models. */
export function installedDomains(): Domains {
  const identities = domainIdentities();
  return new Domains(
    domains.map((domain) => ({ domain, identity: identities[domain.manifest.name] as ModelIdentity })),
  );
}

/** Files that decide, from the root of the project, in the order of their paths. @param domain its name */
export function decidingSources(domain: string): string[] {
  const found = new Set<string>();
  const waiting = ENTRIES.map((file) => `domains/${domain}/${file}`).filter((path) => existsSync(new URL(path, root)));
  waiting.push('packages/engine/evaluate.ts');
  for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
    if (found.has(path)) continue;
    found.add(path);
    if (path.endsWith('.ts')) waiting.push(...importsOf(path));
  }
  return [...found].sort();
}

/** What a file imports, but for what it imports as types alone: they decide nothing. */
function importsOf(path: string): string[] {
  const file = new URL(path, root);
  const code = readFileSync(fileURLToPath(file), 'utf8');
  const found = code.matchAll(/^(?:import|export)\s+(?!type\b)(?:[^;'"=]*?\sfrom\s+)?['"]([^'"]+)['"]/gm);
  const specifiers = [...found].map(([, name]) => name as string);
  return specifiers.flatMap((name) => {
    if (name.startsWith('.')) return [pathOf(new URL(name, file))];
    const known = Object.entries(PACKAGES).find(([prefix]) => name === prefix || name.startsWith(`${prefix}/`));
    if (known === undefined) return [];
    const [prefix, folder] = known;
    return [name === prefix ? `${folder}index.ts` : `${folder}${name.slice(prefix.length + 1)}`];
  });
}

function pathOf(file: URL): string {
  return fileURLToPath(file).slice(fileURLToPath(root).length);
}
