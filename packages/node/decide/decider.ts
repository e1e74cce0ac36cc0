// Decider: decides every obligation that is due, each exactly once, and appends what it decided.
import { type Evaluated, type Evaluation, evaluate, type States } from '@trine/engine';
import {
  type Decision,
  decisionId,
  decisionPayload,
  fromHex,
  type ModelChange,
  type ModelIdentity,
  modelChangePayload,
  modelHash,
  movesMoney,
  obligationId,
  type Policy,
  sameModel,
  TrineError,
  toHex,
} from '@trine/protocol';
import type { Clock } from '@trine/system/time.ts';
import type { Issuer } from '../ingest/issuer.ts';
import type { DecidingModel } from '../projections/models.ts';
import type { LoggedAgreement, LoggedPolicy } from '../projections/policies.ts';
import type { ProjectionRunner } from '../projections/runner.ts';
import { findCandidates, openCandidates, statementAt } from './inputs.ts';
import type { Scheduled, Scheduler } from './scheduler.ts';
import {
  baseDecision,
  correctedBy,
  lastDecision,
  restate,
  type StateSources,
  saltOf,
  standingDecision,
  statesAfter,
  statesBefore,
} from './states.ts';

export interface DeciderOptions extends StateSources {
  readonly scheduler: Scheduler;
  readonly runner: ProjectionRunner;
  /** The member who decides, and its did:key. */
  readonly issuer: Issuer;
  readonly decider: string;
  readonly now: Clock;
  /** Called with every decision of ours that is in the log, before the next one under the same policy. */
  readonly onDecision: (logged: LoggedPolicy, decision: Decision) => Promise<void>;
}

/** How far a policy is decided, and with what. */
export interface Standing {
  readonly model: DecidingModel;
  /** End of the newest obligation decided; the start of the policy's period before the first. */
  readonly untilMs: number;
}

interface Progress {
  model: DecidingModel;
  states: States;
  /** Id of the decision whose states these are. */
  last: Uint8Array | undefined;
  untilMs: number;
  sinceKept: number;
}

/** States are kept at least this often, so that a replay never goes far back. */
const DECISIONS_PER_STATE = 20;
const TOGETHER = 64;

export class Decider {
  /** Why a policy could not be decided at the last try, by hash; cleared when it could. */
  readonly problems = new Map<string, string>();
  readonly #options: DeciderOptions;
  readonly #progress = new Map<string, Progress>();
  #running: Promise<void> = Promise.resolve();
  #stopped = false;

  constructor(options: DeciderOptions) {
    this.#options = options;
  }

  /**
   * Decides everything that is due. Calls run one after the other; a policy that cannot be decided keeps no other from
   * being decided, and is tried again by the next call.
   */
  tick(): Promise<void> {
    this.#running = this.#running.then(async () => {
      // Together, so that what they append shares fsyncs; each policy's own obligations follow each other.
      const all = this.#options.scheduler.all();
      for (let at = 0; at < all.length; at += TOGETHER)
        await Promise.all(all.slice(at, at + TOGETHER).map((scheduled) => this.#decideDue(scheduled)));
    });
    return this.#running;
  }

  async #decideDue(scheduled: Scheduled): Promise<void> {
    const { hash } = scheduled.logged;
    try {
      const { scheduler, now } = this.#options;
      for (;;) {
        // What was decided stands in the agenda before the next is looked for.
        await scheduled.ready;
        const [due] = this.#stopped ? [] : scheduler.due(scheduled, now());
        if (due === undefined) break;
        const cut = await this.#cutAt(due.dueMs);
        if (cut === undefined) break;
        await this.#decide(scheduled.logged, { ...due, cut });
      }
      this.problems.delete(hash);
    } catch (error) {
      this.problems.set(hash, `"${scheduled.logged.policy.title}": ${(error as Error).message}`);
    }
  }

  /** The first leaf that arrived at a time or later; undefined while the log holds none. */
  async #cutAt(atMs: number): Promise<number | undefined> {
    const { store, runner } = this.#options;
    const [row] = await store.query<{ leaf: number | null }>(
      'SELECT min(leaf) AS leaf FROM statements WHERE arrival_ms >= $1',
      [atMs],
    );
    const cut = row?.leaf ?? undefined;
    if (cut !== undefined) await runner.waitFor(cut);
    return cut;
  }

  async #decide(
    logged: LoggedPolicy,
    due: { obligation: Decision['obligation']; dueMs: number; cut: number },
  ): Promise<void> {
    const progress = await this.#progressOf(logged, due.obligation.fromMs);
    const evaluation = await this.#evaluation(logged, progress, due);
    const evaluated = evaluate(evaluation);
    const { decision } = evaluated;
    await this.#append(logged, progress, evaluation, evaluated);
    if (!due.obligation.base) {
      progress.states = evaluated.states;
      progress.last = decisionId(decision);
      progress.untilMs = Math.max(progress.untilMs, due.obligation.toMs);
      progress.sinceKept++;
    }
    await this.#options.onDecision(logged, decision);
  }

  async #evaluation(
    logged: LoggedPolicy,
    { model: { identity, parameters }, states, last }: Progress,
    { obligation, dueMs, cut }: { obligation: Decision['obligation']; dueMs: number; cut: number },
  ): Promise<Evaluation> {
    const { domains, origin } = this.#options;
    const { policy, hash, id } = logged;
    if (policy.origins.length !== 1 || policy.origins[0] !== origin)
      throw new TrineError('unsupported', `It names other logs than the one kept here (${policy.origins.join(', ')}).`);
    const model = await domains.open(policy.domain, identity, parameters);
    const found = await findCandidates(this.#options, model.domain, policy, obligation, cut);
    const cuts = [{ origin, index: cut, atMs: dueMs }];
    const corrected = obligation.base && (await this.#corrected(logged, { obligation, cuts }));
    return {
      model,
      agreement: id,
      policy,
      obligation,
      cuts,
      continues: corrected ? corrected.continues : last,
      states: corrected ? corrected.states : states,
      ...openCandidates(this.#options, cuts, found),
      salt: saltOf(this.#options, hash, obligation),
      corrected: corrected?.before,
    };
  }

  /** A correction begins where what it corrects began, with what was ordered on it since. */
  async #corrected(
    logged: LoggedPolicy,
    { obligation, cuts }: Pick<Decision, 'obligation' | 'cuts'>,
  ): Promise<Pick<Evaluation, 'states' | 'continues'> & { before: NonNullable<Evaluation['corrected']> }> {
    const { decider, runner } = this.#options;
    // What was decided on it a moment ago stands, too, and was ordered.
    await runner.flush();
    const base = await baseDecision(this.#options, logged.hash, obligation, decider);
    const stands = await standingDecision(this.#options, logged.hash, obligation, decider);
    if (base === undefined || stands === undefined)
      throw new TrineError('damaged', 'What is to be corrected is not in the store: run trine rebuild.');
    const { states } = await statesBefore(this.#options, logged, base);
    const before = await correctedBy(this.#options, logged, { obligation, cuts }, stands.id);
    return { states, continues: base.decision.continues, before };
  }

  /** The states before, where they matter; the rows; and last the decision, so that it stands on what is there. */
  async #append(
    logged: LoggedPolicy,
    progress: Progress,
    { states }: Evaluation,
    { decision, rows }: Evaluated,
  ): Promise<void> {
    const { issuer } = this.#options;
    // A correction begins where its base did: what it started from is kept there already, and is not the newest.
    const isCorrection = decision.obligation.base !== undefined;
    const matters = !isCorrection && (decision.outcome !== 'none' || progress.sinceKept >= DECISIONS_PER_STATE);
    if (matters && states.size > 0) {
      await this.#keepStates(logged, states);
      progress.sinceKept = 0;
    }
    const sealed = rows.size > 0 ? await this.#sealedRows(decision) : new Map<string, string>();
    await Promise.all(
      [...rows]
        .filter(([key, { commitment }]) => sealed.get(key) !== toHex(commitment))
        .map(([key, { commitment, disclosure }]) => issuer.issueDetached('row', key, commitment, disclosure)),
    );
    await issuer.issue('decision', logged.policy.subject, decisionPayload.encode(decision));
  }

  /** Lines of it that were sealed before something failed, or the power did: what commits to the newest of each, by key. */
  async #sealedRows({ policy, obligation }: Decision): Promise<Map<string, string>> {
    const { store, log, runner } = this.#options;
    await runner.flush();
    const found = await store.query<{ leaf: number; key: string }>(
      'SELECT leaf, key FROM rows WHERE policy = $1 AND obligation = $2 ORDER BY leaf',
      [policy, obligationId(obligation)],
    );
    return new Map(found.map(({ leaf, key }) => [key, toHex(statementAt(log, leaf).payload)]));
  }

  async #keepStates({ policy, hash }: LoggedPolicy, states: States): Promise<void> {
    const { store, issuer } = this.#options;
    await Promise.all(
      [...states].map(async ([key, { commitment, disclosure }]) => {
        const [kept] = await store.query<{ commitment: Uint8Array }>(
          'SELECT commitment FROM states WHERE policy = $1 AND key = $2 ORDER BY leaf DESC LIMIT 1',
          [fromHex(hash), key],
        );
        // What did not change since it was kept is there already.
        if (kept && toHex(kept.commitment) === toHex(commitment)) return;
        await issuer.issueDetached('state', key.startsWith('$') ? policy.subject : key, commitment, disclosure);
      }),
    );
  }

  /** Where the last decision left a policy; found again after a start. */
  async #progressOf(logged: LoggedPolicy, fromMs: number): Promise<Progress> {
    const { models, runner, decider } = this.#options;
    const { policy, hash, id } = logged;
    const model = models.active(policy, id, fromMs);
    const known = this.#progress.get(hash);
    if (known && sameModel(known.model.identity, model.identity)) return known;
    await runner.flush();
    const last = await lastDecision(this.#options, hash, decider);
    const isContinued = last !== undefined && sameModel(last.decision.model, model.identity);
    const progress: Progress = {
      model,
      ...(isContinued ? await this.#continued(logged, last) : this.#takenOver(logged, model.identity)),
      untilMs: known?.untilMs ?? last?.decision.obligation.toMs ?? policy.period.startMs,
    };
    this.#progress.set(hash, progress);
    return progress;
  }

  async #continued(
    logged: LoggedPolicy,
    last: { leaf: number; decision: Decision },
  ): Promise<Pick<Progress, 'states' | 'last' | 'sinceKept'>> {
    const { states, computed } = await statesAfter(this.#options, logged, last);
    return { states, last: decisionId(last.decision), sinceKept: computed };
  }

  /** A model that takes over begins with the states that it has as a shadow, else with none; what it has is kept at once. */
  #takenOver(logged: LoggedPolicy, model: ModelIdentity): Pick<Progress, 'states' | 'last' | 'sinceKept'> {
    const shadow = this.#options.scheduler.all().find(({ logged: { policy } }) => isShadow(policy, logged, model));
    const progress = shadow && this.#progress.get(shadow.logged.hash);
    const place = { trigger: 'model-change', fromMs: 0, toMs: 0, about: modelHash(model) };
    const salt = saltOf(this.#options, logged.hash, place);
    const states = restate(logged, progress?.states ?? new Map(), progress?.untilMs ?? 0, (key) => salt('state', key));
    return { states, last: progress?.last, sinceKept: DECISIONS_PER_STATE };
  }

  /** How far a policy is decided, and with which model. */
  standing({ hash, policy, id }: LoggedPolicy): Standing | undefined {
    if (this.#options.scheduler.get(hash) === undefined) return undefined;
    const progress = this.#progress.get(hash);
    const untilMs = progress?.untilMs ?? policy.period.startMs;
    return { model: this.#options.models.active(policy, id, Math.max(untilMs, policy.period.startMs)), untilMs };
  }

  /**
   * Puts another model in force from the next obligation of an agreement on, with the states it has as a shadow.
   *
   * @param change model, cause, approvals and what the rule saw
   * @returns since when it decides
   * @throws TrineError when the agreement is not decided here
   */
  changeModel(
    agreement: LoggedAgreement,
    change: Pick<ModelChange, 'model' | 'cause' | 'approvals' | 'facts'>,
  ): Promise<{ fromMs: number }> {
    const work = this.#running.then(async () => {
      const standing = this.standing(agreement);
      if (standing === undefined || !movesMoney(agreement.policy))
        throw new TrineError('conflict', `"${agreement.policy.title}" is not decided here.`);
      const { untilMs: fromMs, model } = standing;
      const modelChange: ModelChange = {
        trine: 'model-change/1',
        agreement: agreement.id,
        fromMs,
        before: modelHash(model.identity),
        ...change,
      };
      await this.#options.issuer.issue(
        'model-change',
        agreement.policy.subject,
        modelChangePayload.encode(modelChange),
      );
      return { fromMs };
    });
    this.#running = work.then(
      () => undefined,
      () => undefined,
    );
    return work;
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#running;
  }
}

/** Is this a monitor that tries the model beside the agreement? */
function isShadow(policy: Policy, { id }: LoggedPolicy, model: ModelIdentity): boolean {
  if (movesMoney(policy) || policy.shadows === undefined || id === undefined) return false;
  return toHex(policy.shadows) === toHex(id) && sameModel(policy.model, model);
}
