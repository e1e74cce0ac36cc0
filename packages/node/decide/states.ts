// The states that a decision started from: from statements in the log, or computed again from the nearest ones before.
import {
  type Agenda,
  commitStates,
  type Domains,
  type Evaluation,
  evaluate,
  type KeptState,
  keepState,
  NO_STATES,
  type Salt,
  type States,
  saltsOf,
} from '@trine/engine';
import {
  type Decision,
  decisionId,
  decisionPayload,
  entriesOf,
  equalBytes,
  fromHex,
  isLineOrdered,
  obligationId,
  openDisclosure,
  rowPayload,
  sha256,
  statePayload,
  TrineError,
  toHex,
} from '@trine/protocol';
import type { ModelRegistry } from '../projections/models.ts';
import type { LoggedPolicy, PolicyRegistry } from '../projections/policies.ts';
import { linesByHandOf } from './by-hand.ts';
import { type Candidates, findCandidates, openCandidates, type Sources, statementAt } from './inputs.ts';

export interface StateSources extends Sources {
  readonly models: ModelRegistry;
  readonly domains: Domains;
  readonly policies: Pick<PolicyRegistry, 'wordOn' | 'releases'>;
  /** HMAC-SHA-256 under a policy's secret: salts of the bodies that deciders compute alike. */
  readonly hmac: (policy: string, message: Uint8Array) => Uint8Array;
}

/** States are kept far more often than that: further back something is wrong. */
const DECISIONS_BACK_MAX = 10_000;

export function saltOf({ hmac }: Pick<StateSources, 'hmac'>, policy: string, obligation: Decision['obligation']): Salt {
  return saltsOf((message) => hmac(policy, message), fromHex(policy), obligation);
}

export function decisionAt(log: Sources['log'], leaf: number): Decision {
  return decisionPayload.decode(statementAt(log, leaf).payload);
}

/** Where a decision stands, by its id. */
export async function leafOfDecision({ store }: Pick<Sources, 'store'>, id: Uint8Array): Promise<number | undefined> {
  const [row] = await store.query<{ leaf: number }>(
    'SELECT leaf FROM decisions WHERE decision = $1 ORDER BY leaf LIMIT 1',
    [id],
  );
  return row?.leaf;
}

/** The newest decision of ours whose states the next one continues; corrections continue none. */
export async function lastDecision(
  { store, log }: Pick<Sources, 'store' | 'log'>,
  policy: string,
  decider: string,
): Promise<{ readonly leaf: number; readonly decision: Decision } | undefined> {
  const [row] = await store.query<{ leaf: number }>(
    'SELECT leaf FROM decisions WHERE policy = $1 AND issuer = $2 AND base IS NULL ORDER BY leaf DESC LIMIT 1',
    [fromHex(policy), decider],
  );
  return row && { leaf: row.leaf, decision: decisionAt(log, row.leaf) };
}

/** Decisions of ours under a policy, below a leaf: what an agenda must not have decided again. */
export async function noteDecisions(
  { store, log }: Pick<Sources, 'store' | 'log'>,
  { hash }: LoggedPolicy,
  decider: string,
  agenda: Agenda,
  below: number,
): Promise<void> {
  const rows = await store.query<{ leaf: number }>(
    'SELECT leaf FROM decisions WHERE policy = $1 AND issuer = $2 AND leaf < $3 ORDER BY leaf',
    [fromHex(hash), decider, below],
  );
  for (const { leaf } of rows) {
    const { obligation, cuts } = decisionAt(log, leaf);
    agenda.decided(obligation, cuts[0]?.index ?? 0);
  }
}

/** States of a policy as statements before a leaf have them, the newest of each key. */
async function keptBefore({ store, bodies }: StateSources, policy: string, leaf: number): Promise<States> {
  const rows = await store.query<{ key: string; leaf: number }>(
    'SELECT key, max(leaf) AS leaf FROM states WHERE policy = $1 AND leaf < $2 GROUP BY key',
    [fromHex(policy), leaf],
  );
  const states = new Map<string, KeptState>();
  for (const row of rows) {
    const disclosure = bodies.read(row.leaf);
    if (disclosure === undefined) continue;
    const kept = Uint8Array.from(disclosure);
    const { state } = statePayload.decode(openDisclosure(kept));
    states.set(row.key, { state, commitment: sha256(kept), disclosure: kept });
  }
  return states;
}

function isNamed(states: States, { statesBefore }: Decision): boolean {
  const { count, root } = commitStates(states);
  return count === statesBefore.count && equalBytes(root, statesBefore.root);
}

/**
 * The states that a decision started from.
 *
 * @returns them, and how many decisions were computed again to get them
 * @throws TrineError `damaged` when nothing leads there, `erased` when what it takes was erased
 */
export async function statesBefore(
  sources: StateSources,
  logged: LoggedPolicy,
  at: { readonly leaf: number; readonly decision: Decision },
): Promise<{ states: States; computed: number }> {
  const back: { leaf: number; decision: Decision }[] = [];
  let current = at;
  for (;;) {
    if (current.decision.statesBefore.count === 0) break;
    const kept = await keptBefore(sources, logged.hash, current.leaf);
    if (isNamed(kept, current.decision))
      return { states: await forward(sources, logged, kept, back), computed: back.length };
    const before = current.decision.continues && (await leafOfDecision(sources, current.decision.continues));
    if (before === undefined || back.length >= DECISIONS_BACK_MAX)
      throw new TrineError(
        'damaged',
        `No states lead to the decision at leaf ${at.leaf} of "${logged.policy.title}". Were bodies erased, or is the store incomplete? trine rebuild makes it again.`,
      );
    current = { leaf: before, decision: decisionAt(sources.log, before) };
    back.push(current);
  }
  return { states: await forward(sources, logged, NO_STATES, back), computed: back.length };
}

/** Computes decisions again, the newest last. */
async function forward(
  sources: StateSources,
  logged: LoggedPolicy,
  from: States,
  back: readonly { leaf: number; decision: Decision }[],
): Promise<States> {
  let states = from;
  for (const { decision } of [...back].reverse()) {
    const again = evaluate(await evaluationOf(sources, logged, decision, states));
    if (!equalBytes(commitStates(again.states).root, decision.statesAfter.root))
      throw new TrineError(
        'damaged',
        `Computed again, the states of "${logged.policy.title}" are not the ones decided on: was the model changed, or were readings erased?`,
      );
    states = again.states;
  }
  return states;
}

/** The states after a decision. */
export async function statesAfter(
  sources: StateSources,
  logged: LoggedPolicy,
  at: { readonly leaf: number; readonly decision: Decision },
): Promise<{ states: States; computed: number }> {
  const before = await statesBefore(sources, logged, at);
  return {
    states: await forward(sources, logged, before.states, [at]),
    computed: before.computed + 1,
  };
}

/** What a decision that was made rests on, to compute it again. */
export async function evaluationOf(
  sources: StateSources,
  logged: LoggedPolicy,
  decision: Decision,
  states: States,
): Promise<Evaluation & { readonly sequences: Candidates['heads'] }> {
  const { models, domains } = sources;
  const { identity, parameters } = models.deciding(decision.model);
  const { obligation, cuts, continues } = decision;
  const model = await domains.open(logged.policy.domain, identity, parameters);
  const found = await findCandidates(sources, model.domain, logged.policy, obligation, cuts[0]?.index ?? 0);
  return {
    model,
    agreement: logged.id,
    policy: logged.policy,
    obligation,
    cuts,
    continues,
    states,
    ...openCandidates(sources, cuts, found),
    salt: saltOf(sources, logged.hash, obligation),
    corrected: decision.supersedes && (await correctedBy(sources, logged, { obligation, cuts }, decision.supersedes)),
  };
}

/** What was ordered on an obligation so far, as a correction with these cuts sees it, and the decision that stands. */
export async function correctedBy(
  sources: Pick<StateSources, 'store' | 'bodies' | 'log' | 'policies' | 'network'>,
  logged: LoggedPolicy,
  { obligation: { base }, cuts }: Pick<Decision, 'obligation' | 'cuts'>,
  stands: Uint8Array,
): Promise<NonNullable<Evaluation['corrected']>> {
  const { store, bodies } = sources;
  const policy = fromHex(logged.hash);
  const [own] = await store.query<{ leaf: number }>('SELECT leaf FROM decisions WHERE decision = $1 LIMIT 1', [stands]);
  const until = own?.leaf ?? 0;
  const decided = await store.query<{ entries: string }>(
    `SELECT entries FROM decisions WHERE policy = $1 AND (obligation = $2 OR base = $2) AND outcome <> 'hold' AND leaf <= $3 ORDER BY leaf`,
    [policy, base, until],
  );
  const lines = await store.query<{ leaf: number; key: string; outcome: Decision['outcome']; obligation: Uint8Array }>(
    'SELECT leaf, key, outcome, obligation FROM rows WHERE policy = $1 AND (obligation = $2 OR base = $2) AND leaf < $3 ORDER BY leaf',
    [policy, base, until],
  );
  const byHand = await linesByHandOf(sources, logged, base as Uint8Array, until);
  const cut = cuts[0]?.index ?? 0;
  // One that was sealed again before its decision was orders what it did before, and not twice that.
  const newest = new Map(lines.map((line) => [`${toHex(line.obligation)} ${line.key}`, line]));
  const rows = new Map<string, ReturnType<typeof entriesOf>>();
  for (const { leaf, key, outcome, obligation } of newest.values()) {
    if (!isLineOrdered({ outcome }, byHand(key, toHex(obligation)), (place) => place < cut)) continue;
    const disclosure = bodies.read(leaf);
    if (disclosure)
      rows.set(key, [...(rows.get(key) ?? []), ...entriesOf(rowPayload.decode(openDisclosure(disclosure)))]);
  }
  const entries = decided.flatMap((row) => JSON.parse(row.entries) as ReturnType<typeof entriesOf>);
  return { decision: stands, entries, rows };
}

/** The first decision of ours on what a correction corrects. */
export async function baseDecision(
  { store, log }: Pick<StateSources, 'store' | 'log'>,
  policy: string,
  { base }: Decision['obligation'],
  decider: string,
): Promise<{ readonly leaf: number; readonly decision: Decision } | undefined> {
  const [row] = await store.query<{ leaf: number }>(
    'SELECT leaf FROM decisions WHERE policy = $1 AND obligation = $2 AND issuer = $3 ORDER BY leaf LIMIT 1',
    [fromHex(policy), base, decider],
  );
  return row && { leaf: row.leaf, decision: decisionAt(log, row.leaf) };
}

/** Id of the newest decision on an obligation or its corrections. */
export async function standingDecision(
  { store, log }: Pick<StateSources, 'store' | 'log'>,
  policy: string,
  obligation: Decision['obligation'],
  decider: string,
): Promise<{ readonly id: Uint8Array; readonly decision: Decision } | undefined> {
  const base = obligation.base ?? obligationId(obligation);
  const [row] = await store.query<{ leaf: number }>(
    'SELECT leaf FROM decisions WHERE policy = $1 AND issuer = $3 AND (obligation = $2 OR base = $2) ORDER BY leaf DESC LIMIT 1',
    [fromHex(policy), base, decider],
  );
  if (row === undefined) return undefined;
  const decision = decisionAt(log, row.leaf);
  return { id: decisionId(decision), decision };
}

/** States of one policy as another's: the same bytes, committed to anew. @param salt of each key */
export function restate(
  { hash }: LoggedPolicy,
  states: States,
  untilMs: number,
  salt: (key: string) => Uint8Array,
): States {
  return new Map(
    [...states].map(([key, { state }]) => [key, keepState(fromHex(hash), untilMs, key, state, salt(key))]),
  );
}
