// What the columns of a whole file hold, in one pass and little memory: the beginning alone does not tell.
import { headingOf } from '@trine/mapping/units/headings.ts';
import { writtenUnit } from '@trine/mapping/units/units.ts';
import { type NumberSigns, plainSigns, readNumber, signsOfOne } from '@trine/mapping/values/numbers.ts';
import { SentinelsOfColumn } from '@trine/mapping/values/sentinels.ts';
import { SignsOfColumn } from '@trine/mapping/values/signs.ts';
import { splitUnit, trimmed } from '@trine/mapping/values/values.ts';
import { censored, noValue } from '@trine/mapping/values/words.ts';

const WORDS_MAX = 3;
const UNITS_MAX = 20;
const COUNTING_SHARE_MIN = 0.9;
const UNIT_SHARE_MIN = 0.9;
const TRUTH = /^(?:true|false|on|off)$/i;
const PLAIN = /^-?\d{1,15}(?:\.\d+)?$/;

/** One column: how many of its cells are what. */
export class ColumnSurvey {
  #numbers = 0;
  #withUnit = 0;
  #texts = 0;
  truths = 0;
  noValues = 0;
  /** Look like numbers and cannot be kept as one: whole numbers beyond 2^53, 12E5. */
  unread = 0;
  /** Beyond what could be measured, such as "Low". */
  bounds = 0;
  /** The first few that are texts. */
  readonly words: string[] = [];
  /** Units that stand in the cells, and how often. */
  readonly units = new Map<string, number>();
  readonly signs = new SignsOfColumn();
  readonly sentinels: SentinelsOfColumn;
  /** Cells that are one more than the one before. */
  #steps = 0;
  #before: number | undefined;
  /** How the last number was written. */
  #likely: NumberSigns = plainSigns;

  readonly #heading: string;
  readonly #unitOfHeading: string | undefined;

  constructor(heading: string) {
    this.#heading = heading;
    this.#unitOfHeading = headingOf(heading).unit?.unit;
    this.sentinels = new SentinelsOfColumn(this.#unitOfHeading === 'Cel' || /temp/i.test(heading));
  }

  /**
   * Letters behind numbers are units where nearly all numbers have one, and the same: else they are part of what the
   * cells say, as in house numbers (12 A, 7, 14 C).
   */
  get #unitsCount(): boolean {
    const meanings = new Set([...this.units.keys()].map((unit) => writtenUnit(unit, this.#heading)?.unit));
    return (
      meanings.size === 1 && (this.#withUnit >= UNIT_SHARE_MIN * this.#numbers || meanings.has(this.#unitOfHeading))
    );
  }

  /** Cells with a number. */
  get numbers(): number {
    return this.#withUnit === 0 || this.#unitsCount ? this.#numbers : this.#numbers - this.#withUnit;
  }

  /** Cells of text. */
  get texts(): number {
    return this.#texts + this.#numbers - this.numbers;
  }

  /** Nearly each number is one more than the one before: they number the rows, as far as none are missing. */
  get isCounting(): boolean {
    const { numbers } = this;
    return numbers > 3 && this.texts === 0 && this.#steps >= COUNTING_SHARE_MIN * (numbers - 1);
  }

  /** Cells that say something. */
  get filled(): number {
    return this.numbers + this.truths + this.texts + this.bounds + this.unread;
  }

  add(cell: string): void {
    if (cell === '') {
      this.noValues++;
      return;
    }
    if (PLAIN.test(cell)) {
      if (cell.includes('.')) this.signs.add(cell);
      this.#number(Number(cell));
      return;
    }
    const text = trimmed(cell);
    // Times are the most of what is no number.
    if (text.includes(':')) {
      this.#text(text);
      return;
    }
    if (noValue(text, true) !== undefined) {
      this.noValues++;
      return;
    }
    const parts = splitUnit(text);
    if (this.signs.add(parts?.number ?? text)) {
      if (parts) this.#unit(parts.unit);
      const number = parts?.number ?? text;
      let value = readNumber(number, this.#likely);
      if (typeof value === 'string') {
        this.#likely = signsOfOne(number) ?? this.#likely;
        value = readNumber(number, this.#likely);
      }
      this.#number(value);
    } else if (/^[+-]?\d+(?:[eE]\d+)?$/.test(text)) this.unread++;
    else if (censored(text) !== undefined) this.bounds++;
    else if (TRUTH.test(text)) this.truths++;
    else this.#text(text);
  }

  #text(text: string): void {
    this.#texts++;
    if (this.words.length < WORDS_MAX && !this.words.includes(text)) this.words.push(text);
  }

  #number(value: number | string): void {
    this.#numbers++;
    if (typeof value !== 'number') return;
    this.sentinels.add(value);
    if (this.#before !== undefined && value === this.#before + 1) this.#steps++;
    this.#before = value;
  }

  #unit(unit: string): void {
    this.#withUnit++;
    if (this.units.has(unit) || this.units.size < UNITS_MAX) this.units.set(unit, (this.units.get(unit) ?? 0) + 1);
  }
}

/** All columns of a file. */
export class Survey {
  readonly columns: readonly ColumnSurvey[];
  rows = 0;

  constructor(headings: readonly string[]) {
    this.columns = headings.map((heading) => new ColumnSurvey(heading));
  }

  add(row: readonly string[]): void {
    this.rows++;
    for (const [i, column] of this.columns.entries()) column.add(row[i] ?? '');
  }
}
