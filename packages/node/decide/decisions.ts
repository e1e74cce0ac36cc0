// Deciding, joined: what is due is decided, what is decided is settled, what people say of it is appended, and models change
// where the rules of the agreements say so.
import { Agenda, type Domains, longestMs, type Trigger, zones } from '@trine/engine';
import { BATCH_WINDOW_MIN_S } from '@trine/ledger/deploy.ts';
import type { Log } from '@trine/log/types.ts';
import {
  type Agreement,
  type AlertStatus,
  agreementPayload,
  alertStatusPayload,
  type Decision,
  decisionId,
  fromHex,
  isAlert,
  type Label,
  labelPayload,
  type Monitor,
  monitorPayload,
  movesMoney,
  type NetworkDocument,
  NotChecked,
  obligationId,
  type Policy,
  policyHash,
  TrineError,
  toHex,
} from '@trine/protocol';
import type { Issuer } from '../ingest/issuer.ts';
import { learnFromLabels } from '../lifecycle/learn.ts';
import type { ModelLifecycle } from '../lifecycle/lifecycle.ts';
import { isAgreement, type LoggedPolicy, type PolicyRegistry } from '../projections/policies.ts';
import type { ProjectionRunner } from '../projections/runner.ts';
import type { Settler } from '../settle/settler.ts';
import type { Decider, Standing } from './decider.ts';
import type { Scheduler } from './scheduler.ts';
import { decisionAt, leafOfDecision, type StateSources } from './states.ts';

export interface DecisionsOptions {
  readonly sources: StateSources;
  readonly policies: PolicyRegistry;
  readonly scheduler: Scheduler;
  readonly decider: Decider;
  readonly lifecycle: ModelLifecycle;
  readonly settler: Settler;
  readonly runner: ProjectionRunner;
  readonly issuer: Issuer;
  readonly log: Log;
  readonly network: NetworkDocument;
  /** Told after each round of what went wrong, in words; undefined: nothing. */
  readonly onTrouble: (message: string | undefined) => void;
}

export class Decisions {
  readonly #options: DecisionsOptions;
  #ticking: Promise<void> | undefined;
  /** Something happened after which the rules of models may have something to say. */
  #hasChanged = true;

  constructor(options: DecisionsOptions) {
    this.#options = options;
    options.runner.onCommit(({ rows }) => {
      if (rows.some(({ table }) => table === 'decisions' || table === 'labels')) this.#hasChanged = true;
    });
  }

  get sources(): StateSources {
    return this.#options.sources;
  }

  get scheduler(): Scheduler {
    return this.#options.scheduler;
  }

  get decider(): Decider {
    return this.#options.decider;
  }

  /** Why policies are not decided, by hash: not at all here, or not at the last try. */
  get problems(): ReadonlyMap<string, string> {
    return new Map([...this.scheduler.undecidable, ...this.decider.problems]);
  }

  /** How far a policy is decided, and with which model; undefined where it is not decided here. */
  standing(logged: LoggedPolicy): Standing | undefined {
    return this.decider.standing(logged);
  }

  /** Decides what is due, and changes models where the rules say so. Calls while one is under way join it. */
  tick(): Promise<void> {
    this.#ticking ??= this.#round().finally(() => {
      this.#ticking = undefined;
    });
    return this.#ticking;
  }

  async #round(): Promise<void> {
    const { decider, lifecycle, settler, onTrouble, runner } = this.#options;
    try {
      await decider.tick();
      if (this.#hasChanged) {
        this.#hasChanged = false;
        await runner.flush();
        await lifecycle.round();
      }
      settler.round();
      onTrouble(undefined);
    } catch (error) {
      onTrouble(`Deciding: ${(error as Error).message}`);
    }
  }

  /**
   * Appends an agreement or a monitor: from now on its obligations are decided. An agreement is opened on the chain where
   * its parties' keys are at hand, a moment later; where that fails it is said, and tried again each round.
   * @throws TrineError where it is of another network or cannot be decided here, before anything is appended
   */
  async propose(policy: Agreement | Monitor): Promise<LoggedPolicy> {
    await checkPolicy(this.sources, this.#options.network, policy);
    const { issuer, policies, settler } = this.#options;
    if (movesMoney(policy)) {
      await issuer.issue('agreement', policy.subject, agreementPayload.encode(policy));
      settler.open(policy);
    } else await issuer.issue('monitor', policy.subject, monitorPayload.encode(policy));
    return policies.get(toHex(policyHash(policy))) as LoggedPolicy;
  }

  /**
   * Appends a person's word on a decision, or on one party's line of it.
   * @param id of the decision, hex
   * @throws TrineError for an unknown one, or a line that it does not have
   */
  async label(id: string, said: Omit<Label, 'trine' | 'decision'>): Promise<void> {
    const { policy, decision } = await this.#decided(id);
    if (said.row !== undefined) await this.#checkRow(decision, said.row);
    const label: Label = { trine: 'label/1', decision: fromHex(id), ...said };
    await this.#options.issuer.issue('label', policy.subject, labelPayload.encode(label));
    await this.#options.runner.flush();
  }

  async #checkRow({ policy, obligation }: Decision, key: string): Promise<void> {
    const [found] = await this.sources.store.query(
      'SELECT leaf FROM rows WHERE policy = $1 AND obligation = $2 AND key = $3 LIMIT 1',
      [policy, obligationId(obligation), key],
    );
    if (found === undefined) throw new TrineError('not-found', `The decision has no line of ${key}.`);
  }

  /** Appends what a person did about an alert. @param id of the decision that raised it, hex */
  async alertStatus(id: string, said: Omit<AlertStatus, 'trine' | 'decision'>): Promise<void> {
    const { policy, decision } = await this.#decided(id);
    if (!decision.effects.some((effect) => isAlert(effect) && effect.code === said.code))
      throw new TrineError('not-found', `This decision raised no alert ${said.code}.`);
    const status: AlertStatus = { trine: 'alert-status/1', decision: fromHex(id), ...said };
    await this.#options.issuer.issue('alert-status', policy.subject, alertStatusPayload.encode(status));
    await this.#options.runner.flush();
  }

  async #decided(id: string): Promise<{ policy: Policy; decision: ReturnType<typeof decisionAt> }> {
    await this.#options.runner.flush();
    const leaf = await leafOfDecision(this.sources, fromHex(id));
    const decision = leaf === undefined ? undefined : decisionAt(this.sources.log, leaf);
    const logged = decision && this.#options.policies.get(toHex(decision.policy));
    if (decision === undefined || logged === undefined || toHex(decisionId(decision)) !== id)
      throw new TrineError('not-found', 'No decision has this id.');
    return { policy: logged.policy, decision };
  }

  /**
   * Registers what the labels under a policy teach. Under an agreement it is tried beside, until the parties approve it;
   * a monitor goes on with it from its next obligation on.
   *
   * @param id of the agreement, or hash of the policy, hex
   * @returns hash of the model, hex
   * @throws TrineError saying why nothing can be learnt
   */
  async learn(id: string): Promise<string> {
    const { policies, lifecycle, runner, log } = this.#options;
    const logged = policies.find(id);
    const standing = logged && this.standing(logged);
    if (logged === undefined || standing === undefined)
      throw new TrineError('not-found', 'No such agreement or monitor is decided here.');
    await runner.flush();
    const { parameters, card, learnt } = await learnFromLabels(this.sources, logged, standing.model, log.size);
    const hash = await lifecycle.register(logged.policy.domain, parameters, card, learnt);
    if (isAgreement(logged)) await lifecycle.shadow(logged, hash);
    // One that is over ends as it was; whoever wants to go on proposes another with what was learnt.
    else if (standing.untilMs < logged.policy.period.endMs) await lifecycle.continueWith(logged, hash);
    return hash;
  }

  async stop(): Promise<void> {
    await this.decider.stop();
    await this.#ticking;
    await this.#options.settler.stop();
  }
}

/** @throws TrineError where a policy is of another network or cannot be decided here */
export async function checkPolicy(
  sources: Parameters<typeof checkDecidable>[0],
  network: NetworkDocument,
  policy: Policy,
): Promise<void> {
  checkNetwork(policy, network);
  await checkDecidable(sources, policy);
}

/** @throws TrineError saying why obligations under a policy cannot be decided with what is installed here */
export async function checkDecidable(
  { domains, models }: { readonly domains: Domains; readonly models: StateSources['models'] },
  policy: Policy,
): Promise<void> {
  try {
    const { domain } = await domains.open(policy.domain, policy.model, models.deciding(policy.model).parameters);
    domain.terms.parse(policy.terms);
    // Its triggers, and the table of time zones they follow.
    new Agenda(domain, policy, zones);
    if (movesMoney(policy)) checkTimes(policy, domain.triggers(policy.terms as never));
    const unknown = movesMoney(policy)
      ? policy.parties.find(({ role }) => !domain.manifest.roles.includes(role))
      : undefined;
    if (unknown)
      throw new TrineError(
        'invalid',
        `parties: ${unknown.role} is none of the roles ${domain.manifest.roles.join(', ')}.`,
      );
  } catch (error) {
    if (error instanceof NotChecked) throw new TrineError('unsupported', error.message);
    throw error;
  }
}

/** The contract pays nothing that lasts longer, or comes later, than the agreement says. @throws TrineError */
function checkTimes({ money, correctableMs = 0 }: Agreement, triggers: readonly Trigger[]): void {
  for (const trigger of triggers) {
    const longestS = Math.ceil(longestMs(trigger) / 1000);
    // Of a deadline that each event sets nothing is known beforehand.
    if (Number.isFinite(longestS) && longestS > money.obligationMaxS)
      throw new TrineError(
        'invalid',
        `money.obligationMaxS: obligations of ${trigger.name} may last ${longestS} s, and the contract pays none of more than ${money.obligationMaxS} s.`,
      );
    const latestS = Math.ceil((trigger.graceMs + correctableMs) / 1000);
    if (latestS >= money.settleWithinS)
      throw new TrineError(
        'invalid',
        `money.settleWithinS: obligations of ${trigger.name} may be decided ${latestS} s after their end, and the contract takes none after ${money.settleWithinS} s.`,
      );
  }
}

/** What names another network, contract or token would be decided for nothing: no verifier and no contract takes it. @throws TrineError */
function checkNetwork(policy: Agreement | Monitor, { id, chain, members }: NetworkDocument): void {
  const expect = (field: string, given: unknown, ...known: readonly unknown[]) => {
    if (!known.includes(given))
      throw new TrineError('invalid', `${field}: ${given} is not of this network, which has ${known.join(', ')}.`);
  };
  expect('network', policy.network, id);
  if (!movesMoney(policy)) return;
  const { chainId, contract, token, currency, disputeWindowS } = policy.money;
  expect('money.chainId', chainId, chain.id);
  expect('money.contract', contract, chain.direct, chain.batch);
  for (const by of policy.joining?.by ?? []) expect('joining.by', by, ...members.map(({ key }) => key));
  if (policy.joining && contract !== chain.batch)
    throw new TrineError('invalid', 'money.contract: lines whose accounts join are settled in batches.');
  if (contract === chain.batch && disputeWindowS < BATCH_WINDOW_MIN_S)
    throw new TrineError(
      'invalid',
      `money.disputeWindowS: batches stand open to refutation for at least ${BATCH_WINDOW_MIN_S} s.`,
    );
  expect('money.token', token, ...chain.tokens.map(({ address }) => address));
  expect('money.currency', currency, chain.tokens.find(({ address }) => address === token)?.currency);
}
