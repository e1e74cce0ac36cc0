// Readings out of rows. What cannot be read is counted by reason, with the first examples; nothing is lost unsaid.
import { limits, type Reading } from '@trine/protocol';
import { fillSubject, type Mapping } from './mapping.ts';
import { timeReader } from './times.ts';
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
  | 'time not readable'
  | 'dated before 1990'
  | 'no number'
  | 'no value'
  | 'no subject'
  | 'no quantity';

export class RowReader {
  readonly problems = new Map<Reason, Problem>();
  rows = 0;
  readonly #mapping: Mapping;
  readonly #readTime: (text: string) => number;
  readonly #subjects = new Map<string, string | undefined>();
  readonly #quantities = new Map<string, string>();

  constructor(mapping: Mapping) {
    this.#mapping = mapping;
    this.#readTime = timeReader(mapping.timeFormat, mapping.timezone);
  }

  /** Time of a row, milliseconds since 1970; NaN when it cannot be read. */
  timeOf(row: readonly string[]): number {
    return this.#readTime(this.#timeText(row));
  }

  #timeText(row: readonly string[]): string {
    return this.#mapping.time.map((position) => (row[position] ?? '').trim()).join(' ');
  }

  /**
   * Reads one row.
   * @param each called with every reading and whom it is about
   * @returns the time of the row, or undefined when it has none
   */
  read(row: readonly string[], each: (subject: string, reading: Reading) => void): number | undefined {
    const mapping = this.#mapping;
    this.rows++;
    const text = this.#timeText(row);
    const timeMs = this.#readTime(text);
    if (Number.isNaN(timeMs)) return this.#problem('time not readable', text);
    if (timeMs < limits.eventTimeMsMin) return this.#problem('dated before 1990', text);
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
      const subject = this.#subjectOf(row, column.subject ?? mapping.subject);
      const quantity = column.quantity ?? this.#quantityOf(row);
      if (subject === undefined || quantity === undefined) continue;
      const unit = column.quantity === undefined ? (mapping.units[quantity] ?? mapping.unit) : column.unit;
      each(subject, { quantity, unit, timeMs, value });
    }
    return timeMs;
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
