// Messages as they came, under their hash: whoever holds one and its mapping reads the same. They are kept for a while and
// within bounds, and go with the last thing that they speak of when that is erased.
import type { RawMessage } from '@trine/mapping/message/message.ts';
import { decodeRaw } from '@trine/mapping/message/raw.ts';
import type { Database, PreparedStatement } from '@trine/system/disk.ts';
import { atOnce } from '@trine/system/transactions.ts';

export interface RawLimits {
  readonly keepMs: number;
  readonly bytesMax: number;
}

/** How many are put aside before the old ones are looked for. */
const SWEEP_EVERY = 1_000;

export class RawMessages {
  readonly #db: Database;
  readonly #limits: RawLimits;
  readonly #put: PreparedStatement;
  readonly #about: PreparedStatement;
  #bytes: number;
  #sinceSweep = 0;

  constructor(db: Database, limits: RawLimits) {
    this.#db = db;
    this.#limits = limits;
    db.exec(`PRAGMA secure_delete = ON;
      CREATE TABLE IF NOT EXISTS raw (number INTEGER PRIMARY KEY, hash BLOB NOT NULL UNIQUE, bytes BLOB NOT NULL, ms INTEGER NOT NULL);
      CREATE TABLE IF NOT EXISTS about (hash BLOB NOT NULL, subject TEXT NOT NULL, PRIMARY KEY (hash, subject));
      CREATE INDEX IF NOT EXISTS about_subject ON about (subject)`);
    this.#put = db.prepare('INSERT OR IGNORE INTO raw (hash, bytes, ms) VALUES (?, ?, ?)');
    this.#about = db.prepare('INSERT OR IGNORE INTO about (hash, subject) VALUES (?, ?)');
    this.#bytes = (db.prepare('SELECT coalesce(sum(length(bytes)), 0) AS bytes FROM raw').get()?.bytes as number) ?? 0;
  }

  /** Keeps messages, each with the things that it speaks of. */
  keep(
    messages: readonly {
      readonly hash: Uint8Array;
      readonly bytes: Uint8Array;
      readonly subjects: readonly string[];
    }[],
    nowMs: number,
  ): void {
    atOnce(this.#db, () => {
      for (const { hash, bytes, subjects } of messages) {
        if (Number(this.#put.run(hash, bytes, nowMs).changes) > 0) this.#bytes += bytes.length;
        for (const subject of subjects) this.#about.run(hash, subject);
      }
      this.#sinceSweep += messages.length;
      if (this.#sinceSweep >= SWEEP_EVERY || this.#bytes > this.#limits.bytesMax) this.#sweep(nowMs);
    });
  }

  /** @returns undefined where it was kept long enough, erased, or never here */
  get(hash: Uint8Array): RawMessage | undefined {
    const bytes = this.#db.prepare('SELECT bytes FROM raw WHERE hash = ?').get(hash)?.bytes as Uint8Array | undefined;
    return bytes && decodeRaw(bytes);
  }

  /** What is too old goes, then the oldest until a tenth is free. */
  #sweep(nowMs: number): void {
    this.#sinceSweep = 0;
    const { keepMs, bytesMax } = this.#limits;
    this.#remove('ms < ?', nowMs - keepMs);
    while (this.#bytes > 0.9 * bytesMax) {
      const last = this.#db
        .prepare('SELECT max(number) AS last FROM (SELECT number FROM raw ORDER BY number LIMIT 1000)')
        .get();
      this.#remove('number <= ?', last?.last as number);
    }
  }

  #remove(which: string, value: number): void {
    const gone = this.#db.prepare(`SELECT coalesce(sum(length(bytes)), 0) AS bytes FROM raw WHERE ${which}`).get(value);
    this.#db.prepare(`DELETE FROM about WHERE hash IN (SELECT hash FROM raw WHERE ${which})`).run(value);
    this.#db.prepare(`DELETE FROM raw WHERE ${which}`).run(value);
    this.#bytes -= gone?.bytes as number;
  }

  /** Erases every message that speaks of a thing, whatever else it speaks of. */
  forget(subject: string): number {
    return atOnce(this.#db, () => {
      const hashes = this.#db.prepare('SELECT hash FROM about WHERE subject = ?').all(subject);
      const size = this.#db.prepare('SELECT length(bytes) AS bytes FROM raw WHERE hash = ?');
      for (const { hash } of hashes) {
        this.#bytes -= (size.get(hash as Uint8Array)?.bytes as number | undefined) ?? 0;
        this.#db.prepare('DELETE FROM raw WHERE hash = ?').run(hash as Uint8Array);
        this.#db.prepare('DELETE FROM about WHERE hash = ?').run(hash as Uint8Array);
      }
      return hashes.length;
    });
  }

  close(): void {
    this.#db.close();
  }
}
