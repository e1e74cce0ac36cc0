// Evaluate: from a policy and logged statements to a decision. One pure function serves the decider, the co-deciders,
// replay and the check of an evidence file: that they agree is what makes a decision provable.
import {
  commitMap,
  currencyOf,
  type Decision,
  detachBody,
  type Effect,
  equalBytes,
  FormatError,
  forkSides,
  type GateResult,
  isAlert,
  type LoggedRecovery,
  type ModelIdentity,
  type Obligation,
  type Parameters,
  type Policy,
  policyHash,
  type Row,
  rowPayload,
} from '@trine/protocol';
import { type Awake, awakeOf, writeOutage } from './awake.ts';
import type { DecisionInput, Domain, Engine, LoggedEvent, Outcome, RowOutcome, Selector, Total } from './domain.ts';
import { effectsOf, outcomeOf, outcomeOfAll } from './effects.ts';
import { counting, type Forked, withoutVoid } from './forked.ts';
import { passGate } from './gate.ts';
import {
  commitInputs,
  HEARTBEAT,
  type OpenedInput,
  PEERS,
  partsOf,
  select,
  selectedOf,
  selectorsOf,
  supersededBy,
} from './inputs.ts';
import { checkPlausibility, type PlausibilityResult } from './plausibility.ts';
import {
  commitStates,
  type KeptState,
  keepState,
  OUTAGE,
  readTrust,
  type Salt,
  type States,
  TRUST,
  trustList,
  writeTrust,
} from './states.ts';
import { matchesSubject } from './subjects.ts';

/** A domain with a model of it prepared. */
export interface OpenedModel {
  readonly domain: Domain;
  readonly engine: Engine<unknown>;
  readonly identity: ModelIdentity;
  readonly parameters: Parameters;
}

/** What corrections start from: the decision that stands, and what it and those before it have ordered in all. */
export interface Corrected {
  readonly decision: Uint8Array;
  readonly entries: readonly Effect[];
  /** Entries of rows ordered so far, by key. */
  readonly rows: ReadonlyMap<string, readonly Effect[]>;
}

/** A leaf of which no more than the header can be read. */
export interface UnreadableLeaf {
  readonly index: number;
  readonly subject: string;
}

export interface Evaluation {
  readonly model: OpenedModel;
  /** Id on the chain; absent under a monitor. */
  readonly agreement: Uint8Array | undefined;
  readonly policy: Policy;
  readonly obligation: Obligation;
  readonly cuts: Decision['cuts'];
  /** Of every sequence that is looked at, below the cuts. */
  readonly heads: Decision['heads'];
  /**
   * Id of the decision before, whose states these are. A correction starts from where its base started: what it decides
   * again happened then.
   */
  readonly continues: Uint8Array | undefined;
  readonly states: States;
  /** Every statement below the cut that a selector may look at, in the order of the log. */
  readonly candidates: readonly OpenedInput[];
  /** Both sides of each fork in the log below the cut: it pays nothing from then on, until it is recovered from. */
  readonly forks?: readonly OpenedInput[];
  /** Below the cut: from there on the sequence pays again, and what it said since it forked is no value. */
  readonly recoveries?: readonly LoggedRecovery[];
  /** Leaves below the cut that cannot be read here, and what their headers say that they are about. */
  readonly unreadable?: readonly UnreadableLeaf[];
  readonly salt: Salt;
  readonly corrected?: Corrected | undefined;
}

export interface EvaluatedRow {
  readonly row: Row;
  readonly commitment: Uint8Array;
  readonly disclosure: Uint8Array;
}

/** A decision, the states after it, and the rows of the parties. */
export interface Evaluated {
  readonly decision: Decision;
  readonly states: States;
  readonly rows: ReadonlyMap<string, EvaluatedRow>;
  /** What went in, by part; in the order of the log. */
  readonly parts: ReadonlyMap<string, readonly OpenedInput[]>;
}

interface Prepared {
  readonly evaluation: Evaluation;
  readonly terms: unknown;
  readonly hash: Uint8Array;
  readonly selected: ReadonlyMap<Selector, readonly OpenedInput[]>;
  /** Selectors by the row they are for; '' for what is common. */
  readonly byRow: ReadonlyMap<string, readonly Selector[]>;
  readonly superseded: ReadonlySet<string>;
  readonly heartbeats: ReadonlySet<OpenedInput>;
  readonly awake: Awake;
  readonly opening: LoggedEvent | undefined;
  readonly closing: LoggedEvent | undefined;
  readonly forked: Forked;
}

/**
 * Decides one obligation.
 *
 * @throws FormatError when the terms are not the domain's; whatever the domain's engine throws
 */
export function evaluate(evaluation: Evaluation): Evaluated {
  const prepared = prepare(evaluation);
  const { policy, model, obligation, corrected } = evaluation;
  const parts = withForks(prepared, partsOf(prepared.selected));
  const input = decisionInput(prepared, '');
  const outcome = model.engine.decide(input);
  checkOutcome(model.domain, outcome);
  const plausibility = plausibilityOf(prepared);
  const effects = effectsOf(policy, outcome.effects, corrected?.entries);
  const gate = commonGate(prepared, effects, parts.get('') ?? [], plausibility);
  const rows = evaluateRows(prepared, { ...outcome, gate }, parts);
  const said = model.engine.total ? totalOf(prepared, input, outcome, rows) : outcome;
  const states = statesAfter(prepared, outcome, rows, plausibility);
  const own = outcomeOf(policy, effects, gate);
  const decision: Decision = {
    trine: 'decision/1',
    ...(evaluation.agreement && { agreement: evaluation.agreement }),
    policy: prepared.hash,
    obligation,
    cuts: evaluation.cuts,
    inputs: commitInputs(parts),
    heads: evaluation.heads,
    model: model.identity,
    ...(evaluation.continues && { continues: evaluation.continues }),
    statesBefore: commitStates(evaluation.states),
    statesAfter: commitStates(states),
    ...(plausibility && { trust: trustList(plausibility.trust) }),
    verdict: said.verdict,
    ...(outcome.score && { score: outcome.score }),
    facts: said.facts,
    reason: said.reason,
    effects: [...effects],
    gate,
    outcome: outcomeOfAll([own, ...[...rows.values()].map(({ row }) => row.outcome)]),
    ...(model.domain.rows && { rows: commitMap(new Map([...rows].map(([key, row]) => [key, row.commitment]))) }),
    ...(corrected && { supersedes: corrected.decision }),
  };
  return {
    decision,
    states,
    rows: new Map([...rows].map(([key, { row, commitment, disclosure }]) => [key, { row, commitment, disclosure }])),
    parts,
  };
}

/** What the domain's engine is given: for explaining and learning. @throws as {@link evaluate} */
export function inputOf(evaluation: Evaluation): DecisionInput<unknown> {
  return decisionInput(prepare(evaluation), '');
}

/** What was decided for all, as rows are given it; of a published decision with its gate. */
export type Common = Outcome & { readonly gate?: GateResult };

/**
 * One party's line alone, from its own inputs and what was decided for all.
 *
 * @param evaluation its candidates may be those of the row and of what is common only
 * @param key of the row
 * @throws FormatError when there is no such row
 */
export function evaluateRow(evaluation: Evaluation, key: string, common: Common): EvaluatedRow {
  const prepared = prepare(evaluation, key);
  const { model, obligation } = evaluation;
  // A file may name any key: a domain is asked only for lines that there are.
  if (!model.domain.rows?.(prepared.terms, obligation, prepared.opening, key).includes(key))
    throw new FormatError('malformed', `The domain ${model.domain.manifest.name} has no line of ${key} here.`);
  const parts = withForks(prepared, partsOf(prepared.selected));
  return rowOf(prepared, key, common, parts.get(key) ?? []);
}

/** @param only selectors of this row and of what is common, where one line is all that is wanted */
function prepare(evaluation: Evaluation, only?: string): Prepared {
  const { model, policy, obligation } = evaluation;
  const { candidates, isVoid, standing } = withoutVoid(evaluation);
  const terms = model.domain.terms.parse(policy.terms);
  const event = (id: Uint8Array | undefined): LoggedEvent | undefined =>
    id && candidates.find(({ statement }) => equalBytes(statement.id, id))?.event;
  const opening = event(obligation.about);
  const selectors = selectorsOf(model.domain, policy, terms, obligation, opening, only).filter(
    ({ row }) => only === undefined || row === undefined || row === only,
  );
  const byRow = new Map<string, Selector[]>([['', []]]);
  for (const selector of selectors) {
    const { row = '' } = selector;
    const known = byRow.get(row);
    if (known) known.push(selector);
    else byRow.set(row, [selector]);
  }
  const selected = select(selectors, candidates, policy.gate);
  const all = [...new Set([...selected.values()].flat())];
  if (opening && !all.some(({ event }) => event === opening))
    throw new TypeError(`The domain ${model.domain.manifest.name} does not select what the obligation is about.`);
  const heartbeat = selectors.find(({ name }) => name === HEARTBEAT) as Selector;
  const heartbeats = selected.get(heartbeat) ?? [];
  return {
    evaluation,
    terms,
    hash: policyHash(policy),
    selected,
    byRow,
    superseded: supersededBy(all.filter((one) => !isVoid(one))),
    heartbeats: new Set(heartbeats),
    awake: awakeOf(obligation, heartbeats, policy.gate, evaluation.states),
    opening,
    closing: event(obligation.closedBy),
    forked: { isVoid, sides: new Set(forkSides(standing(all))) },
  };
}

/** Forks of the things that a part is about stand among its inputs: the gate sees them, and so does who checks it. */
function withForks(
  { forked: { sides }, byRow }: Prepared,
  parts: ReadonlyMap<string, readonly OpenedInput[]>,
): ReadonlyMap<string, readonly OpenedInput[]> {
  if (sides.size === 0) return parts;
  return new Map(
    [...parts].map(([key, inputs]) => {
      const subjects = subjectsOf(byRow.get(key) ?? []);
      const known = new Set(inputs.map(({ order }) => order));
      const own = [...sides].filter(
        (side) => matchesSubject(subjects, side.statement.header.subject) && !known.has(side.order),
      );
      return [key, [...inputs, ...own].sort((a, b) => a.order - b.order)];
    }),
  );
}

/** Leaves that cannot be read and fall under what a part looks at: they hold it, and no other. */
function unreadableOf({ evaluation: { unreadable = [] }, byRow }: Prepared, row: string): number[] {
  const subjects = subjectsOf(byRow.get(row) ?? []);
  return unreadable.filter(({ subject }) => matchesSubject(subjects, subject)).map(({ index }) => index);
}

/** Without the heartbeat's. */
function subjectsOf(selectors: readonly Selector[]): string[] {
  return selectors.filter(({ name }) => name !== HEARTBEAT).flatMap((selector) => selector.subjects);
}

/** @param row '' for what is common */
function decisionInput(prepared: Prepared, row: string): DecisionInput<unknown> {
  const { policy, model, obligation, states } = prepared.evaluation;
  const own = (prepared.byRow.get(row) ?? []).filter(({ name }) => !name.startsWith('$'));
  return {
    terms: prepared.terms,
    parameters: model.parameters,
    obligation,
    period: policy.period,
    currency: currencyOf(policy),
    inputs: new Map(
      own.map((one) => [one.name, selectedOf(one, prepared.selected.get(one) ?? [], prepared.superseded)]),
    ),
    state: (key) => states.get(key)?.state ?? new Uint8Array(),
    opening: prepared.opening,
    closing: prepared.closing,
  };
}

/** What a domain says must be of its own words. */
function checkOutcome({ manifest }: Domain, { verdict, effects }: Pick<Outcome, 'verdict' | 'effects'>): void {
  if (!Object.hasOwn(manifest.verdicts, verdict))
    throw new TypeError(`The domain ${manifest.name} decided "${verdict}", which is none of its verdicts.`);
  for (const effect of effects)
    if (isAlert(effect) && !Object.hasOwn(manifest.alerts, effect.code))
      throw new TypeError(`The domain ${manifest.name} raised "${effect.code}", which is none of its alerts.`);
}

/** What is said of all lines; what is common stays in it, because the lines rest on it. */
function totalOf(
  { evaluation: { model } }: Prepared,
  input: DecisionInput<unknown>,
  outcome: Outcome,
  rows: ReadonlyMap<string, FullRow>,
): Total {
  const said = model.engine.total?.(input, outcome, new Map([...rows].map(([key, { said }]) => [key, said])));
  if (said === undefined) return outcome;
  checkOutcome(model.domain, { verdict: said.verdict, effects: [] });
  return { ...said, facts: { ...said.facts, ...outcome.facts } };
}

function plausibilityOf({ evaluation, selected, superseded, byRow }: Prepared): PlausibilityResult | undefined {
  const { policy, states } = evaluation;
  if (policy.plausibility === undefined) return undefined;
  const selector = byRow.get('')?.find(({ name }) => name === PEERS) as Selector;
  const { readings } = selectedOf(selector, selected.get(selector) ?? [], superseded);
  const told = readings.flatMap(({ subject, quantity, timeMs, value }) =>
    typeof value === 'number' ? [{ subject, quantity, timeMs, value }] : [],
  );
  return checkPlausibility(policy.plausibility, policy.subject, told, readTrust(states));
}

function commonGate(
  prepared: Prepared,
  effects: readonly Effect[],
  common: readonly OpenedInput[],
  plausibility: PlausibilityResult | undefined,
): GateResult {
  const { awake, heartbeats, forked } = prepared;
  const { policy, model } = prepared.evaluation;
  const inputs = counting(forked, common).filter((input) => !heartbeats.has(input));
  return passGate({
    policy,
    runtime: model.identity.runtime,
    effects,
    inputs,
    awake,
    plausibility,
    unreadable: unreadableOf(prepared, ''),
    // Where all rests on the rows' own inputs, their gates ask for owners.
    needsOwners: !(model.domain.rows && inputs.length === 0 && effects.length === 0),
  });
}

interface FullRow extends EvaluatedRow {
  readonly said: RowOutcome;
}

function evaluateRows(
  prepared: Prepared,
  common: Common,
  parts: ReadonlyMap<string, readonly OpenedInput[]>,
): Map<string, FullRow> {
  const { model, obligation } = prepared.evaluation;
  const keys = model.domain.rows?.(prepared.terms, obligation, prepared.opening) ?? [];
  return new Map(keys.map((key) => [key, rowOf(prepared, key, common, parts.get(key) ?? [])]));
}

function rowOf(prepared: Prepared, key: string, common: Common, inputs: readonly OpenedInput[]): FullRow {
  const { policy, model, obligation, salt, corrected } = prepared.evaluation;
  if (!model.engine.row) throw new TypeError(`The domain ${model.domain.manifest.name} has no rows.`);
  const said: RowOutcome = model.engine.row({ ...decisionInput(prepared, key), key, common });
  checkOutcome(model.domain, said);
  const effects = effectsOf(policy, said.effects, corrected && (corrected.rows.get(key) ?? []));
  const gate = passGate({
    policy,
    runtime: model.identity.runtime,
    effects,
    inputs: counting(prepared.forked, inputs),
    awake: prepared.awake,
    plausibility: undefined,
    unreadable: unreadableOf(prepared, key),
    isCommonHeld: common.gate?.verdict === 'hold',
  });
  const row: Row = {
    trine: 'row/1',
    policy: prepared.hash,
    obligation,
    key,
    verdict: said.verdict,
    ...(said.score && { score: said.score }),
    facts: said.facts,
    reason: said.reason,
    effects: [...effects],
    gate,
    outcome: outcomeOf(policy, effects, gate),
  };
  const { commitment, disclosure } = detachBody(rowPayload.encode(row), salt('row', key));
  return { row, commitment, disclosure, said };
}

function statesAfter(
  { evaluation, hash, awake }: Prepared,
  outcome: Outcome,
  rows: ReadonlyMap<string, FullRow>,
  plausibility: PlausibilityResult | undefined,
): States {
  const { obligation, salt, states } = evaluation;
  const after = new Map<string, KeptState>(states);
  const keep = (key: string, state: Uint8Array): void => {
    const before = states.get(key);
    // What did not change keeps its commitment, and with it its body.
    if (before ? equalBytes(before.state, state) : state.length === 0) return;
    after.set(key, keepState(hash, obligation.toMs, key, state, salt('state', key)));
  };
  for (const [key, state] of outcome.states) keep(key, state);
  for (const [key, { said }] of rows) if (said.state) keep(key, said.state);
  if (plausibility) keep(TRUST, writeTrust(plausibility.trust));
  if (awake.held && awake.outages.length > 0) keep(OUTAGE, writeOutage(awake.held));
  return after;
}
