// What a broker needs besides an ingest, kept in memory.
import { randomBytes } from 'node:crypto';
import { MemoryDisk } from '@trine/system/testing/memory-disk.ts';
import { MqttAccess } from '../transports/mqtt-access.ts';
import { mqttLimits } from '../transports/mqtt-limits.ts';
import { MqttUsers } from '../transports/mqtt-users.ts';
import { RetainedMessages } from '../transports/retained.ts';

/** @param isOpen nobody needs a password @param elapsed milliseconds that only grow */
export function brokerParts(
  isOpen = false,
  elapsed: () => number = () => performance.now(),
): { readonly access: MqttAccess; readonly retained: RetainedMessages } {
  const disk = new MemoryDisk();
  disk.makeFolder('/mqtt');
  const db = disk.database('/mqtt/broker.sqlite');
  const users = new MqttUsers(db, (length) => randomBytes(length));
  return { access: new MqttAccess({ users, isOpen, elapsed }), retained: new RetainedMessages(db, mqttLimits) };
}
