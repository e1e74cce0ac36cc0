// What shows that nothing was left out: of every sequence about what went in, its head at the cuts, the links from before the
// time to after it, and the promise of its issuer not to speak of the time again. What is not shown is said.

import { equalBytes, toHex } from '../../bytes.ts';
import type { Decision } from '../../payloads/decision.ts';
import { agreementPayload, monitorPayload, type Policy } from '../../payloads/policy.ts';
import { readHeads, type SequenceHead } from '../../sequence-heads.ts';
import { countOf, plural } from '../../words.ts';
import { isBelow, type LoggedStatement } from '../contents.ts';
import type { InputStatement } from '../format.ts';
import { StepError } from '../report.ts';
import type { Verification } from '../verification.ts';

/** Kinds that a decision can be made of. */
export const INPUT_KINDS: readonly string[] = ['pack', 'event'];
const NAMED_MAX = 10;

/**
 * How far it is shown that a sequence said nothing else of the time. `promised`: linked from before the time to a statement
 * below the cut whose issuer promises not to speak of it again. `linked`: from before it to the head at the cut, or to a
 * statement after the time. `word`: the logs' and the deciders' word.
 */
type Shown = 'promised' | 'linked' | 'word';

/** One sequence about what was decided on. */
interface Sequence {
  readonly keyOwner: string;
  readonly subject: string;
  readonly heads: readonly SequenceHead[];
  readonly inputs: readonly LoggedStatement[];
  /** All of it in the file, inputs included. */
  readonly all: readonly LoggedStatement[];
}

/** What was found about completeness. */
export interface Completeness {
  /** Subjects of which the file shows all sequences that the decision names. */
  readonly subjects: ReadonlySet<string>;
  /** Below the cuts, in the file, and left out. */
  readonly left: readonly LoggedStatement[];
  readonly detail: string;
}

/** @returns what the file shows, in words; what it does not is put among the assumptions */
export function showMissing(
  verification: Verification,
  decision: Decision,
  inputs: readonly (InputStatement & LoggedStatement)[],
  forkShown: ReadonlySet<number>,
): Completeness {
  const policy = policyIn(verification);
  const own = inputs.filter(({ statement }) => statement.header.subject !== policy?.gate.heartbeat);
  const subjects = subjectsOf(verification, own, policy);
  const heads = headsOf(verification, decision, subjects);
  const around = statementsAround(verification, inputs, forkShown);
  const sequences = sequencesOf(verification, heads, own, around);
  const { late, left, within } = leftOut(verification, decision, subjects, heads, around);
  const shown = new Map<Shown, Sequence[]>();
  for (const sequence of sequences) {
    const level = shownOf(verification, decision, sequence);
    shown.set(level, [...(shown.get(level) ?? []), sequence]);
  }
  const { assumptions } = verification;
  if (late.length > 0) assumptions.push(lateWords(late));
  assumptions.push(...assumed(shown));
  return { subjects, left, detail: found(sequences, shown, late.length, within) };
}

function policyIn({ contents }: Verification): Policy | undefined {
  const [agreement] = contents.of('agreement');
  const [monitor] = contents.of('monitor');
  if (agreement) return agreementPayload.decode(agreement.statement.payload);
  return monitor && monitorPayload.decode(monitor.statement.payload);
}

/** What went in is about, and the policy and the row: those that were silent, too. */
function subjectsOf(
  { evidence }: Verification,
  inputs: readonly InputStatement[],
  policy: Policy | undefined,
): ReadonlySet<string> {
  const subjects = new Set(inputs.map(({ statement }) => statement.header.subject));
  // Of a row others' statements are nobody's business: they may have gone into their own rows.
  if (policy && !evidence.row) subjects.add(policy.subject);
  if (evidence.row) subjects.add(evidence.row.key);
  if (policy) subjects.delete(policy.gate.heartbeat);
  return subjects;
}

function headsOf(
  { evidence }: Verification,
  decision: Decision,
  subjects: ReadonlySet<string>,
): readonly SequenceHead[] {
  if (evidence.heads === undefined) throw new StepError('The file lacks the heads of the sequences.');
  return [...readHeads(decision.heads, evidence.heads, [...subjects]).values()].flat();
}

function sequenceName(keyOwner: string, subject: string): string {
  return `${keyOwner}\n${subject}`;
}

function ownerOf({ principals }: Verification, { statement }: LoggedStatement): string {
  return principals.get(statement.header.issuer)?.keyOwner ?? '';
}

/** Packs and events that did not go in. Of what only shows a fork nobody needs to know the times. */
function statementsAround(
  { contents }: Verification,
  inputs: readonly LoggedStatement[],
  forkShown: ReadonlySet<number>,
): LoggedStatement[] {
  const wentIn = new Set(inputs.map(({ order }) => order));
  return contents.statements.filter(
    (one) =>
      INPUT_KINDS.includes(one.statement.header.kind) &&
      !wentIn.has(one.order) &&
      !(forkShown.has(one.order) && one.statement.header.sealed && !contents.hasDisclosure(one)),
  );
}

function sequencesOf(
  verification: Verification,
  heads: readonly SequenceHead[],
  inputs: readonly LoggedStatement[],
  around: readonly LoggedStatement[],
): Sequence[] {
  type Growing = Sequence & { heads: SequenceHead[]; inputs: LoggedStatement[]; all: LoggedStatement[] };
  const found = new Map<string, Growing>();
  for (const head of heads) {
    const { keyOwner, subject } = head;
    const name = sequenceName(keyOwner, subject);
    const known = found.get(name);
    if (known) known.heads.push(head);
    else found.set(name, { keyOwner, subject, heads: [head], inputs: [], all: [] });
  }
  for (const input of inputs) {
    const { subject, epoch, seq } = input.statement.header;
    const keyOwner = ownerOf(verification, input);
    const sequence = found.get(sequenceName(keyOwner, subject));
    const head = sequence?.heads.find((one) => one.epoch === epoch);
    if (sequence === undefined || head === undefined || head.seq < seq)
      throw new StepError(
        `The heads that the decision names are not those of ${subject}: leaf ${input.index} went in.`,
      );
    sequence.inputs.push(input);
    sequence.all.push(input);
  }
  for (const one of around)
    found.get(sequenceName(ownerOf(verification, one), one.statement.header.subject))?.all.push(one);
  return [...found.values()];
}

interface LeftOut {
  /** About the time, and after the cut. */
  readonly late: readonly LoggedStatement[];
  /** Below the cut: whether the decision looks at them only the domain knows. */
  readonly left: readonly LoggedStatement[];
  /** How many of those are about the time. */
  readonly within: number;
}

/** @throws StepError where the heads are refuted by what the file shows, or that is of no use */
function leftOut(
  verification: Verification,
  decision: Decision,
  subjects: ReadonlySet<string>,
  heads: readonly SequenceHead[],
  around: readonly LoggedStatement[],
): LeftOut {
  const { accountedFor, packs } = verification;
  const { fromMs, toMs } = decision.obligation;
  const highest = new Map(heads.map(({ keyOwner, subject, epoch, seq }) => [`${keyOwner}\n${subject}\n${epoch}`, seq]));
  const late: LoggedStatement[] = [];
  const left: LoggedStatement[] = [];
  let within = 0;
  for (const one of around) {
    const { subject, epoch, seq } = one.statement.header;
    if (!subjects.has(subject)) {
      if (accountedFor.has(one.order)) continue;
      throw new StepError(`The statement at leaf ${one.index} is of no use here.`);
    }
    const isSeen = isBelow(decision, one);
    // The file itself is the receipt that refutes them.
    if (isSeen && !((highest.get(`${ownerOf(verification, one)}\n${subject}\n${epoch}`) ?? -1) >= seq))
      throw new StepError(`The heads that the decision names are behind the statement at leaf ${one.index}.`);
    const isWithin = packs.timesOf(one).some((ms) => ms >= fromMs && ms < toMs);
    if (isSeen) left.push(one);
    if (isWithin && isSeen) within++;
    else if (isWithin) late.push(one);
    accountedFor.add(one.order);
  }
  return { late, left, within };
}

function shownOf(verification: Verification, decision: Decision, sequence: Sequence): Shown {
  const { fromMs, toMs } = decision.obligation;
  const { packs } = verification;
  const { heads, inputs, all } = sequence;
  if (heads.some(({ forked }) => forked)) return 'word';
  const newest = heads.at(-1);
  const isInput = new Set(inputs.map(({ order }) => order));
  const following = new Map<string, LoggedStatement>();
  for (const one of all) {
    const { prev } = one.statement.header;
    if (prev && !following.has(toHex(prev))) following.set(toHex(prev), one);
  }
  const speaksBefore = (one: LoggedStatement) => packs.timesOf(one).every((ms) => ms < fromMs);
  const speaksAfter = (one: LoggedStatement) => packs.timesOf(one).every((ms) => ms >= toMs);
  let at = startOf(sequence, (one) => !isInput.has(one.order) && speaksBefore(one) && isBelow(decision, one));
  if (at === undefined) return 'word';
  let reached: Shown = 'word';
  let left = inputs.length;
  for (; at; at = following.get(toHex(at.statement.id))) {
    const { id, header } = at.statement;
    if (isInput.has(at.order)) left--;
    // What came late is a link, and another statement of the time than these.
    else if (!isBelow(decision, at) && packs.timesOf(at).some((ms) => ms >= fromMs && ms < toMs)) return 'word';
    if (left > 0) continue;
    if (isBelow(decision, at) && header.low !== undefined && header.low >= toMs) return 'promised';
    if (newest && equalBytes(newest.id, id)) reached = 'linked';
    if (!isInput.has(at.order) && speaksAfter(at)) reached = 'linked';
  }
  return reached;
}

/** Where the links begin: what stands before the first of the inputs, or the first there is; of a silent one the newest before. */
function startOf(
  { inputs, all }: Sequence,
  isBeforeTheTime: (one: LoggedStatement) => boolean,
): LoggedStatement | undefined {
  const byPlace = (a: LoggedStatement, b: LoggedStatement) =>
    a.statement.header.epoch - b.statement.header.epoch || a.statement.header.seq - b.statement.header.seq;
  const [first] = [...inputs].sort(byPlace);
  if (first === undefined) return all.filter(isBeforeTheTime).sort(byPlace).at(-1);
  const { prev } = first.statement.header;
  if (prev === undefined) return first;
  const before = all.find(({ statement }) => equalBytes(statement.id, prev));
  return before && isBeforeTheTime(before) ? before : undefined;
}

function found(
  sequences: readonly Sequence[],
  shown: ReadonlyMap<Shown, readonly Sequence[]>,
  late: number,
  within: number,
): string {
  const said = sequences.length;
  if (said === 0) return 'the deciders name no sequence about this';
  const promised = shown.get('promised')?.length ?? 0;
  const linked = shown.get('linked')?.length ?? 0;
  const word = shown.get('word')?.length ?? 0;
  if (promised === said && late === 0 && within === 0)
    return 'their own sequences show that there were no others, and their issuers promise that there will be none';
  const parts = [
    ...(promised > 0
      ? [`${promised} ${plural(promised, 'shows', 'show')} themselves that there were no others, by promise`]
      : []),
    ...(linked > 0 ? [`${linked} ${plural(linked, 'is', 'are')} linked over exactly these, without a promise`] : []),
    ...(word > 0 ? [`of ${word} it is the log’s and the deciders’ word that there were no others`] : []),
    ...(late > 0 ? [`${late} about this time came after the cut`] : []),
    ...(within > 0 ? [`${within} about this time did not go in`] : []),
  ];
  return `of ${countOf(said, 'sequence')}: ${parts.join(', ')}`;
}

function lateWords(late: readonly LoggedStatement[]): string {
  const ids = late.slice(0, NAMED_MAX).map(({ statement, index }) => `${toHex(statement.id)} (leaf ${index})`);
  const more = late.length > NAMED_MAX ? ` and ${late.length - NAMED_MAX} more` : '';
  return `That ${countOf(late.length, 'statement')} about this time ${plural(late.length, 'was', 'were')} rightly left out, having arrived only after the cut of the decision: ${ids.join(', ')}${more}.`;
}

function namesOf(sequences: readonly Sequence[]): string {
  const names = sequences
    .slice(0, NAMED_MAX)
    .map(({ keyOwner, subject }) => (keyOwner === subject ? subject : `${subject} as ${keyOwner} says it`));
  const more = sequences.length > NAMED_MAX ? ` and ${sequences.length - NAMED_MAX} more` : '';
  return `${names.join(', ')}${more}`;
}

function assumed(shown: ReadonlyMap<Shown, readonly Sequence[]>): string[] {
  const { promised = [], linked = [], word = [] } = Object.fromEntries(shown) as Partial<Record<Shown, Sequence[]>>;
  const words: string[] = [
    'That the heads the decision names are all that the log held of these things at the cut: whoever reads the log recomputes them, and a device can refute them with a receipt.',
  ];
  if (promised.length > 0)
    words.push(
      `That what was said before the first statement shown was not about this time: ${namesOf(promised)} ${plural(promised.length, 'promises', 'promise')} only for what follows.`,
    );
  if (linked.length > 0)
    words.push(
      `That nothing was said of this time before and after what is linked here: ${namesOf(linked)} ${plural(linked.length, 'has', 'have')} not promised it.`,
    );
  if (word.length > 0)
    words.push(
      `That the log held no other statement for this time of ${namesOf(word)}: the deciders read the whole log up to the cut, anyone may do the same, and a device can refute it with a receipt.`,
    );
  return words;
}
