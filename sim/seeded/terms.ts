// What is agreed in simulations: as in practice, with times that fit into a run.
import { practiceTerms } from '@trine/example-service-credit/terms.ts';
import type { FirstAgreement } from '@trine/node/decide/first-agreement.ts';
import type { Node } from '@trine/node/node.ts';
import type { Agreement } from '@trine/protocol';

/** An arbiter that says nothing is waited for so long, seconds. */
export const HOLD_S = 8;

/** The first agreement. */
export const firstTerms: FirstAgreement = (context) => {
  const terms = practiceTerms(context);
  return { ...terms, money: { ...terms.money, holdMaxS: HOLD_S } };
};

/** The same about another thing. @param domain another than the first agreement's */
export function termsOf(node: Node, subject: string, title: string): Agreement {
  const { settings, genesis, domains, clock } = node;
  const terms = firstTerms({ settings, genesis, subject, heartbeat: node.subject, domains, nowMs: clock() });
  return { ...terms, title };
}
