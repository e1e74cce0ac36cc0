// What a column read as times looks like: how much of it is readable, whether it changes, runs one way, and is dense.
// Memory does not grow with rows.

const STEPS_MAX = 64;
/** A step this many times the usual one is a gap: in the wrong order of day and month, months are such. */
const GAP = 16;
const MONTH_MS_MIN = 28 * 86_400_000;
const MONTH_MS_MAX = 31 * 86_400_000;

export class Measure {
  /** Rows whose cells are not empty. */
  rows = 0;
  readable = 0;
  /** Readable, but ahead of now: no measured time is. */
  ahead = 0;
  ups = 0;
  downs = 0;
  /** Rows at the moment of the row before, of the same thing where things are known. */
  alike = 0;
  firstMs = Number.NaN;
  #lastMs = Number.NaN;
  /** Steps by power of two: how many, and how long together. */
  readonly #counts = new Array<number>(64).fill(0);
  readonly #sums = new Array<number>(64).fill(0);
  /** Steps by length, the first of them. */
  readonly #steps = new Map<number, number>();

  get lastMs(): number {
    return this.#lastMs;
  }

  add(ms: number, nowMs: number): void {
    this.readable++;
    if (ms > nowMs) this.ahead++;
    if (Number.isNaN(this.#lastMs)) this.firstMs = ms;
    else this.#step(ms - this.#lastMs);
    this.#lastMs = ms;
  }

  #step(step: number): void {
    if (step === 0) {
      this.alike++;
      return;
    }
    if (step > 0) this.ups++;
    else this.downs++;
    const length = Math.abs(step);
    const bucket = Math.floor(Math.log2(length));
    this.#counts[bucket] = (this.#counts[bucket] as number) + 1;
    this.#sums[bucket] = (this.#sums[bucket] as number) + length;
    // Months are of one length for people.
    const key = length >= MONTH_MS_MIN && length <= MONTH_MS_MAX && length % 86_400_000 === 0 ? 'month' : step;
    const known = this.#steps.get(key as number);
    if (known !== undefined || this.#steps.size < STEPS_MAX) this.#steps.set(key as number, (known ?? 0) + 1);
  }

  get changes(): number {
    return this.ups + this.downs;
  }

  /** Share of the cells that are times, none of them ahead of now. */
  get share(): number {
    return this.rows === 0 ? 0 : (this.readable - this.ahead) / this.rows;
  }

  /** Share of the steps that go the way most go. */
  get oneWay(): number {
    return this.changes === 0 ? 1 : Math.max(this.ups, this.downs) / this.changes;
  }

  /** Share of the rows that are at another moment than the row before. */
  get change(): number {
    return this.readable < 2 ? 1 : this.changes / (this.readable - 1);
  }

  /** Share of the time gone through that does not lie in gaps. */
  get density(): number {
    const total = this.#sums.reduce((sum, one) => sum + one, 0);
    if (total === 0) return 1;
    let seen = 0;
    const usual = this.#counts.findIndex((count) => {
      seen += count;
      return seen * 2 >= this.changes;
    });
    const gaps = this.#sums.slice(usual + Math.log2(GAP)).reduce((sum, one) => sum + one, 0);
    return 1 - gaps / total;
  }

  /** Share of the steps that are as long as the most frequent one. */
  get regularity(): number {
    return this.changes === 0 ? 1 : Math.max(0, ...this.#steps.values()) / this.changes;
  }
}
