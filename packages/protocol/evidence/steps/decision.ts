// The steps from logged statements to a decision: order, agreement, model, replay.

import { equalBytes, toHex } from '../../bytes.ts';
import { sha256 } from '../../crypto.ts';
import { commitMap, type MapProof, readMapProof } from '../../merkle-map.ts';
import type { Joined } from '../../payloads/account.ts';
import {
  amountOf,
  type Decision,
  decisionId,
  decisionPayload,
  formatReason,
  type Row,
  rowPayload,
} from '../../payloads/decision.ts';
import type { Parameters } from '../../payloads/model.ts';
import {
  type Agreement,
  agreementPayload,
  currencyOf,
  isDecider,
  monitorPayload,
  movesMoney,
  type Policy,
  partyOf,
  policyHash,
} from '../../payloads/policy.ts';
import { statePayload } from '../../payloads/state.ts';
import { forkSides } from '../../recovery.ts';
import { formatRuntime } from '../../runtimes.ts';
import { detachBody, openDisclosure } from '../../statement/body.ts';
import { countOf } from '../../words.ts';
import { formatAmount } from '../amount.ts';
import { isBefore, type LoggedStatement } from '../contents.ts';
import type { Evidence } from '../format.ts';
import type { Replay, ReplayInput, ReplayState } from '../replay.ts';
import { NotChecked, StepError } from '../report.ts';
import { formatTime } from '../time.ts';
import type { Verification } from '../verification.ts';
import { findJoined } from './accounts.ts';
import { checkAgreement, checkEnd, signersOf } from './agreement.ts';
import { correctedBy, type LoggedDecision } from './corrected.ts';
import { type FoundInputs, findInputs } from './inputs.ts';
import { checkLeft, leftWords, unseen } from './left-out.ts';
import { verifyModel } from './model.ts';

/** A decision, and its lines by key as far as they are known. */
export interface OrderingDecision {
  readonly decision: Pick<Decision, 'effects' | 'gate' | 'obligation' | 'outcome'>;
  readonly rows?: ReadonlyMap<string, Row> | undefined;
}

/** What the payment steps need of the decision. */
export interface VerifiedDecision {
  readonly decision: Decision;
  readonly id: Uint8Array;
  readonly policy: Policy;
  /** Its lines, where it has some and was computed again; of a file about one line, that one. */
  readonly rows?: ReadonlyMap<string, Row> | undefined;
  readonly row?: Row | undefined;
  /** Those that it corrects, the newest first. */
  readonly before?: readonly OrderingDecision[] | undefined;
  /** Accounts of lines that joined, by key, as far as they are in the file. */
  readonly joined?: Joined | undefined;
  /** Of a file about one line: what was said by hand of what it corrects was the last word on it. */
  readonly isClosed?: boolean;
}

/** The decision a payment is checked against. */
export interface PayingDecision extends VerifiedDecision {
  readonly policy: Agreement;
}

/** @throws StepError where it moves no money */
export function payingOf({ policy, ...rest }: VerifiedDecision): PayingDecision {
  if (!movesMoney(policy)) throw new StepError('The decision is advice: nothing can be paid on it.');
  return { ...rest, policy };
}

interface Found {
  readonly sealed: LoggedStatement;
  readonly decision: Decision;
  readonly id: Uint8Array;
  readonly row: Row | undefined;
  readonly before: readonly LoggedDecision[];
  /** The same party's lines in these; undefined where the file does not show them. */
  readonly rowsBefore: readonly Row[] | undefined;
}

export async function verifyDecision(
  verification: Verification,
  replay: Replay | undefined,
): Promise<VerifiedDecision> {
  const { step } = verification;
  const { found, inputs } = await step('order', () => {
    const decided = findDecision(verification);
    const { detail, ...all } = findInputs(verification, decided.decision);
    return { value: { found: decided, inputs: all }, detail };
  });
  const { policy, sinceMs, joined } = await step('agreement', () => {
    const { policy: named, arrivalMs } = findPolicy(verification, found);
    const signed = movesMoney(named) ? signersOf(verification, named, found.sealed) : [];
    const isEnded = checkEnd(verification, named, found.decision, found.sealed);
    assumeOfParties(verification, named, signed);
    const between = movesMoney(named)
      ? `${partyOf(named, 'payer').name} to ${partyOf(named, 'recipient').name}${signed.length > 0 ? `, signed by ${signed.join(' and ')}` : ''}`
      : 'a monitor, no money depends on it';
    return {
      value: { policy: named, sinceMs: arrivalMs, joined: findJoined(verification, found.decision, named) },
      detail: `${named.title}: ${between}${isEnded ? '; ended later' : ''}`,
    };
  });
  const parameters = await step('model', () => {
    const { parameters: learnt, detail } = verifyModel(verification, found.decision, policy);
    return { value: learnt, detail };
  });
  let rows: VerifiedDecision['rows'];
  const again: Replay | undefined =
    replay &&
    (async (input) => {
      const computed = await replay(input);
      rows = computed.rows;
      return computed;
    });
  let isClosed = false;
  await step('replay', async () => {
    const ordered = correctedBy(verification, found, policy);
    isClosed = ordered?.isClosed ?? false;
    const of = { policy, sinceMs, parameters, inputs, corrected: ordered?.input };
    return { value: undefined, detail: await replayDecision(verification, found, of, again) };
  });
  describe(verification, found, policy);
  const before = found.before.map(({ decision }) => ({ decision }));
  return { decision: found.decision, id: found.id, policy, rows, row: found.row, before, joined, isClosed };
}

function assumeOfParties({ assumptions }: Verification, policy: Policy, signed: readonly string[]): void {
  assumptions.push('That nobody ended the policy before, unless the file shows it: the log tells.');
  if (!movesMoney(policy)) return;
  const missing = policy.parties.map(({ role }) => role).filter((role) => !signed.includes(role));
  if (missing.length > 0)
    assumptions.push(
      `That the ${missing.join(' and the ')} agreed to the terms: the file holds no signature of theirs under them.`,
    );
}

/** The decision that the file is about, or whose row or payment it is about, and those it corrects. */
function findDecision(verification: Verification): Found {
  const { contents, evidence, accountedFor } = verification;
  const all = contents.of('decision').map((sealed) => {
    const decision = decisionPayload.decode(sealed.statement.payload);
    return { sealed, decision, id: decisionId(decision) };
  });
  const replaced = new Set(all.flatMap(({ decision }) => (decision.supersedes ? [toHex(decision.supersedes)] : [])));
  const heads = all.filter(({ id }) => !replaced.has(toHex(id)));
  const [head] = heads;
  if (head === undefined || heads.length !== 1)
    throw new StepError(`The file should be about one decision; it is about ${heads.length}.`);
  if (evidence.about.kind === 'decision' && !equalBytes(head.id, evidence.about.id))
    throw new StepError('The decision in the file is not the one it is about.');
  for (const { sealed } of all) accountedFor.add(sealed.order);
  const byId = new Map(all.map((one) => [toHex(one.id), one]));
  const before: LoggedDecision[] = [];
  for (let wanted = head.decision.supersedes; wanted; ) {
    const next = byId.get(toHex(wanted));
    if (next === undefined) throw new StepError('The decision that this one corrects is not in the file.');
    before.push(next);
    // Each names the one before by its hash, so that no chain comes back to itself.
    wanted = next.decision.supersedes;
  }
  for (const { origin, index, atMs } of head.decision.cuts)
    if (head.sealed.arrivalMs < atMs || (origin === head.sealed.origin && index > head.sealed.index))
      throw new StepError('The decision claims leaves that came after it.');
  const row = evidence.row && findRow(contents, evidence, accountedFor, head.decision);
  return { ...head, before, row, rowsBefore: row && findRowsBefore(verification, before) };
}

function findRow(
  contents: Verification['contents'],
  { row: shown, about }: Verification['evidence'],
  accountedFor: Set<number>,
  decision: Decision,
): Row {
  const sealed = contents.of('row').find(({ statement }) => equalBytes(statement.id, about.id));
  if (about.kind !== 'row' || sealed === undefined)
    throw new StepError('The row in the file is not the one it is about.');
  const row = rowPayload.decode(contents.body(sealed));
  const named = decision.rows && shown && readMapProof(decision.rows, shown.key, shown.row);
  if (!named || row.key !== shown?.key || !equalBytes(named, sealed.statement.payload))
    throw new StepError('The row is not one that the decision names.');
  accountedFor.add(sealed.order);
  return row;
}

/** A party's lines in the decisions that one corrects. @returns undefined where the file does not show what became of them */
function findRowsBefore(
  { contents, evidence, accountedFor }: Verification,
  before: readonly LoggedDecision[],
): Row[] | undefined {
  const { key, before: proofs = [] } = evidence.row as NonNullable<Evidence['row']>;
  if (proofs.length === 0 && before.length > 0) return undefined;
  if (proofs.length !== before.length)
    throw new StepError('The file shows the lines of other decisions than those corrected.');
  return before.flatMap(({ decision }, i) => {
    const named = decision.rows && readMapProof(decision.rows, key, proofs[i] as MapProof);
    if (named === undefined) return [];
    const sealed = contents.of('row').find(({ statement }) => equalBytes(statement.payload, named));
    if (sealed === undefined) throw new StepError(`The line of ${key} that is corrected is not in the file.`);
    const row = rowPayload.decode(contents.body(sealed));
    if (row.key !== key || !equalBytes(row.policy, decision.policy))
      throw new StepError(`The line of ${key} that is corrected is of another party or policy.`);
    accountedFor.add(sealed.order);
    return [row];
  });
}

/** The policy that the decision names, sealed by a member, and the decision by one of its deciders. */
function findPolicy(
  { contents, network, accountedFor }: Verification,
  { decision, sealed }: Found,
): { policy: Policy; arrivalMs: number } {
  const isMoney = decision.agreement !== undefined;
  const named = contents.only(isMoney ? 'agreement' : 'monitor');
  const policy = (isMoney ? agreementPayload : monitorPayload).decode(named.statement.payload);
  if (!equalBytes(policyHash(policy), decision.policy))
    throw new StepError('The decision was made under other terms than those in the file.');
  if (!isMoney && decision.outcome !== 'none' && decision.outcome !== 'advice')
    throw new StepError('A decision without an agreement cannot move money.');
  if (movesMoney(policy)) checkAgreement(decision, policy, network);
  if (policy.network !== network.id) throw new StepError('The terms are of another network.');
  if (!isBefore(named, sealed)) throw new StepError('The terms came after the decision.');
  if (
    policy.origins.length !== decision.cuts.length ||
    decision.cuts.some(({ origin }, i) => origin !== policy.origins[i])
  )
    throw new StepError('The decision was made on other logs than those that the terms name.');
  const { issuer, subject } = sealed.statement.header;
  if (!isDecider(policy, issuer)) throw new StepError('The decision is not signed by a decider that the terms name.');
  if (subject !== policy.subject) throw new StepError('The decision is sealed under another subject.');
  const { fromMs, toMs } = decision.obligation;
  if (toMs > policy.period.endMs || fromMs < policy.period.startMs)
    throw new StepError('The time decided on is outside the period that the parties agreed on.');
  accountedFor.add(named.order);
  return { policy, arrivalMs: named.arrivalMs };
}

/** States before the decision by key, checked against what the decision names. */
function statesBefore({ evidence }: Verification, decision: Decision): Map<string, ReplayState> {
  const states = new Map<string, ReplayState>();
  for (const { key, disclosure } of evidence.states ?? []) {
    const body = statePayload.decode(openDisclosure(disclosure));
    if (body.key !== key || !equalBytes(body.policy, decision.policy))
      throw new StepError(`The state of ${key} is of another thing or policy.`);
    states.set(key, { state: body.state, commitment: sha256(disclosure), disclosure });
  }
  if (evidence.row) {
    const named = readMapProof(decision.statesBefore, evidence.row.key, evidence.row.state);
    const shown = states.get(evidence.row.key)?.commitment;
    const others = [...states.keys()].some((key) => key !== evidence.row?.key);
    if (others || (named === undefined ? shown !== undefined : !shown || !equalBytes(named, shown)))
      throw new StepError('The state in the file is not the one the row started from.');
    return states;
  }
  const { count, root } = commitMap(new Map([...states].map(([key, { commitment }]) => [key, commitment])));
  if (count !== decision.statesBefore.count || !equalBytes(root, decision.statesBefore.root))
    throw new StepError('The states in the file are not the ones the decision started from.');
  return states;
}

async function replayDecision(
  verification: Verification,
  { decision, row, before, rowsBefore }: Found,
  of: {
    policy: Policy;
    sinceMs: number;
    parameters: Parameters;
    inputs: Omit<FoundInputs, 'detail'>;
    corrected: ReplayInput['corrected'];
  },
  replay: Replay | undefined,
): Promise<string> {
  const { evidence, assumptions } = verification;
  const { policy, sinceMs, parameters } = of;
  const { inputs, recoveries } = of.inputs;
  const states = statesBefore(verification, decision);
  const isFirst = decision.continues === undefined;
  if (isFirst && decision.statesBefore.count > 0)
    throw new StepError('The decision starts from states of no decision.');
  if (!isFirst)
    assumptions.push(
      'That the model’s states before came about as they should: the decisions before this one say how.',
    );
  else if (decision.obligation.fromMs > policy.period.startMs)
    assumptions.push(
      'That there was no decision before this one whose states it should have continued: the log shows it.',
    );
  if (row)
    assumptions.push('That what was decided for all (the common facts) is right: the deciders alone can recompute it.');
  const salts = new Map((evidence.salts ?? []).map(({ purpose, key, salt }) => [`${purpose} ${key}`, salt]));
  const asked = new Set<string>();
  const input: ReplayInput = {
    agreement: decision.agreement,
    policy,
    sinceMs,
    model: { identity: decision.model, parameters },
    obligation: decision.obligation,
    cuts: decision.cuts,
    heads: decision.heads,
    continues: decision.continues,
    states,
    inputs,
    forks: forkSides(inputs),
    recoveries,
    salts: {
      get(name) {
        asked.add(name);
        return salts.get(name);
      },
    },
    corrected: of.corrected,
    row: row?.key,
    common: row && decision,
  };
  try {
    if (before.length > 0 && decision.rows && rowsBefore === undefined)
      throw new NotChecked('A correction of rows is not computed again from a file: replay the log.');
    if (!replay) throw new NotChecked('Inclusion only: not computed again, as asked.');
    const again = await replay(input);
    if (again.looked) {
      assumptions.push(...unseen(policy, again.looked, of.inputs.subjects));
      checkLeft(verification, of.inputs.left, again.looked);
    }
    if (row) {
      checkSame(rowPayload.encode(row), again.row && rowPayload.encode(again.row), row, again.row);
      checkRowSalt(evidence, decision, row, salts.get(`row ${row.key}`));
    } else
      checkSame(
        decisionPayload.encode(decision),
        again.decision && decisionPayload.encode(again.decision),
        decision,
        again.decision,
      );
    if ([...salts.keys()].some((name) => !asked.has(name)))
      throw new StepError('The file holds salts of states or rows that are not in it.');
  } catch (error) {
    if (error instanceof NotChecked) assumptions.push(...leftWords(verification, decision, of.inputs.left));
    if (error instanceof NotChecked)
      assumptions.push('That the decision follows from the readings: it was not computed again here.');
    throw error;
  }
  const from = isFirst ? 'from no state' : `from ${countOf(states.size, 'state')}`;
  return `computed again ${from}, ${countOf(inputs.length, 'statement')}`;
}

/** The salt is that of the row's body: what is in a file is bound by something. */
function checkRowSalt(
  { row: shown }: Verification['evidence'],
  { rows }: Decision,
  row: Row,
  salt: Uint8Array | undefined,
): void {
  const named = rows && shown && readMapProof(rows, shown.key, shown.row);
  if (salt && (!named || !equalBytes(detachBody(rowPayload.encode(row), salt).commitment, named)))
    throw new StepError('The salt of the row is not the one under which it was committed to.');
}

function checkSame(expected: Uint8Array, got: Uint8Array | undefined, a: object, b: object | undefined): void {
  if (got && equalBytes(expected, got)) return;
  const show = (value: unknown) => JSON.stringify(value, (_, v) => (v instanceof Uint8Array ? toHex(v) : v));
  const names = Object.keys(a).filter(
    (name) => show((a as Record<string, unknown>)[name]) !== show((b as Record<string, unknown> | undefined)?.[name]),
  );
  throw new StepError(`Computed again, it differs in ${names.join(', ') || 'what it holds besides'}.`);
}

function describe({ facts, network }: Verification, { decision, row }: Found, policy: Policy): void {
  const { verdict, reason, outcome, effects } = row ?? decision;
  const currency = currencyOf(policy);
  facts.subject = row?.key ?? policy.subject;
  facts.time = `${formatTime(decision.obligation.fromMs)} to ${formatTime(decision.obligation.toMs)}`;
  facts.decision = `${verdict}: ${formatReason(reason)}`;
  facts.outcome = outcome;
  const amount = amountOf({ effects });
  if (amount > 0 && currency) facts.amount = formatAmount(amount, currency, network);
  facts[movesMoney(policy) ? 'agreement' : 'monitor'] = policy.title;
  facts.model = `${decision.model.name} ${decision.model.version} (${decision.model.configuration.slice(0, 12)}…)`;
  facts.arithmetic = formatRuntime(decision.model.runtime);
  for (const { subject, ppm } of decision.trust ?? []) facts[`trust in ${subject}`] = `${Math.floor(ppm / 10_000)} %`;
  if (!movesMoney(policy)) return;
  facts.payer = partyOf(policy, 'payer').name;
  facts.recipient = partyOf(policy, 'recipient').name;
}
