// Storage for Node: one SQLite file, synced before a statement counts as queued.
import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { ChainHead, DeviceStorage } from './queue.ts';

/** @param path file of this device alone; created where absent */
export function sqliteStorage(path: string): DeviceStorage & { close(): void } {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const db = new DatabaseSync(path);
  db.exec(`PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;
    CREATE TABLE IF NOT EXISTS queue (position INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT UNIQUE NOT NULL, delivery BLOB NOT NULL);
    CREATE TABLE IF NOT EXISTS head (one INTEGER PRIMARY KEY CHECK (one = 1), epoch INTEGER NOT NULL, seq INTEGER NOT NULL, id TEXT)`);
  // Files of before have no such columns.
  for (const [table, column, type] of [
    ['queue', 'reason', 'TEXT'],
    ['head', 'low', 'INTEGER'],
  ] as const) {
    const known = db.prepare(`PRAGMA table_info(${table})`).all();
    if (!known.some(({ name }) => name === column)) db.exec(`ALTER TABLE ${table} ADD COLUMN ${column} ${type}`);
  }
  const insert = db.prepare('INSERT INTO queue (id, delivery) VALUES (?, ?)');
  const move = db.prepare('INSERT OR REPLACE INTO head (one, epoch, seq, id, low) VALUES (1, ?, ?, ?, ?)');
  const remove = db.prepare('DELETE FROM queue WHERE id = ?');
  const last = db.prepare('SELECT coalesce(max(position), 0) AS position FROM queue');
  const setAside = db.prepare('UPDATE queue SET reason = ?, position = ? WHERE id = ?');
  const together = (work: () => void) => {
    db.exec('BEGIN IMMEDIATE');
    try {
      work();
      db.exec('COMMIT');
    } catch (error) {
      db.exec('ROLLBACK');
      throw error;
    }
  };
  return {
    load: async () => {
      const row = db.prepare('SELECT epoch, seq, id, low FROM head').get();
      const head =
        row && ({ epoch: row.epoch, seq: row.seq, id: row.id ?? undefined, low: row.low ?? undefined } as ChainHead);
      const rows = db.prepare('SELECT id, delivery, reason FROM queue ORDER BY position').all();
      const all = rows.map(({ id, delivery, reason }) => ({
        id: id as string,
        delivery: delivery as Uint8Array,
        reason: reason as string | null,
      }));
      return {
        head,
        queue: all.flatMap(({ id, delivery, reason }) => (reason === null ? [{ id, delivery }] : [])),
        setAside: all.flatMap(({ id, delivery, reason }) => (reason === null ? [] : [{ id, delivery, reason }])),
      };
    },
    add: async (item, head) =>
      together(() => {
        insert.run(item.id, item.delivery);
        move.run(head.epoch, head.seq, head.id ?? null, head.low ?? null);
      }),
    remove: async (ids) =>
      together(() => {
        for (const id of ids) remove.run(id);
      }),
    setAside: async (id, reason) =>
      together(() => void setAside.run(reason ?? null, (last.get()?.position as number) + 1, id)),
    close: () => db.close(),
  };
}
