// Clock and timers, given to whatever needs them: so that tests and simulations run on a time of their own.

/** A timer that was set. */
export interface Timer {
  cancel(): void;
}

export interface Timers {
  setTimeout(work: () => void, ms: number): Timer;
  setInterval(work: () => void, ms: number): Timer;
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
};
