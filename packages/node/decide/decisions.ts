// Judging: from what the log holds to who is judged, by which model, and what is paid: agreements, watches, models,
// decider and settler, opened together and taken up where they stood.
import { join } from 'node:path';
import type { Domain } from '@trine/engine/domain.ts';
import type { Log } from '@trine/log/types.ts';
import { fromHex, toHex } from '@trine/protocol/bytes.ts';
import {
  type Mandate,
  type Terms,
  termsHash,
  termsPayload,
  type Watch,
  watchPayload,
} from '@trine/protocol/payloads/agreement.ts';
import { decisionId, decisionPayload } from '@trine/protocol/payloads/decision.ts';
import { type Label, labelPayload, sameModel } from '@trine/protocol/payloads/model.ts';
import { decodeLeaf } from '@trine/protocol/statement/leaf.ts';
import { parseStatement, type Statement, statementKinds } from '@trine/protocol/statement/statement.ts';
import type { Bodies } from '../access/bodies.ts';
import type { Founded } from '../genesis/genesis.ts';
import type { SealedBatch } from '../ingest/batch.ts';
import type { Intake } from '../ingest/ingest.ts';
import type { Issuer } from '../ingest/issuer.ts';
import { learnFromLabels } from '../lifecycle/learn.ts';
import { Life } from '../lifecycle/lifecycle.ts';
import type { Keyring } from '../projections/keys.ts';
import { ModelBook, modelKinds } from '../projections/models.ts';
import { isAgreement, Mandates, mandateKinds } from '../projections/policies.ts';
import type { Recorder } from '../projections/record.ts';
import type { Store } from '../projections/tables/store.ts';
import type { Feed } from '../serve/events.ts';
import type { Settings } from '../settings.ts';
import { agreementId, openPracticeAgreement } from '../settle/agreements.ts';
import { Settler } from '../settle/settler.ts';
import { type ActiveAgreement, type ActiveMandate, Decider } from './decider.ts';
import { decisionLeaf } from './explain.ts';
import { type StateSources, statementAt } from './states.ts';

/** What the terms of a first agreement can rest on. */
export interface FirstAgreementContext {
  readonly settings: Settings;
  readonly founded: Founded;
  readonly subject: string;
  readonly witness: string;
  readonly domains: readonly Domain[];
  readonly nowMs: number;
}
export type FirstAgreement = (context: FirstAgreementContext) => Terms;

export interface JudgingOptions {
  readonly settings: Settings;
  readonly founded: Founded;
  readonly domains: readonly Domain[];
  readonly log: Log;
  readonly bodies: Bodies;
  readonly store: Store;
  readonly keyring: Keyring;
  readonly intake: Intake;
  readonly recorder: Recorder;
  readonly member: Issuer;
  readonly feed: Feed;
  readonly now: () => number;
  /** Makes the terms of an installation's first agreement; none is made without it. */
  readonly firstAgreement: FirstAgreement | undefined;
  /** The first agreement of an installation is about this thing. */
  readonly deviceSubject: string;
  /** Whose own statements show that the log was awake. */
  readonly witness: string;
}

export interface Judging {
  readonly mandates: Mandates;
  readonly models: ModelBook;
  readonly life: Life;
  readonly settler: Settler;
  readonly sources: StateSources;
  /** How far a mandate is judged, and with which model. @param hash of its terms, hex */
  standing(hash: string): ReturnType<Decider['standing']>;
  /** To be called with every batch that is sealed, after the recorder. */
  onSealed(batch: SealedBatch): void;
  /** Judges what is due, and changes models where the rules of the agreements say so. */
  tick(): void;
  /**
   * Seals an agreement that is open on the chain: from now on its windows are judged, and paid.
   * @throws RangeError where it cannot be judged here
   */
  agree(terms: Terms): Promise<ActiveAgreement>;
  /**
   * Seals a watch: from now on its windows are judged, as advice.
   * @returns its hash, hex
   * @throws RangeError where that cannot be done here
   */
  watch(watch: Watch): Promise<string>;
  /** Seals a person's word on a decision. @param id of the decision, hex @throws RangeError for an unknown one */
  label(id: string, label: Omit<Label, 'trine' | 'decision'>): Promise<void>;
  /**
   * Registers what the labels under an agreement or a watch teach. Under an agreement it is tried beside, until the
   * parties approve it; a watch goes on with it from its next window on.
   *
   * @param id of the agreement, or hash of the watch, hex
   * @returns hash of the model, hex
   * @throws RangeError saying why nothing can be learnt
   */
  learn(id: string): Promise<string>;
  stop(): Promise<void>;
}

export async function openJudging(options: JudgingOptions): Promise<Judging> {
  const { settings, founded, domains, log, store, recorder, member, feed, now, intake } = options;
  const { keys, chain, contracts, network, origin } = founded;
  const models = new ModelBook();
  const mandates = new Mandates((terms: Terms) => agreementId(terms, contracts, origin));
  await restore(store, log, models, mandates);

  const isDecidable = ({ terms, id }: ActiveMandate): boolean => {
    const domain = domains.find(({ name }) => name === terms.domain);
    if (domain === undefined) return false;
    const { identity, parameters } = models.inForce(terms, id, now());
    try {
      return sameModel(domain.model(parameters), identity);
    } catch {
      // Parameters that this version of the domain does not know.
      return false;
    }
  };
  // After an update that changed the model, the old terms bind nobody to the new one: a practice agreement is renewed.
  const practice = chain.kind === 'embedded' || settings.chain.practice;
  if (!mandates.agreements().some(isDecidable) && practice && settings.device.enabled && options.firstAgreement) {
    const { deviceSubject: subject, witness } = options;
    const terms = options.firstAgreement({ settings, founded, subject, witness, domains, nowMs: now() });
    const { statement } = await member.say('agreement', subject, termsPayload.encode(terms));
    mandates.take(statement, now());
  }
  const inForce = mandates.all().filter(isDecidable);
  for (const { terms } of mandates.agreements().filter(isDecidable))
    if (practice) await openPracticeAgreement(chain, contracts, terms, origin, keys);

  const settler = new Settler({
    chain,
    contracts,
    log,
    store,
    intake,
    issuer: member,
    origin,
    account: keys.account,
    folder: join(settings.home, 'ledger'),
    now,
    agreement: (id) => mandates.agreement(id),
    onChange: () => feed.touch('payments'),
  });
  options.keyring.watch((entry) => settler.publishKey(entry));
  const sources: StateSources = { log, bodies: options.bodies, keyring: options.keyring, network, store, models };
  let hasDecided = true;
  const decider = new Decider({
    ...sources,
    domains,
    issuer: member,
    origin,
    now,
    flush: () => recorder.flush(),
    heardUpTo: (size) => intake.heardUpTo(size),
    endOf: (hash) => mandates.replacedFrom(hash),
    onDecision: async (decision) => {
      hasDecided = true;
      feed.touch('decisions');
      if (decision.outcome !== 'pay') return;
      await recorder.flush();
      await settler.order(decision);
    },
  });
  await recorder.flush();
  for (const mandate of inForce) await decider.watch(mandate);
  await resumeOrders(store, log, settler);

  let ticking: Promise<void> | undefined;
  let takingUp: Promise<void> = Promise.resolve();
  const checkDecidable = (terms: Mandate): void => {
    const domain = domains.find(({ name }) => name === terms.domain);
    if (domain === undefined) throw new RangeError(`The domain ${terms.domain} is not installed here.`);
    const { parameters } = models.deciding(terms.model);
    if (!sameModel(domain.model(parameters), terms.model))
      throw new RangeError(
        `The model ${terms.model.name} ${terms.model.version} that is named is not the one installed here.`,
      );
  };
  const life = new Life({
    models,
    mandates,
    decider,
    domains,
    issuer: member,
    store,
    // On a practice chain the customer's key is kept here, too.
    partyKeys: practice ? [keys.account, keys.recipient] : [keys.account],
    now,
    takenUp: () => takingUp,
  });
  const takeUp = (mandate: ActiveMandate): void => {
    takingUp = takingUp
      .then(() => decider.watch(mandate))
      .catch((error: Error) => feed.trouble(`Watching: ${error.message}`));
  };
  return {
    mandates,
    models,
    life,
    settler,
    sources,
    standing: (hash) => decider.standing(hash),
    onSealed(batch) {
      takeStatements(batch, (statement, index, arrivalMs) => {
        models.take(statement, index, arrivalMs);
        const mandate = mandates.take(statement, arrivalMs);
        if (mandate && isDecidable(mandate)) takeUp(mandate);
        if (statement.header.kind === 'label') feed.touch('decisions');
        if (modelKinds.includes(statement.header.kind)) hasDecided = true;
      });
      decider.onSealed(batch);
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
        .catch((error: Error) => feed.trouble(`Deciding: ${error.message}`))
        .finally(() => {
          ticking = undefined;
        });
      settler.round();
    },
    async agree(terms) {
      checkDecidable(terms);
      await member.say('agreement', terms.subject, termsPayload.encode(terms));
      await takingUp;
      return mandates.get(toHex(termsHash(terms))) as ActiveAgreement;
    },
    async watch(watch) {
      checkDecidable(watch);
      await member.say('watch', watch.subject, watchPayload.encode(watch));
      await takingUp;
      return toHex(termsHash(watch));
    },
    async label(id, said) {
      await recorder.flush();
      const decision = decisionPayload.decode(statementAt(log, await decisionLeaf(store, id)).payload);
      const payload = labelPayload.encode({ trine: 'label/1', decision: decisionId(decision), ...said });
      await member.say('label', decision.occasion.subject, payload);
      await recorder.flush();
    },
    async learn(id) {
      const mandate = mandates.get(id) ?? mandates.agreement(fromHex(id));
      const standing = mandate && decider.standing(mandate.hash);
      if (mandate === undefined || standing === undefined)
        throw new RangeError('No such agreement or watch is judged here.');
      await recorder.flush();
      const domain = domains.find(({ name }) => name === mandate.terms.domain) as Domain;
      const { parameters, card, learnt } = await learnFromLabels(sources, mandate, domain, standing.model);
      const hash = await life.register(mandate.terms.domain, parameters, card, learnt);
      if (isAgreement(mandate)) await life.shadow(mandate, hash);
      else await life.goOn(mandate, hash);
      return hash;
    },
    async stop() {
      await decider.stop();
      await ticking;
      await settler.stop();
    },
  };
}

const heldKinds: readonly number[] = [...mandateKinds, ...modelKinds.map((kind) => statementKinds[kind])];

/** What the log held before, in the order of its leaves. */
async function restore(store: Store, log: Log, models: ModelBook, mandates: Mandates): Promise<void> {
  const rows = await store.query<{ leaf: number; arrival_ms: number }>(
    `SELECT leaf, arrival_ms FROM statements WHERE kind IN (${heldKinds.join(', ')}) ORDER BY leaf`,
  );
  for (const { leaf, arrival_ms: arrivalMs } of rows) {
    const statement = statementAt(log, leaf);
    models.take(statement, leaf, arrivalMs);
    mandates.take(statement, arrivalMs);
  }
}

function takeStatements(
  batch: SealedBatch,
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
