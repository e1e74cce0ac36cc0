// NEM12: interval metering data of the Australian market (AEMO, Meter Data File Format Specification NEM12 & NEM13).
import { limits } from '@trine/protocol';
import { compactSaid } from '../times/counts.ts';
import { plainSigns, readNumber } from '../values/numbers.ts';
import type { RecordItem } from './record.ts';

const MINUTE_MS = 60_000;
const DAY_MINUTES = 1_440;
/** Market time has no summer: AEST, ten hours east, all year and in every state. */
const OFFSET_MS = 10 * 60 * MINUTE_MS;
/** Quality flag and, but for A, N and V, a method. */
const QUALITY = /^([AEFNSV])\d{0,2}$/;
/** Flags of what is sealed and was not simply measured. */
const marks: Readonly<Record<string, string>> = {
  E: 'estimated (E)',
  F: 'final substitutes (F)',
  S: 'substituted (S)',
};

/** A 200 record: what the days below it are of. */
interface Stream {
  readonly nmi: string;
  readonly suffix: string;
  readonly unit: string;
  readonly minutes: number;
}

/** A 300 record, and what the 400 records below it say of its intervals. */
interface Day {
  readonly stream: Stream;
  readonly midnightMs: number;
  readonly values: readonly string[];
  readonly quality: string[];
  readonly place: number;
}

/** Reads rows one after the other; a day is told once the next record shows that nothing more is said of it. */
export class Nem12Rows {
  readonly #end: 'start' | 'end';
  #stream: Stream | undefined;
  #day: Day | undefined;
  #isEnded = false;

  /** @param end which end of an interval dates it */
  constructor(end: 'start' | 'end' = 'start') {
    this.#end = end;
  }

  *read(row: readonly string[], place: number): Generator<RecordItem> {
    const kind = (row[0] ?? '').trim();
    const text = row.join(',').slice(0, 40);
    if (kind === '400') {
      if (!this.#refine(row)) yield { why: '400 record that fits no day', text, place, isLoss: false };
      return;
    }
    // A 500 record is about a manual reading, and a 400 record may follow none of it.
    yield* this.#told();
    if (kind === '200') {
      this.#stream = streamOf(row);
      if (this.#stream === undefined)
        yield { why: '200 record that names no meter, unit or interval', text, place, isLoss: true };
    } else if (kind === '300') {
      const day = this.#stream && dayOf(this.#stream, row, place);
      if (typeof day === 'object') this.#day = day;
      else yield { why: day ?? '300 record without a 200 record', text, place, isLoss: true };
    } else if (kind === '900') this.#isEnded = true;
    else if (kind !== '100' && kind !== '500')
      yield { why: 'record of no known kind', text, place, isLoss: /^250$/.test(kind) };
  }

  /** The last day; a file that does not end with a 900 record was cut off. */
  *end(place: number): Generator<RecordItem> {
    yield* this.#told();
    if (!this.#isEnded) yield { why: 'no 900 record: the file may be cut off', text: '', place, isLoss: false };
  }

  #refine([, from, to, quality]: readonly string[]): boolean {
    const [first, last] = [Number(from), Number(to)];
    const flag = QUALITY.exec((quality ?? '').trim())?.[1];
    const length = this.#day?.values.length ?? 0;
    if (!(first >= 1 && last >= first && last <= length) || flag === undefined) return false;
    for (let i = first; i <= last; i++) (this.#day as Day).quality[i - 1] = flag;
    return true;
  }

  *#told(): Generator<RecordItem> {
    const day = this.#day;
    this.#day = undefined;
    if (day === undefined) return;
    const { stream, values, quality, place } = day;
    for (const [i, given] of values.entries()) {
      const text = given.trim();
      const flag = quality[i] as string;
      if (flag === 'N' || text === '') {
        yield { why: 'no value', text: `${stream.suffix} ${i + 1}: ${text}`, place, isLoss: false };
        continue;
      }
      const value = readNumber(text, plainSigns);
      if (typeof value === 'string') {
        yield { why: 'no number', text: `${stream.suffix} ${i + 1}: ${text}`, place, isLoss: /\d/.test(text) };
        continue;
      }
      const mark = marks[flag];
      yield {
        thing: [stream.nmi],
        quantity: stream.suffix,
        unit: stream.unit,
        timeMs: day.midnightMs + (i + (this.#end === 'end' ? 1 : 0)) * stream.minutes * MINUTE_MS,
        value,
        place,
        ...(mark !== undefined && { mark }),
      };
    }
  }
}

function streamOf(row: readonly string[]): Stream | undefined {
  const [, nmi = '', , , suffix = '', , , unit = '', minutes = ''] = row.map((cell) => cell.trim());
  const length = Number(minutes);
  if (nmi === '' || suffix === '' || unit === '' || !(length >= 1 && DAY_MINUTES % length === 0)) return undefined;
  return { nmi, suffix, unit, minutes: length };
}

/** @returns the day, or why it is none */
function dayOf(stream: Stream, row: readonly string[], place: number): Day | string {
  const count = DAY_MINUTES / stream.minutes;
  const date = /^\d{8}$/.test((row[1] ?? '').trim()) ? compactSaid((row[1] as string).trim()) : undefined;
  const midnightMs = date === undefined ? Number.NaN : date.localMs - OFFSET_MS;
  if (!(midnightMs >= limits.eventTimeMsMin && midnightMs < Date.UTC(2050, 0))) return '300 record of no date';
  const flag = QUALITY.exec((row[2 + count] ?? '').trim())?.[1];
  if (flag === undefined) return `300 record that has not one value for each interval and a quality`;
  return {
    stream,
    midnightMs,
    values: row.slice(2, 2 + count),
    quality: Array.from({ length: count }, () => flag),
    place,
  };
}
