// Is what was ordered paid, or at its end?
import type { Node } from '@trine/node/node.ts';
import type { LoggedAgreement } from '@trine/node/projections/policies.ts';
import type { SecondDecider } from './second.ts';

/** Agreements that are settled entry by entry. */
export function directOf({ policies, genesis }: Pick<Node, 'policies' | 'genesis'>): LoggedAgreement[] {
  return policies.agreements().filter(({ policy }) => policy.money.contract === genesis.contracts.direct);
}

const ENDS = new Set(['dropped', 'expired', 'replaced']);

/**
 * @param below leaves: decisions before
 * @param untilMs what ends by then: earlier than that the contract takes nothing, whatever the clock of the node showed when
 * it was decided
 * @param second what it refuses is not paid, nor what corrects that
 */
export async function isSettled(
  node: Node,
  below: number,
  untilMs: number,
  second: SecondDecider | undefined,
): Promise<boolean> {
  const rows = await node.store.query<{ decision: string; digest: string | null; orders: number }>(
    `SELECT lower(hex(decision)) AS decision, lower(hex(digest)) AS digest,
        (SELECT count(*) FROM intents i WHERE i.decision = decisions.decision) AS orders FROM decisions LEFT JOIN intents USING (decision)
      WHERE decisions.leaf < $1 AND decisions.to_ms <= $3 AND decisions.outcome = 'pay' AND list_contains(string_split($2, ','), lower(hex(policy)))
        AND (digest IS NULL OR digest NOT IN (SELECT intent FROM settlements))`,
    [
      below,
      directOf(node)
        .map(({ hash }) => hash)
        .join(','),
      untilMs,
    ],
  );
  const { courses, waiting } = node.settler;
  const anew = new Set(courses.toOrderAnew);
  return rows.every(({ decision, digest, orders }) => {
    const isEnded = digest !== null && ENDS.has(courses.of(digest)?.state ?? '');
    // What was to take the place of an order that was paid is ordered apart.
    if (isEnded && (!anew.has(digest) || orders > 1)) return true;
    if (second?.refused.has(`0x${decision}`)) return true;
    const reason = digest === null ? waiting.get(decision)?.reason : undefined;
    return reason !== undefined && (/the last word/.test(reason) || (second?.refused.size ?? 0) > 0);
  });
}
