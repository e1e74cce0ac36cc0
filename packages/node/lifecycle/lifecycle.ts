// Life of a model: registered with its card, approved by the parties of an agreement, tried beside the one in force,
// promoted by the rule of the terms, watched, and rolled back. Everything that happens is a statement in the log.
import type { Domains } from '@trine/engine';
import {
  type Agreement,
  type Approval,
  addressOfPrivateKey,
  approvalDigest,
  approvalPayload,
  fromHex,
  type Hex,
  hexOf,
  type ModelCard,
  type ModelChange,
  type ModelChangeRule,
  type ModelIdentity,
  type Monitor,
  modelHash,
  modelPayload,
  monitorPayload,
  type Parameters,
  type RegisteredModel,
  recoverAddress,
  sameModel,
  signDigest,
  TrineError,
  type TypedDataDomain,
  toHex,
  writeParameters,
} from '@trine/protocol';
import type { Clock } from '@trine/system/time.ts';
import type { Decider } from '../decide/decider.ts';
import type { Issuer } from '../ingest/issuer.ts';
import type { ModelRegistry } from '../projections/models.ts';
import type { LoggedAgreement, LoggedMonitor, PolicyRegistry } from '../projections/policies.ts';
import type { ProjectionRunner } from '../projections/runner.ts';
import type { Store } from '../projections/tables/store.ts';
import { labelStats, type Trial, trialOf } from './shadow.ts';

export interface ModelLifecycleOptions {
  readonly models: ModelRegistry;
  readonly policies: PolicyRegistry;
  readonly decider: Pick<Decider, 'standing' | 'changeModel'>;
  readonly domains: Domains;
  readonly issuer: Pick<Issuer, 'issue'>;
  readonly store: Store;
  /** secp256k1 keys of parties that this node may sign for. */
  readonly partyKeys: readonly Uint8Array[];
  readonly now: Clock;
  readonly runner: Pick<ProjectionRunner, 'flush'>;
}

/** Obligations before now that a model put beside decides at once: a first impression; they do not count for promotion. */
const BACKFILL = 50;
/** As many as a model change names. */
const APPROVALS_MAX = 16;

export class ModelLifecycle {
  readonly #options: ModelLifecycleOptions;
  #rounds: Promise<void> = Promise.resolve();

  constructor(options: ModelLifecycleOptions) {
    this.#options = options;
  }

  /**
   * Registers a model: from now on it has a name that parties can approve. Repeating changes nothing.
   *
   * @param domain name of the domain it is for
   * @returns hash of the model, hex
   * @throws TrineError when the domain is not installed or does not know the parameters
   */
  async register(
    domain: string,
    parameters: Parameters,
    card: ModelCard,
    learnt?: RegisteredModel['learnt'],
  ): Promise<string> {
    const { domains, models, issuer } = this.#options;
    const identity = domains.identity(domain, parameters);
    await domains.open(domain, identity, parameters);
    const hash = toHex(modelHash(identity));
    if (models.get(hash)) return hash;
    const payload = modelPayload.encode({
      trine: 'model/1',
      domain,
      identity,
      parameters: writeParameters(parameters),
      card,
      ...(learnt && { learnt }),
    });
    await issuer.issue('model', `model/${domain}`, payload);
    return hash;
  }

  /** The identity behind a hash, registered or named in the terms. @throws TrineError */
  #identity(hash: string, { policy }: LoggedAgreement): ModelIdentity {
    if (toHex(modelHash(policy.model)) === hash) return policy.model;
    const known = this.#options.models.get(hash);
    if (known === undefined)
      throw new TrineError('not-found', `No model ${hash.slice(0, 12)}… is registered: register it first.`);
    if (known.model.domain !== policy.domain)
      throw new TrineError(
        'invalid',
        `The model is for the domain ${known.model.domain}, the agreement for ${policy.domain}.`,
      );
    return known.model.identity;
  }

  /**
   * Appends a party's vote on a model.
   *
   * @param signed by the party elsewhere; absent: signed here for every party whose key this node keeps
   * @returns accounts that voted
   * @throws TrineError when the signature is no party's, or not over this vote, or no key of a party is here
   */
  async approve(
    agreement: LoggedAgreement,
    hash: string,
    vote: Approval['vote'],
    signed?: Pick<Approval, 'party' | 'signature' | 'atMs'>,
  ): Promise<string[]> {
    this.#identity(hash, agreement);
    const { policy, id } = agreement;
    const said = { agreement: id, model: fromHex(hash), vote, atMs: signed?.atMs ?? this.#options.now() };
    const votes = signed ? [signed] : this.#signHere(policy, said);
    if (votes.length === 0)
      throw new TrineError(
        'invalid',
        'No key of a party of this agreement is kept here: give party, signature and atMs.',
      );
    for (const { party, signature } of votes) {
      if (!policy.parties.some(({ address }) => address === party))
        throw new TrineError('forbidden', `${party} is no party of this agreement.`);
      // Whoever reads the log passes over it: who handed it in must not think that it counts.
      if (recoverAddress(approvalDigest(said, domainOf(policy)), hexOf(signature)) !== party)
        throw new TrineError('not-proven', `signature: ${party} did not sign this vote on this model at this time.`);
      const approval: Approval = { trine: 'approval/1', ...said, party, signature };
      await this.#options.issuer.issue('approval', policy.subject, approvalPayload.encode(approval));
    }
    return votes.map(({ party }) => party);
  }

  #signHere(
    { parties, money }: Agreement,
    said: Pick<Approval, 'agreement' | 'model' | 'vote' | 'atMs'>,
  ): Pick<Approval, 'party' | 'signature'>[] {
    const domain = domainOf({ money });
    return this.#options.partyKeys
      .map((key) => ({ key, party: addressOfPrivateKey(key) as string }))
      .filter(({ party }) => parties.some(({ address }) => address === party))
      .map(({ key, party }) => ({ party, signature: fromHex(signDigest(approvalDigest(said, domain), key)) }));
  }

  /**
   * Tries a model beside the one in force: it decides the same obligations, and no money depends on it.
   * @throws TrineError when the model is unknown, is the one in force, or cannot be computed here
   */
  async shadow(agreement: LoggedAgreement, hash: string): Promise<LoggedMonitor> {
    const { policies, decider, models, domains } = this.#options;
    const { policy, id } = agreement;
    const identity = this.#identity(hash, agreement);
    // Refuses a model whose code here is not the registered one.
    await domains.open(policy.domain, identity, models.deciding(identity).parameters);
    const standing = decider.standing(agreement);
    if (standing && sameModel(standing.model.identity, identity))
      throw new TrineError('conflict', 'This model is in force already.');
    const running = policies.shadowsOf(id).find((one) => sameModel(one.policy.model, identity));
    return running ?? this.#tryBeside(agreement, identity, await this.#backfillFrom(agreement));
  }

  /** Where the newest obligations begin that were decided already. */
  async #backfillFrom({ hash, policy }: LoggedAgreement): Promise<number> {
    const { store, runner } = this.#options;
    await runner.flush();
    const [row] = await store.query<{ fromMs: number | null }>(
      `SELECT min(from_ms) AS "fromMs" FROM (SELECT DISTINCT from_ms FROM decisions WHERE policy = $1 AND base IS NULL
       ORDER BY from_ms DESC LIMIT ${BACKFILL})`,
      [fromHex(hash)],
    );
    return row?.fromMs ?? policy.period.startMs;
  }

  async #tryBeside({ policy, id }: LoggedAgreement, model: ModelIdentity, startMs: number): Promise<LoggedMonitor> {
    const { network, origins, domain, title, subject, terms, zones, gate, plausibility, period, deciders } = policy;
    const monitor: Monitor = {
      trine: 'monitor/1',
      network,
      origins,
      domain,
      title,
      subject,
      terms,
      period: { ...period, startMs },
      ...(zones && { zones }),
      model,
      gate,
      ...(plausibility && { plausibility }),
      deciders: { list: deciders.list.map(({ key }) => ({ key })) },
      shadows: id,
      currency: policy.money.currency,
    };
    await this.#options.issuer.issue('monitor', subject, monitorPayload.encode(monitor));
    return this.#options.policies.shadowsOf(id).find((one) => sameModel(one.policy.model, model)) as LoggedMonitor;
  }

  /** A monitor goes on with another model from its next obligation on: nobody has to approve advice. */
  async continueWith(monitor: LoggedMonitor, hash: string): Promise<void> {
    const { decider, models, issuer } = this.#options;
    const known = models.get(hash);
    const standing = decider.standing(monitor);
    if (known === undefined || standing === undefined)
      throw new TrineError('not-found', 'The model or the monitor is not known here.');
    const { policy } = monitor;
    const next: Monitor = {
      ...policy,
      period: { ...policy.period, startMs: standing.untilMs },
      model: known.model.identity,
      replaces: fromHex(monitor.hash),
    };
    await issuer.issue('monitor', policy.subject, monitorPayload.encode(next));
  }

  /** Figures of every model tried beside an agreement. */
  async trials(agreement: LoggedAgreement): Promise<{ monitor: LoggedMonitor; trial: Trial }[]> {
    const { policies, store, runner } = this.#options;
    await runner.flush();
    return Promise.all(
      policies.shadowsOf(agreement.id).map(async (monitor) => ({
        monitor,
        trial: await trialOf(store, fromHex(agreement.hash), fromHex(monitor.hash), monitor.arrivalMs),
      })),
    );
  }

  /** Promotes and rolls back what the rules of the agreements demand. Calls run one after the other. */
  round(): Promise<void> {
    const work = this.#rounds.then(async () => {
      for (const agreement of this.#options.policies.agreements()) await this.#roundOf(agreement);
    });
    // A round that failed is told to its caller, and followed by others.
    this.#rounds = work.catch(() => undefined);
    return work;
  }

  async #roundOf(agreement: LoggedAgreement): Promise<void> {
    const { models, decider } = this.#options;
    const { policy, id } = agreement;
    const standing = decider.standing(agreement);
    if (policy.modelChange === undefined || standing === undefined) return;
    if (await this.#rollsBack(agreement, standing.model.identity)) return;
    const previous = models.modelChangesOf(policy, id).map(({ modelChange }) => toHex(modelChange.before));
    for (const { monitor, trial } of await this.trials(agreement)) {
      const candidate = monitor.policy.model;
      const hash = modelHash(candidate);
      // What was in force before comes back by a rollback alone.
      if (sameModel(candidate, standing.model.identity) || previous.includes(toHex(hash))) continue;
      if (!passes(trial, policy.modelChange)) continue;
      if (models.refusalOf(policy, id, hash, Number.POSITIVE_INFINITY)) continue;
      // Its states must be those after the same obligation, so that it can go on from there.
      if (decider.standing(monitor)?.untilMs !== standing.untilMs) continue;
      await this.#promote(agreement, candidate, trial);
      return;
    }
  }

  async #promote(agreement: LoggedAgreement, model: ModelIdentity, trial: Trial): Promise<void> {
    const { decider, policies } = this.#options;
    const before = decider.standing(agreement)?.model.identity as ModelIdentity;
    const { fromMs } = await decider.changeModel(agreement, {
      model,
      cause: 'promotion',
      approvals: this.#approvalIds(agreement, model),
      facts: { ...trial },
    });
    // The former goes on beside, so that it can be compared and can come back at once.
    const isBeside = policies.shadowsOf(agreement.id).some((one) => sameModel(one.policy.model, before));
    if (!isBeside) await this.#tryBeside(agreement, before, fromMs);
  }

  #approvalIds(agreement: LoggedAgreement, model: ModelIdentity): Uint8Array[] {
    return this.#options.models
      .approvalsOf(agreement.id, modelHash(model))
      .filter(({ approval }) => approval.vote === 'approve')
      .slice(-APPROVALS_MAX)
      .map(({ id }) => id);
  }

  /** Back to the former model where people found too much wrong, or a party took its approval back. */
  async #rollsBack(agreement: LoggedAgreement, active: ModelIdentity): Promise<boolean> {
    const { models, store, runner } = this.#options;
    const { policy, id } = agreement;
    const since = models.modelChangesOf(policy, id).at(-1);
    const rule = policy.modelChange?.rollback;
    if (since === undefined || !sameModel(since.modelChange.model, active)) return false;
    const withdrawn = models.refusalOf(policy, id, modelHash(active), Number.POSITIVE_INFINITY);
    if (withdrawn) return this.#rollBack(agreement, { cause: withdrawn });
    if (rule === undefined || since.modelChange.cause === 'rollback') return false;
    await runner.flush();
    const heard = await labelStats(store, fromHex(agreement.hash), modelHash(active), since.modelChange.fromMs);
    const tooMuch = heard.labels >= rule.labelsMin && heard.wrong * 1_000_000 > rule.wrongMaxPpm * heard.labels;
    return tooMuch ? this.#rollBack(agreement, { ...heard }) : false;
  }

  async #rollBack(agreement: LoggedAgreement, facts: ModelChange['facts']): Promise<boolean> {
    const model = this.#previous(agreement);
    if (model === undefined) return false;
    const approvals = sameModel(model, agreement.policy.model) ? [] : this.#approvalIds(agreement, model);
    await this.#options.decider.changeModel(agreement, { model, cause: 'rollback', approvals, facts });
    return true;
  }

  /** The newest model that decided before the one in force and that the parties still stand behind. */
  #previous(agreement: LoggedAgreement): ModelIdentity | undefined {
    const { models, decider } = this.#options;
    const { policy, id } = agreement;
    const active = decider.standing(agreement)?.model.identity;
    const all = [policy.model, ...models.modelChangesOf(policy, id).map(({ modelChange }) => modelChange.model)];
    return all.findLast(
      (model) =>
        active !== undefined &&
        !sameModel(model, active) &&
        models.refusalOf(policy, id, modelHash(model), Number.POSITIVE_INFINITY) === undefined,
    );
  }

  /**
   * Rolls back by a person's word.
   * @throws TrineError when no other model decided before
   */
  async rollback(agreement: LoggedAgreement, by: string): Promise<void> {
    if (!(await this.#rollBack(agreement, { by })))
      throw new TrineError('conflict', 'No other model decided before this one.');
  }
}

function domainOf({ money }: Pick<Agreement, 'money'>): TypedDataDomain {
  return { chainId: BigInt(money.chainId), verifyingContract: money.contract as Hex };
}

/** Does a trial satisfy the rule: long enough, not too different, and no worse in people's eyes? */
export function passes(trial: Trial, rule: Pick<ModelChangeRule, 'shadowsMin' | 'differencesMaxPpm'>): boolean {
  const different = trial.differences - trial.excused;
  return (
    trial.obligations >= rule.shadowsMin &&
    different * 1_000_000 <= rule.differencesMaxPpm * trial.obligations &&
    trial.rightShadow >= trial.rightActive
  );
}
