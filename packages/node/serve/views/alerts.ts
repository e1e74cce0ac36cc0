// Alerts: one for as long as it goes on. The same code about the same subject under the same policy is the same alert,
// until a person says that it is resolved.
import { toHex } from '@trine/protocol';
import type { Row, Store } from '../../projections/tables/store.ts';

export interface AlertView {
  readonly policy: string;
  readonly domain: string;
  /** A word of the domain. */
  readonly code: string;
  readonly severity: 'info' | 'warning' | 'critical';
  readonly subject: string;
  /** Id of the newest decision that raised it: what a person's word on it names. */
  readonly decision: string;
  readonly reason: string;
  /** End of the first and of the newest obligation that raised it, and how many did. */
  readonly sinceMs: number;
  readonly lastMs: number;
  readonly times: number;
  readonly status: 'raised' | 'acknowledged' | 'resolved';
  /** Who said so, when, and what of it. */
  readonly said: { readonly by: string; readonly note: string; readonly atMs: number } | undefined;
}

/** Each alert with the number of times that it had been resolved before: alerts of one number are one going on. */
const GOING_ON = `
  said AS (SELECT a.policy, a.code, a.subject, a.leaf AS raised, s.leaf, s.status, s.said_by, s.note, s.arrival_ms
    FROM alert_status s JOIN alerts a ON a.decision = s.decision AND a.code = s.code),
  over AS (SELECT policy, code, subject, leaf FROM said WHERE status = 'resolved'),
  each AS (SELECT a.*, (SELECT count(*) FROM over o
    WHERE o.policy = a.policy AND o.code = a.code AND o.subject = a.subject AND o.leaf < a.leaf) AS run FROM alerts a),
  newest AS (SELECT e.policy, e.code, e.subject, e.run, arg_max(s.status, s.leaf) AS status,
    arg_max(s.said_by, s.leaf) AS said_by, arg_max(s.note, s.leaf) AS note, max(s.arrival_ms) AS said_ms
    FROM said s JOIN each e ON e.leaf = s.raised AND e.code = s.code AND e.subject = s.subject
    GROUP BY e.policy, e.code, e.subject, e.run),
  groups AS (SELECT policy, code, subject, run, any_value(domain) AS domain, arg_max(severity, leaf) AS severity,
    arg_max(decision, leaf) AS decision, arg_max(reason, leaf) AS reason, min(at_ms) AS since, max(at_ms) AS last,
    count(*) AS times, max(leaf) AS leaf, min(leaf) AS raised, arg_min(decision, leaf) AS raised_by FROM each GROUP BY policy, code, subject, run)`;

const WITH_STATUS = `WITH ${GOING_ON} SELECT g.*, n.status, n.said_by, n.note, n.said_ms FROM groups g
  LEFT JOIN newest n ON n.policy = g.policy AND n.code = g.code AND n.subject = g.subject AND n.run = g.run`;

/** The newest alerts first. */
export async function alerts(store: Store, limit: number): Promise<AlertView[]> {
  const rows = await store.query(`${WITH_STATUS} ORDER BY g.leaf DESC LIMIT $1`, [limit]);
  return rows.map(viewOf);
}

/** An alert, and where it was raised first. */
export interface RaisedAlert {
  readonly leaf: number;
  /** Id of the decision that raised it first. */
  readonly decision: string;
  readonly alert: AlertView;
}

/** All alerts that were raised first by the next decision beyond a leaf; none: nothing was raised since. */
export async function alertsRaisedNext(store: Store, after: number): Promise<RaisedAlert[]> {
  const rows = await store.query(
    `${WITH_STATUS} WHERE g.raised = (SELECT min(raised) FROM groups WHERE raised > $1) ORDER BY g.code, g.subject`,
    [after],
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
    reason: row.reason as string,
    sinceMs: row.since as number,
    lastMs: row.last as number,
    times: row.times as number,
    status: (row.status as AlertView['status'] | null) ?? 'raised',
    said:
      row.status === null
        ? undefined
        : { by: row.said_by as string, note: row.note as string, atMs: row.said_ms as number },
  };
}
