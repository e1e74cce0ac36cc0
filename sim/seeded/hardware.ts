// What of a machine the ways to its tables and to the chain stand on.

import type { Life } from '@trine/system/testing/virtual-time.ts';
import type { Timers } from '@trine/system/time.ts';
import type { Faults } from './faults.ts';
import type { Places } from './places.ts';
import type { Step } from './table.ts';

export interface Hardware {
  readonly faults: Faults;
  readonly places: Pick<Places, 'ofRequest' | 'sent' | 'saw' | 'within' | 'wasSeen'>;
  /** What its clock shows. */
  readonly nowMs: number;
  timers(life: Life): Timers;
  /** Does something of the process of now that takes up to so many milliseconds; never done once it is gone. */
  takes<T>(msMax: number, steps: readonly Step[], work: () => T | Promise<T>): Promise<T>;
  /** Crashes. @param steps at which */
  crashAt(steps: readonly Step[]): void;
  /** Sets the clock. @param steps at which it happens, besides what is under way */
  setClock(steps: readonly Step[]): void;
  /** In the time that is right, whatever process runs then. */
  after(ms: number, work: () => unknown): void;
  /** A whole number from 0 to one below, by chance. */
  below(limit: number): number;
}
