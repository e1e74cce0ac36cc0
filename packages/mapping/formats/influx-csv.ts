// CSV of InfluxDB: annotated CSV of 2.x, and what the command line of 1.x exports.
// https://docs.influxdata.com/influxdb/v2/reference/syntax/annotated-csv/
import { plainSigns, readNumber } from '../values/numbers.ts';
import { trimmed } from '../values/values.ts';
import { thingOf } from './line-protocol.ts';
import { noTime, type ReadTime, type RecordItem, valueIn } from './record.ts';

interface Table {
  readonly columns: readonly string[];
  /** Type and default value of each column, '' for none. */
  readonly types: readonly string[];
  readonly defaults: readonly string[];
}

/** Columns that say of which result and time range a row is. */
const ABOUT = new Set(['', 'result', 'table', '_start', '_stop', '_time', '_measurement', '_field', '_value']);
/** Columns of queries that give fields a column each, by type; of these types a value may be. */
const VALUE_TYPE = /^(?:double|long|unsignedLong|boolean)/;

/** Reads rows of annotated CSV one after the other; each block of annotations begins another table. */
export class AnnotatedRows {
  readonly #readTime: ReadTime;
  #types: readonly string[] = [];
  #defaults: readonly string[] = [];
  #isHeadingNext = true;
  #table: Table | undefined;

  constructor(readTime: ReadTime) {
    this.#readTime = readTime;
  }

  *read(row: readonly string[], place: number): Generator<RecordItem> {
    const first = (row[0] ?? '').trim();
    if (first.startsWith('#')) return this.#annotate(first, row);
    if (this.#isHeadingNext || isHeading(row)) {
      this.#table = { columns: row.map((cell) => cell.trim()), types: this.#types, defaults: this.#defaults };
      this.#isHeadingNext = false;
      return;
    }
    const table = this.#table as Table;
    const at = (name: string) => cellOf(table, row, table.columns.indexOf(name));
    // An error comes as a table of its own.
    if (table.columns.includes('error') && !table.columns.includes('_time'))
      return yield { why: `error of the query`, text: at('error'), place, isLoss: true };
    const timeMs = at('_time') === '' ? '' : this.#readTime(at('_time'));
    if (typeof timeMs === 'string') return yield noTime(at('_time'), place);
    const { tags, values } = columnsOf(table);
    const named = (i: number) => [table.columns[i] as string, cellOf(table, row, i)] as const;
    const thing = thingOf(at('_measurement'), tags.map(named));
    for (const i of values) {
      const name = table.columns[i] === '_value' ? at('_field') || 'value' : (table.columns[i] as string);
      const read = typed(cellOf(table, row, i), table.types[i] ?? '', place, name);
      yield 'why' in read ? read : { thing, quantity: name, timeMs, value: read.value, place };
    }
  }

  #annotate(first: string, row: readonly string[]): void {
    // A new block: what the last one said is over.
    if (!this.#isHeadingNext) [this.#types, this.#defaults] = [[], []];
    this.#isHeadingNext = true;
    if (first === '#datatype') this.#types = ['', ...row.slice(1).map((cell) => cell.trim())];
    if (first === '#default') this.#defaults = ['', ...row.slice(1)];
  }
}

/** A table after an empty line may begin with its heading alone. */
function isHeading(row: readonly string[]): boolean {
  return row.includes('_time') && (row.includes('_value') || row.includes('table'));
}

function cellOf({ defaults }: Table, row: readonly string[], i: number): string {
  const cell = row[i] ?? '';
  return cell === '' ? (defaults[i] ?? '') : cell;
}

/** Which columns are tags, and which hold values: `_value`, or what is of a value's type where it is pivoted away. */
function columnsOf({ columns, types }: Table): { readonly tags: number[]; readonly values: number[] } {
  const value = columns.indexOf('_value');
  const rest = columns.flatMap((name, i) => (ABOUT.has(name) ? [] : [i]));
  if (value >= 0) return { tags: rest, values: [value] };
  const isValue = (i: number) => VALUE_TYPE.test(types[i] ?? '');
  return { tags: rest.filter((i) => !isValue(i)), values: rest.filter(isValue) };
}

/** By its type; where none is given a number is one, and a word is what it says. */
function typed(cell: string, type: string, place: number, name: string) {
  const text = trimmed(cell);
  if (/^string|^dateTime|^duration|^base64/.test(type)) return valueIn(text, false, place, name);
  if (type === 'boolean' && /^(?:true|false)$/i.test(text)) return { value: /^true$/i.test(text) };
  const number = readNumber(text, plainSigns);
  // Floats are written with an exponent of any form.
  const value =
    typeof number === 'number' ? number : /^[+-]?\d+(?:\.\d+)?e[+-]?\d+$/i.test(text) ? Number(text) : undefined;
  if (value !== undefined && Number.isFinite(value)) return { value };
  return valueIn(text, type !== '' && type !== 'boolean', place, name);
}

/** Reads rows of the export of 1.x: `name,tags,time` and then a column for each field. */
export class ExportRows {
  readonly #readTime: ReadTime;
  #heading: readonly string[] = [];

  constructor(readTime: ReadTime) {
    this.#readTime = readTime;
  }

  *read(row: readonly string[], place: number): Generator<RecordItem> {
    // Each series, or each statement, may come with its heading again.
    if (isExportHeading(row)) {
      this.#heading = row.map((cell) => cell.trim());
      return;
    }
    const at = (name: string) => row[this.#heading.indexOf(name)] ?? '';
    const timeMs = at('time') === '' ? '' : this.#readTime(at('time'));
    if (typeof timeMs === 'string') return yield noTime(at('time'), place);
    const thing = thingOf(at('name'), tagsOf(at('tags')));
    for (const [i, name] of this.#heading.entries()) {
      // A field that the point has not.
      if (name === 'name' || name === 'tags' || name === 'time' || (row[i] ?? '') === '') continue;
      const read = typed(row[i] as string, /^(?:true|false)$/i.test(row[i] as string) ? 'boolean' : '', place, name);
      yield 'why' in read ? read : { thing, quantity: name, timeMs, value: read.value, place };
    }
  }
}

/** Is it the heading of an export of 1.x? */
export function isExportHeading(row: readonly string[]): boolean {
  const [name, tags, time] = row.map((cell) => cell.trim());
  return name === 'name' && (tags === 'time' || (tags === 'tags' && time === 'time'));
}

/** `host=a,region=b`; a backslash stands before what separates. */
function tagsOf(text: string): [string, string][] {
  return text === ''
    ? []
    : text.split(/(?<!\\),/).map((tag): [string, string] => {
        const [key = '', ...value] = tag.split(/(?<!\\)=/);
        return [key, value.join('=')].map((part) => part.replace(/\\([,= ])/g, '$1')) as [string, string];
      });
}
