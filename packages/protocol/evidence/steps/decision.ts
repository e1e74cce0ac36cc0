// The steps from sealed packs to a decision: order, agreement, replay.
import { compareBytes, equalBytes, toHex } from '../../bytes.ts';
import { sha256 } from '../../crypto.ts';
import {
  type Agreement,
  agreementPayload,
  monitorPayload,
  movesMoney,
  type Policy,
  policyHash,
} from '../../payloads/agreement.ts';
import { type Decision, decisionId, decisionPayload, formatReason, type InputRange } from '../../payloads/decision.ts';
import type { Parameters } from '../../payloads/model.ts';
import { formatRuntime } from '../../runtimes.ts';
import { decodePack } from '../../senml/senml.ts';
import { leafHash, memoryTree, treeRoot } from '../../tlog/merkle.ts';
import type { LoggedStatement } from '../contents.ts';
import type { InputStatement } from '../format.ts';
import { NotChecked, StepError } from '../report.ts';
import type { Verification } from '../verify.ts';
import type { Principal, Principals } from './identity.ts';
import { verifyModel } from './model.ts';

/** Computes the decision again from what the file holds. Throws NotChecked where the model is not at hand. */
export type Replay = (input: {
  /** Absent under a watch. */
  readonly agreement: Uint8Array | undefined;
  readonly terms: Policy;
  /** The model that decided, and what was learnt or set of it. */
  readonly model: { readonly identity: Decision['model']; readonly parameters: Parameters };
  readonly obligation: Decision['obligation'];
  readonly asOf: Decision['asOf'];
  readonly stateBefore: Uint8Array;
  readonly inputs: readonly InputStatement[];
}) => Decision;

/** What the payment steps need of the decision. */
export interface VerifiedDecision {
  readonly decision: Decision;
  readonly id: Uint8Array;
  readonly terms: Agreement;
}

const verified = new WeakMap<Verification, VerifiedDecision>();

/** The decision checked before. @throws StepError where it moves no money */
export function decisionOf(verification: Verification): VerifiedDecision {
  const found = verified.get(verification);
  if (found === undefined) throw new StepError('The decision is advice: nothing can be paid on it.');
  return found;
}

export function verifyDecision(verification: Verification, replay: Replay | undefined): void {
  const { contents, evidence, step, accountedFor } = verification;
  let decision!: Decision;
  let inputs!: InputStatement[];
  step('order', () => {
    const sealed = contents.only('decision');
    decision = decisionPayload.decode(sealed.statement.payload);
    const id = decisionId(decision);
    if (evidence.about.kind === 'decision' && !equalBytes(id, evidence.about.id))
      throw new StepError('The decision in the file is not the one it is about.');
    if (sealed.statement.header.subject !== decision.obligation.subject)
      throw new StepError('The decision is sealed under another subject.');
    if (decision.asOf.size > sealed.index) throw new StepError('The decision claims a checkpoint that came after it.');
    accountedFor.add(sealed.index);
    inputs = findInputs(verification, decision);
    const runs = decision.inputs.length === 1 ? 'one unbroken run' : `${decision.inputs.length} unbroken runs`;
    return `${inputs.length} of its statements in ${runs}; ${proveNothingMissing(verification, decision, inputs)}`;
  });
  let terms!: Policy;
  step('agreement', () => {
    const found = findMandate(verification, decision);
    terms = found.terms;
    if (terms.network !== verification.network.id) throw new StepError('The terms are of another network.');
    if (terms.subject !== decision.obligation.subject) throw new StepError('The terms are about another subject.');
    checkWindow(terms, decision);
    accountedFor.add(found.index);
    return movesMoney(terms)
      ? `${terms.title}: ${terms.payer.name} to ${terms.recipient.name}`
      : `${terms.title}: a watch, no money depends on it`;
  });
  let parameters!: Parameters;
  step('model', () => {
    const found = verifyModel(verification, decision, terms);
    parameters = found.parameters;
    return found.detail;
  });
  step('replay', () => replayDecision(verification, decision, { terms, parameters, inputs }, replay));
  if (movesMoney(terms)) verified.set(verification, { decision, id: decisionId(decision), terms });
  describe(verification.facts, decision, terms);
}

/** The terms or the watch that the decision names. */
function findMandate({ contents }: Verification, decision: Decision): { terms: Policy; index: number } {
  const isMoney = decision.agreement !== undefined;
  const sealed = contents.only(isMoney ? 'agreement' : 'monitor');
  const terms = (isMoney ? agreementPayload : monitorPayload).decode(sealed.statement.payload);
  if (!decision.terms || !equalBytes(policyHash(terms), decision.terms))
    throw new StepError('The decision was made under other terms than those in the file.');
  if (!isMoney && decision.outcome !== 'none' && decision.outcome !== 'advice')
    throw new StepError('A decision without an agreement cannot move money.');
  return { terms, index: sealed.index };
}

function findInputs({ contents, principals, accountedFor }: Verification, decision: Decision): InputStatement[] {
  const packs = contents.of('pack');
  const found: InputStatement[] = [];
  for (const range of decision.inputs) {
    const run = packs.filter((pack) => isIn(pack, range, principals)).sort(byPlace);
    if (run.length !== range.count)
      throw new StepError(`${range.subject}: ${run.length} statements in the file, ${range.count} went in.`);
    for (let i = 1; i < run.length; i++) {
      const { prev } = (run[i] as LoggedStatement).statement.header;
      if (!prev || !equalBytes(prev, (run[i - 1] as LoggedStatement).statement.id))
        throw new StepError(`${range.subject}: the statement at leaf ${run[i]?.index} does not follow the one before.`);
    }
    const hashes = run.map(({ statement }) => leafHash(statement.id));
    if (!equalBytes(treeRoot(hashes.length, memoryTree(hashes)), range.root))
      throw new StepError(`${range.subject}: the statements in the file are not the ones that went in.`);
    for (const pack of run) {
      if (pack.index >= decision.asOf.size)
        throw new StepError(`The statement at leaf ${pack.index} came after the decision's checkpoint.`);
      const { keyOwner, owner, ownerAddress } = principals.get(pack.statement.header.issuer) as Principal;
      found.push({ ...pack, body: contents.body(pack), keyOwner, owner, ownerAddress });
    }
  }
  const indexes = new Set(found.map(({ index }) => index));
  if (indexes.size !== found.length) throw new StepError('A statement went in twice.');
  for (const index of indexes) accountedFor.add(index);
  return found;
}

function isIn({ statement }: LoggedStatement, range: InputRange, principals: Principals): boolean {
  const { header } = statement;
  return (
    header.subject === range.subject &&
    header.epoch === range.epoch &&
    header.seq >= range.fromSeq &&
    header.seq <= range.toSeq &&
    principals.get(header.issuer)?.keyOwner === range.keyOwner
  );
}

function byPlace(a: LoggedStatement, b: LoggedStatement): number {
  return a.statement.header.seq - b.statement.header.seq || compareBytes(a.statement.id, b.statement.id);
}

/**
 * The packs around the window: where one before it and one after it are linked over exactly the inputs, the device
 * itself says that it said nothing else. Otherwise the log's word stands for that.
 */
function proveNothingMissing(
  verification: Verification,
  decision: Decision,
  inputs: readonly InputStatement[],
): string {
  const { contents, accountedFor, assumptions, principals } = verification;
  const { subject, fromMs, toMs } = decision.obligation;
  const inputIndexes = new Set(inputs.map(({ index }) => index));
  const neighbours = contents.of('pack').filter(({ index }) => !inputIndexes.has(index));
  for (const pack of neighbours) {
    const { header } = pack.statement;
    const keyOwner = principals.get(header.issuer)?.keyOwner;
    if (header.subject !== subject || keyOwner === undefined)
      throw new StepError(`The statement at leaf ${pack.index} is of no use here.`);
    const times = decodePack(contents.body(pack), header.contentType, subject, header.clock).map((reading) =>
      header.clock === 'none' ? pack.arrivalMs : reading.timeMs,
    );
    if (pack.index < decision.asOf.size && times.some((time) => time >= fromMs && time < toMs))
      throw new StepError(`The statement at leaf ${pack.index} belongs to the window and did not go in.`);
    accountedFor.add(pack.index);
  }
  const chain = [...neighbours, ...inputs.filter(({ statement }) => statement.header.subject === subject)].sort(
    (a, b) => a.statement.header.epoch - b.statement.header.epoch || byPlace(a, b),
  );
  const linked = chain.every(({ statement }, i) => {
    const before = chain[i - 1];
    return (
      before === undefined ||
      (statement.header.prev !== undefined && equalBytes(statement.header.prev, before.statement.id))
    );
  });
  const before = chain[0] && !inputIndexes.has(chain[0].index) && timesOf(verification, chain[0]) < fromMs;
  const last = chain.at(-1);
  const after = last && chain.length > 1 && !inputIndexes.has(last.index) && timesOf(verification, last) >= toMs;
  if (linked && before && after) return 'the device’s own chain shows that there were no others';
  assumptions.push(
    'That the log held no other statement of the device for this window: the decider read the whole log as of its checkpoint, anyone may do the same, and the device can refute it with a receipt.',
  );
  return 'that there were no others is the log’s word';
}

function timesOf({ contents }: Verification, pack: LoggedStatement): number {
  const { header } = pack.statement;
  if (header.clock === 'none') return pack.arrivalMs;
  return decodePack(contents.body(pack), header.contentType, header.subject, header.clock)[0]?.timeMs ?? 0;
}

function checkWindow({ window }: Policy, { obligation }: Decision): void {
  const { fromMs, toMs } = obligation;
  const whole = (fromMs - window.startMs) % window.lengthMs === 0 && toMs - fromMs === window.lengthMs;
  if (!whole || fromMs < window.startMs || toMs > window.endMs)
    throw new StepError('The window is not one of those the parties agreed on.');
}

function replayDecision(
  { evidence, assumptions }: Verification,
  decision: Decision,
  of: { terms: Policy; parameters: Parameters; inputs: readonly InputStatement[] },
  replay: Replay | undefined,
): string {
  const { terms, parameters, inputs } = of;
  const fromGenesis = equalBytes(decision.stateBefore, sha256(new Uint8Array()));
  const state = evidence.state ?? new Uint8Array();
  if (fromGenesis !== (evidence.state === undefined) || !equalBytes(sha256(state), decision.stateBefore))
    throw new StepError('The state in the file is not the one the decision started from.');
  if (!fromGenesis)
    assumptions.push(
      'That the model’s state before the window came about as it should: the decisions before this one say how.',
    );
  const input = {
    agreement: decision.agreement,
    terms,
    model: { identity: decision.model, parameters },
    obligation: decision.obligation,
    asOf: decision.asOf,
    stateBefore: state,
    inputs,
  };
  let again: Decision;
  try {
    if (!replay) throw new NotChecked('Inclusion only: not computed again, as asked.');
    again = replay(input);
  } catch (error) {
    if (error instanceof NotChecked)
      assumptions.push('That the decision follows from the readings: it was not computed again here.');
    throw error;
  }
  const expected = decisionPayload.encode(decision);
  const got = decisionPayload.encode(again);
  if (!equalBytes(expected, got))
    throw new StepError(
      `Computed again, the decision differs in ${differences(decision, decisionPayload.decode(got)).join(', ')}.`,
    );
  return fromGenesis
    ? 'replayed from the first reading'
    : `replayed from the state ${toHex(decision.stateBefore).slice(0, 12)}…, ${inputs.length} statements`;
}

function differences(a: Decision, b: Decision): string[] {
  const show = (value: unknown) => JSON.stringify(value, (_, v) => (v instanceof Uint8Array ? toHex(v) : v));
  return Object.keys(a).filter((name) => show(a[name as keyof Decision]) !== show(b[name as keyof Decision]));
}

function describe(facts: Record<string, string>, decision: Decision, terms: Policy): void {
  facts.subject = decision.obligation.subject;
  facts.window = `${new Date(decision.obligation.fromMs).toISOString()} to ${new Date(decision.obligation.toMs).toISOString()}`;
  facts.decision = `${decision.verdict}: ${formatReason(decision.reason)}`;
  facts.outcome = decision.outcome;
  if (decision.amount > 0) facts.amount = `${(decision.amount / 100).toFixed(2)} ${decision.currency}`;
  facts.agreement = terms.title;
  facts.model = `${decision.model.name} ${decision.model.version} (${decision.model.configuration.slice(0, 12)}…)`;
  facts.arithmetic = formatRuntime(decision.model.runtime);
  for (const { subject, ppm } of decision.trust ?? []) facts[`trust in ${subject}`] = `${Math.floor(ppm / 10_000)} %`;
  if (!movesMoney(terms)) return;
  facts.payer = terms.payer.name;
  facts.recipient = terms.recipient.name;
}
