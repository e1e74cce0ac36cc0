// The step of order: which statements went into a decision, that they are runs of their sequences, and what shows that
// there were no others.

import { compareBytes, equalBytes } from '../../bytes.ts';
import { encodeCbor } from '../../cbor/cbor.ts';
import { sha256 } from '../../crypto.ts';
import { commitMap, readMapProof } from '../../merkle-map.ts';
import type { Decision, InputRange } from '../../payloads/decision.ts';
import { agreementPayload, monitorPayload } from '../../payloads/policy.ts';
import type { LoggedRecovery } from '../../recovery.ts';
import { decodePack } from '../../senml/senml.ts';
import { leafHash, memoryTree, treeRoot } from '../../tlog/merkle.ts';
import { countOf, plural } from '../../words.ts';
import type { LoggedStatement } from '../contents.ts';
import type { InputStatement } from '../format.ts';
import { StepError } from '../report.ts';
import type { Verification } from '../verification.ts';
import type { Principal, Principals } from './identity.ts';
import { findRecoveries } from './recovery.ts';

/** Kinds that a decision can be made of. */
const INPUT_KINDS = ['pack', 'event'];

/** The inputs of a decision as the file has them. */
export interface FoundInputs {
  /** Each once, in the order of the log. */
  readonly inputs: readonly InputStatement[];
  /** From forks of their sequences, below the cut. */
  readonly recoveries: readonly LoggedRecovery[];
  readonly detail: string;
}

/** @throws StepError naming what does not fit */
export function findInputs(verification: Verification, decision: Decision): FoundInputs {
  const { evidence, accountedFor } = verification;
  const parts = evidence.inputs ?? [];
  checkParts(verification, decision);
  const found = new Map<number, InputStatement>();
  let runs = 0;
  for (const { ranges } of parts) {
    runs += ranges.length;
    for (const input of ranges.flatMap((range) => runOf(verification, range))) found.set(input.index, input);
  }
  checkCut(verification, decision);
  const [cut] = decision.cuts;
  for (const index of found.keys()) {
    if (cut === undefined || index >= cut.index)
      throw new StepError(`The statement at leaf ${index} came after the cut of the decision.`);
    accountedFor.add(index);
  }
  const inputs = [...found.values()].sort((a, b) => a.index - b.index);
  const recovered = findRecoveries(verification, inputs, cut?.index ?? 0);
  const missing = proveNothingMissing(verification, decision, inputs, recovered.shown);
  const words = countOf(runs, 'unbroken run');
  const details = [`${inputs.length} of its statements in ${words}`, missing, ...recovered.details];
  return { inputs, recoveries: recovered.recoveries, detail: details.join('; ') };
}

/** The ranges in the file are the ones that the decision names. */
function checkParts({ evidence }: Verification, decision: Decision): void {
  const hashes = new Map((evidence.inputs ?? []).map(({ key, ranges }) => [key, sha256(encodeCbor(ranges))]));
  if (evidence.row === undefined) {
    const { count, root } = commitMap(hashes);
    if (count !== decision.inputs.count || !equalBytes(root, decision.inputs.root))
      throw new StepError('The runs of statements in the file are not the ones that went in.');
    return;
  }
  const { key, inputs, common } = evidence.row;
  for (const [part, proof] of [
    [key, inputs],
    ['', common],
  ] as const) {
    const named = readMapProof(decision.inputs, part, proof);
    const shown = hashes.get(part);
    if (named === undefined ? shown !== undefined : shown === undefined || !equalBytes(named, shown))
      throw new StepError('The runs of statements in the file are not the ones that went into this row.');
  }
  if ([...hashes.keys()].some((part) => part !== '' && part !== key))
    throw new StepError('The file holds inputs of another row.');
}

function runOf({ contents, principals }: Verification, range: InputRange): InputStatement[] {
  const all = contents.statements.filter((one) => isIn(one, range, principals)).sort(byPlace);
  const run = linkedRun(all, range);
  if (run === undefined)
    throw new StepError(
      `${range.subject}: the statements in the file are not the linked ones, ${range.count} from seq ${range.fromSeq} to ${range.toSeq}, that went in.`,
    );
  return run.map((one) => {
    const { keyOwner, owner, ownerAddress } = principals.get(one.statement.header.issuer) as Principal;
    return { ...one, body: contents.body(one), keyOwner, owner, ownerAddress };
  });
}

/** Of a fork the file holds all sides: the run is the one that the range names. */
function linkedRun(all: readonly LoggedStatement[], range: InputRange): LoggedStatement[] | undefined {
  const last = all.filter(({ statement }) => statement.header.seq === range.toSeq);
  for (const one of last) {
    const run = [one];
    for (let first = one; run.length < range.count; ) {
      const { prev } = first.statement.header;
      const before = prev && all.find(({ statement }) => equalBytes(statement.id, prev));
      if (before === undefined) break;
      run.unshift(before);
      first = before;
    }
    const hashes = run.map(({ statement }) => leafHash(statement.id));
    const isWhole = run.length === range.count && run[0]?.statement.header.seq === range.fromSeq;
    if (isWhole && equalBytes(treeRoot(hashes.length, memoryTree(hashes)), range.root)) return run;
  }
  return undefined;
}

function isIn({ statement }: LoggedStatement, range: InputRange, principals: Principals): boolean {
  const { header } = statement;
  return (
    INPUT_KINDS.includes(header.kind) &&
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

/** The cut is where the decision says: nobody chose how much of the log counts. */
function checkCut({ contents, checkpoint, accountedFor }: Verification, { cuts, obligation }: Decision): void {
  const [cut] = cuts;
  if (cut === undefined || cuts.length !== 1 || cut.origin !== checkpoint.origin)
    throw new StepError('The decision was made on other logs than the one in the file.');
  if (cut.atMs < obligation.toMs) throw new StepError('The decision was made before the time it is about was over.');
  const arrivalOf = (index: number): number | undefined => {
    if (contents.arrivals.has(index)) return contents.arrivals.get(index);
    const found = contents.statements.find((one) => one.index === index);
    if (found) accountedFor.add(index);
    return found?.arrivalMs;
  };
  if ([...contents.arrivals.keys()].some((index) => index !== cut.index && index !== cut.index - 1))
    throw new StepError('The file shows arrivals that are not those at the cut of the decision.');
  const at = arrivalOf(cut.index);
  if (at === undefined || at < cut.atMs)
    throw new StepError('The leaf at the cut of the decision arrived too early, or is not in the file.');
  if (cut.index === 0) return;
  const before = arrivalOf(cut.index - 1);
  // An intent has no arrival of its own: it stands between statements that have.
  const isIntent =
    contents.intents.some(({ index }) => index === cut.index - 1) ||
    (contents.arrivals.has(cut.index - 1) && before === undefined);
  if (!isIntent && (before === undefined || before >= cut.atMs))
    throw new StepError('The leaf before the cut of the decision arrived too late, or is not in the file.');
}

/**
 * The statements around the times: where one before and one after are linked over exactly the inputs of a sequence, its
 * owner itself says that there were no others. Otherwise the log's and the deciders' word stands for that.
 */
function proveNothingMissing(
  verification: Verification,
  decision: Decision,
  inputs: readonly InputStatement[],
  shown: ReadonlySet<number>,
): string {
  const { contents, accountedFor, assumptions, principals } = verification;
  const { fromMs, toMs } = decision.obligation;
  const [cut] = decision.cuts;
  const inputIndexes = new Set(inputs.map(({ index }) => index));
  const heartbeat = heartbeatOf(verification);
  const sequences = new Set(
    inputs
      .filter(({ statement }) => statement.header.subject !== heartbeat)
      .map(({ keyOwner, statement }) => `${keyOwner}\n${statement.header.subject}`),
  );
  const ownerOf = ({ statement }: LoggedStatement) => principals.get(statement.header.issuer)?.keyOwner ?? '';
  // The statement at the cut may be a neighbour, too.
  const isNeighbour = (one: LoggedStatement) => sequences.has(`${ownerOf(one)}\n${one.statement.header.subject}`);
  const around = contents.statements.filter(
    (one) =>
      INPUT_KINDS.includes(one.statement.header.kind) &&
      !inputIndexes.has(one.index) &&
      !(shown.has(one.index) && one.statement.header.sealed && !contents.hasDisclosure(one.index)) &&
      (!accountedFor.has(one.index) || isNeighbour(one)),
  );
  let late = 0;
  for (const one of around) {
    const { subject } = one.statement.header;
    if (!sequences.has(`${ownerOf(one)}\n${subject}`))
      throw new StepError(`The statement at leaf ${one.index} is of no use here.`);
    if (timesOf(verification, one).some((ms) => ms >= fromMs && ms < toMs)) {
      if (cut && one.index < cut.index)
        throw new StepError(`The statement at leaf ${one.index} belongs to the time and did not go in.`);
      late++;
    }
    accountedFor.add(one.index);
  }
  const closed = [...sequences].filter((name) => {
    const [keyOwner, subject] = name.split('\n');
    const all = [...around, ...inputs]
      .filter((one) => ownerOf(one) === keyOwner && one.statement.header.subject === subject)
      .sort((a, b) => a.statement.header.epoch - b.statement.header.epoch || byPlace(a, b));
    return isClosed(verification, all, inputIndexes, decision);
  });
  if (late > 0)
    assumptions.push(
      `That ${countOf(late, 'statement')} about this time ${plural(late, 'was', 'were')} rightly left out, having arrived only after the cut of the decision.`,
    );
  if (closed.length === sequences.size && sequences.size > 0 && late === 0)
    return 'their own sequences show that there were no others';
  assumptions.push(
    'That the log held no other statement of these things for this time: the deciders read the whole log up to the cut, anyone may do the same, and a device can refute it with a receipt.',
  );
  return 'that there were no others is the log’s and the deciders’ word';
}

/** Whose statements show that the log was awake: as few of them as do that, so nothing is missing between them. */
function heartbeatOf({ contents }: Verification): string | undefined {
  const [agreement] = contents.of('agreement');
  const [monitor] = contents.of('monitor');
  if (agreement) return agreementPayload.decode(agreement.statement.payload).gate.heartbeat;
  return monitor && monitorPayload.decode(monitor.statement.payload).gate.heartbeat;
}

/** Linked from one before the time to one after it, and the one before arrived in time. */
function isClosed(
  verification: Verification,
  all: readonly LoggedStatement[],
  inputIndexes: ReadonlySet<number>,
  { obligation: { fromMs, toMs } }: Decision,
): boolean {
  const [first] = all;
  const last = all.at(-1);
  if (first === undefined || last === undefined || all.length < 2) return false;
  const isLinked = all.every(({ statement }, i) => {
    const before = all[i - 1];
    return (
      before === undefined ||
      (statement.header.prev !== undefined && equalBytes(statement.header.prev, before.statement.id))
    );
  });
  const isBefore = !inputIndexes.has(first.index) && timesOf(verification, first).every((ms) => ms < fromMs);
  const isAfter = !inputIndexes.has(last.index) && timesOf(verification, last).every((ms) => ms >= toMs);
  return isLinked && isBefore && isAfter;
}

function timesOf({ contents }: Verification, one: LoggedStatement): number[] {
  const { header } = one.statement;
  if (header.clock === 'none' || header.kind !== 'pack') return [one.arrivalMs];
  return decodePack(contents.body(one), header.contentType, header.subject, header.clock).map(({ timeMs }) => timeMs);
}
