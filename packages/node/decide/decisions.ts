// Judging: from what the log holds to who is judged, by which model, and what is paid: agreements, monitors, models,
// decider and settler, opened together and taken up where they stood.
import { join } from 'node:path';
import type { Domain } from '@trine/engine/domain.ts';
import type { Log } from '@trine/log/types.ts';
import {
  type Agreement,
  agreementPayload,
  decisionId,
  decisionPayload,
  decodeLeaf,
  fromHex,
  type Label,
  labelPayload,
  type Monitor,
  monitorPayload,
  type Policy,
  parseStatement,
  policyHash,
  type Statement,
  sameModel,
  statementKinds,
  TrineError,
  toHex,
} from '@trine/protocol';
import type { Bodies } from '../access/bodies.ts';
import type { Genesis } from '../genesis/genesis.ts';
import type { AppendedBatch } from '../ingest/batch.ts';
import type { Ingest } from '../ingest/ingest.ts';
import type { Issuer } from '../ingest/issuer.ts';
import { learnFromLabels } from '../lifecycle/learn.ts';
import { ModelLifecycle } from '../lifecycle/lifecycle.ts';
import type { KeyDirectory } from '../projections/keys.ts';
import { ModelRegistry, modelKinds } from '../projections/models.ts';
import { isAgreement, PolicyRegistry, policyKinds } from '../projections/policies.ts';
import type { Recorder } from '../projections/record.ts';
import type { Store } from '../projections/tables/store.ts';
import type { EventBus } from '../serve/events.ts';
import type { Settings } from '../settings.ts';
import { agreementId, openPracticeAgreement } from '../settle/agreements.ts';
import { Settler } from '../settle/settler.ts';
import { type ActiveAgreement, type ActivePolicy, Decider } from './decider.ts';
import { decisionLeaf } from './explain.ts';
import { type StateSources, statementAt } from './states.ts';

/** What the terms of a first agreement can rest on. */
export interface FirstAgreementContext {
  readonly settings: Settings;
  readonly genesis: Genesis;
  readonly subject: string;
  readonly heartbeat: string;
  readonly domains: readonly Domain[];
  readonly nowMs: number;
}
export type FirstAgreement = (context: FirstAgreementContext) => Agreement;

export interface DecisionsOptions {
  readonly settings: Settings;
  readonly genesis: Genesis;
  readonly domains: readonly Domain[];
  readonly log: Log;
  readonly bodies: Bodies;
  readonly store: Store;
  readonly keyDirectory: KeyDirectory;
  readonly ingest: Ingest;
  readonly recorder: Recorder;
  readonly member: Issuer;
  readonly events: EventBus;
  readonly now: () => number;
  /** Makes the terms of an installation's first agreement; none is made without it. */
  readonly firstAgreement: FirstAgreement | undefined;
  /** The first agreement of an installation is about this thing. */
  readonly deviceSubject: string;
  /** Whose own statements show that the log was awake. */
  readonly heartbeat: string;
}

export interface Decisions {
  readonly policies: PolicyRegistry;
  readonly models: ModelRegistry;
  readonly life: ModelLifecycle;
  readonly settler: Settler;
  readonly sources: StateSources;
  /** How far a policy is judged, and with which model. @param hash of its terms, hex */
  standing(hash: string): ReturnType<Decider['standing']>;
  /** To be called with every batch that is sealed, after the recorder. */
  onAppended(batch: AppendedBatch): void;
  /** Judges what is due, and changes models where the rules of the agreements say so. */
  tick(): void;
  /**
   * Seals an agreement that is open on the chain: from now on its windows are judged, and paid.
   * @throws TrineError where it cannot be judged here
   */
  agree(terms: Agreement): Promise<ActiveAgreement>;
  /**
   * Seals a watch: from now on its windows are judged, as advice.
   * @returns its hash, hex
   * @throws TrineError where that cannot be done here
   */
  watch(watch: Monitor): Promise<string>;
  /** Seals a person's word on a decision. @param id of the decision, hex @throws TrineError for an unknown one */
  label(id: string, label: Omit<Label, 'trine' | 'decision'>): Promise<void>;
  /**
   * Registers what the labels under an agreement or a watch teach. Under an agreement it is tried beside, until the
   * parties approve it; a watch goes on with it from its next window on.
   *
   * @param id of the agreement, or hash of the watch, hex
   * @returns hash of the model, hex
   * @throws TrineError saying why nothing can be learnt
   */
  learn(id: string): Promise<string>;
  stop(): Promise<void>;
}

export async function openDecisions(options: DecisionsOptions): Promise<Decisions> {
  const { settings, genesis, domains, log, store, recorder, member, events, now, ingest } = options;
  const { keys, chain, contracts, network, origin } = genesis;
  const models = new ModelRegistry();
  const policies = new PolicyRegistry((terms: Agreement) => agreementId(terms, contracts, origin));
  await restore(store, log, models, policies);

  const isDecidable = ({ terms, id }: ActivePolicy): boolean => {
    const domain = domains.find(({ name }) => name === terms.domain);
    if (domain === undefined) return false;
    const { identity, parameters } = models.active(terms, id, now());
    try {
      return sameModel(domain.model(parameters), identity);
    } catch {
      // Parameters that this version of the domain does not know.
      return false;
    }
  };
  // After an update that changed the model, the old terms bind nobody to the new one: a practice agreement is renewed.
  const practice = chain.kind === 'embedded' || settings.chain.practice;
  if (!policies.agreements().some(isDecidable) && practice && settings.device.enabled && options.firstAgreement) {
    const { deviceSubject: subject, heartbeat } = options;
    const terms = options.firstAgreement({ settings, genesis, subject, heartbeat, domains, nowMs: now() });
    const { statement } = await member.say('agreement', subject, agreementPayload.encode(terms));
    policies.take(statement, now());
  }
  const active = policies.all().filter(isDecidable);
  for (const { terms } of policies.agreements().filter(isDecidable))
    if (practice) await openPracticeAgreement(chain, contracts, terms, origin, keys);

  const settler = new Settler({
    chain,
    contracts,
    log,
    store,
    ingest,
    issuer: member,
    origin,
    account: keys.account,
    folder: join(settings.home, 'ledger'),
    now,
    agreement: (id) => policies.agreement(id),
    onChange: () => events.touch('payments'),
  });
  options.keyDirectory.watch((entry) => settler.publishKey(entry));
  const sources: StateSources = {
    log,
    bodies: options.bodies,
    keyDirectory: options.keyDirectory,
    network,
    store,
    models,
  };
  let hasDecided = true;
  const decider = new Decider({
    ...sources,
    domains,
    issuer: member,
    origin,
    now,
    flush: () => recorder.flush(),
    waitForIndex: (size) => ingest.waitForIndex(size),
    endOf: (hash) => policies.replacedFrom(hash),
    onDecision: async (decision) => {
      hasDecided = true;
      events.touch('decisions');
      if (decision.outcome !== 'pay') return;
      await recorder.flush();
      await settler.order(decision);
    },
  });
  await recorder.flush();
  for (const policy of active) await decider.watch(policy);
  await resumeOrders(store, log, settler);

  let ticking: Promise<void> | undefined;
  let takingUp: Promise<void> = Promise.resolve();
  const checkDecidable = (terms: Policy): void => {
    const domain = domains.find(({ name }) => name === terms.domain);
    if (domain === undefined) throw new TrineError('unsupported', `The domain ${terms.domain} is not installed here.`);
    const { parameters } = models.deciding(terms.model);
    if (!sameModel(domain.model(parameters), terms.model))
      throw new TrineError(
        'invalid',
        `The model ${terms.model.name} ${terms.model.version} that is named is not the one installed here.`,
      );
  };
  const life = new ModelLifecycle({
    models,
    policies,
    decider,
    domains,
    issuer: member,
    store,
    // On a practice chain the customer's key is kept here, too.
    partyKeys: practice ? [keys.account, keys.recipient] : [keys.account],
    now,
    takenUp: () => takingUp,
  });
  const schedule = (policy: ActivePolicy): void => {
    takingUp = takingUp
      .then(() => decider.watch(policy))
      .catch((error: Error) => events.trouble(`Watching: ${error.message}`));
  };
  return {
    policies,
    models,
    life,
    settler,
    sources,
    standing: (hash) => decider.standing(hash),
    onAppended(batch) {
      takeStatements(batch, (statement, index, arrivalMs) => {
        models.take(statement, index, arrivalMs);
        const policy = policies.take(statement, arrivalMs);
        if (policy && isDecidable(policy)) schedule(policy);
        if (statement.header.kind === 'label') events.touch('decisions');
        if ((modelKinds as readonly string[]).includes(statement.header.kind)) hasDecided = true;
      });
      decider.onAppended(batch);
    },
    tick() {
      // One after the other: a long one is not followed by a queue of others.
      ticking ??= decider
        .tick()
        .then(async () => {
          if (!hasDecided) return;
          hasDecided = false;
          await recorder.flush();
          await life.round();
        })
        .catch((error: Error) => events.trouble(`Deciding: ${error.message}`))
        .finally(() => {
          ticking = undefined;
        });
      settler.round();
    },
    async agree(terms) {
      checkDecidable(terms);
      await member.say('agreement', terms.subject, agreementPayload.encode(terms));
      await takingUp;
      return policies.get(toHex(policyHash(terms))) as ActiveAgreement;
    },
    async watch(watch) {
      checkDecidable(watch);
      await member.say('monitor', watch.subject, monitorPayload.encode(watch));
      await takingUp;
      return toHex(policyHash(watch));
    },
    async label(id, said) {
      await recorder.flush();
      const decision = decisionPayload.decode(statementAt(log, await decisionLeaf(store, id)).payload);
      const payload = labelPayload.encode({ trine: 'label/1', decision: decisionId(decision), ...said });
      await member.say('label', decision.obligation.subject, payload);
      await recorder.flush();
    },
    async learn(id) {
      const policy = policies.get(id) ?? policies.agreement(fromHex(id));
      const standing = policy && decider.standing(policy.hash);
      if (policy === undefined || standing === undefined)
        throw new TrineError('not-found', 'No such agreement or watch is judged here.');
      await recorder.flush();
      const domain = domains.find(({ name }) => name === policy.terms.domain) as Domain;
      const { parameters, card, learnt } = await learnFromLabels(sources, policy, domain, standing.model);
      const hash = await life.register(policy.terms.domain, parameters, card, learnt);
      if (isAgreement(policy)) await life.shadow(policy, hash);
      else await life.continueWith(policy, hash);
      return hash;
    },
    async stop() {
      await decider.stop();
      await ticking;
      await settler.stop();
    },
  };
}

const heldKinds: readonly number[] = [...policyKinds, ...modelKinds.map((kind) => statementKinds[kind])];

/** What the log held before, in the order of its leaves. */
async function restore(store: Store, log: Log, models: ModelRegistry, policies: PolicyRegistry): Promise<void> {
  const rows = await store.query<{ leaf: number; arrival_ms: number }>(
    `SELECT leaf, arrival_ms FROM statements WHERE kind IN (${heldKinds.join(', ')}) ORDER BY leaf`,
  );
  for (const { leaf, arrival_ms: arrivalMs } of rows) {
    const statement = statementAt(log, leaf);
    models.take(statement, leaf, arrivalMs);
    policies.take(statement, arrivalMs);
  }
}

function takeStatements(
  batch: AppendedBatch,
  take: (statement: Statement, index: number, arrivalMs: number) => void,
): void {
  const { columns, leaf } = batch;
  for (let i = 0; i < columns.count; i++)
    if ((leaf[i] as number) >= 0 && heldKinds.includes(columns.kind[i] as number))
      take(parseStatement(batch.statement(i)), leaf[i] as number, columns.arrivalMs[i] as number);
}

/** Decisions that pay and whose intent a crash kept from being sealed. */
async function resumeOrders(store: Store, log: Log, settler: Settler): Promise<void> {
  const rows = await store.query<{ leaf: number }>(
    "SELECT leaf FROM decisions WHERE outcome = 'pay' AND decision NOT IN (SELECT decision FROM intents) ORDER BY leaf",
  );
  for (const { leaf } of rows) {
    const decoded = decodeLeaf(log.read(leaf));
    if (decoded.kind === 'statement')
      await settler.order(decisionPayload.decode(parseStatement(decoded.statement).payload));
  }
}
