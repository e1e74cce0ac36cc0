// What settling keeps on disk beside the outbox: deciders' signatures, and the proofs of anchors and payments.
import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { ReceiptProof } from '@trine/protocol';

export function openDatabase(path: string): DatabaseSync {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const db = new DatabaseSync(path);
  db.exec(`PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;
    CREATE TABLE IF NOT EXISTS signatures (intent BLOB NOT NULL, signer TEXT NOT NULL, signature BLOB NOT NULL, PRIMARY KEY (intent, signer));
    CREATE TABLE IF NOT EXISTS anchors (size INTEGER PRIMARY KEY, root BLOB NOT NULL, header BLOB NOT NULL, tx_index INTEGER NOT NULL, nodes BLOB NOT NULL);
    CREATE TABLE IF NOT EXISTS settled (intent BLOB PRIMARY KEY, header BLOB NOT NULL, tx_index INTEGER NOT NULL, nodes BLOB NOT NULL)`);
  return db;
}

/** u32 length before each node. */
export function packNodes(nodes: readonly Uint8Array[]): Uint8Array {
  return Buffer.concat(
    nodes.flatMap((node) => {
      const length = Buffer.alloc(4);
      length.writeUInt32BE(node.length);
      return [length, node];
    }),
  );
}

export function readProof(row: Record<string, unknown>): ReceiptProof {
  const packed = Buffer.from(row.nodes as Uint8Array);
  const proofNodes: Uint8Array[] = [];
  for (let at = 0; at < packed.length; ) {
    const length = packed.readUInt32BE(at);
    proofNodes.push(Uint8Array.from(packed.subarray(at + 4, at + 4 + length)));
    at += 4 + length;
  }
  return { headerRlp: Uint8Array.from(row.header as Uint8Array), txIndex: row.tx_index as number, proofNodes };
}
