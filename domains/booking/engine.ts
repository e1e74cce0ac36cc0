// What is decided for all is whether a thing is taken, and by which booking; what it costs stands in the person's line.
import {
  type DecisionInput,
  type Engine,
  type LoggedEvent,
  matchesSubject,
  type Outcome,
  type Selected,
} from '@trine/engine';
import { type Parameters, TrineError } from '@trine/protocol';
import { allowedBooking, maxMsOf, mayOpen, readBooking, readCancel, readStart, reportedMs } from './events.ts';
import { row } from './line.ts';
import { type Hold, openHolds, writeHolds } from './memory.ts';
import type { BookingTerms } from './terms.ts';
import { PUBLIC_REPORTS } from './triggers.ts';

type Input = DecisionInput<BookingTerms>;

export async function open(parameters: Parameters): Promise<Engine<BookingTerms>> {
  const [stranger] = Object.keys(parameters);
  if (stranger !== undefined)
    throw new TrineError('invalid', `booking has no parameter ${stranger}: prices and limits stand in the terms.`);
  return { decide, row };
}

function decide(input: Input): Outcome {
  const { opening, obligation } = input;
  // Its body was erased: nothing can be said of it, and nothing is held by it.
  if (opening === undefined) return said('void', 'The request was erased.');
  if (obligation.trigger === 'request') return request(input, opening);
  const hold = holdOf(input, opening);
  if (hold === undefined) return said('void', 'Nothing was held by it.');
  if (obligation.trigger === 'session') return release(input, opening, hold);
  const reports = (input.inputs.get(PUBLIC_REPORTS) as Selected).events;
  const isStarted = isStartedBy(reports, hold, obligation.trigger === 'start' ? hold.latestStartMs : opening.timeMs);
  return isStarted ? said('held', 'In use.') : release(input, opening, hold);
}

/** Public: nobody's times or amounts. */
function said(verdict: string, template: string, states: Outcome['states'] = new Map()): Outcome {
  return { verdict, facts: {}, reason: { template, arguments: {} }, states, effects: [] };
}

/** Why a request is refused, as a word; undefined where it is not. */
function refusal({ terms, period, state }: Input, opening: LoggedEvent): string | undefined {
  const asked = allowedBooking(terms, opening);
  if (asked === undefined) {
    const { resource = '' } = readBooking(opening) ?? {};
    return matchesSubject(terms.resources, resource) ? 'terms' : 'unknown';
  }
  if (opening.timeMs + maxMsOf(terms) > period.endMs) return 'ends';
  if (openHolds(state(asked.resource), opening.timeMs).length > 0) return 'taken';
  const own = openHolds(state(opening.subject), opening.timeMs);
  return own.length >= mayOpen(terms, opening.subject) ? 'limit' : undefined;
}

const refusals: Readonly<Record<string, string>> = {
  terms: 'The terms do not allow it: the latest start, the duration, or who asks.',
  unknown: 'There is no such thing to book.',
  ends: 'It could outlast the terms.',
  taken: 'It is taken.',
  limit: 'No more bookings at once.',
};

function request(input: Input, opening: LoggedEvent): Outcome {
  const { terms, state } = input;
  const cause = refusal(input, opening);
  if (cause !== undefined) return { ...said('refused', refusals[cause] as string), facts: { cause } };
  const asked = allowedBooking(terms, opening);
  if (asked === undefined) return said('void', 'The request was erased.');
  const { resource, latestStartMs } = asked;
  const hold: Hold = { id: opening.id, resource, latestStartMs, untilMs: opening.timeMs + maxMsOf(terms) };
  const own = openHolds(state(opening.subject), opening.timeMs);
  const states = new Map([
    [resource, writeHolds([hold])],
    [opening.subject, writeHolds([...own, hold])],
  ]);
  return said('accepted', 'Accepted.', states);
}

/** The open booking that an obligation is about: one's own, and of the thing that is named. */
function holdOf({ state, obligation }: Input, opening: LoggedEvent): Hold | undefined {
  const asked = readBooking(opening);
  const cancelled = readCancel(opening);
  const id = obligation.trigger === 'cancel' ? cancelled?.opening : opening.id;
  const { resource } = cancelled ?? asked ?? {};
  // A session ends at the very moment at which its hold does.
  const found = openHolds(state(opening.subject), obligation.toMs - 1).find((one) => one.id === id);
  return found?.resource === resource ? found : undefined;
}

/** The thing is free again, and the person may book another. */
function release({ state, obligation }: Input, opening: LoggedEvent, { id, resource }: Hold): Outcome {
  const left = (key: string) => writeHolds(openHolds(state(key), obligation.toMs - 1).filter((one) => one.id !== id));
  const states = new Map([resource, opening.subject].map((key) => [key, left(key)]));
  return said('released', 'Free again.', states);
}

/** @param byMs a start after that is none */
function isStartedBy(reports: readonly LoggedEvent[], { id }: Hold, byMs: number): boolean {
  const startMs = reportedMs(reports, readStart, { id, timeMs: 0 });
  return startMs !== undefined && startMs <= byMs;
}
