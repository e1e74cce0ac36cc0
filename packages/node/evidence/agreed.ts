// Who agreed, as the log has it.
import type { PolicyRegistry } from '../projections/policies.ts';

/** Leaves of what the parties signed before the decision at a leaf, and of how the policy was ended by then. @param hash of the policy */
export function agreedLeaves(
  policies: Pick<PolicyRegistry, 'consents' | 'end'>,
  hash: string,
  decided: number,
): number[] {
  const end = policies.end(hash, decided);
  const signed = policies.consents(hash).map(({ index }) => index);
  return [...signed, ...(end ? [end.index] : [])].filter((index) => index < decided);
}
