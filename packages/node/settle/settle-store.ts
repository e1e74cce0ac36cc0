// What settling keeps on disk beside the outbox: deciders' signatures, rows of batches, contests, and the proofs of anchors
// and payments.
import { dirname } from 'node:path';
import { type ReceiptProof, toHex } from '@trine/protocol';
import { type Database, type Disk, makeFolderNow } from '@trine/system/disk.ts';
import { ContestStore } from './contest-store.ts';

/** An anchored tree and the proof of its transaction. */
export interface Anchored {
  readonly size: number;
  readonly root: Uint8Array;
  readonly proof: ReceiptProof;
}

/**
 * How an intent ended that is never paid: ruled or timed out so, not paid within its time, replaced by another one, or, as it
 * was to replace another one itself, overtaken by the payment of that.
 */
export type EndState = 'dropped' | 'expired' | 'replaced' | 'overtaken';

/** What a word by hand is about. */
interface WordAbout {
  readonly decision: Uint8Array;
  /** Key of a line; empty: all of the decision. */
  readonly row: string;
  readonly ruling: string;
}

export class SettleStore {
  readonly #db: Database;
  readonly contests: ContestStore;

  constructor(path: string, disk: Disk) {
    makeFolderNow(disk, dirname(path), 0o700);
    this.#db = disk.database(path);
    this.#db.exec(`PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;
      CREATE TABLE IF NOT EXISTS signatures (intent BLOB NOT NULL, signer TEXT NOT NULL, signature BLOB NOT NULL, PRIMARY KEY (intent, signer));
      CREATE TABLE IF NOT EXISTS said (decision BLOB NOT NULL, line TEXT NOT NULL, ruling TEXT NOT NULL, signer TEXT NOT NULL, signature BLOB NOT NULL, PRIMARY KEY (decision, line, ruling, signer));
      CREATE TABLE IF NOT EXISTS anchors (size INTEGER PRIMARY KEY, root BLOB NOT NULL, header BLOB NOT NULL, tx_index INTEGER NOT NULL, nodes BLOB NOT NULL);
      CREATE TABLE IF NOT EXISTS ended (intent BLOB PRIMARY KEY, state TEXT NOT NULL);
      CREATE TABLE IF NOT EXISTS ordered (decision BLOB PRIMARY KEY);
      CREATE TABLE IF NOT EXISTS batches (intent BLOB PRIMARY KEY, rows BLOB NOT NULL);
      CREATE TABLE IF NOT EXISTS settled (intent BLOB PRIMARY KEY, header BLOB NOT NULL, tx_index INTEGER NOT NULL, nodes BLOB NOT NULL)`);
    this.contests = new ContestStore(this.#db);
  }

  addSignature(intent: Uint8Array, signer: string, signature: Uint8Array): void {
    this.#db
      .prepare('INSERT OR IGNORE INTO signatures (intent, signer, signature) VALUES (?, ?, ?)')
      .run(intent, signer, signature);
  }

  hasSigned(intent: Uint8Array, signer: string): boolean {
    return (
      this.#db.prepare('SELECT 1 FROM signatures WHERE intent = ? AND signer = ?').get(intent, signer) !== undefined
    );
  }

  /** By signer, ascending, as the contract wants them. */
  signaturesOf(intent: Uint8Array): Uint8Array[] {
    return this.#db
      .prepare('SELECT signature FROM signatures WHERE intent = ? ORDER BY signer')
      .all(intent)
      .map((row) => Uint8Array.from(row.signature as Uint8Array));
  }

  /** What somebody says by hand of a decision that is held, or of one line of it. */
  addWord({ decision, row, ruling }: WordAbout, signer: string, signature: Uint8Array): void {
    this.#db
      .prepare('INSERT OR IGNORE INTO said (decision, line, ruling, signer, signature) VALUES (?, ?, ?, ?, ?)')
      .run(decision, row, ruling, signer, signature);
  }

  /** By signer, ascending. */
  wordsOf({ decision, row, ruling }: WordAbout): { readonly signer: string; readonly signature: Uint8Array }[] {
    return this.#db
      .prepare('SELECT signer, signature FROM said WHERE decision = ? AND line = ? AND ruling = ? ORDER BY signer')
      .all(decision, row, ruling)
      .map((one) => ({ signer: one.signer as string, signature: Uint8Array.from(one.signature as Uint8Array) }));
  }

  /** Nothing of a decision is left to order: no batch of it will follow, unless a line is released. @param name see Batches */
  addOrdered(name: Uint8Array): void {
    this.#db.prepare('INSERT OR IGNORE INTO ordered (decision) VALUES (?)').run(name);
  }

  /** Those names, in hex. */
  ordered(): Set<string> {
    const rows = this.#db.prepare('SELECT decision FROM ordered').all();
    return new Set(rows.map((row) => toHex(row.decision as Uint8Array)));
  }

  /** Rows of a batch, before its intent is appended: what is to be published. */
  addRows(intent: Uint8Array, rows: Uint8Array): void {
    this.#db.prepare('INSERT OR IGNORE INTO batches (intent, rows) VALUES (?, ?)').run(intent, rows);
  }

  rowsOf(intent: Uint8Array): Uint8Array | undefined {
    const row = this.#db.prepare('SELECT rows FROM batches WHERE intent = ?').get(intent);
    return row && Uint8Array.from(row.rows as Uint8Array);
  }

  addAnchor({ size, root, proof }: Anchored): void {
    this.#db
      .prepare('INSERT OR REPLACE INTO anchors (size, root, header, tx_index, nodes) VALUES (?, ?, ?, ?, ?)')
      .run(size, root, proof.headerRlp, proof.txIndex, packNodes(proof.proofNodes));
  }

  /** The oldest anchored tree that holds the leaf. */
  anchorFor(leaf: number): Anchored | undefined {
    return this.#anchor('WHERE size > ? ORDER BY size LIMIT 1', leaf);
  }

  newestAnchor(): Anchored | undefined {
    return this.#anchor('ORDER BY size DESC LIMIT 1');
  }

  #anchor(which: string, ...given: number[]): Anchored | undefined {
    const row = this.#db.prepare(`SELECT size, root, header, tx_index, nodes FROM anchors ${which}`).get(...given);
    return row && { size: row.size as number, root: Uint8Array.from(row.root as Uint8Array), proof: readProof(row) };
  }

  addSettlement(intent: Uint8Array, proof: ReceiptProof): void {
    this.#db
      .prepare('INSERT OR REPLACE INTO settled (intent, header, tx_index, nodes) VALUES (?, ?, ?, ?)')
      .run(intent, proof.headerRlp, proof.txIndex, packNodes(proof.proofNodes));
  }

  settlementOf(intent: Uint8Array): ReceiptProof | undefined {
    const row = this.#db.prepare('SELECT header, tx_index, nodes FROM settled WHERE intent = ?').get(intent);
    return row && readProof(row);
  }

  /** The intent is never paid, as a final block says. */
  addEnd(intent: Uint8Array, state: EndState): void {
    this.#db.prepare('INSERT OR IGNORE INTO ended (intent, state) VALUES (?, ?)').run(intent, state);
  }

  /** Intents that are never paid, by digest in hex. */
  ends(): Map<string, EndState> {
    const rows = this.#db.prepare('SELECT intent, state FROM ended').all();
    return new Map(rows.map((row) => [toHex(row.intent as Uint8Array), row.state as EndState]));
  }

  close(): void {
    this.#db.close();
  }
}

/** u32 length before each node. */
function packNodes(nodes: readonly Uint8Array[]): Uint8Array {
  return Buffer.concat(
    nodes.flatMap((node) => {
      const length = Buffer.alloc(4);
      length.writeUInt32BE(node.length);
      return [length, node];
    }),
  );
}

function readProof(row: Record<string, unknown>): ReceiptProof {
  const packed = Buffer.from(row.nodes as Uint8Array);
  const proofNodes: Uint8Array[] = [];
  for (let at = 0; at < packed.length; ) {
    const length = packed.readUInt32BE(at);
    proofNodes.push(Uint8Array.from(packed.subarray(at + 4, at + 4 + length)));
    at += 4 + length;
  }
  return { headerRlp: Uint8Array.from(row.header as Uint8Array), txIndex: row.tx_index as number, proofNodes };
}
