// What is agreed in simulations: as in practice, with times that fit into a run.
import { practiceTerms } from '@trine/example-service-credit/terms.ts';
import type { FirstAgreement } from '@trine/node/decide/first-agreement.ts';
import type { Node } from '@trine/node/node.ts';
import { twoDeciders } from '@trine/node/testing/co-deciding.ts';
import type { Agreement } from '@trine/protocol';
import type { Traits } from './traits.ts';

/** An arbiter that says nothing is waited for so long, seconds. */
export const HOLD_S = 8;

/** What comes so long after a window changes what was decided on it: less than a clock may be ahead. */
const CORRECTABLE_MS = 90_000;
/** What is corrected is pending long enough for that to take its place. */
const LATE_WINDOW_S = 5;

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

/** What is agreed about the meter. */
export function meterTerms(node: Node, subject: string, { isShared, isLate }: Traits): Agreement {
  const terms = termsOf(node, subject, 'Service level of the meter');
  const money = { ...terms.money, disputeWindowS: LATE_WINDOW_S };
  return {
    ...terms,
    ...(isShared && twoDeciders(terms)),
    ...(isLate && { correctableMs: CORRECTABLE_MS, money }),
  };
}
