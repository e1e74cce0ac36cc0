// The step of order: which statements went into a decision, that they are runs of their sequences, and that the cuts are
// where the decision says.

import { compareBytes, equalBytes, toHex } from '../../bytes.ts';
import { encodeCbor } from '../../cbor/cbor.ts';
import { sha256 } from '../../crypto.ts';
import { commitMap, readMapProof } from '../../merkle-map.ts';
import type { Decision, InputRange } from '../../payloads/decision.ts';
import type { LoggedRecovery } from '../../recovery.ts';
import { leafHash, memoryTree, treeRoot } from '../../tlog/merkle.ts';
import { countOf } from '../../words.ts';
import { isBelow, type LoggedStatement, type Position, placeOf } from '../contents.ts';
import type { InputStatement } from '../format.ts';
import { StepError } from '../report.ts';
import type { Verification } from '../verification.ts';
import { type Completeness, INPUT_KINDS, showMissing } from './completeness.ts';
import type { Principal } from './identity.ts';
import { findRecoveries } from './recovery.ts';

/** The inputs of a decision as the file has them. */
export interface FoundInputs extends Completeness {
  /** Each once, by their order in the file. */
  readonly inputs: readonly InputStatement[];
  /** From forks of their sequences, below the cuts. */
  readonly recoveries: readonly LoggedRecovery[];
}

type Found = InputStatement & LoggedStatement;

/** @throws StepError naming what does not fit */
export function findInputs(verification: Verification, decision: Decision): FoundInputs {
  const { evidence, accountedFor, wentIn } = verification;
  const parts = evidence.inputs ?? [];
  checkParts(verification, decision);
  const found = new Map<number, Found>();
  const bySequence = sequencesOf(verification);
  let runs = 0;
  for (const { ranges } of parts) {
    runs += ranges.length;
    for (const range of ranges)
      for (const input of runOf(verification, bySequence, range)) found.set(input.order, input);
  }
  checkCuts(verification, decision);
  for (const input of found.values()) {
    if (!isBelow(decision, input))
      throw new StepError(`The statement at leaf ${input.index} came after the cut of the decision.`);
    accountedFor.add(input.order);
    wentIn.add(input.order);
  }
  const inputs = [...found.values()].sort((a, b) => a.order - b.order);
  const recovered = findRecoveries(verification, inputs, decision);
  const { subjects, left, detail: missing } = showMissing(verification, decision, inputs, recovered.shown);
  const words = countOf(runs, 'unbroken run');
  const details = [`${inputs.length} of its statements in ${words}`, missing, ...recovered.details];
  return { inputs, subjects, left, recoveries: recovered.recoveries, detail: details.join('; ') };
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

/** What the file holds of one epoch of a sequence. */
interface Stretch {
  readonly byId: ReadonlyMap<string, LoggedStatement>;
  readonly bySeq: ReadonlyMap<number, readonly LoggedStatement[]>;
}

function nameOf({ keyOwner, subject, epoch }: Pick<InputRange, 'keyOwner' | 'subject' | 'epoch'>): string {
  return `${keyOwner}\n${subject}\n${epoch}`;
}

/** Read once, so that no number of ranges makes a file cost more than its statements. */
function sequencesOf({ contents, principals }: Verification): ReadonlyMap<string, Stretch> {
  const found = new Map<string, { byId: Map<string, LoggedStatement>; bySeq: Map<number, LoggedStatement[]> }>();
  for (const one of contents.statements) {
    const { kind, issuer, subject, epoch, seq } = one.statement.header;
    if (!INPUT_KINDS.includes(kind)) continue;
    const keyOwner = principals.get(issuer)?.keyOwner ?? '';
    const name = nameOf({ keyOwner, subject, epoch });
    const stretch = found.get(name) ?? { byId: new Map(), bySeq: new Map() };
    found.set(name, stretch);
    const id = toHex(one.statement.id);
    if (stretch.byId.has(id)) continue;
    stretch.byId.set(id, one);
    const known = stretch.bySeq.get(seq);
    if (known) known.push(one);
    else stretch.bySeq.set(seq, [one]);
  }
  return found;
}

function runOf(
  { contents, principals }: Verification,
  sequences: ReadonlyMap<string, Stretch>,
  range: InputRange,
): Found[] {
  const stretch = sequences.get(nameOf(range));
  const run = stretch && linkedRun(stretch, range);
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
function linkedRun({ byId, bySeq }: Stretch, range: InputRange): LoggedStatement[] | undefined {
  const last = [...(bySeq.get(range.toSeq) ?? [])].sort((a, b) => compareBytes(a.statement.id, b.statement.id));
  for (const one of last) {
    const run = [one];
    for (let first = one; run.length < range.count; ) {
      const { prev } = first.statement.header;
      const before = prev && byId.get(toHex(prev));
      if (before === undefined || before.statement.header.seq < range.fromSeq) break;
      run.push(before);
      first = before;
    }
    run.reverse();
    const hashes = run.map(({ statement }) => leafHash(statement.id));
    const isWhole = run.length === range.count && run[0]?.statement.header.seq === range.fromSeq;
    if (isWhole && equalBytes(treeRoot(hashes.length, memoryTree(hashes)), range.root)) return run;
  }
  return undefined;
}

/** The cuts are where the decision says: nobody chose how much of the logs counts. */
function checkCuts({ contents }: Verification, { cuts, obligation }: Decision): void {
  const { origins } = contents;
  if (cuts.length !== origins.length || cuts.some(({ origin }, i) => origin !== origins[i]))
    throw new StepError('The decision was made on other logs than those in the file.');
  const shown = new Set<string>();
  const repeated = new Map(contents.repeated.map((one) => [placeOf(one), one]));
  const arrivalOf = (position: Position): number | undefined => {
    const place = placeOf(position);
    shown.add(place);
    if (contents.arrivals.has(place)) return contents.arrivals.get(place);
    // One that stands here in full is here for something else: else it would be among those that only show their arrival.
    return (contents.at(position) ?? repeated.get(place))?.arrivalMs;
  };
  for (const { origin, index, atMs } of cuts) {
    if (atMs < obligation.toMs) throw new StepError('The decision was made before the time it is about was over.');
    const at = arrivalOf({ origin, index });
    if (at === undefined || at < atMs)
      throw new StepError('The leaf at the cut of the decision arrived too early, or is not in the file.');
    if (index === 0) continue;
    const before = { origin, index: index - 1 };
    const arrivedMs = arrivalOf(before);
    // An intent has no arrival of its own: it stands between statements that have.
    const isIntent =
      contents.intents.some((one) => one.origin === origin && one.index === index - 1) ||
      (contents.arrivals.has(placeOf(before)) && arrivedMs === undefined);
    if (!isIntent && (arrivedMs === undefined || arrivedMs >= atMs))
      throw new StepError('The leaf before the cut of the decision arrived too late, or is not in the file.');
  }
  if ([...contents.arrivals.keys()].some((place) => !shown.has(place)))
    throw new StepError('The file shows arrivals that are not those at the cut of the decision.');
}
