// Proposals on disk: agreements that not all parties have signed. None of it is in the log: what nobody signed binds nobody.
import { dirname } from 'node:path';
import { type Database, type Disk, makeFolderNow } from '@trine/system/disk.ts';
import type { Draft } from './draft.ts';

/** What a party did. */
export interface Signed {
  readonly role: string;
  /** 65 bytes, hex */
  readonly signature: string;
  readonly atMs: number;
}

export interface Proposal {
  /** 32 hex digits, by chance. */
  readonly id: string;
  readonly madeMs: number;
  readonly draft: Draft;
  /** By role: who has the code may see the terms, and name the account of this party. */
  readonly codes: Readonly<Record<string, string>>;
  readonly signed: readonly Signed[];
  readonly state: 'open' | 'signed' | 'sealed' | 'withdrawn';
  /** Hash of the agreement in the log. */
  readonly policy?: string;
}

export class ProposalsStore {
  readonly #db: Database;

  constructor(path: string, disk: Disk) {
    makeFolderNow(disk, dirname(path), 0o700);
    this.#db = disk.database(path);
    this.#db.exec(`PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;
      CREATE TABLE IF NOT EXISTS proposals (id TEXT PRIMARY KEY, made_ms INTEGER NOT NULL, state TEXT NOT NULL, json TEXT NOT NULL)`);
  }

  /** Durable when it returns. */
  put(proposal: Proposal): void {
    this.#db
      .prepare('INSERT OR REPLACE INTO proposals (id, made_ms, state, json) VALUES (?, ?, ?, ?)')
      .run(proposal.id, proposal.madeMs, proposal.state, JSON.stringify(proposal));
  }

  get(id: string): Proposal | undefined {
    const row = this.#db.prepare('SELECT json FROM proposals WHERE id = ?').get(id);
    return row && read(row);
  }

  /** The newest first. */
  list(limit: number): Proposal[] {
    return this.#db.prepare('SELECT json FROM proposals ORDER BY made_ms DESC, id LIMIT ?').all(limit).map(read);
  }

  inState(state: Proposal['state']): Proposal[] {
    return this.#db.prepare('SELECT json FROM proposals WHERE state = ? ORDER BY made_ms').all(state).map(read);
  }

  /** Forgets what was made before and nobody completed. */
  forget(madeBeforeMs: number): void {
    this.#db.prepare("DELETE FROM proposals WHERE state IN ('open', 'withdrawn') AND made_ms < ?").run(madeBeforeMs);
  }

  close(): void {
    this.#db.close();
  }
}

function read(row: Record<string, unknown>): Proposal {
  return JSON.parse(row.json as string) as Proposal;
}
