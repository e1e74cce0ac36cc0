// The time of an event that has just arrived, as its message says it. What is no time, or cannot be one, is dated by its
// arrival, and says so: nobody's clock is guessed at.
import { limits } from '@trine/protocol';
import type { ZoneTable } from '@trine/protocol/calendar/zones.ts';
import { digitsOf, unixMs } from './counts.ts';
import { inZone, type TimeFormat, type UnixUnit } from './format.ts';
import { type Refused, type TimeRead, TimeReader, type TimeResult } from './reader.ts';

export interface EventTimeRule {
  /** Without it: RFC 3339, or a count since 1970 in the one unit in which it is a time before its arrival. */
  readonly format?: TimeFormat;
  /** Of texts that name no zone. Without it such a text is no time. */
  readonly zone?: string;
  /** What to do with times before 1990, and with those ahead of the arrival. */
  readonly outside: 'arrival' | 'refuse';
}

/** Dated by its arrival, and why. */
export interface Arrival {
  readonly kind: 'arrival';
  readonly why: string;
}
export type EventTime = TimeRead | Arrival | Refused;

const units: readonly UnixUnit[] = ['s', 'ms', 'us', 'ns'];
/** A number that counts seconds since 1990 or later is at least this. */
const SMALLEST = limits.eventTimeMsMin / 1000;

/**
 * A reader of event times, without memory: whoever has message and arrival reads the same.
 *
 * @throws FormatError where the zone is not known
 * @example eventTimeReader({ outside: 'arrival' }, zones)('1795690035376', arrivalMs) // { kind: 'time', ms: 1795690035376, … }
 */
export function eventTimeReader(
  { format, zone, outside }: EventTimeRule,
  zones: ZoneTable,
): (value: unknown, arrivalMs: number) => EventTime {
  const isFixed = format !== undefined && format.kind !== 'unix' && format.repeated !== undefined;
  const reader = new TimeReader(inZone(format ?? { kind: 'iso' }, zone), zones);
  return (value, arrivalMs) => {
    const latestMs = arrivalMs + limits.eventTimeAheadMsMax;
    const digits = format === undefined ? digitsOf(value) : undefined;
    const found = digits === undefined ? nearest(reader, isFixed, value, latestMs) : plausible(digits, latestMs);
    if (found.kind === 'time') return found.ms <= latestMs ? found : answer(ahead(found.ms), outside);
    return answer(found, outside);
  };
}

function answer(found: Exclude<TimeResult, TimeRead>, outside: EventTimeRule['outside']): EventTime {
  const isOutside = found.kind === 'refused' && (found.reason === 'too early' || found.reason === 'too late');
  return isOutside && outside === 'refuse' ? (found as Refused) : { kind: 'arrival', why: found.why };
}

function ahead(ms: number): Refused {
  const why = `its time, ${new Date(ms).toISOString()}, lies ahead of its arrival: set the clock of the device, or name its time zone.`;
  return { kind: 'refused', reason: 'too late', why };
}

/** Of the hour that clocks show twice, what has not come yet is not meant, and of two that have the one that has just been. */
function nearest(reader: TimeReader, isFixed: boolean, value: unknown, latestMs: number): TimeResult {
  const found = isFixed ? reader.read(value) : reader.moments(value);
  if (found.kind !== 'moments') return found;
  const { first, second, how } = found;
  if (second === undefined) return { kind: 'time', ms: first, how };
  const isSecond = second <= latestMs && latestMs - second <= 2 * limits.eventTimeAheadMsMax;
  const ms = isSecond ? second : first;
  const by = isSecond || second > latestMs ? ({ by: 'arrival' } as const) : {};
  return { kind: 'time', ms, how: { ...how, repeated: isSecond ? 'later' : 'earlier', ...by } };
}

/**
 * A count since 1970 in the unit in which it lies between 1990 and its arrival: as the units are a thousand apart, there is
 * one at most.
 */
function plausible(digits: string, latestMs: number): TimeResult {
  for (const unit of units) {
    const ms = unixMs(digits, unit);
    if (ms >= limits.eventTimeMsMin && ms <= latestMs) return { kind: 'time', ms, how: { zone: 'none' } };
  }
  const isSmall = Number(digits.replace(',', '.')) < SMALLEST;
  return {
    kind: 'refused',
    reason: isSmall ? 'too early' : 'too late',
    why: isSmall
      ? `${digits} is no time: it counts since the device started, or its clock was not set.`
      : `${digits} is, in no unit since 1970, a time between 1990 and its arrival: name its format, or set the clock of the device.`,
  };
}
