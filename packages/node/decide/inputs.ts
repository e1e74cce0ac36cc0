// Reads sealed packs back from log and bodies, as the evaluation needs them.

import type { Log } from '@trine/log/types.ts';
import type { InputStatement } from '@trine/protocol/evidence/format.ts';
import type { Decision } from '@trine/protocol/payloads/decision.ts';
import type { NetworkDocument } from '@trine/protocol/payloads/network.ts';
import { openBody } from '@trine/protocol/statement/body.ts';
import { decodeLeaf } from '@trine/protocol/statement/leaf.ts';
import { parseStatement, statementKinds } from '@trine/protocol/statement/statement.ts';
import type { Bodies } from '../access/bodies.ts';
import type { Keyring } from '../projections/keys.ts';
import type { Store } from '../projections/tables/store.ts';

export interface Sources {
  readonly log: Log;
  readonly bodies: Bodies;
  readonly keyring: Keyring;
  readonly network: NetworkDocument;
}

/** @throws Error when the body was forgotten: a decision over it can no longer be computed */
export function readInput({ log, bodies, keyring, network }: Sources, index: number): InputStatement {
  const leaf = decodeLeaf(log.read(index));
  if (leaf.kind !== 'statement') throw new Error(`Leaf ${index} is no statement.`);
  const statement = parseStatement(leaf.statement);
  const entry = keyring.get(statement.header.issuer);
  if (entry === undefined) throw new Error(`Nobody enrolled the key of leaf ${index}.`);
  return {
    index,
    arrivalMs: leaf.arrivalMs,
    statement,
    body: openBody(statement, statement.header.sealed ? bodies.read(index) : undefined),
    holder: entry.holder,
    owner: entry.owner,
    ownerAddress: network.members.find(({ key }) => key === entry.owner)?.address ?? '',
  };
}

/** Leaves of the packs that went into a decision, from its ranges. */
export async function inputLeaves(store: Store, decision: Decision): Promise<number[]> {
  const leaves: number[] = [];
  for (const { holder, subject, epoch, fromSeq, toSeq } of decision.inputs) {
    const rows = await store.query<{ leaf: number }>(
      `SELECT leaf FROM statements JOIN chains USING (chain)
       WHERE holder = $1 AND subject = $2 AND epoch = $3 AND seq BETWEEN $4 AND $5 AND kind = $6 AND leaf < $7 ORDER BY leaf`,
      [holder, subject, epoch, fromSeq, toSeq, statementKinds.pack, decision.asOf.size],
    );
    leaves.push(...rows.map(({ leaf }) => leaf));
  }
  return leaves.sort((a, b) => a - b);
}
