// A seeded computer for demonstrations and tests: daily load, noise, and on demand a silence or a fault.
import { uniform } from '@trine/models/random.ts';
import type { Reading } from '@trine/protocol';

export interface SimulatedMachine {
  /** The readings of one moment; undefined while the machine is silent. */
  read(timeMs: number): Reading[] | undefined;
}

export interface Disturbance {
  readonly fromMs: number;
  readonly toMs: number;
  readonly kind: 'silence' | 'fault';
}

/**
 * @param seed any integer; the same seed gives the same readings
 * @param disturbances when the machine is silent or out of order
 */
export function simulateMachine(seed: number, disturbances: readonly Disturbance[] = []): SimulatedMachine {
  const random = uniform(seed);
  let load = 0.2;
  return {
    read(timeMs) {
      const now = disturbances.find(({ fromMs, toMs }) => timeMs >= fromMs && timeMs < toMs);
      const hour = (timeMs / 3_600_000) % 24;
      const usual = hour > 8 && hour < 18 ? 0.5 : 0.2;
      load += 0.1 * (usual - load) + 0.02 * (random() - 0.5);
      if (now?.kind === 'silence') return undefined;
      const shown = now?.kind === 'fault' ? 0.99 : Math.min(1, Math.max(0, load));
      return [
        { quantity: 'cpu/load', unit: '/', timeMs, value: Math.round(shown * 1e4) / 1e4 },
        { quantity: 'memory/used', unit: '/', timeMs, value: Math.round((0.4 + 0.05 * random()) * 1e4) / 1e4 },
      ];
    },
  };
}
