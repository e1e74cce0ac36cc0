// Work that is done whenever there is some. What there is to do is never remembered here: it is looked up, and the look
// that finds nothing and the loop's end are one turn of the event loop. So no wake-up can come between the two and be
// lost, whatever happens in which order; and a step that fails is tried again, never given up.
import type { Timers } from './time.ts';

export type Step = {
  /** not before so many milliseconds from now, unless something wakes the loop and the look then says otherwise */
  readonly inMs: number;
  readonly run: () => Promise<void>;
};

export type LoopOptions = {
  /** what to do next, or undefined: nothing until something wakes the loop */
  readonly look: () => Step | undefined;
  readonly timers: Timers;
  /** pause after a step that failed; wake-ups do not shorten it */
  readonly backoffMs: number;
};

/**
 * One step at a time.
 *
 * @example
 * const loop = new Loop({ look: () => (queue.length > 0 ? { inMs: 0, run: takeOne } : undefined), timers, backoffMs: 500 });
 * queue.push(item);
 * loop.wake();
 */
export class Loop {
  #options: LoopOptions;
  #state: 'idle' | 'waiting' | 'running' | 'backing off' = 'idle';
  #timer: unknown;
  #stopped = false;
  #failure: string | undefined;
  #atEnd: (() => void)[] = [];

  constructor(options: LoopOptions) {
    this.#options = options;
  }

  /** Something has changed that the look may depend on. */
  wake(): void {
    if (this.#stopped) return;
    // While a step runs nothing need be done: the next look follows it. A pause after a failure is kept, for the same
    // reason.
    if (this.#state === 'idle' || this.#state === 'waiting') this.#next();
  }

  /** Why the last step failed, in words; undefined once one has succeeded. */
  get failure(): string | undefined {
    return this.#failure;
  }

  /** Resolves when the step under way, if any, has ended; no other is begun. */
  stop(): Promise<void> {
    this.#stopped = true;
    if (this.#state === 'running') return new Promise((resolve) => this.#atEnd.push(resolve));
    this.#rest();
    return Promise.resolve();
  }

  #rest(): void {
    if (this.#timer !== undefined) this.#options.timers.clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#state = 'idle';
    for (const done of this.#atEnd.splice(0)) done();
  }

  #next(): void {
    this.#rest();
    if (this.#stopped) return;
    let step: Step | undefined;
    try {
      step = this.#options.look();
    } catch (error) {
      this.#failed(error);
      return;
    }
    if (step === undefined) return;
    const { run, inMs } = step;
    if (inMs > 0) this.#after(inMs, 'waiting', () => this.#run(run));
    else this.#run(run);
  }

  #run(run: () => Promise<void>): void {
    this.#state = 'running';
    const running = (async () => run())(); // so that an error thrown at once is one of the step, too
    running.then(
      () => {
        this.#failure = undefined;
        this.#next();
      },
      (error: unknown) => this.#failed(error),
    );
  }

  #failed(error: unknown): void {
    this.#failure = error instanceof Error ? error.message : String(error);
    this.#rest();
    if (!this.#stopped) this.#after(this.#options.backoffMs, 'backing off', () => this.#next());
  }

  #after(ms: number, state: 'waiting' | 'backing off', then: () => void): void {
    this.#state = state;
    this.#timer = this.#options.timers.setTimeout(() => {
      this.#timer = undefined;
      then();
    }, ms);
  }
}
