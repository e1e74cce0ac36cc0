// A seeded cold room for demonstrations and tests: it stays cold, but for the hours in which its door is left open.
import { uniform } from '@trine/models/random.ts';
import type { Reading } from '@trine/protocol';

export interface OpenDoor {
  readonly fromMs: number;
  readonly toMs: number;
}

/**
 * @param seed any integer; the same seed gives the same readings
 * @returns a function to the reading of a moment; moments are asked for in order
 */
export function simulateColdRoom(seed: number, doors: readonly OpenDoor[] = []): (timeMs: number) => Reading {
  const random = uniform(seed);
  let degrees = 4;
  return (timeMs) => {
    const isOpen = doors.some(({ fromMs, toMs }) => timeMs >= fromMs && timeMs < toMs);
    degrees += 0.3 * ((isOpen ? 16 : 4) - degrees) + 0.2 * (random() - 0.5);
    return { quantity: 'temperature', unit: 'Cel', timeMs, value: Math.round(degrees * 10) / 10 };
  };
}
