// Somebody who books a bicycle, uses it and brings it back: a request, and what the thing reports.
import { toUtf8 } from '@trine/protocol';
import type { VirtualTime } from '@trine/system/testing/virtual-time.ts';
import type { Device } from './device.ts';
import { RESOURCE } from './founded.ts';

const WITHIN_MS = 5_000;
const BEGINS_MS = 1_200;
const ENDS_MS = 1_800;

/** @returns id of the request, hex, and when it is to begin at the latest */
export async function book(
  person: Device,
  thing: Device,
  time: VirtualTime,
): Promise<{ readonly opening: string; readonly latestStartMs: number }> {
  const tells = (who: Device, type: string, body: object) =>
    who.say('event', `application/vnd.trine.${type}+json`, toUtf8(JSON.stringify(body)));
  const latestStartMs = time.now() + WITHIN_MS;
  const request = { resource: RESOURCE, latestStartMs, minutes: 10 };
  const opening = await tells(person, 'booking', request);
  time.after(BEGINS_MS, () => tells(thing, 'session-start', { opening }));
  time.after(BEGINS_MS + ENDS_MS, () => tells(thing, 'session-end', { opening }));
  return { opening, latestStartMs };
}
