// How long an obligation may last, by what makes it arise: what the contracts must know beforehand, because locked money is
// free when no obligation that it covers can come any more.
import type { Period } from './calendar/calendar.ts';
import type { Trigger } from './domain.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** The longest of each, clocks set back included: never by more than a day, as where a place changes its side of the date line. */
const PERIOD_MS_MAX: Readonly<Record<Period, number>> = {
  day: 2 * DAY_MS,
  week: 8 * DAY_MS,
  month: 32 * DAY_MS,
  year: 367 * DAY_MS,
};

/**
 * The longest obligation that a trigger can make, in milliseconds.
 *
 * @returns Infinity where the trigger does not say, as with a deadline that each event sets
 * @example longestMs({ name: 'hour', on: 'window', startMs: 0, lengthMs: 3_600_000, graceMs: 0 }) // 3_600_000
 */
export function longestMs(trigger: Trigger): number {
  switch (trigger.on) {
    case 'window':
      return trigger.lengthMs;
    case 'calendar':
      return PERIOD_MS_MAX[trigger.period];
    case 'session':
      return trigger.maxMs;
    case 'deadline':
      return typeof trigger.withinMs === 'number' ? trigger.withinMs + 1 : Number.POSITIVE_INFINITY;
    case 'demand':
      return trigger.lookBackMs + 1;
    case 'event':
      return 1;
  }
}
