// The outbox on disk: one SQLite table, every change durable before anything depends on it.

import type { Hex } from '@trine/protocol';
import type { Database, Disk } from '@trine/system/disk.ts';
import { systemDisk } from '@trine/system/system-disk.ts';
import { atOnce } from '@trine/system/transactions.ts';
import { backoffMs } from './backoff.ts';

export type OutboxState = 'queued' | 'submitted' | 'confirmed' | 'refused';

export type OutboxItem = {
  /** natural key: the same thing to do has the same id, whoever asks and however often */
  readonly id: string;
  readonly kind: string;
  /** items of one lane are sent one after the other; null: no order */
  readonly lane: string | null;
  /** JSON */
  readonly payload: unknown;
  readonly state: OutboxState;
  /** failed tries so far */
  readonly attempts: number;
  /** Unix time in milliseconds */
  readonly nextAttemptAt: number;
  /** when it last got further; later than now where it waits for a time that its contract named */
  readonly movedAt: number;
  readonly txHash: Hex | null;
  readonly blockNumber: number | null;
  /** why it waits or was refused, in words */
  readonly error: string | null;
  readonly nonce: number | null;
  readonly raw: Hex | null;
  readonly createdAt: number;
};

type Row = Omit<OutboxItem, 'payload'> & { payload: string };
export type OutboxChange = Partial<Omit<OutboxItem, 'id' | 'kind' | 'lane' | 'createdAt'>>;

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS outbox (
    id TEXT PRIMARY KEY,
    kind TEXT NOT NULL,
    lane TEXT,
    payload TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('queued', 'submitted', 'confirmed', 'refused')),
    attempts INTEGER NOT NULL,
    nextAttemptAt INTEGER NOT NULL,
    movedAt INTEGER NOT NULL,
    txHash TEXT,
    blockNumber INTEGER,
    error TEXT,
    nonce INTEGER,
    raw TEXT,
    createdAt INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX IF NOT EXISTS outbox_due ON outbox (state, nextAttemptAt);
  CREATE INDEX IF NOT EXISTS outbox_lane ON outbox (lane, state);
`;
const COLUMNS = [
  'payload',
  'state',
  'attempts',
  'nextAttemptAt',
  'movedAt',
  'txHash',
  'blockNumber',
  'error',
  'nonce',
  'raw',
] as const;

/** @param file ':memory:' for tests */
export class OutboxStore {
  #db: Database;

  constructor(file: string, disk: Disk = systemDisk) {
    this.#db = disk.database(file);
    this.#db.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;');
    this.#db.exec(SCHEMA);
  }

  /**
   * @param inPlaceOf ids of queued items, oldest first, whose place and waiting time this one takes
   * @returns false where the id is known already
   */
  add(
    item: Pick<OutboxItem, 'id' | 'kind' | 'lane' | 'payload'>,
    now: number,
    inPlaceOf: readonly string[] = [],
  ): boolean {
    const payload = JSON.stringify(item.payload);
    const [first, ...rest] = inPlaceOf;
    if (first === undefined) {
      const { changes } = this.#db
        .prepare(
          `INSERT INTO outbox (id, kind, lane, payload, state, attempts, nextAttemptAt, movedAt, createdAt)
           VALUES (?, ?, ?, ?, 'queued', 0, ?, ?, ?) ON CONFLICT (id) DO NOTHING`,
        )
        .run(item.id, item.kind, item.lane, payload, now, now, now);
      return Number(changes) === 1;
    }
    atOnce(this.#db, () => {
      for (const id of rest) this.#db.prepare('DELETE FROM outbox WHERE id = ?').run(id);
      this.#db
        .prepare('UPDATE outbox SET id = ?, kind = ?, lane = ?, payload = ?, createdAt = ? WHERE id = ?')
        .run(item.id, item.kind, item.lane, payload, now, first);
    });
    return true;
  }

  update(id: string, change: OutboxChange): OutboxItem {
    const names = COLUMNS.filter((name) => change[name] !== undefined);
    const values = names.map((name) => (name === 'payload' ? JSON.stringify(change.payload) : change[name]));
    this.#db
      .prepare(`UPDATE outbox SET ${names.map((name) => `${name} = ?`).join(', ')} WHERE id = ?`)
      .run(...(values as (string | number | null)[]), id);
    return this.get(id) as OutboxItem;
  }

  /**
   * The clock was set forward: nothing of what is under way has taken longer. What waits for its turn is due as the clock
   * says, and what waits for a time that its contract named is left as it is.
   *
   * @param before what the clock showed when it was looked at last
   */
  forward(ms: number, before: number): void {
    this.#db
      .prepare(
        `UPDATE outbox SET movedAt = movedAt + ?1,
           nextAttemptAt = CASE state WHEN 'submitted' THEN nextAttemptAt + ?1 ELSE nextAttemptAt END
         WHERE state IN ('queued', 'submitted') AND movedAt <= ?2`,
      )
      .run(ms, before);
  }

  /** The clock was set back: what waits does so for as long as before. */
  shift(ms: number): void {
    this.#db
      .prepare(
        `UPDATE outbox SET nextAttemptAt = nextAttemptAt + ?1, movedAt = movedAt + ?1, createdAt = createdAt + ?1
         WHERE state IN ('queued', 'submitted')`,
      )
      .run(ms);
  }

  /**
   * At a start: a clock may have been ahead and set back while nobody looked. What waits for a time that its contract named
   * has it as `movedAt`, too; all else waits no longer than it did after its last try.
   *
   * @param ahead by how much it was ahead, as far as that shows
   */
  began(ahead: number, beganAt: number): void {
    if (ahead > 0) this.shift(-ahead);
    const tries = this.#db.prepare(`SELECT DISTINCT attempts FROM outbox WHERE state = 'queued'`).all();
    const clamp = this.#db.prepare(
      `UPDATE outbox SET nextAttemptAt = ?1 WHERE state = 'queued' AND attempts = ?2 AND nextAttemptAt > max(?1, movedAt)`,
    );
    for (const { attempts } of tries as unknown as { attempts: number }[])
      clamp.run(beganAt + backoffMs(Math.max(0, attempts - 1)), attempts);
  }

  /** When the newest of what is not done was made, in Unix milliseconds; undefined where all is done. */
  newestMadeAt(): number | undefined {
    const row = this.#db
      .prepare(`SELECT max(createdAt) AS at FROM outbox WHERE state IN ('queued', 'submitted')`)
      .get();
    return (row as { at: number | null }).at ?? undefined;
  }

  get(id: string): OutboxItem | undefined {
    return itemOf(this.#db.prepare('SELECT * FROM outbox WHERE id = ?').get(id) as Row | undefined);
  }

  submitted(): OutboxItem[] {
    const rows = this.#db.prepare(`SELECT * FROM outbox WHERE state = 'submitted' ORDER BY nonce`).all();
    return rows.map((row) => itemOf(row as Row) as OutboxItem);
  }

  /** The next items to try, oldest first, none in a lane that waits for an earlier one. */
  due(now: number, limit: number): OutboxItem[] {
    const rows = this.#db
      .prepare(
        `SELECT * FROM outbox AS item WHERE state = 'queued' AND nextAttemptAt <= ? AND (lane IS NULL OR NOT EXISTS (
           SELECT 1 FROM outbox AS other WHERE other.lane = item.lane AND other.state IN ('queued', 'submitted')
             AND other.rowid < item.rowid))
         ORDER BY rowid LIMIT ?`,
      )
      .all(now, limit);
    return rows.map((row) => itemOf(row as Row) as OutboxItem);
  }

  /** Items of a kind and lane that are queued or submitted, and the newest confirmed one; oldest first. */
  inLane(lane: string, kind: string): OutboxItem[] {
    const rows = this.#db
      .prepare(
        `SELECT * FROM outbox WHERE lane = ?1 AND kind = ?2 AND (state IN ('queued', 'submitted') OR rowid = (
           SELECT max(rowid) FROM outbox WHERE lane = ?1 AND kind = ?2 AND state = 'confirmed')) ORDER BY rowid`,
      )
      .all(lane, kind);
    return rows.map((row) => itemOf(row as Row) as OutboxItem);
  }

  /** Of what was tried, and of what is due and was not, the item that has not got further for longest. */
  slowest(now: number): { tried: OutboxItem | undefined; untried: OutboxItem | undefined } {
    const tried = this.#db
      .prepare(
        `SELECT * FROM outbox WHERE state = 'submitted' OR (state = 'queued' AND attempts > 0) ORDER BY movedAt LIMIT 1`,
      )
      .get() as Row | undefined;
    const untried = this.#db
      .prepare(
        `SELECT * FROM outbox WHERE state = 'queued' AND attempts = 0 AND nextAttemptAt <= ? ORDER BY movedAt LIMIT 1`,
      )
      .get(now) as Row | undefined;
    return { tried: itemOf(tried), untried: itemOf(untried) };
  }

  list(state: OutboxState, limit: number): OutboxItem[] {
    const rows = this.#db.prepare('SELECT * FROM outbox WHERE state = ? ORDER BY rowid DESC LIMIT ?').all(state, limit);
    return rows.map((row) => itemOf(row as Row) as OutboxItem);
  }

  counts(): Record<OutboxState, number> {
    const rows = this.#db.prepare('SELECT state, count(*) AS n FROM outbox GROUP BY state').all() as {
      state: OutboxState;
      n: number;
    }[];
    const counts = { queued: 0, submitted: 0, confirmed: 0, refused: 0 };
    for (const { state, n } of rows) counts[state] = n;
    return counts;
  }

  count(state: OutboxState): number {
    const row = this.#db.prepare('SELECT count(*) AS n FROM outbox WHERE state = ?').get(state);
    return (row as { n: number }).n;
  }

  /**
   * Is there no room for one more that is to be sent?
   * @param ofKind most of its kind
   * @returns how many are too many; undefined where there is room
   */
  fullAt(max: number, kind: string, ofKind: number = max): number | undefined {
    if (this.count('queued') >= max) return max;
    if (ofKind >= max) return undefined;
    const row = this.#db.prepare(`SELECT count(*) AS n FROM outbox WHERE state = 'queued' AND kind = ?`).get(kind);
    return (row as { n: number }).n >= ofKind ? ofKind : undefined;
  }

  /** When the next queued item is due, in Unix milliseconds, or undefined. */
  nextDueAt(): number | undefined {
    const row = this.#db.prepare(`SELECT min(nextAttemptAt) AS at FROM outbox WHERE state = 'queued'`).get();
    return (row as { at: number | null }).at ?? undefined;
  }

  close(): void {
    this.#db.close();
  }
}

function itemOf(row: Row | undefined): OutboxItem | undefined {
  return row && { ...row, payload: JSON.parse(row.payload) };
}
