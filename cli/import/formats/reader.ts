// Readings out of what a record format says: names, units and subjects as they are signed.
import type { RecordItem, RecordLeft, RecordRules, RecordValue } from '@trine/mapping/formats/record.ts';
import { escapeName } from '@trine/mapping/names.ts';
import { ruleUnit, toSenml, type WrittenUnit, writtenUnit } from '@trine/mapping/units/units.ts';
import { limits, type Reading } from '@trine/protocol';
import { fillSubject, type Given } from '../mapping.ts';
import type { Problem } from '../readings.ts';
import type { Format } from './format.ts';

/** How a file of a record format is imported: with the file's hash it names an import. */
export interface RecordMapping {
  /** Name of the format. */
  readonly format: string;
  /** Template of the subject: `{subject}` stands for the levels of the thing's name. */
  readonly subject: string;
  readonly rules: RecordRules;
  readonly quantities: Given['quantities'];
  readonly skip: readonly string[];
  /** Unit of what has no other; '' for none. */
  readonly unit: string;
  readonly missing: NonNullable<Given['missing']>;
}

/** One quantity of one thing. */
interface Stream {
  readonly subject: string;
  readonly quantity: string;
  /** By what is written: how it is read; the first unit has the plain name. */
  readonly units: Map<string, { readonly quantity: string; readonly unit: string; readonly written?: WrittenUnit }>;
}

const EXAMPLES = 3;
const UNITS_MAX = 20;
const TEXT_CHARS = 40;
const SUBJECT = '{subject}';

export class RecordReader {
  readonly problems = new Map<string, Problem>();
  /** What the format says about readings, such as `estimated`, and how often. */
  readonly marks = new Map<string, number>();
  /** Quantities that were not wanted, and how many values of each. */
  readonly unwanted = new Map<string, number>();
  /** Units that SenML has no symbol for: values in them stay as they are. */
  readonly withoutSymbol = new Set<string>();
  readonly repeatedHour = { byOrder: 0, assumed: 0 };
  rows = 0;
  lost = 0;
  readonly #mapping: RecordMapping;
  readonly #place: Format['place'];
  readonly #things = new Map<string, Map<string, Stream | undefined>>();
  readonly #picks: ReadonlyMap<string | undefined, { readonly quantity: string; readonly unit: string }>;
  readonly #missing: ReadonlyMap<string | undefined, ReadonlySet<number>>;
  #lastPlace = 0;

  constructor(mapping: RecordMapping, place: Format['place']) {
    this.#mapping = mapping;
    this.#place = place;
    this.#picks = new Map(mapping.quantities.map(({ column, quantity, unit }) => [column, { quantity, unit }]));
    this.#missing = new Map(mapping.missing.map(({ column, values }) => [column, new Set(values)]));
  }

  /** Things so far. */
  get things(): number {
    return this.#things.size;
  }

  get row(): number {
    return this.#lastPlace;
  }

  get where(): string {
    return `${this.#place} ${this.row}`;
  }

  timeOf(item: RecordItem): number {
    return 'why' in item ? Number.NaN : item.timeMs;
  }

  /** @returns the time of the item, where it is a value */
  read(item: RecordItem, each: (subject: string, reading: Reading) => void): number | undefined {
    if (item.place !== this.#lastPlace) this.rows++;
    this.#lastPlace = item.place;
    if ('why' in item) return this.#left(item);
    const stream = this.#streamOf(item);
    if (stream === undefined) return undefined;
    if (this.#isMissing(item))
      return this.#left({ why: 'no value', text: `${item.quantity}: ${item.value}`, place: item.place, isLoss: false });
    const found = this.#unitOf(stream, item);
    if (found === undefined) return undefined;
    const { quantity, unit, written } = found;
    const value = typeof item.value === 'number' && written?.unit ? toSenml(item.value, written) : item.value;
    if (unit !== '' && typeof value !== 'number')
      return this.#left({ why: 'no number', text: `${item.quantity}: ${value}`, place: item.place, isLoss: true });
    if (item.mark !== undefined) this.marks.set(item.mark, (this.marks.get(item.mark) ?? 0) + 1);
    each(stream.subject, { quantity, unit, timeMs: item.timeMs, value });
    return item.timeMs;
  }

  #isMissing({ quantity, value }: RecordValue): boolean {
    if (typeof value !== 'number') return false;
    return (this.#missing.get(quantity) ?? this.#missing.get(undefined))?.has(value) === true;
  }

  #streamOf(item: RecordValue): Stream | undefined {
    const name = item.thing.join('\0');
    let streams = this.#things.get(name);
    if (streams === undefined) {
      streams = new Map();
      this.#things.set(name, streams);
    }
    if (!streams.has(item.quantity)) streams.set(item.quantity, this.#newStream(item));
    const stream = streams.get(item.quantity);
    if (stream === undefined) this.#noStream(item);
    return stream;
  }

  #isWanted(quantity: string): boolean {
    if (this.#mapping.skip.includes(quantity)) return false;
    return this.#picks.size === 0 || this.#picks.has(quantity) || this.#picks.has(undefined);
  }

  #newStream({ thing, quantity: name }: RecordValue): Stream | undefined {
    const subject = subjectOf(this.#mapping.subject, thing);
    if (subject === undefined || name.trim() === '' || !this.#isWanted(name)) return undefined;
    const picked = this.#picks.get(name) ?? this.#picks.get(undefined);
    return { subject, quantity: picked?.quantity ?? escapeName(name), units: new Map() };
  }

  #noStream({ thing, quantity, place }: RecordValue): void {
    if (!this.#isWanted(quantity)) {
      this.unwanted.set(quantity, (this.unwanted.get(quantity) ?? 0) + 1);
      return;
    }
    const why = quantity.trim() === '' ? 'no quantity' : 'no subject';
    this.#left({ why, text: thing.join('/'), place, isLoss: true });
  }

  #unitOf(stream: Stream, item: RecordValue) {
    const written = item.unit ?? '';
    let found = stream.units.get(written);
    if (found === undefined) {
      found = this.#newUnit(stream, item, written);
      stream.units.set(written, found);
    }
    return found;
  }

  /** A quantity of one thing in two units that are not converted into each other is two: the later one is named by its unit. */
  #newUnit({ quantity, units }: Stream, item: RecordValue, text: string) {
    const given = (this.#picks.get(item.quantity) ?? this.#picks.get(undefined))?.unit || this.#mapping.unit;
    const written = this.#readUnit(given, text, item);
    const unit = written?.unit ?? '';
    if (unit === '' && text !== '' && this.withoutSymbol.size < UNITS_MAX) this.withoutSymbol.add(text);
    const meaning = unit === '' ? text : unit;
    const known = [...units].map(([before, { unit: one }]) => (one === '' ? before : one));
    const isFirst = known.length === 0 || known[0] === meaning;
    const ending = escapeName(meaning === '' ? 'unitless' : meaning, { isInside: true });
    const name = isFirst ? quantity : `${quantity}.${ending}`;
    return {
      quantity: name.length <= limits.quantityCharsMax ? name : escapeName(name),
      unit,
      ...(written !== undefined && { written }),
    };
  }

  #readUnit(given: string, text: string, { quantity, isSymbol }: RecordValue): WrittenUnit | undefined {
    if (given !== '') return ruleUnit(given, quantity);
    if (text === '') return undefined;
    return isSymbol ? ruleUnit(text, quantity) : writtenUnit(text, quantity);
  }

  #left({ why, text, place, isLoss }: RecordLeft): undefined {
    if (isLoss) this.lost++;
    let problem = this.problems.get(why);
    if (problem === undefined) {
      problem = { count: 0, examples: [] };
      this.problems.set(why, problem);
    }
    problem.count++;
    if (problem.examples.length < EXAMPLES)
      problem.examples.push(`${this.#place} ${place}: "${text.slice(0, TEXT_CHARS)}"`);
    return undefined;
  }
}

/**
 * The subject of a thing: its levels, escaped each by itself, so that two things are never one.
 * @returns undefined where it has no name and the template needs one, or where it is none
 * @example subjectOf('a/{subject}', ['weather', 'city:Köln']) // 'a/weather/city:K~C3~B6ln'
 */
function subjectOf(template: string, thing: readonly string[]): string | undefined {
  const levels = thing.filter((level) => level.trim() !== '');
  if (!template.includes(SUBJECT)) return fillSubject(template, {});
  if (levels.length === 0) return undefined;
  const isInside = !template.startsWith(SUBJECT);
  const charsMax = Math.max(24, limits.subjectCharsMax - template.length + SUBJECT.length);
  const subject = levels.map((level, i) => escapeName(level, { isInside: isInside || i > 0, charsMax })).join('/');
  if (subject.length <= charsMax) return fillSubject(template, { subject });
  // Too long: the end is a hash of the whole. A slash within a level stays another than one between levels.
  const whole = levels.map((level) => level.replaceAll('/', '\0')).join('/');
  return fillSubject(template, { subject: escapeName(whole, { isInside, charsMax, keepsSlashes: true }) });
}
