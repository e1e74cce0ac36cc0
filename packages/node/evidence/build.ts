// Gather: writes an evidence file from what the node holds. It only collects; whether it proves anything is for the
// verifier, with which it shares no code but the formats.

import type { Domain } from '@trine/engine/domain.ts';
import type { Log } from '@trine/log/types.ts';
import {
  type Decision,
  decisionPayload,
  decodeLeaf,
  type Evidence,
  encodeEvidence,
  modelHash,
  movesMoney,
  parseStatement,
  proofRanges,
  type ReceiptProof,
  sameModel,
  sha256,
  statementKinds,
  TrineError,
  toHex,
} from '@trine/protocol';
import type { ActivePolicy } from '../decide/decider.ts';
import { inputLeaves, type Sources } from '../decide/inputs.ts';
import { findState, type StateSources, statementAt } from '../decide/states.ts';
import type { Payment, Settler } from '../settle/settler.ts';

export interface BuildOptions extends StateSources {
  readonly domains: readonly Domain[];
  /** By the hash of its terms, hex. */
  readonly policy: (hash: string) => ActivePolicy | undefined;
  readonly settler: Settler;
}

/** What was asked for is not there, or not yet. */
export class NoEvidenceError extends TrineError {
  override readonly name = 'NoEvidenceError';
  constructor(message: string, code: 'not-found' | 'not-yet' | 'erased' | 'unsupported' = 'not-found') {
    super(code, message);
  }
}

/**
 * Collects the evidence for a reading, a decision or a payment.
 *
 * @param id 32 bytes: of a pack's statement, of a decision (or its statement), of an intent
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
  if (decided) {
    const { leaves, state } = await decisionParts(options, decided.leaf);
    return write(options, { kind: 'decision', id: decided.decision }, leaves, state && { state });
  }
  const [pack] = await store.query<{ leaf: number }>('SELECT leaf FROM statements WHERE id = $1 AND kind = $2', [
    id,
    statementKinds.pack,
  ]);
  if (pack === undefined) throw new NoEvidenceError(`Nothing here has the id ${toHex(id).slice(0, 16)}….`);
  return write(options, { kind: 'reading', id }, [pack.leaf]);
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
      'The payment is ordered but not yet made: ask again in a moment, or ask for its decision.',
      'not-yet',
    );
  const [decided] = await store.query<{ leaf: number }>(
    'SELECT leaf FROM decisions WHERE decision = $1 ORDER BY leaf LIMIT 1',
    [decision],
  );
  if (decided === undefined)
    throw new NoEvidenceError('The decision behind the payment is not in the store: run trine rebuild.');
  const { leaves, state } = await decisionParts(options, decided.leaf);
  const all = [...leaves, payment.index, ...settlements.map(({ leaf }) => leaf)];
  return write(options, { kind: 'payment', id }, all, { ...(state && { state }), payment });
}

/** The decision, its terms, model and inputs, the packs around its window, and the state before it. */
async function decisionParts(options: BuildOptions, leaf: number): Promise<{ leaves: number[]; state?: Uint8Array }> {
  const { log, store } = options;
  const decision = decisionPayload.decode(statementAt(log, leaf).payload);
  const state = await stateBefore(options, decision);
  const policy = await policyLeaf(options, decision);
  const inputs = await inputLeaves(store, decision);
  const own = inputs.filter((input) => statementAt(log, input).header.subject === decision.obligation.subject);
  const around = await neighbours(options, decision, own);
  return { leaves: [leaf, policy, ...modelLeaves(options, decision), ...inputs, ...around], ...(state && { state }) };
}

async function policyLeaf({ store, log }: BuildOptions, decision: Decision): Promise<number> {
  const rows = await store.query<{ leaf: number }>('SELECT leaf FROM statements WHERE kind IN ($1, $2)', [
    statementKinds.agreement,
    statementKinds.monitor,
  ]);
  const wanted = toHex(decision.terms as Uint8Array);
  const found = rows.find(({ leaf }) => toHex(sha256(statementAt(log, leaf).payload)) === wanted);
  if (found === undefined) throw new NoEvidenceError('The terms of the decision are not in the log.');
  return found.leaf;
}

function policyOf({ policy }: BuildOptions, decision: Decision): ActivePolicy {
  const found = decision.terms && policy(toHex(decision.terms));
  if (!found) throw new NoEvidenceError('The terms of this decision are not known here.');
  return found;
}

/** Registration of the model, and where it took another's place: who approved it and since when it decides. */
function modelLeaves(options: BuildOptions, decision: Decision): number[] {
  const { models } = options;
  const { terms, id } = policyOf(options, decision);
  const hash = modelHash(decision.model);
  const registered = models.get(toHex(hash));
  const leaves = registered && registered.index < decision.asOf.size ? [registered.index] : [];
  if (id === undefined || !movesMoney(terms) || sameModel(decision.model, terms.model)) return leaves;
  const since = models
    .modelChangesOf(terms, id)
    .findLast(
      ({ index, modelChange }) =>
        sameModel(modelChange.model, decision.model) &&
        modelChange.fromMs <= decision.obligation.fromMs &&
        index < decision.asOf.size,
    );
  if (since === undefined) throw new NoEvidenceError('What put the model of this decision in force is not in the log.');
  const approvals = models.approvalsOf(id, hash).filter(({ index }) => index < since.index);
  return [...leaves, since.index, ...approvals.map(({ index }) => index)];
}

/** The model's state before the decision; none where it is the first. */
async function stateBefore(options: BuildOptions, decision: Decision): Promise<Uint8Array | undefined> {
  const policy = policyOf(options, decision);
  const domain = options.domains.find(({ name }) => name === policy.terms.domain);
  if (domain === undefined)
    throw new NoEvidenceError(`The domain ${policy.terms.domain} is not installed here.`, 'unsupported');
  const { state } = await findState(options, policy, domain, decision.stateBefore);
  return state.length === 0 ? undefined : state;
}

/** The subject's packs right before and after the window: linked over the inputs, they show that nothing is missing. */
async function neighbours({ store }: BuildOptions, decision: Decision, own: readonly number[]): Promise<number[]> {
  const { subject, fromMs, toMs } = decision.obligation;
  const query = (condition: string, order: string) =>
    store.query<{ leaf: number }>(
      `SELECT leaf FROM statements JOIN sequences USING (sequence) WHERE kind = ${statementKinds.pack} AND subject = $1 AND key_owner = $1 AND ${condition} ORDER BY epoch ${order}, seq ${order} LIMIT 1`,
      [subject, condition.includes('last_ms') ? fromMs : toMs],
    );
  const [before, after] = await Promise.all([query('last_ms < $2', 'DESC'), query('first_ms >= $2', 'ASC')]);
  return [...before, ...after].map(({ leaf }) => leaf).filter((leaf) => !own.includes(leaf));
}

/** The network document and every enrolment and revocation of the keys that speak. */
async function identityLeaves(
  { store, log, keyDirectory }: BuildOptions,
  leaves: readonly number[],
): Promise<number[]> {
  const rows = await store.query<{ leaf: number; kind: number; subject: string }>(
    'SELECT leaf, kind, subject FROM statements JOIN sequences USING (sequence) WHERE kind IN ($1, $2, $3) ORDER BY leaf',
    [statementKinds.enrolment, statementKinds['key-status'], statementKinds.network],
  );
  const issuers = new Set<string>();
  for (const index of leaves) {
    const leaf = decodeLeaf(log.read(index));
    if (leaf.kind === 'statement') issuers.add(parseStatement(leaf.statement).header.issuer);
  }
  const keyOwners = new Set([...issuers].map((issuer) => keyDirectory.get(issuer)?.keyOwner));
  const networks = rows.filter(({ kind }) => kind === statementKinds.network).slice(0, 1);
  const about = rows.filter(({ kind, subject }) => kind !== statementKinds.network && keyOwners.has(subject));
  return [...networks, ...about].map(({ leaf }) => leaf);
}

async function write(
  options: BuildOptions,
  about: Evidence['about'],
  needed: readonly number[],
  parts: { state?: Uint8Array; payment?: Payment } = {},
): Promise<Uint8Array> {
  const { state, payment } = parts;
  const { log, bodies } = options;
  const indexes = [...new Set([...needed, ...(await identityLeaves(options, needed))])].sort((a, b) => a - b);
  const checkpoint = await log.waitForCheckpoint((indexes.at(-1) as number) + 1);
  const leaves = indexes.map((index) => ({ index, leaf: log.read(index) }));
  const proof: Uint8Array[] = [];
  for (const [from, to] of proofRanges(indexes, checkpoint.size)) proof.push(await log.subtreeRoot(from, to));
  return encodeEvidence({
    trine: 'evidence/1',
    about,
    checkpoint: checkpoint.note,
    leaves,
    proof,
    bodies: disclosures(leaves, bodies),
    ...(state && { state }),
    ...(payment && (await paymentParts(log, checkpoint.size, payment))),
  });
}

function disclosures(leaves: Evidence['leaves'], bodies: Sources['bodies']): Evidence['bodies'] {
  return leaves.flatMap(({ index, leaf }) => {
    const decoded = decodeLeaf(leaf);
    if (decoded.kind !== 'statement' || !parseStatement(decoded.statement).header.sealed) return [];
    const disclosure = bodies.read(index);
    if (disclosure === undefined)
      throw new NoEvidenceError(
        `The readings of leaf ${index} were erased: that they were sealed can be shown, what they said cannot.`,
        'erased',
      );
    return [{ index, disclosure: Uint8Array.from(disclosure) }];
  });
}

async function paymentParts(
  log: Log,
  size: number,
  { anchored, settlement, signatures }: Payment,
): Promise<Pick<Evidence, 'anchor' | 'settlement' | 'signatures'>> {
  if (!anchored || !settlement) throw new NoEvidenceError('The payment is not made yet.', 'not-yet');
  return {
    anchor: {
      size: anchored.size,
      root: anchored.root,
      consistency: await log.consistencyProof(anchored.size, size),
      receipt: receipt(anchored.proof),
    },
    settlement: { receipt: receipt(settlement) },
    signatures: [...signatures],
  };
}

function receipt({ headerRlp, txIndex, proofNodes }: ReceiptProof): NonNullable<Evidence['settlement']>['receipt'] {
  return { header: headerRlp, transaction: txIndex, nodes: [...proofNodes] };
}
