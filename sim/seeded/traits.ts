// What is other in some rounds: a second decider, readings that come too late, or bills that are netted. Where a fault waits for a
// step that they alone have, they have it; of the others some.
import { chanceOf } from './chance.ts';
import { cellsFor, FOUNDS } from './faults.ts';
import { LATE, NETTED, SHARED, type Step } from './table.ts';

export interface Traits {
  /** What is agreed about the meter, and about bills, is paid by the names of two deciders. */
  readonly isShared: boolean;
  /** What is agreed about the meter is corrected by what comes too late, and its recipient has locked what that may take back. */
  readonly isLate: boolean;
  /** Homes get bills that are netted in batches; a round takes hours then, in which all sleep. */
  readonly isNetted: boolean;
}

const BY_CHANCE = 0.12;
/** Where the one is wanted, the other as well, so often. */
const BOTH = 0.3;

export function traitsOf(seed: number): Traits {
  const chance = chanceOf(seed, 10);
  const steps = cellsFor(seed).map(({ step }) => step);
  const wants = (some: readonly Step[]) => some.some((step) => steps.includes(step));
  const [wantsShared, wantsLate, wantsNetted] = [wants(SHARED), wants(LATE), wants(NETTED)];
  const isShared = wantsShared || chance.happens(wantsLate || wantsNetted ? BOTH : BY_CHANCE);
  const isLate = wantsLate || chance.happens(wantsShared ? BOTH : BY_CHANCE);
  // What is wanted of those takes windows that go on and on, for which hours are too long.
  const isNetted = wantsNetted || (!wantsLate && !wantsShared && chance.happens(BY_CHANCE));
  const isFounded = seed % FOUNDS !== 0;
  return { isShared, isLate: isLate && isFounded, isNetted: isNetted && isFounded };
}
