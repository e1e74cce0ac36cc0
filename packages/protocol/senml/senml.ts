// Pack: readings sent together, SenML (RFC 8428) as CBOR or JSON. The subject of the statement is the base name, so
// a record's name is the quantity alone; a `bn` may spell the subject out, and more that stands before each name.
import type { ClockQuality } from '../assurance.ts';
import { fromUtf8 } from '../bytes.ts';
import { CborReader } from '../cbor/reader.ts';
import { type CborWriter, writeCbor } from '../cbor/writer.ts';
import { FormatError } from '../errors.ts';
import { limits } from '../limits.ts';
import { type PackOrigin, passOver, writeOrigin } from './origin.ts';
import { isQuantity, RELATIVE_TIME_S_MAX, type Reading } from './reading.ts';
import { isUnit } from './units.ts';

/** CoAP Content-Formats registry (RFC 8428 §12.3): SenML as JSON and as CBOR. */
export const contentTypes = { senmlJson: 110, senmlCbor: 112 } as const;

/** RFC 8428 §6: labels of the CBOR form. */
const labels = {
  bn: -2,
  bt: -3,
  bu: -4,
  bv: -5,
  bs: -6,
  bver: -1,
  n: 0,
  u: 1,
  v: 2,
  vs: 3,
  vb: 4,
  s: 5,
  t: 6,
  ut: 7,
  vd: 8,
};
const [LABEL_MIN, LABEL_MAX] = [labels.bs, labels.vd];

/** What may stand between the name of a thing and of a quantity. */
const SEPARATOR = /[:._~/-]/;
/** RFC 8428 §4.4: a field of a later version that may not be passed over ends so. */
const MUST_BE_UNDERSTOOD = '_';

/**
 * Encodes readings as SenML-CBOR: one base time, then per record name, unit, time offset and value.
 *
 * @param readings at least one, at most `limits.readingsPerPackMax`
 * @param origin of what was mapped, in the first record
 * @throws FormatError `malformed` for none, `too-large` for more
 * @example encodePack([{ quantity: 'temperature', unit: 'Cel', timeMs: 1_700_000_000_000, value: 21.5 }])
 */
export function encodePack(readings: readonly Reading[], origin?: PackOrigin): Uint8Array {
  const first = readings[0];
  if (first === undefined) throw new FormatError('malformed', 'A pack has at least one reading.');
  if (readings.length > limits.readingsPerPackMax)
    throw new FormatError(
      'too-large',
      `A pack has at most ${limits.readingsPerPackMax} readings; got ${readings.length}.`,
    );
  return writeCbor((writer) => {
    writer.list(readings.length);
    readings.forEach((reading, i) => {
      writeRecord(writer, reading, first.timeMs, i === 0, i === 0 ? origin : undefined);
    });
  });
}

/** Labels in the order of deterministic CBOR: from 0 up, then the negative ones, then texts. */
function writeRecord(
  writer: CborWriter,
  { quantity, unit, timeMs, value }: Reading,
  baseMs: number,
  isFirst: boolean,
  origin: PackOrigin | undefined,
): void {
  const labelled = Object.entries(origin ?? {}).filter(([, said]) => said !== undefined);
  writer.map(2 + Number(unit !== '') + Number(timeMs !== baseMs) + Number(isFirst) + labelled.length);
  writer.number(labels.n);
  writer.text(quantity);
  if (unit !== '') {
    writer.number(labels.u);
    writer.text(unit);
  }
  writer.number(typeof value === 'number' ? labels.v : typeof value === 'string' ? labels.vs : labels.vb);
  writer.value(value);
  if (timeMs !== baseMs) {
    writer.number(labels.t);
    writer.number((timeMs - baseMs) / 1000);
  }
  if (isFirst) {
    writer.number(labels.bt);
    writer.number(baseMs / 1000);
  }
  if (labelled.length > 0) writeOrigin(writer, origin as PackOrigin);
}

/** Takes the readings of a pack one by one, in their order. */
export type ReadingSink = (quantity: string, unit: string, timeMs: number, value: Reading['value']) => void;

/** What the base fields so far say (RFC 8428 §4.1). */
interface Base {
  /** What stands before each name, without the subject. */
  name: string;
  time: number;
  unit: string;
  value: number;
  /** Readings so far. */
  readings: number;
}

const noBase = (): Base => ({ name: '', time: 0, unit: '', value: 0, readings: 0 });

/**
 * Reads the body of a pack.
 *
 * @param body SenML-CBOR or SenML-JSON bytes
 * @param contentType of the statement's header: `contentTypes.senmlCbor` or `.senmlJson`
 * @param subject of the statement; a base name must repeat it
 * @param clock with `none`, times may be small: seconds since the device started
 * @returns readings in the order of the pack
 * @throws FormatError `malformed`, `too-large`, `wrong-unit`, `bad-value` or `absurd-time`
 */
export function decodePack(
  body: Uint8Array,
  contentType: number | string,
  subject: string,
  clock: ClockQuality = 'synchronised',
): Reading[] {
  const readings: Reading[] = [];
  readPack(body, contentType, subject, clock, (quantity, unit, timeMs, value) => {
    readings.push({ quantity, unit, timeMs, value });
  });
  return readings;
}

/**
 * Reads the body of a pack without making an object of each reading. Parameters and errors as of {@link decodePack};
 * `sink` has been given the readings before the one at fault when this throws.
 */
export function readPack(
  body: Uint8Array,
  contentType: number | string,
  subject: string,
  clock: ClockQuality,
  sink: ReadingSink,
): void {
  if (contentType === contentTypes.senmlCbor) readSenmlCbor(body, subject, clock, sink);
  else if (contentType === contentTypes.senmlJson) readSenmlJson(body, subject, clock, sink);
  else throw new FormatError('malformed', 'A pack has content type 112 (SenML-CBOR) or 110 (SenML-JSON).');
}

interface RawRecord {
  bn?: string | undefined;
  bt?: number | undefined;
  bu?: string | undefined;
  bv?: number | undefined;
  n?: string | undefined;
  u?: string | undefined;
  t?: number | undefined;
  v?: number | undefined;
  vs?: string | undefined;
  vb?: boolean | undefined;
  s?: number | undefined;
  bver?: number | undefined;
  bs?: number | undefined;
}

const EMPTY: Required<RawRecord> = {
  bn: undefined,
  bt: undefined,
  bu: undefined,
  bv: undefined,
  n: undefined,
  u: undefined,
  t: undefined,
  v: undefined,
  vs: undefined,
  vb: undefined,
  s: undefined,
  bver: undefined,
  bs: undefined,
};

function readSenmlCbor(body: Uint8Array, subject: string, clock: ClockQuality, sink: ReadingSink): void {
  const reader = new CborReader(body, 'pack');
  const count = reader.list();
  checkCount(count);
  const base = noBase();
  const record: RawRecord = { ...EMPTY };
  for (let i = 0; i < count; i++) {
    Object.assign(record, EMPTY);
    let seen = 0;
    for (let left = reader.map(); left > 0; left--) {
      if (reader.major() === 3) {
        mayPassOver(reader.name());
        passOver(reader);
        continue;
      }
      const key = reader.integer();
      if (key < LABEL_MIN || key > LABEL_MAX) {
        passOver(reader);
        continue;
      }
      const bit = 1 << (key - LABEL_MIN);
      if (seen & bit) reader.fail(`has the label ${key} twice in one record`);
      seen |= bit;
      readField(reader, key, record);
    }
    resolve(record, base, subject, clock, sink);
  }
  reader.end();
  checkCount(base.readings);
}

/** @throws FormatError where a field that is not known must be */
function mayPassOver(field: string): void {
  if (field.endsWith(MUST_BE_UNDERSTOOD))
    throw new FormatError(
      'malformed',
      `The pack has the field ${field.slice(0, 40)}, which whoever reads it must know.`,
    );
}

function readField(reader: CborReader, key: number, record: RawRecord): void {
  switch (key) {
    case labels.n:
      record.n = reader.name();
      return;
    case labels.v:
      record.v = reader.number();
      return;
    case labels.t:
      record.t = reader.number();
      return;
    case labels.u:
      record.u = reader.name();
      return;
    case labels.vs:
      record.vs = reader.text();
      return;
    case labels.vb:
      record.vb = reader.boolean();
      return;
    case labels.ut:
      reader.number();
      return;
    case labels.bn:
      record.bn = reader.name();
      return;
    case labels.bt:
      record.bt = reader.number();
      return;
    case labels.bu:
      record.bu = reader.name();
      return;
    case labels.bv:
      record.bv = reader.number();
      return;
    case labels.bver:
      record.bver = reader.unsigned();
      return;
    case labels.bs:
      record.bs = reader.number();
      return;
    case labels.s:
      record.s = reader.number();
      return;
    default:
      reader.fail('has a data value (vd), which is not supported');
  }
}

const jsonFields = {
  bn: 'string',
  bt: 'number',
  bu: 'string',
  bv: 'number',
  n: 'string',
  u: 'string',
  t: 'number',
  v: 'number',
  vs: 'string',
  vb: 'boolean',
  ut: 'number',
  s: 'number',
  bs: 'number',
  bver: 'number',
} as const;

function readSenmlJson(body: Uint8Array, subject: string, clock: ClockQuality, sink: ReadingSink): void {
  let parsed: unknown;
  try {
    parsed = JSON.parse(fromUtf8(body));
  } catch {
    throw new FormatError('malformed', 'The pack is not JSON.');
  }
  if (!Array.isArray(parsed)) throw new FormatError('malformed', 'A SenML pack is a list of records.');
  checkCount(parsed.length);
  const base = noBase();
  for (const entry of parsed as unknown[]) {
    if (typeof entry !== 'object' || entry === null || Array.isArray(entry))
      throw new FormatError('malformed', 'A SenML record is an object.');
    for (const [name, value] of Object.entries(entry)) {
      const type = Object.hasOwn(jsonFields, name) ? jsonFields[name as keyof typeof jsonFields] : undefined;
      if (name === 'vd') throw new FormatError('malformed', 'The pack has a data value (vd), which is not supported.');
      if (type === undefined) mayPassOver(name);
      else if (typeof value !== type) throw new FormatError('malformed', `The SenML field ${name} is a ${type}.`);
    }
    resolve(entry as RawRecord, base, subject, clock, sink);
  }
  checkCount(base.readings);
}

function checkCount(count: number): void {
  if (count === 0) throw new FormatError('malformed', 'The pack has no readings.');
  if (count > limits.readingsPerPackMax)
    throw new FormatError('too-large', `A pack has at most ${limits.readingsPerPackMax} readings; got ${count}.`);
}

/** Applies the base fields (RFC 8428 §4.6) and checks what makes a reading. A record of base fields alone is none. */
function resolve(record: RawRecord, base: Base, subject: string, clock: ClockQuality, sink: ReadingSink): void {
  const { bn, bt, bu, bv, bver, bs, n } = record;
  if (bver !== undefined && !(bver <= 10))
    throw new FormatError('malformed', 'The pack is of a SenML version above 10.');
  if (bn !== undefined) base.name = withoutSubject(bn, subject);
  if (bt !== undefined) base.time = bt;
  if (bu !== undefined) base.unit = bu;
  if (bv !== undefined) base.value = bv;
  const hasValue = record.v !== undefined || record.vs !== undefined || record.vb !== undefined;
  const setsBase = (bn ?? bt ?? bu ?? bv ?? bver ?? bs) !== undefined;
  if (setsBase && !hasValue && n === undefined && record.s === undefined) return;
  const quantity = base.name === '' ? n : base.name + (n ?? '');
  if (quantity === undefined || !isQuantity(quantity))
    throw new FormatError('malformed', 'Each reading names its quantity: 1 to 96 of A-Z a-z 0-9 : . _ ~ / -.');
  const unit = record.u ?? base.unit;
  if (!isUnit(unit))
    throw new FormatError('wrong-unit', 'The unit is not a SenML unit symbol (Cel, W, m3, /, …; RFC 8428 §12.1).');
  base.readings++;
  sink(quantity, unit, eventTime(base.time + (record.t ?? 0), clock), readValue(record, base));
}

/**
 * @returns what of a base name stands before the names of quantities
 * @throws FormatError `malformed` where it names another thing: what is signed is about one
 */
function withoutSubject(bn: string, subject: string): string {
  const rest = bn.startsWith(subject) ? bn.slice(subject.length) : undefined;
  if (rest === '') return '';
  if (rest !== undefined && SEPARATOR.test(rest[0] as string)) return rest.slice(1);
  if (rest !== undefined && SEPARATOR.test(subject.at(-1) as string)) return rest;
  throw new FormatError(
    'malformed',
    'The base name of the pack is not the subject of the statement: a pack is about one thing.',
  );
}

function readValue(record: RawRecord, base: Base): number | boolean | string {
  if (record.v !== undefined) {
    const value = record.v + base.value;
    if (!Number.isFinite(value)) throw new FormatError('bad-value', 'A reading is a finite number.');
    if (record.vs !== undefined || record.vb !== undefined)
      throw new FormatError('malformed', 'A reading has one value.');
    return value;
  }
  if (record.vs !== undefined) {
    if (record.vb !== undefined) throw new FormatError('malformed', 'A reading has one value.');
    if (record.vs.length > limits.textValueCharsMax)
      throw new FormatError('too-large', `A text value has at most ${limits.textValueCharsMax} characters.`);
    return record.vs;
  }
  if (record.vb !== undefined) return record.vb;
  throw new FormatError('malformed', 'A reading has a value (v, vs or vb); a sum (s) alone is none.');
}

function eventTime(seconds: number, clock: ClockQuality): number {
  // Rounded first: base and offset may add up to a hair before the limit.
  const timeMs = Math.round(seconds * 1000);
  if (clock === 'none') {
    if (!(seconds >= 0 && seconds < RELATIVE_TIME_S_MAX))
      throw new FormatError('absurd-time', 'A device without a clock sends seconds since its start (below 2^28).');
  } else if (!(timeMs >= limits.eventTimeMsMin && timeMs < 2 ** 53))
    throw new FormatError('absurd-time', 'A reading is dated in seconds since 1970, not before 1990.');
  return timeMs;
}
