// Restore: keyring, hash chains and streams as they were, from the store's tables.

import type { Log } from '@trine/log/types.ts';
import { decodeLeaf } from '@trine/protocol/statement/leaf.ts';
import { parseStatement, statementKinds } from '@trine/protocol/statement/statement.ts';
import { chainFlags } from '../ingest/batch.ts';
import type { Keyring } from './keys.ts';
import type { ChainLink } from './sequences.ts';
import { type ChainBook, type ChainFlag, RECENT_PER_CHAIN } from './sequences.ts';
import type { StreamBook } from './streams.ts';
import type { Store } from './tables/store.ts';

/** Takes up the keys enrolled and revoked up to the store's position. */
export async function restoreKeyring(store: Store, log: Log, keyring: Keyring): Promise<void> {
  const rows = await store.query<{ leaf: number }>('SELECT leaf FROM statements WHERE kind IN ($1, $2) ORDER BY leaf', [
    statementKinds.enrolment,
    statementKinds['key-status'],
  ]);
  for (const { leaf } of rows) {
    const decoded = decodeLeaf(log.read(leaf));
    if (decoded.kind === 'statement') keyring.apply(parseStatement(decoded.statement), leaf);
  }
}

export async function restoreStreams(store: Store, streams: StreamBook): Promise<void> {
  const rows = await store.query<{ stream: number; subject: string; quantity: string; unit: string }>(
    'SELECT * FROM streams',
  );
  for (const row of rows) streams.restore(row);
}

/** The newest statements of every chain, in the order of the log, bring its head and short memory back. */
export async function restoreChains(store: Store, chains: ChainBook): Promise<void> {
  const rows = await store.query<Record<string, unknown>>(
    `SELECT holder, subject, epoch, seq, id, leaf, flag FROM statements JOIN chains USING (chain)
     QUALIFY row_number() OVER (PARTITION BY chain ORDER BY leaf DESC) <= ${RECENT_PER_CHAIN} ORDER BY leaf`,
  );
  for (const row of rows) {
    const id = Buffer.from(row.id as Uint8Array).toString('latin1');
    const link: ChainLink = { epoch: row.epoch as number, seq: row.seq as number, id };
    const flag = chainFlags[row.flag as number] as ChainFlag | undefined;
    chains.restore(row.holder as string, row.subject as string, link, row.leaf as number, flag);
  }
}

/** Finds a statement that left the short memory of its chain. @returns its leaf */
export async function findOld(
  store: Store,
  holder: string,
  subject: string,
  link: ChainLink,
): Promise<number | undefined> {
  const [row] = await store.query<{ leaf: number }>(
    'SELECT leaf FROM statements JOIN chains USING (chain) WHERE holder = $1 AND subject = $2 AND epoch = $3 AND seq = $4 AND id = $5',
    [holder, subject, link.epoch, link.seq, Buffer.from(link.id, 'latin1')],
  );
  return row?.leaf;
}
