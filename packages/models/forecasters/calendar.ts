// Which covariates are events (holidays, matches): zeros and ones, short and rare. Found in the history, not configured.
import { config } from './config.ts';
import type { Window } from './history.ts';

export interface Calendar {
  /** Steps at which each event holds, in order of time; an empty list for a covariate that is no event. */
  readonly steps: readonly Int32Array[];
  /** At each step of the window and of the known future: 1 + the rarest event that holds, 0 for none. */
  readonly rarest: Uint8Array;
  /** Covariates that are no events. */
  readonly plain: readonly number[];
}

/** Which covariates are events. @param day the shortest season in steps, 0 for none */
export const findEvents = ({ x, length }: Window, day: number): boolean[] =>
  x.map((values) => isEvent(values, length, day));

export function readCalendar({ x, length }: Window, events: readonly boolean[]): Calendar {
  const size = x[0]?.length ?? length;
  const steps = x.map((values, i) => (events[i] ? holds(values) : new Int32Array()));
  const rarest = new Uint8Array(size);
  const known = steps.map((list) => list.filter((i) => i < length).length);
  for (const [event, list] of steps.entries()) {
    for (const i of list) {
      const other = rarest[i]! - 1;
      // An event never seen has no effect to tell; a seen one stands for it.
      if (other < 0 || (known[event]! > 0 && (known[event]! < known[other]! || known[other] === 0)))
        rarest[i] = event + 1;
    }
  }
  return { steps, rarest, plain: x.flatMap((_, i) => (events[i] ? [] : [i])) };
}

function holds(values: Float64Array): Int32Array {
  const found: number[] = [];
  for (let i = 0; i < values.length; i++) if (values[i] === 1) found.push(i);
  return Int32Array.from(found);
}

function isEvent(values: Float64Array, length: number, day: number): boolean {
  let ones = 0;
  let runs = 0;
  for (let i = 0; i < length; i++) {
    if (values[i] !== 0 && values[i] !== 1) return false;
    if (values[i] === 0) continue;
    ones++;
    if (i === 0 || values[i - 1] === 0) runs++;
  }
  return (
    day > 0 && runs > 0 && runs < 255 && ones <= config.eventShare * length && ones <= config.eventSeasons * day * runs
  );
}
