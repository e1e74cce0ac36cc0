/** Lets callers wait until a size is reached. */
export class Watermark<T> {
  #waiting: { size: number; resolve: (value: T) => void; reject: (error: Error) => void }[] = [];

  /** Resolves at the first {@link advance} that reaches `size`. The caller has checked that it is not reached yet. */
  wait(size: number): Promise<T> {
    return new Promise((resolve, reject) => this.#waiting.push({ size, resolve, reject }));
  }

  advance(size: number, value: T): void {
    const waiting = this.#waiting;
    this.#waiting = waiting.filter((waiter) => waiter.size > size);
    for (const waiter of waiting) if (waiter.size <= size) waiter.resolve(value);
  }

  /** Rejects all who wait. */
  fail(error: Error): void {
    for (const waiter of this.#waiting.splice(0)) waiter.reject(error);
  }
}
