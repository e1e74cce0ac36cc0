// Changes of an SQLite database that are made at once, or not at all.
import type { Database } from './disk.ts';

/**
 * Does some work in a transaction. What an earlier one left open, because rolling it back failed too, is rolled back first: a
 * disk that is full for a moment leaves nothing that lasts.
 *
 * @returns what the work returns
 * @throws what the work or the database throws; then nothing is changed
 * @example atOnce(database, () => database.prepare('DELETE FROM words WHERE id = ?').run(id));
 */
export function atOnce<T>(database: Database, work: () => T): T {
  begin(database);
  try {
    const done = work();
    database.exec('COMMIT');
    return done;
  } catch (error) {
    undo(database);
    throw error;
  }
}

/** The same of work that takes its time. Nothing else may use the database meanwhile. */
export async function atOnceLater<T>(database: Database, work: () => Promise<T>): Promise<T> {
  begin(database);
  try {
    const done = await work();
    database.exec('COMMIT');
    return done;
  } catch (error) {
    undo(database);
    throw error;
  }
}

function begin(database: Database): void {
  if (database.isTransaction) database.exec('ROLLBACK');
  database.exec('BEGIN IMMEDIATE');
}

function undo(database: Database): void {
  try {
    if (database.isTransaction) database.exec('ROLLBACK');
  } catch {
    // What made the work fail may make this fail, too: the next transaction begins with it.
  }
}
