// What the log has said already of the things that a file speaks of: known readings are passed over, and where a file
// says another value of the same time it stops. Whatever import brought them, with whatever packs, on whatever machine.
import { Readable } from 'node:stream';
import type { ReadableStream } from 'node:stream/web';
import { countOf, plural, type Reading } from '@trine/protocol';
import { parse } from 'csv-parse';
import type { Client } from '../client.ts';
import { CommandError } from '../output.ts';
import type { RecordMapping } from './formats/reader.ts';
import type { Mapping } from './mapping.ts';
import { type Duplicates, eachReading, type Repeats, type Span } from './repeats.ts';
import type { SourceFile } from './source.ts';

/** Readings asked for at once: more cost the node for each page what lies behind it, fewer a question each. */
const AT_ONCE = 40_000;
/** Things asked about at once. */
const ASKED = 8;
/** So many are kept in memory, 16 bytes each. */
const KEPT_MAX = 50_000_000;
const EXAMPLES = 3;

type Found = 'same' | { readonly other: number | string } | undefined;

/** Readings of one quantity of one thing, oldest first. */
class Series {
  readonly unit: string;
  /** Texts, by their places: their numbers are NaN. As a table has them, a quote before what a spreadsheet would compute. */
  readonly #texts = new Map<number, string>();
  #times = new Float64Array(1_024);
  #values = new Float64Array(1_024);
  #count = 0;

  constructor(unit: string) {
    this.unit = unit;
  }

  add(timeMs: number, value: number | string): void {
    if (this.#count === this.#times.length) {
      this.#times = grown(this.#times);
      this.#values = grown(this.#values);
    }
    this.#times[this.#count] = timeMs;
    if (typeof value === 'string') this.#texts.set(this.#count, value);
    this.#values[this.#count++] = typeof value === 'string' ? Number.NaN : value;
  }

  /** What is known of a time: this value, others alone, or nothing. */
  find(timeMs: number, value: Reading['value']): Found {
    let low = 0;
    let high = this.#count;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#times[middle] as number) < timeMs) low = middle + 1;
      else high = middle;
    }
    if (low === this.#count || this.#times[low] !== timeMs) return undefined;
    for (let i = low; i < this.#count && this.#times[i] === timeMs; i++) if (this.#is(i, value)) return 'same';
    return { other: this.#texts.get(low) ?? (this.#values[low] as number) };
  }

  /** Truths are 1 and 0 in the log's tables. */
  #is(i: number, value: Reading['value']): boolean {
    if (typeof value !== 'string') return this.#values[i] === Number(value);
    // A text may look like a number.
    const known = this.#texts.get(i) ?? String(this.#values[i]);
    return known === value || known === `'${value}`;
  }
}

function grown(array: Float64Array<ArrayBuffer>): Float64Array<ArrayBuffer> {
  const larger = new Float64Array(array.length * 2);
  larger.set(array);
  return larger;
}

export class Known {
  readonly #series = new Map<string, Map<string, Series>>();
  readonly #policy: Duplicates | undefined;
  #count = 0;

  constructor(policy: Duplicates | undefined) {
    this.#policy = policy;
  }

  /** @throws CommandError where there is too much of it */
  add(subject: string, { quantity, unit, timeMs, value }: Reading): void {
    if (++this.#count > KEPT_MAX)
      throw new CommandError(`The log has more than ${KEPT_MAX} readings of the time of this file: cut the file.`);
    const ofSubject = this.#series.get(subject) ?? new Map<string, Series>();
    const series = ofSubject.get(quantity) ?? new Series(unit);
    this.#series.set(subject, ofSubject);
    ofSubject.set(quantity, series);
    series.add(timeMs, typeof value === 'boolean' ? Number(value) : value);
  }

  get isEmpty(): boolean {
    return this.#count === 0;
  }

  /** What is known of the time of a reading. In another unit nothing is: the node says what it makes of that. */
  find(subject: string, { quantity, unit, timeMs, value }: Reading): Found {
    const series = this.#series.get(subject)?.get(quantity);
    return series?.unit === unit ? series.find(timeMs, value) : undefined;
  }

  /** Is the reading in the log, or another in its place that counts? */
  has(subject: string, reading: Reading): boolean {
    if (this.#count === 0) return false;
    const found = this.find(subject, reading);
    return found === 'same' || (found !== undefined && this.#policy === 'first');
  }
}

/**
 * What the log has of the times and things that a file speaks of.
 * @throws CommandError where the file says other values of them, and no policy says which counts
 */
export async function askKnown(
  client: Client,
  file: SourceFile,
  mapping: Mapping | RecordMapping,
  { spans, takes }: Repeats,
  policy: Duplicates | undefined,
): Promise<Known> {
  const known = new Known(policy);
  const subjects = [...Map.groupBy(spans, ({ subject }) => subject)];
  const ask = async () => {
    for (let next = subjects.pop(); next !== undefined; next = subjects.pop())
      await askSubject(client, next[0], next[1], known);
  };
  const [first] = spans;
  // Whoever asks for readings waits for the tables to have all that the log has; what follows need not.
  if (first) await readingsOf(client, first.subject, { from: 0, to: 1 }).next();
  await Promise.all(Array.from({ length: ASKED }, ask));
  if (!known.isEmpty && policy === undefined) await refuseOthers(file, mapping, takes, known);
  return known;
}

async function askSubject(client: Client, subject: string, spans: readonly Span[], known: Known): Promise<void> {
  const streams = await client.ask(client.api.GET('/api/v1/streams', { params: { query: { subject } } }));
  const wanted = new Set(spans.map(({ quantity }) => quantity));
  const stored = streams.filter(({ quantity, readings }) => readings > 0 && wanted.has(quantity));
  if (stored.length === 0) return;
  const from = Math.min(...spans.map(({ fromMs }) => fromMs));
  const to = Math.max(...spans.map(({ toMs }) => toMs)) + 1;
  const count = stored.reduce((sum, { readings }) => sum + readings, 0);
  const stepMs = Math.max(1, Math.ceil((to - from) / Math.ceil(count / AT_ONCE)));
  for (let at = from; at < to; at += stepMs)
    for await (const reading of readingsOf(client, subject, { from: at, to: Math.min(to, at + stepMs) }))
      if (wanted.has(reading.quantity)) known.add(subject, reading);
}

async function* readingsOf(
  client: Client,
  subject: string,
  span: { readonly from: number; readonly to: number },
): AsyncGenerator<Reading> {
  const params = { query: { subject, ...span } };
  const call = client.api.GET('/api/v1/readings.csv', { params, parseAs: 'stream' });
  const body = (await client.ask<unknown>(call)) as ReadableStream;
  const rows = Readable.fromWeb(body).pipe(parse({ fromLine: 2 }));
  for await (const [time, quantity, unit, value] of rows)
    yield { timeMs: Date.parse(time), quantity, unit, value: valueIn(value) };
}

/** A cell as it was said: what writes numbers writes them in this way. */
function valueIn(cell: string): number | string {
  const number = Number(cell);
  return cell !== '' && String(number) === cell ? number : cell;
}

async function refuseOthers(
  file: SourceFile,
  mapping: Mapping | RecordMapping,
  takes: Repeats['takes'],
  known: Known,
): Promise<void> {
  let count = 0;
  const examples: string[] = [];
  await eachReading(file, mapping, (subject, reading, nth, reader) => {
    const found = takes(subject, reading, nth) ? known.find(subject, reading) : undefined;
    if (found === undefined || found === 'same') return;
    count++;
    if (examples.length < EXAMPLES)
      examples.push(
        `${reading.quantity} of ${subject} at ${new Date(reading.timeMs).toISOString()} is ${reading.value} in ${reader.where} and ${found.other} in the log`,
      );
  });
  if (count > 0)
    throw new CommandError(
      `${file.path}: ${countOf(count, 'reading')} ${plural(count, 'differs', 'differ')} from what the log has of the same time: ${examples.join('; ')}${count > examples.length ? '; …' : ''}. Say --duplicates first to keep to the log, or --duplicates last to seal the file's values beside them.`,
    );
}
