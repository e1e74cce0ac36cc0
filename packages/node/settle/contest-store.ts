// Contests on disk: what final blocks say of them, how far those were read, and what parties said, which the chain knows by
// its hash alone.
import type { ContestEvent, ContestId } from '@trine/ledger/contests.ts';
import type { Hex } from '@trine/protocol';
import type { Database } from '@trine/system/disk.ts';
import { atOnce } from '@trine/system/transactions.ts';

/** A contest, whose agreement and obligation are known. Times are those of blocks, seconds. */
export interface KeptContest {
  readonly account: Hex;
  /** SHA-256 of what was said. */
  readonly statement: Hex;
  readonly sinceS: number;
  readonly endedS: number | undefined;
  /** Of one that ended: the bond went back. */
  readonly returned: boolean;
  /** Handed in here, with the act. */
  readonly words: string | undefined;
}

/** Acts count for a week: what was said with one that came to nothing is forgotten after that. */
const WORDS_S = 8 * 86_400;
/** Of one batch: the open ones, then the oldest. */
const LIST_MAX = 1_000;
const DUE_MAX = 100;

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS contests (agreement TEXT NOT NULL, obligation TEXT NOT NULL, account TEXT NOT NULL,
    statement TEXT NOT NULL, since INTEGER NOT NULL, ended INTEGER, returned INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (agreement, obligation, account));
  CREATE INDEX IF NOT EXISTS contests_open ON contests (agreement, since) WHERE ended IS NULL;
  CREATE TABLE IF NOT EXISTS contest_words (agreement TEXT NOT NULL, obligation TEXT NOT NULL, account TEXT NOT NULL,
    statement TEXT NOT NULL, words TEXT NOT NULL, at INTEGER NOT NULL,
    PRIMARY KEY (agreement, obligation, account, statement));
  CREATE TABLE IF NOT EXISTS contest_cursors (agreement TEXT PRIMARY KEY, block INTEGER NOT NULL)`;
const SAME = 'agreement = ? AND obligation = ? AND account = ?';

export class ContestStore {
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
    // What is deleted is about people.
    db.exec(`PRAGMA secure_delete = ON; ${SCHEMA}`);
  }

  /** The last block of which all is known about an agreement. */
  cursorOf(agreement: Hex): bigint | undefined {
    const row = this.#db.prepare('SELECT block FROM contest_cursors WHERE agreement = ?').get(agreement);
    return row && BigInt(row.block as number);
  }

  /** Takes what happened to contests of agreements up to a final block; the same again changes nothing. */
  take(events: readonly ContestEvent[], agreements: readonly Hex[], block: bigint): void {
    atOnce(this.#db, () => {
      for (const event of events) this.#take(event);
      const upTo = this.#db.prepare(
        `INSERT INTO contest_cursors (agreement, block) VALUES (?, ?)
          ON CONFLICT (agreement) DO UPDATE SET block = max(block, excluded.block)`,
      );
      for (const agreement of agreements) upTo.run(agreement, Number(block));
    });
  }

  #take(event: ContestEvent): void {
    const id = [event.agreement, event.obligation, event.account] as const;
    if (event.event === 'ended') {
      this.#db
        .prepare(`UPDATE contests SET ended = ?, returned = ? WHERE ${SAME}`)
        .run(event.atS, event.returned ? 1 : 0, ...id);
      return;
    }
    this.#db
      .prepare(
        'INSERT OR IGNORE INTO contests (agreement, obligation, account, statement, since) VALUES (?, ?, ?, ?, ?)',
      )
      .run(...id, event.statement, event.atS);
    // Each contests once: whatever else it signed comes to nothing.
    this.#db.prepare(`DELETE FROM contest_words WHERE ${SAME} AND statement <> ?`).run(...id, event.statement);
  }

  /** Contests of a batch, the open ones first. */
  of(agreement: Hex, obligation: Hex): KeptContest[] {
    return this.#db
      .prepare(
        `SELECT c.*, w.words FROM contests c LEFT JOIN contest_words w USING (agreement, obligation, account, statement)
          WHERE c.agreement = ? AND c.obligation = ? ORDER BY c.ended IS NOT NULL, c.since, c.account LIMIT ${LIST_MAX}`,
      )
      .all(agreement, obligation)
      .map((row) => ({
        account: row.account as Hex,
        statement: row.statement as Hex,
        sinceS: row.since as number,
        endedS: (row.ended as number | null) ?? undefined,
        returned: row.returned === 1,
        words: (row.words as string | null) ?? undefined,
      }));
  }

  /** Open contests of an agreement that are older, the oldest first; some of them, where there are many. */
  openBefore(agreement: Hex, beforeS: number): ContestId[] {
    return this.#db
      .prepare(
        `SELECT obligation, account FROM contests WHERE agreement = ? AND ended IS NULL AND since < ?
          ORDER BY since, obligation, account LIMIT ${DUE_MAX}`,
      )
      .all(agreement, beforeS)
      .map((row) => ({ agreement, obligation: row.obligation as Hex, account: row.account as Hex }));
  }

  /** Keeps what somebody says with a contest. @param atS now, seconds */
  addWords({ agreement, obligation, account }: ContestId, statement: Hex, words: string, atS: number): void {
    this.#db
      .prepare(
        `DELETE FROM contest_words AS w WHERE at < ? AND NOT EXISTS (SELECT 1 FROM contests c
          WHERE c.agreement = w.agreement AND c.obligation = w.obligation AND c.account = w.account)`,
      )
      .run(atS - WORDS_S);
    this.#db
      .prepare(
        'INSERT OR IGNORE INTO contest_words (agreement, obligation, account, statement, words, at) VALUES (?, ?, ?, ?, ?, ?)',
      )
      .run(agreement, obligation, account, statement, words, atS);
  }

  /** What somebody said with a contest, where it was handed in here. */
  wordsOf({ agreement, obligation, account }: ContestId, statement: Hex): string | undefined {
    const row = this.#db
      .prepare(`SELECT words FROM contest_words WHERE ${SAME} AND statement = ?`)
      .get(agreement, obligation, account, statement);
    return row?.words as string | undefined;
  }

  /** Deletes what an account said with contests of an agreement, so that the file does not hold it. */
  forgetWords(agreement: Hex, account: Hex): void {
    const said = this.#db.prepare('DELETE FROM contest_words WHERE agreement = ? AND account = ?');
    if (Number(said.run(agreement, account).changes) > 0) this.#db.exec('PRAGMA wal_checkpoint(TRUNCATE)');
  }
}
