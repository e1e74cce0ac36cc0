// Life of a model: registered with its card, approved by the parties of an agreement, tried beside the one in force,
// promoted by the rule of the terms, watched, and rolled back. Everything that happens is a statement in the log.

import type { Domain } from '@trine/engine/domain.ts';
import {
  type Approval,
  addressOfPrivateKey,
  approvalDigest,
  approvalPayload,
  fromHex,
  type Hex,
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
  sameModel,
  signDigest,
  TrineError,
  toHex,
  writeParameters,
} from '@trine/protocol';
import type { ActiveAgreement, Decider } from '../decide/decider.ts';
import type { Issuer } from '../ingest/issuer.ts';
import type { ModelRegistry } from '../projections/models.ts';
import type { ActiveMonitor, PolicyRegistry } from '../projections/policies.ts';
import type { Store } from '../projections/tables/store.ts';
import { labelStats, type Trial, trialOf } from './shadow.ts';

export interface ModelLifecycleOptions {
  readonly models: ModelRegistry;
  readonly policies: PolicyRegistry;
  readonly decider: Decider;
  readonly domains: readonly Domain[];
  readonly issuer: Issuer;
  readonly store: Store;
  /** secp256k1 keys of parties that this node may sign for. */
  readonly partyKeys: readonly Uint8Array[];
  readonly now: () => number;
  /** Resolves when the watch just sealed is taken up. */
  readonly takenUp: () => Promise<void>;
}

/** Windows before now that a model put beside judges at once: a first impression; they do not count for promotion. */
const BACKFILL_WINDOWS = 50;

export class ModelLifecycle {
  private readonly options: ModelLifecycleOptions;
  private rounds: Promise<void> = Promise.resolve();

  constructor(options: ModelLifecycleOptions) {
    this.options = options;
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
    const identity = this.domain(domain).model(parameters);
    const hash = toHex(modelHash(identity));
    if (this.options.models.get(hash)) return hash;
    const payload = modelPayload.encode({
      trine: 'model/1',
      domain,
      identity,
      parameters: writeParameters(parameters),
      card,
      ...(learnt && { learnt }),
    });
    await this.options.issuer.say('model', `model/${domain}`, payload);
    return hash;
  }

  private domain(name: string): Domain {
    const found = this.options.domains.find((one) => one.name === name);
    if (found === undefined) throw new TrineError('unsupported', `The domain ${name} is not installed here.`);
    return found;
  }

  /** The identity behind a hash, registered or named in the terms. @throws TrineError */
  private identity(hash: string, agreement: ActiveAgreement): ModelIdentity {
    if (toHex(modelHash(agreement.terms.model)) === hash) return agreement.terms.model;
    const known = this.options.models.get(hash);
    if (known === undefined)
      throw new TrineError('not-found', `No model ${hash.slice(0, 12)}… is registered: register it first.`);
    if (known.model.domain !== agreement.terms.domain)
      throw new TrineError(
        'invalid',
        `The model is for the domain ${known.model.domain}, the agreement for ${agreement.terms.domain}.`,
      );
    return known.model.identity;
  }

  /**
   * Seals a party's word on a model.
   *
   * @param signed by the party elsewhere; absent: signed here for every party whose key this node keeps
   * @returns accounts that spoke
   * @throws TrineError when the signature is no party's, or no key of a party is here
   */
  async speak(
    agreement: ActiveAgreement,
    hash: string,
    stand: Approval['stand'],
    signed?: Pick<Approval, 'party' | 'signature' | 'atMs'>,
  ): Promise<string[]> {
    this.identity(hash, agreement);
    const { terms, id } = agreement;
    const domain = { chainId: BigInt(terms.money.chainId), verifyingContract: terms.money.contract as Hex };
    const said = { agreement: id, model: fromHex(hash), stand, atMs: signed?.atMs ?? this.options.now() };
    const parties = [terms.payer.address, terms.recipient.address];
    const words = signed
      ? [signed]
      : this.options.partyKeys
          .map((key) => ({ key, party: addressOfPrivateKey(key) as string }))
          .filter(({ party }) => parties.includes(party))
          .map(({ key, party }) => ({ party, signature: fromHex(signDigest(approvalDigest(said, domain), key)) }));
    if (words.length === 0)
      throw new TrineError(
        'invalid',
        'No key of a party of this agreement is kept here: give party, signature and atMs.',
      );
    for (const { party, signature } of words) {
      if (!parties.includes(party)) throw new TrineError('forbidden', `${party} is no party of this agreement.`);
      const approval: Approval = { trine: 'approval/1', ...said, party, signature };
      await this.options.issuer.say('approval', terms.subject, approvalPayload.encode(approval));
    }
    return words.map(({ party }) => party);
  }

  /**
   * Tries a model beside the one in force: it judges the same windows, and no money depends on it.
   * @throws TrineError when the model is unknown, is the one in force, or cannot be computed here
   */
  async shadow(agreement: ActiveAgreement, hash: string): Promise<ActiveMonitor> {
    const { policies, decider, now, models } = this.options;
    const { terms, id } = agreement;
    const identity = this.identity(hash, agreement);
    const here = this.domain(terms.domain).model(models.deciding(identity).parameters);
    if (!sameModel(here, identity))
      throw new TrineError(
        'invalid',
        `The code of ${identity.name} ${identity.version} here is not the registered one: it is refused.`,
      );
    const standing = decider.standing(agreement.hash);
    if (standing && sameModel(standing.model.identity, identity))
      throw new TrineError('conflict', 'This model is in force already.');
    const running = policies.shadowsOf(id).find((one) => sameModel(one.terms.model, identity));
    if (running) return running;
    const { startMs, lengthMs } = terms.window;
    const back = Math.floor((now() - startMs) / lengthMs) - BACKFILL_WINDOWS;
    return this.seal(agreement, identity, startMs + Math.max(0, back) * lengthMs);
  }

  private async seal(agreement: ActiveAgreement, model: ModelIdentity, startMs: number): Promise<ActiveMonitor> {
    const { terms, id } = agreement;
    const { network, domain, title, subject, rule, gate, plausibility } = terms;
    const watch: Monitor = {
      trine: 'watch/1',
      network,
      domain,
      title,
      subject,
      window: { ...terms.window, startMs },
      rule,
      model,
      gate,
      ...(plausibility && { plausibility }),
      shadows: id,
      currency: terms.money.currency,
    };
    await this.options.issuer.say('monitor', subject, monitorPayload.encode(watch));
    await this.options.takenUp();
    return this.options.policies.shadowsOf(id).find((one) => sameModel(one.terms.model, model)) as ActiveMonitor;
  }

  /** A watch goes on with another model from its next window on: nobody has to approve advice. */
  async continueWith(watch: ActiveMonitor, hash: string): Promise<void> {
    const { decider, models, issuer, takenUp } = this.options;
    const known = models.get(hash);
    const standing = decider.standing(watch.hash);
    if (known === undefined || standing === undefined)
      throw new TrineError('not-found', 'The model or the watch is not known here.');
    const { replaces: _, ...terms } = watch.terms;
    const next: Monitor = {
      ...terms,
      window: { ...terms.window, startMs: standing.cursorMs },
      model: known.model.identity,
      replaces: fromHex(watch.hash),
    };
    await issuer.say('monitor', terms.subject, monitorPayload.encode(next));
    await takenUp();
  }

  /** Figures of every model tried beside an agreement. */
  async trials(agreement: ActiveAgreement): Promise<{ watch: ActiveMonitor; trial: Trial }[]> {
    const { policies, store } = this.options;
    return Promise.all(
      policies.shadowsOf(agreement.id).map(async (watch) => ({
        watch,
        trial: await trialOf(store, fromHex(agreement.hash), fromHex(watch.hash), watch.sealedMs),
      })),
    );
  }

  /** Promotes and rolls back what the rules of the agreements demand. Calls run one after the other. */
  round(): Promise<void> {
    const work = this.rounds.then(async () => {
      for (const agreement of this.options.policies.agreements()) await this.evaluatePromotion(agreement);
    });
    // A round that failed is told to its caller, and followed by others.
    this.rounds = work.catch(() => undefined);
    return work;
  }

  private async evaluatePromotion(agreement: ActiveAgreement): Promise<void> {
    const { models, decider } = this.options;
    const { terms, id } = agreement;
    const standing = decider.standing(agreement.hash);
    if (terms.modelChange === undefined || standing === undefined) return;
    if (await this.rollsBack(agreement, standing.model.identity)) return;
    const previous = models.modelChangesOf(terms, id).map(({ modelChange }) => toHex(modelChange.before));
    for (const { watch, trial } of await this.trials(agreement)) {
      const candidate = watch.terms.model;
      const hash = modelHash(candidate);
      // What was in force before comes back by a rollback alone.
      if (sameModel(candidate, standing.model.identity) || previous.includes(toHex(hash))) continue;
      if (!passes(trial, terms.modelChange)) continue;
      if (models.refusalOf(terms, id, hash, Number.POSITIVE_INFINITY)) continue;
      if (decider.standing(watch.hash)?.cursorMs !== standing.cursorMs) continue;
      await this.promote(agreement, candidate, trial);
      return;
    }
  }

  private async promote(agreement: ActiveAgreement, model: ModelIdentity, trial: Trial): Promise<void> {
    const { decider } = this.options;
    const before = decider.standing(agreement.hash)?.model.identity as ModelIdentity;
    const { fromMs } = await decider.succeed(agreement, {
      model,
      cause: 'promotion',
      approvals: this.approvalIds(agreement, model),
      facts: { ...trial },
    });
    // The former goes on beside, so that it can be compared and can come back at once.
    const shadows = this.options.policies.shadowsOf(agreement.id);
    if (!shadows.some((one) => sameModel(one.terms.model, before))) await this.seal(agreement, before, fromMs);
  }

  private approvalIds(agreement: ActiveAgreement, model: ModelIdentity): Uint8Array[] {
    return this.options.models
      .approvalsOf(agreement.id, modelHash(model))
      .filter(({ approval }) => approval.stand === 'approve')
      .slice(-4)
      .map(({ id }) => id);
  }

  /** Back to the former model where people found too much wrong, or a party took its approval back. */
  private async rollsBack(agreement: ActiveAgreement, active: ModelIdentity): Promise<boolean> {
    const { models, store } = this.options;
    const { terms, id } = agreement;
    const since = models.modelChangesOf(terms, id).at(-1);
    const rule = terms.modelChange?.rollback;
    if (since === undefined || !sameModel(since.modelChange.model, active)) return false;
    const withdrawn = models.refusalOf(terms, id, modelHash(active), Number.POSITIVE_INFINITY);
    if (withdrawn) return this.rollBack(agreement, { cause: withdrawn });
    if (rule === undefined || since.modelChange.cause === 'rollback') return false;
    const heard = await labelStats(store, fromHex(agreement.hash), modelHash(active), since.modelChange.fromMs);
    const tooMuch = heard.labels >= rule.labelsMin && heard.wrong * 1_000_000 > rule.wrongMaxPpm * heard.labels;
    return tooMuch ? this.rollBack(agreement, { ...heard }) : false;
  }

  private async rollBack(agreement: ActiveAgreement, facts: ModelChange['facts']): Promise<boolean> {
    const { decider } = this.options;
    const model = this.previous(agreement);
    if (model === undefined) return false;
    const approvals = sameModel(model, agreement.terms.model) ? [] : this.approvalIds(agreement, model);
    await decider.succeed(agreement, { model, cause: 'rollback', approvals, facts });
    return true;
  }

  /** The newest model that decided before the one in force and that the parties still stand behind. */
  private previous(agreement: ActiveAgreement): ModelIdentity | undefined {
    const { models, decider } = this.options;
    const { terms, id } = agreement;
    const active = decider.standing(agreement.hash)?.model.identity;
    const all = [terms.model, ...models.modelChangesOf(terms, id).map(({ modelChange }) => modelChange.model)];
    return all.findLast(
      (model) =>
        active !== undefined &&
        !sameModel(model, active) &&
        models.refusalOf(terms, id, modelHash(model), Number.POSITIVE_INFINITY) === undefined,
    );
  }

  /**
   * Rolls back by a person's word.
   * @throws TrineError when no other model decided before
   */
  async rollback(agreement: ActiveAgreement, by: string): Promise<void> {
    if (!(await this.rollBack(agreement, { by })))
      throw new TrineError('conflict', 'No other model decided before this one.');
  }
}

/** Does a trial satisfy the rule: long enough, not too different, and no worse in people's eyes? */
export function passes(trial: Trial, rule: Pick<ModelChangeRule, 'shadowWindowsMin' | 'differencesMaxPpm'>): boolean {
  const different = trial.differences - trial.excused;
  return (
    trial.windows >= rule.shadowWindowsMin &&
    different * 1_000_000 <= rule.differencesMaxPpm * trial.windows &&
    trial.rightShadow >= trial.rightActive
  );
}
