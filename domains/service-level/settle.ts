// settle: what the breach of a window costs the payer, in minor units.
import type { Rule } from './decide.ts';

/** The credit is the same for every breached window; the agreement's caps are applied after this. */
export function credit(rule: Rule): number {
  return rule.creditMinorUnits;
}
