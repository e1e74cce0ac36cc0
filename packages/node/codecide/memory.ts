// What a second decider remembers on its own disk: what it computed, the bodies that takes, and what it signed. The last is
// durable before there is a signature, so that no crash makes it sign two payments of one obligation.
import type { KeptState, States } from '@trine/engine';
import {
  decodeCbor,
  decodeIntent,
  encodeCbor,
  encodeIntent,
  type Hex,
  type Intent,
  intentDigest,
  openDisclosure,
  type Row,
  rowPayload,
  schema,
  sha256,
  statePayload,
} from '@trine/protocol';
import type { Database } from '@trine/system/disk.ts';
import { atOnce } from '@trine/system/transactions.ts';

/** A body that was handed out, with its salt. */
interface Body {
  readonly leaf: number;
  readonly subject: string;
  readonly disclosure: Uint8Array;
}

/** Of a payment that this decider put its name to, or is about to. */
export interface Signed {
  /** hex, without 0x */
  readonly digest: string;
  readonly intent: Intent;
  /** Keys of its lines, where it is a batch. */
  readonly lines: readonly string[];
  /** Undefined: it was noted, and a crash came before the signature. */
  readonly signature: Uint8Array | undefined;
  readonly isHandedIn: boolean;
}

/** What came of computing a decision again. */
export interface Verdict {
  readonly leaf: number;
  /** Why it does not hold; undefined: it does. */
  readonly reason: string | undefined;
}

/** How far a policy was followed. */
export interface Place {
  /** Of the last decision that was computed again. */
  readonly leaf: number;
  /** After it; undefined where they cannot be known. */
  readonly states: States | undefined;
}

const packed = schema.dictionary({ check: (given) => given as Uint8Array }, 100_000);

export class DeciderMemory {
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
    db.exec(`PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA secure_delete = ON;
      CREATE TABLE IF NOT EXISTS bodies (leaf INTEGER PRIMARY KEY, subject TEXT NOT NULL, disclosure BLOB NOT NULL);
      CREATE TABLE IF NOT EXISTS accounts (leaf INTEGER PRIMARY KEY, subject TEXT NOT NULL, disclosure BLOB NOT NULL);
      CREATE TABLE IF NOT EXISTS followed (policy TEXT PRIMARY KEY, leaf INTEGER NOT NULL, states BLOB);
      CREATE TABLE IF NOT EXISTS verdicts (decision TEXT PRIMARY KEY, leaf INTEGER NOT NULL, reason TEXT, before BLOB);
      CREATE TABLE IF NOT EXISTS lines (decision TEXT NOT NULL, key TEXT NOT NULL, line BLOB NOT NULL, PRIMARY KEY (decision, key));
      CREATE TABLE IF NOT EXISTS signed (digest TEXT PRIMARY KEY, agreement TEXT NOT NULL, obligation TEXT NOT NULL, decision TEXT NOT NULL,
        intent BLOB NOT NULL, lines TEXT NOT NULL, signature BLOB, handed_in INTEGER NOT NULL DEFAULT 0, place INTEGER NOT NULL);
      CREATE INDEX IF NOT EXISTS signed_for ON signed (agreement, obligation);
      CREATE TABLE IF NOT EXISTS closed (digest TEXT PRIMARY KEY, state TEXT NOT NULL, reason TEXT NOT NULL)`);
  }

  body(leaf: number): Uint8Array | undefined {
    return this.#disclosure('bodies', leaf);
  }

  keepBodies(bodies: readonly Body[]): void {
    this.#keep('bodies', bodies);
  }

  /** The body that says the account of a line. */
  account(leaf: number): Uint8Array | undefined {
    return this.#disclosure('accounts', leaf);
  }

  /** Apart from the bodies that decisions look at: what of them counts depends on more than the leaf. */
  keepAccounts(bodies: readonly Body[]): void {
    this.#keep('accounts', bodies);
  }

  #disclosure(table: 'bodies' | 'accounts', leaf: number): Uint8Array | undefined {
    const row = this.#db.prepare(`SELECT disclosure FROM ${table} WHERE leaf = ?`).get(leaf);
    return row && Uint8Array.from(row.disclosure as Uint8Array);
  }

  #keep(table: 'bodies' | 'accounts', bodies: readonly Body[]): void {
    atOnce(this.#db, () => {
      const insert = this.#db.prepare(`INSERT OR REPLACE INTO ${table} (leaf, subject, disclosure) VALUES (?, ?, ?)`);
      for (const { leaf, subject, disclosure } of bodies) insert.run(leaf, subject, disclosure);
    });
  }

  /** The log says that the bodies about a thing were erased: here as well, those below that leaf. */
  forget(subject: string, below: number): void {
    for (const table of ['bodies', 'accounts'])
      this.#db.prepare(`DELETE FROM ${table} WHERE subject = ? AND leaf < ?`).run(subject, below);
  }

  /** @param policy hash, hex */
  place(policy: string): Place | undefined {
    const row = this.#db.prepare('SELECT leaf, states FROM followed WHERE policy = ?').get(policy);
    return row && { leaf: row.leaf as number, states: unpackStates(row.states) };
  }

  verdict(decision: string): Verdict | undefined {
    const row = this.#db.prepare('SELECT leaf, reason FROM verdicts WHERE decision = ?').get(decision);
    return row && { leaf: row.leaf as number, reason: (row.reason as string | null) ?? undefined };
  }

  /** The states before a decision, where a correction of it may be wanted. */
  before(decision: string): States | undefined {
    return unpackStates(this.#db.prepare('SELECT before FROM verdicts WHERE decision = ?').get(decision)?.before);
  }

  /** Lines of a decision as they were computed here, by key. */
  linesOf(decision: string): Map<string, Row> {
    const rows = this.#db.prepare('SELECT key, line FROM lines WHERE decision = ? ORDER BY key').all(decision);
    return new Map(
      rows.map(({ key, line }) => [key as string, rowPayload.decode(Uint8Array.from(line as Uint8Array))]),
    );
  }

  /** A decision was computed again: all that follows from it, at once. */
  judged(
    policy: string,
    decision: string,
    {
      leaf,
      reason,
      states,
      before,
      rows,
    }: Verdict & Place & { readonly before?: States | undefined; readonly rows: readonly Row[] },
  ): void {
    atOnce(this.#db, () => {
      this.#db
        .prepare('INSERT OR REPLACE INTO verdicts (decision, leaf, reason, before) VALUES (?, ?, ?, ?)')
        .run(decision, leaf, reason ?? null, packStates(before));
      const insert = this.#db.prepare('INSERT OR REPLACE INTO lines (decision, key, line) VALUES (?, ?, ?)');
      for (const row of rows) insert.run(decision, row.key, rowPayload.encode(row));
      this.#db
        .prepare('INSERT OR REPLACE INTO followed (policy, leaf, states) VALUES (?, ?, ?)')
        .run(policy, leaf, packStates(states));
    });
  }

  /** What was signed for an obligation on the chain, oldest first. */
  signedFor({ agreement, obligation }: Pick<Intent, 'agreement' | 'obligation'>): Signed[] {
    return this.#db
      .prepare('SELECT * FROM signed WHERE agreement = ? AND obligation = ? ORDER BY place')
      .all(agreement, obligation)
      .map(readSigned);
  }

  /** What was signed of a decision. */
  signedOf(decision: Hex): Signed[] {
    return this.#db.prepare('SELECT * FROM signed WHERE decision = ? ORDER BY place').all(decision).map(readSigned);
  }

  signed(digest: string): Signed | undefined {
    const row = this.#db.prepare('SELECT * FROM signed WHERE digest = ?').get(digest);
    return row && readSigned(row);
  }

  /** What a crash left unsigned, or the node never got. */
  unfinished(): Signed[] {
    return this.#db.prepare('SELECT * FROM signed WHERE handed_in = 0 ORDER BY place').all().map(readSigned);
  }

  /** Before it is signed: from now on nothing else is, for its obligation. Durable when it returns. */
  promise(intent: Intent, lines: readonly string[]): void {
    this.#db
      .prepare(
        'INSERT OR IGNORE INTO signed (digest, agreement, obligation, decision, intent, lines, place) VALUES (?, ?, ?, ?, ?, ?, (SELECT count(*) FROM signed))',
      )
      .run(
        intentDigest(intent).slice(2),
        intent.agreement,
        intent.obligation,
        intent.decision,
        encodeIntent(intent),
        JSON.stringify(lines),
      );
  }

  addSignature(digest: string, signature: Uint8Array): void {
    this.#db.prepare('UPDATE signed SET signature = ? WHERE digest = ?').run(signature, digest);
  }

  handedIn(digest: string): void {
    this.#db.prepare('UPDATE signed SET handed_in = 1 WHERE digest = ?').run(digest);
  }

  /** Why an order is not signed, now or ever. */
  closed(digest: string): string | undefined {
    return this.#db.prepare('SELECT reason FROM closed WHERE digest = ?').get(digest)?.reason as string | undefined;
  }

  close(digest: string, state: 'refused' | 'over', reason: string): void {
    this.#db
      .prepare('INSERT OR IGNORE INTO closed (digest, state, reason) VALUES (?, ?, ?)')
      .run(digest, state, reason);
  }
}

function readSigned(row: Record<string, unknown>): Signed {
  return {
    digest: row.digest as string,
    intent: decodeIntent(Uint8Array.from(row.intent as Uint8Array)),
    lines: JSON.parse(row.lines as string) as string[],
    signature: row.signature === null ? undefined : Uint8Array.from(row.signature as Uint8Array),
    isHandedIn: row.handed_in === 1,
  };
}

function packStates(states: States | undefined): Uint8Array | null {
  if (states === undefined) return null;
  return encodeCbor(Object.fromEntries([...states].map(([key, { disclosure }]) => [key, disclosure])));
}

function unpackStates(bytes: unknown): States | undefined {
  if (bytes === null || bytes === undefined) return undefined;
  const kept = packed.check(decodeCbor(Uint8Array.from(bytes as Uint8Array)), 'states');
  return new Map(Object.entries(kept).map(([key, disclosure]) => [key, keptOf(Uint8Array.from(disclosure))]));
}

function keptOf(disclosure: Uint8Array): KeptState {
  const { state } = statePayload.decode(openDisclosure(disclosure));
  return { state, commitment: sha256(disclosure), disclosure };
}
