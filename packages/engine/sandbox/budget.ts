// How much a bundle may take in all: one question is bounded by itself, but there may be many.

export interface BudgetOptions {
  /** Fuel that can be taken at once. */
  readonly capacity: bigint;
  /** Fuel that comes back with time; none where nobody waits. */
  readonly perSecond: bigint;
  /** Milliseconds that pass. */
  readonly now: () => number;
}

const HUNGRY_FACTOR = 50n;

/** For one file that is checked: some ten seconds of the slowest bundle. */
export const oneFile: BudgetOptions = { capacity: 4_000_000_000n, perSecond: 0n, now: () => 0 };

/** For a node, beside everything else that it does: at once what ten thousand lines take, then a part of the time. */
export function beside(now: () => number): BudgetOptions {
  return { capacity: 20_000_000_000n, perSecond: 100_000_000n, now };
}

/** A tank that is filled by time. */
export class Budget {
  readonly #options: BudgetOptions;
  #left: bigint;
  #atMs: number;

  constructor(options: BudgetOptions) {
    this.#options = options;
    this.#left = options.capacity;
    this.#atMs = options.now();
  }

  get isSpent(): boolean {
    const { now, perSecond, capacity } = this.#options;
    const nowMs = now();
    const passedMs = BigInt(Math.max(0, Math.floor(nowMs - this.#atMs)));
    this.#atMs = nowMs;
    this.#left += (passedMs * perSecond) / 1_000n;
    if (this.#left > capacity) this.#left = capacity;
    return this.#left <= 0n;
  }

  /** @param isHungry it took about as much as a question may: that is no honest one, and counts many times */
  take(fuel: bigint, isHungry: boolean): void {
    this.#left -= isHungry ? fuel * HUNGRY_FACTOR : fuel;
  }
}
