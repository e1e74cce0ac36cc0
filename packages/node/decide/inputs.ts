// Reads sealed packs back from log and bodies, as the evaluation needs them.

import type { Log } from '@trine/log/types.ts';
import {
  type Decision,
  decodeLeaf,
  type InputStatement,
  type NetworkDocument,
  openBody,
  parseStatement,
  statementKinds,
} from '@trine/protocol';
import type { Bodies } from '../access/bodies.ts';
import type { KeyDirectory } from '../projections/keys.ts';
import type { Store } from '../projections/tables/store.ts';

export interface Sources {
  readonly log: Log;
  readonly bodies: Bodies;
  readonly keyDirectory: KeyDirectory;
  readonly network: NetworkDocument;
}

/** @throws Error when the body was forgotten: a decision over it can no longer be computed */
export function readInput({ log, bodies, keyDirectory, network }: Sources, index: number): InputStatement {
  const leaf = decodeLeaf(log.read(index));
  if (leaf.kind !== 'statement') throw new Error(`Leaf ${index} is no statement.`);
  const statement = parseStatement(leaf.statement);
  const entry = keyDirectory.get(statement.header.issuer);
  if (entry === undefined) throw new Error(`Nobody enrolled the key of leaf ${index}.`);
  return {
    index,
    arrivalMs: leaf.arrivalMs,
    statement,
    body: openBody(statement, statement.header.sealed ? bodies.read(index) : undefined),
    keyOwner: entry.keyOwner,
    owner: entry.owner,
    ownerAddress: network.members.find(({ key }) => key === entry.owner)?.address ?? '',
  };
}

/** Leaves of the packs that went into a decision, from its ranges. */
export async function inputLeaves(store: Store, decision: Decision): Promise<number[]> {
  const leaves: number[] = [];
  for (const { keyOwner, subject, epoch, fromSeq, toSeq } of decision.inputs) {
    const rows = await store.query<{ leaf: number }>(
      `SELECT leaf FROM statements JOIN sequences USING (sequence)
       WHERE key_owner = $1 AND subject = $2 AND epoch = $3 AND seq BETWEEN $4 AND $5 AND kind = $6 AND leaf < $7 ORDER BY leaf`,
      [keyOwner, subject, epoch, fromSeq, toSeq, statementKinds.pack, decision.asOf.size],
    );
    leaves.push(...rows.map(({ leaf }) => leaf));
  }
  return leaves.sort((a, b) => a - b);
}
