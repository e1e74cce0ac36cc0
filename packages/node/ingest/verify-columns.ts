// What passes between the main thread and the verifying threads: columns, moved rather than copied.
import type { PublicKey, ReadingSink } from '@trine/protocol';

export type KeyMessage =
  | { readonly type: 'key'; readonly did: string; readonly key: PublicKey }
  | { readonly type: 'network'; readonly id: string };

export interface VerifyRequest {
  readonly type: 'verify';
  readonly batch: number;
  /** When each delivery arrived. */
  readonly arrivalMs: Float64Array;
  readonly buffer: ArrayBuffer;
  /** Per delivery: start of the statement, its length, length of the disclosure that follows (0 for none). */
  readonly offsets: Uint32Array;
  /** Statements of the log itself: a body may have been erased since. */
  readonly mayLackBodies: boolean;
}

export interface VerifyResult {
  readonly type: 'verified';
  readonly batch: number;
  readonly count: number;
  readonly buffer: ArrayBuffer;
  readonly offsets: Uint32Array;
  readonly arrivalMs: Float64Array;
  /** 0 for good, else 1 + the position in the list of refusals. */
  readonly refusal: Uint8Array;
  readonly ids: Uint8Array;
  readonly prevs: Uint8Array;
  readonly hasPrev: Uint8Array;
  readonly kind: Uint8Array;
  readonly class: Uint8Array;
  readonly sealed: Uint8Array;
  readonly epoch: Float64Array;
  readonly seq: Float64Array;
  /** Positions in `words`. */
  readonly subject: Uint32Array;
  readonly issuer: Uint32Array;
  readonly words: readonly string[];
  /** Readings of statement i: from `readingStart[i]` to `readingStart[i + 1]`. */
  readonly readingStart: Uint32Array;
  /** Position in `words` of `quantity \n unit`. */
  readonly readingName: Uint32Array;
  readonly readingTimeMs: Float64Array;
  /** NaN where the value is a text (then in `texts`); booleans are 0 and 1. */
  readonly readingValue: Float64Array;
  readonly texts: readonly (readonly [number, string])[];
  /** Of those that replace another: its id. */
  readonly supersedes: readonly (readonly [number, Uint8Array])[];
  readonly messages: readonly (readonly [number, string])[];
  readonly transfer: readonly ArrayBufferLike[];
}

/** Collects the answers to one batch. */
export class Columns {
  readonly count: number;
  readonly refusal: Uint8Array;
  readonly ids: Uint8Array;
  readonly prevs: Uint8Array;
  readonly hasPrev: Uint8Array;
  readonly kind: Uint8Array;
  readonly class: Uint8Array;
  readonly sealed: Uint8Array;
  readonly epoch: Float64Array;
  readonly seq: Float64Array;
  readonly subject: Uint32Array;
  readonly issuer: Uint32Array;
  readonly #readingStart: Uint32Array;
  #names = new Uint32Array(1_024);
  #times = new Float64Array(1_024);
  #values = new Float64Array(1_024);
  #readings = 0;
  readonly #words: string[] = [];
  readonly #wordIndex = new Map<string, number>();
  readonly #streamNames = new Map<string, Map<string, number>>();
  readonly #texts: [number, string][] = [];
  readonly #messages: [number, string][] = [];
  readonly #supersedes: [number, Uint8Array][] = [];

  constructor(count: number) {
    this.count = count;
    this.refusal = new Uint8Array(count);
    this.ids = new Uint8Array(32 * count);
    this.prevs = new Uint8Array(32 * count);
    this.hasPrev = new Uint8Array(count);
    this.kind = new Uint8Array(count);
    this.class = new Uint8Array(count);
    this.sealed = new Uint8Array(count);
    this.epoch = new Float64Array(count);
    this.seq = new Float64Array(count);
    this.subject = new Uint32Array(count);
    this.issuer = new Uint32Array(count);
    this.#readingStart = new Uint32Array(count + 1);
  }

  word(text: string): number {
    let index = this.#wordIndex.get(text);
    if (index === undefined) {
      index = this.#words.length;
      this.#words.push(text);
      this.#wordIndex.set(text, index);
    }
    return index;
  }

  replaces(i: number, id: Uint8Array): void {
    this.#supersedes.push([i, id]);
  }

  startReadings(i: number): void {
    this.#readingStart[i] = this.#readings;
  }

  /** Gives up the readings of statement i taken in so far. */
  dropReadings(i: number): void {
    this.#readings = this.#readingStart[i] as number;
    while ((this.#texts.at(-1)?.[0] ?? -1) >= this.#readings) this.#texts.pop();
  }

  /** Newest event time of the readings of statement i so far; 0 for none. */
  newestMs(i: number): number {
    let newest = 0;
    for (let r = this.#readingStart[i] as number; r < this.#readings; r++)
      if ((this.#times[r] as number) > newest) newest = this.#times[r] as number;
    return newest;
  }

  /** Dates all readings of statement i. */
  dateReadings(i: number, timeMs: number): void {
    this.#times.fill(timeMs, this.#readingStart[i], this.#readings);
  }

  readonly addReading: ReadingSink = (quantity, unit, timeMs, value) => {
    const at = this.#readings++;
    if (at === this.#names.length) {
      this.#names = grow(this.#names, new Uint32Array(2 * at));
      this.#times = grow(this.#times, new Float64Array(2 * at));
      this.#values = grow(this.#values, new Float64Array(2 * at));
    }
    this.#names[at] = this.#streamName(quantity, unit);
    this.#times[at] = timeMs;
    if (typeof value === 'string') {
      this.#values[at] = Number.NaN;
      this.#texts.push([at, value]);
    } else this.#values[at] = Number(value);
  };

  /** Position in `words` of `quantity \n unit`, without joining the two each time. */
  #streamName(quantity: string, unit: string): number {
    let units = this.#streamNames.get(quantity);
    if (units === undefined) {
      units = new Map();
      this.#streamNames.set(quantity, units);
    }
    let index = units.get(unit);
    if (index === undefined) {
      index = this.word(`${quantity}\n${unit}`);
      units.set(unit, index);
    }
    return index;
  }

  refuse(i: number, code: number, message: string): void {
    this.refusal[i] = code;
    this.#messages.push([i, message]);
  }

  finish(request: VerifyRequest): VerifyResult {
    this.#readingStart[this.count] = this.#readings;
    const readingStart = this.#readingStart;
    const { ids, prevs, refusal, hasPrev, kind, sealed, epoch, seq, subject, issuer } = this;
    const columns = {
      arrivalMs: request.arrivalMs,
      refusal,
      ids,
      prevs,
      hasPrev,
      kind,
      class: this.class,
      sealed,
      epoch,
      seq,
      subject,
      issuer,
      readingStart,
      readingName: this.#names.slice(0, this.#readings),
      readingTimeMs: this.#times.slice(0, this.#readings),
      readingValue: this.#values.slice(0, this.#readings),
    };
    return {
      type: 'verified',
      batch: request.batch,
      count: this.count,
      buffer: request.buffer,
      offsets: request.offsets,
      ...columns,
      words: this.#words,
      texts: this.#texts,
      messages: this.#messages,
      supersedes: this.#supersedes,
      transfer: [request.buffer, request.offsets.buffer, ...Object.values(columns).map((column) => column.buffer)],
    };
  }
}

function grow<T extends Uint32Array | Float64Array>(from: T, to: T): T {
  to.set(from);
  return to;
}
