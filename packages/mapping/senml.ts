// SenML (RFC 8428) in JSON as people send it without signing: any number of things in one pack, times relative to now.
// The body of a signed pack has a stricter reader, in packages/protocol/senml.
import { isUnit, limits } from '@trine/protocol';

/** What one record says once its bases are applied (RFC 8428 §4.6). */
export interface ResolvedRecord {
  /** Base name in force, '' for none: by the RFC's habit the thing. */
  readonly base: string;
  /** Base name and name joined. */
  readonly name: string;
  /** SenML symbol; '' for none. */
  readonly unit: string;
  readonly timeMs: number;
  readonly value: number | boolean | string;
}

/** A record that gives no reading. */
export interface RecordLeft {
  /** Its place in the pack, from 1. */
  readonly place: number;
  /** Why, in words. */
  readonly why: string;
}

export interface ResolvedPack {
  readonly records: readonly ResolvedRecord[];
  readonly left: readonly RecordLeft[];
}

/** RFC 8428 §4.5.3: a time below is relative to now. */
const RELATIVE_S_MAX = 2 ** 28;
const VERSION_MAX = 10;

interface Bases {
  name: string;
  time: number;
  unit: string;
  value: number;
}

/**
 * Resolves the records of a pack. What gives no reading is named with its reason and costs the others nothing.
 *
 * @param pack parsed JSON: a list of records, or one record
 * @param nowMs what relative times are relative to
 * @throws SyntaxError where nothing of it may be read: it is no list of objects, of a later version, or has a field that
 * whoever reads it must know
 * @example resolveSenml([{ bn: 'urn:dev:ow:10e2:', n: 'temp', u: 'Cel', v: 21.5, t: -60 }], Date.now()).records
 */
export function resolveSenml(pack: unknown, nowMs: number): ResolvedPack {
  const all: readonly unknown[] = Array.isArray(pack) ? pack : [pack];
  const bases: Bases = { name: '', time: 0, unit: '', value: 0 };
  const records: ResolvedRecord[] = [];
  const left: RecordLeft[] = [];
  for (const [i, record] of all.entries()) {
    if (typeof record !== 'object' || record === null || Array.isArray(record))
      throw new SyntaxError(`Record ${i + 1} is no object: SenML is a list of records.`);
    const found = resolve(record as Fields, bases, nowMs);
    if (typeof found === 'string') left.push({ place: i + 1, why: found });
    else if (found) records.push(found);
  }
  return { records, left };
}

type Fields = Readonly<Record<string, unknown>>;

/** @returns the record; why it is no reading; undefined where it has base fields alone */
function resolve(record: Fields, bases: Bases, nowMs: number): ResolvedRecord | string | undefined {
  const strange = Object.keys(record).find((name) => name.endsWith('_'));
  if (strange !== undefined)
    throw new SyntaxError(`The pack has the field ${strange}, which whoever reads it must know.`);
  const text = (name: string) => (typeof record[name] === 'string' ? (record[name] as string) : undefined);
  const number = (name: string) => (typeof record[name] === 'number' ? (record[name] as number) : undefined);
  if ((number('bver') ?? 0) > VERSION_MAX)
    throw new SyntaxError(`The pack is of a SenML version above ${VERSION_MAX}.`);
  bases.name = text('bn') ?? bases.name;
  bases.time = number('bt') ?? bases.time;
  bases.unit = text('bu') ?? bases.unit;
  bases.value = number('bv') ?? bases.value;
  const says = ['n', 'v', 'vs', 'vb', 'vd', 's'].some((name) => record[name] !== undefined);
  if (!says) return Object.keys(record).some((name) => name.startsWith('b')) ? undefined : 'has no value';
  const name = bases.name + (text('n') ?? '');
  if (name === '') return 'has no name (n)';
  const unit = text('u') ?? bases.unit;
  if (!isUnit(unit)) return `has the unit "${unit.slice(0, 20)}", which is no SenML symbol`;
  const value = readingOf(record, bases);
  if (value === undefined) return whyNoValue(record);
  const seconds = bases.time + (number('t') ?? 0);
  const timeMs = Math.round(seconds < RELATIVE_S_MAX ? nowMs + seconds * 1000 : seconds * 1000);
  if (!(timeMs >= limits.eventTimeMsMin && timeMs < 2 ** 53)) return 'is dated before 1990 or beyond all years';
  return { base: bases.name, name, unit, timeMs, value };
}

function readingOf({ v, vs, vb }: Fields, bases: Bases): ResolvedRecord['value'] | undefined {
  const given = [v, vs, vb].filter((one) => one !== undefined);
  if (given.length !== 1) return undefined;
  if (typeof v === 'number' && Number.isFinite(v + bases.value)) return v + bases.value;
  if (typeof vs === 'string' && vs.length <= limits.textValueCharsMax) return vs;
  return typeof vb === 'boolean' ? vb : undefined;
}

function whyNoValue({ v, vs, vb, vd, s }: Fields): string {
  const given = [v, vs, vb].filter((one) => one !== undefined);
  if (given.length > 1) return 'has more than one value';
  if (given.length === 1) return 'has a value that is no reading';
  if (vd !== undefined) return 'has a data value (vd), which is no reading';
  return s === undefined ? 'has no value (v, vs or vb)' : 'has a sum (s) alone, which is no reading';
}
