// Silence among live points, as the node marks it in the past.
import type { Point } from '../api/live.ts';
import type { SeriesView } from '../api/types.ts';

/** As the node does: a silence is so many times as long as usual. */
const SILENCE = 3;

interface Place {
  readonly timeMs: number;
  /** null: no line belongs here. */
  readonly value: number | null;
}

/** Live points, with a place for each silence between them and before them. */
export function withSilences(
  points: readonly Point[],
  past: Pick<SeriesView, 'timeMs' | 'usualMs' | 'bucketMs'> | undefined,
): readonly Place[] {
  const usualMs = past?.usualMs;
  if (usualMs === undefined) return points;
  const pastMs = past?.timeMs.at(-1);
  // The time of a bucket is that of its first reading: its last may be nearly a bucket later.
  let beforeMs = pastMs === undefined ? undefined : pastMs + (past?.bucketMs ?? 0);
  return points.flatMap(({ timeMs, value }) => {
    const isLate = beforeMs !== undefined && timeMs - beforeMs > SILENCE * usualMs;
    const middle = isLate ? [{ timeMs: Math.floor(((beforeMs as number) + timeMs) / 2), value: null }] : [];
    beforeMs = timeMs;
    return [...middle, { timeMs, value }];
  });
}
