// The node: every part of the flow opened, joined and closed again.
//
//   device ─▶ ingest ─▶ log ─▶ projections ─▶ decide ─▶ settle ─▶ serve
import { join } from 'node:path';
import type { Domains } from '@trine/engine';
import { latestAnchor } from '@trine/ledger/checkpoints.ts';
import { openLog } from '@trine/log/log.ts';
import type { Log } from '@trine/log/types.ts';
import type { Connector } from '@trine/mapping/connector.ts';
import { type Agreement, didKey, type Enrolment } from '@trine/protocol';
import type { Clock, Timers } from '@trine/system/time.ts';
import { type Logger, pino } from 'pino';
import { Bodies } from './access/bodies.ts';
import { type Erased, Eraser } from './access/erase.ts';
import { Pseudonyms } from './access/pseudonyms.ts';
import { policyHmac } from './access/salts.ts';
import type { Connectors } from './connectors/connectors.ts';
import type { Origins } from './connectors/origins.ts';
import type { SimulatedSystem, Simulation } from './connectors/simulated.ts';
import { Decider } from './decide/decider.ts';
import { Decisions } from './decide/decisions.ts';
import type { FirstAgreement } from './decide/first-agreement.ts';
import type { StateSources } from './decide/states.ts';
import { machineDependencies, type NodeDependencies } from './dependencies.ts';
import { buildEvidence, buildLines } from './evidence/build.ts';
import { found, type Genesis } from './genesis/genesis.ts';
import { type Identities, openIdentities } from './genesis/identities.ts';
import { readVerifier } from './genesis/verifier.ts';
import { createAcknowledger } from './ingest/acknowledger.ts';
import { Ingest } from './ingest/ingest.ts';
import type { Issuer } from './ingest/issuer.ts';
import type { PlainCounts, PlainMessages } from './ingest/plain-messages.ts';
import type { Transport } from './ingest/transport.ts';
import type { EmbeddedMqtt } from './ingest/transports/mqtt.ts';
import type { AttachedMqtt } from './ingest/transports/mqtt-attached.ts';
import { ModelLifecycle } from './lifecycle/lifecycle.ts';
import type { OwnDevice, StartOwnDevice } from './own-device.ts';
import type { KeyDirectory } from './projections/keys.ts';
import type { ModelRegistry } from './projections/models.ts';
import { openProjections, type Projections } from './projections/open.ts';
import type { PolicyRegistry } from './projections/policies.ts';
import type { ProjectionRunner } from './projections/runner.ts';
import type { SequenceTracker } from './projections/sequences.ts';
import type { Store } from './projections/tables/store.ts';
import { openAgreements } from './proposals/open.ts';
import type { Proposals } from './proposals/proposals.ts';
import { startRounds } from './rounds.ts';
import { EventBus } from './serve/events.ts';
import { Health } from './serve/health.ts';
import { Views } from './serve/views.ts';
import { type AlertWebhook, openWebhook } from './serve/webhook.ts';
import { isPractice, type Settings } from './settings.ts';
import { agreementId } from './settle/agreements.ts';
import { checkAnchored } from './settle/anchored.ts';
import { Settler } from './settle/settler.ts';
import { forgetting, openSilences } from './silence/open.ts';
import type { Silences } from './silence/silences.ts';
import { openWaysIn } from './ways-in.ts';

export interface Node {
  readonly settings: Settings;
  readonly logger: Logger;
  readonly genesis: Genesis;
  /** What the node itself speaks as: its heartbeat. */
  readonly subject: string;
  readonly log: Log;
  readonly bodies: Bodies;
  readonly store: Store;
  readonly runner: ProjectionRunner;
  readonly ingest: Ingest;
  readonly keyDirectory: KeyDirectory;
  readonly sequences: SequenceTracker;
  readonly policies: PolicyRegistry;
  readonly models: ModelRegistry;
  readonly decisions: Decisions;
  readonly lifecycle: ModelLifecycle;
  readonly settler: Settler;
  readonly proposals: Proposals;
  readonly views: Views;
  readonly events: EventBus;
  readonly health: Health;
  /** Who is silent, unless the settings switch that off. */
  readonly silences: Silences | undefined;
  /** Where the settings name one. */
  readonly webhook: AlertWebhook | undefined;
  readonly mqtt: EmbeddedMqtt | AttachedMqtt;
  /** Every way in; who opens a port for one adds it. */
  readonly transports: Transport[];
  readonly domains: Domains;
  readonly domainsModule: URL | undefined;
  readonly domainFile: StartOptions['domainFile'];
  readonly ownDevice: OwnDevice | undefined;
  readonly plain: Pick<PlainMessages, 'take' | keyof PlainCounts>;
  readonly connectors: Connectors;
  readonly origins: Origins;
  /** A simulated house, for whoever has none. */
  readonly simulation: Pick<Simulation, 'start' | 'untilMs'>;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly startedMs: number;
  /** Enrols a key about a thing; enrolling the same key again changes nothing. */
  enrol(subject: string, enrolment: Enrolment): Promise<void>;
  revoke(did: string, reason: string): Promise<void>;
  /** Lets a thing go on after a fork of its sequence. @see recoverSequence */
  recover: Identities['recover'];
  /** Erases the bodies about a thing, and certifies it. @see Eraser.forget */
  forget(subject: string, said: { readonly reason: string; readonly by: string }): Promise<Erased>;
  readonly pseudonyms: Pseudonyms;
  evidence(id: Uint8Array): Promise<Uint8Array>;
  /** The verifier as one file. @see readVerifier */
  verifier(): Uint8Array;
  stop(): Promise<void>;
}

export interface StartOptions {
  readonly domains: Domains;
  /** How systems speak that are there already. */
  readonly connectors?: readonly Connector[];
  /** Systems that are simulated where somebody asks for it. */
  readonly simulated?: SimulatedSystem;
  /** Makes the terms of an installation's first agreement, on a practice chain. */
  readonly firstAgreement?: FirstAgreement;
  /** Module whose `domains()` gives the same ones: threads import it, for functions cannot be handed to them. */
  readonly domainsModule?: URL;
  /** The file of an installed domain, by the hash of its bundle: who checks a decision of it needs one. */
  readonly domainFile?: ((hash: string) => string | undefined) | undefined;
  /** Measures the machine the node runs on, unless the settings switch that off. */
  readonly ownDevice?: StartOwnDevice;
  /** Called with each step of starting, for people. */
  readonly onProgress?: (step: string) => void;
  /** The verifier as one file (HTML): a network founded now names it by hash and hands it out. */
  readonly verifier?: Uint8Array;
  /** Those that are not the machine's own. */
  readonly dependencies?: Partial<NodeDependencies>;
}

/** What is opened first, and closed last. */
interface Foundation {
  readonly settings: Settings;
  readonly options: StartOptions;
  readonly logger: Logger;
  readonly dependencies: NodeDependencies;
  readonly events: EventBus;
  readonly closing: (() => Promise<unknown>)[];
  progress(step: string): void;
}

/**
 * Starts a node: founds its network on first start, continues where it stopped otherwise.
 *
 * @throws SettingsError, MqttPortTakenError, LogLockedError and others whose message says what to do
 */
export async function startNode(settings: Settings, options: StartOptions): Promise<Node> {
  const logger = pino({ level: settings.logLevel }, pino.destination(2));
  const closing: (() => Promise<unknown>)[] = [];
  const closeAll = async (): Promise<void> => {
    for (const close of closing.splice(0).reverse())
      await close().catch((error: Error) => logger.error({ err: error.message }, 'closing'));
  };
  const dependencies = { ...machineDependencies, ...options.dependencies };
  const progress = options.onProgress ?? (() => undefined);
  const events = new EventBus(dependencies.clock);
  try {
    return await open({ settings, options, logger, dependencies, events, closing, progress }, closeAll);
  } catch (error) {
    await closeAll();
    throw error;
  }
}

async function open(foundation: Foundation, stop: () => Promise<void>): Promise<Node> {
  const { settings, options, logger, dependencies, events, closing, progress } = foundation;
  const { clock, timers, random, disk, probe } = dependencies;
  progress('chain and contracts');
  const genesis = await found(settings, dependencies.chain, dependencies, options.verifier);
  closing.push(() => genesis.chain.stop());
  const subject = `node/${genesis.network.id.slice(6, 14)}`;
  const records = await openRecords(foundation, genesis);
  const { log, bodies, store, projections } = records;
  const { keyDirectory, sequences, policies, models, runner } = projections;
  const ingest = await openIngest(foundation, genesis, records, subject);
  runner.onCommit((commit) => events.committed(commit));
  ingest.onRefused((refusal, message, source) => events.refused(refusal, message, source));

  progress('identities');
  const own = await openIdentities({
    ...{ genesis, ingest, keyDirectory, sequences, subject, random },
    hostname: probe.hostname,
    logSize: log.size,
  });
  const { member, gateway } = own;
  const pseudonyms = openPseudonyms(foundation, records, own);

  progress('agreements');
  const { decisions, lifecycle, settler } = await openDeciding(foundation, genesis, records, { ingest, member });
  const first = { settings, options, logger, subject: own.deviceSubject, heartbeat: subject };
  const proposals = await openAgreements({ ...dependencies, ...first, genesis, decisions, settler, policies, member });
  closing.push(() => proposals.close());

  const { plain, mqtt, ownDevice, connectors, origins, simulation } = await openWaysIn(
    foundation,
    genesis,
    { store, runner, sequences },
    own,
    ingest,
  );
  const parts = { log, bodies, store, runner, ingest, timers, random, settler, origins };
  const eraser = new Eraser({ ...parts, issuer: member });
  const webhook = openWebhook({ settings, store, runner, policies, clock, timers, disk });
  const heard = { store, runner, mqtt, plain, connectors, ownDevice, subject, keys: keyDirectory };
  const silences = await openSilences({ ...foundation, ...heard, webhook });
  const kept = { home: settings.home, chain: genesis.chain, log, store };
  const health = new Health({ ...dependencies, ...kept, decisions, settler, mqtt, webhook, events });
  const transports: Transport[] = [mqtt];
  closing.push(
    async () => webhook?.stop(),
    startRounds({
      ...{ ...foundation, log, ingest, gateway, subject, transports, decisions, settler, pseudonyms, health, silences },
    }),
  );
  return {
    ...{ settings, logger, genesis, subject, log, bodies, store, runner, ingest, keyDirectory, sequences, policies },
    ...{ models, decisions, lifecycle, settler, proposals },
    views: new Views(store, keyDirectory, sequences, settler),
    ...{ events, health, silences, webhook },
    ...{ mqtt, transports },
    domains: options.domains,
    ...{ domainsModule: options.domainsModule, domainFile: options.domainFile },
    ...{ ownDevice, plain, connectors, origins, simulation },
    ...{ clock, timers, startedMs: clock() },
    enrol: own.enrol,
    revoke: own.revoke,
    recover: own.recover,
    pseudonyms,
    forget: forgetting(eraser, silences),
    evidence: (about) => buildEvidence({ ...decisions.sources, log, settler, policies, bodies, origins }, about),
    verifier: () => readVerifier(disk, settings.home, genesis.network),
    stop,
  };
}

function openPseudonyms(
  { settings, dependencies: { clock, random } }: Foundation,
  { store, projections }: Records,
  { member, enrol, revoke }: Identities,
): Pseudonyms {
  const { pseudonyms: limits } = settings;
  return new Pseudonyms({ ...projections, store, member, enrol, revoke, random, now: clock, limits });
}

/** The log, the bodies, the tables, and all that follows from them. */
interface Records {
  readonly log: Log;
  readonly bodies: Bodies;
  readonly store: Store;
  readonly projections: Projections;
}

async function openRecords(foundation: Foundation, genesis: Genesis): Promise<Records> {
  const { keys, network, origin, chain, contracts } = genesis;
  const { settings, options, logger, dependencies, closing, progress } = foundation;
  const { timers, workers } = dependencies;
  const { home } = settings;
  progress('log');
  const log = await openLog({
    directory: join(home, 'log'),
    origin,
    sign: keys.log.sign,
    publicKey: keys.log.publicKey.raw,
    checkpointIntervalMs: settings.checkpointIntervalMs,
    logger,
    system: dependencies,
  });
  closing.push(() => log.close());
  await checkAnchored(log, () => latestAnchor(chain, contracts, origin));
  const bodies = new Bodies(join(home, 'bodies'), dependencies);
  closing.push(() => bodies.close());
  progress('projections');
  const store = await dependencies.store(join(home, 'store', 'views.duckdb'));
  closing.push(() => store.close());
  const projections = await openProjections({
    network,
    log,
    bodies,
    store,
    domains: options.domains,
    decider: didKey(keys.member.publicKey),
    agreementId: (agreement: Agreement) => agreementId(agreement, contracts),
    timers,
    workers,
    onError: (error) =>
      dependencies.end(logger, error, 'the store refused a batch; the log has everything: restart, or trine rebuild'),
    onProgress: (done, total) => progress(`leaves ${done} of ${total}`),
  });
  closing.push(() => projections.close());
  return { log, bodies, store, projections };
}

async function openIngest(
  { settings, dependencies, closing }: Foundation,
  { keys, network }: Genesis,
  { log, bodies, store, projections }: Records,
  subject: string,
): Promise<Ingest> {
  const [last] = await store.query<{ ms: number | null }>('SELECT max(arrival_ms) AS ms FROM statements');
  const { admission, runner, pool } = projections;
  const { clock, timers } = dependencies;
  const ingest = new Ingest({
    log,
    bodies,
    pool,
    admission,
    runner,
    acknowledger: createAcknowledger(keys.gateway, { network: network.id, subject, now: clock }),
    now: clock,
    timers,
    lastArrivalMs: last?.ms ?? 0,
    statementsPerSecondMax: settings.ingest.statementsPerSecondMax,
  });
  closing.push(async () => {
    await ingest.close();
    await ingest.snapshot();
  });
  return ingest;
}

async function openDeciding(
  { settings, options, dependencies, events, closing }: Foundation,
  { keys, chain, contracts, network, origin }: Genesis,
  { log, bodies, store, projections }: Records,
  { ingest, member }: { readonly ingest: Ingest; readonly member: Issuer },
): Promise<{ decisions: Decisions; lifecycle: ModelLifecycle; settler: Settler }> {
  const { keyDirectory, policies, models, scheduler, runner } = projections;
  const { clock, timers, disk } = dependencies;
  const sources: StateSources = {
    ...projections.sources,
    models,
    policies,
    domains: options.domains,
    hmac: policyHmac(keys.salts),
  };
  const memberKey = didKey(keys.member.publicKey);
  const settler = new Settler({
    chain,
    contracts,
    log,
    store,
    bodies,
    runner,
    ingest,
    issuer: member,
    decider: memberKey,
    origin,
    network,
    domains: options.domains,
    account: keys.account,
    practice: isPractice(settings, chain.kind) ? keys : undefined,
    folder: join(settings.home, 'ledger'),
    disk,
    now: clock,
    timers,
    policies,
    evidence: (id) => buildEvidence({ ...sources, log, settler, policies, bodies }, id),
    lines: (id, keys) => buildLines({ ...sources, log, settler, policies, bodies }, id, keys),
    onCourse: (id, state) => events.course(id, state),
  });
  keyDirectory.subscribe((entry) => settler.publishKey(entry));
  const decider: Decider = new Decider({
    ...sources,
    scheduler,
    runner,
    issuer: member,
    decider: memberKey,
    origin,
    now: clock,
    onDecision: async (_, decision) => settler.decided(decision),
  });
  const lifecycle = new ModelLifecycle({
    models,
    policies,
    decider,
    domains: options.domains,
    issuer: member,
    store,
    // On a practice chain the customer's key is kept here, too.
    partyKeys: isPractice(settings, chain.kind) ? [keys.account, keys.recipient] : [keys.account],
    now: clock,
    runner,
  });
  const onTrouble = (message: string | undefined) =>
    message === undefined ? events.mended('deciding') : events.trouble('deciding', message);
  const decisions = new Decisions({
    sources,
    policies,
    scheduler,
    decider,
    lifecycle,
    settler,
    runner,
    issuer: member,
    log,
    network,
    onTrouble,
  });
  closing.push(() => decisions.stop());
  return { decisions, lifecycle, settler };
}
