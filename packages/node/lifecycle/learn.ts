// Learn: what people said of decisions becomes the next version of the model, with its effect shown before anyone
// approves it. The new version only proposes: it is registered, tried beside, approved and promoted like any other.
import { evaluate, inputOf, type LabelledDecision, NO_STATES, type OpenedModel, type States } from '@trine/engine';
import {
  agreesWith,
  amountOf,
  countOf,
  type Decision,
  equalBytes,
  fromHex,
  type ModelCard,
  modelHash,
  type Parameters,
  plural,
  type RegisteredModel,
  TrineError,
  toHex,
} from '@trine/protocol';
import { decisionAt, evaluationOf, type StateSources, statesBefore } from '../decide/states.ts';
import type { DecidingModel, LoggedLabel } from '../projections/models.ts';
import type { LoggedPolicy } from '../projections/policies.ts';

export interface TrainingResult {
  readonly parameters: Parameters;
  readonly card: ModelCard;
  readonly learnt: NonNullable<RegisteredModel['learnt']>;
}

interface Labelled {
  readonly decision: LabelledDecision<unknown>;
  readonly label: LoggedLabel;
  readonly fromMs: number;
}

/** What is learnt from, and by what. */
interface Lesson {
  readonly sources: StateSources;
  readonly logged: LoggedPolicy;
  readonly before: Parameters;
  readonly learn: NonNullable<OpenedModel['engine']['learn']>;
}

/** A label too many is one that nobody learns from: the newest count. */
const LABELS_MAX = 200;
/** Left out one by one up to so many: what the new version is worth on decisions it was not taught. */
const HELD_OUT_MAX = 40;
const UNLABELLED_COMPARED = 200;

/**
 * Learns from every label under a policy.
 *
 * @param model in force, from which it starts
 * @param asOf size of the log as it is learnt from
 * @throws TrineError saying why nothing can be learnt
 */
export async function learnFromLabels(
  sources: StateSources,
  logged: LoggedPolicy,
  model: DecidingModel,
  asOf: number,
): Promise<TrainingResult> {
  const { domain } = logged.policy;
  const { engine } = await sources.domains.open(domain, model.identity, model.parameters);
  if (engine.learn === undefined)
    throw new TrineError('unsupported', `The domain ${domain} does not learn from labels.`);
  const lesson: Lesson = { sources, logged, before: model.parameters, learn: engine.learn.bind(engine) };
  const labelled = await labelledDecisions(lesson);
  if (labelled.length === 0) throw new TrineError('invalid', 'Nobody has labelled a decision of this policy yet.');
  const decisions = labelled.map(({ decision }) => decision);
  const parameters = lesson.learn(decisions, lesson.before);
  if (equalBytes(modelHash(sources.domains.identity(domain, parameters)), modelHash(model.identity)))
    throw new TrineError(
      'invalid',
      `${countOf(decisions.length, 'label')} ${plural(decisions.length, 'changes', 'change')} nothing: the model decides as people say already, or too few spoke, or against each other.`,
    );
  const effect = {
    ...(await effectOnLabelled(lesson, decisions, parameters)),
    ...(await effectOnOthers(lesson, model, parameters)),
  };
  return {
    parameters,
    card: cardOf(logged, effect),
    learnt: { from: modelHash(model.identity), asOf, labels: labelled.map(({ label }) => label.id), effect },
  };
}

type Effect = Readonly<Record<string, number>>;

function cardOf({ policy }: LoggedPolicy, effect: Effect): ModelCard {
  return {
    purpose: `Decides "${policy.title}" as the people who labelled its decisions would.`,
    data: `${countOf(effect.labels ?? 0, 'labelled decision')} on ${policy.subject}, in this log; the ids of the labels are listed.`,
    split: `Taught on all labels; held out one by one on the newest ${effect.heldOut}; ${countOf(effect.others ?? 0, 'decision')} without labels compared.`,
    metric: 'Decisions that come out as people say.',
    result: `${effect.rightAfter} of ${effect.labels} (before: ${effect.rightBefore}); held out ${effect.rightHeldOut} of ${effect.heldOut} (before: ${effect.rightHeldOutBefore}); elsewhere ${effect.differences} of ${effect.others} decided otherwise.`,
    limits:
      'Knows only what was labelled. Labels are one member’s word; silence and missing statements cannot be labelled away.',
    licence: 'As the data of this log.',
  };
}

/** Labelled decisions under a policy, oldest first, of models whose state means the same. */
async function labelledDecisions({ sources, logged, before }: Lesson): Promise<Labelled[]> {
  const { models, domains, store, log } = sources;
  const { domain } = domains.get(logged.policy.domain);
  const found: Labelled[] = [];
  for (const [id, labels] of models.labelled().slice(-LABELS_MAX)) {
    const [row] = await store.query<{ leaf: number }>(
      'SELECT leaf FROM decisions WHERE decision = $1 AND policy = $2 ORDER BY leaf LIMIT 1',
      [fromHex(id), fromHex(logged.hash)],
    );
    // What is said of one party's line says nothing of the decision.
    const said = labels.filter(({ label }) => label.row === undefined);
    if (row === undefined || said.length === 0) continue;
    const decision = decisionAt(log, row.leaf);
    if (domain.stateForm?.(models.deciding(decision.model).parameters) !== domain.stateForm?.(before)) continue;
    const { states } = await statesBefore(sources, logged, { leaf: row.leaf, decision });
    const input = inputOf(await evaluationOf(sources, logged, decision, states));
    for (const label of said) {
      const agrees = (verdict: string) => agreesWith(label.label, decision.verdict, verdict);
      found.push({
        decision: { input, decided: decision.verdict, agrees, by: label.issuer },
        label,
        fromMs: decision.obligation.fromMs,
      });
    }
  }
  return found.sort((a, b) => a.fromMs - b.fromMs || a.label.index - b.label.index);
}

async function opened({ sources, logged }: Lesson, parameters: Parameters): Promise<OpenedModel> {
  const { domains } = sources;
  const { domain } = logged.policy;
  return domains.open(domain, domains.identity(domain, parameters), parameters);
}

/** Of these decisions, how many come out as people said. */
async function countRight(
  lesson: Lesson,
  parameters: Parameters,
  decisions: readonly LabelledDecision<unknown>[],
): Promise<number> {
  const { engine } = await opened(lesson, parameters);
  return decisions.filter(({ input, agrees }) => agrees(engine.decide({ ...input, parameters }).verdict)).length;
}

async function effectOnLabelled(
  lesson: Lesson,
  decisions: readonly LabelledDecision<unknown>[],
  parameters: Parameters,
): Promise<Effect> {
  const { before, learn } = lesson;
  const heldOut = decisions.slice(-HELD_OUT_MAX);
  let rightHeldOut = 0;
  for (const one of heldOut) {
    const without = learn(
      decisions.filter((other) => other !== one),
      before,
    );
    rightHeldOut += await countRight(lesson, without, [one]);
  }
  return {
    labels: decisions.length,
    rightBefore: await countRight(lesson, before, decisions),
    rightAfter: await countRight(lesson, parameters, decisions),
    heldOut: heldOut.length,
    rightHeldOut,
    rightHeldOutBefore: await countRight(lesson, before, heldOut),
  };
}

/** How often, and for how much money, the newest decisions without labels would have come out otherwise. */
async function effectOnOthers(lesson: Lesson, { identity }: DecidingModel, parameters: Parameters): Promise<Effect> {
  const { sources, logged } = lesson;
  const rows = await sources.store.query<{ leaf: number }>(
    `SELECT min(leaf) AS leaf FROM decisions WHERE policy = $1 AND model = $2 AND base IS NULL
     AND decision NOT IN (SELECT decision FROM labels) GROUP BY obligation ORDER BY leaf DESC LIMIT ${UNLABELLED_COMPARED}`,
    [fromHex(logged.hash), modelHash(identity)],
  );
  const model = await opened(lesson, parameters);
  const sum = { others: 0, differences: 0, amountBefore: 0, amountAfter: 0 };
  let states: States = NO_STATES;
  let last: string | undefined;
  for (const { leaf } of rows.reverse()) {
    const decision = decisionAt(sources.log, leaf);
    // Mostly the states go on from the decision before; only after a gap they are looked for.
    if (last !== rootBefore(decision)) states = (await statesBefore(sources, logged, { leaf, decision })).states;
    const evaluation = await evaluationOf(sources, logged, decision, states);
    const otherwise = evaluate({ ...evaluation, model }).decision;
    states = evaluate(evaluation).states;
    last = toHex(decision.statesAfter.root);
    sum.others++;
    sum.differences += Number(otherwise.verdict !== decision.verdict);
    sum.amountBefore += amountOf(decision);
    sum.amountAfter += amountOf(otherwise);
  }
  return sum;
}

function rootBefore({ statesBefore: { root } }: Decision): string {
  return toHex(root);
}
