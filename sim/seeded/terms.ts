// What is agreed in simulations: as in practice, with times that fit into a run.
import { practiceTerms } from '@trine/example-service-credit/terms.ts';
import type { FirstAgreement } from '@trine/node/decide/first-agreement.ts';
import type { Node } from '@trine/node/node.ts';
import { twoDeciders } from '@trine/node/testing/co-deciding.ts';
import type { Agreement } from '@trine/protocol';
import type { Traits } from './traits.ts';

/** About which more is agreed besides. */
export const METER = 'meter/1';

/** An arbiter that says nothing is waited for so long, seconds. */
export const HOLD_S = 8;

/** What comes so long after a window changes what was decided on it: less than a clock may be ahead. */
const CORRECTABLE_MS = 90_000;
/** What is corrected is pending long enough for that to take its place. */
const LATE_WINDOW_S = 5;

/** Local midnight in Berlin; where bills are netted, a round begins before it, and services are looked at around it alone. */
export const MIDNIGHT_MS: number = Date.UTC(2026, 0, 5, 23);
const AROUND_MS = { before: 5_000, after: 10_000 } as const;

/** The first agreement. */
export const firstTerms: FirstAgreement = (context) => {
  const terms = practiceTerms(context);
  return { ...terms, money: { ...terms.money, holdMaxS: HOLD_S } };
};

/** The same where rounds take hours: all of it is about a few windows. */
const shortTerms: FirstAgreement = (context) => {
  const terms = firstTerms(context);
  const startMs = Math.max(terms.period.startMs, MIDNIGHT_MS - AROUND_MS.before);
  return { ...terms, period: { startMs, endMs: Math.max(startMs, MIDNIGHT_MS) + AROUND_MS.after } };
};

/** What is agreed first in a network. */
export function firstOf({ isNetted }: Traits): FirstAgreement {
  return isNetted ? shortTerms : firstTerms;
}

/** The same about another thing. @param first what is agreed first in this network */
export function termsOf(node: Node, first: FirstAgreement, subject: string, title: string): Agreement {
  const { settings, genesis, domains, clock } = node;
  return { ...first({ settings, genesis, subject, heartbeat: node.subject, domains, nowMs: clock() }), title };
}

/** What is agreed about the meter. */
export function meterTerms(node: Node, subject: string, traits: Traits): Agreement {
  const { isShared, isLate } = traits;
  const terms = termsOf(node, firstOf(traits), subject, 'Service level of the meter');
  const money = { ...terms.money, disputeWindowS: LATE_WINDOW_S };
  return {
    ...terms,
    ...(isShared && twoDeciders(terms)),
    ...(isLate && { correctableMs: CORRECTABLE_MS, money }),
  };
}
