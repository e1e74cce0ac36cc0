// How far a series may go and still be believed where nobody looks at it for its own sake: where methods are chosen, and
// where it helps another.
import { config } from './config.ts';
import type { Window } from './history.ts';

export type Limits = readonly [low: number, high: number];

/**
 * Limits of each series: `config.reach` times as far from its usual values as those lie apart. A few values beyond (a
 * fault, a code for "no value" that nobody listed) would else outweigh all the others.
 */
export const limitsOf = ({ y }: Window): Limits[] => y.map(limitsOfSeries);

function limitsOfSeries(y: Float64Array): Limits {
  const stride = Math.max(1, Math.floor(y.length / config.limitValues));
  const sorted = Float64Array.from({ length: Math.floor(y.length / stride) }, (_, k) => y[k * stride]!).sort();
  const off = Math.floor(config.limitShare * sorted.length);
  const [low, high] = [sorted[off] ?? 0, sorted[sorted.length - 1 - off] ?? 0];
  // Nearly always the same: what is rare is what it tells.
  if (low === high) return [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY];
  const room = config.reach * (high - low);
  return [low - room, high + room];
}

/** The values, each beyond the limits replaced by the last one within; the same array where none is beyond. */
export function within(y: Float64Array, [low, high]: Limits): Float64Array {
  const beyond = (x: number): boolean => x < low || x > high;
  if (!y.some(beyond)) return y;
  let last = y.find((x) => !beyond(x)) ?? (low + high) / 2;
  return y.map((x) => {
    if (!beyond(x)) last = x;
    return last;
  });
}

/** The window with what lies beyond the limits as missing; the same window where nothing does. */
export function windowWithin(window: Window, limits: readonly Limits[]): Window {
  const y = window.y.map((values, i) => within(values, limits[i]!));
  if (y.every((values, i) => values === window.y[i])) return window;
  const missing = window.missing.map((flags, i) => flags.map((flag, t) => (y[i]![t] === window.y[i]![t] ? flag : 1)));
  return { ...window, y, missing };
}
