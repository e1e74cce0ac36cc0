// A period that ends within a window leaves that window undecided: obligations end within the period of their policy.
import type { ZoneTable } from '../protocol/calendar/zones.ts';
import { zones } from '../protocol/calendar/zones.ts';
import { Calendar } from './calendar/calendar.ts';
import type { Trigger } from './domain.ts';

/** Windows of lengths that meet at all meet within so many. */
const ROUNDS_MAX = 1_000;

/**
 * The first moment, from one on, that cuts no window and no calendar period of a policy short: where its period should end,
 * if the last hours are to be decided as well.
 *
 * @param endMs milliseconds since 1970
 * @returns `endMs` itself where nothing goes by the clock, or where windows never end together
 * @throws FormatError where the table of time zones does not reach that far
 * @example endOfWindows([{ name: 'hour', on: 'window', startMs: 0, lengthMs: 3_600_000, graceMs: 0 }], 5_400_000) // 7_200_000
 */
export function endOfWindows(triggers: readonly Trigger[], endMs: number, table: ZoneTable = zones): number {
  let end = endMs;
  for (let round = 0; round < ROUNDS_MAX; round++) {
    const next = triggers.reduce((at, trigger) => Math.max(at, endOf(trigger, end, table)), end);
    if (next === end) return end;
    end = next;
  }
  return endMs;
}

function endOf(trigger: Trigger, ms: number, table: ZoneTable): number {
  if (trigger.on === 'window')
    return trigger.startMs + Math.ceil((ms - trigger.startMs) / trigger.lengthMs) * trigger.lengthMs;
  if (trigger.on === 'calendar') return new Calendar(table, trigger.timeZone).periodOf(trigger.period, ms - 1).toMs;
  return ms;
}
