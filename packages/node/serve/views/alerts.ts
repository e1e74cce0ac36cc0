// Alerts: one for as long as it goes on. The same code about the same subject under the same policy is the same alert,
// until a person says that it is resolved.
import { z } from '@hono/zod-openapi';
import { toHex } from '@trine/protocol';
import type { Row, Store } from '../../projections/tables/store.ts';
import { after, hex32, type Immutable, limit, pageOf, subject, text, timeGiven, timeMs } from '../schema.ts';
import { type List, listed } from './list.ts';
import type { Conditions, PageQuery } from './page.ts';

const severity = z.enum(['info', 'warning', 'critical']);
const status = z.enum(['raised', 'acknowledged', 'resolved']);

export const alertSchema = z
  .object({
    policy: hex32,
    domain: z.string(),
    code: z.string().openapi({ description: 'A word of the domain.' }),
    severity,
    subject: z.string(),
    decision: hex32.openapi({ description: 'The newest decision that raised it: what a person’s word on it names.' }),
    raisedBy: hex32.openapi({ description: 'The decision that raised it first: the same for as long as it goes on.' }),
    reason: z.string(),
    sinceMs: timeMs.openapi({ description: 'End of the first obligation that raised it' }),
    lastMs: timeMs.openapi({ description: 'and of the newest.' }),
    times: z.int().openapi({ description: 'How many obligations raised it.' }),
    status,
    said: z
      .object({ by: z.string(), note: z.string(), atMs: timeMs })
      .optional()
      .openapi({ description: 'Who said so, when, and what of it.' }),
  })
  .openapi('Alert');
export type AlertView = Immutable<z.infer<typeof alertSchema>>;

export const alertPageSchema = pageOf(
  'AlertPage',
  alertSchema,
  z.object({
    total: z.int().openapi({ description: 'Alerts that the whole filter lets through.' }),
    statuses: z
      .array(z.object({ status, severity, count: z.int() }))
      .openapi({ description: 'Under the filter but for `status` and `severity`.' }),
  }),
);
type AlertPage = Immutable<z.infer<typeof alertPageSchema>>;

export const alertFilter = {
  status: z
    .enum([...status.options, 'open'])
    .optional()
    .openapi({ description: '`open`: raised or acknowledged, not resolved.' }),
  severity: severity.optional(),
  subject: subject.optional(),
  policy: hex32.optional(),
  domain: text(40).optional(),
  from: timeGiven.openapi({ description: 'That went on after this.' }),
  to: timeGiven.openapi({ description: 'That began before this.' }),
  sort: z.enum(['newest', 'oldest', 'severity']).optional(),
  limit,
  after,
};
export type AlertQuery = PageQuery & Partial<Immutable<z.output<z.ZodObject<typeof alertFilter>>>>;

/** Each alert with the number of times that it had been resolved before: alerts of one number are one going on. */
const goingOn = (asOf: string) => `
  -- What another decider says of the same decision raises nothing more.
  heard AS MATERIALIZED (SELECT DISTINCT ON (decision, code, subject) * FROM alerts WHERE leaf < ${asOf}
    ORDER BY decision, code, subject, leaf),
  said AS MATERIALIZED (SELECT a.policy, a.code, a.subject, a.leaf AS raised, s.leaf, s.status, s.said_by, s.note, s.arrival_ms
    FROM alert_status s JOIN heard a ON a.decision = s.decision AND a.code = s.code AND a.leaf < s.leaf
    WHERE s.leaf < ${asOf}),
  -- What was resolved before it was raised again is over already: a word on it does not end the one going on.
  over AS (SELECT policy, code, subject, min(leaf) AS leaf FROM said WHERE status = 'resolved' GROUP BY ALL
    UNION ALL SELECT s.policy, s.code, s.subject, min(s.leaf) FROM over o JOIN said s USING (policy, code, subject)
    WHERE s.status = 'resolved' AND s.raised > o.leaf GROUP BY ALL),
  each AS (SELECT a.*, (SELECT count(*) FROM over o
    WHERE o.policy = a.policy AND o.code = a.code AND o.subject = a.subject AND o.leaf < a.leaf) AS run FROM heard a),
  newest AS (SELECT e.policy, e.code, e.subject, e.run, arg_max(s.status, s.leaf) AS status,
    arg_max(s.said_by, s.leaf) AS said_by, arg_max(s.note, s.leaf) AS note, max(s.arrival_ms) AS said_ms
    FROM said s JOIN each e ON e.leaf = s.raised AND e.code = s.code AND e.subject = s.subject
    GROUP BY e.policy, e.code, e.subject, e.run),
  groups AS (SELECT policy, code, subject, run, any_value(domain) AS domain, arg_max(severity, leaf) AS severity,
    arg_max(decision, leaf) AS decision, arg_max(reason, leaf) AS reason, min(at_ms) AS since, max(at_ms) AS last,
    count(*) AS times, max(leaf) AS leaf, min(leaf) AS raised, arg_min(decision, leaf) AS raised_by FROM each GROUP BY policy, code, subject, run)`;

const withStatus = (asOf: string) => `WITH RECURSIVE ${goingOn(asOf)}, told AS (
  SELECT g.*, coalesce(n.status, 'raised') AS status, n.said_by, n.note, n.said_ms,
    CASE g.severity WHEN 'critical' THEN 3 WHEN 'warning' THEN 2 ELSE 1 END AS weight,
    -- One decision may raise several: the leaf alone does not tell them apart.
    printf('%016d', g.leaf) || ' ' || g.code || ' ' || g.subject || ' ' || g.run AS place
  FROM groups g
  LEFT JOIN newest n ON n.policy = g.policy AND n.code = g.code AND n.subject = g.subject AND n.run = g.run)`;

const list: List<AlertQuery, AlertView> = {
  name: 'alerts',
  from: (asOf) => `(${withStatus(asOf)} SELECT * FROM told) t`,
  narrow,
  orders: {
    newest: { by: 't.leaf', tie: 't.place', descending: true },
    oldest: { by: 't.leaf', tie: 't.place', descending: false },
    severity: { by: 't.weight', tie: 't.place', descending: true },
  },
  form: ['number', 'string'],
  view: viewOf,
};

/** A page of alerts, and counts over all that the filter lets through. */
export function alerts(store: Store, query: AlertQuery): Promise<AlertPage> {
  return listed(store, list, query, async (through) => {
    const statuses = await through<AlertPage['counts']['statuses'][number] & Row>(
      'status, severity, count(*) AS count',
      { ...query, status: undefined, severity: undefined },
      'GROUP BY ALL ORDER BY ALL',
    );
    const chosen = statuses.filter(
      (one) => isOf(query.status, one.status) && (query.severity === undefined || one.severity === query.severity),
    );
    return { total: chosen.reduce((sum, { count }) => sum + count, 0), statuses };
  });
}

function isOf(wanted: AlertQuery['status'], found: AlertView['status']): boolean {
  return wanted === undefined || (wanted === 'open' ? found !== 'resolved' : found === wanted);
}

function narrow(conditions: Conditions, { policy, status: wanted, ...query }: AlertQuery): Conditions {
  return conditions
    .add(wanted === 'open' ? 'resolved' : undefined, (n) => `t.status <> ${n}`)
    .add(wanted === 'open' ? undefined : wanted, (n) => `t.status = ${n}`)
    .add(query.severity, (n) => `t.severity = ${n}`)
    .add(query.subject, (n) => `t.subject = ${n}`)
    .add(policy && Buffer.from(policy, 'hex'), (n) => `t.policy = ${n}`)
    .add(query.domain, (n) => `t.domain = ${n}`)
    .add(query.from, (n) => `t.last > ${n}`)
    .add(query.to, (n) => `t.since < ${n}`);
}

/** An alert, and where it was raised first. */
export interface RaisedAlert {
  readonly leaf: number;
  /** Id of the decision that raised it first. */
  readonly decision: string;
  readonly alert: AlertView;
}

/** All alerts that were raised first by the next decision beyond a leaf; none: nothing was raised since. */
export async function alertsRaisedNext(store: Store, beyond: number): Promise<RaisedAlert[]> {
  const rows = await store.query(
    `${withStatus('$2')} SELECT t.* FROM told t
     WHERE t.raised = (SELECT min(raised) FROM groups WHERE raised > $1) ORDER BY t.code, t.subject`,
    [beyond, store.position],
  );
  return rows.map((row) => ({
    leaf: row.raised as number,
    decision: toHex(row.raised_by as Uint8Array),
    alert: viewOf(row),
  }));
}

function viewOf(row: Row): AlertView {
  return {
    policy: toHex(row.policy as Uint8Array),
    domain: row.domain as string,
    code: row.code as string,
    severity: row.severity as AlertView['severity'],
    subject: row.subject as string,
    decision: toHex(row.decision as Uint8Array),
    raisedBy: toHex(row.raised_by as Uint8Array),
    reason: row.reason as string,
    sinceMs: row.since as number,
    lastMs: row.last as number,
    times: row.times as number,
    status: row.status as AlertView['status'],
    said:
      row.said_by === null
        ? undefined
        : { by: row.said_by as string, note: row.note as string, atMs: row.said_ms as number },
  };
}
