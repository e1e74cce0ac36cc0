// Calendar: months, weeks and days as people in a time zone have them, to the millisecond and the same on every machine.
// The table of zones is data with a release and a hash; engines carry tables of their own and disagree.
import { FormatError } from '@trine/protocol';
// By their files: a bundle takes no more of the protocol than it needs.
import { civilOf, daysOf } from '../../protocol/calendar/civil.ts';
import type { ZoneChanges, ZoneTable } from '../../protocol/calendar/zones.ts';

export type Period = 'day' | 'week' | 'month' | 'year';

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
/** 1990 to 2050: what the table covers. */
const FROM_MS = daysOf(1990, 0, 1) * DAY_MS;
const TO_MS = daysOf(2050, 0, 1) * DAY_MS;

/** Reckons with one time zone of a table. */
export class Calendar {
  readonly timeZone: string;
  readonly #changes: ZoneChanges;

  /** @throws FormatError `malformed` when the table has no such zone */
  constructor(table: ZoneTable, timeZone: string) {
    const known = Object.hasOwn(table.zones, timeZone) ? table.zones[timeZone] : undefined;
    const zone = typeof known === 'string' ? table.zones[known] : known;
    if (zone === undefined || typeof zone === 'string')
      throw new FormatError(
        'malformed',
        `There is no time zone ${timeZone} in release ${table.release}: write it as Europe/Berlin or America/New_York.`,
      );
    this.timeZone = timeZone;
    this.#changes = zone;
  }

  /** Place in the table of the change in force at a moment; 0 before the first. */
  #placeOf(ms: number): number {
    let low = 1;
    let high = this.#changes.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#changes[middle] as readonly [number, number])[0] * MINUTE_MS <= ms) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  }

  /** Minutes east of Greenwich at a moment. */
  #offsetAt(ms: number): number {
    const place = this.#placeOf(ms);
    return place === 0 ? this.#changes[0] : (this.#changes[place] as readonly [number, number])[1];
  }

  #changeBefore(ms: number): number {
    return (this.#changes[this.#placeOf(ms)] as readonly [number, number])[0] * MINUTE_MS;
  }

  /** A moment that clocks in the zone show as this. In the hour that does not exist: the moment the clocks change. */
  #fromLocal(localMs: number): number {
    const guess = localMs - this.#offsetAt(localMs) * MINUTE_MS;
    const before = localMs - this.#offsetAt(guess - DAY_MS) * MINUTE_MS;
    const after = localMs - this.#offsetAt(guess + DAY_MS) * MINUTE_MS;
    // Of two moments that show the same the first counts.
    for (const moment of [Math.min(before, after), Math.max(before, after)])
      if (moment + this.#offsetAt(moment) * MINUTE_MS === localMs) return moment;
    return this.#changeBefore(Math.max(before, after));
  }

  /**
   * The period that a moment lies in.
   *
   * @param ms since 1970
   * @returns `[fromMs, toMs)`; weeks begin on Monday
   * @throws FormatError when the table does not reach that far
   * @example new Calendar(zones, 'Europe/Berlin').periodOf('month', Date.UTC(2026, 9, 31)) // 31 days and an hour
   */
  periodOf(period: Period, ms: number): { fromMs: number; toMs: number } {
    if (ms < FROM_MS || ms >= TO_MS)
      throw new FormatError('malformed', 'The table of time zones covers 1990 to 2049 only.');
    const today = Math.floor((ms + this.#offsetAt(ms) * MINUTE_MS) / DAY_MS);
    const { year, month } = civilOf(today);
    const monday = today - weekdayOf(today);
    const [from, to] = {
      day: [today, today + 1],
      week: [monday, monday + 7],
      month: [daysOf(year, month, 1), daysOf(year, month + 1, 1)],
      year: [daysOf(year, 0, 1), daysOf(year + 1, 0, 1)],
    }[period] as [number, number];
    return { fromMs: this.#fromLocal(from * DAY_MS), toMs: this.#fromLocal(to * DAY_MS) };
  }

  /** Minutes since local midnight and the day of the week (0 Monday): for tariffs by the clock. */
  clockAt(ms: number): { minuteOfDay: number; weekday: number } {
    const localMs = ms + this.#offsetAt(ms) * MINUTE_MS;
    const today = Math.floor(localMs / DAY_MS);
    return { minuteOfDay: Math.floor((localMs - today * DAY_MS) / MINUTE_MS), weekday: weekdayOf(today) };
  }
}

/** 0 is Monday; 1970 began on a Thursday. */
function weekdayOf(day: number): number {
  return (((day + 3) % 7) + 7) % 7;
}
