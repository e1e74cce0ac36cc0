// Learn: what people said of decisions becomes the next version of the model, with its effect shown before anyone
// approves it. The new version only proposes: it is registered, tried beside, approved and promoted like any other.

import type { Domain, LabelledDecision } from '@trine/engine/domain.ts';
import { type DecidingModel, type Evaluation, evaluate, windowInput } from '@trine/engine/evaluate.ts';
import {
  type Decision,
  decisionPayload,
  equalBytes,
  fromHex,
  type ModelCard,
  modelHash,
  type Parameters,
  type RegisteredModel,
  rightVerdict,
  sha256,
  TrineError,
  toHex,
} from '@trine/protocol';
import type { ActivePolicy } from '../decide/decider.ts';
import { decisionInputs, findState, type StateSources, statementAt } from '../decide/states.ts';
import type { LoggedLabel } from '../projections/models.ts';

export interface TrainingResult {
  readonly parameters: Parameters;
  readonly card: ModelCard;
  readonly learnt: NonNullable<RegisteredModel['learnt']>;
}

/** A label too many is one that nobody learns from: the newest count. */
const LABELS_MAX = 200;
/** Left out one by one up to so many: what the new version is worth on windows it was not taught. */
const HELD_OUT_MAX = 40;
const UNLABELLED_COMPARED = 200;

/**
 * Learns from every label under a policy.
 *
 * @param model in force, from which it starts
 * @throws TrineError saying why nothing can be learnt
 */
export async function learnFromLabels(
  sources: StateSources,
  policy: ActivePolicy,
  domain: Domain,
  model: DecidingModel,
): Promise<TrainingResult> {
  const { learn } = domain;
  if (learn === undefined) throw new TrineError('unsupported', `The domain ${domain.name} does not learn from labels.`);
  const labelled = await labelledWindows(sources, policy, domain, model.parameters);
  if (labelled.length === 0) throw new TrineError('invalid', 'Nobody has labelled a decision of this agreement yet.');
  const windows = labelled.map(({ window }) => window);
  const before = model.parameters;
  const parameters = learn(windows, before);
  if (toHex(modelHash(domain.model(parameters))) === toHex(modelHash(model.identity)))
    throw new TrineError(
      'invalid',
      `The ${windows.length} labels change nothing: the model decides as they say already, or they are too few or against each other.`,
    );
  const right = (given: Parameters, of: readonly LabelledDecision[]) =>
    of.filter((one) => isRight(domain, given, one)).length;
  const heldOut = windows.slice(-HELD_OUT_MAX);
  const rightHeldOut = heldOut.filter((one) =>
    isRight(
      domain,
      learn(
        windows.filter((other) => other !== one),
        before,
      ),
      one,
    ),
  ).length;
  const others = await otherWindows(sources, policy, domain, model, parameters);
  const effect = {
    labels: windows.length,
    rightBefore: right(before, windows),
    rightAfter: right(parameters, windows),
    heldOut: heldOut.length,
    rightHeldOut,
    rightHeldOutBefore: right(before, heldOut),
    ...others,
  };
  return {
    parameters,
    card: cardOf(policy, effect),
    learnt: {
      from: modelHash(model.identity),
      asOf: sources.log.durableSize,
      labels: labelled.map(({ label }) => label.id),
      effect,
    },
  };
}

function cardOf({ terms }: ActivePolicy, effect: Readonly<Record<string, number>>): ModelCard {
  return {
    purpose: `Decides "${terms.title}" as the people who labelled its decisions would.`,
    data: `${effect.labels} labelled windows of ${terms.subject}, sealed in this log; their ids are listed.`,
    split: `Taught on all labels; held out one by one on the newest ${effect.heldOut}; ${effect.windows} windows without labels compared.`,
    metric: 'Windows decided as people say.',
    result: `${effect.rightAfter} of ${effect.labels} (before: ${effect.rightBefore}); held out ${effect.rightHeldOut} of ${effect.heldOut} (before: ${effect.rightHeldOutBefore}); elsewhere ${effect.differences} of ${effect.windows} decided otherwise.`,
    limits:
      'Knows only what was labelled. Labels are one member’s word; silence and missing statements cannot be labelled away.',
    licence: 'As the data of this log.',
  };
}

function isRight(domain: Domain, parameters: Parameters, { input, verdict }: LabelledDecision): boolean {
  return domain.judge({ ...input, parameters }).verdict === verdict;
}

/** Labelled windows of a policy, oldest first, as the domain is given them; of models whose state means the same. */
async function labelledWindows(
  sources: StateSources,
  policy: ActivePolicy,
  domain: Domain,
  before: Parameters,
): Promise<{ window: LabelledDecision; label: LoggedLabel }[]> {
  const found: { window: LabelledDecision; label: LoggedLabel; fromMs: number }[] = [];
  for (const [id, labels] of sources.models.labelled().slice(-LABELS_MAX)) {
    const [row] = await sources.store.query<{ leaf: number }>(
      'SELECT leaf FROM decisions WHERE decision = $1 AND terms = $2 LIMIT 1',
      [fromHex(id), fromHex(policy.hash)],
    );
    if (row === undefined) continue;
    const decision = decisionPayload.decode(statementAt(sources.log, row.leaf).payload);
    if (decision.verdict === 'advice') continue;
    const { parameters } = sources.models.deciding(decision.model);
    if (domain.stateForm?.(parameters) !== domain.stateForm?.(before)) continue;
    const input = await inputOf(sources, policy, domain, decision);
    for (const label of labels)
      found.push({
        window: { input, verdict: rightVerdict(label.label, decision.verdict), by: label.issuer },
        label,
        fromMs: decision.obligation.fromMs,
      });
  }
  return found.sort((a, b) => a.fromMs - b.fromMs || a.label.index - b.label.index);
}

async function inputOf(sources: StateSources, policy: ActivePolicy, domain: Domain, decision: Decision) {
  const { state } = await findState(sources, policy, domain, decision.stateBefore);
  return windowInput(await evaluationOf(sources, policy, domain, decision, state));
}

async function evaluationOf(
  sources: StateSources,
  { terms, id }: ActivePolicy,
  domain: Domain,
  { obligation, asOf, model: identity, ...decision }: Decision,
  stateBefore: Uint8Array,
): Promise<Evaluation> {
  const inputs = await decisionInputs(sources, { obligation, asOf, model: identity, ...decision });
  const model = sources.models.deciding(identity);
  return { domain, agreement: id, terms, model, obligation, asOf, stateBefore, inputs };
}

/** How often, and for how much money, the newest windows without labels would have been decided otherwise. */
async function otherWindows(
  sources: StateSources,
  policy: ActivePolicy,
  domain: Domain,
  { identity }: DecidingModel,
  parameters: Parameters,
): Promise<{ windows: number; differences: number; amountBefore: number; amountAfter: number }> {
  const rows = await sources.store.query<{ leaf: number }>(
    `SELECT leaf FROM decisions WHERE terms = $1 AND model = $2 AND decision NOT IN (SELECT decision FROM labels)
     ORDER BY from_ms DESC LIMIT ${UNLABELLED_COMPARED}`,
    [fromHex(policy.hash), modelHash(identity)],
  );
  const sum = { windows: 0, differences: 0, amountBefore: 0, amountAfter: 0 };
  let state: Uint8Array = new Uint8Array();
  for (const { leaf } of rows.reverse()) {
    const decision = decisionPayload.decode(statementAt(sources.log, leaf).payload);
    // Mostly the state goes on from the window before; only after a gap it is looked for.
    if (!equalBytes(sha256(state), decision.stateBefore))
      state = (await findState(sources, policy, domain, decision.stateBefore)).state;
    const evaluation = await evaluationOf(sources, policy, domain, decision, state);
    const { verdict, amount } = domain.judge({ ...windowInput(evaluation), parameters });
    state = evaluate(evaluation).stateAfter;
    sum.windows++;
    sum.differences += Number(verdict !== decision.verdict);
    sum.amountBefore += decision.amount;
    sum.amountAfter += verdict === 'breached' ? amount : 0;
  }
  return sum;
}
