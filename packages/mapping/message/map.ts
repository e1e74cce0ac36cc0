// From a message to readings, by a mapping. One bad member, or one bad part, never loses the good ones.
import { isSubject, limits, matchTopic, type Reading } from '@trine/protocol';
import { zones } from '@trine/protocol/calendar/zones.ts';
import { bytesOf } from '../bytes.ts';
import { pointsIn } from '../formats/line-protocol.ts';
import { type EventTime, eventTimeReader } from '../times/event.ts';
import { formatNamed } from '../times/format.ts';
import { MappingError } from './error.ts';
import { fill, jsonMessage, type MessagePart, memberIn, type RawMessage, textMessage, written } from './message.ts';
import { memberOf, PARTS_MAX, partsOf } from './parts.ts';
import { isJson } from './problems.ts';
import type { MappedField, Mapping } from './shape.ts';
import { type Given, givenBy, valueIn } from './value.ts';

/** What one thing said at one time. */
export interface MappedPack {
  readonly subject: string;
  /** What people call it, where the mapping says that. */
  readonly name?: string;
  /** None where it says that there is no value. */
  readonly readings: readonly Reading[];
  /** Its readings have a time of their own. */
  readonly isDated?: true;
  /** Why they are dated by their arrival, although the mapping names a member with the time. */
  readonly arrival?: string;
}

export interface MappedMessage {
  readonly packs: readonly MappedPack[];
  /** How many members say that there is no value: counted, and never a reading. */
  readonly noValue: number;
  /** Why others gave no reading, in words. They cost the good ones nothing. */
  readonly refused: readonly string[];
  /** Why values are no readings: a broker had kept the message, and it does not say since when. */
  readonly undated?: string;
  /** What names the message wherever it comes from. */
  readonly once?: string;
}

/** Runs the code of a mapping within bounds. @throws MappingError in words where it gives nothing */
export interface MappingCode {
  /** JSONata. */
  transform(expression: string, json: unknown): unknown;
  /** `decodeUplink` of The Things Network's payload formatters. @returns its `data` */
  decode(source: string, input: { readonly bytes: Uint8Array; readonly port: number }): unknown;
}

/**
 * Turns a message into readings.
 *
 * @param nowMs event time where the message has none
 * @param code for mappings that have some
 * @returns undefined where the mapping is not for it, and where there is no payload: so a retained message is cleared
 * @throws MappingError when the payload is not what the mapping says
 * @example mapMessage(mapping, { topic: 'home/kitchen/temp', payload: toUtf8('21.5') }, Date.now())
 */
export function mapMessage(
  mapping: Mapping,
  message: RawMessage,
  nowMs: number,
  code?: MappingCode,
): MappedMessage | undefined {
  const { topic, payload } = message;
  const matched = matchTopic(mapping.topic, topic);
  if (matched === undefined || payload.length === 0) return undefined;
  if (payload.length > limits.bodyBytesMax)
    throw new MappingError(
      `Topic ${topic}: the payload has ${payload.length} bytes; at most ${limits.bodyBytesMax} are read.`,
    );
  if (mapping.quantity === undefined && mapping.fields.length === 0)
    throw new MappingError(`Topic ${topic}: its mapping names nothing that is read.`);
  const mapped = new Mapped(topic, nowMs, message.isRetained ?? false);
  const hasMembers = isJson(mapping);
  const root = hasMembers ? decoded(mapping, topic, membersOf(mapping, message), code) : undefined;
  const whole: MessagePart = { topic, mapping, matched, root, json: root, keys: [] };
  if (hasMembers) readJson(mapped, whole);
  else readWhole(mapped, whole, message);
  return { ...mapped.done(), ...named('once', whole, mapping.once) };
}

/** What a template says to people. Without it a message is none the worse. */
function named<K extends string>(
  key: K,
  part: MessagePart,
  template: string | undefined,
): { readonly [name in K]?: string } {
  if (template === undefined) return {};
  try {
    return { [key]: written(part, template) } as { [name in K]: string };
  } catch (error) {
    if (error instanceof MappingError) return {};
    throw error;
  }
}

/** What the paths of a mapping lead into. */
function membersOf({ format }: Mapping, message: RawMessage): unknown {
  return format === undefined ? jsonMessage(message) : pointsIn(textMessage(message));
}

/** The message after what the mapping runs. */
function decoded({ codec, transform }: Mapping, topic: string, json: unknown, code: MappingCode | undefined): unknown {
  let root = json;
  if ((codec ?? transform) !== undefined && code === undefined)
    throw new MappingError(`Topic ${topic}: its rule has code, and nothing runs it here.`);
  if (codec !== undefined && code !== undefined) {
    const bytes = frameOf(topic, memberOf(root, root, codec.bytes), codec.encoding);
    const port = codec.port === undefined ? 1 : Number(memberOf(root, root, codec.port) ?? 1);
    const data = code.decode(codec.source, { bytes, port });
    root = { ...(typeof root === 'object' ? root : {}), decoded: data };
  }
  return transform !== undefined && code !== undefined ? code.transform(transform, root) : root;
}

function frameOf(topic: string, member: unknown, encoding: 'binary' | 'hex' | 'base64'): Uint8Array {
  const bytes = typeof member === 'string' ? bytesOf(new TextEncoder().encode(member), encoding) : undefined;
  if (bytes !== undefined) return bytes;
  throw new MappingError(`Topic ${topic}: the member that should hold bytes is no text in ${encoding}.`);
}

/** A payload that is one value, or bytes. */
function readWhole(mapped: Mapped, part: MessagePart, message: RawMessage): void {
  const { mapping } = part;
  const { encoding, quantity, fields } = mapping;
  const text = encoding === 'binary' ? '' : textMessage(message);
  const pack = new Pack(mapped, part, undefined);
  if (encoding === undefined) {
    pack.take({ ...valueRule(mapping), quantity: quantity as string, path: '' }, { text });
  } else {
    const bytes = bytesOf(message.payload, encoding);
    if (bytes === undefined) throw new MappingError(`Topic ${part.topic}: the payload is no text in ${encoding}.`);
    const framed = { ...part, bytes };
    for (const field of fields) pack.take(field, givenBy(framed, field) as Given);
  }
  pack.end();
}

function readJson(mapped: Mapped, whole: MessagePart): void {
  const { topic, mapping, root } = whole;
  const parts = mapping.each === undefined ? [{ json: root, keys: [] }] : partsOf(root, mapping.each);
  if (parts === undefined)
    throw new MappingError(
      `Topic ${topic}: there are more than ${PARTS_MAX} parts in one message: send them in several.`,
    );
  let isThere = false;
  for (const { json, keys } of parts) {
    const part = { ...whole, json, keys };
    if (!fits(part)) continue;
    try {
      isThere = readPart(mapped, part) || isThere;
    } catch (error) {
      if (!(error instanceof MappingError) || mapping.each === undefined) throw error;
      mapped.refused.push(error.message);
    }
  }
  if (isThere || mapping.where !== undefined || mapped.refused.length > 0) return;
  const names = mapping.fields.map(({ path }) => path ?? 'bytes').slice(0, 20);
  throw new MappingError(`Topic ${topic}: none of the fields ${names.join(', ')} is in the payload.`);
}

function fits(part: MessagePart): boolean {
  const { where = {} } = part.mapping;
  return Object.entries(where).every(([path, value]) => memberIn(part, path) === value);
}

/** @returns whether any of the fields is there */
function readPart(mapped: Mapped, part: MessagePart): boolean {
  const { mapping } = part;
  const { frame } = mapping;
  const bytes = frame && frameOf(part.topic, memberIn(part, frame.path), frame.encoding);
  const framed = { ...part, bytes };
  const time = mapping.time == null ? undefined : timeOf(mapping)(memberIn(part, mapping.time), mapped.nowMs);
  const given = fieldsOf(mapping).flatMap((field) => {
    const found = givenBy(framed, field);
    return found === undefined ? [] : [{ field, found }];
  });
  if (given.length === 0) return false;
  const pack = new Pack(mapped, framed, time);
  for (const { field, found } of given) pack.take(field, found);
  pack.end();
  return true;
}

/** A mapping with code may say one quantity of the whole part, as one for plain payloads does. */
function fieldsOf(mapping: Mapping): readonly MappedField[] {
  const { fields, quantity } = mapping;
  return fields.length > 0 || quantity === undefined ? fields : [{ ...valueRule(mapping), path: '.', quantity }];
}

function valueRule({
  unit,
  missing,
  decimal,
  scale,
  offset,
  words,
  hex,
  split,
  valid,
}: Mapping): Omit<MappedField, 'quantity'> {
  return { unit, missing, decimal, scale, offset, words, hex, split, valid };
}

/** What comes of a message, as it comes together. */
class Mapped {
  readonly refused: string[] = [];
  noValue = 0;
  readonly topic: string;
  readonly nowMs: number;
  readonly #isRetained: boolean;
  readonly #packs: MappedPack[] = [];
  #undated: string | undefined;

  constructor(topic: string, nowMs: number, isRetained: boolean) {
    this.topic = topic;
    this.nowMs = nowMs;
    this.#isRetained = isRetained;
  }

  /** What a broker had kept is of some time before: without a time of its own its values are no readings. */
  add({ arrival, ...pack }: MappedPack): void {
    if (!this.#isRetained || pack.isDated || pack.readings.length === 0) {
      this.#packs.push(arrival === undefined ? pack : { ...pack, arrival });
      return;
    }
    const why = arrival ?? `Topic ${this.topic}: it has no time of its own`;
    this.#undated = `${why}: a broker had kept the message, so nobody knows when it was said.`;
    this.#packs.push({ ...pack, readings: [] });
  }

  /** Parts that differ in nothing but their values say several things of one time: none of them is it. */
  #apart(): MappedPack[] {
    if (this.#packs.length < 2) return this.#packs;
    const said = new Map<string, Set<string>>();
    for (const { subject, readings } of this.#packs)
      for (const reading of readings) {
        const key = momentOf(subject, reading);
        said.set(key, (said.get(key) ?? new Set()).add(`${typeof reading.value} ${reading.value} ${reading.unit}`));
      }
    const seen = new Set<string>();
    return this.#packs.map((pack) => {
      const readings = pack.readings.filter((reading) => {
        const key = momentOf(pack.subject, reading);
        const { size } = said.get(key) as Set<string>;
        const isFirst = !seen.has(key);
        seen.add(key);
        if (isFirst && size > 1)
          this.refused.push(
            `Topic ${this.topic}: it says ${size} values of ${reading.quantity} of ${pack.subject} at one time: name in the mapping what tells them apart, a time or a part of the subject.`,
          );
        return isFirst && size === 1;
      });
      return readings.length === pack.readings.length ? pack : { ...pack, readings };
    });
  }

  done(): MappedMessage {
    const undated = this.#undated === undefined ? {} : { undated: this.#undated };
    return { packs: this.#apart(), noValue: this.noValue, refused: this.refused, ...undated };
  }
}

const momentOf = (subject: string, { quantity, timeMs }: Reading): string => `${subject}\n${quantity}\n${timeMs}`;

/** The readings of one part, as they come together. */
class Pack {
  readonly #mapped: Mapped;
  readonly #part: MessagePart;
  readonly #time: EventTime | undefined;
  readonly #subject: string;
  readonly #readings: { readonly reading: Reading; readonly time: EventTime | undefined }[] = [];

  /** @throws MappingError where it does not say whom it is about */
  constructor(mapped: Mapped, part: MessagePart, time: EventTime | undefined) {
    this.#mapped = mapped;
    this.#part = part;
    this.#time = time;
    const subject = fill(part, part.mapping.subject, limits.subjectCharsMax);
    if (!isSubject(subject))
      throw new MappingError(`Topic ${part.topic}: the rule's subject "${subject}" cannot be used.`);
    this.#subject = subject;
  }

  /** Reads one value; what is wrong with it is kept in words, and costs the others nothing. */
  take(field: MappedField, given: Given): void {
    const why = this.#problemOf(field, given);
    const name = field.path === '' ? 'the payload' : (field.path ?? `byte ${field.bytes?.offset}`);
    if (why !== undefined) this.#mapped.refused.push(`Topic ${this.#part.topic}: ${name}: ${why}.`);
  }

  #problemOf(field: MappedField, given: Given): string | undefined {
    const { mapping } = this.#part;
    const valued = valueIn(this.#part, field, field.quantity, field.path ?? '', given);
    if (valued.is === 'refused') return valued.why;
    if (valued.is === 'none') {
      this.#mapped.noValue++;
      return undefined;
    }
    const quantity = this.#quantityOf(field);
    if (quantity === undefined) return `${field.quantity} names no quantity with what the message says`;
    if (this.#readings.some(({ reading }) => reading.quantity === quantity))
      return `there is a ${quantity} of it already`;
    const own =
      field.time === undefined ? undefined : timeOf(mapping)(memberIn(this.#part, field.time), this.#mapped.nowMs);
    const time = own?.kind === 'time' ? own : (this.#time ?? own);
    const timeMs = time?.kind === 'time' ? time.ms : this.#mapped.nowMs;
    this.#readings.push({ reading: { quantity, unit: valued.unit, timeMs, value: valued.value }, time });
    return undefined;
  }

  #quantityOf(field: MappedField): string | undefined {
    try {
      const quantity = fill(this.#part, field.quantity, limits.quantityCharsMax);
      return isSubject(quantity) && quantity.length <= limits.quantityCharsMax ? quantity : undefined;
    } catch (error) {
      if (error instanceof MappingError) return undefined;
      throw error;
    }
  }

  /** Of what has a time of its own and what has none, one each. */
  end(): void {
    const { topic, mapping } = this.#part;
    const about = { subject: this.#subject, ...named('name', this.#part, mapping.name) };
    const dated = this.#readings.filter(({ time }) => time?.kind === 'time').map(({ reading }) => reading);
    const others = this.#readings.filter(({ time }) => time?.kind !== 'time');
    if (dated.length > 0) this.#mapped.add({ ...about, readings: dated, isDated: true });
    if (dated.length > 0 && others.length === 0) return;
    const why = (others[0]?.time ?? this.#time) as Exclude<EventTime, { kind: 'time' }> | undefined;
    const readings = others.map(({ reading }) => reading);
    if (this.#time?.kind === 'time') this.#mapped.add({ ...about, readings, isDated: true });
    else this.#mapped.add({ ...about, readings, ...(why && { arrival: `Topic ${topic}: ${why.why}` }) });
  }
}

type ReadTime = (value: unknown, arrivalMs: number) => EventTime;
const readers = new WeakMap<Mapping, ReadTime>();

/** How a mapping reads times: made once. */
function timeOf(mapping: Mapping): ReadTime {
  let reader = readers.get(mapping);
  if (reader === undefined) {
    const { timeFormat, timezone } = mapping;
    const format = timeFormat === undefined ? {} : { format: formatNamed(timeFormat) };
    reader = eventTimeReader(
      { ...format, ...(timezone !== undefined && { zone: timezone }), outside: 'arrival' },
      zones,
    );
    readers.set(mapping, reader);
  }
  return reader;
}
