// Gather: writes an evidence file from what the node holds. It only collects; whether it proves anything is for the
// verifier, with which it shares no code but the formats.
import { type Evaluated, evaluate, type OpenedInput, type States } from '@trine/engine';
import type { Log } from '@trine/log/types.ts';
import {
  type Agreement,
  type BatchPart,
  type Decision,
  decisionId,
  type Evidence,
  equalBytes,
  modelHash,
  movesMoney,
  obligationId,
  openBody,
  proveHeads,
  proveMap,
  recoveryPayload,
  released,
  rowPayload,
  type SequenceHead,
  sameModel,
  statementKinds,
  toHex,
} from '@trine/protocol';
import { linesByHandOf } from '../decide/by-hand.ts';
import { statementAt } from '../decide/inputs.ts';
import { decisionAt, evaluationOf, leafOfDecision, type StateSources, statesBefore } from '../decide/states.ts';
import type { LoggedPolicy, PolicyRegistry } from '../projections/policies.ts';
import { type RuledKeys, ruledKeys } from '../settle/by-hand.ts';
import type { SettledBatch } from '../settle/settled-batch.ts';
import type { Payment, Settler } from '../settle/settler.ts';
import { accountLeaves, joinedBelowCut } from './accounts.ts';
import { agreedLeaves } from './agreed.ts';
import { leavesAround } from './around.ts';
import { paidLine, wholeBatch } from './batch.ts';
import { correctedDecisions, correctedLines, linesBefore } from './corrected.ts';
import { NoEvidenceError, type Parts, type WriteOptions, write } from './file.ts';
import { byKey, rangesHash, rangesOf } from './ranges.ts';

export interface BuildOptions extends StateSources {
  readonly log: Log;
  readonly policies: PolicyRegistry;
  readonly settler: Pick<Settler, 'payment' | 'settledBatch'>;
  readonly origins?: WriteOptions['origins'];
}

/**
 * Collects the evidence for a reading, a decision, one line of a decision, or a payment.
 *
 * @param id 32 bytes: of a pack's or an event's statement, of a decision (or its statement), of a row's statement, of an intent
 * @returns the file
 * @throws NoEvidenceError saying what is missing
 */
export async function buildEvidence(options: BuildOptions, id: Uint8Array): Promise<Uint8Array> {
  const { store } = options;
  const [intent] = await store.query<{ decision: Uint8Array }>('SELECT decision FROM intents WHERE digest = $1', [id]);
  if (intent) return buildPayment(options, id, intent.decision);
  const [decided] = await store.query<{ leaf: number; decision: Uint8Array }>(
    'SELECT leaf, decision FROM decisions WHERE decision = $1 OR statement = $1 ORDER BY leaf LIMIT 1',
    [id],
  );
  if (decided)
    return write(options, { kind: 'decision', id: decided.decision }, await decisionParts(options, decided.leaf));
  const [said] = await store.query<{ leaf: number; kind: number }>(
    'SELECT leaf, kind FROM statements WHERE id = $1 ORDER BY leaf LIMIT 1',
    [id],
  );
  if (said?.kind === statementKinds.row) {
    const { payment, ...parts } = await rowParts(options, said.leaf);
    return write(options, { kind: 'row', id }, parts, payment);
  }
  if (said?.kind !== statementKinds.pack && said?.kind !== statementKinds.event)
    throw new NoEvidenceError(`Nothing here has the id ${toHex(id).slice(0, 16)}….`);
  return write(options, { kind: 'reading', id }, { leaves: [said.leaf] });
}

/**
 * The evidence of some lines of a decision, which is computed again once for all of them.
 *
 * @param keys of lines that it has
 * @returns their files, in that order
 * @throws NoEvidenceError saying what is missing
 */
export async function buildLines(
  options: BuildOptions,
  decision: Uint8Array,
  keys: readonly string[],
): Promise<Uint8Array[]> {
  const leaf = await leafOfDecision(options, decision);
  if (leaf === undefined) throw new NoEvidenceError('The decision of these lines is not in the store.');
  const known = await linesAgain(options, leaf);
  const { policy, obligation } = known.again.decision;
  const rows = await options.store.query<{ leaf: number; key: string; statement: Uint8Array }>(
    'SELECT leaf, key, statement FROM rows WHERE policy = $1 AND obligation = $2 AND leaf < $3 ORDER BY leaf',
    [policy, obligationId(obligation), leaf],
  );
  const byKey = new Map(rows.map((row) => [row.key, row]));
  const files: Uint8Array[] = [];
  for (const key of keys) {
    const row = byKey.get(key);
    if (row === undefined) throw new NoEvidenceError(`The decision has no line of ${key} here.`);
    const { payment, ...parts } = await rowParts(options, row.leaf, known);
    files.push(await write(options, { kind: 'row', id: row.statement }, parts, payment));
  }
  return files;
}

async function buildPayment(options: BuildOptions, id: Uint8Array, decision: Uint8Array): Promise<Uint8Array> {
  const { store, settler } = options;
  const payment = await settler.payment(id);
  const settlements = await store.query<{ leaf: number }>(
    'SELECT leaf FROM settlements WHERE intent = $1 ORDER BY leaf',
    [id],
  );
  if (!payment?.anchored || !payment.settlement || settlements.length === 0)
    throw new NoEvidenceError(
      'The payment is ordered and not made: ask again once it is paid, or ask for its decision.',
      'not-yet',
    );
  const decided = await leafOfDecision(options, decision);
  if (decided === undefined)
    throw new NoEvidenceError('The decision behind the payment is not in the store: run trine rebuild.');
  const again = await decideAgain(options, decided);
  const ruled = await ruledKeys(options, again.logged, again.decision, payment.index);
  const parts = await decisionParts(options, decided, again, ruled.released);
  const settled = await settler.settledBatch(payment);
  const batch = settled && batchOf(options, payment, again, ruled, settled);
  const leaves = [
    ...parts.leaves,
    ...releaseLeaves(options, again, ruled, batch),
    payment.index,
    ...settlements.map(({ leaf }) => leaf),
  ];
  return write(options, { kind: 'payment', id }, { ...parts, leaves, ...(batch && { batch }) }, payment);
}

/** A batch, with lines that were released by hand, and without those that are closed. */
function batchOf(
  { policies }: BuildOptions,
  { intent }: Payment,
  again: Again,
  { released: words, closed }: RuledKeys,
  settled: SettledBatch,
): BatchPart {
  const { decision, logged, evaluated } = again;
  const standing = [...evaluated.rows].flatMap(([key, { row }]) => (closed.has(key) ? [] : [[key, row] as const]));
  const { rows } = released(decision, new Map(standing), new Set(words.keys()));
  return wholeBatch(intent, decision, logged.policy as Agreement, rows, settled, joinedBelowCut(policies, again));
}

/** What was said by hand of what is paid: of lines of a batch, or of all that is settled entry by entry. */
function releaseLeaves(
  { policies }: BuildOptions,
  { decision, logged }: Again,
  { released: words }: RuledKeys,
  batch: BatchPart | undefined,
): number[] {
  if (batch) return (batch.lines ?? []).flatMap((key) => words.get(key) ?? []);
  const byHand = decision.outcome === 'hold' ? policies.release(logged.hash, toHex(decisionId(decision))) : undefined;
  return byHand ? [byHand.index] : [];
}

/** A decision computed again, to find what it takes to do so elsewhere. */
interface Again {
  readonly decision: Decision;
  readonly logged: LoggedPolicy;
  readonly states: States;
  readonly evaluated: Evaluated;
  /** Of every sequence that was looked at. */
  readonly heads: readonly SequenceHead[];
  readonly salts: NonNullable<Evidence['salts']>;
}

async function decideAgain(options: BuildOptions, leaf: number): Promise<Again> {
  const decision = decisionAt(options.log, leaf);
  const logged = options.policies.get(toHex(decision.policy));
  if (logged === undefined) throw new NoEvidenceError('The policy of this decision is not known here.');
  const { states } = await statesBefore(options, logged, { leaf, decision });
  const evaluation = await evaluationOf(options, logged, decision, states);
  const salts = new Map<string, NonNullable<Evidence['salts']>[number]>();
  const evaluated = evaluate({
    ...evaluation,
    salt: (purpose, key) => {
      const salt = evaluation.salt(purpose, key);
      salts.set(`${purpose} ${key}`, { purpose, key, salt });
      return salt;
    },
  });
  if (!equalBytes(decisionId(evaluated.decision), decisionId(decision)))
    throw new NoEvidenceError(
      'Computed again here, the decision is another one: readings it was made of were erased, or the model here is another.',
      'erased',
    );
  const sorted = [...salts].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, salt]) => salt);
  return { decision, logged, states, evaluated, heads: evaluation.sequences, salts: sorted };
}

async function decisionParts(
  options: BuildOptions,
  leaf: number,
  known?: Again,
  words?: RuledKeys['released'],
): Promise<Parts> {
  const again = known ?? (await decideAgain(options, leaf));
  const { decision, states, evaluated, salts } = again;
  const own = [...evaluated.parts.values()].flat();
  return {
    ...(await commonParts(options, leaf, again, { inputs: own, words })),
    inputs: rangesOf(evaluated.parts),
    ...(decision.statesBefore.count > 0 && {
      states: [...states].map(([key, { disclosure }]) => ({ key, disclosure })).sort(byKey),
    }),
    ...(salts.length > 0 && { salts }),
  };
}

/** A decision computed again, and the lines of those it corrects: for any of its own. */
interface LinesAgain {
  readonly again: Again;
  readonly corrected: Awaited<ReturnType<typeof correctedLines>>;
}

async function linesAgain(options: BuildOptions, leaf: number): Promise<LinesAgain> {
  const again = await decideAgain(options, leaf);
  return { again, corrected: await correctedLines(options, again.decision) };
}

/** One party's line: its own inputs and state, what is common, and that they belong to the decision. */
async function rowParts(
  options: BuildOptions,
  leaf: number,
  known?: LinesAgain,
): Promise<Parts & { readonly payment?: Payment }> {
  const { store, bodies, log } = options;
  const disclosure = bodies.read(leaf);
  if (disclosure === undefined) throw new NoEvidenceError('This line was erased.', 'erased');
  const { policy, obligation, key } = rowPayload.decode(openBody(statementAt(log, leaf), disclosure));
  const [decided] = await store.query<{ leaf: number }>(
    'SELECT leaf FROM decisions WHERE policy = $1 AND obligation = $2 AND leaf > $3 ORDER BY leaf LIMIT 1',
    [policy, obligationId(obligation), leaf],
  );
  if (decided === undefined) throw new NoEvidenceError('The decision of this line is not in the log yet.', 'not-yet');
  const { again, corrected } = known ?? (await linesAgain(options, decided.leaf));
  const { states, evaluated, salts } = again;
  const parts = new Map([...evaluated.parts].filter(([part]) => part === '' || part === key));
  const hashes = new Map([...evaluated.parts].map(([part, inputs]) => [part, rangesHash(inputs)]));
  const state = states.get(key);
  const own = salts.filter((one) => one.purpose === 'row' && one.key === key);
  const said = await saidOf(options, again, key);
  const inputs = [...parts.values()].flat();
  const common = await commonParts(options, decided.leaf, again, { inputs, row: key, words: said.words });
  const { paid } = said;
  const before = linesBefore(corrected, key);
  return {
    ...common,
    ...(paid && { batch: paid.batch, payment: paid.payment }),
    leaves: [...common.leaves, leaf, ...before.leaves, ...said.leaves, ...(paid?.leaves ?? [])],
    inputs: rangesOf(parts),
    ...(state && { states: [{ key, disclosure: state.disclosure }] }),
    ...(own.length > 0 && { salts: own }),
    row: {
      key,
      row: proveMap(new Map([...evaluated.rows].map(([name, { commitment }]) => [name, commitment])), key),
      inputs: proveMap(hashes, key),
      common: proveMap(hashes, ''),
      state: proveMap(new Map([...states].map(([name, { commitment }]) => [name, commitment])), key),
      ...(before.proofs.length > 0 && { before: before.proofs }),
    },
  };
}

/** How a line was paid, and what was said by hand: of it, where it had been held, and of what it corrects. */
async function saidOf(
  options: BuildOptions,
  again: Again,
  key: string,
): Promise<{
  readonly paid: Awaited<ReturnType<typeof paidLine>>;
  readonly words: RuledKeys['released'];
  readonly leaves: readonly number[];
}> {
  const { decision, logged, evaluated } = again;
  const byHand = await linesByHandOf(options, logged, decision.obligation.base ?? obligationId(decision.obligation));
  const wordOn = (one: Decision) => byHand(key, toHex(obligationId(one.obligation))).word;
  const corrected = await correctedDecisions(options, decision);
  const before = corrected.flatMap((one) => wordOn(one.decision)?.at ?? []);
  const paid = await paidLine(options, decision, logged.policy, key, joinedBelowCut(options.policies, again));
  if (evaluated.rows.get(key)?.row.outcome !== 'hold') return { paid, words: new Map(), leaves: before };
  const word = wordOn(decision);
  // What is held and was not released before an order is not paid by it, whatever else that does on its account.
  if (paid === undefined || word?.ruling !== 'pay' || word.at > paid.payment.index)
    return { paid: undefined, words: new Map(), leaves: before };
  return { paid, words: new Map([[key, word.at]]), leaves: [...before, word.at] };
}

/** What a file shows of a decision. */
interface Shown {
  readonly inputs: readonly OpenedInput[];
  /** Key of the one line that it is about. */
  readonly row?: string;
  /** Where lines were released by hand that it shows the payment of. */
  readonly words?: RuledKeys['released'] | undefined;
}

/** The decision, those it corrects, its policy and model, what went in, and what stands around that. */
async function commonParts(
  options: BuildOptions,
  leaf: number,
  again: Again,
  { inputs, row, words = new Map() }: Shown,
): Promise<Pick<Parts, 'leaves' | 'arrivals' | 'bare' | 'heads'>> {
  const { decision, logged, heads } = again;
  const indexes = inputs.map(({ index }) => index);
  const cut = decision.cuts[0]?.index ?? 0;
  const subjects = shownSubjects(logged, inputs, row);
  const shown = heads.filter(({ subject }) => subjects.includes(subject));
  const around = await leavesAround(options, decision, shown, inputs);
  const leaves = [
    leaf,
    ...(await correctedDecisions(options, decision)).map((one) => one.leaf),
    logged.index,
    ...agreedLeaves(options.policies, logged.hash, leaf),
    ...modelLeaves(options, logged, decision),
    ...indexes,
    ...around.leaves,
    ...accountLeaves(options.policies, again, row, words),
  ];
  const recovered = await recoveryLeaves(options, inputs, cut);
  const sides = recovered.sides.filter((index) => !leaves.includes(index));
  const all = [...leaves, ...recovered.recoveries, ...sides];
  const bare = [...sides, ...around.bare];
  const known = new Set(all);
  return {
    leaves: all,
    bare,
    arrivals: [cut - 1, cut].filter((index) => index >= 0 && !known.has(index)),
    heads: proveHeads(heads, subjects),
  };
}

/** What went in is about, and the policy and the row: those that were silent, too. */
function shownSubjects({ policy }: LoggedPolicy, inputs: readonly OpenedInput[], row: string | undefined): string[] {
  const subjects = new Set(inputs.map(({ statement }) => statement.header.subject));
  // Of a row others' statements are nobody's business: they may have gone into their own rows.
  subjects.add(row ?? policy.subject);
  subjects.delete(policy.gate.heartbeat);
  return [...subjects];
}

/** Recoveries of the sequences that went in, and the statements that show each fork: its sides and its heads. */
async function recoveryLeaves(
  { store, sequences, log }: BuildOptions,
  inputs: readonly OpenedInput[],
  cut: number,
): Promise<{ recoveries: number[]; sides: number[] }> {
  const names = new Set(inputs.map(({ keyOwner, statement }) => `${keyOwner}\n${statement.header.subject}`));
  const subjects = new Set(inputs.map(({ statement }) => statement.header.subject));
  const found = sequences
    .forksAbout((subject) => subjects.has(subject))
    .filter(({ keyOwner, subject }) => names.has(`${keyOwner}\n${subject}`));
  const recoveries: number[] = [];
  const sides = new Set<number>();
  for (const { sides: both, recovery } of found) {
    if (recovery === undefined || recovery.index >= cut) continue;
    recoveries.push(recovery.index);
    for (const side of both) sides.add(side);
    for (const head of recoveryPayload.decode(statementAt(log, recovery.index).payload).heads) {
      const [row] = await store.query<{ leaf: number }>('SELECT leaf FROM statements WHERE id = $1 LIMIT 1', [head]);
      if (row) sides.add(row.leaf);
    }
  }
  return { recoveries, sides: [...sides] };
}

/** Registration of the model, and where it took another's place: who approved it and since when it decides. */
function modelLeaves({ models }: BuildOptions, { policy, id }: LoggedPolicy, decision: Decision): number[] {
  const hash = modelHash(decision.model);
  const cut = decision.cuts[0]?.index ?? 0;
  const registered = models.get(toHex(hash));
  const leaves = registered && registered.index < cut ? [registered.index] : [];
  if (id === undefined || !movesMoney(policy) || sameModel(decision.model, policy.model)) return leaves;
  const since = models
    .modelChangesOf(policy, id)
    .findLast(
      ({ index, modelChange }) =>
        sameModel(modelChange.model, decision.model) && modelChange.fromMs <= decision.obligation.fromMs && index < cut,
    );
  if (since === undefined) throw new NoEvidenceError('What put the model of this decision in force is not in the log.');
  const approvals = models.approvalsOf(id, hash).filter(({ index }) => index < since.index);
  return [...leaves, since.index, ...approvals.map(({ index }) => index)];
}
