// Where a table begins in a file: under lines that are no part of it, and under one line of headings or several. The
// rows say so: in each column they hold the same kind of thing, and what stands above does not.
import { isTimeText } from '../times/cells.ts';
import { wideDay } from '../times/wide.ts';
import { allSigns, readNumber } from '../values/numbers.ts';
import { splitUnit, trimmed } from '../values/values.ts';
import { noValue } from '../values/words.ts';
import { type HeadingKind, joinHeadings, kindOfHeadings } from './headings.ts';

/** A row as it was cut into cells, and the lines that it takes up, from 1. */
export interface CutRow {
  readonly cells: readonly string[];
  readonly firstLine: number;
  readonly lastLine: number;
}

export interface TableBeginning {
  /** Lines above the table, all of them. */
  readonly linesAbove: number;
  /** Rows of headings. */
  readonly headingRows: number;
  readonly headings: readonly string[];
  /** What stands above the table. */
  readonly above: readonly CutRow[];
}

/** Rows that are looked at. */
const ROWS_MAX = 2_000;
const HEADINGS_MAX = 12;
const CLOCK = /^\d{1,2}:\d{2}(?::\d{2}(?:[.,]\d+)?)?(?:\s?[ap]\.?m\.?)?$/i;
/** Campbell Scientific: the first line is about the logger. */
const CAMPBELL = /^TOA(?:5|CI1)$/;

type Kind = 'number' | 'time' | 'text' | 'none';

function kindOf(cell: string): Kind {
  const text = trimmed(cell);
  if (text === '' || noValue(text, true) !== undefined) return 'none';
  if (isTimeText(text) || CLOCK.test(text)) return 'time';
  const number = splitUnit(text)?.number ?? text;
  return allSigns.some((signs) => typeof readNumber(number, signs) === 'number') ? 'number' : 'text';
}

/**
 * Finds where a table begins.
 * @param rows the beginning of the file, cut into cells
 * @param headingRows how many rows of headings there are, where that is known
 * @param linesAbove how many lines stand above the table, where that is known
 */
export function tableBeginning(rows: readonly CutRow[], headingRows?: number, linesAbove?: number): TableBeginning {
  const looked = rows.slice(0, ROWS_MAX);
  const body = new Body(looked);
  const first = body.first() ?? (looksLikeHeadings(looked[0]?.cells ?? []) ? 1 : 0);
  const isAt = linesAbove !== undefined;
  const count = headingRows ?? (isAt ? first : undefined);
  const at = isAt ? (count as number) : Math.max(first, count ?? 0);
  const lines = count === undefined ? headingsAbove(looked, at, body) : given(looked, at, count, body);
  const begin = at - lines.length;
  const above = rows.slice(0, begin);
  const [top] = lines;
  const width = body.width;
  const headings =
    top === undefined
      ? Array.from({ length: Math.max(width, looked[at]?.cells.length ?? 0) }, (_, i) => `column${i + 1}`)
      : lines.length === 1
        ? padded(
            top.cells.map((cell) => cell.trim()),
            width,
          )
        : joinHeadings(lines, Math.max(width, ...lines.map(({ cells }) => cells.length)), body.times);
  return {
    linesAbove: begin === 0 ? (rows[0]?.firstLine ?? 1) - 1 : (rows[begin - 1]?.lastLine ?? 0),
    headingRows: lines.length,
    headings,
    above,
  };
}

/** Columns that hold something have a heading, if an empty one. */
function padded(headings: readonly string[], width: number): readonly string[] {
  return headings.length >= width
    ? headings
    : [...headings, ...Array.from({ length: width - headings.length }, () => '')];
}

interface HeadingLine {
  readonly kind: HeadingKind;
  readonly cells: readonly string[];
}

function given(rows: readonly CutRow[], at: number, count: number, { times }: Body): HeadingLine[] {
  const lines = rows.slice(at - count, at);
  return lines.map(({ cells }, i) => ({ kind: kindOfHeadings(cells, lines[i - 1]?.cells, times), cells }));
}

/** Lines of headings, from the one right above the first row on upwards. */
function headingsAbove(rows: readonly CutRow[], first: number, { width, times }: Body): HeadingLine[] {
  const found: HeadingLine[] = [];
  for (let i = first - 1; i >= 0 && found.length < HEADINGS_MAX; i--) {
    const { cells, lastLine } = rows[i] as CutRow;
    const below = rows[i + 1];
    const isApart = found.length > 0 && below !== undefined && below.firstLine - lastLine > 1;
    if (isApart || !isWide(cells, width) || CAMPBELL.test((cells[0] ?? '').trim())) break;
    const above = rows[i - 1]?.cells;
    const kind = kindOfHeadings(cells, above && isWide(above, width) ? above : undefined, times);
    const names = found.filter((line) => line.kind === 'names');
    if (names.length > 0 && isEnough(names, times)) break;
    found.unshift({ kind, cells });
  }
  // What stands over no names is no part of them.
  return found;
}

/** As many cells as the rows have, or nearly: the last may be left away. */
function isWide(cells: readonly string[], width: number): boolean {
  const count = cells.findLastIndex((cell) => cell.trim() !== '') + 1;
  return width < 2 || count >= Math.max(2, Math.min(width - 1, Math.ceil(width / 2)));
}

/** Do these names tell all columns apart, that of the time included? */
function isEnough(lines: readonly HeadingLine[], times: ReadonlySet<number>): boolean {
  const width = Math.max(...lines.map(({ cells }) => cells.length));
  const names = Array.from({ length: width }, (_, i) =>
    lines
      .map(({ cells }) => (cells[i] ?? '').trim())
      .join(' ')
      .trim(),
  );
  if ([...times].some((i) => names[i] === '')) return false;
  const filled = names.filter((name) => name !== '');
  return filled.length >= Math.ceil(width / 2) && (lines.length > 1 || new Set(filled).size === filled.length);
}

/** A heading has no numbers and no times, while what follows has. */
function looksLikeHeadings(cells: readonly string[]): boolean {
  if (wideDay(cells)) return true;
  return !cells.some((cell) => ['number', 'time'].includes(kindOf(cell)));
}

/** The rows of the table: how wide they are, and what kind of thing each column holds. */
class Body {
  readonly width: number;
  readonly times: ReadonlySet<number>;
  readonly #rows: readonly CutRow[];
  /** Columns whose kind tells rows from what stands above them. */
  readonly #kinds: ReadonlyMap<number, Kind>;

  constructor(rows: readonly CutRow[]) {
    this.#rows = rows;
    // What stands above is at most half of what is looked at.
    const late = rows.slice(Math.floor(rows.length / 2));
    this.width = mostCommon(late.map(({ cells }) => cells.length)) ?? 0;
    const whole = late.filter(({ cells }) => cells.length === this.width);
    const kinds = new Map<number, Kind>();
    for (let i = 0; i < this.width; i++) {
      const found = whole.map(({ cells }) => kindOf(cells[i] ?? '')).filter((kind) => kind !== 'none');
      const most = mostCommon(found);
      const share = found.filter((kind) => kind === most).length / found.length;
      if (most !== undefined && most !== 'text' && share >= 0.6) kinds.set(i, most);
    }
    this.#kinds = kinds;
    this.times = new Set([...kinds].flatMap(([i, kind]) => (kind === 'time' ? [i] : [])));
  }

  /** Columns that hold what all rows hold there, and those that do not. */
  #fit(cells: readonly string[]): { fits: number; misfits: number; isTimed: boolean } {
    let fits = 0;
    let misfits = 0;
    let isTimed = this.times.size === 0;
    for (const [i, kind] of this.#kinds) {
      const own = kindOf(cells[i] ?? '');
      if (own === kind) {
        fits++;
        isTimed ||= kind === 'time';
      } else if (own !== 'none') misfits++;
    }
    return { fits, misfits, isTimed };
  }

  #isRow(cells: readonly string[]): boolean {
    const { fits, misfits, isTimed } = this.#fit(cells);
    return fits > 0 && isTimed && (this.times.size > 0 || fits >= misfits);
  }

  /** Index of the first row; undefined where nothing tells rows from headings. */
  first(): number | undefined {
    if (this.#kinds.size === 0) return undefined;
    const rows = this.#rows;
    const isRow = rows.map(({ cells }) => this.#isRow(cells));
    const first = isRow.findIndex((is, i) => {
      const next = isRow.slice(i, i + 10);
      return is && next.filter(Boolean).length >= 0.7 * next.length;
    });
    if (first < 0) return undefined;
    if (first === 0 && wideDay(rows[0]?.cells ?? [])) return 1;
    return this.#underHeadings(first);
  }

  /** Lines such as `Latitude,50.1` fit a table of numbers by half; where headings follow them they are no rows. */
  #underHeadings(first: number): number {
    const rows = this.#rows;
    for (let i = first; i < Math.min(first + HEADINGS_MAX, rows.length - 1); i++) {
      const { fits, misfits } = this.#fit(rows[i]?.cells ?? []);
      if (fits === 0 && misfits > 0) return i + 1;
      if (misfits === 0) break;
    }
    return first;
  }
}

function mostCommon<T>(values: readonly T[]): T | undefined {
  const counts = new Map<T, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return [...counts].sort((a, b) => b[1] - a[1])[0]?.[0];
}

const filledOf = (cells: readonly string[]): string[] => cells.map((cell) => cell.trim()).filter((cell) => cell !== '');
const UNIT = /^(?:units?|uom|unit of measure(?:ment)?|einheit|unité|unite|unidad|eenheid|unità)$/i;
const ZONE = /^(?:time ?zone|tz|zeitzone|fuseau(?: horaire)?|huso(?: horario)?|fuso orario|tijdzone|utc[ _]offset)$/i;
const IN_ONE = /^([^:=]{2,30}?)\s*[:=]\s*(\S.{0,40})$/;

/** What stands above the table by a name: beside it, under it, or behind a colon in one cell. */
function saidAbove(above: readonly CutRow[], name: RegExp): string | undefined {
  for (const [row, { cells }] of above.entries()) {
    const filled = filledOf(cells);
    const [, word = '', value] = (filled.length === 1 && IN_ONE.exec(filled[0] as string)) || [];
    if (value !== undefined && name.test(word)) return value.trim();
    const at = cells.findIndex((cell) => name.test(cell.trim().replace(/\s*:$/, '')));
    if (at < 0) continue;
    const isPair = filled.length === 2 && at === 0;
    const text = (isPair ? cells[1] : above[row + 1]?.cells[at])?.trim();
    if (text !== undefined && text !== '') return text;
  }
  return undefined;
}

/**
 * The unit of all values, where a line above the table gives it.
 * @example unitAbove([{ cells: ['Grandeur', 'Unite'], … }, { cells: ['Energie active', 'W'], … }]) // 'W'
 */
export const unitAbove = (above: readonly CutRow[]): string | undefined => saidAbove(above, UNIT);

/** The zone of all times, where a line above the table gives it, as it is written. */
export const zoneAbove = (above: readonly CutRow[]): string | undefined => saidAbove(above, ZONE);
