// How long the log may give no sign of life before an obligation is held for it, where nobody said otherwise.
import type { Trigger } from '@trine/engine';

/** A heartbeat comes every five seconds; one may be late. */
const GAP_MS_MIN = 10_000;
const GAP_MS_MAX = 60_000;

/**
 * A quarter of the shortest window, within 10 s and a minute: what an outage hides that is not noticed must be no more than
 * what may be missing of a window.
 */
export function heartbeatGapMs(triggers: readonly Trigger[]): number {
  const lengths = triggers.flatMap((trigger) => (trigger.on === 'window' ? [trigger.lengthMs / 4] : []));
  return Math.max(GAP_MS_MIN, Math.floor(Math.min(GAP_MS_MAX, ...lengths)));
}
