// The node: every stage of the flow opened, joined and closed again.
//
//   device ─▶ gateway (intake) ─▶ log ─▶ record (store) ─▶ decide ─▶ settle ─▶ view
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import type { Domain } from '@trine/engine/domain.ts';
import { LogStoppedError } from '@trine/log/errors.ts';
import { openLog } from '@trine/log/log.ts';
import type { Log } from '@trine/log/types.ts';
import { didKey } from '@trine/protocol/keys.ts';
import { type Enrolment, enrolmentPayload, keyStatusPayload } from '@trine/protocol/payloads/enrolment.ts';
import { encodeNetwork } from '@trine/protocol/payloads/network.ts';
import { decodeLeaf } from '@trine/protocol/statement/leaf.ts';
import { type Logger, pino } from 'pino';
import { Bodies } from './access/bodies.ts';
import { type FirstAgreement, type Judging, openJudging } from './decide/decisions.ts';
import { gatherEvidence } from './evidence/build.ts';
import { type Founded, found } from './genesis/genesis.ts';
import { createAcknowledger } from './ingest/acknowledger.ts';
import { BridgeError, bridge } from './ingest/bridge.ts';
import { Intake } from './ingest/ingest.ts';
import { Issuer } from './ingest/issuer.ts';
import { attachToBroker, embedBroker, type MqttDoor } from './ingest/transports/mqtt.ts';
import { VerifyPool } from './ingest/verify-pool.ts';
import { machineSubject, type OwnDevice, type StartOwnDevice } from './own-device.ts';
import { catchUp } from './projections/catchup.ts';
import { Keyring } from './projections/keys.ts';
import { createChainNumbers, createRecorder, type Recorder } from './projections/record.ts';
import { findOld, restoreChains, restoreKeyring, restoreStreams } from './projections/restore.ts';
import { ChainBook } from './projections/sequences.ts';
import { StreamBook } from './projections/streams.ts';
import { openStore, type Store } from './projections/tables/store.ts';
import { Feed } from './serve/events.ts';
import { Views } from './serve/views.ts';
import type { Settings } from './settings.ts';
import type { Settler } from './settle/settler.ts';

const HEARTBEAT_MS = 5_000;
const TICK_MS = 500;
const BRIDGE_WAITING_MAX = 10_000;

export interface Node {
  readonly settings: Settings;
  readonly founded: Founded;
  /** What the node itself speaks as: its signs of life. */
  readonly subject: string;
  readonly log: Log;
  readonly store: Store;
  readonly intake: Intake;
  readonly keyring: Keyring;
  readonly chains: ChainBook;
  readonly views: Views;
  readonly feed: Feed;
  readonly settler: Settler;
  readonly mqtt: MqttDoor;
  readonly domains: readonly Domain[];
  readonly domainsModule: URL | undefined;
  readonly ownDevice: OwnDevice | undefined;
  readonly bridged: { readonly refused: number; readonly last: string | undefined };
  readonly judging: Judging;
  readonly startedMs: number;
  /** Enrols a key about a thing; enrolling the same key again changes nothing. */
  enrol(subject: string, enrolment: Enrolment): Promise<void>;
  revoke(did: string, reason: string): Promise<void>;
  evidence(id: Uint8Array): Promise<Uint8Array>;
  stop(): Promise<void>;
}

export interface StartOptions {
  readonly domains: readonly Domain[];
  /** Makes the terms of an installation's first agreement, on a practice chain. */
  readonly firstAgreement?: FirstAgreement;
  /** Module whose `domains()` gives the same ones: threads import it, for functions cannot be handed to them. */
  readonly domainsModule?: URL;
  /** Measures the machine the node runs on, unless the settings switch that off. */
  readonly ownDevice?: StartOwnDevice;
  /** Called with each step of starting, for people. */
  readonly onProgress?: (step: string) => void;
}

/**
 * Starts a node: founds its network on first start, continues where it stopped otherwise.
 *
 * @throws SettingsError, MqttPortTakenError, LogLockedError and others whose message says what to do
 */
export async function startNode(settings: Settings, options: StartOptions): Promise<Node> {
  const progress = options.onProgress ?? (() => undefined);
  const logger = pino({ level: settings.logLevel }, pino.destination(2));
  const closing: (() => Promise<unknown>)[] = [];
  const closeAll = async (): Promise<void> => {
    for (const close of closing.splice(0).reverse())
      await close().catch((error: Error) => logger.error({ err: error.message }, 'closing'));
  };
  try {
    return await open(settings, options, progress, logger, closing, closeAll);
  } catch (error) {
    await closeAll();
    throw error;
  }
}

async function open(
  settings: Settings,
  { domains, domainsModule, firstAgreement, ownDevice: startOwnDevice }: StartOptions,
  progress: (step: string) => void,
  logger: Logger,
  closing: (() => Promise<unknown>)[],
  closeAll: () => Promise<void>,
): Promise<Node> {
  const { home } = settings;
  const now = () => Date.now();
  progress('chain and contracts');
  const founded = await found(settings);
  const { keys, chain, network, origin } = founded;
  closing.push(() => chain.stop());

  progress('log');
  const log = await openLog({
    directory: join(home, 'log'),
    origin,
    sign: keys.log.sign,
    publicKey: keys.log.publicKey.raw,
    checkpointIntervalMs: settings.checkpointIntervalMs,
    logger,
  });
  closing.push(() => log.close());
  const bodies = new Bodies(join(home, 'bodies'));
  closing.push(() => bodies.close());

  progress('store');
  const store = await openStore(join(home, 'store', 'views.duckdb'));
  closing.push(() => store.close());
  const keyring = new Keyring();
  keyring.addMembers(network);
  const chains = new ChainBook();
  const streams = new StreamBook();
  await restoreKeyring(store, log, keyring);
  await restoreStreams(store, streams);
  await restoreChains(store, chains);
  const pool = new VerifyPool(network.id, keyring, Math.max(1, availableParallelism()));
  closing.push(() => pool.close());
  const numbers = createChainNumbers(await store.query('SELECT chain, holder, subject FROM chains'));
  const recorder: Recorder = createRecorder(store, numbers, (error) =>
    endProcess(logger, error, 'the store refused a batch; the log has everything: restart, or trine rebuild'),
  );
  await catchUp(
    {
      log,
      bodies,
      keyring,
      chains,
      streams,
      pool,
      recorder,
      onProgress: (done, total) => progress(`views ${done} of ${total}`),
    },
    store.position,
  );

  const nodeSubject = `node/${network.id.slice(6, 14)}`;
  const intake = new Intake({
    log,
    bodies,
    keyring,
    chains,
    streams,
    pool,
    acknowledger: createAcknowledger(keys.gateway, { network: network.id, subject: nodeSubject, now }),
    now,
    findOld: async (holder, subject, link) => {
      await recorder.flush();
      return findOld(store, holder, subject, link);
    },
    isBehind: () => recorder.isBehind,
    statementsPerSecondMax: settings.intake.statementsPerSecondMax,
  });
  closing.push(async () => {
    await intake.close();
    await recorder.close();
  });
  intake.onSealed((batch) => recorder.add(batch));
  intake.onLeaf((leaf, index) => {
    const decoded = decodeLeaf(leaf);
    if (decoded.kind === 'intent') recorder.addIntent(decoded.intent, index);
  });

  progress('identities');
  const member = new Issuer({
    signer: keys.member,
    holder: didKey(keys.member.publicKey),
    network: network.id,
    intake,
    chains,
  });
  const gateway = new Issuer({ signer: keys.gateway, holder: nodeSubject, network: network.id, intake, chains });
  if (log.size === 0) await member.say('network', network.id, encodeNetwork(network));
  const enrol = async (subject: string, enrolment: Enrolment): Promise<void> => {
    if (keyring.get(enrolment.key)) return;
    await member.say('enrolment', subject, enrolmentPayload.encode(enrolment));
  };
  const deviceSubject = machineSubject();
  await enrol(nodeSubject, {
    key: didKey(keys.gateway.publicKey),
    name: 'This node',
    class: 'software',
    subjects: ['*'],
  });
  await enrol(deviceSubject, {
    key: didKey(keys.device.publicKey),
    name: 'This computer',
    class: 'software',
    subjects: [deviceSubject],
  });

  progress('agreements');
  const views = new Views(store, keyring);
  const feed = new Feed();
  const judging = await openJudging({
    settings,
    founded,
    domains,
    log,
    bodies,
    store,
    keyring,
    intake,
    recorder,
    member,
    feed,
    now,
    firstAgreement,
    deviceSubject,
    witness: nodeSubject,
  });
  closing.push(() => judging.stop());
  const { settler, mandates } = judging;
  intake.onSealed((batch) => {
    judging.onSealed(batch);
    feed.sealed(batch);
  });
  intake.onRefused((refusal, message, source) => feed.refused(refusal, message, source));

  progress('MQTT');
  const bridged = { refused: 0, waiting: 0, last: undefined as string | undefined };
  const onPlain = (topic: string, payload: Uint8Array): void => {
    try {
      const found = bridge(settings.bridge, topic, payload, now());
      if (found === undefined) return;
      if (bridged.waiting >= BRIDGE_WAITING_MAX) throw new BridgeError(`Topic ${topic}: too much waits to be signed.`);
      bridged.waiting++;
      gateway
        .measure(found.subject, found.readings, 'gateway', false)
        .catch((error: Error) => {
          bridged.refused++;
          bridged.last = error.message;
        })
        .finally(() => {
          bridged.waiting--;
        });
    } catch (error) {
      if (!(error instanceof BridgeError)) throw error;
      bridged.refused++;
      bridged.last = error.message;
    }
  };
  const mqtt = settings.mqttAttach
    ? await attachToBroker({
        url: settings.mqttAttach,
        intake,
        onPlain,
        plainFilters: settings.bridge.map(({ topic }) => topic),
      })
    : await embedBroker({ host: settings.host, port: settings.mqttPort, intake, onPlain });
  closing.push(() => mqtt.close());

  progress('own device');
  const ownDevice =
    settings.device.enabled && startOwnDevice
      ? await startOwnDevice({
          signer: keys.device,
          subject: deviceSubject,
          network: network.id,
          gateway: keys.gateway.publicKey,
          mqttUrl: settings.mqttAttach ?? `mqtt://${settings.host}:${mqtt.port}`,
          storagePath: join(home, 'device', 'queue.sqlite'),
          intervalMs: settings.device.intervalMs,
          lastKnown: async () => lastKnown(chains, deviceSubject),
          onError: (error) => logger.warn({ err: error.message }, 'own device'),
        })
      : undefined;
  if (ownDevice) closing.push(() => ownDevice.stop());

  const timers = [
    setInterval(() => heartbeat(gateway, nodeSubject, log, now, logger), HEARTBEAT_MS),
    setInterval(() => judging.tick(), TICK_MS),
    setInterval(() => {
      if (log.durableSize > 0)
        settler.anchor(log.durableSize).catch((error: Error) => feed.trouble(`Anchoring: ${error.message}`));
    }, settings.anchorIntervalMs),
  ];
  heartbeat(gateway, nodeSubject, log, now, logger);
  closing.push(async () => {
    for (const timer of timers) clearInterval(timer);
  });
  const revoke = async (did: string, reason: string): Promise<void> => {
    const entry = keyring.get(did);
    if (entry === undefined || entry.enrolledAt < 0) throw new RangeError('Nobody enrolled this key.');
    if (entry.revokedAt === undefined)
      await member.say('key-status', entry.holder, keyStatusPayload.encode({ key: did, status: 'revoked', reason }));
  };
  return {
    settings,
    founded,
    subject: nodeSubject,
    log,
    store,
    intake,
    keyring,
    chains,
    views,
    feed,
    settler,
    mqtt,
    domains,
    domainsModule,
    ownDevice,
    bridged,
    judging,
    startedMs: now(),
    enrol,
    revoke,
    evidence: async (id) => {
      await recorder.flush();
      return gatherEvidence({ ...judging.sources, settler, domains, mandate: (hash) => mandates.get(hash) }, id);
    },
    stop: closeAll,
  };
}

/** The node's own sign of life: what shows later that the log was awake. */
function heartbeat(gateway: Issuer, subject: string, log: Log, now: () => number, logger: Logger): void {
  const timeMs = now();
  gateway
    .measure(
      subject,
      [
        { quantity: 'log/size', unit: 'count', timeMs, value: log.durableSize },
        { quantity: 'memory/resident', unit: 'B', timeMs, value: process.memoryUsage.rss() },
      ],
      'software',
      true,
    )
    .catch((error: Error) => {
      if (!(error instanceof LogStoppedError)) return logger.warn({ err: error.message }, 'heartbeat');
      // Nothing more can be sealed: better gone, and started again, than there and useless.
      endProcess(logger, error, 'the log stopped');
    });
}

/** Ends the process the way Ctrl-C does, so that what is open is closed. */
function endProcess(logger: Logger, error: Error, what: string): void {
  logger.fatal({ err: error.message }, what);
  process.exitCode = 1;
  process.kill(process.pid, 'SIGTERM');
}

function lastKnown(chains: ChainBook, subject: string): { epoch: number; id: string } | undefined {
  const chain = chains.get(subject, subject);
  return chain && { epoch: chain.epoch, id: Buffer.from(chain.headId, 'latin1').toString('hex') };
}
