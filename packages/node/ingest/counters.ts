/** Counts by reason: what a transport refused, dropped or closed, and why. */
export class Counters {
  readonly #counts = new Map<string, number>();

  count(reason: string, by = 1): void {
    this.#counts.set(reason, (this.#counts.get(reason) ?? 0) + by);
  }

  get(reason: string): number {
    return this.#counts.get(reason) ?? 0;
  }

  entries(): [reason: string, count: number][] {
    return [...this.#counts];
  }
}
