// What a file says twice: two readings of one quantity of one thing at one time. Where both are alike one of them is
// passed over; where they differ nobody but the user knows which is right. One pass finds out whether it happens at all,
// which the order of times tells in nearly all files; only what is out of order is kept and sorted.
import type { Reading } from '@trine/protocol';
import { countOf, plural } from '@trine/protocol';
import { CommandError } from '../output.ts';
import { openFile } from './formats/open.ts';
import type { RecordMapping } from './formats/reader.ts';
import type { Mapping } from './mapping.ts';
import type { SourceFile } from './source.ts';

/** Which of several values of one time counts. */
export type Duplicates = 'first' | 'last' | 'all';

/** All readings of one quantity of one thing. */
export interface Span {
  readonly subject: string;
  readonly quantity: string;
  count: number;
  fromMs: number;
  toMs: number;
}

interface Lane extends Span {
  lastMs: number;
  /** -1, 1: so far each time is before, after the one before it; 0: there was none. */
  direction: number;
  isMixed: boolean;
  times?: Times;
  /** Times that come again, with what they say once it is read. */
  twice?: Map<number, Twice | undefined>;
}

/** A time that comes again. */
interface Twice {
  count: number;
  /** Each value once, with where it stood first. */
  readonly values: Map<number | boolean | string, { readonly nth: number; readonly where: string }>;
  /** The last of them. */
  lastNth: number;
}

/** So many readings out of order are sorted at once: 8 bytes each. */
const UNORDERED_MAX = 50_000_000;
const EXAMPLES = 3;

export interface Repeats {
  /** Readings that say the same again. */
  readonly same: number;
  /** Times of which the file says two things. */
  readonly conflicts: number;
  /** The first few of them, with where they stand. */
  readonly examples: readonly string[];
  readonly spans: readonly Span[];
  /** Is this reading taken? Of a time that comes once it is. @param nth the how manieth of the file, from 1 */
  takes(subject: string, reading: Reading, nth: number): boolean;
}

/** @param nth the how manieth reading of the file, from 1 @param reader says where it stands */
type Each = (subject: string, reading: Reading, nth: number, reader: { readonly where: string }) => void;

/** Every reading of a file, in its order: a row may give several of one quantity, so they are numbered themselves. */
export async function eachReading(file: SourceFile, mapping: Mapping | RecordMapping, each: Each): Promise<void> {
  const { reader, rows } = openFile(file, mapping);
  let nth = 0;
  const take = (subject: string, reading: Reading) => each(subject, reading, ++nth, reader);
  for await (const row of rows) reader.read(row, take);
}

/**
 * Finds what a file says twice.
 * @param policy which counts; undefined: the first, until somebody says it
 * @throws CommandError where too much of it is out of order to be looked through
 */
export async function findRepeats(
  file: SourceFile,
  mapping: Mapping | RecordMapping,
  policy?: Duplicates,
): Promise<Repeats> {
  const lanes = new Lanes();
  await eachReading(file, mapping, (subject, reading) => order(lanes.of(subject, reading.quantity), reading.timeMs));
  const mixed = [...lanes.all()].filter(({ isMixed }) => isMixed);
  if (mixed.length > 0) {
    const count = mixed.reduce((sum, lane) => sum + lane.count, 0);
    if (count > UNORDERED_MAX)
      throw new CommandError(
        `${countOf(count, 'reading')} do not follow in time, too many to look for repeats among them (${UNORDERED_MAX}): sort the file by time, or cut it.`,
      );
    for (const lane of mixed) lane.times = new Times(lane.count);
    await eachReading(file, mapping, (subject, { quantity, timeMs }) => lanes.of(subject, quantity).times?.add(timeMs));
    for (const lane of mixed) {
      lane.twice = lane.times?.twice() ?? new Map();
      delete lane.times;
    }
    if (mixed.some(({ twice }) => (twice?.size ?? 0) > 0))
      await eachReading(file, mapping, (subject, reading, nth, reader) =>
        compare(lanes.of(subject, reading.quantity), reading, nth, reader),
      );
  }
  return found(lanes, policy);
}

function order(lane: Lane, timeMs: number): void {
  const direction = Math.sign(timeMs - lane.lastMs);
  if (lane.count > 0) {
    if (direction === 0 || (lane.direction !== 0 && direction !== lane.direction)) lane.isMixed = true;
    lane.direction = direction;
  }
  lane.count++;
  lane.lastMs = timeMs;
  if (timeMs < lane.fromMs) lane.fromMs = timeMs;
  if (timeMs > lane.toMs) lane.toMs = timeMs;
}

function compare({ twice }: Lane, { timeMs, value }: Reading, nth: number, reader: { readonly where: string }): void {
  if (!twice?.has(timeMs)) return;
  let one = twice.get(timeMs);
  if (one === undefined) {
    one = { count: 0, lastNth: nth, values: new Map() };
    twice.set(timeMs, one);
  }
  one.count++;
  one.lastNth = nth;
  if (!one.values.has(value)) one.values.set(value, { nth, where: reader.where });
}

function found(lanes: Lanes, policy: Duplicates | undefined): Repeats {
  let same = 0;
  let conflicts = 0;
  const examples: string[] = [];
  for (const lane of lanes.all())
    for (const [timeMs, one] of lane.twice ?? []) {
      if (one === undefined) continue;
      same += one.count - one.values.size;
      if (one.values.size < 2) continue;
      conflicts++;
      if (examples.length < EXAMPLES) examples.push(wordsOf(lane, timeMs, one));
    }
  const spans = [...lanes.all()];
  const takes: Repeats['takes'] = (subject, reading, nth) => {
    const one = lanes.of(subject, reading.quantity).twice?.get(reading.timeMs);
    if (one === undefined) return true;
    const [first] = one.values.values();
    if (one.values.size < 2 || policy === 'all') return one.values.get(reading.value)?.nth === nth;
    return nth === (policy === 'last' ? one.lastNth : first?.nth);
  };
  return { same, conflicts, examples, spans, takes: same + conflicts === 0 ? () => true : takes };
}

function wordsOf({ subject, quantity }: Span, timeMs: number, { values }: Twice): string {
  const said = [...values].slice(0, 3).map(([value, { where }]) => `${value} in ${where}`);
  return `${quantity} of ${subject} at ${new Date(timeMs).toISOString()} is ${said.join(' and ')}`;
}

/** Where a file contradicts itself: what to say, and which flags answer. */
export function wordsOfConflicts({ conflicts, examples }: Repeats, mapping: Mapping | RecordMapping): string {
  const more = conflicts > examples.length ? '; …' : '';
  const columns = 'if a column tells them apart, name it with --subject-column or --quantity-column';
  return `${countOf(conflicts, 'time')} of one quantity of one thing ${plural(conflicts, 'has', 'have')} several values: ${examples.join('; ')}${more}. Say which counts with --duplicates first, last or all${'format' in mapping ? '' : `; ${columns}`}.`;
}

class Lanes {
  readonly #lanes = new Map<string, Map<string, Lane>>();

  of(subject: string, quantity: string): Lane {
    let ofSubject = this.#lanes.get(subject);
    if (ofSubject === undefined) {
      ofSubject = new Map();
      this.#lanes.set(subject, ofSubject);
    }
    let lane = ofSubject.get(quantity);
    if (lane === undefined) {
      const range = { fromMs: Number.POSITIVE_INFINITY, toMs: Number.NEGATIVE_INFINITY };
      lane = { subject, quantity, count: 0, ...range, lastMs: Number.NaN, direction: 0, isMixed: false };
      ofSubject.set(quantity, lane);
    }
    return lane;
  }

  *all(): Generator<Lane> {
    for (const ofSubject of this.#lanes.values()) yield* ofSubject.values();
  }
}

/** Times, as many as are known to come. */
class Times {
  readonly #times: Float64Array;
  #count = 0;

  constructor(count: number) {
    this.#times = new Float64Array(count);
  }

  add(timeMs: number): void {
    this.#times[this.#count++] = timeMs;
  }

  /** Those that come again. */
  twice(): Map<number, undefined> {
    const sorted = this.#times.sort();
    const again = new Map<number, undefined>();
    for (let i = 1; i < sorted.length; i++) if (sorted[i] === sorted[i - 1]) again.set(sorted[i] as number, undefined);
    return again;
  }
}
