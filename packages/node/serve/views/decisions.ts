// What was decided, as rows for people: in the domain's words, with what it is in answer to and what came after.
import { z } from '@hono/zod-openapi';
import { type Entry, type Facts, toHex } from '@trine/protocol';
import type { Row, Store } from '../../projections/tables/store.ts';
import type { Waiting } from '../../settle/batches.ts';
import {
  after,
  entrySchema,
  facts,
  flagGiven,
  hex32,
  type Immutable,
  limit,
  minorUnits,
  outcome,
  pageOf,
  subject,
  text,
  timeGiven,
  timeMs,
} from '../schema.ts';
import { type List, listed, totalOf } from './list.ts';
import type { Conditions, PageQuery } from './page.ts';

export const decisionSchema = z
  .object({
    id: hex32,
    leaf: z.int(),
    policy: hex32.openapi({ description: 'Hash of the policy.' }),
    agreement: hex32.optional().openapi({ description: 'Id of the agreement; absent: advice under a monitor.' }),
    domain: z.string(),
    subject: z.string(),
    obligation: hex32,
    trigger: z.string().openapi({ description: 'What brought the obligation about.' }),
    fromMs: timeMs.openapi({ description: 'The event time that it is about: from here on' }),
    toMs: timeMs.openapi({ description: 'and before this.' }),
    base: hex32.optional().openapi({ description: 'A correction: the obligation that it corrects.' }),
    cut: z.int().openapi({ description: 'Only leaves below were looked at.' }),
    verdict: z.string().openapi({ description: 'A word of the domain.' }),
    outcome,
    entries: z.array(entrySchema),
    amount: minorUnits.openapi({ description: 'Sum of the entries, minor units.' }),
    currency: z.string().openapi({ description: "'' where the policy knows no money." }),
    score: z.object({ ppm: z.int(), thresholdPpm: z.int() }).optional(),
    facts,
    reason: z.string(),
    gate: z.array(z.string()).openapi({ description: 'Why it is held.' }),
    rowCount: z.int().optional().openapi({ description: 'Lines of single parties; absent where the domain has none.' }),
    arrivalMs: timeMs,
    model: hex32.openapi({ description: 'Hash of the model that decided.' }),
    payment: hex32.optional().openapi({ description: 'Digest of the intent, where a payment was ordered.' }),
    awaits: z
      .string()
      .optional()
      .openapi({ description: 'Decided to be paid, and not yet payable: what it waits for, in words.' }),
    supersedes: hex32.optional().openapi({ description: 'The decision that it replaces or corrects.' }),
    supersededBy: hex32.optional().openapi({ description: 'The one that replaced or corrected it.' }),
    labels: z.int().openapi({ description: 'How many times people spoke of it.' }),
  })
  .openapi('Decision');
export type DecisionView = Immutable<z.infer<typeof decisionSchema>>;

/** What people said of what the gate held. */
export const byHand = z
  .object({ ruling: z.enum(['pay', 'drop']), reason: z.string(), by: z.string() })
  .openapi({ description: 'Held, and released (`pay`) or dropped by hand: by whom, in words, and why.' });

/** One party's line of a decision over many. */
export const rowSchema = z
  .object({
    id: hex32,
    leaf: z.int(),
    key: z.string(),
    verdict: z.string(),
    outcome,
    amount: minorUnits,
    entries: z.array(entrySchema),
    facts,
    reason: z.string(),
    gate: z.array(z.string()),
    awaits: z
      .string()
      .optional()
      .openapi({ description: 'It pays, and goes into no batch yet: what it waits for, in words.' }),
    byHand: byHand.optional(),
  })
  .openapi('Row', { description: 'One party’s line of a decision over many.' });
export type RowView = Immutable<z.infer<typeof rowSchema>>;

/** Each counted under the filter but for what chooses among them: so each says what choosing it would show. */
const decisionCounts = z.object({
  total: z.int().openapi({ description: 'Decisions that the whole filter lets through.' }),
  verdicts: z
    .array(z.object({ domain: z.string(), verdict: z.string(), count: z.int(), held: z.int(), advice: z.int() }))
    .openapi({
      description:
        'By word, and how many of these are held, or under monitors; under the filter but for verdict, held, outcome, advice.',
    }),
});
export const decisionPageSchema = pageOf('DecisionPage', decisionSchema, decisionCounts);
export type DecisionPage = Immutable<z.infer<typeof decisionPageSchema>>;
export const rowPageSchema = pageOf('RowPage', rowSchema, z.object({ total: z.int() }));
type RowPage = Immutable<z.infer<typeof rowPageSchema>>;

/** What a list is narrowed to, and how it is sorted. */
export const decisionFilter = {
  verdict: text(40).optional(),
  held: flagGiven.openapi({ description: 'Held ones alone, or none of them.' }),
  outcome: outcome.optional(),
  advice: flagGiven.openapi({ description: 'Those under monitors alone, or none of them.' }),
  standing: flagGiven.openapi({ description: 'Those that none replaced or corrected, or those that one did.' }),
  gate: text(300).optional().openapi({ description: 'Words in a reason for which it is held.' }),
  subject: subject.optional(),
  policy: hex32.optional().openapi({ description: 'Hash of a policy, or id of an agreement.' }),
  domain: text(40).optional(),
  from: timeGiven.openapi({ description: 'Obligations that end after this.' }),
  to: timeGiven.openapi({ description: 'Obligations that begin before this.' }),
  sort: z.enum(['newest', 'oldest', 'amount', 'score']).optional(),
  limit,
  after,
};
export type DecisionQuery = PageQuery & Partial<Immutable<z.output<z.ZodObject<typeof decisionFilter>>>>;

type Values = Readonly<Record<string, unknown>>;

const hex = (value: unknown): string | undefined => (value ? toHex(value as Uint8Array) : undefined);
const lines = (text: unknown): string[] => (text === '' ? [] : String(text).split('\n'));

/** @param row of the table `decisions`, as stored, or with what a query joined to it */
export function decisionView(row: Values): DecisionView {
  const entries = JSON.parse(row.entries as string) as Entry[];
  const currency = (row.currency as string | null | undefined) ?? '';
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
    supersedes: hex(row.supersedes),
    supersededBy: hex(row.superseded_by),
    labels: (row.labels as number | undefined) ?? 0,
  };
}

/** What is not ordered yet, and why, by decision in hex. */
export type WaitingMap = ReadonlyMap<string, Waiting>;

/** A decision with what it waits for, or how many of its lines do. */
export function withWaiting(view: DecisionView, waiting: WaitingMap): DecisionView {
  const { reason, lines } = waiting.get(view.id) ?? {};
  if (reason !== undefined) return { ...view, awaits: reason };
  if (lines === undefined || lines.size === 0) return view;
  const [first] = lines.values();
  return { ...view, awaits: `${lines.size} of its lines: ${first}` };
}

/** @param source the table, or some of its rows */
const joined = (source = 'decisions'): string => `SELECT d.*,
  (SELECT any_value(i.digest) FROM intents i WHERE i.decision = d.decision) AS digest,
  (SELECT any_value(s.decision) FROM decisions s WHERE s.supersedes = d.decision) AS superseded_by,
  (SELECT count(*) FROM labels l WHERE l.decision = d.decision) AS labels
  FROM ${source} d`;

const list: List<DecisionQuery, DecisionView> = {
  name: 'decisions',
  from: (asOf) => `(SELECT * FROM decisions WHERE leaf < ${asOf}) d`,
  narrow,
  orders: {
    newest: { by: 'd.leaf', tie: 'd.leaf', descending: true },
    oldest: { by: 'd.leaf', tie: 'd.leaf', descending: false },
    amount: { by: 'd.amount', tie: 'd.leaf', descending: true },
    // What has no score comes last.
    score: { by: 'coalesce(d.score_ppm, -1)', tie: 'd.leaf', descending: true },
  },
  form: ['number', 'number'],
  joined,
  view: decisionView,
};

const NO_CHOICE = { verdict: undefined, held: undefined, outcome: undefined, advice: undefined };

/** A page of decisions, and counts over all that the filter lets through. */
export function decisions(store: Store, query: DecisionQuery): Promise<DecisionPage> {
  return listed(store, list, query, async (through) => ({
    total: await totalOf(through, query),
    verdicts: await through<DecisionPage['counts']['verdicts'][number] & Row>(
      `domain, verdict, count(*) AS count, count(*) FILTER (outcome = 'hold') AS held,
        count(*) FILTER (agreement IS NULL) AS advice`,
      { ...query, ...NO_CHOICE },
      'GROUP BY domain, verdict ORDER BY domain, verdict',
    ),
  }));
}

function narrow(conditions: Conditions, query: DecisionQuery, asOf: string): Conditions {
  const { policy, held, advice, standing } = query;
  const replaced = `SELECT supersedes FROM decisions WHERE supersedes IS NOT NULL AND leaf < ${asOf}`;
  return conditions
    .add(query.verdict, (n) => `d.verdict = ${n}`)
    .add(query.outcome, (n) => `d.outcome = ${n}`)
    .add(held === undefined ? undefined : 'hold', (n) => `d.outcome ${held ? '=' : '<>'} ${n}`)
    .add(advice, (n) => `(d.agreement IS NULL) = ${n}`)
    .add(standing, (n) => `(d.decision NOT IN (${replaced})) = ${n}`)
    .add(query.gate, (n) => `contains(lower(d.gate), lower(${n}))`)
    .add(query.subject, (n) => `d.subject = ${n}`)
    .add(policy && Buffer.from(policy, 'hex'), (n) => `(d.policy = ${n} OR d.agreement = ${n})`)
    .add(query.domain, (n) => `d.domain = ${n}`)
    .add(query.from, (n) => `d.to_ms > ${n}`)
    .add(query.to, (n) => `d.from_ms < ${n}`);
}

export async function decision(store: Store, id: Uint8Array): Promise<DecisionView | undefined> {
  const [row] = await store.query(`${joined()} WHERE d.decision = $1 ORDER BY d.leaf LIMIT 1`, [id]);
  return row && decisionView(row);
}

const CHAIN_MAX = 100;

/** All that was decided on the obligation of a decision, corrections included, oldest first. */
export async function chainOf(store: Store, { policy, base, obligation }: DecisionView): Promise<DecisionView[]> {
  const rows = await store.query(
    `${joined()} WHERE d.policy = $1 AND (d.obligation = $2 OR d.base = $2) ORDER BY d.leaf LIMIT ${CHAIN_MAX}`,
    [Buffer.from(policy, 'hex'), Buffer.from(base ?? obligation, 'hex')],
  );
  return rows.map(decisionView);
}

type RowQuery = PageQuery & Pick<DecisionView, 'policy' | 'obligation'>;

const rowList: List<RowQuery, RowView> = {
  name: 'rows',
  from: (asOf) => `(SELECT * FROM rows WHERE leaf < ${asOf}) r`,
  narrow: (conditions, { policy, obligation }) =>
    conditions
      .add(Buffer.from(policy, 'hex'), (n) => `r.policy = ${n}`)
      .add(Buffer.from(obligation, 'hex'), (n) => `r.obligation = ${n}`),
  orders: { key: { by: 'r.key', tie: 'r.leaf', descending: false } },
  form: ['string', 'number'],
  view: rowView,
};

/** Lines of single parties under a decision, by key. */
export function rowsOf(store: Store, { policy, obligation }: DecisionView, page: PageQuery): Promise<RowPage> {
  const query = { ...page, policy, obligation, sort: 'key' };
  return listed(store, rowList, query, async (through) => ({ total: await totalOf(through, query) }));
}

function rowView(row: Values): RowView {
  return {
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
  };
}

export const totalsSchema = z
  .object({
    decisions: z.int().openapi({ description: 'Under agreements; what was replaced or corrected counts with it.' }),
    verdicts: z
      .array(z.object({ domain: z.string(), verdict: z.string(), count: z.int() }))
      .openapi({ description: 'Under agreements and not held.' }),
    advice: z.int().openapi({ description: 'Decisions under monitors: no money depends on them.' }),
    held: z.int().openapi({ description: 'And not replaced since.' }),
    ordered: z.int(),
    paid: z.int(),
  })
  .openapi('Totals');
export type TotalsView = Immutable<z.infer<typeof totalsSchema>>;

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
