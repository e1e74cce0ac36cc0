// Gas as the contracts' tests measure and commit it.
import { readFileSync } from 'node:fs';

/** Gas by what was done, from contracts/snapshots. */
export function gas(): Record<string, number> {
  const read = (name: string) =>
    JSON.parse(readFileSync(new URL(`../../contracts/snapshots/${name}.json`, import.meta.url), 'utf8'));
  return { ...read('gas'), ...read('settlement-gas') };
}
