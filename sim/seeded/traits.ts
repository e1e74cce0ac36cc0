// What is other in some rounds: a second decider, or readings that come too late. Where a fault waits for a step that they
// alone have, they have it; of the others some.
import { chanceOf } from './chance.ts';
import { cellsFor } from './faults.ts';
import type { Step } from './table.ts';

export interface Traits {
  /** What is agreed about the meter is paid by the names of two deciders. */
  readonly isShared: boolean;
  /** It is corrected by what comes too late, and its recipient has locked what that may take back. */
  readonly isLate: boolean;
}

/** One in so many has a network that founds itself: nobody there has locked anything yet. */
export const FOUNDS = 12;
const SHARED: readonly Step[] = ['follow', 'cosign'];
const LATE: readonly Step[] = ['correct', 'supersede'];
const BY_CHANCE = 0.12;
/** Where the one is wanted, the other as well, so often. */
const BOTH = 0.3;

export function traitsOf(seed: number): Traits {
  const chance = chanceOf(seed, 10);
  const steps = cellsFor(seed).map(({ step }) => step);
  const [wantsShared, wantsLate] = [SHARED, LATE].map((some) => some.some((step) => steps.includes(step)));
  const isShared = wantsShared || chance.happens(wantsLate ? BOTH : BY_CHANCE);
  const isLate = wantsLate || chance.happens(wantsShared ? BOTH : BY_CHANCE);
  return { isShared, isLate: isLate && seed % FOUNDS !== 0 };
}
