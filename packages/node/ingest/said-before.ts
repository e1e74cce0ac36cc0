// What the log says already: a broker hands a message that it kept to whoever comes, as often as they come.
import type { Reading } from '@trine/protocol';
import type { ProjectionRunner } from '../projections/runner.ts';
import type { Store } from '../projections/tables/store.ts';

/** Tells whether the log has a reading of this quantity of this thing at this time. */
export function saidBefore(
  store: Store,
  runner: ProjectionRunner,
): (subject: string, reading: Reading) => Promise<boolean> {
  return async (subject, { quantity, timeMs }) => {
    await runner.flush();
    const found = await store.query(
      `SELECT 1 AS found FROM streams JOIN (
         SELECT stream, event_ms FROM readings UNION ALL SELECT stream, event_ms FROM texts) USING (stream)
       WHERE subject = $1 AND quantity = $2 AND event_ms = $3 LIMIT 1`,
      [subject, quantity, timeMs],
    );
    return found.length > 0;
  };
}
