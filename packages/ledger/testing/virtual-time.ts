// A clock and timers for tests: time stands still until the test moves it.
import { setImmediate as turn } from 'node:timers/promises';
import type { Clock, Timers } from '../time.ts';

type Timer = { readonly at: number; readonly number: number; readonly callback: () => void };

export class VirtualTime implements Clock, Timers {
  #now: number;
  /** how far ahead of the time that passes the clock was set */
  #setBy = 0;
  #timers: Timer[] = [];
  #count = 0;

  constructor(now = 1_700_000_000_000) {
    this.#now = now;
  }

  now(): number {
    return Math.floor(this.#now);
  }

  elapsed(): number {
    return this.#now - this.#setBy;
  }

  setTimeout(callback: () => void, ms: number): Timer {
    const timer = { at: this.#now + Math.max(0, ms), number: this.#count++, callback };
    this.#timers.push(timer);
    return timer;
  }

  clearTimeout(timer: unknown): void {
    this.#timers = this.#timers.filter((one) => one !== timer);
  }

  /** How many timers are set. */
  get waiting(): number {
    return this.#timers.length;
  }

  /** Moves on to the next timer and calls it. @returns false where none is set until then */
  fire(until = Number.POSITIVE_INFINITY): boolean {
    const [next] = this.#timers.sort((a, b) => a.at - b.at || a.number - b.number);
    if (next === undefined || next.at > until) return false;
    this.clearTimeout(next);
    this.#now = Math.max(this.#now, next.at);
    next.callback();
    return true;
  }

  /** Sets the clock, as the machine's owner may; timers are not touched by it. */
  set(now: number): void {
    const by = now - this.#now;
    this.#timers = this.#timers.map((timer) => Object.assign(timer, { at: timer.at + by }));
    this.#now = now;
    this.#setBy += by;
  }

  /** Lets time pass, with everything that waits for nothing but time and promises. */
  async pass(ms: number): Promise<void> {
    const until = this.#now + ms;
    do await turn();
    while (this.fire(until));
    this.#now = until;
    await turn();
  }

  /** Lets time pass until something holds. @throws when it does not within the limit */
  async until(what: string, holds: () => boolean | Promise<boolean>, limitMs = 600_000): Promise<void> {
    for (const limit = this.#now + limitMs; this.#now <= limit; ) {
      await turn();
      if (await holds()) return;
      if (!this.fire(limit)) this.#now += 1_000;
    }
    throw new Error(`Not within ${limitMs} ms: ${what}.`);
  }
}
