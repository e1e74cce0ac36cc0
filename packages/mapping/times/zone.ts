// What clocks in a time zone show, from a table that is data: runtimes disagree.
import { FormatError } from '@trine/protocol';
import type { ZoneChanges, ZoneTable } from '@trine/protocol/calendar/zones.ts';

const MINUTE_MS = 60_000;
/** No clock is further from UTC than this, in minutes. */
const OFFSET_MAX = 15 * 60;
const OFFSET = /^([+-])(\d{2}):?(\d{2})$/;

export class Zone {
  readonly name: string;
  readonly #changes: ZoneChanges;
  /** Clock times from and to which lie well between two changes, and the offset there: rows follow each other. */
  #fromMs = 0;
  #toMs = 0;
  #offsetMs = 0;

  private constructor(name: string, changes: ZoneChanges) {
    this.name = name;
    this.#changes = changes;
  }

  /**
   * @param name IANA name, or an offset such as `+01:00`
   * @throws FormatError `malformed` where the table has none of this name
   */
  static of(name: string, table: ZoneTable): Zone {
    const fixed = OFFSET.exec(name);
    if (fixed) {
      const minutes = Number(fixed[2]) * 60 + Number(fixed[3]);
      if (minutes < OFFSET_MAX) return new Zone(name, [fixed[1] === '-' ? -minutes : minutes]);
    }
    const found = Object.hasOwn(table.zones, name) ? table.zones[name] : undefined;
    const zone = typeof found === 'string' ? table.zones[found] : found;
    if (zone !== undefined && typeof zone !== 'string') return new Zone(name, zone);
    const meant = Object.keys(table.zones).find((known) => known.toLowerCase() === name.toLowerCase());
    throw new FormatError(
      'malformed',
      `"${name}" is no time zone of release ${table.release}${meant ? `; ${meant} is` : ''}: give one such as UTC, Europe/Berlin or +01:00.`,
    );
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

  #offsetOf(place: number): number {
    return (place === 0 ? this.#changes[0] : (this.#changes[place] as readonly [number, number])[1]) * MINUTE_MS;
  }

  #beginOf(place: number): number {
    if (place === 0) return Number.NEGATIVE_INFINITY;
    const change = this.#changes[place] as readonly [number, number] | undefined;
    return change === undefined ? Number.POSITIVE_INFINITY : change[0] * MINUTE_MS;
  }

  /** Milliseconds east of UTC at a moment. */
  offsetMsAt(ms: number): number {
    return this.#offsetOf(this.#placeOf(ms));
  }

  /**
   * Moments at which clocks show a time: one; two in the hour that is shown twice; none in the hour that is left out.
   * @param localMs the time shown, as if it were UTC
   */
  momentsOf(localMs: number): number[] {
    if (localMs >= this.#fromMs && localMs < this.#toMs) return [localMs - this.#offsetMs];
    const slack = OFFSET_MAX * MINUTE_MS;
    const first = this.#placeOf(localMs - slack);
    const last = this.#placeOf(localMs + slack);
    if (first === last) {
      this.#offsetMs = this.#offsetOf(first);
      this.#fromMs = this.#beginOf(first) + slack;
      this.#toMs = this.#beginOf(first + 1) - slack;
    }
    const found: number[] = [];
    for (let place = first; place <= last; place++) {
      const moment = localMs - this.#offsetOf(place);
      if (moment >= this.#beginOf(place) && moment < this.#beginOf(place + 1)) found.push(moment);
    }
    return found.sort((a, b) => a - b);
  }
}
