// Memory: resident set of a fresh node after each million readings, packs of 10.
import { residentBytes } from '../lib/cpu.ts';
import { startTrine, temporaryHome } from '../lib/trine.ts';
import { drive } from '../load/drive.ts';

export interface Memory {
  readonly idleMiB: number;
  /** After one, two, … million readings. */
  readonly afterMillionsMiB: readonly number[];
}

/** @param millions how many million readings */
export async function memory(millions: number): Promise<Memory> {
  const { home, remove } = temporaryHome();
  const trine = await startTrine(home);
  try {
    const idleMiB = residentBytes(trine.pid) / 2 ** 20;
    const afterMillionsMiB: number[] = [];
    for (let i = 0; i < millions; i++) {
      const load = { devices: 50, packs: 100_000, readingsPerPack: 10, packsPerMessage: 64, open: false };
      afterMillionsMiB.push((await drive(trine, load)).residentBytes / 2 ** 20);
    }
    return { idleMiB, afterMillionsMiB };
  } finally {
    await trine.stop();
    remove();
  }
}
