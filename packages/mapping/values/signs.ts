// How the numbers of a column are written, from all its cells: each column is decided by itself.
import { allSigns, type NumberSigns, plainSigns, readNumber } from './numbers.ts';

export type SignsFound =
  /** One way reads them all (or all but a few, which are no numbers then), and no other reads them as other numbers. */
  | { readonly is: 'certain'; readonly signs: NumberSigns; readonly unread: number }
  /** Several ways read them all, as different numbers: `1,234` in every cell. The plainest first. */
  | { readonly is: 'ambiguous'; readonly readings: readonly NumberSigns[]; readonly example: string }
  /** No way reads them: some cells are written in one way, some in another. */
  | { readonly is: 'mixed'; readonly examples: readonly [string, string]; readonly best: NumberSigns };

/** Of the cells with a separator, this share must be read by one way; the rest are misprints. */
const SHARE_MIN = 0.98;
const SHAPES_MAX = 2_000;
const SEPARATOR = /[.,'\u2019\u02bc \u00a0\u2007\u2009\u202f]/;
const NUMERIC = /^[\d.,'\u2019\u02bc \u00a0\u2007\u2009\u202f+\-\u2212eE]{1,40}$/;

interface Form {
  /** For each way of writing, which of the numbers it gives; -1 where it gives none. */
  readonly given: readonly number[];
  readonly example: string;
  count: number;
}

/** Looks at cells one after the other, in constant memory. */
export class SignsOfColumn {
  readonly #forms = new Map<string, Form>();
  /** What a cell says depends on where its separators stand, not on its digits. */
  readonly #shapes = new Map<string, Form | undefined>();

  /**
   * Takes one cell without its unit; what no way reads as a number says nothing.
   * @returns is it a number, in some way of writing?
   */
  add(cell: string): boolean {
    if (!NUMERIC.test(cell)) return false;
    if (!SEPARATOR.test(cell)) return typeof readNumber(cell, plainSigns) === 'number';
    const shape = cell.replace(/[1-9]/g, '1');
    let form = this.#shapes.get(shape);
    if (form === undefined && !this.#shapes.has(shape)) {
      form = this.#formOf(shape, cell);
      if (this.#shapes.size < SHAPES_MAX) this.#shapes.set(shape, form);
    }
    if (form === undefined) return false;
    form.count++;
    return true;
  }

  #formOf(shape: string, example: string): Form | undefined {
    // Of 0 every way makes the same, wherever its separators stand.
    const numbers: number[] = [];
    const given = allSigns.map((signs) => {
      const value = readNumber(shape.replace(/0(?=\D*$)/, '1'), signs);
      if (typeof value === 'string') return -1;
      const before = numbers.indexOf(value);
      return before >= 0 ? before : numbers.push(value) - 1;
    });
    if (numbers.length === 0) return undefined;
    const key = given.join();
    const form = this.#forms.get(key) ?? { given, example, count: 0 };
    this.#forms.set(key, form);
    return form;
  }

  /** Has any number of it a separator? Without one all ways of writing are the same. */
  get hasSeparators(): boolean {
    return this.#forms.size > 0;
  }

  /**
   * What the cells so far say.
   * @param decimal the decimal sign, where somebody has said it
   */
  found(decimal?: '.' | ','): SignsFound {
    const forms = [...this.#forms.values()];
    const total = forms.reduce((sum, { count }) => sum + count, 0);
    const readBy = (way: number) =>
      forms.reduce((sum, { given, count }) => sum + ((given[way] as number) >= 0 ? count : 0), 0);
    const ways = allSigns
      .map((_, way) => way)
      .filter((way) => decimal === undefined || allSigns[way]?.decimal === decimal);
    const most = Math.max(...ways.map(readBy));
    if (total === 0) return { is: 'certain', signs: decimal ? { decimal } : plainSigns, unread: 0 };
    const able = ways.filter((way) => readBy(way) === most);
    const best = allSigns[able[0] as number] as NumberSigns;
    if (decimal !== undefined && most < total) return { is: 'certain', signs: best, unread: total - most };
    if (most < SHARE_MIN * total) {
      const read = forms.find(({ given }) => (given[able[0] as number] as number) >= 0) as Form;
      const other = forms.find(({ given }) => (given[able[0] as number] as number) < 0) as Form;
      return { is: 'mixed', examples: [read.example, other.example], best };
    }
    const differs = (a: number, b: number) =>
      forms.find(({ given }) => (given[a] as number) >= 0 && given[a] !== given[b])?.example;
    const apart = able.filter((way, i) => able.slice(0, i).every((before) => differs(before, way) !== undefined));
    if (apart.length === 1) return { is: 'certain', signs: best, unread: total - most };
    const example = differs(apart[0] as number, apart[1] as number) as string;
    return { is: 'ambiguous', readings: apart.map((way) => allSigns[way] as NumberSigns), example };
  }
}

/**
 * Guesses how a column of numbers is written.
 * @example signsOfColumn(['998,000', '1,000,100']) // { is: 'certain', signs: { decimal: '.', thousands: ',' }, unread: 0 }
 * @example signsOfColumn(['1,234', '1,240']).is // 'ambiguous'
 */
export function signsOfColumn(cells: Iterable<string>): SignsFound {
  const column = new SignsOfColumn();
  for (const cell of cells) column.add(cell);
  return column.found();
}
