// One hash over the sources behind dist/, so that a stale build is noticed.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Files that shape the build without being bundled in the console. */
export const buildFiles: readonly string[] = [
  'web/build/plugins.ts',
  'web/index.html',
  'web/package.json',
  'web/public/favicon.svg',
  'web/src/proof/verifier-file.tsx',
  'web/src/proof/worker-inline.ts',
  'web/verifier.html',
  'web/vite.config.ts',
  'web/vite.verifier.config.ts',
];

/**
 * Hashes files by path and content.
 *
 * @param root folder the paths are relative to
 * @param paths with `/` between the parts
 * @returns SHA-256, hex
 * @throws Error when a file is missing
 * @example hashSources('/repository', ['web/index.html'])
 */
export function hashSources(root: string, paths: readonly string[]): string {
  const hash = createHash('sha256');
  for (const path of [...paths].sort()) {
    const bytes = readFileSync(join(root, path));
    hash.update(`${path}\0${bytes.length}\0`).update(bytes);
  }
  return hash.digest('hex');
}
