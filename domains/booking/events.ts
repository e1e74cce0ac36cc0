// Events: what people ask for and what devices report. A body that cannot be read is none of them.
import { jsonEvent, type LoggedEvent, matchesSubject } from '@trine/engine';
import { z } from 'zod';
import type { BookingTerms } from './terms.ts';

/** A person about itself: I want this. */
export const BOOKING_TYPE = 'application/vnd.trine.booking+json';
/** A person about itself: I do not want it any more. */
export const CANCEL_TYPE = 'application/vnd.trine.booking-cancel+json';
/** A device about itself: the use of this booking began, ended. */
export const START_TYPE = 'application/vnd.trine.session-start+json';
export const END_TYPE = 'application/vnd.trine.session-end+json';

const timeMs = z.int().min(0);
/** Id of the statement that made the booking. */
const opening = z.string().regex(/^[0-9a-f]{64}$/);

const booking = z.strictObject({
  resource: z.string().min(1).max(128),
  latestStartMs: timeMs,
  minutes: z.int().min(1).max(100_000),
});
export type Booking = z.output<typeof booking>;

/** When it happened by the device's own clock; absent: when it arrived. */
const report = z.strictObject({ opening, atMs: timeMs.optional() });

export const readBooking = jsonEvent(BOOKING_TYPE, booking);
export const readCancel = jsonEvent(CANCEL_TYPE, z.strictObject({ opening, resource: z.string().min(1).max(128) }));
export const readStart = jsonEvent(START_TYPE, report);
export const readEnd = jsonEvent(END_TYPE, report);

export function mayOpen({ openers }: BookingTerms, subject: string): number {
  return openers.find(({ subjects }) => matchesSubject([subjects], subject))?.openMax ?? 0;
}

/** The booking of a request, where it is one that the terms allow. */
export function allowedBooking(terms: BookingTerms, event: LoggedEvent): Booking | undefined {
  const asked = readBooking(event);
  if (asked === undefined || mayOpen(terms, event.subject) === 0) return undefined;
  const { resource, latestStartMs, minutes } = asked;
  const startWithinMs = latestStartMs - event.timeMs;
  const isAllowed =
    matchesSubject(terms.resources, resource) &&
    startWithinMs > 0 &&
    startWithinMs <= terms.startWithinMs &&
    minutes * 60_000 <= terms.longestMs;
  return isAllowed ? asked : undefined;
}

/** The longest a booking can stay open. */
export function maxMsOf({ startWithinMs, longestMs }: BookingTerms): number {
  return startWithinMs + longestMs;
}

/**
 * When a device says that it happened: by its own clock, unless that is before the booking or after its report arrived.
 *
 * @param reports events of the device
 * @returns undefined where it reported nothing about this booking
 */
export function reportedMs(
  reports: readonly LoggedEvent[],
  read: typeof readEnd,
  { id, timeMs: openedMs }: Pick<LoggedEvent, 'id' | 'timeMs'>,
): number | undefined {
  for (const event of reports) {
    const said = read(event);
    if (said?.opening !== id) continue;
    const { atMs = event.timeMs } = said;
    return atMs >= openedMs && atMs <= event.timeMs ? atMs : event.timeMs;
  }
  return undefined;
}
