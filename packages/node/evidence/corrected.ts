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

/** All lines of one decision, as it commits to them, and where they stand. */
interface CorrectedLines {
  readonly commitments: ReadonlyMap<string, Uint8Array>;
  readonly leaves: ReadonlyMap<string, number>;
}

/**
 * Lines of the decisions that one corrects, the newest first.
 * @returns undefined where some of them were erased: then nobody computes the correction again
 */
export async function correctedLines(
  sources: Sources,
  decision: Decision,
): Promise<readonly CorrectedLines[] | undefined> {
  const found: CorrectedLines[] = [];
  for (const one of await correctedDecisions(sources, decision)) {
    const rows = await sources.store.query<{ leaf: number; key: string }>(
      'SELECT leaf, key FROM rows WHERE policy = $1 AND obligation = $2 AND leaf < $3 ORDER BY leaf',
      [one.decision.policy, obligationId(one.decision.obligation), one.leaf],
    );
    const leaves = new Map(rows.map(({ key, leaf }) => [key, leaf]));
    const commitments = new Map([...leaves].map(([key, leaf]) => [key, statementAt(sources.log, leaf).payload]));
    const { rows: named } = one.decision;
    if (named === undefined || !equalBytes(commitMap(commitments).root, named.root)) return undefined;
    found.push({ commitments, leaves });
  }
  return found;
}

/** One party's lines among them: where they stand, and proofs that they are its lines, or that it had none. */
export function linesBefore(
  corrected: readonly CorrectedLines[] = [],
  key: string,
): { readonly leaves: number[]; readonly proofs: MapProof[] } {
  return {
    leaves: corrected.flatMap(({ leaves }) => leaves.get(key) ?? []),
    proofs: corrected.map(({ commitments }) => proveMap(commitments, key)),
  };
}
