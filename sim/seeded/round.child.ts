// Runs the rounds that it is told, one after the other, and says what became of each. Started by rounds.ts.
import { runSeed } from './world.ts';

/** A line each of what happened before it failed. */
const EVENTS_MAX = 200;

export interface Told {
  readonly seed: number;
  readonly lengthMs: number;
  readonly isThorough: boolean;
}

process.on('message', async ({ seed, lengthMs, isThorough }: Told) => {
  const events: string[] = [];
  const tell = (what: string) => {
    events.push(what);
    if (events.length > EVENTS_MAX) events.shift();
  };
  const beganMs = performance.now();
  const problem = await runSeed({ seed, lengthMs, isThorough, tell }).then(
    (run) => {
      process.send?.({ seed, run, ms: performance.now() - beganMs });
    },
    (error: unknown) => (error instanceof Error ? (error.stack ?? error.message) : String(error)),
  );
  if (problem !== undefined) process.send?.({ seed, problem, events, ms: performance.now() - beganMs });
});
process.on('disconnect', () => process.exit());
