// What was decided, as rows for people: in the domain's words, with what it is in answer to and what came after.
import { awaitedBy, type Entry, type Facts, toHex } from '@trine/protocol';
import type { Store } from '../../projections/tables/store.ts';

export interface DecisionView {
  readonly id: string;
  readonly leaf: number;
  /** Hash of the policy. */
  readonly policy: string;
  /** Id of the agreement; undefined: advice under a monitor. */
  readonly agreement: string | undefined;
  readonly domain: string;
  readonly subject: string;
  /** Id of the obligation, the trigger that brought it about, and the event time `[fromMs, toMs)` it is about. */
  readonly obligation: string;
  readonly trigger: string;
  readonly fromMs: number;
  readonly toMs: number;
  /** A correction: id of the obligation that it corrects. */
  readonly base: string | undefined;
  /** Only leaves below were looked at. */
  readonly cut: number;
  /** A word of the domain. */
  readonly verdict: string;
  readonly outcome: 'none' | 'pay' | 'hold' | 'advice';
  readonly entries: readonly Entry[];
  /** Sum of the entries, minor units. */
  readonly amount: number;
  /** '' where the policy knows no money. */
  readonly currency: string;
  readonly score: { readonly ppm: number; readonly thresholdPpm: number } | undefined;
  readonly facts: Facts;
  readonly reason: string;
  readonly gate: readonly string[];
  /** Lines of single parties; undefined where the domain has none. */
  readonly rowCount: number | undefined;
  readonly arrivalMs: number;
  /** Hash of the model that decided. */
  readonly model: string;
  /** Digest of the intent, where a payment was ordered. */
  readonly payment: string | undefined;
  /** Decided to be paid, and not yet payable: what it waits for, in words. */
  readonly awaits: string | undefined;
  /** Id of the decision that it replaces or corrects, and of the one that replaced or corrected it. */
  readonly supersedes: string | undefined;
  readonly supersededBy: string | undefined;
  /** How many times people spoke of it. */
  readonly labels: number;
}

/** One party's line of a decision over many. */
export interface RowView {
  readonly id: string;
  readonly leaf: number;
  readonly key: string;
  readonly verdict: string;
  readonly outcome: DecisionView['outcome'];
  readonly amount: number;
  readonly entries: readonly Entry[];
  readonly facts: Facts;
  readonly reason: string;
  readonly gate: readonly string[];
}

/** What a list is narrowed to. */
export interface DecisionFilter {
  readonly subject?: string | undefined;
  readonly policy?: string | undefined;
}

type Values = Readonly<Record<string, unknown>>;

const hex = (value: unknown): string | undefined => (value ? toHex(value as Uint8Array) : undefined);
const lines = (text: unknown): string[] => (text === '' ? [] : String(text).split('\n'));

/** @param row of the table `decisions`, as stored, or with what a query joined to it */
export function decisionView(row: Values): DecisionView {
  const entries = JSON.parse(row.entries as string) as Entry[];
  const currency = (row.currency as string | null | undefined) ?? '';
  const hasRows = typeof row.row_count === 'number';
  const isPaid = row.outcome === 'pay' && Boolean(row.agreement);
  const ppm = row.score_ppm as number | null | undefined;
  return {
    id: toHex(row.decision as Uint8Array),
    leaf: row.leaf as number,
    policy: toHex(row.policy as Uint8Array),
    agreement: hex(row.agreement),
    domain: row.domain as string,
    subject: row.subject as string,
    obligation: toHex(row.obligation as Uint8Array),
    trigger: row.trigger_name as string,
    fromMs: row.from_ms as number,
    toMs: row.to_ms as number,
    base: hex(row.base),
    cut: row.cut as number,
    verdict: row.verdict as string,
    outcome: row.outcome as DecisionView['outcome'],
    entries,
    amount: row.amount as number,
    currency,
    score: typeof ppm === 'number' ? { ppm, thresholdPpm: row.threshold_ppm as number } : undefined,
    facts: JSON.parse(row.facts as string) as Facts,
    reason: row.reason as string,
    gate: lines(row.gate),
    rowCount: (row.row_count as number | null | undefined) ?? undefined,
    arrivalMs: row.arrival_ms as number,
    model: toHex(row.model as Uint8Array),
    payment: hex(row.digest),
    awaits: isPaid ? awaitedBy({ entries, hasRows }, currency) : undefined,
    supersedes: hex(row.supersedes),
    supersededBy: hex(row.superseded_by),
    labels: (row.labels as number | undefined) ?? 0,
  };
}

const JOINED = `SELECT d.*,
  (SELECT any_value(i.digest) FROM intents i WHERE i.decision = d.decision) AS digest,
  (SELECT any_value(s.decision) FROM decisions s WHERE s.supersedes = d.decision) AS superseded_by,
  (SELECT count(*) FROM labels l WHERE l.decision = d.decision) AS labels
  FROM decisions d`;

/** The newest decisions. */
export async function decisions(store: Store, limit: number, filter: DecisionFilter = {}): Promise<DecisionView[]> {
  const values: unknown[] = [limit];
  const conditions: string[] = [];
  if (filter.subject !== undefined) conditions.push(`d.subject = $${values.push(filter.subject)}`);
  if (filter.policy !== undefined) conditions.push(`d.policy = $${values.push(Buffer.from(filter.policy, 'hex'))}`);
  const where = conditions.length > 0 ? `WHERE ${conditions.join(' AND ')}` : '';
  const rows = await store.query(`${JOINED} ${where} ORDER BY d.leaf DESC LIMIT $1`, values);
  return rows.map(decisionView);
}

export async function decision(store: Store, id: Uint8Array): Promise<DecisionView | undefined> {
  const [row] = await store.query(`${JOINED} WHERE d.decision = $1 ORDER BY d.leaf LIMIT 1`, [id]);
  return row && decisionView(row);
}

const CHAIN_MAX = 100;

/** All that was decided on the obligation of a decision, corrections included, oldest first. */
export async function chainOf(store: Store, { policy, base, obligation }: DecisionView): Promise<DecisionView[]> {
  const rows = await store.query(
    `${JOINED} WHERE d.policy = $1 AND (d.obligation = $2 OR d.base = $2) ORDER BY d.leaf LIMIT ${CHAIN_MAX}`,
    [Buffer.from(policy, 'hex'), Buffer.from(base ?? obligation, 'hex')],
  );
  return rows.map(decisionView);
}

/** Lines of single parties under a decision, by key. */
export async function rowsOf(store: Store, of: DecisionView, limit: number): Promise<RowView[]> {
  const rows = await store.query(
    `SELECT statement, leaf, key, verdict, outcome, amount, entries, facts, reason, gate FROM rows
     WHERE policy = $1 AND obligation = $2 ORDER BY key, leaf DESC LIMIT $3`,
    [Buffer.from(of.policy, 'hex'), Buffer.from(of.obligation, 'hex'), limit],
  );
  return rows.map((row) => ({
    id: toHex(row.statement as Uint8Array),
    leaf: row.leaf as number,
    key: row.key as string,
    verdict: row.verdict as string,
    outcome: row.outcome as RowView['outcome'],
    amount: row.amount as number,
    entries: JSON.parse(row.entries as string) as Entry[],
    facts: JSON.parse(row.facts as string) as Facts,
    reason: row.reason as string,
    gate: lines(row.gate),
  }));
}

export interface VerdictCount {
  readonly domain: string;
  readonly verdict: string;
  readonly count: number;
}

export interface TotalsView {
  /** Under agreements; what was replaced or corrected counts with it. */
  readonly decisions: number;
  /** Under agreements and not held. */
  readonly verdicts: readonly VerdictCount[];
  /** Decisions under monitors: no money depends on them. */
  readonly advice: number;
  /** And not replaced since. */
  readonly held: number;
  readonly ordered: number;
  readonly paid: number;
}

/** Sums over all decisions and payments. */
export async function totals(store: Store): Promise<TotalsView> {
  const verdicts = await store.query<{ domain: string; verdict: string; count: number }>(
    `SELECT domain, verdict, count(*) AS count FROM decisions WHERE agreement IS NOT NULL AND outcome <> 'hold'
     GROUP BY domain, verdict ORDER BY domain, verdict`,
  );
  const [row] = await store.query<Omit<TotalsView, 'verdicts'> & Record<string, number>>(
    `SELECT (SELECT count(*) FROM decisions WHERE agreement IS NOT NULL) AS decisions,
      (SELECT count(*) FROM decisions WHERE agreement IS NULL) AS advice,
      (SELECT count(*) FROM decisions d WHERE outcome = 'hold'
        AND NOT EXISTS (SELECT 1 FROM decisions s WHERE s.supersedes = d.decision)) AS held,
      (SELECT count(*) FROM intents) AS ordered,
      (SELECT count(DISTINCT intent) FROM settlements) AS paid`,
  );
  return { ...(row as Omit<TotalsView, 'verdicts'>), verdicts };
}
