// The model's state by its hash: from a snapshot in the log, or computed again from the nearest one before.
import { equalBytes } from '../protocol/bytes.ts';
import { sha256 } from '../protocol/crypto.ts';
import { decodeLeaf } from '../protocol/leaf.ts';
import { type Decision, decisionPayload } from '../protocol/payloads/decision.ts';
import { snapshotPayload } from '../protocol/payloads/snapshot.ts';
import { parseStatement, type Statement, statementKinds } from '../protocol/statement.ts';
import type { Store } from '../store/store.ts';
import type { ActiveAgreement } from './decide.ts';
import type { Domain } from './domain.ts';
import { evaluate } from './evaluate.ts';
import { inputLeaves, readInput, type Sources } from './inputs.ts';

export interface StateSources extends Sources {
  readonly store: Store;
}

const EMPTY = sha256(new Uint8Array());
const SNAPSHOTS_MAX = 200;

/** The statement at a leaf. @throws Error when the leaf is an intent */
export function statementAt(log: Sources['log'], index: number): Statement {
  const leaf = decodeLeaf(log.read(index));
  if (leaf.kind !== 'statement') throw new Error(`Leaf ${index} is no statement.`);
  return parseStatement(leaf.statement);
}

/** Decisions of an agreement, oldest window first. */
export async function decisionsOf({ store, log }: StateSources, agreement: Uint8Array): Promise<Decision[]> {
  const rows = await store.query<{ leaf: number }>('SELECT leaf FROM decisions WHERE agreement = $1 ORDER BY to_ms', [
    agreement,
  ]);
  return rows.map(({ leaf }) => decisionPayload.decode(statementAt(log, leaf).payload));
}

/**
 * Finds the state before or after one of the decisions.
 *
 * @param decisions of the agreement, oldest window first
 * @param hash SHA-256 of the state wanted
 * @returns its bytes and how many windows were computed again to get them
 * @throws Error when nothing leads there, or the model is not the one that decided
 */
export async function findState(
  sources: StateSources,
  { id, terms }: ActiveAgreement,
  domain: Domain,
  decisions: readonly Decision[],
  hash: Uint8Array,
): Promise<{ state: Uint8Array; windows: number }> {
  const rows = await sources.store.query<{ leaf: number }>(
    'SELECT leaf FROM statements JOIN chains USING (chain) WHERE kind = $1 AND subject = $2 ORDER BY leaf DESC LIMIT $3',
    [statementKinds.snapshot, terms.subject, SNAPSHOTS_MAX],
  );
  const snapshots = rows.map(({ leaf }) =>
    Uint8Array.from(snapshotPayload.decode(statementAt(sources.log, leaf).payload).state),
  );
  const known = (wanted: Uint8Array): Uint8Array | undefined =>
    equalBytes(wanted, EMPTY) ? new Uint8Array() : snapshots.find((bytes) => equalBytes(sha256(bytes), wanted));
  const back: Decision[] = [];
  let wanted = hash;
  let state = known(wanted);
  while (state === undefined) {
    const decision = decisions.findLast(({ stateAfter }) => equalBytes(stateAfter, wanted));
    if (decision === undefined || back.includes(decision))
      throw new Error(
        `No snapshot leads to the state wanted of "${terms.title}". Is the store complete? trine rebuild makes it again.`,
      );
    back.push(decision);
    wanted = decision.stateBefore;
    state = known(wanted);
  }
  for (const decision of back.reverse()) {
    const leaves = await inputLeaves(sources.store, decision);
    const inputs = leaves.map((leaf) => readInput(sources, leaf));
    const { occasion, asOf } = decision;
    state = evaluate({ domain, agreement: id, terms, occasion, asOf, stateBefore: state, inputs }).stateAfter;
    if (!equalBytes(sha256(state), decision.stateAfter))
      throw new Error(
        `Computed again, the state of "${terms.title}" is not the one decided on: the model was changed.`,
      );
  }
  return { state, windows: back.length };
}
