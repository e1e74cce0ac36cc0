// Readings out of rows. What cannot be read is counted by reason, with the first examples; nothing is lost unsaid.
import type { RefusedReason, TimeResult } from '@trine/mapping/times/reader.ts';
import { RowTimes } from '@trine/mapping/times/row-times.ts';
import { limits, type Reading } from '@trine/protocol';
import { zones } from '@trine/protocol/calendar/zones.ts';
import { fillSubject, type Mapping, type ValueColumn } from './mapping.ts';
import { isMissing, nameOf, readNumber } from './values.ts';

export interface Problem {
  count: number;
  /** The first few, with where they stand. */
  readonly examples: string[];
}

const EXAMPLES = 3;
const SUBJECTS_CACHED_MAX = 100_000;

/** Why a row or a cell gave no reading. */
export type Reason =
  | 'no time'
  | 'time not readable'
  | 'time of no known zone'
  | 'time that clocks left out in spring'
  | 'dated before 1990'
  | 'dated after 2049'
  | 'no number'
  | 'no value'
  | 'no subject'
  | 'no quantity';

const timeReasons: Readonly<Record<RefusedReason, Reason>> = {
  unreadable: 'time not readable',
  'no zone': 'time of no known zone',
  skipped: 'time that clocks left out in spring',
  'too early': 'dated before 1990',
  'too late': 'dated after 2049',
};

export class RowReader {
  readonly problems = new Map<Reason, Problem>();
  rows = 0;
  readonly #mapping: Mapping;
  readonly #times: RowTimes;
  /** The row whose time was read last: an hour that clocks show twice is read once. */
  #dated: { readonly row: readonly string[]; readonly time: TimeResult } | undefined;
  readonly #subjects = new Map<string, string | undefined>();
  readonly #quantities = new Map<string, string>();

  constructor(mapping: Mapping) {
    this.#mapping = mapping;
    this.#times = new RowTimes(mapping.time, zones);
  }

  /** Rows in the hour that clocks show twice: dated by their order, and the first of both times for want of one. */
  get repeatedHour(): { readonly byOrder: number; readonly assumed: number } {
    return this.#times.repeated;
  }

  /** Time of the next row, milliseconds since 1970; NaN when it cannot be read. */
  timeOf(row: readonly string[]): number {
    const time = this.#timeOf(row);
    return time.kind === 'time' ? time.ms : Number.NaN;
  }

  #timeOf(row: readonly string[]): TimeResult {
    if (this.#dated?.row !== row) this.#dated = { row, time: this.#readTime(row) };
    return this.#dated.time;
  }

  /** @param slot of a day that is a row */
  #readTime(row: readonly string[], slot?: string): TimeResult {
    const { time, subjectColumn, quantityColumn, values } = this.#mapping;
    const thing = [subjectColumn, quantityColumn].map((column) => (column === undefined ? '' : row[column])).join('\0');
    const first = values[0]?.slot;
    if (first === undefined) return this.#times.read(row, thing);
    return this.#times.readSlot((row[time.columns[0] as number] ?? '').trim(), slot ?? first, thing);
  }

  /**
   * Reads one row.
   * @param each called with every reading and whom it is about
   * @returns the time of the row, or undefined when it has none
   */
  read(row: readonly string[], each: (subject: string, reading: Reading) => void): number | undefined {
    const mapping = this.#mapping;
    this.rows++;
    const time = this.#timeOf(row);
    if (time.kind !== 'time') return this.#noTime(row, time);
    for (const column of mapping.values) {
      const cell = (row[column.position] ?? '').trim();
      if (isMissing(cell)) {
        this.#problem('no value', cell, column.heading);
        continue;
      }
      const value = readNumber(cell, mapping.decimal);
      if (Number.isNaN(value)) {
        this.#problem('no number', cell, column.heading);
        continue;
      }
      const timeMs = this.#partOf(row, column, time.ms);
      const subject = this.#subjectOf(row, column.subject ?? mapping.subject);
      const quantity = column.quantity ?? this.#quantityOf(row);
      if (timeMs === undefined || subject === undefined || quantity === undefined) continue;
      const unit = column.quantity === undefined ? (mapping.units[quantity] ?? mapping.unit) : column.unit;
      each(subject, { quantity, unit, timeMs, value });
    }
    return time.ms;
  }

  /** Time of a cell: of its row, or of the part of the day that its column is. */
  #partOf(row: readonly string[], { slot, heading }: ValueColumn, rowMs: number): number | undefined {
    if (slot === undefined || slot === this.#mapping.values[0]?.slot) return rowMs;
    const time = this.#readTime(row, slot);
    return time.kind === 'time' ? time.ms : this.#noTime(row, time, heading);
  }

  #noTime(row: readonly string[], time: Exclude<TimeResult, { kind: 'time' }>, heading?: string): undefined {
    return this.#problem(time.kind === 'none' ? 'no time' : timeReasons[time.reason], this.#times.textOf(row), heading);
  }

  #subjectOf(row: readonly string[], template: string): string | undefined {
    const { subjectColumn } = this.#mapping;
    const cell = subjectColumn === undefined ? '' : (row[subjectColumn] ?? '').trim();
    const name = `${template}\n${cell}`;
    if (!this.#subjects.has(name)) {
      if (this.#subjects.size >= SUBJECTS_CACHED_MAX) this.#subjects.clear();
      this.#subjects.set(name, fillSubject(template, { subject: nameOf(cell, limits.subjectCharsMax) }));
    }
    const subject = this.#subjects.get(name);
    if (subject === undefined) this.#problem('no subject', cell);
    return subject;
  }

  #quantityOf(row: readonly string[]): string | undefined {
    const cell = (row[this.#mapping.quantityColumn as number] ?? '').trim();
    let name = this.#quantities.get(cell);
    if (name === undefined) {
      name = nameOf(cell);
      if (this.#quantities.size >= SUBJECTS_CACHED_MAX) this.#quantities.clear();
      this.#quantities.set(cell, name);
    }
    if (name !== '') return name;
    this.#problem('no quantity', cell);
    return undefined;
  }

  #problem(reason: Reason, cell: string, heading?: string): undefined {
    let problem = this.problems.get(reason);
    if (problem === undefined) {
      problem = { count: 0, examples: [] };
      this.problems.set(reason, problem);
    }
    problem.count++;
    if (problem.examples.length < EXAMPLES)
      problem.examples.push(
        `row ${this.rows + (this.#mapping.header ? 1 : 0)}${heading ? `, ${heading}` : ''}: "${cell.slice(0, 40)}"`,
      );
    return undefined;
  }
}
