// Is what was ordered paid, or at its end?
import type { Node } from '@trine/node/node.ts';

/**
 * @param below leaves: decisions before
 * @param untilMs what ends by then: earlier than that the contract takes nothing, whatever the clock of the node showed when
 * it was decided
 */
export async function isSettled(node: Node, below: number, untilMs: number): Promise<boolean> {
  const rows = await node.store.query<{ digest: string | null }>(
    `SELECT lower(hex(digest)) AS digest FROM decisions LEFT JOIN intents USING (decision)
      WHERE decisions.leaf < $1 AND decisions.to_ms <= $3 AND decisions.outcome = 'pay' AND list_contains(string_split($2, ','), lower(hex(policy)))
        AND (digest IS NULL OR digest NOT IN (SELECT intent FROM settlements))`,
    [
      below,
      node.policies
        .agreements()
        .map(({ hash }) => hash)
        .join(','),
      untilMs,
    ],
  );
  const ends = new Set(['dropped', 'expired', 'replaced']);
  return rows.every(({ digest }) => digest !== null && ends.has(node.settler.courses.of(digest)?.state ?? ''));
}
