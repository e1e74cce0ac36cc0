// What a record format says, one value at a time, whoever reads it: a file that is imported, a message that is pushed.
import { zones } from '@trine/protocol/calendar/zones.ts';
import { eventTimeReader } from '../times/event.ts';
import type { TimeFormat, UnixUnit } from '../times/format.ts';
import { readMember } from '../values/values.ts';

/** One value, with the names and the unit that stand there. */
export interface RecordValue {
  /** Levels of the name of the thing, none where the format names none. */
  readonly thing: readonly string[];
  readonly quantity: string;
  /** As it is written; absent where none is. */
  readonly unit?: string;
  /** The unit is a SenML symbol: `C` is coulomb. */
  readonly isSymbol?: true;
  readonly timeMs: number;
  readonly value: number | boolean | string;
  /** Line, row or element that it stands in, from 1. */
  readonly place: number;
  /** What the format says about it, such as `estimated`: counted, and shown. */
  readonly mark?: string;
}

/** What gave no reading. */
export interface RecordLeft {
  /** In a few words, the same for all of a kind: they are counted by it. */
  readonly why: string;
  /** What stands there. */
  readonly text: string;
  readonly place: number;
  /** A number or another value is missing from the import by it. */
  readonly isLoss: boolean;
}

export type RecordItem = RecordValue | RecordLeft;

/** What whoever reads may say of a record format. */
export interface RecordRules {
  /** Zone of times that name none: an IANA name or an offset. */
  readonly timezone: string;
  /** What its counts since 1970 count; without it the unit in which they lie between 1990 and 2050. */
  readonly precision?: UnixUnit;
  /** Which end dates a span of time; without it as the format has it. */
  readonly interval?: 'start' | 'end';
}

/** Between 1990 and here a count since 1970 is a time in one unit at most. The same whenever a file is read again. */
const LATEST_MS = Date.UTC(2050, 0);

/** Milliseconds since 1970 of what stands there as a time, or why it is none. */
export type ReadTime = (value: unknown) => number | string;

/**
 * Reads times as machines write them: RFC 3339 and ISO 8601, or counts since 1970.
 * @throws FormatError where the zone is not known
 * @example timeReader({ timezone: 'UTC' })('1548893400000000000') // 1548893400000
 */
export function timeReader({ timezone, precision, interval }: RecordRules, format?: TimeFormat): ReadTime {
  const unix: TimeFormat | undefined = precision && { kind: 'unix', unit: precision };
  const span: TimeFormat | undefined = interval && { kind: 'iso', interval };
  const readers = [format ?? unix, span].map((one) =>
    eventTimeReader({ ...(one && { format: one }), zone: timezone, outside: 'refuse' }, zones),
  ) as [Reader, Reader];
  return (value) => {
    const isSpan = interval !== undefined && typeof value === 'string' && value.includes('/');
    const found = readers[isSpan ? 1 : 0](value, LATEST_MS);
    return found.kind === 'time' ? found.ms : found.why;
  };
}
type Reader = ReturnType<typeof eventTimeReader>;

/** A value that a member holds, or what is left of it. */
export function valueIn(
  given: unknown,
  hasUnit: boolean,
  place: number,
  name: string,
): { readonly value: number | boolean | string } | RecordLeft {
  const said = readMember(given, { expects: hasUnit ? 'number' : 'any' });
  if (said.is === 'value') return { value: said.value };
  const text = `${name}: ${typeof given === 'object' && given !== null ? 'an object or a list' : String(given).slice(0, 40)}`;
  if (said.is === 'none')
    return { why: said.why === 'censored' ? 'beyond what could be measured' : 'no value', text, place, isLoss: false };
  return { why: 'no number', text, place, isLoss: typeof given === 'number' || /\d/.test(String(given)) };
}

/** A record without a readable time: its values are lost. */
export function noTime(given: unknown, place: number): RecordLeft {
  const isNone = given === undefined || given === null || given === '';
  const text = isNone ? '' : String(given).slice(0, 40);
  return { why: isNone ? 'no time' : 'time not readable, before 1990 or after 2049', text, place, isLoss: true };
}
