// Evaluate: from terms and sealed statements to a decision. One pure function serves the decider, the co-deciders,
// replay and the check of an evidence file: that they agree is what makes a decision provable.
import { compareBytes, equalBytes, toHex } from '../protocol/bytes.ts';
import { sha256 } from '../protocol/crypto.ts';
import type { InputStatement } from '../protocol/evidence/format.ts';
import { type Terms, termsHash } from '../protocol/payloads/agreement.ts';
import type { Decision, InputRange, Occasion } from '../protocol/payloads/decision.ts';
import { decodePack } from '../protocol/senml.ts';
import { type AssuranceClass, assuranceClasses, lowestClass } from '../protocol/statement.ts';
import { leafHash, memoryTree, treeRoot } from '../protocol/tlog/merkle.ts';
import type { Domain, SealedReading, WindowResult } from './domain.ts';

export interface Evaluation {
  readonly domain: Domain;
  readonly agreement: Uint8Array;
  readonly terms: Terms;
  readonly occasion: Occasion;
  readonly asOf: Decision['asOf'];
  readonly stateBefore: Uint8Array;
  /** Every pack of the subject and of the witness in the log as of then with a reading in the window. */
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
 * @throws RangeError when an input is not of this agreement, or the model is not the one agreed on
 */
export function evaluate(evaluation: Evaluation): Evaluated {
  const { domain, terms, occasion } = evaluation;
  const model = domain.model();
  if (model.code !== terms.model.code || model.configuration !== terms.model.configuration)
    throw new RangeError(
      `The agreement names model ${terms.model.name} ${terms.model.code.slice(0, 12)}; here is ${model.name} ${model.code.slice(0, 12)}.`,
    );
  const inputs = [...evaluation.inputs].sort((a, b) => a.index - b.index);
  const own = inputs.filter(({ statement }) => statement.header.subject === terms.subject);
  const readings = readingsWithin(own, occasion);
  const result = domain.judge({
    terms,
    fromMs: occasion.fromMs,
    toMs: occasion.toMs,
    state: evaluation.stateBefore,
    statements: new Set(readings.map(({ leaf }) => leaf)).size,
    readings,
  });
  const gate = passGate(terms, occasion, inputs);
  return { decision: assemble(evaluation, inputs, result, gate), stateAfter: result.state };
}

/** When a reading counts as taken: devices without a clock are dated by arrival. */
function readingsWithin(inputs: readonly InputStatement[], { fromMs, toMs }: Occasion): SealedReading[] {
  const found: SealedReading[] = [];
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
function passGate(terms: Terms, occasion: Occasion, inputs: readonly InputStatement[]): Decision['gate'] {
  const reasons: string[] = [];
  const owners = new Set(
    inputs.filter(({ ownerAddress }) => ownerAddress !== terms.recipient.address).map(({ owner }) => owner),
  );
  if (owners.size < terms.gate.ownersMin)
    reasons.push(`statements of ${owners.size} owners besides the recipient; ${terms.gate.ownersMin} needed`);
  const own = inputs.filter(({ statement }) => statement.header.subject === terms.subject);
  const worst = lowestClass(own.map(({ statement }) => statement.header.class));
  if (assuranceClasses[worst] > assuranceClasses[terms.gate.classMin])
    reasons.push(`a statement of class ${worst}; at least ${terms.gate.classMin} needed`);
  if (isForked(inputs)) reasons.push('a hash chain with two sides: a fork or a clone');
  const asleep = longestSilence(terms.gate.witness, occasion, inputs);
  if (asleep > terms.gate.witnessGapMsMax)
    reasons.push(`the log took nothing for ${Math.round(asleep / 1000)} s of the window`);
  const shown: AssuranceClass =
    own.length > 0 ? worst : lowestClass(inputs.map((input) => input.statement.header.class));
  return { verdict: reasons.length === 0 ? 'pass' : 'hold', owners: owners.size, class: shown, reasons };
}

/** Two statements for one place, or an epoch that goes on after a newer one began. @param inputs in log order */
function isForked(inputs: readonly InputStatement[]): boolean {
  const places = new Map<string, Uint8Array>();
  const epochs = new Map<string, number>();
  return inputs.some(({ holder, statement }) => {
    const { subject, epoch, seq } = statement.header;
    const chain = `${holder}\n${subject}`;
    const place = `${chain}\n${epoch}\n${seq}`;
    const before = places.get(place);
    const newest = epochs.get(chain) ?? 0;
    places.set(place, statement.id);
    epochs.set(chain, Math.max(newest, epoch));
    return epoch < newest || (before !== undefined && !equalBytes(before, statement.id));
  });
}

/** Longest time within the window in which the witness said nothing, by arrival. */
function longestSilence(witness: string, { fromMs, toMs }: Occasion, inputs: readonly InputStatement[]): number {
  const arrivals = inputs
    .filter(
      ({ statement, arrivalMs }) => statement.header.subject === witness && arrivalMs >= fromMs && arrivalMs < toMs,
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
  { agreement, terms, occasion, asOf, stateBefore }: Evaluation,
  inputs: readonly InputStatement[],
  result: WindowResult,
  gate: Decision['gate'],
): Decision {
  const amount = result.verdict === 'breached' ? Math.min(result.amount, terms.money.perOccasionMax) : 0;
  return {
    trine: 'decision/1',
    agreement,
    terms: termsHash(terms),
    occasion,
    asOf,
    inputs: inputRanges(inputs),
    model: terms.model,
    stateBefore: sha256(stateBefore),
    stateAfter: sha256(result.state),
    scorePpm: result.scorePpm,
    thresholdPpm: result.thresholdPpm,
    facts: result.facts,
    gate,
    verdict: result.verdict,
    outcome: amount === 0 ? 'none' : gate.verdict === 'pass' ? 'pay' : 'hold',
    amount,
    currency: terms.money.currency,
    reason: result.reason,
  };
}

/**
 * The inputs as runs of consecutive places in their hash chains.
 * @param inputs in the order of the log
 */
export function inputRanges(inputs: readonly InputStatement[]): InputRange[] {
  const chains = new Map<string, InputStatement[]>();
  for (const input of inputs) {
    const { subject, epoch } = input.statement.header;
    const name = `${input.holder}\n${subject}\n${String(epoch).padStart(16, '0')}`;
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

function toRange(run: readonly InputStatement[]): InputRange {
  const first = run[0] as InputStatement;
  const hashes = run.map(({ statement }) => leafHash(statement.id));
  return {
    holder: first.holder,
    subject: first.statement.header.subject,
    epoch: first.statement.header.epoch,
    fromSeq: seqOf(first),
    toSeq: seqOf(run.at(-1) as InputStatement),
    count: run.length,
    root: treeRoot(hashes.length, memoryTree(hashes)),
  };
}
