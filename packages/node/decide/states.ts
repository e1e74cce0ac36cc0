// The model's state by its hash: from a snapshot in the log, or computed again from the nearest one before.

import type { Domain } from '@trine/engine/domain.ts';
import { evaluate } from '@trine/engine/evaluate.ts';
import {
  type Decision,
  decisionPayload,
  decodeLeaf,
  equalBytes,
  type ModelIdentity,
  modelHash,
  parseStatement,
  type Statement,
  sha256,
  snapshotPayload,
  TrineError,
  toHex,
} from '@trine/protocol';
import type { ModelRegistry } from '../projections/models.ts';
import type { Store } from '../projections/tables/store.ts';
import type { ActivePolicy } from './decider.ts';
import { inputLeaves, readInput, type Sources } from './inputs.ts';

export interface StateSources extends Sources {
  readonly store: Store;
  readonly models: ModelRegistry;
}

const EMPTY = sha256(new Uint8Array());
/** Snapshots are sealed far more often than that: further back something is wrong. */
const WINDOWS_BACK_MAX = 10_000;

/** The statement at a leaf. @throws Error when the leaf is an intent */
export function statementAt(log: Sources['log'], index: number): Statement {
  const leaf = decodeLeaf(log.read(index));
  if (leaf.kind !== 'statement') throw new Error(`Leaf ${index} is no statement.`);
  return parseStatement(leaf.statement);
}

/** The newest decision under a policy. */
export async function lastDecision({ store, log }: StateSources, terms: Uint8Array): Promise<Decision | undefined> {
  const [row] = await store.query<{ leaf: number }>(
    'SELECT leaf FROM decisions WHERE terms = $1 ORDER BY to_ms DESC, leaf DESC LIMIT 1',
    [terms],
  );
  return row && decisionPayload.decode(statementAt(log, row.leaf).payload);
}

/** The newest sealed state of a model about a thing, not after a time. @param exactly at that time alone */
export async function snapshotBefore(
  { store, log }: StateSources,
  subject: string,
  model: ModelIdentity,
  untilMs: number,
  exactly = false,
): Promise<Uint8Array | undefined> {
  const [row] = await store.query<{ leaf: number }>(
    `SELECT leaf FROM snapshots WHERE subject = $1 AND model = $2 AND until_ms ${exactly ? '=' : '<='} $3
     ORDER BY until_ms DESC, leaf DESC LIMIT 1`,
    [subject, modelHash(model), untilMs],
  );
  return row && snapshotPayload.decode(statementAt(log, row.leaf).payload).state;
}

async function sealedState({ store, log }: StateSources, hash: Uint8Array): Promise<Uint8Array | undefined> {
  if (equalBytes(hash, EMPTY)) return new Uint8Array();
  const [row] = await store.query<{ leaf: number }>(
    'SELECT leaf FROM snapshots WHERE state = $1 ORDER BY leaf LIMIT 1',
    [hash],
  );
  return row && Uint8Array.from(snapshotPayload.decode(statementAt(log, row.leaf).payload).state);
}

/** The earliest one: a state that did not change for a while has many, and this way the search always goes back in time. */
async function decisionLeadingTo(
  { store, log }: StateSources,
  terms: Uint8Array,
  state: Uint8Array,
): Promise<Decision | undefined> {
  const [row] = await store.query<{ leaf: number }>(
    'SELECT leaf FROM decisions WHERE terms = $1 AND state_after = $2 ORDER BY from_ms, leaf LIMIT 1',
    [terms, state],
  );
  return row && decisionPayload.decode(statementAt(log, row.leaf).payload);
}

/**
 * Finds the state before or after one of the decisions under a policy.
 *
 * @param hash SHA-256 of the state wanted
 * @returns its bytes and how many windows were computed again to get them
 * @throws Error when nothing leads there, or the model is not the one that decided
 */
export async function findState(
  sources: StateSources,
  { id, terms, hash: termsHex }: ActivePolicy,
  domain: Domain,
  hash: Uint8Array,
): Promise<{ state: Uint8Array; windows: number }> {
  const policy = Uint8Array.from(Buffer.from(termsHex, 'hex'));
  const back: Decision[] = [];
  let wanted = hash;
  let state = await sealedState(sources, wanted);
  while (state === undefined) {
    const decision = await decisionLeadingTo(sources, policy, wanted);
    if (decision === undefined || back.length >= WINDOWS_BACK_MAX)
      throw new TrineError(
        'damaged',
        `No snapshot leads to the state ${toHex(hash).slice(0, 12)}… of "${terms.title}". Is the store complete? trine rebuild makes it again.`,
      );
    back.push(decision);
    wanted = decision.stateBefore;
    state = await sealedState(sources, wanted);
  }
  for (const decision of back.reverse()) {
    const inputs = await decisionInputs(sources, decision);
    const { obligation, asOf } = decision;
    const model = sources.models.deciding(decision.model);
    state = evaluate({ domain, agreement: id, terms, model, obligation, asOf, stateBefore: state, inputs }).stateAfter;
    if (!equalBytes(sha256(state), decision.stateAfter))
      throw new TrineError(
        'damaged',
        `Computed again, the state of "${terms.title}" is not the one decided on: the model was changed.`,
      );
  }
  return { state, windows: back.length };
}

/** The sealed packs that went into a decision. */
export async function decisionInputs(
  sources: StateSources,
  decision: Decision,
): Promise<ReturnType<typeof readInput>[]> {
  return (await inputLeaves(sources.store, decision)).map((leaf) => readInput(sources, leaf));
}
