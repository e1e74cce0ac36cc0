// What was said by hand of lines that are settled in batches, in all decisions on their obligation.
import { linesInLog, type RecordedDecision, UNSAID } from '@trine/engine';
import { type Decision, decisionPayload, fromHex, type LineByHand, obligationId, toHex } from '@trine/protocol';
import { isAgreement, type LoggedPolicy, type PolicyRegistry } from '../projections/policies.ts';
import { type Sources, statementAt } from './inputs.ts';

export interface ByHandSources extends Pick<Sources, 'store' | 'log' | 'network'> {
  readonly policies: Pick<PolicyRegistry, 'wordOn' | 'releases'>;
}

/**
 * What became by hand of the lines of an obligation and its corrections.
 * @param base id of the obligation that was decided first
 * @param until leaf of the last decision that is looked at
 * @returns of one line under one obligation (its id, hex)
 */
export async function linesByHandOf(
  { store, log, network, policies }: ByHandSources,
  logged: LoggedPolicy,
  base: Uint8Array,
  until: number = Number.MAX_SAFE_INTEGER,
): Promise<(key: string, obligation: string) => LineByHand<number>> {
  // What is settled entry by entry is released as a whole, and not corrected any more.
  if (!isAgreement(logged) || logged.policy.money.contract !== network.chain.batch) return () => UNSAID;
  if (!policies.releases().some(({ policy }) => policy === logged.hash)) return () => UNSAID;
  const of = [fromHex(logged.hash), base];
  const found = await store.query<{ leaf: number }>(
    'SELECT leaf FROM decisions WHERE policy = $1 AND (obligation = $2 OR base = $2) AND leaf <= $3 ORDER BY leaf',
    [...of, until],
  );
  const decided = firstOfEach(
    found.map(({ leaf }) => ({ leaf, decision: decisionPayload.decode(statementAt(log, leaf).payload) })),
  );
  const rows = await store.query<{ key: string; outcome: Decision['outcome']; obligation: Uint8Array }>(
    'SELECT DISTINCT key, outcome, obligation FROM rows WHERE policy = $1 AND (obligation = $2 OR base = $2)',
    of,
  );
  const outcomes = new Map(rows.map(({ key, outcome, obligation }) => [`${toHex(obligation)} ${key}`, outcome]));
  return linesInLog(
    decided,
    (key, obligation) => outcomes.get(`${obligation} ${key}`),
    (key, id) => policies.wordOn(logged.hash, id, key),
  );
}

/** One that stands in the log of several deciders is one decision: the first on each obligation counts. */
function firstOfEach(all: readonly RecordedDecision[]): RecordedDecision[] {
  const first = new Map<string, RecordedDecision>();
  for (const one of all) {
    const name = toHex(obligationId(one.decision.obligation));
    if (!first.has(name)) first.set(name, one);
  }
  return [...first.values()];
}
