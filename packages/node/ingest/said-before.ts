// What the log says already: a broker hands a message that it kept to whoever comes, as often as they come.
import type { Reading } from '@trine/protocol';
import type { ProjectionRunner } from '../projections/runner.ts';
import type { Store } from '../projections/tables/store.ts';

/** Tells whether the log has this reading of this thing: of the quantity, at the time, with the value. */
export function saidBefore(
  store: Store,
  runner: ProjectionRunner,
): (subject: string, reading: Reading) => Promise<boolean> {
  return async (subject, { quantity, timeMs, value }) => {
    const isText = typeof value === 'string';
    await runner.flush();
    const found = await store.query(
      `SELECT 1 AS found FROM streams JOIN ${isText ? 'texts' : 'readings'} USING (stream)
       WHERE subject = $1 AND quantity = $2 AND event_ms = $3 AND value = $4 LIMIT 1`,
      [subject, quantity, timeMs, isText ? value : Number(value)],
    );
    return found.length > 0;
  };
}
