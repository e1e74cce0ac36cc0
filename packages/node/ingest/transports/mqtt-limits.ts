// What one MQTT connection may take of the node, and all of them together. Units come last in the name. The defaults
// are generous for one machine; tests make them small.
import { limits } from '@trine/protocol';
import type { ConnectionLimits } from './connection-gate.ts';
import type { RetainedLimits } from './retained.ts';

const TOPIC_BYTES_MAX = 1_024;

export interface MqttLimits extends ConnectionLimits, RetainedLimits {
  /** From the opening of a connection to the end of its CONNECT packet. */
  readonly connectMsMax: number;
  /** A CONNECT packet, will message included. */
  readonly connectBytesMax: number;
  /** A PUBLISH packet: the largest message, its topic and its head. */
  readonly publishBytesMax: number;
  /** Every other packet: a SUBSCRIBE with all its filters is the largest. */
  readonly packetBytesMax: number;
  /** From the first byte of a packet to its last. */
  readonly packetMsMax: number;
  /** Without a byte from the client, whatever keep-alive it asked for; 0 there means endless. */
  readonly idleMsMax: number;
  /** Parts of packets that are not complete, of all connections: beyond, the one begun first is closed. */
  readonly unfinishedBytesMax: number;
  /** Messages of QoS 2 that one client has not released. Of each only its number is kept. */
  readonly qos2InFlightMax: number;
  readonly subscriptionsPerClientMax: number;
  readonly subscriptionsMax: number;
  readonly topicBytesMax: number;
  readonly topicLevelsMax: number;
  /** Statements that wait for room in the ingest, of all connections: beyond, they are refused with a retry time. */
  readonly waitingBytesMax: number;
  /** Until a plain message is sealed: beyond, its connection is closed without an acknowledgement. */
  readonly sealMsMax: number;
  /** Not yet taken by one subscriber: beyond, messages to it are dropped. */
  readonly outgoingBytesMax: number;
  readonly outgoingMessagesMax: number;
  /** The same of all subscribers; the ones that keep up are spared. */
  readonly outgoingMessagesOfAllMax: number;
  /** A subscriber that takes nothing for so long is closed. */
  readonly drainMsMax: number;
}

export const mqttLimits: MqttLimits = {
  connectionsMax: 10_000,
  connectionsPerAddressMax: 1_000,
  connectMsMax: 10_000,
  connectBytesMax: 16_384,
  publishBytesMax: limits.messageBytesMax + TOPIC_BYTES_MAX + 16,
  packetBytesMax: 131_072,
  packetMsMax: 60_000,
  idleMsMax: 3_600_000,
  unfinishedBytesMax: 268_435_456,
  qos2InFlightMax: 100,
  subscriptionsPerClientMax: 100,
  subscriptionsMax: 100_000,
  topicBytesMax: TOPIC_BYTES_MAX,
  topicLevelsMax: 32,
  retainedMessagesMax: 100_000,
  retainedBytesMax: 67_108_864,
  waitingBytesMax: 134_217_728,
  sealMsMax: 30_000,
  outgoingBytesMax: 8_388_608,
  outgoingMessagesMax: 10_000,
  outgoingMessagesOfAllMax: 200_000,
  drainMsMax: 20_000,
};
