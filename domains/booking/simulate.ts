// A seeded day of people and bicycles: who books when, how long it is used, who never comes and who cancels.
import { uniform } from '@trine/models/random.ts';

export type SimulatedEvent =
  | { readonly kind: 'book'; readonly minutes: number; readonly latestStartMs: number }
  | { readonly kind: 'cancel' }
  | { readonly kind: 'start' }
  | { readonly kind: 'end' };

/** One thing that happens: who or what says it, about which booking of the day. */
export type SimulatedStep = SimulatedEvent & {
  readonly timeMs: number;
  readonly booking: number;
  readonly person: string;
  readonly resource: string;
};

const MINUTE_MS = 60_000;

/**
 * @param seed any integer; the same seed gives the same day
 * @returns in the order of time
 */
export function simulateDay(
  seed: number,
  startMs: number,
  { people = 20, resources = 8, bookings = 40 }: { people?: number; resources?: number; bookings?: number } = {},
): SimulatedStep[] {
  const random = uniform(seed);
  const upTo = (n: number) => Math.floor(random() * n);
  const steps: SimulatedStep[] = [];
  for (let booking = 0; booking < bookings; booking++) {
    const who = { booking, person: `person/${upTo(people)}`, resource: `bicycle/${upTo(resources)}` };
    // Most between seven and twenty o'clock.
    const timeMs = startMs + (420 + upTo(780)) * MINUTE_MS + upTo(MINUTE_MS);
    const minutes = 10 + 5 * upTo(20);
    const latestStartMs = timeMs + 15 * MINUTE_MS;
    steps.push({ ...who, kind: 'book', timeMs, minutes, latestStartMs });
    const chance = random();
    const begunMs = timeMs + (1 + upTo(9)) * MINUTE_MS;
    if (chance < 0.1) continue;
    if (chance < 0.2) {
      steps.push({ ...who, kind: 'cancel', timeMs: begunMs });
      continue;
    }
    steps.push({ ...who, kind: 'start', timeMs: begunMs });
    const used = Math.max(1, Math.round(minutes * (0.4 + 0.8 * random())));
    // Now and then a lock is out of reach when it is given back.
    if (chance < 0.97) steps.push({ ...who, kind: 'end', timeMs: begunMs + used * MINUTE_MS });
  }
  return steps.sort((a, b) => a.timeMs - b.timeMs || a.booking - b.booking);
}
