// Restore: key directory, hash chains and streams as they were, from the store's tables.

import type { Log } from '@trine/log/types.ts';
import { decodeLeaf, parseStatement, statementKinds } from '@trine/protocol';
import { sequenceFlags } from '../ingest/batch.ts';
import type { KeyDirectory } from './keys.ts';
import type { SequencePlace } from './sequences.ts';
import { RECENT_PER_SEQUENCE, type SequenceFlag, type SequenceTracker } from './sequences.ts';
import type { StreamRegistry } from './streams.ts';
import type { Store } from './tables/store.ts';

/** Takes up the keys enrolled and revoked up to the store's position. */
export async function restoreKeys(store: Store, log: Log, keyDirectory: KeyDirectory): Promise<void> {
  const rows = await store.query<{ leaf: number }>('SELECT leaf FROM statements WHERE kind IN ($1, $2) ORDER BY leaf', [
    statementKinds.enrolment,
    statementKinds['key-status'],
  ]);
  for (const { leaf } of rows) {
    const decoded = decodeLeaf(log.read(leaf));
    if (decoded.kind === 'statement') keyDirectory.apply(parseStatement(decoded.statement), leaf);
  }
}

export async function restoreStreams(store: Store, streams: StreamRegistry): Promise<void> {
  const rows = await store.query<{ stream: number; subject: string; quantity: string; unit: string }>(
    'SELECT * FROM streams',
  );
  for (const row of rows) streams.restore(row);
}

/** The newest statements of every chain, in the order of the log, bring its head and short memory back. */
export async function restoreSequences(store: Store, sequences: SequenceTracker): Promise<void> {
  const rows = await store.query<Record<string, unknown>>(
    `SELECT key_owner AS "keyOwner", subject, epoch, seq, id, leaf, flag FROM statements JOIN sequences USING (sequence)
     QUALIFY row_number() OVER (PARTITION BY sequence ORDER BY leaf DESC) <= ${RECENT_PER_SEQUENCE} ORDER BY leaf`,
  );
  for (const row of rows) {
    const id = Buffer.from(row.id as Uint8Array).toString('latin1');
    const link: SequencePlace = { epoch: row.epoch as number, seq: row.seq as number, id };
    const flag = sequenceFlags[row.flag as number] as SequenceFlag | undefined;
    sequences.restore(row.keyOwner as string, row.subject as string, link, row.leaf as number, flag);
  }
}

/** Finds a statement that left the short memory of its chain. @returns its leaf */
export async function findOld(
  store: Store,
  keyOwner: string,
  subject: string,
  link: SequencePlace,
): Promise<number | undefined> {
  const [row] = await store.query<{ leaf: number }>(
    'SELECT leaf FROM statements JOIN sequences USING (sequence) WHERE key_owner = $1 AND subject = $2 AND epoch = $3 AND seq = $4 AND id = $5',
    [keyOwner, subject, link.epoch, link.seq, Buffer.from(link.id, 'latin1')],
  );
  return row?.leaf;
}
