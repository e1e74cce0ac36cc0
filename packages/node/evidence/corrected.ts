// What a decision corrects, as its evidence shows it: the decisions before it and, of one line, that line in these.
import type { Log } from '@trine/log/types.ts';
import {
  commitMap,
  type Decision,
  equalBytes,
  type MapProof,
  obligationId,
  proveMap,
  TrineError,
} from '@trine/protocol';
import { statementAt } from '../decide/inputs.ts';
import { decisionAt, leafOfDecision } from '../decide/states.ts';
import type { Store } from '../projections/tables/store.ts';

interface Sources {
  readonly log: Pick<Log, 'read'>;
  readonly store: Store;
}

/**
 * Decisions that one corrects, the newest first.
 * @throws TrineError `not-found` where one is not in the store
 */
export async function correctedDecisions(
  { log, store }: Sources,
  { supersedes }: Decision,
): Promise<{ readonly leaf: number; readonly decision: Decision }[]> {
  const found: { leaf: number; decision: Decision }[] = [];
  for (let wanted = supersedes; wanted; wanted = found.at(-1)?.decision.supersedes) {
    const leaf = await leafOfDecision({ store }, wanted);
    if (leaf === undefined)
      throw new TrineError('not-found', 'The decision that this one corrects is not in the store.');
    found.push({ leaf, decision: decisionAt(log, leaf) });
  }
  return found;
}

/**
 * One party's lines in the decisions that one corrects, the newest first.
 * @returns no proofs where some of these lines were erased: then nobody computes the correction again
 */
export async function linesBefore(
  sources: Sources,
  decision: Decision,
  key: string,
): Promise<{ readonly leaves: number[]; readonly proofs: MapProof[] }> {
  const leaves: number[] = [];
  const proofs: MapProof[] = [];
  for (const one of await correctedDecisions(sources, decision)) {
    const rows = await sources.store.query<{ leaf: number; key: string }>(
      'SELECT leaf, key FROM rows WHERE policy = $1 AND obligation = $2 AND leaf < $3 ORDER BY leaf',
      [one.decision.policy, obligationId(one.decision.obligation), one.leaf],
    );
    const commitments = new Map(rows.map((row) => [row.key, statementAt(sources.log, row.leaf).payload]));
    const { rows: named } = one.decision;
    if (named === undefined || !equalBytes(commitMap(commitments).root, named.root)) return { leaves: [], proofs: [] };
    proofs.push(proveMap(commitments, key));
    leaves.push(
      ...rows
        .filter((row) => row.key === key)
        .map(({ leaf }) => leaf)
        .slice(-1),
    );
  }
  return { leaves, proofs };
}
