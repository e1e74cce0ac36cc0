// Time is given: a simulation passes its own clock and timers, and a run with the same seed is the same run. This is
// the one file of the ledger that knows the machine's, besides what starts and speaks with a real chain's process.

export interface Clock {
  /** Unix time in whole milliseconds */
  now(): number;
}

/** One-shot timers, in the form the platform gives them, and how long anything took. */
export interface Timers {
  setTimeout(callback: () => void, ms: number): unknown;
  /** @param timer what setTimeout returned */
  clearTimeout(timer: unknown): void;
  /** Milliseconds since some moment, while this machine was awake; they never go back and nobody can set them. */
  elapsed(): number;
}

export const systemClock: Clock = { now: () => Date.now() };

export const systemTimers: Timers = {
  setTimeout: (callback, ms) => setTimeout(callback, ms),
  clearTimeout: (timer) => clearTimeout(timer as NodeJS.Timeout),
  elapsed: () => performance.now(),
};

/** Resolves after so many milliseconds of these timers. */
export function sleep(timers: Timers, ms: number): Promise<void> {
  return new Promise((resolve) => {
    timers.setTimeout(resolve, ms);
  });
}
