// The node: every stage of the flow opened, joined and closed again.
//
//   device ─▶ gateway (ingest) ─▶ log ─▶ record (store) ─▶ decide ─▶ settle ─▶ view
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import type { Domain } from '@trine/engine/domain.ts';
import { LogStoppedError } from '@trine/log/errors.ts';
import { openLog } from '@trine/log/log.ts';
import type { Log } from '@trine/log/types.ts';
import { decodeLeaf, didKey, type Enrolment, encodeNetwork, enrolmentPayload, keyStatusPayload } from '@trine/protocol';
import { type Logger, pino } from 'pino';
import { Bodies } from './access/bodies.ts';
import { type Decisions, type FirstAgreement, openDecisions } from './decide/decisions.ts';
import { buildEvidence } from './evidence/build.ts';
import { found, type Genesis } from './genesis/genesis.ts';
import { createAcknowledger } from './ingest/acknowledger.ts';
import { BridgeError, bridge } from './ingest/bridge.ts';
import { Ingest } from './ingest/ingest.ts';
import { Issuer } from './ingest/issuer.ts';
import type { Transport } from './ingest/transport.ts';
import { type EmbeddedMqtt, embedBroker } from './ingest/transports/mqtt.ts';
import { type AttachedMqtt, attachToBroker } from './ingest/transports/mqtt-attached.ts';
import { VerifyPool } from './ingest/verify-pool.ts';
import { machineSubject, type OwnDevice, type StartOwnDevice } from './own-device.ts';
import { catchUp } from './projections/catchup.ts';
import { KeyDirectory } from './projections/keys.ts';
import { createRecorder, createSequenceNumbers, type Recorder } from './projections/record.ts';
import { findOld, restoreKeys, restoreSequences, restoreStreams } from './projections/restore.ts';
import { SequenceTracker } from './projections/sequences.ts';
import { StreamRegistry } from './projections/streams.ts';
import { openStore, type Store } from './projections/tables/store.ts';
import { EventBus } from './serve/events.ts';
import { Views } from './serve/views.ts';
import type { Settings } from './settings.ts';
import type { Settler } from './settle/settler.ts';

const HEARTBEAT_MS = 5_000;
const TICK_MS = 500;
const BRIDGE_WAITING_MAX = 10_000;

export interface Node {
  readonly settings: Settings;
  readonly genesis: Genesis;
  /** What the node itself speaks as: its signs of life. */
  readonly subject: string;
  readonly log: Log;
  readonly store: Store;
  readonly ingest: Ingest;
  readonly keyDirectory: KeyDirectory;
  readonly sequences: SequenceTracker;
  readonly views: Views;
  readonly events: EventBus;
  readonly settler: Settler;
  readonly mqtt: EmbeddedMqtt | AttachedMqtt;
  /** Every way in; who opens a port for one adds it. */
  readonly transports: Transport[];
  readonly domains: readonly Domain[];
  readonly domainsModule: URL | undefined;
  readonly ownDevice: OwnDevice | undefined;
  readonly bridged: { readonly refused: number; readonly last: string | undefined };
  readonly decisions: Decisions;
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
  const genesis = await found(settings);
  const { keys, chain, network, origin } = genesis;
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
  const keyDirectory = new KeyDirectory();
  keyDirectory.addMembers(network);
  const sequences = new SequenceTracker();
  const streams = new StreamRegistry();
  await restoreKeys(store, log, keyDirectory);
  await restoreStreams(store, streams);
  await restoreSequences(store, sequences);
  const pool = new VerifyPool(network.id, keyDirectory, Math.max(1, availableParallelism()));
  closing.push(() => pool.close());
  const numbers = createSequenceNumbers(
    await store.query('SELECT sequence AS chain, key_owner AS "keyOwner", subject FROM sequences'),
  );
  const recorder: Recorder = createRecorder(store, numbers, (error) =>
    endProcess(logger, error, 'the store refused a batch; the log has everything: restart, or trine rebuild'),
  );
  await catchUp(
    {
      log,
      bodies,
      keyDirectory,
      sequences,
      streams,
      pool,
      recorder,
      onProgress: (done, total) => progress(`views ${done} of ${total}`),
    },
    store.position,
  );

  const nodeSubject = `node/${network.id.slice(6, 14)}`;
  const ingest = new Ingest({
    log,
    bodies,
    keyDirectory,
    sequences,
    streams,
    pool,
    acknowledger: createAcknowledger(keys.gateway, { network: network.id, subject: nodeSubject, now }),
    now,
    findOld: async (keyOwner, subject, link) => {
      await recorder.flush();
      return findOld(store, keyOwner, subject, link);
    },
    isBehind: () => recorder.isBehind,
    statementsPerSecondMax: settings.ingest.statementsPerSecondMax,
  });
  closing.push(async () => {
    await ingest.close();
    await recorder.close();
  });
  ingest.onAppended((batch) => recorder.add(batch));
  ingest.onLeaf((leaf, index) => {
    const decoded = decodeLeaf(leaf);
    if (decoded.kind === 'intent') recorder.addIntent(decoded.intent, index);
  });

  progress('identities');
  const member = new Issuer({
    signer: keys.member,
    keyOwner: didKey(keys.member.publicKey),
    network: network.id,
    ingest,
    sequences,
  });
  const gateway = new Issuer({ signer: keys.gateway, keyOwner: nodeSubject, network: network.id, ingest, sequences });
  if (log.size === 0) await member.say('network', network.id, encodeNetwork(network));
  const enrol = async (subject: string, enrolment: Enrolment): Promise<void> => {
    if (keyDirectory.get(enrolment.key)) return;
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
  const views = new Views(store, keyDirectory);
  const events = new EventBus();
  const decisions = await openDecisions({
    settings,
    genesis,
    domains,
    log,
    bodies,
    store,
    keyDirectory,
    ingest,
    recorder,
    member,
    events,
    now,
    firstAgreement,
    deviceSubject,
    heartbeat: nodeSubject,
  });
  closing.push(() => decisions.stop());
  const { settler, policies } = decisions;
  ingest.onAppended((batch) => {
    decisions.onAppended(batch);
    events.sealed(batch);
  });
  ingest.onRefused((refusal, message, source) => events.refused(refusal, message, source));

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
        ingest,
        onPlain,
        plainFilters: settings.bridge.map(({ topic }) => topic),
        onHealth: ({ connected, reason }) =>
          logger[connected ? 'info' : 'warn']({ connected, ...(reason && { reason }) }, 'MQTT broker'),
      })
    : await embedBroker({
        host: settings.host,
        port: settings.mqttPort,
        ingest,
        onPlain,
        limits: {
          connectionsMax: settings.ingest.mqttConnectionsMax,
          connectionsPerAddressMax: settings.ingest.mqttConnectionsPerAddressMax,
        },
      });
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
          lastKnown: async () => lastKnown(sequences, deviceSubject),
          onError: (error) => logger.warn({ err: error.message }, 'own device'),
        })
      : undefined;
  if (ownDevice) closing.push(() => ownDevice.stop());

  const timers = [
    setInterval(() => heartbeat(gateway, nodeSubject, log, now, logger), HEARTBEAT_MS),
    setInterval(() => decisions.tick(), TICK_MS),
    setInterval(() => {
      if (log.durableSize > 0)
        settler.anchor(log.durableSize).catch((error: Error) => events.trouble(`Anchoring: ${error.message}`));
    }, settings.anchorIntervalMs),
  ];
  heartbeat(gateway, nodeSubject, log, now, logger);
  closing.push(async () => {
    for (const timer of timers) clearInterval(timer);
  });
  const revoke = async (did: string, reason: string): Promise<void> => {
    const entry = keyDirectory.get(did);
    if (entry === undefined || entry.enrolledAt < 0) throw new RangeError('Nobody enrolled this key.');
    if (entry.revokedAt === undefined)
      await member.say('key-status', entry.keyOwner, keyStatusPayload.encode({ key: did, status: 'revoked', reason }));
  };
  return {
    settings,
    genesis,
    subject: nodeSubject,
    log,
    store,
    ingest,
    keyDirectory,
    sequences,
    views,
    events,
    settler,
    mqtt,
    transports: [mqtt],
    domains,
    domainsModule,
    ownDevice,
    bridged,
    decisions,
    startedMs: now(),
    enrol,
    revoke,
    evidence: async (id) => {
      await recorder.flush();
      return buildEvidence({ ...decisions.sources, settler, domains, policy: (hash) => policies.get(hash) }, id);
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

function lastKnown(sequences: SequenceTracker, subject: string): { epoch: number; id: string } | undefined {
  const chain = sequences.get(subject, subject);
  return chain && { epoch: chain.epoch, id: Buffer.from(chain.headId, 'latin1').toString('hex') };
}
