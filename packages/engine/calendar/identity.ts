// Names a table of time zones.
import { sha256, toHex, toUtf8 } from '@trine/protocol';
import type { ZoneTable } from '../../protocol/calendar/zones.ts';

/** What a policy names: release, and SHA-256 of the table's zones as JSON. */
export function zonesIdentity(table: ZoneTable): { release: string; hash: string } {
  return { release: table.release, hash: toHex(sha256(toUtf8(JSON.stringify(table.zones)))) };
}
