// Times of rows, one after the other: which of the two moments is meant of the hour that clocks show twice, the order says.

import type { ZoneTable } from '@trine/protocol/calendar/zones.ts';
import type { TimeFormat } from './format.ts';
import { type TimeRead, TimeReader, type TimeResult } from './reader.ts';

/** What is remembered of the rows of one thing. */
interface Run {
  lastMs: number;
  ups: number;
  downs: number;
  /** Rows that had the moment of the row before, where nothing was to be chosen. */
  alike: number;
}

/** Things are forgotten beyond this many, the oldest first. */
const THINGS_MAX = 100_000;

/**
 * Reads the times of rows in their order. Rows may run forwards or backwards, each thing for itself.
 *
 * @example const times = new OrderedTimes({ kind: 'iso', zone: 'Europe/Berlin' }, zones);
 *   for (const row of rows) times.read(row.time, row.meter)
 */
export class OrderedTimes {
  /** Rows in the hour shown twice that the order dated. */
  byOrder = 0;
  /** Rows in it that nothing dated: the first of both moments was taken. */
  assumed = 0;
  readonly #reader: TimeReader;
  readonly #fixed: boolean;
  readonly #runs = new Map<string, Run>();

  /** @throws FormatError where the zone of the format is not known */
  constructor(format: TimeFormat, zones: ZoneTable) {
    this.#reader = new TimeReader(format, zones);
    this.#fixed = format.kind !== 'unix' && format.repeated !== undefined;
  }

  /**
   * Reads the time of the next row.
   * @param thing whose row it is: what tells rows of one moment apart, the quantity in tables with one value a row included
   */
  read(value: unknown, thing = ''): TimeResult {
    if (this.#fixed) return this.#reader.read(value);
    const found = this.#reader.moments(value);
    if (found.kind !== 'moments') return found;
    const { first, second, how } = found;
    const run = this.#runs.get(thing);
    const read: TimeRead =
      second === undefined ? { kind: 'time', ms: first, how } : this.#chosen(run, first, second, how);
    this.#remember(thing, run, read.ms, second === undefined);
    return read;
  }

  #chosen(run: Run | undefined, first: number, second: number, how: TimeRead['how']): TimeRead {
    const ms = run && pick(run, first, second);
    if (ms === undefined) {
      this.assumed++;
      return { kind: 'time', ms: first, how: { ...how, repeated: 'earlier' } };
    }
    this.byOrder++;
    return { kind: 'time', ms, how: { ...how, repeated: ms === first ? 'earlier' : 'later', by: 'order' } };
  }

  #remember(thing: string, run: Run | undefined, ms: number, isPlain: boolean): void {
    if (run === undefined) {
      if (this.#runs.size >= THINGS_MAX) this.#runs.delete(this.#runs.keys().next().value as string);
      this.#runs.set(thing, { lastMs: ms, ups: 0, downs: 0, alike: 0 });
      return;
    }
    if (ms > run.lastMs) run.ups++;
    else if (ms < run.lastMs) run.downs++;
    else if (isPlain) run.alike++;
    run.lastMs = ms;
  }
}

/** The moment that goes on from the row before; undefined where neither does. */
function pick({ lastMs, ups, downs, alike }: Run, first: number, second: number): number | undefined {
  // Where rows have the moment of the row before anyway, the same text says the same.
  if (alike > 0 && (lastMs === first || lastMs === second)) return lastMs;
  if (downs > ups) return second < lastMs ? second : first < lastMs ? first : undefined;
  return first > lastMs ? first : second > lastMs ? second : undefined;
}
