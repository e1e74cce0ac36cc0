// Agreements and monitors: their terms, how far each is decided and how it went, and why one cannot be decided.
import type { Trigger } from '@trine/engine';
import { readAgreement } from '@trine/ledger/agreements.ts';
import { type Agreement, fromHex, hexOf, type Monitor, modelHash, toHex } from '@trine/protocol';
import type { Node } from '../../node.ts';
import type { LoggedAgreement, LoggedMonitor, LoggedPolicy } from '../../projections/policies.ts';
import { plain } from '../plain.ts';

/** A payload as JSON has it: bytes as hex. */
export type Plain<T> = T extends Uint8Array
  ? string
  : T extends readonly (infer Item)[]
    ? Plain<Item>[]
    : T extends object
      ? { readonly [Name in keyof T]: Plain<T[Name]> }
      : T;

export interface PolicyFacts {
  /** Hash of the policy: what decisions name. */
  readonly hash: string;
  readonly leaf: number;
  readonly loggedMs: number;
  /** When its obligations arise; empty where its domain is not installed. */
  readonly triggers: readonly TriggerView[];
  /** Hash of the model that decides now. */
  readonly model: string;
  /** End of the newest obligation decided; undefined: none yet. */
  readonly decidedUntilMs: number | undefined;
  /** Decisions under it, by the domain's word. */
  readonly verdicts: Readonly<Record<string, number>>;
  readonly held: number;
  /** Why it cannot be decided now, in words. */
  readonly problem: string | undefined;
}

/** What of a trigger is data. */
export interface TriggerView {
  readonly name: string;
  readonly on: Trigger['on'];
  readonly graceMs: number;
  /** Of windows. */
  readonly startMs?: number;
  readonly lengthMs?: number;
  /** Of calendars. */
  readonly period?: string;
  readonly timeZone?: string;
}

export interface AgreementView extends PolicyFacts {
  /** On the chain. */
  readonly id: string;
  readonly policy: Plain<Agreement>;
  readonly standing: PolicyStanding;
  /** Minor units. */
  readonly paid: number;
  readonly balance: number;
}

export interface MonitorView extends PolicyFacts {
  readonly policy: Plain<Monitor>;
  readonly standing: PolicyStanding;
}

/** `replaced`: another one goes on in its place. */
export type PolicyStanding = 'not-begun' | 'in-force' | 'ended' | 'replaced';

/** The newest agreements, in the order they were made, with what the contract holds for each. */
export function agreements(node: Node, limit: number): Promise<AgreementView[]> {
  const { chain, contracts } = node.genesis;
  return Promise.all(
    node.policies
      .agreements()
      .slice(-limit)
      .map(async (logged: LoggedAgreement) => {
        const [facts, state] = await Promise.all([
          factsOf(node, logged),
          readAgreement(chain, contracts, hexOf(logged.id)),
        ]);
        return {
          ...facts,
          id: toHex(logged.id),
          policy: plain(logged.policy) as Plain<Agreement>,
          standing: standingOf(node, logged),
          paid: Number(state?.paid ?? 0),
          balance: Number(state?.balance ?? 0),
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
        policy: plain(logged.policy) as Plain<Monitor>,
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
  };
}

function triggersOf({ domains }: Node, { policy }: LoggedPolicy): TriggerView[] {
  if (!domains.has(policy.domain)) return [];
  const { domain } = domains.get(policy.domain);
  try {
    // What decides whether an event matches is code, and no part of the view.
    return domain.triggers(domain.terms.parse(policy.terms)).map((trigger) => {
      const { name, on, graceMs } = trigger;
      if (trigger.on === 'window') return { name, on, graceMs, startMs: trigger.startMs, lengthMs: trigger.lengthMs };
      if (trigger.on === 'calendar') return { name, on, graceMs, period: trigger.period, timeZone: trigger.timeZone };
      return { name, on, graceMs };
    });
  } catch {
    // Terms of another version of the domain: `problem` says why it is not decided.
    return [];
  }
}

function standingOf({ policies, clock }: Node, { hash, policy: { period } }: LoggedPolicy): PolicyStanding {
  const now = clock();
  if ((policies.replacedFrom(hash) ?? Number.POSITIVE_INFINITY) <= now) return 'replaced';
  if (period.endMs <= now) return 'ended';
  return period.startMs > now ? 'not-begun' : 'in-force';
}
