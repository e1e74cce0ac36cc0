// When it is decided, and on what. Four obligations in the life of a booking, decided in the order in which they end: the
// request, a cancellation, the latest start, and the end of the session.
import { type LoggedEvent, matchesSubject, type Selector, type Trigger } from '@trine/engine';
import type { Obligation } from '@trine/protocol';
import { allowedBooking, maxMsOf, readBooking, readCancel, readEnd } from './events.ts';
import type { BookingTerms } from './terms.ts';

/** What a person said, and what the booked thing reported: for the person's line. */
export const REQUESTS = 'requests';
export const REPORTS = 'reports';
/** The same reports, for what is decided for all: is the thing free again? */
export const PUBLIC_REPORTS = 'public-reports';

export function triggers(terms: BookingTerms): Trigger[] {
  const { graceMs, resources } = terms;
  const openers = terms.openers.map(({ subjects }) => subjects);
  const booking = (event: LoggedEvent) => allowedBooking(terms, event);
  return [
    { name: 'request', on: 'event', graceMs, subjects: openers, matches: (event) => readBooking(event) !== undefined },
    { name: 'cancel', on: 'event', graceMs, subjects: openers, matches: (event) => readCancel(event) !== undefined },
    {
      name: 'start',
      on: 'deadline',
      graceMs,
      subjects: openers,
      matches: (event) => booking(event) !== undefined,
      withinMs: (event) => (booking(event)?.latestStartMs ?? 0) - event.timeMs,
    },
    {
      name: 'session',
      on: 'session',
      graceMs,
      subjects: [...openers, ...resources],
      maxMs: maxMsOf(terms),
      // Only the booked thing itself ends a session: its subject is part of the key.
      opens: (event) => {
        const asked = booking(event);
        return asked && `${event.id} ${asked.resource}`;
      },
      closes: (event) => {
        const said = matchesSubject(resources, event.subject) ? readEnd(event) : undefined;
        return said && `${said.opening} ${event.subject}`;
      },
    },
  ];
}

/** What the person said since, the request itself first; and what the booked thing reported. */
export function inputs(terms: BookingTerms, obligation: Obligation, opening?: LoggedEvent): Selector[] {
  const { trigger, fromMs, toMs } = obligation;
  const openers = terms.openers.map(({ subjects }) => subjects);
  if (opening === undefined)
    return [{ name: REQUESTS, subjects: [...openers, ...terms.resources], kinds: ['event'], fromMs, toMs }];
  const row = opening.subject;
  const own: Selector = { name: REQUESTS, subjects: [row], kinds: ['event'], fromMs, toMs, row };
  const resource = (readBooking(opening) ?? readCancel(opening))?.resource;
  if (trigger === 'request' || resource === undefined) return [own];
  const reports = {
    subjects: [resource],
    kinds: ['event'] as const,
    // No booking was made longer before its cancellation than a latest start may lie ahead.
    fromMs: trigger === 'cancel' ? Math.max(0, fromMs - terms.startWithinMs) : fromMs,
    toMs: trigger === 'session' ? fromMs + maxMsOf(terms) + terms.lateEndMs : toMs,
  };
  const line: Selector = { name: REPORTS, ...reports, row };
  return trigger === 'session' ? [own, line] : [own, line, { name: PUBLIC_REPORTS, ...reports }];
}

/** The line of the person who asked. */
export function rows(_terms: BookingTerms, _obligation: Obligation, opening?: LoggedEvent): string[] {
  return opening ? [opening.subject] : [];
}
