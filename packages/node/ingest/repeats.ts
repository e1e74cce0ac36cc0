// Messages that come twice: MQTT delivers "at least once", and two gateways hear one radio message. Which are the same their
// name says; whoever sends the same again within a while is told what became of the first.

/** Between a message and its repeats lie seconds; a while more for what a gateway kept while its line was down. */
export const REMEMBERED_MS = 600_000;
const REMEMBERED_MAX = 100_000;

interface Recent {
  readonly untilMs: number;
  readonly done: Promise<void>;
}

export class Repeats {
  /** By name, the oldest first. */
  readonly #recent = new Map<string, Recent>();

  /**
   * Does the work for the first message of a name. One that failed is none: the next of its name is the first again.
   * @returns what became of the first one
   */
  once(name: string, nowMs: number, work: () => Promise<void>): { readonly isRepeat: boolean; done: Promise<void> } {
    const known = this.#recent.get(name);
    if (known !== undefined && nowMs < known.untilMs) return { isRepeat: true, done: known.done };
    this.#recent.delete(name);
    this.#forget(nowMs);
    const done = work();
    const recent = { untilMs: nowMs + REMEMBERED_MS, done };
    this.#recent.set(name, recent);
    done.catch(() => {
      if (this.#recent.get(name) === recent) this.#recent.delete(name);
    });
    return { isRepeat: false, done };
  }

  #forget(nowMs: number): void {
    for (const [name, { untilMs }] of this.#recent) {
      if (nowMs < untilMs && this.#recent.size < REMEMBERED_MAX) return;
      this.#recent.delete(name);
    }
  }
}
