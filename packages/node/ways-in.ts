// What a node opens to the outside besides HTTP: connectors, MQTT, and the machine it runs on as its first device.
import { join, resolve } from 'node:path';
import type { Connector } from '@trine/mapping/connector.ts';
import type { Database } from '@trine/system/disk.ts';
import type { System } from '@trine/system/system.ts';
import type { Logger } from 'pino';
import type { SandboxFiles } from './connectors/code.ts';
import type { Connectors } from './connectors/connectors.ts';
import { type OpenedConnectors, openConnectors } from './connectors/open.ts';
import { type SimulatedSystem, Simulation } from './connectors/simulated.ts';
import type { Genesis } from './genesis/genesis.ts';
import type { Identities } from './genesis/identities.ts';
import type { Ingest } from './ingest/ingest.ts';
import { PlainMessages } from './ingest/plain-messages.ts';
import { saidBefore } from './ingest/said-before.ts';
import type { PlainListener } from './ingest/transport.ts';
import { AttachedSession } from './ingest/transports/attached-session.ts';
import { type EmbeddedMqtt, embedBroker } from './ingest/transports/mqtt.ts';
import { MqttAccess } from './ingest/transports/mqtt-access.ts';
import { type AttachedMqtt, attachToBroker } from './ingest/transports/mqtt-attached.ts';
import { mqttLimits } from './ingest/transports/mqtt-limits.ts';
import { MqttUsers } from './ingest/transports/mqtt-users.ts';
import { RetainedMessages } from './ingest/transports/retained.ts';
import type { OwnDevice, StartOwnDevice } from './own-device.ts';
import type { Projections } from './projections/open.ts';
import type { SequenceTracker } from './projections/sequences.ts';
import type { Store } from './projections/tables/store.ts';
import type { Settings } from './settings.ts';

interface Opening {
  readonly settings: Settings;
  readonly logger: Logger;
}

interface OpeningMqtt extends Opening {
  readonly dependencies: Pick<System, 'disk' | 'random' | 'timers'>;
}

/** The way in for MQTT. */
export type OpenMqtt = (
  opening: OpeningMqtt,
  ingest: Ingest,
  plain: PlainMessages,
  connectors: Connectors,
) => Promise<EmbeddedMqtt | AttachedMqtt>;

/** What a node opens to others by itself. */
export interface Network {
  readonly openMqtt: OpenMqtt;
}

/** A broker of our own, or the one that the settings name. */
export async function openMqtt(
  opening: OpeningMqtt,
  ingest: Ingest,
  plain: PlainMessages,
  connectors: Connectors,
): Promise<EmbeddedMqtt | AttachedMqtt> {
  const { settings, logger, dependencies } = opening;
  const onPlain: PlainListener = (message) => plain.take(message);
  const { mqttAttach: url } = settings;
  const { disk, random } = dependencies;
  const folder = join(settings.home, 'mqtt');
  disk.makeFolder(folder, 0o700);
  if (url === undefined) return openEmbedded(opening, ingest, onPlain);
  return withDatabase(disk.database(join(folder, 'attached.sqlite')), (db) =>
    attachToBroker({
      ...{ url, ingest, onPlain, session: new AttachedSession(db, random) },
      plainFilters: connectors.filters(false),
      onHealth: ({ connected, reason }) => logger.warn({ connected, ...(reason && { reason }) }, 'MQTT broker'),
    }),
  );
}

/** What is opened with a database closes it at its end. */
async function withDatabase<T extends EmbeddedMqtt | AttachedMqtt>(
  db: Database,
  open: (db: Database) => Promise<T>,
): Promise<T> {
  try {
    const opened = await open(db);
    const close = opened.close.bind(opened);
    return Object.assign(opened, { close: () => close().finally(() => db.close()) });
  } catch (error) {
    db.close();
    throw error;
  }
}

async function openEmbedded(
  { settings, dependencies }: OpeningMqtt,
  ingest: Ingest,
  onPlain: PlainListener,
): Promise<EmbeddedMqtt> {
  const { disk, random, timers } = dependencies;
  const limits = {
    ...mqttLimits,
    connectionsMax: settings.ingest.mqttConnectionsMax,
    connectionsPerAddressMax: settings.ingest.mqttConnectionsPerAddressMax,
  };
  const tls = settings.mqttTls && {
    port: settings.mqttTls.port,
    certificate: disk.read(resolve(settings.home, settings.mqttTls.certificate)),
    key: disk.read(resolve(settings.home, settings.mqttTls.key)),
  };
  return withDatabase(disk.database(join(settings.home, 'mqtt', 'broker.sqlite')), (db) => {
    const users = new MqttUsers(db, random);
    return embedBroker({
      ...{ host: settings.host, port: settings.mqttPort, ingest, onPlain, limits, tls },
      access: new MqttAccess({ users, isOpen: settings.mqttOpen, elapsed: () => timers.elapsed() }),
      retained: new RetainedMessages(db, limits),
    });
  });
}

/** What comes in, and by what. */
export interface WaysIn extends OpenedConnectors {
  readonly plain: PlainMessages;
  readonly mqtt: EmbeddedMqtt | AttachedMqtt;
  readonly ownDevice: OwnDevice | undefined;
  readonly simulation: Simulation;
}

interface OpeningAll extends Opening {
  readonly options: {
    readonly connectors?: readonly Connector[];
    readonly ownDevice?: StartOwnDevice;
    readonly simulated?: SimulatedSystem;
  };
  readonly dependencies: Pick<System, 'disk' | 'random' | 'timers' | 'clock'> & {
    readonly network: Network;
    readonly sandbox: SandboxFiles;
  };
  readonly closing: (() => Promise<unknown>)[];
  progress(step: string): void;
}

export async function openWaysIn(
  opening: OpeningAll,
  genesis: Genesis,
  { store, runner, sequences }: Pick<Projections, 'runner' | 'sequences'> & { readonly store: Store },
  { gateway, deviceSubject }: Pick<Identities, 'gateway' | 'deviceSubject'>,
  ingest: Ingest,
): Promise<WaysIn> {
  const { settings, options, logger, dependencies, closing, progress } = opening;
  progress('MQTT');
  const opened = openConnectors(settings, options.connectors ?? [], dependencies);
  await opened.connectors.prepare();
  closing.push(async () => opened.origins.close());
  const isSaid = saidBefore(store, runner);
  const plain = new PlainMessages({ ...opened, gateway, now: dependencies.clock, isSaid });
  const mqtt = await dependencies.network.openMqtt(opening, ingest, plain, opened.connectors);
  closing.push(() => mqtt.close());
  const listen = () => mqtt.listen?.(opened.connectors.filters(mqtt.name === 'mqtt'));
  opened.connectors.onWanted(listen);
  listen();
  progress('own device');
  const context = { settings, logger, genesis, mqtt, sequences, subject: deviceSubject };
  const ownDevice = await openOwnDevice(context, options.ownDevice);
  closing.push(async () => ownDevice?.stop());
  const simulation = new Simulation(options.simulated, (message) => plain.take(message), dependencies);
  closing.push(async () => simulation.stop());
  return { ...opened, plain, mqtt, ownDevice, simulation };
}

interface OwnDeviceContext extends Opening {
  readonly genesis: Genesis;
  readonly mqtt: EmbeddedMqtt | AttachedMqtt;
  readonly sequences: SequenceTracker;
  readonly subject: string;
}

/** @param start undefined: the machine is not measured, as where the settings say so */
async function openOwnDevice(
  { settings, logger, genesis, mqtt, sequences, subject }: OwnDeviceContext,
  start: StartOwnDevice | undefined,
): Promise<OwnDevice | undefined> {
  if (!settings.device.enabled || start === undefined) return undefined;
  const { keys, network } = genesis;
  return start({
    signer: keys.device,
    subject,
    network: network.id,
    gateway: keys.gateway.publicKey,
    mqttUrl: settings.mqttAttach ?? `mqtt://${settings.host}:${mqtt.port}`,
    storagePath: join(settings.home, 'device', 'queue.sqlite'),
    intervalMs: settings.device.intervalMs,
    lastKnown: async () => {
      const sequence = sequences.get(subject, subject);
      return sequence && { epoch: sequence.epoch, id: Buffer.from(sequence.headId, 'latin1').toString('hex') };
    },
    onError: (error) => logger.warn({ err: error.message }, 'own device'),
  });
}
