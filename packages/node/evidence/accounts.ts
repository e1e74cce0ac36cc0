// Accounts of lines that joined by statements, as a decision counts them.
import type { Decision, Joined, Row } from '@trine/protocol';
import type { LoggedPolicy, PolicyRegistry } from '../projections/policies.ts';

interface Decided {
  readonly decision: Pick<Decision, 'cuts'>;
  readonly logged: Pick<LoggedPolicy, 'hash'>;
}

/** Accounts of lines: those that stand below the cut. */
export function joinedBelowCut(policies: Pick<PolicyRegistry, 'joinedBelow'>, { decision, logged }: Decided): Joined {
  return policies.joinedBelow(logged.hash, decision.cuts[0]?.index ?? 0);
}

/**
 * Where the accounts of lines stand that are to be paid: of one line, or of all.
 * @param released lines that were held and are paid nevertheless, by key
 * @returns leaves
 */
export function accountLeaves(
  policies: Pick<PolicyRegistry, 'joinedBelow' | 'account'>,
  decided: Decided & { readonly evaluated: { readonly rows: ReadonlyMap<string, { readonly row: Row }> } },
  only: string | undefined,
  released: ReadonlyMap<string, number>,
): number[] {
  const { evaluated, logged } = decided;
  const joined = joinedBelowCut(policies, decided);
  return [...evaluated.rows].flatMap(([key, { row }]) => {
    const isPaid = row.outcome === 'pay' || released.has(key);
    if (!isPaid || !joined.has(key) || (only !== undefined && only !== key)) return [];
    return policies.account(logged.hash, key)?.index ?? [];
  });
}
