// Evaluate: from terms and sealed statements to a decision. One pure function serves the decider, the co-deciders,
// replay and the check of an evidence file: that they agree is what makes a decision provable.

import {
  type AssuranceClass,
  assuranceClasses,
  compareBytes,
  concernedThings,
  type Decision,
  decodeCbor,
  decodePack,
  encodeCbor,
  equalBytes,
  type InputRange,
  type InputStatement,
  leafHash,
  lowestClass,
  type ModelIdentity,
  memoryTree,
  movesMoney,
  type Obligation,
  type Parameters,
  type Policy,
  policyHash,
  runtimeOf,
  sameModel,
  schema,
  sha256,
  toHex,
  treeRoot,
} from '@trine/protocol';
import type { DecisionInput, Domain, LoggedReading, WindowResult } from './domain.ts';
import { checkPlausibility, type PlausibilityResult, type Trust } from './plausibility.ts';

/** A model that decides: its identity, and what was learnt or set. */
export interface DecidingModel {
  readonly identity: ModelIdentity;
  readonly parameters: Parameters;
}

export interface Evaluation {
  readonly domain: Domain;
  /** Id on the chain; absent under a watch. */
  readonly agreement: Uint8Array | undefined;
  readonly terms: Policy;
  readonly model: DecidingModel;
  readonly obligation: Obligation;
  readonly asOf: Decision['asOf'];
  readonly stateBefore: Uint8Array;
  /** Every pack of the subject, of the heartbeat and of the peers in the log as of then with a reading in the window. */
  readonly inputs: readonly InputStatement[];
}

/** A decision and the state after it. */
export interface Evaluated {
  readonly decision: Decision;
  readonly stateAfter: Uint8Array;
}

/**
 * Decides one window.
 *
 * @throws RangeError when an input is not of this agreement, or the model at hand is not the one that is to decide
 */
export function evaluate(evaluation: Evaluation): Evaluated {
  const { terms, obligation } = evaluation;
  const inputs = [...evaluation.inputs].sort((a, b) => a.index - b.index);
  const state = readState(terms, evaluation.stateBefore);
  const result = evaluation.domain.judge(windowInput({ ...evaluation, inputs }));
  const things = new Set(concernedThings(terms));
  const concerned = inputs.filter(({ statement }) => things.has(statement.header.subject));
  const truth =
    terms.plausibility &&
    checkPlausibility(
      terms.plausibility,
      terms.subject,
      readingsWithin(concerned, obligation).flatMap(numeric),
      state.trust,
    );
  const gate = passGate(evaluation, inputs, truth);
  const stateAfter = writeState(terms, { model: result.state, trust: truth?.trust ?? {} });
  return { decision: assemble(evaluation, inputs, { ...result, state: stateAfter }, gate, truth), stateAfter };
}

/**
 * What the domain is given of a window.
 *
 * @param evaluation its inputs in the order of the log
 * @throws RangeError when the model at hand is not the one that is to decide
 */
export function windowInput({ domain, terms, model, obligation, stateBefore, inputs }: Evaluation): DecisionInput {
  const here = domain.model(model.parameters);
  if (!sameModel(here, model.identity))
    throw new RangeError(
      `The decision is for model ${model.identity.name} ${model.identity.code.slice(0, 12)}; here is ${here.name} ${here.code.slice(0, 12)}.`,
    );
  const own = inputs.filter(({ statement }) => statement.header.subject === terms.subject);
  const readings = readingsWithin(own, obligation);
  return {
    terms,
    parameters: model.parameters,
    fromMs: obligation.fromMs,
    toMs: obligation.toMs,
    state: readState(terms, stateBefore).model,
    statements: new Set(readings.map(({ leaf }) => leaf)).size,
    readings,
  };
}

/** The state of a decision: the model's, and the trust in each thing where the terms ask for it. */
interface State {
  readonly model: Uint8Array;
  readonly trust: Trust;
}

const stateForm = schema.record({
  model: schema.bytes({ max: 60_000 }),
  trust: schema.dictionary(schema.integer(0, 1_000_000), 64),
});

function readState({ plausibility }: Policy, state: Uint8Array): State {
  if (plausibility === undefined || state.length === 0) return { model: state, trust: {} };
  return stateForm.check(decodeCbor(state, 'state'), 'state');
}

function writeState({ plausibility }: Policy, { model, trust }: State): Uint8Array {
  return plausibility === undefined ? model : encodeCbor({ model, trust });
}

function numeric(reading: LoggedReading): { subject: string; quantity: string; timeMs: number; value: number }[] {
  const { subject, quantity, timeMs, value } = reading;
  return typeof value === 'number' ? [{ subject, quantity, timeMs, value }] : [];
}

/** When a reading counts as taken: devices without a clock are dated by arrival. */
function readingsWithin(inputs: readonly InputStatement[], { fromMs, toMs }: Obligation): LoggedReading[] {
  const found: LoggedReading[] = [];
  for (const { index, arrivalMs, statement, body } of inputs) {
    const { contentType, subject, clock } = statement.header;
    for (const reading of decodePack(body, contentType, subject, clock)) {
      const timeMs = clock === 'none' ? arrivalMs : reading.timeMs;
      if (timeMs >= fromMs && timeMs < toMs) found.push({ ...reading, timeMs, subject, leaf: index });
    }
  }
  // Stable: readings of one leaf keep their order.
  return found.sort((a, b) => a.timeMs - b.timeMs || a.leaf - b.leaf);
}

/**
 * May this decision move money? Inclusion is not correctness: enough owners other than the one who gains, keys good
 * enough, both sides of a fork refused, and a log that was awake, since a log asleep proves no silence.
 */
function passGate(
  { terms, obligation, model: { identity: model } }: Evaluation,
  inputs: readonly InputStatement[],
  truth: PlausibilityResult | undefined,
): Decision['gate'] {
  const reasons: string[] = [];
  const beneficiary = movesMoney(terms) ? terms.recipient.address : undefined;
  const owners = new Set(inputs.filter(({ ownerAddress }) => ownerAddress !== beneficiary).map(({ owner }) => owner));
  if (owners.size < terms.gate.ownersMin)
    reasons.push(`statements of ${owners.size} owners besides the recipient; ${terms.gate.ownersMin} needed`);
  const own = inputs.filter(({ statement }) => statement.header.subject === terms.subject);
  const worst = lowestClass(own.map(({ statement }) => statement.header.class));
  if (assuranceClasses[worst] > assuranceClasses[terms.gate.classMin])
    reasons.push(`a statement of class ${worst}; at least ${terms.gate.classMin} needed`);
  if (isForked(inputs)) reasons.push('a hash chain with two sides: a fork or a clone');
  const asleep = longestSilence(terms.gate.heartbeat, obligation, inputs);
  if (asleep > terms.gate.heartbeatGapMsMax)
    reasons.push(`the log took nothing for ${Math.round(asleep / 1000)} s of the window`);
  if (movesMoney(terms) && runtimeOf(model.runtime) !== 'strict')
    reasons.push('the arithmetic of the model may differ between machines: it may advise, not pay');
  if (truth) reasons.push(...implausible(terms, truth));
  const shown: AssuranceClass =
    own.length > 0 ? worst : lowestClass(inputs.map((input) => input.statement.header.class));
  return {
    verdict: reasons.length === 0 ? 'pass' : 'hold',
    owners: owners.size,
    class: shown,
    reasons: reasons.slice(0, 8),
  };
}

/** Inclusion is not truth: what speaks against the subject, what could not be checked, and what is remembered. */
function implausible({ subject, plausibility }: Policy, { findings, unchecked, trust }: PlausibilityResult): string[] {
  const against = findings.filter(({ subjects }) => subjects.includes(subject)).map(({ text }) => text);
  const ppm = trust[subject];
  const min = plausibility?.trustMinPpm ?? 0;
  const mistrusted = ppm !== undefined && ppm < min;
  return [
    ...against.map((text) => `implausible: ${text}`.slice(0, 200)),
    ...unchecked.map((text) => `not checked: ${text}`.slice(0, 200)),
    ...(mistrusted ? [`trust of ${Math.floor(ppm / 10_000)} %; at least ${Math.floor(min / 10_000)} % needed`] : []),
  ];
}

/** Two statements for one place, or an epoch that goes on after a newer one began. @param inputs in log order */
function isForked(inputs: readonly InputStatement[]): boolean {
  const places = new Map<string, Uint8Array>();
  const epochs = new Map<string, number>();
  return inputs.some(({ keyOwner, statement }) => {
    const { subject, epoch, seq } = statement.header;
    const chain = `${keyOwner}\n${subject}`;
    const place = `${chain}\n${epoch}\n${seq}`;
    const before = places.get(place);
    const newest = epochs.get(chain) ?? 0;
    places.set(place, statement.id);
    epochs.set(chain, Math.max(newest, epoch));
    return epoch < newest || (before !== undefined && !equalBytes(before, statement.id));
  });
}

/** Longest time within the window in which the heartbeat said nothing, by arrival. */
function longestSilence(heartbeat: string, { fromMs, toMs }: Obligation, inputs: readonly InputStatement[]): number {
  const arrivals = inputs
    .filter(
      ({ statement, arrivalMs }) => statement.header.subject === heartbeat && arrivalMs >= fromMs && arrivalMs < toMs,
    )
    .map(({ arrivalMs }) => arrivalMs)
    .sort((a, b) => a - b);
  let longest = 0;
  let last = fromMs;
  for (const at of [...arrivals, toMs]) {
    longest = Math.max(longest, at - last);
    last = at;
  }
  return longest;
}

function assemble(
  { agreement, terms, model, obligation, asOf, stateBefore }: Evaluation,
  inputs: readonly InputStatement[],
  result: WindowResult,
  gate: Decision['gate'],
  truth: PlausibilityResult | undefined,
): Decision {
  const owed = result.verdict === 'breached' ? result.amount : 0;
  const amount = movesMoney(terms) ? Math.min(owed, terms.money.perObligationMax) : owed;
  const currency = movesMoney(terms) ? terms.money.currency : terms.currency;
  return {
    trine: 'decision/2',
    ...(agreement && { agreement }),
    terms: policyHash(terms),
    obligation,
    asOf,
    inputs: inputRanges(inputs),
    model: model.identity,
    stateBefore: sha256(stateBefore),
    stateAfter: sha256(result.state),
    scorePpm: result.scorePpm,
    thresholdPpm: result.thresholdPpm,
    facts: result.facts,
    gate,
    ...(truth && {
      trust: Object.entries(truth.trust)
        .sort(byName)
        .map(([subject, ppm]) => ({ subject, ppm })),
    }),
    verdict: result.verdict,
    outcome: outcomeOf(terms, result.verdict, amount, gate),
    amount,
    ...(currency && { currency }),
    reason: result.reason,
  };
}

function byName([a]: readonly [string, number], [b]: readonly [string, number]): number {
  return a < b ? -1 : 1;
}

function outcomeOf(
  terms: Policy,
  verdict: WindowResult['verdict'],
  amount: number,
  gate: Decision['gate'],
): Decision['outcome'] {
  if (!movesMoney(terms)) return verdict === 'breached' ? 'advice' : 'none';
  if (amount === 0) return 'none';
  return gate.verdict === 'pass' ? 'pay' : 'hold';
}

/**
 * The inputs as runs of consecutive places in their hash chains.
 * @param inputs in the order of the log
 */
export function inputRanges(inputs: readonly InputStatement[]): InputRange[] {
  const chains = new Map<string, InputStatement[]>();
  for (const input of inputs) {
    const { subject, epoch } = input.statement.header;
    const name = `${input.keyOwner}\n${subject}\n${String(epoch).padStart(16, '0')}`;
    const chain = chains.get(name);
    if (chain) chain.push(input);
    else chains.set(name, [input]);
  }
  const ranges: InputRange[] = [];
  for (const name of [...chains.keys()].sort()) {
    const chain = chains.get(name) as InputStatement[];
    chain.sort((a, b) => seqOf(a) - seqOf(b) || compareBytes(a.statement.id, b.statement.id));
    let run: InputStatement[] = [];
    for (const input of chain) {
      const last = run.at(-1);
      if (last && !follows(last, input)) {
        ranges.push(toRange(run));
        run = [];
      }
      run.push(input);
    }
    ranges.push(toRange(run));
  }
  return ranges;
}

function seqOf({ statement }: InputStatement): number {
  return statement.header.seq;
}

/** `seq` may skip where `prev` links. */
function follows(a: InputStatement, b: InputStatement): boolean {
  return b.statement.header.prev !== undefined && toHex(b.statement.header.prev) === toHex(a.statement.id);
}

/** Roots of runs by their first statement: the same heartbeat stands in the windows of many agreements. */
const roots = new WeakMap<InputStatement, { last: InputStatement; count: number; root: Uint8Array }>();

function rootOf(run: readonly InputStatement[]): Uint8Array {
  const first = run[0] as InputStatement;
  const last = run.at(-1) as InputStatement;
  const known = roots.get(first);
  // A run is linked from its first to its last: between the same two, of the same number, it is the same.
  if (known?.last === last && known.count === run.length) return known.root;
  const hashes = run.map(({ statement }) => leafHash(statement.id));
  const root = treeRoot(hashes.length, memoryTree(hashes));
  roots.set(first, { last, count: run.length, root });
  return root;
}

function toRange(run: readonly InputStatement[]): InputRange {
  const first = run[0] as InputStatement;
  return {
    keyOwner: first.keyOwner,
    subject: first.statement.header.subject,
    epoch: first.statement.header.epoch,
    fromSeq: seqOf(first),
    toSeq: seqOf(run.at(-1) as InputStatement),
    count: run.length,
    root: rootOf(run),
  };
}
