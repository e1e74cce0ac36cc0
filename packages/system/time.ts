// Clock and timers, given to whatever needs them: so that tests and simulations run on a time of their own.

/** A timer that was set. */
export interface Timer {
  cancel(): void;
}

export interface Timers {
  setTimeout(work: () => void, ms: number): Timer;
  setInterval(work: () => void, ms: number): Timer;
  /** In the next turn of the event loop, after what waits there already. */
  setImmediate(work: () => void): void;
  /** Milliseconds since some moment; they never go back and nobody can set them. */
  elapsed(): number;
}

/** Milliseconds since 1970. */
export type Clock = () => number;

/** The machine's own. */
export const systemClock: Clock = () => Date.now();

/** The machine's own; they keep no process alive that has nothing else to do. */
export const systemTimers: Timers = {
  setTimeout(work, ms) {
    const timer = setTimeout(work, ms);
    return { cancel: () => clearTimeout(timer) };
  },
  setInterval(work, ms) {
    const timer = setInterval(work, ms);
    return { cancel: () => clearInterval(timer) };
  },
  setImmediate(work) {
    setImmediate(work);
  },
  elapsed: () => performance.now(),
};

/** Lets other work run first. */
export function nextTurn(timers: Pick<Timers, 'setImmediate'>): Promise<void> {
  return new Promise((resolve) => timers.setImmediate(resolve));
}

/** Resolves after so many milliseconds. */
export function sleep(timers: Pick<Timers, 'setTimeout'>, ms: number): Promise<void> {
  return new Promise((resolve) => {
    timers.setTimeout(resolve, ms);
  });
}
