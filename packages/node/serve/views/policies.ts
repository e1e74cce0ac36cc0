// Agreements and monitors: their terms, how far each is decided and how it went, and why one cannot be decided.
import { readLimits } from '@trine/ledger/agreements.ts';
import { readPot } from '@trine/ledger/batches.ts';
import { fromHex, type Hex, hexOf, modelHash, partyOf, toHex } from '@trine/protocol';
import type { Node } from '../../node.ts';
import type { LoggedAgreement, LoggedMonitor, LoggedPolicy } from '../../projections/policies.ts';
import { plain } from '../plain.ts';
import { paidUnder } from './payments.ts';
import type { AgreementView, MonitorView, PolicyFacts, PolicyStanding, TriggerView } from './policy-schemas.ts';

export type { AgreementView, MonitorView, PolicyStanding, TriggerView } from './policy-schemas.ts';

/** The newest agreements, in the order they were made, with what the contract holds for each. */
export function agreements(node: Node, limit: number): Promise<AgreementView[]> {
  const { chain, contracts } = node.genesis;
  return Promise.all(
    node.policies
      .agreements()
      .slice(-limit)
      .map(async (logged: LoggedAgreement) => {
        const payer = partyOf(logged.policy, 'payer').address as Hex;
        const isBatched = logged.policy.money.contract === contracts.batch;
        const [facts, locked, paid] = await Promise.all([
          factsOf(node, logged),
          isBatched
            ? readPot(chain, contracts, hexOf(logged.id))
            : readLimits(chain, contracts, hexOf(logged.id), payer).then((limits) => limits.locked),
          paidUnder(node.store, logged.id),
        ]);
        return {
          ...facts,
          id: toHex(logged.id),
          policy: plain(logged.policy) as AgreementView['policy'],
          standing: standingOf(node, logged),
          signed: node.policies.consents(logged.hash).map(({ role, index }) => ({ role, leaf: index })),
          paid,
          locked: Number(locked),
        };
      }),
  );
}

/** The newest monitors, in the order they were made. */
export function monitors(node: Node, limit: number): Promise<MonitorView[]> {
  return Promise.all(
    node.policies
      .monitors()
      .slice(-limit)
      .map(async (logged: LoggedMonitor) => ({
        ...(await factsOf(node, logged)),
        policy: plain(logged.policy) as MonitorView['policy'],
        standing: standingOf(node, logged),
      })),
  );
}

async function factsOf(node: Node, logged: LoggedPolicy): Promise<PolicyFacts> {
  const { hash, index, arrivalMs, policy, id } = logged;
  const counted = await node.store.query<{ verdict: string; count: number; held: number; until: number }>(
    `SELECT verdict, count(*) AS count, count(*) FILTER (outcome = 'hold') AS held, max(to_ms) AS until
     FROM decisions WHERE policy = $1 GROUP BY verdict ORDER BY verdict`,
    [fromHex(hash)],
  );
  const end = node.policies.end(hash);
  const active = node.decisions.standing(logged)?.model ?? node.models.active(policy, id, policy.period.startMs);
  return {
    hash,
    leaf: index,
    loggedMs: arrivalMs,
    triggers: triggersOf(node, logged),
    model: toHex(modelHash(active.identity)),
    decidedUntilMs: counted.length > 0 ? Math.max(...counted.map(({ until }) => until)) : undefined,
    verdicts: Object.fromEntries(counted.map(({ verdict, count }) => [verdict, count])),
    held: counted.reduce((sum, { held }) => sum + held, 0),
    problem: node.decisions.problems.get(hash),
    end: end && { fromMs: end.fromMs, reason: end.reason, by: end.by, leaf: end.index },
  };
}

function triggersOf({ domains }: Node, { policy }: LoggedPolicy): TriggerView[] {
  try {
    const { domain } = domains.of(policy);
    // What decides whether an event matches is code, and no part of the view.
    return domain.triggers(domain.terms.parse(policy.terms)).map((trigger) => {
      const { name, on, graceMs } = trigger;
      if (trigger.on === 'window') return { name, on, graceMs, startMs: trigger.startMs, lengthMs: trigger.lengthMs };
      if (trigger.on === 'calendar') return { name, on, graceMs, period: trigger.period, timeZone: trigger.timeZone };
      return { name, on, graceMs };
    });
  } catch {
    // Its domain is not here, or in another version: `problem` says why it is not decided.
    return [];
  }
}

function standingOf({ policies, clock }: Node, { hash, policy: { period } }: LoggedPolicy): PolicyStanding {
  const now = clock();
  if ((policies.replacedFrom(hash) ?? Number.POSITIVE_INFINITY) <= now) return 'replaced';
  if (Math.min(period.endMs, policies.end(hash)?.fromMs ?? period.endMs) <= now) return 'ended';
  return period.startMs > now ? 'not-begun' : 'in-force';
}
