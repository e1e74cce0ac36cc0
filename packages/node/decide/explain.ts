// Explain: why a decision is what it is. Computed again from its inputs, so that the explanation is of the same decision
// and not a story about it.
import { type Explanation, evaluate, inputOf } from '@trine/engine';
import { type Decision, decisionId, equalBytes, fromHex, type Label, TrineError, toHex } from '@trine/protocol';
import type { PolicyRegistry } from '../projections/policies.ts';
import type { Store } from '../projections/tables/store.ts';
import { decisionAt, evaluationOf, type StateSources, statesBefore } from './states.ts';

export interface SimilarCase {
  readonly id: string;
  readonly fromMs: number;
  readonly verdict: string;
  readonly outcome: string;
  readonly amount: number;
  readonly reason: string;
  /** 0 is the same in everything measured. */
  readonly distance: number;
  /** What people said of it, newest first. */
  readonly labels: readonly CaseLabel[];
}

interface CaseLabel extends Pick<Label, 'assessment' | 'by' | 'note'> {
  /** What it should have been, where corrected. */
  readonly verdict: string | null;
}

export interface ExplainedDecision extends Explanation {
  /** True: computed again just now, with the same bits. */
  readonly replayed: boolean;
  readonly similar: readonly SimilarCase[];
}

export interface ExplainOptions extends StateSources {
  readonly policies: Pick<PolicyRegistry, 'get' | 'wordOn' | 'releases'>;
}

const SIMILAR_SHOWN = 5;
const SIMILAR_SEARCHED = 2_000;

/**
 * @param leaf of the decision
 * @throws TrineError when its policy, domain or model is not at hand, or what it takes was erased
 */
export async function explainDecision(options: ExplainOptions, leaf: number): Promise<ExplainedDecision> {
  const decision = decisionAt(options.log, leaf);
  const logged = options.policies.get(toHex(decision.policy));
  if (logged === undefined) throw new TrineError('unsupported', 'The policy of this decision is not at hand here.');
  const { states } = await statesBefore(options, logged, { leaf, decision });
  const evaluation = await evaluationOf(options, logged, decision, states);
  const again = evaluate(evaluation).decision;
  const explanation = evaluation.model.engine.explain?.(inputOf(evaluation)) ?? { words: [], series: [] };
  // Where no money depends on it, nothing is held.
  const caveat = decision.outcome === 'hold' ? 'Held' : 'Not enough to rely on';
  return {
    words: [...explanation.words, ...decision.gate.reasons.map((reason) => `${caveat}: ${reason}.`)],
    series: explanation.series,
    replayed: equalBytes(decisionId(again), decisionId(decision)),
    similar: await similarCases(options.store, decision),
  };
}

interface PastRow {
  readonly decision: Uint8Array;
  readonly from_ms: number;
  readonly verdict: string;
  readonly outcome: string;
  readonly amount: number;
  readonly reason: string;
  readonly score_ppm: number | null;
  readonly facts: string;
  readonly [column: string]: unknown;
}

/** Past decisions under the same policy that measured about the same, nearest first, with what people said of them. */
async function similarCases(store: Store, decision: Decision): Promise<SimilarCase[]> {
  const rows = await store.query<PastRow>(
    `SELECT DISTINCT ON (from_ms, obligation) decision, from_ms, verdict, outcome, amount, reason, score_ppm, facts
     FROM decisions WHERE policy = $1 AND from_ms < $2 AND base IS NULL
     ORDER BY from_ms DESC, leaf LIMIT ${SIMILAR_SEARCHED}`,
    [decision.policy, decision.obligation.fromMs],
  );
  const past = rows.map((row) => ({ row, vector: vectorOf(row.score_ppm, JSON.parse(row.facts)) }));
  const own = vectorOf(decision.score?.ppm ?? null, decision.facts);
  const spread = spreads(past.map(({ vector }) => vector));
  const nearest = past
    .map(({ row, vector }) => ({
      row,
      distance: distanceOf(own, vector, spread) + Number(row.verdict !== decision.verdict),
    }))
    .sort((a, b) => a.distance - b.distance || b.row.from_ms - a.row.from_ms)
    .slice(0, SIMILAR_SHOWN);
  return Promise.all(
    nearest.map(async ({ row, distance }) => ({
      id: toHex(row.decision),
      fromMs: row.from_ms,
      verdict: row.verdict,
      outcome: row.outcome,
      amount: row.amount,
      reason: row.reason,
      distance: Math.round(distance * 1_000) / 1_000,
      labels: await store.query<CaseLabel & Record<string, unknown>>(
        'SELECT assessment, verdict, said_by AS "by", note FROM labels WHERE decision = $1 ORDER BY leaf DESC LIMIT 5',
        [row.decision],
      ),
    })),
  );
}

type Vector = ReadonlyMap<string, number | string>;

function vectorOf(scorePpm: number | null, facts: Decision['facts']): Vector {
  const score: [string, number][] = scorePpm === null ? [] : [['score', scorePpm]];
  return new Map<string, number | string>([...score, ...Object.entries(facts)]);
}

/** Mean absolute deviation of each measured number: what counts as far. */
function spreads(vectors: readonly Vector[]): ReadonlyMap<string, number> {
  const sums = new Map<string, { sum: number; count: number }>();
  const each = (visit: (name: string, value: number) => void) => {
    for (const vector of vectors) for (const [name, value] of vector) if (typeof value === 'number') visit(name, value);
  };
  each((name, value) => {
    const known = sums.get(name) ?? { sum: 0, count: 0 };
    sums.set(name, { sum: known.sum + value, count: known.count + 1 });
  });
  const deviations = new Map<string, number>();
  each((name, value) => {
    const { sum, count } = sums.get(name) as { sum: number; count: number };
    deviations.set(name, (deviations.get(name) ?? 0) + Math.abs(value - sum / count) / count);
  });
  return deviations;
}

/** Mean over what is measured: numbers by their spread (at most 3), texts by whether they differ. */
function distanceOf(a: Vector, b: Vector, spread: ReadonlyMap<string, number>): number {
  const names = new Set([...a.keys(), ...b.keys()]);
  let sum = 0;
  for (const name of names) {
    const [left, right] = [a.get(name), b.get(name)];
    if (typeof left === 'number' && typeof right === 'number') {
      const scale = spread.get(name) ?? 0;
      sum += left === right ? 0 : scale > 0 ? Math.min(3, Math.abs(left - right) / scale) : 1;
    } else if (left !== right) sum += 1;
  }
  return names.size === 0 ? 0 : sum / names.size;
}

/** The leaf of a decision. @param id hash of the decision or of its statement, hex @throws TrineError */
export async function decisionLeaf(store: Store, id: string): Promise<number> {
  const [row] = await store.query<{ leaf: number }>(
    'SELECT leaf FROM decisions WHERE decision = $1 OR statement = $1 ORDER BY leaf LIMIT 1',
    [fromHex(id)],
  );
  if (row === undefined) throw new TrineError('not-found', 'Nothing was decided under this id.');
  return row.leaf;
}
