// Gas as the contracts' tests measure and commit it.
import { readFileSync } from 'node:fs';

/** Gas by what was done, from contracts/snapshots. */
export function gas(): Record<string, number> {
  return JSON.parse(readFileSync(new URL('../../contracts/snapshots/gas.json', import.meta.url), 'utf8'));
}
