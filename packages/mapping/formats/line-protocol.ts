// InfluxDB line protocol: measurement,tag=value field=value timestamp.
// https://docs.influxdata.com/influxdb/v2/reference/syntax/line-protocol/
import { noTime, type ReadTime, type RecordItem, valueIn } from './record.ts';

/** A point as it is written. */
export interface Point {
  readonly measurement: string;
  readonly tags: readonly (readonly [string, string])[];
  /** Numbers with their value, other types as they are; a number that would be rounded is its text. */
  readonly fields: readonly (readonly [string, number | boolean | string])[];
  /** Digits, absent where the server's clock is meant. */
  readonly timestamp?: string;
}

const FLOAT = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;
const WHOLE = /^-?\d+[iu]$/;
const TRUE = /^(?:t|T|true|True|TRUE)$/;
const FALSE = /^(?:f|F|false|False|FALSE)$/;
const UNENDED = 'has a text in quotes that does not end';

/** Does a line end within a text in quotes, so that the next line goes on with it? */
export function isUnended(point: Point | string): boolean {
  return point === UNENDED;
}

/**
 * Reads one line.
 * @returns the point, or in words why it is none
 * @example parsePoint('weather,city=Köln temp=21.5,ok=t 1548893400000000000')
 */
export function parsePoint(line: string): Point | string {
  const scan = new Scan(line);
  const measurement = scan.name(', ');
  if (measurement === '') return 'has no measurement';
  const tags: [string, string][] = [];
  while (scan.takes(',')) {
    const key = scan.name(',= ');
    if (!scan.takes('=')) return 'has a tag without a value';
    tags.push([key, scan.name(', ')]);
  }
  if (!scan.takes(' ')) return 'has no fields';
  scan.spaces();
  const fields: [string, number | boolean | string][] = [];
  do {
    const key = scan.name(',= ');
    if (key === '' || !scan.takes('=')) return 'has a field without a value';
    const isText = scan.isAt('"');
    const value = isText ? scan.text() : fieldOf(scan.bare());
    if (value === undefined) return isText ? UNENDED : 'has a field that is of no type';
    fields.push([key, value]);
  } while (scan.takes(','));
  scan.spaces();
  const timestamp = scan.rest().trim();
  if (timestamp !== '' && !/^-?\d{1,20}$/.test(timestamp)) return 'has a timestamp that is no whole number';
  return { measurement, tags, fields, ...(timestamp !== '' && { timestamp }) };
}

/**
 * The points of a text as JSON, for mappings; lines that are none are left out.
 * @example pointsIn('m,a=b v=1 1700000000') // [{ measurement: 'm', tags: { a: 'b' }, fields: { v: 1 }, time: '1700000000' }]
 */
export function pointsIn(text: string): unknown[] {
  return text.split('\n').flatMap((line) => {
    const point = line.trim() === '' || line.startsWith('#') ? 'is empty' : parsePoint(line.replace(/\r$/, ''));
    if (typeof point === 'string') return [];
    const { measurement, tags, fields, timestamp: time } = point;
    return [{ measurement, tags: Object.fromEntries(tags), fields: Object.fromEntries(fields), time }];
  });
}

/** Of the types of the format; undefined where it is of none. */
function fieldOf(text: string): number | boolean | string | undefined {
  if (FLOAT.test(text)) return Number(text);
  if (TRUE.test(text)) return true;
  if (FALSE.test(text)) return false;
  if (/^[+-]?(?:nan|inf(?:inity)?)$/i.test(text)) return Number.NaN;
  if (!WHOLE.test(text)) return undefined;
  const value = Number(text.slice(0, -1));
  return Number.isSafeInteger(value) ? value : text;
}

class Scan {
  readonly #line: string;
  #at = 0;

  constructor(line: string) {
    this.#line = line;
  }

  get isAtEnd(): boolean {
    return this.#at >= this.#line.length;
  }

  isAt(char: string): boolean {
    return this.#line[this.#at] === char;
  }

  takes(char: string): boolean {
    if (!this.isAt(char)) return false;
    this.#at++;
    return true;
  }

  spaces(): void {
    while (this.isAt(' ')) this.#at++;
  }

  /** A name up to one of these; a backslash lets `,`, `=` and a space stand in it, and is itself elsewhere. */
  name(ends: string): string {
    let name = '';
    for (; !this.isAtEnd && !ends.includes(this.#line[this.#at] as string); this.#at++) {
      if (this.isAt('\\') && ',= '.includes(this.#line[this.#at + 1] ?? '-')) this.#at++;
      name += this.#line[this.#at];
    }
    return name;
  }

  /** A field's value that is no text. */
  bare(): string {
    const from = this.#at;
    while (!this.isAtEnd && !this.isAt(',') && !this.isAt(' ')) this.#at++;
    return this.#line.slice(from, this.#at);
  }

  /** A text in quotes; undefined where it does not end. */
  text(): string | undefined {
    let text = '';
    for (this.#at++; !this.isAtEnd; this.#at++) {
      if (this.takes('"')) return text;
      if (this.isAt('\\') && '"\\'.includes(this.#line[this.#at + 1] ?? '-')) this.#at++;
      text += this.#line[this.#at] ?? '';
    }
    return undefined;
  }

  rest(): string {
    return this.#line.slice(this.#at);
  }
}

/** Tags tell things apart: measurement, then each tag as `key:value`, in the order of the keys. */
export function thingOf(measurement: string, tags: readonly (readonly [string, string])[]): string[] {
  const sorted = tags.toSorted(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  const levels = sorted.filter(([, value]) => value !== '').map(([key, value]) => `${key}:${value}`);
  return measurement === '' ? levels : [measurement, ...levels];
}

/** What a point says. */
export function* itemsOfPoint(
  { measurement, tags, fields, timestamp }: Point,
  place: number,
  readTime: ReadTime,
): Generator<RecordItem> {
  const timeMs = timestamp === undefined ? '' : readTime(timestamp);
  if (typeof timeMs === 'string') return yield noTime(timestamp, place);
  const thing = thingOf(measurement, tags);
  for (const [quantity, given] of fields) {
    // A whole number that would be rounded came as its text; a text of the format is one.
    if (typeof given === 'string' && WHOLE.test(given) && !Number.isSafeInteger(Number(given.slice(0, -1)))) {
      yield { why: 'beyond 2^53, where it would be rounded', text: `${quantity}: ${given}`, place, isLoss: true };
      continue;
    }
    const read = valueIn(given, false, place, quantity);
    yield 'why' in read ? read : { thing, quantity, timeMs, value: read.value, place };
  }
}
