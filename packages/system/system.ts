// What a part of a node takes from the machine. The machine's own, unless something else is given.
import { availableParallelism } from 'node:os';
import type { Disk } from './disk.ts';
import { type Random, systemRandom } from './random.ts';
import { systemDisk } from './system-disk.ts';
import { type Clock, systemClock, systemTimers, type Timers } from './time.ts';
import { threads, type Workers } from './workers.ts';

export interface System {
  readonly clock: Clock;
  readonly timers: Timers;
  readonly random: Random;
  readonly disk: Disk;
  readonly workers: Workers;
}

/** The machine's own. */
export const machine: System = {
  clock: systemClock,
  timers: systemTimers,
  random: systemRandom,
  disk: systemDisk,
  workers: threads(availableParallelism()),
};
