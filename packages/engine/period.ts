// Replay of a period: every decision under a policy again, bit for bit; or what another model or other terms would have
// decided, with the difference in decisions and money.
import {
  amountOf,
  currencyOf,
  type Decision,
  decisionId,
  entriesOf,
  equalBytes,
  formatReason,
  movesMoney,
  NotChecked,
  type Obligation,
  obligationId,
  type Policy,
  policyHash,
  TrineError,
  toHex,
} from '@trine/protocol';
import { zones } from '../protocol/calendar/zones.ts';
import { baseOf, evaluateAgain, type Known, linesBelow, orderedBefore, type Recorded } from './again.ts';
import { Agenda, type Due } from './agenda.ts';
import type { Corrected, Evaluated } from './evaluate.ts';
import { notedOf, type OpenedInput, replaced } from './inputs.ts';
import { type DecidingModel, InputIndex, type RecordedDecision, type RecordedLog } from './recorded.ts';
import type { Domains } from './replay.ts';
import { commitStates, NO_STATES, type States } from './states.ts';

/** What is decided otherwise than it was; nothing: the same again. */
export interface Change {
  readonly model?: DecidingModel | undefined;
  /** Terms that take another value, by name. */
  readonly terms?: Readonly<Record<string, unknown>> | undefined;
  /** The most that one obligation may cost: the agreement's own limit would cap dearer terms. Agreements only. */
  readonly perObligationMax?: number | undefined;
}

export interface ReplayRequest {
  readonly policy: Policy;
  /** Where the policy stands in the log; undefined for one that nobody proposed yet. */
  readonly logged:
    | { readonly index: number; readonly arrivalMs: number; readonly id: Uint8Array | undefined }
    | undefined;
  /** Obligations that begin in `[fromMs, toMs)`. */
  readonly fromMs: number;
  readonly toMs: number;
  readonly change: Change;
}

export interface Decided {
  /** Of the decision, hex. */
  readonly id: string;
  readonly verdict: string;
  readonly outcome: Decision['outcome'];
  /** Minor units, rows included. */
  readonly amount: number;
  readonly reason: string;
}

export interface ReplayedObligation {
  /** Obligation id, hex. */
  readonly id: string;
  readonly fromMs: number;
  readonly toMs: number;
  /** As it stands in the log. */
  readonly before: Decided | undefined;
  /** As it comes out; undefined where it cannot be decided again. */
  readonly after: Decided | undefined;
  /** To the bit where nothing was changed; else in verdict, outcome and amount. */
  readonly isSame: boolean;
  /** Why it cannot be decided again. */
  readonly problem: string | undefined;
}

export interface ReplayedPeriod {
  readonly obligations: readonly ReplayedObligation[];
  /** Those decided again, and those that came out the same. */
  readonly computed: number;
  readonly same: number;
  /** Statements that went in, each counted for every obligation. */
  readonly statements: number;
  /** Minor units ordered, over obligations that have both; where none has, over all. */
  readonly amountBefore: number;
  readonly amountAfter: number;
  readonly currency: string;
}

/** Subjects whose statements a replay under this policy needs; they may end with `*`. @throws NotChecked, FormatError */
export function subjectsOf(policy: Policy, domains: Domains): readonly string[] {
  return new Agenda(domains.of(policy).domain, policy, zones).subjects;
}

/**
 * Decides a period again.
 *
 * @throws TrineError when the change makes no sense, or what should decide is not installed here
 */
export async function replayPeriod(
  log: RecordedLog,
  domains: Domains,
  request: ReplayRequest,
): Promise<ReplayedPeriod> {
  const policy = changedPolicy(request, domains);
  const inputs = await log.inputs(subjectsOf(policy, domains));
  const hash = toHex(policyHash(request.policy));
  const recorded = request.logged ? log.decisions(hash) : [];
  const agreement = request.logged?.id;
  const run: Run = { log, domains, request, policy, hash, agreement, index: new InputIndex(inputs), recorded };
  const isChanged = request.logged === undefined || Object.values(request.change).some((value) => value !== undefined);
  return summarise(isChanged ? await replayChanged(run, inputs.opened) : await replayRecorded(run), policy);
}

/** @throws FormatError naming the term that the domain does not know or that has a value it cannot have */
function changedPolicy({ policy, change: { terms, perObligationMax } }: ReplayRequest, domains: Domains): Policy {
  const { domain } = domains.of(policy);
  const changed: Policy = terms
    ? { ...policy, terms: domain.terms.parse({ ...(policy.terms as object), ...terms }) as Policy['terms'] }
    : policy;
  if (perObligationMax === undefined) return changed;
  if (!movesMoney(changed)) throw new TrineError('invalid', 'Only an agreement limits what one obligation may cost.');
  return { ...changed, money: { ...changed.money, perObligationMax } };
}

/** The policy is the one with what is changed, the hash that of the one proposed. */
interface Run extends Recorded {
  readonly log: RecordedLog;
  readonly request: ReplayRequest;
  readonly recorded: readonly RecordedDecision[];
}

interface Computed {
  readonly replayed: ReplayedObligation;
  readonly statements: number;
}

/** The same again: from the states that were kept, with the model that decided, held against the bits in the log. */
async function replayRecorded(run: Run): Promise<Computed[]> {
  const { log, request, recorded } = run;
  const results: Computed[] = [];
  let states: States | undefined = NO_STATES;
  for (const { leaf, decision } of recorded.slice(firstWithStates(run))) {
    const { obligation, cuts, continues } = decision;
    if (obligation.fromMs >= request.toMs) continue;
    const isCorrection = obligation.base !== undefined;
    const before: States | undefined = statesBefore(run, leaf, decision, states);
    const again = await attempt(async () => {
      if (before === undefined) throw new TrineError('erased', 'no kept state leads here');
      const corrected =
        decision.supersedes && orderedBefore(run, { leaf, cut: cuts[0]?.index ?? 0 }, obligation, decision.supersedes);
      const model = log.models.deciding(decision.model);
      return evaluateAgain(run, model, { obligation, cuts, continues, states: before, corrected });
    });
    // A correction continues no states: those after it stand as they were.
    if (!isCorrection) states = again.evaluated?.states;
    if (obligation.fromMs >= request.fromMs) results.push(recordedResult(run, decision, again));
  }
  return results;
}

interface Attempt {
  readonly evaluated: Evaluated | undefined;
  readonly problem: string | undefined;
}

/** What cannot be decided again says so, and keeps nothing else from being decided. */
async function attempt(work: () => Promise<Evaluated>): Promise<Attempt> {
  try {
    return { evaluated: await work(), problem: undefined };
  } catch (error) {
    if (error instanceof NotChecked || (error instanceof TrineError && error.code === 'erased'))
      return { evaluated: undefined, problem: error.message };
    throw error;
  }
}

function isNamed(states: States, { statesBefore: named }: Decision): boolean {
  const { count, root } = commitStates(states);
  return count === named.count && equalBytes(root, named.root);
}

function statesBefore(
  { log, hash }: Run,
  leaf: number,
  decision: Decision,
  computed: States | undefined,
): States | undefined {
  if (decision.statesBefore.count === 0) return NO_STATES;
  if (computed && isNamed(computed, decision)) return computed;
  const kept = log.states(hash, leaf);
  if (isNamed(kept, decision)) return kept;
  // Without the secret of the policy computed states are right, and committed to otherwise.
  return log.hmac === undefined && computed?.size === decision.statesBefore.count ? computed : undefined;
}

/** The last decision, not after the first one asked for, whose states are at hand: from there all can be computed. */
function firstWithStates(run: Run): number {
  const { recorded, request } = run;
  const asked = recorded.findIndex(({ decision }) => decision.obligation.fromMs >= request.fromMs);
  for (let at = asked < 0 ? recorded.length : asked; at >= 0; at--) {
    const one = recorded[at];
    if (one && !one.decision.obligation.base && statesBefore(run, one.leaf, one.decision, undefined)) return at;
  }
  return Math.max(0, asked);
}

function recordedResult(run: Run, decision: Decision, { evaluated, problem }: Attempt): Computed {
  const again = evaluated && withCommitmentsOf(run, decision, evaluated.decision);
  const after = again && decidedOf(again, rowsOf(evaluated));
  const before = beforeOf(run, decision);
  return resultOf(decision.obligation, { before, after, isSame: after?.id === before.id, problem, evaluated });
}

/** Without the secret of the policy what only salts change is taken as it stands. */
function withCommitmentsOf({ log }: Run, recorded: Decision, again: Decision): Decision {
  if (log.hmac) return again;
  const { statesBefore: before, statesAfter: after, rows } = recorded;
  return { ...again, statesBefore: before, statesAfter: after, ...(rows && { rows }) };
}

/** Otherwise: from the first obligation on, because a model that never saw the beginning is not the one asked for. */
async function replayChanged(run: Run, opened: readonly OpenedInput[]): Promise<Computed[]> {
  const { log, domains, policy, request, recorded } = run;
  const agenda = new Agenda(domains.of(policy).domain, policy, zones, request.logged?.arrivalMs);
  const { model: other } = request.change;
  if (other) await domains.open(policy.domain, other.identity, other.parameters);
  const byId = new Map(recorded.map(({ decision }) => [toHex(obligationId(decision.obligation)), decision]));
  // What nobody has decided yet is no difference.
  const decidedMs = request.logged
    ? recorded.reduce((end, { decision }) => Math.max(end, decision.obligation.toMs), 0)
    : Number.POSITIVE_INFINITY;
  const results: Computed[] = [];
  const ordered = new Ordered();
  const starts = new Map<string, Pick<Known, 'states' | 'continues'>>();
  let [states, last]: [States, Uint8Array | undefined] = [NO_STATES, undefined];
  for (const { obligation, dueMs } of arising(agenda, opened)) {
    const decision = byId.get(toHex(obligationId(obligation)));
    // One that nobody proposed yet sees all that the log holds.
    const index = request.logged ? log.cutAt(dueMs) : log.size;
    const cuts = decision?.cuts ?? [{ origin: log.origin, index, atMs: dueMs }];
    agenda.decided(obligation, cuts[0]?.index ?? 0);
    if (obligation.toMs > decidedMs || obligation.fromMs >= request.toMs) continue;
    const model = other ?? log.models.active(request.policy, request.logged?.id, obligation.fromMs);
    const corrected = obligation.base && ordered.before(baseOf(obligation));
    // A correction begins where what it corrects began.
    const start = (obligation.base && starts.get(baseOf(obligation))) || { states, continues: last };
    if (!obligation.base) starts.set(baseOf(obligation), start);
    const again = await attempt(() => evaluateAgain(run, model, { obligation, cuts, ...start, corrected }));
    const { evaluated } = again;
    if (evaluated) {
      ordered.take(evaluated);
      if (!obligation.base) [states, last] = [evaluated.states, decisionId(evaluated.decision)];
    }
    if (obligation.fromMs >= request.fromMs) results.push(changedResult(run, obligation, decision, again));
  }
  return results;
}

/** Obligations as they arise, in the order in which they are due; the caller tells the agenda what it decided. */
function* arising(agenda: Agenda, opened: readonly OpenedInput[]): Iterable<Due> {
  const replacedBy = replaced(opened);
  for (const input of opened) {
    const { arrivalMs } = input;
    // Only where late statements correct it matters what was decided before they came.
    if (agenda.policy.correctableMs !== undefined) yield* agenda.due(arrivalMs);
    agenda.note(notedOf(input, replacedBy));
  }
  yield* agenda.due(Number.POSITIVE_INFINITY);
}

/** What was ordered on each obligation so far. */
class Ordered {
  readonly #byBase = new Map<string, Corrected>();

  before(base: string): Corrected | undefined {
    return this.#byBase.get(base);
  }

  take({ decision, rows }: Evaluated): void {
    const base = baseOf(decision.obligation);
    const before = this.#byBase.get(base);
    const all = new Map(before?.rows);
    for (const [key, { row }] of rows)
      if (row.outcome !== 'hold') all.set(key, [...(all.get(key) ?? []), ...entriesOf(row)]);
    const entries = decision.outcome === 'hold' ? [] : entriesOf(decision);
    this.#byBase.set(base, {
      decision: decisionId(decision),
      entries: [...(before?.entries ?? []), ...entries],
      rows: all,
    });
  }
}

function changedResult(
  run: Run,
  obligation: Obligation,
  decision: Decision | undefined,
  { evaluated, problem }: Attempt,
): Computed {
  const before = decision && beforeOf(run, decision);
  const after = evaluated && decidedOf(evaluated.decision, rowsOf(evaluated));
  const isSame =
    before !== undefined &&
    before.verdict === after?.verdict &&
    before.outcome === after.outcome &&
    before.amount === after.amount;
  return resultOf(obligation, { before, after, isSame, problem, evaluated });
}

function resultOf(
  obligation: Obligation,
  { evaluated, ...found }: Omit<ReplayedObligation, 'id' | 'fromMs' | 'toMs'> & Pick<Attempt, 'evaluated'>,
): Computed {
  const { fromMs, toMs } = obligation;
  return {
    replayed: { id: toHex(obligationId(obligation)), fromMs, toMs, ...found },
    statements: new Set([...(evaluated?.parts.values() ?? [])].flat()).size,
  };
}

/** What a decision or a row orders. */
type Ordering = Pick<Decision, 'outcome' | 'effects'>;

function rowsOf({ rows }: Evaluated): Ordering[] {
  return [...rows.values()].map(({ row }) => row);
}

function beforeOf({ log, hash }: Run, decision: Decision): Decided {
  const id = toHex(obligationId(decision.obligation));
  const all = linesBelow(log.rows(hash, baseOf(decision.obligation)), Number.POSITIVE_INFINITY);
  const rows = all.filter(({ obligation }) => obligation === id);
  return decidedOf(decision, rows);
}

function decidedOf(decision: Decision, rows: readonly Ordering[]): Decided {
  const paying = rows.filter(({ outcome }) => outcome !== 'hold');
  return {
    id: toHex(decisionId(decision)),
    verdict: decision.verdict,
    outcome: decision.outcome,
    amount: paying.reduce((sum, row) => sum + amountOf(row), amountOf(decision)),
    reason: formatReason(decision.reason),
  };
}

/** Minor units that a decision costs, or would cost where it is advice. */
export function owed(decided: Decided | undefined): number {
  return decided && (decided.outcome === 'pay' || decided.outcome === 'advice') ? decided.amount : 0;
}

function summarise(results: readonly Computed[], policy: Policy): ReplayedPeriod {
  const obligations = results.map(({ replayed }) => replayed);
  const both = obligations.filter(({ before, after }) => before && after);
  const compared = both.length > 0 ? both : obligations;
  return {
    obligations,
    computed: obligations.filter(({ after }) => after).length,
    same: obligations.filter(({ isSame }) => isSame).length,
    statements: results.reduce((sum, { statements }) => sum + statements, 0),
    amountBefore: compared.reduce((sum, { before }) => sum + owed(before), 0),
    amountAfter: compared.reduce((sum, { after }) => sum + owed(after), 0),
    currency: currencyOf(policy) ?? '',
  };
}
