// What a node opens to the outside besides HTTP: MQTT, and the machine it runs on as its first device.
import { join } from 'node:path';
import type { Logger } from 'pino';
import type { Genesis } from './genesis/genesis.ts';
import type { Ingest } from './ingest/ingest.ts';
import type { PlainMessages } from './ingest/plain-messages.ts';
import { type EmbeddedMqtt, embedBroker } from './ingest/transports/mqtt.ts';
import { type AttachedMqtt, attachToBroker } from './ingest/transports/mqtt-attached.ts';
import type { OwnDevice, StartOwnDevice } from './own-device.ts';
import type { SequenceTracker } from './projections/sequences.ts';
import type { Settings } from './settings.ts';

interface Opening {
  readonly settings: Settings;
  readonly logger: Logger;
}

/** The way in for MQTT. */
export type OpenMqtt = (opening: Opening, ingest: Ingest, plain: PlainMessages) => Promise<EmbeddedMqtt | AttachedMqtt>;

/** What a node opens to others by itself. */
export interface Network {
  readonly openMqtt: OpenMqtt;
}

/** A broker of our own, or the one that the settings name. */
export async function openMqtt(
  { settings, logger }: Opening,
  ingest: Ingest,
  plain: PlainMessages,
): Promise<EmbeddedMqtt | AttachedMqtt> {
  const onPlain = (topic: string, payload: Uint8Array) => plain.take(topic, payload);
  return settings.mqttAttach
    ? attachToBroker({
        url: settings.mqttAttach,
        ingest,
        onPlain,
        plainFilters: settings.bridge.map(({ topic }) => topic),
        onHealth: ({ connected, reason }) => logger.warn({ connected, ...(reason && { reason }) }, 'MQTT broker'),
      })
    : embedBroker({
        host: settings.host,
        port: settings.mqttPort,
        ingest,
        onPlain,
        limits: {
          connectionsMax: settings.ingest.mqttConnectionsMax,
          connectionsPerAddressMax: settings.ingest.mqttConnectionsPerAddressMax,
        },
      });
}

export interface OwnDeviceContext extends Opening {
  readonly genesis: Genesis;
  readonly mqtt: EmbeddedMqtt | AttachedMqtt;
  readonly sequences: SequenceTracker;
  readonly subject: string;
}

/** @param start undefined: the machine is not measured, as where the settings say so */
export async function openOwnDevice(
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
