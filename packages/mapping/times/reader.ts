// The strict reader of times: a text is a time in the format that was said, or it is refused in words. Nothing is shifted,
// and nothing is guessed.
import { limits } from '@trine/protocol';
import type { ZoneTable } from '@trine/protocol/calendar/zones.ts';
import { compactSaid, digitsOf, excelSaid, unixMs } from './counts.ts';
import { dateSaid } from './dates.ts';
import { nameOfFormat, type TimeFormat } from './format.ts';
import { durationMs, isoSaid } from './iso.ts';
import { patternReader } from './pattern.ts';
import { DAY_MS, type Said } from './said.ts';
import { Zone } from './zone.ts';

/** No time is written longer: what is, is not looked at. */
const TEXT_CHARS_MAX = 200;

/** How a time was read. */
export interface How {
  /** Where its zone is from: the text, the format, or a count that needs none. */
  readonly zone: 'written' | 'given' | 'none';
  /** Of a span of time, what counts. */
  readonly interval?: 'start' | 'end';
  /** Clocks showed it twice: which was taken, and whether the order of rows said so. */
  readonly repeated?: 'earlier' | 'later';
  readonly by?: 'order' | 'arrival';
}

export type RefusedReason =
  /** Not in the format. */
  | 'unreadable'
  /** Clocks in the zone never showed it. */
  | 'skipped'
  /** Neither text nor format names a zone, or letters stand for several. */
  | 'no zone'
  /** Before 1990: no sensor reading is older. */
  | 'too early'
  /** Beyond what the table of zones covers, or ahead of the moment that the caller says. */
  | 'too late';

export interface Refused {
  readonly kind: 'refused';
  readonly reason: RefusedReason;
  /** For people: what is wrong, and what to do. */
  readonly why: string;
}
/** Nothing was said. */
export interface NoTime {
  readonly kind: 'none';
  readonly why: string;
}
export interface TimeRead {
  readonly kind: 'time';
  /** Milliseconds since 1970. */
  readonly ms: number;
  readonly how: How;
}
export type TimeResult = TimeRead | NoTime | Refused;

/** A time that clocks showed once, or twice. */
interface Moments {
  readonly kind: 'moments';
  readonly first: number;
  readonly second?: number;
  readonly how: How;
}

const MISSING = /^(?:|-+|n\/?a|nan|null|none|nil|unknown|unavailable|missing|\?)$/i;
/** The table of zones ends where 2050 begins. */
const LOCAL_MS_MAX = Date.UTC(2050, 0);
/** No count of a clock that is set lies beyond 2100. */
const MS_MAX = Date.UTC(2100, 0);
const QUOTED_MAX = 40;
/** Between beginning and end of a span, where dates are not ISO. */
const SPAN = /^(.{6,}?)\s+(?:[-\u2013\u2014]|bis|to|until|au|tot)\s+(.{4,})$/;

const refused = (reason: RefusedReason, why: string): Refused => ({ kind: 'refused', reason, why });
const quoted = (text: string) => `"${text.length > QUOTED_MAX ? `${text.slice(0, QUOTED_MAX)}…` : text}"`;
/** Numbers may count beyond every calendar. */
const yearOf = (ms: number) => (ms < 8.64e15 ? `in ${new Date(ms).getUTCFullYear()}` : 'beyond every calendar');

/** Reads times of one format. */
export class TimeReader {
  readonly #format: TimeFormat;
  readonly #zones: ZoneTable;
  readonly #zone: Zone | undefined;
  readonly #said: (text: string) => Said | undefined;
  /** Zones that texts named. */
  readonly #named = new Map<string, Zone>();

  /** @throws FormatError where the format's zone is not in the table; RangeError where its pattern is none */
  constructor(format: TimeFormat, zones: ZoneTable) {
    this.#format = format;
    this.#zones = zones;
    this.#zone = format.kind === 'unix' || format.zone === undefined ? undefined : Zone.of(format.zone, zones);
    this.#said = saidBy(format);
  }

  /**
   * Reads one time by itself. Of the hour that clocks show twice the first is taken, unless the format says the later.
   *
   * @param value a text; for counts and days of worksheets a number or big integer, too
   */
  read(value: unknown): TimeResult {
    const found = this.moments(value);
    if (found.kind !== 'moments') return found;
    const { first, second, how } = found;
    if (second === undefined) return { kind: 'time', ms: first, how };
    const repeated = (this.#format.kind !== 'unix' && this.#format.repeated) || 'earlier';
    return { kind: 'time', ms: repeated === 'later' ? second : first, how: { ...how, repeated } };
  }

  /** The moments that a text can mean, for a reader that knows more. */
  moments(value: unknown): Moments | NoTime | Refused {
    if (value === undefined || value === null) return { kind: 'none', why: 'no time was given' };
    const format = this.#format;
    const isCount = format.kind === 'unix' || format.kind === 'excel' || format.kind === 'compact';
    const text = typeof value === 'string' ? value.trim() : isCount ? digitsOf(value) : undefined;
    if (text === undefined || text.length > TEXT_CHARS_MAX)
      return refused(
        'unreadable',
        `a ${typeof value} is no time as ${nameOfFormat(format)}: name the format that it is written in.`,
      );
    if (MISSING.test(text))
      return { kind: 'none', why: text === '' ? 'the time is empty' : `the time is ${quoted(text)}` };
    if (format.kind === 'unix') return this.#count(text, unixMs(text, format.unit));
    const said = this.#said(text);
    if (said !== undefined) return this.#resolved(text, said, {});
    const span = this.#span(text);
    return (
      span ??
      refused(
        'unreadable',
        `${quoted(text)} is no time as ${nameOfFormat(format)}: name the format that it is written in.`,
      )
    );
  }

  #count(text: string, ms: number): Moments | Refused {
    if (Number.isNaN(ms))
      return refused('unreadable', `${quoted(text)} is no count since 1970: digits alone are, such as 1717200000.`);
    return bounded(text, { kind: 'moments', first: ms, how: { zone: 'none' } }, MS_MAX);
  }

  /** A span of time `a/b`, as OGC's phenomenonTime has it; with a duration for one of both; with ` - ` between dates. */
  #span(text: string): Moments | NoTime | Refused | undefined {
    const format = this.#format;
    if (format.kind === 'unix') return undefined;
    const interval = format.interval ?? 'end';
    const parts = format.kind === 'iso' ? spanOfIso(text) : SPAN.exec(text)?.slice(1, 3);
    if (parts === undefined) return undefined;
    const [from = '', to = ''] = parts;
    const wanted = interval === 'start' ? from : to;
    if (wanted === '..' || wanted === '') return { kind: 'none', why: `the span ${quoted(text)} has no ${interval}` };
    const length = durationMs(wanted);
    const other = length === undefined ? wanted : interval === 'start' ? to : from;
    const said = this.#said(other);
    // The end of a day that both have in common: "01.06.2024 00:00 - 00:15".
    if (said === undefined) return undefined;
    const found = this.#resolved(other, said, { interval });
    if (length === undefined || found.kind !== 'moments') return found;
    const shift = interval === 'start' ? -length : length;
    return {
      ...found,
      first: found.first + shift,
      ...(found.second !== undefined && { second: found.second + shift }),
    };
  }

  #resolved(text: string, said: Said, more: Partial<How>): Moments | Refused {
    const { localMs, offsets, zone: name } = said;
    let zone = this.#zone;
    if (name !== undefined) {
      const named = this.#zoneNamed(name);
      if (named === undefined)
        return refused('no zone', `${quoted(text)} names a time zone that is not known: ${name}.`);
      zone = named;
    }
    if (offsets) return this.#atOffset(text, said, offsets, more);
    if (zone === undefined)
      return refused(
        'no zone',
        `${quoted(text)} names no time zone: say which one it is meant in (Europe/Berlin, UTC).`,
      );
    const [first, second] = zone.momentsOf(localMs);
    if (first === undefined)
      return refused(
        'skipped',
        `${quoted(text)} was shown by no clock in ${zone.name}, where it was left out as clocks went forward: if they never do, name the zone by its offset, such as +01:00.`,
      );
    const how: How = { zone: name === undefined ? 'given' : 'written', ...more };
    return checkedLeap(
      text,
      said,
      bounded(text, { kind: 'moments', first, ...(second !== undefined && { second }), how }, LOCAL_MS_MAX),
    );
  }

  /** Letters that stand for several offsets mean the one that the zone of the place has then. */
  #atOffset(text: string, said: Said, offsets: readonly number[], more: Partial<How>): Moments | Refused {
    const { localMs } = said;
    const moments = offsets.map((minutes) => localMs - minutes * 60_000);
    const fits =
      offsets.length === 1
        ? moments
        : moments.filter((ms) => this.#zone !== undefined && ms + this.#zone.offsetMsAt(ms) === localMs);
    const [first] = fits;
    if (first === undefined)
      return refused(
        'no zone',
        `the zone in ${quoted(text)} can be one of several: say which is meant (Europe/Dublin).`,
      );
    const how: How = { zone: 'written', ...more };
    return checkedLeap(text, said, bounded(text, { kind: 'moments', first, how }, MS_MAX));
  }

  #zoneNamed(name: string): Zone | undefined {
    const known = this.#named.get(name);
    if (known) return known;
    // No more names than the table has get in.
    if (!Object.hasOwn(this.#zones.zones, name)) return undefined;
    const zone = Zone.of(name, this.#zones);
    this.#named.set(name, zone);
    return zone;
  }
}

function saidBy(format: TimeFormat): (text: string) => Said | undefined {
  switch (format.kind) {
    case 'iso':
      return isoSaid;
    case 'compact':
      return compactSaid;
    case 'pattern':
      return patternReader(format.pattern);
    case 'excel':
      return (text) => excelSaid(text, format.epoch);
    case 'unix':
      return () => undefined;
    default:
      return (text) => dateSaid(text, format.kind);
  }
}

/** Names of zones have slashes, too: the second part begins with a digit, a duration or dots. */
function spanOfIso(text: string): [string, string] | undefined {
  const at = text.search(/\/(?=\d{4}|P|\.\.$|$)/i);
  return at < 0 ? undefined : [text.slice(0, at).trim(), text.slice(at + 1).trim()];
}

function bounded(text: string, found: Moments, msMax: number): Moments | Refused {
  if (found.first < limits.eventTimeMsMin)
    return refused('too early', `${quoted(text)} lies before 1990: its clock was not set, or it is no time.`);
  if (found.first >= msMax)
    return refused(
      'too late',
      `${quoted(text)} lies ${yearOf(found.first)}: name the format that it is written in, or set the clock.`,
    );
  return found;
}

/** A second is put in only where a month of UTC ends. */
function checkedLeap(text: string, { isLeap }: Said, found: Moments | Refused): Moments | Refused {
  if (!isLeap || found.kind !== 'moments') return found;
  const date = new Date(found.first);
  if (found.first % DAY_MS < 1000 && date.getUTCDate() === 1) return found;
  return refused('unreadable', `${quoted(text)} has a second 60, which is put in only where a month of UTC ends.`);
}
