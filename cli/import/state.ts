// What an importer remembers: the hash chain about each subject, statements not yet acknowledged, and how far each
// file got. One SQLite file for each importer's key, so that two imports never sign for the same place in a chain.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { ChainHead, DeviceStorage, Queued } from '@trine/device/queue.ts';
import { CommandError } from '../output.ts';

interface Adding {
  readonly importId: string;
  readonly subject: string;
  readonly item: Queued;
  readonly head: ChainHead;
  readonly readings: number;
  readonly progress: number;
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

interface Coming {
  readonly readings: number;
  readonly progress: number;
}

const SQLITE_BUSY = 5;
const ADD_MS = 2;
const REMOVE_MS = 100;

export class ImportState {
  readonly #db: DatabaseSync;
  #importId = '';
  readonly #coming = new Map<string, Coming[]>();
  #adding: Adding[] = [];
  /** Acknowledged, and deleted with the next transaction: after a crash they are sent again, and known there. */
  #removed: string[] = [];
  #timer: NodeJS.Timeout | undefined;
  #isSoon = false;
  readonly #readings = new Map<string, number>();
  readonly #waiters = new Set<() => void>();

  /**
   * @param folder of all importers
   * @param name of this one
   * @param pattern of the subjects its key is enrolled for
   * @throws CommandError when another import runs under this name, or it was enrolled for other subjects
   */
  constructor(folder: string, name: string, pattern: string) {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    this.#db = new DatabaseSync(join(folder, `${name}.sqlite`));
    try {
      this.#db.exec(`PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; BEGIN IMMEDIATE;
        CREATE TABLE IF NOT EXISTS importer (one INTEGER PRIMARY KEY CHECK (one = 1), pattern TEXT NOT NULL);
        CREATE TABLE IF NOT EXISTS heads (subject TEXT PRIMARY KEY, epoch INTEGER NOT NULL, seq INTEGER NOT NULL, id TEXT NOT NULL);
        CREATE TABLE IF NOT EXISTS queue (position INTEGER PRIMARY KEY AUTOINCREMENT, subject TEXT NOT NULL, id TEXT UNIQUE NOT NULL,
          delivery BLOB NOT NULL, readings INTEGER NOT NULL);
        CREATE TABLE IF NOT EXISTS progress (import TEXT NOT NULL, subject TEXT NOT NULL, readings INTEGER NOT NULL,
          PRIMARY KEY (import, subject)) WITHOUT ROWID;
        COMMIT`);
    } catch (error) {
      this.#db.close();
      if ((error as { errcode?: number }).errcode !== SQLITE_BUSY) throw error;
      throw new CommandError(
        `Another import runs as ${name}: wait for it, or give this one a name of its own with --as.`,
      );
    }
    this.#db.prepare('INSERT OR IGNORE INTO importer VALUES (1, ?)').run(pattern);
    const enrolled = this.#db.prepare('SELECT pattern FROM importer').get()?.pattern as string;
    if (enrolled !== pattern) {
      this.#db.close();
      throw new CommandError(
        `The importer ${name} is enrolled for ${enrolled}, not for ${pattern}: give another name with --as.`,
      );
    }
    for (const row of this.#db.prepare('SELECT id, readings FROM queue').all())
      this.#readings.set(row.id as string, row.readings as number);
  }

  /** Statements signed and not yet acknowledged. */
  get waiting(): number {
    return this.#readings.size;
  }

  /** Subjects with statements left from an earlier run. */
  leftOver(): string[] {
    return this.#db
      .prepare('SELECT DISTINCT subject FROM queue')
      .all()
      .map(({ subject }) => subject as string);
  }

  /** Turns to one import. @returns readings of each subject that are signed already */
  begin(importId: string): ReadonlyMap<string, number> {
    this.#importId = importId;
    const rows = this.#db.prepare('SELECT subject, readings FROM progress WHERE import = ?').all(importId);
    return new Map(rows.map((row) => [row.subject as string, row.readings as number]));
  }

  /** Says what the next pack about a subject holds, and how far the file is read with it. */
  expect(subject: string, readings: number, progress: number): void {
    const coming = this.#coming.get(subject) ?? [];
    this.#coming.set(subject, coming);
    coming.push({ readings, progress });
  }

  /** The part of one subject, as the device library needs it. */
  storage(subject: string): DeviceStorage {
    return {
      load: async () => this.#load(subject),
      add: (item, head) => {
        const coming = this.#coming.get(subject)?.shift();
        if (coming === undefined) return Promise.reject(new Error(`Nothing was announced about ${subject}.`));
        const { readings, progress } = coming;
        return new Promise((resolve, reject) => {
          this.#commitSoon();
          this.#readings.set(item.id, readings);
          this.#adding.push({ importId: this.#importId, subject, item, head, readings, progress, resolve, reject });
        });
      },
      remove: async (ids) => this.#remove(ids),
      // The file has its readings, and the summary says why they were refused.
      setAside: async (id, reason) => {
        if (reason !== undefined) this.#remove([id]);
      },
    };
  }

  #load(subject: string): { head: ChainHead | undefined; queue: Queued[] } {
    const head = this.#db.prepare('SELECT epoch, seq, id FROM heads WHERE subject = ?').get(subject);
    const queue = this.#db.prepare('SELECT id, delivery FROM queue WHERE subject = ? ORDER BY position').all(subject);
    return {
      head: head && { epoch: head.epoch as number, seq: head.seq as number, id: head.id as string },
      queue: queue.map((row) => ({ id: row.id as string, delivery: row.delivery as Uint8Array })),
    };
  }

  /** A transaction and its sync serve all that comes within a moment. */
  #commitSoon(): void {
    if (this.#isSoon) return;
    this.#isSoon = true;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#commit(), ADD_MS);
  }

  /** Everything signed and acknowledged since the last time. */
  #commit(): void {
    this.#timer = undefined;
    this.#isSoon = false;
    const adding = this.#adding;
    const removed = this.#removed;
    this.#adding = [];
    this.#removed = [];
    try {
      this.#together(() => this.#write(adding, removed));
    } catch (error) {
      for (const { reject } of adding) reject(error as Error);
      return;
    }
    for (const { resolve } of adding) resolve();
  }

  #write(adding: readonly Adding[], removed: readonly string[]): void {
    const gone = this.#db.prepare('DELETE FROM queue WHERE id = ?');
    for (const id of removed) gone.run(id);
    const queue = this.#db.prepare('INSERT INTO queue (subject, id, delivery, readings) VALUES (?, ?, ?, ?)');
    const newest = new Map<string, Adding>();
    for (const one of adding) {
      queue.run(one.subject, one.item.id, one.item.delivery, one.readings);
      newest.set(`${one.importId}\n${one.subject}`, one);
    }
    const heads = this.#db.prepare('INSERT OR REPLACE INTO heads VALUES (?, ?, ?, ?)');
    const progress = this.#db.prepare('INSERT OR REPLACE INTO progress VALUES (?, ?, ?)');
    for (const one of newest.values()) {
      heads.run(one.subject, one.head.epoch, one.head.seq, one.head.id as string);
      progress.run(one.importId, one.subject, one.progress);
    }
  }

  #remove(ids: readonly string[]): void {
    this.#removed.push(...ids);
    for (const id of ids) this.#readings.delete(id);
    this.#timer ??= setTimeout(() => this.#commit(), REMOVE_MS);
    for (const wake of this.#waiters) wake();
  }

  #together(work: () => void): void {
    this.#db.exec('BEGIN IMMEDIATE');
    try {
      work();
      this.#db.exec('COMMIT');
    } catch (error) {
      this.#db.exec('ROLLBACK');
      throw error;
    }
  }

  /** Readings in a statement that waits. */
  readingsIn(id: string): number {
    return this.#readings.get(id) ?? 0;
  }

  /**
   * Resolves when at most `max` statements wait.
   * @param patienceMs longest time without any acknowledgement
   * @returns false when patience ran out
   */
  async room(max: number, patienceMs: number): Promise<boolean> {
    while (this.waiting > max) {
      const moved = await new Promise<boolean>((resolve) => {
        const done = (result: boolean) => {
          clearTimeout(timer);
          this.#waiters.delete(wake);
          resolve(result);
        };
        const wake = () => done(true);
        const timer = setTimeout(() => done(false), patienceMs);
        this.#waiters.add(wake);
      });
      if (!moved) return false;
    }
    return true;
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#commit();
    this.#db.close();
  }
}
