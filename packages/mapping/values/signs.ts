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
const SEPARATOR = /[.,'\u2019\u02bc \u00a0\u2007\u2009\u202f]/;

interface Form {
  /** For each way of writing, which of the numbers it gives; -1 where it gives none. */
  readonly given: readonly number[];
  readonly example: string;
  count: number;
}

/** Looks at cells one after the other, in constant memory. */
export class SignsOfColumn {
  readonly #forms = new Map<string, Form>();

  /** Takes one cell without its unit; what no way reads as a number says nothing. */
  add(cell: string): void {
    if (!SEPARATOR.test(cell)) return;
    const numbers: number[] = [];
    const given = allSigns.map((signs) => {
      const value = readNumber(cell, signs);
      if (typeof value === 'string') return -1;
      const before = numbers.indexOf(value);
      return before >= 0 ? before : numbers.push(value) - 1;
    });
    if (numbers.length === 0) return;
    const key = given.join();
    const form = this.#forms.get(key);
    if (form === undefined) this.#forms.set(key, { given, example: cell, count: 1 });
    else form.count++;
  }

  /** What the cells so far say. */
  found(): SignsFound {
    const forms = [...this.#forms.values()];
    const total = forms.reduce((sum, { count }) => sum + count, 0);
    const readBy = (way: number) =>
      forms.reduce((sum, { given, count }) => sum + ((given[way] as number) >= 0 ? count : 0), 0);
    const most = Math.max(...allSigns.map((_, way) => readBy(way)));
    if (total === 0) return { is: 'certain', signs: plainSigns, unread: 0 };
    const able = allSigns.map((_, way) => way).filter((way) => readBy(way) === most);
    const best = allSigns[able[0] as number] as NumberSigns;
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
