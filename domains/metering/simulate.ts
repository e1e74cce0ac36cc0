// Seeded homes for demonstrations and tests: a daily profile, and on demand days without readings or a replaced meter.
import { uniform } from '@trine/models/random.ts';
import type { Reading } from '@trine/protocol';

const HOUR_MS = 3_600_000;
/** Share of the day's energy in each hour of the clock, per mille: a night's rest, breakfast, and the evening. */
const PROFILE = [18, 14, 12, 11, 12, 18, 38, 52, 46, 38, 36, 40, 46, 42, 36, 36, 42, 58, 80, 92, 84, 66, 47, 36];

export interface SimulatedHome {
  /** What the counter shows; undefined while the meter is silent. */
  counter(timeMs: number): Reading | undefined;
  /** What was used in the hour that begins then. */
  hour(timeMs: number): Reading | undefined;
}

export interface HomeTrouble {
  readonly kind: 'silent' | 'replaced';
  readonly fromMs: number;
  /** Of a silence. */
  readonly toMs?: number;
}

/**
 * @param seed any integer; the same seed gives the same home
 * @param startMs when its counter stood at `startKwh`; hours must be asked for in order
 */
export function simulateHome(
  seed: number,
  startMs: number,
  { startKwh = 1_000, trouble = [] }: { readonly startKwh?: number; readonly trouble?: readonly HomeTrouble[] } = {},
): SimulatedHome {
  const random = uniform(seed);
  const wattHoursADay = 4_000 + Math.floor(random() * 9_000);
  const used = (hour: number) => {
    const noise = uniform(seed * 7_919 + hour)();
    return Math.floor((wattHoursADay * (PROFILE[hour % 24] as number) * (0.6 + 0.8 * noise)) / 1_000);
  };
  const isSilent = (timeMs: number) =>
    trouble.some(({ kind, fromMs, toMs = 0 }) => kind === 'silent' && timeMs >= fromMs && timeMs < toMs);
  let atMs = startMs;
  let wattHours = startKwh * 1_000;
  return {
    counter(timeMs) {
      for (; atMs < timeMs; atMs += HOUR_MS) {
        if (trouble.some(({ kind, fromMs }) => kind === 'replaced' && fromMs >= atMs && fromMs < atMs + HOUR_MS))
          wattHours = 0;
        wattHours += used(Math.floor(atMs / HOUR_MS));
      }
      return isSilent(timeMs) ? undefined : { quantity: 'energy/total', unit: 'kWh', timeMs, value: wattHours / 1_000 };
    },
    hour: (timeMs) =>
      isSilent(timeMs)
        ? undefined
        : { quantity: 'energy/interval', unit: 'kWh', timeMs, value: used(Math.floor(timeMs / HOUR_MS)) / 1_000 },
  };
}
