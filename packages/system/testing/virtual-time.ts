// Time for simulations: it moves only when nothing is left to do, and everything that takes time is a task here. One task
// runs after the other, with all the promises that follow from it; so a run depends on nothing but its seed.
import { setImmediate as turn } from 'node:timers/promises';
import type { Clock, Timer, Timers } from '../time.ts';

interface Task {
  readonly atMs: number;
  readonly number: number;
  readonly life: Life | undefined;
  readonly work: () => unknown;
  isCancelled: boolean;
}

/** What tasks belong to: those of a process that is gone are never run. */
export interface Life {
  readonly isOver: boolean;
}

export class VirtualTime {
  #elapsedMs = 0;
  /** What clocks went on by while all slept. */
  #sleptMs = 0;
  #count = 0;
  /** By time, then in the order they were set. */
  readonly #tasks: Task[] = [];
  readonly #beganMs: number;
  /** Called before each task. */
  beforeTask: (() => void) | undefined;

  readonly #onError: (error: unknown) => void;

  /**
   * @param beganMs milliseconds since 1970
   * @param onError what nothing caught; by default it ends the wait for something
   */
  constructor(
    beganMs: number,
    onError: (error: unknown) => void = (error) => {
      throw error;
    },
  ) {
    this.#onError = onError;
    this.#beganMs = beganMs;
  }

  /** Milliseconds since the beginning. */
  get elapsedMs(): number {
    return this.#elapsedMs;
  }

  /** What a clock that is right shows. */
  readonly now: Clock = () => Math.floor(this.#beganMs + this.#sleptMs + this.#elapsedMs);

  /**
   * All sleep for so long, as machines do that are suspended: clocks go on, and neither timers nor what counts elapsed time
   * does (CLOCK_MONOTONIC of Linux). An hour costs nothing.
   */
  sleep(ms: number): void {
    this.#sleptMs += ms;
  }

  /** @param work a promise it returns is waited for before any other task: it may be real work of other threads */
  after(ms: number, work: Task['work'], life?: Life): Timer {
    const task: Task = {
      atMs: this.#elapsedMs + Math.max(0, ms),
      number: this.#count++,
      life,
      work,
      isCancelled: false,
    };
    let [from, to] = [0, this.#tasks.length];
    while (from < to) {
      const middle = (from + to) >> 1;
      if ((this.#tasks[middle] as Task).atMs <= task.atMs) from = middle + 1;
      else to = middle;
    }
    this.#tasks.splice(from, 0, task);
    return {
      cancel: () => {
        task.isCancelled = true;
      },
    };
  }

  /** The timers of a process. */
  timers(life?: Life): Timers {
    return {
      setTimeout: (work, ms) => this.after(ms, work, life),
      setInterval: (work, ms) => {
        let timer: Timer | undefined;
        const again = () => {
          timer = this.after(ms, again, life);
          work();
        };
        timer = this.after(ms, again, life);
        return { cancel: () => timer?.cancel() };
      },
      setImmediate: (work) => {
        this.after(0, work, life);
      },
      elapsed: () => this.#elapsedMs,
    };
  }

  /** Does something that takes time, at once as far as others can see, and then goes on. */
  takes<T>(ms: number, work: () => T | Promise<T>, life?: Life): Promise<T> {
    return new Promise((resolve, reject) => {
      this.after(ms, () => Promise.resolve().then(work).then(resolve, reject), life);
    });
  }

  /** Lets time pass until something holds. @returns false: it did not within the limit, or nothing is left to do */
  async until(holds: () => boolean, limitMs: number): Promise<boolean> {
    const endMs = this.#elapsedMs + limitMs;
    await turn();
    while (!holds()) {
      const task = this.#tasks[0];
      if (task === undefined || task.atMs > endMs) {
        this.#elapsedMs = endMs;
        return false;
      }
      this.#tasks.shift();
      this.beforeTask?.();
      if (task.isCancelled || task.life?.isOver) continue;
      this.#elapsedMs = Math.max(this.#elapsedMs, task.atMs);
      try {
        await task.work();
      } catch (error) {
        this.#onError(error);
      }
      // All promises that follow from it are done when the event loop turns.
      await turn();
    }
    return true;
  }
}
