// Readings out of rows. What cannot be read is counted by reason, with the first examples; nothing is lost unsaid.
import { escapeName } from '@trine/mapping/names.ts';
import type { RefusedReason, TimeResult } from '@trine/mapping/times/reader.ts';
import { RowTimes } from '@trine/mapping/times/row-times.ts';
import { ruleUnit, toSenml, type WrittenUnit, writtenUnit } from '@trine/mapping/units/units.ts';
import { type NumberSigns, readNumber } from '@trine/mapping/values/numbers.ts';
import { type Expected, readText, trimmed } from '@trine/mapping/values/values.ts';
import { limits, type Reading } from '@trine/protocol';
import { zones } from '@trine/protocol/calendar/zones.ts';
import { fillSubject, type Mapping, nameInTemplate, type ValueColumn } from './mapping.ts';
import { headingRowsOf } from './source.ts';

export interface Problem {
  count: number;
  /** The first few, with where they stand. */
  readonly examples: string[];
}

const EXAMPLES = 3;
const CACHED_MAX = 100_000;
/** Words for what could not be measured that are counted each by itself. */
const BOUNDS_MAX = 10;
const TRUTH = /^(?:true|false|on|off)$/i;

/** Why a row or a cell gave no reading; and each word that says that a value was beyond what could be measured. */
export type Reason =
  | 'no time'
  | 'time not readable'
  | 'time of no known zone'
  | 'time that clocks left out in spring'
  | 'dated before 1990'
  | 'dated after 2049'
  | 'no number'
  | 'no value'
  | 'in another unit than its column'
  | 'of a unit not known here'
  | 'beyond the last heading'
  | 'no subject'
  | 'no quantity'
  | `"${string}" instead of a number`;

/** A column of values, and how its cells are read. */
interface Reader {
  readonly column: ValueColumn;
  readonly signs: NumberSigns;
  readonly expected: Expected;
  /** The unit that its values are written in, where they are converted. */
  readonly written: WrittenUnit | undefined;
}

/** What a quantity of a long table is called, by the quantity and the unit that a row names. */
interface Named {
  readonly quantity: string;
  readonly unit: string;
  readonly written?: WrittenUnit;
}

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
  /** Numbers that gave no reading: in cells that cannot be read, or in rows that have no time or nobody to speak of. */
  lost = 0;
  readonly #mapping: Mapping;
  readonly #headingRows: number;
  readonly #readers: readonly Reader[];
  readonly #times: RowTimes;
  /** The row whose time was read last: an hour that clocks show twice is read once. */
  #dated: { readonly row: readonly string[]; readonly time: TimeResult } | undefined;
  readonly #subjects = new Map<string, string | undefined>();
  readonly #named = new Map<string, Named | undefined>();
  /** The first unit of each quantity of a long table: the plain name is of values in it. */
  readonly #firstUnits = new Map<string, string>();

  /** @param headingRows rows of the file before the first that is read */
  constructor(mapping: Mapping, headingRows: number = headingRowsOf(mapping)) {
    this.#mapping = mapping;
    this.#headingRows = headingRows;
    this.#readers = mapping.values.map((column) => {
      const signs = column.signs ?? { decimal: mapping.decimal };
      const missing = column.missing && { missing: new Set(column.missing) };
      const written = column.written === undefined ? undefined : writtenUnit(column.written, column.heading);
      return { column, signs, expected: { expects: 'number', signs, ...missing }, written };
    });
    this.#times = new RowTimes(mapping.time, zones);
  }

  /** The row that is being read, from 1: headings count, lines above the table do not. */
  get row(): number {
    return this.rows + this.#headingRows;
  }

  get where(): string {
    return `row ${this.row}`;
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
    if (row.length > mapping.columns.length) this.#beyond(row);
    const time = this.#timeOf(row);
    if (time.kind !== 'time') {
      this.lost += this.#numbersIn(row);
      return this.#noTime(row, time);
    }
    for (const reader of this.#readers) {
      const said = this.#valueOf(row[reader.column.position] ?? '', reader);
      if (said === undefined) continue;
      const { column } = reader;
      const timeMs = this.#partOf(row, column, time.ms);
      const subject = this.#subjectOf(row, column.subject ?? mapping.subject);
      const named = this.#nameOf(row, reader);
      if (timeMs === undefined || subject === undefined || named === undefined) {
        this.lost++;
        continue;
      }
      const value = this.#converted(said, reader, named);
      if (value !== undefined) each(subject, { quantity: named.quantity, unit: named.unit, timeMs, value });
    }
    return time.ms;
  }

  /** Cells behind the last column, as where numbers have a comma and cells do, too. */
  #beyond(row: readonly string[]): void {
    for (const cell of row.slice(this.#mapping.columns.length)) {
      const text = trimmed(cell);
      if (text === '') continue;
      if (/\d/.test(text)) this.lost++;
      this.#problem('beyond the last heading', text);
    }
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

  /** What a cell says; the unit beside its number, if there is one. */
  #valueOf(cell: string, reader: Reader): { value: number | boolean; unit?: string } | undefined {
    const { column, signs, expected } = reader;
    const text = trimmed(cell);
    const number = readNumber(text, signs);
    if (typeof number === 'number' && !expected.missing?.has(number)) return { value: number };
    const said = readText(text, expected);
    if (said.is === 'value')
      return { value: said.value as number, ...(said.unit !== undefined && { unit: said.unit }) };
    if (said.is === 'none') {
      if (said.why === 'censored') this.#bound(said.word, column);
      else this.#problem('no value', text, column.heading);
      return undefined;
    }
    if (column.unit === '' && TRUTH.test(text)) return { value: /^(?:true|on)$/i.test(text) };
    if (/\d/.test(text)) this.lost++;
    this.#problem('no number', text, column.heading);
    return undefined;
  }

  #bound(word: string, column: ValueColumn): void {
    const reason: Reason = `"${word.slice(0, 20)}" instead of a number`;
    const bounds = [...this.problems.keys()].filter((key) => key.endsWith('instead of a number')).length;
    this.#problem(this.problems.has(reason) || bounds < BOUNDS_MAX ? reason : 'no value', word, column.heading);
  }

  #converted(
    { value, unit }: { value: number | boolean; unit?: string },
    { column, written }: Reader,
    named: Named,
  ): number | boolean | undefined {
    if (typeof value !== 'number') return value;
    const beside = unit === undefined ? (named.written ?? written) : writtenUnit(unit, column.heading);
    if (beside === undefined) return value;
    if (beside.unit === named.unit) return beside.unit === '' ? value : toSenml(value, beside);
    this.lost++;
    this.#problem('in another unit than its column', `${value} ${unit}`, column.heading);
    return undefined;
  }

  #subjectOf(row: readonly string[], template: string): string | undefined {
    const { subjectColumn } = this.#mapping;
    const cell = subjectColumn === undefined ? '' : (row[subjectColumn] ?? '').trim();
    const name = `${template}\n${cell}`;
    if (!this.#subjects.has(name)) {
      if (this.#subjects.size >= CACHED_MAX) this.#subjects.clear();
      const subject = nameInTemplate(template, '{subject}', cell);
      const isNamed = subject !== '' || !template.includes('{subject}');
      this.#subjects.set(name, isNamed ? fillSubject(template, { subject }) : undefined);
    }
    const subject = this.#subjects.get(name);
    if (subject === undefined) this.#problem('no subject', cell);
    return subject;
  }

  /** Quantity and unit of a value: of its column, or as the row says. */
  #nameOf(row: readonly string[], { column }: Reader): Named | undefined {
    const { quantityColumn, unitColumn } = this.#mapping;
    if (column.quantity !== undefined && unitColumn === undefined)
      return { quantity: column.quantity, unit: column.unit };
    const quantity = column.quantity ?? (row[quantityColumn as number] ?? '').trim();
    const unit = unitColumn === undefined ? '' : (row[unitColumn] ?? '').trim();
    const key = `${quantity}\n${unit}`;
    if (!this.#named.has(key)) {
      if (this.#named.size >= CACHED_MAX) this.#named.clear();
      this.#named.set(key, this.#newName(quantity, unit, column));
    }
    const named = this.#named.get(key);
    if (named === undefined)
      this.#problem(quantity === '' ? 'no quantity' : 'of a unit not known here', quantity === '' ? '' : unit);
    return named;
  }

  #newName(cell: string, unit: string, column: ValueColumn): Named | undefined {
    const { units, unit: usual } = this.#mapping;
    if (cell === '') return undefined;
    const plain = column.quantity ?? escapeName(cell);
    const said = (Object.hasOwn(units, plain) && units[plain]) || usual || (unit === '' ? column.unit : '');
    const written = said !== '' ? ruleUnit(said) : unit === '' ? undefined : writtenUnit(unit, cell);
    if (written === undefined) return said === '' && unit === '' ? { quantity: plain, unit: '' } : undefined;
    // One quantity in two units is two: µg/m3 and ppm of a gas are not converted into each other.
    const meaning = written.unit === '' ? written.written : written.unit;
    const first = this.#firstUnits.get(plain) ?? meaning;
    this.#firstUnits.set(plain, first);
    const quantity = first === meaning ? plain : `${plain}.${escapeName(meaning, { isInside: true })}`;
    return { quantity: quantity.slice(0, limits.quantityCharsMax), unit: written.unit, written };
  }

  #numbersIn(row: readonly string[]): number {
    return this.#readers.filter(
      ({ column, signs }) => typeof readNumber(trimmed(row[column.position] ?? ''), signs) === 'number',
    ).length;
  }

  #problem(reason: Reason, cell: string, heading?: string): undefined {
    let problem = this.problems.get(reason);
    if (problem === undefined) {
      problem = { count: 0, examples: [] };
      this.problems.set(reason, problem);
    }
    problem.count++;
    if (problem.examples.length < EXAMPLES)
      problem.examples.push(`${this.where}${heading ? `, ${heading}` : ''}: "${cell.slice(0, 40)}"`);
    return undefined;
  }
}
