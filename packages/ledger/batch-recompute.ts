// A batch's root, recomputed on the chain step by step: each step as many rows as a transaction takes.
import { type BatchRow, type Intent, type Positions, readChunk } from '@trine/protocol';
import { type Recomputed, recomputeCall } from './batches.ts';
import type { Call } from './contracts.ts';

/** Calldata of one step, bytes: nodes relay 128 kB. So much costs less than half of the 2^24 gas that one may use. */
const BYTES_MAX = 126_000;
/** What there is in it beside rows, positions and nodes. */
const BYTES_BESIDE = 1_000;

export type RootStepsOptions = {
  readonly intent: Intent;
  /** all of them */
  readonly chunks: readonly Uint8Array[];
  /** those before it; they are not changed */
  readonly positions: Positions;
  /** calldata of a step, as long as it has more than a row; default 126,000 */
  readonly bytesMax?: number | undefined;
};
type Done = Pick<Recomputed, 'chunks' | 'rows'>;

/**
 * The steps of one batch. Memory: its rows, and positions of its own.
 *
 * @example
 * const call = new RootSteps({ intent, chunks, positions }).after({ chunks: 0, rows: 0 });
 */
export class RootSteps {
  readonly #intent: Intent;
  readonly #chunks: readonly Uint8Array[];
  readonly #before: Positions;
  readonly #rows: readonly BatchRow[];
  /** Where each chunk begins in them, and where the last ends. */
  readonly #starts: readonly number[];
  /** The positions with so many rows of them. */
  #tree: Positions;
  #taken = 0;
  readonly #bytesMax: number;

  constructor({ intent, chunks, positions, bytesMax = BYTES_MAX }: RootStepsOptions) {
    this.#intent = intent;
    this.#chunks = chunks;
    this.#before = positions;
    this.#bytesMax = bytesMax;
    this.#tree = positions.clone();
    const [rows, starts]: [BatchRow[], number[]] = [[], [0]];
    for (const chunk of chunks) {
      for (const row of readChunk(chunk, rows.at(-1)?.number ?? 0)) rows.push(row);
      starts.push(rows.length);
    }
    [this.#rows, this.#starts] = [rows, starts];
  }

  /** How many rows there are. */
  get count(): number {
    return this.#rows.length;
  }

  /** How many rows that is. */
  countOf({ chunks, rows }: Done): number {
    return (this.#starts[chunks] ?? 0) + rows;
  }

  /** The step that comes after what is done, or undefined where all is. */
  after(done: Done): Call | undefined {
    const [chunk, end] = [this.#chunks[done.chunks], this.#starts[done.chunks + 1]];
    if (chunk === undefined || end === undefined) return undefined;
    const from = this.countOf(done);
    this.#take(from);
    const rest = this.#rows.slice(from, end);
    const stepOf = (count: number) => {
      const numbers = rest.slice(0, count).map(({ number }) => number);
      return { rows: chunk, before: numbers.map((n) => this.#tree.of(n)), path: this.#tree.pathBeside(numbers) };
    };
    const fits = ({ before, path }: ReturnType<typeof stepOf>) =>
      BYTES_BESIDE + chunk.length + 32 * (before.length + path.length) <= this.#bytesMax;
    let step = stepOf(rest.length);
    if (!fits(step)) {
      // A row more never takes less: between what fits and what does not is where it ends.
      let [low, high] = [1, rest.length];
      while (high - low > 1) {
        const middle = (low + high) >>> 1;
        if (fits(stepOf(middle))) low = middle;
        else high = middle;
      }
      step = stepOf(low);
    }
    return recomputeCall(this.#intent, step);
  }

  #take(count: number): void {
    // Fewer than before: blocks were taken back.
    if (count < this.#taken) [this.#tree, this.#taken] = [this.#before.clone(), 0];
    this.#tree.apply(this.#rows.slice(this.#taken, count));
    this.#taken = count;
  }
}
