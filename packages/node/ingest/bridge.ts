// Bridge: plain MQTT messages from devices as people have them become signed statements of class `gateway`. The
// bridge signs as itself about the device: nobody signs in a device's name.

import { textOf } from '@trine/mapping/bytes.ts';
import { escapeName } from '@trine/mapping/names.ts';
import { type EventTime, eventTimeReader } from '@trine/mapping/times/event.ts';
import { formatNamed } from '@trine/mapping/times/format.ts';
import { ruleUnit, toSenml, type WrittenUnit, writtenUnit } from '@trine/mapping/units/units.ts';
import { memberAt, parseJson } from '@trine/mapping/values/json.ts';
import { readMember, readText, type Said, trimmed } from '@trine/mapping/values/values.ts';
import { isSubject, limits, matchTopic, type Reading, TrineError } from '@trine/protocol';
import { zones } from '@trine/protocol/calendar/zones.ts';
import type { BridgeField, BridgeRule } from '../bridge-rule.ts';

export interface MappedMessage {
  readonly subject: string;
  /** None where the message says that there is no value. */
  readonly readings: readonly Reading[];
  /** How many of its members say that there is no value: counted, and never a reading. */
  readonly noValue: number;
  /** Why others gave no reading, in words. They cost the good ones nothing. */
  readonly refused: readonly string[];
  /** Its readings have a time of their own. */
  readonly isDated?: true;
  /** Why they are dated by their arrival, although the rule names a member with the time. */
  readonly arrival?: string;
  /** Why its values are no readings: a broker had kept it, and it does not say since when. */
  readonly undated?: string;
}

/** A message that no rule could read, and why. */
export class BridgeError extends TrineError {
  override readonly name = 'BridgeError';
  constructor(message: string, code: 'malformed' | 'overloaded' = 'malformed') {
    super(code, message);
  }
}

/** A message and the rule for it. */
interface Message {
  readonly topic: string;
  readonly rule: BridgeRule;
  /** What the wildcards of the rule's topic matched. */
  readonly matched: readonly string[];
  readonly json?: unknown;
}

/**
 * Turns a plain message into readings.
 *
 * @param rules in order: the first whose topic matches is used
 * @param nowMs event time where the message has none
 * @param isRetained a broker had kept it: its arrival says nothing of when it was said, so it never dates it
 * @returns undefined when no rule is for this topic, and where there is no payload: so a retained message is cleared
 * @throws BridgeError when the payload is not what the rule says
 * @example bridge([{ topic: 'home/+/temp', subject: 'home/{1}', quantity: 'temperature', unit: 'Cel', … }],
 *   'home/kitchen/temp', utf8('21.5'), Date.now())
 */
export function bridge(
  rules: readonly BridgeRule[],
  topic: string,
  payload: Uint8Array,
  nowMs: number,
  isRetained = false,
): MappedMessage | undefined {
  for (const rule of rules) {
    const matched = matchTopic(rule.topic, topic);
    if (matched === undefined) continue;
    if (payload.length === 0) return undefined;
    if (payload.length > limits.bodyBytesMax)
      throw new BridgeError(
        `Topic ${topic}: the payload has ${payload.length} bytes; at most ${limits.bodyBytesMax} are read.`,
      );
    const text = textOf(payload);
    if (text === undefined)
      throw new BridgeError(`Topic ${topic}: the payload is no text (UTF-8): its bytes mean nothing to the rule.`);
    const mapped =
      rule.quantity !== undefined && rule.fields.length === 0
        ? readPlain({ topic, rule, matched }, rule.quantity, text, nowMs)
        : readJson({ topic, rule, matched, json: jsonOf(topic, text) }, nowMs);
    return isRetained ? withoutUndated(topic, mapped) : mapped;
  }
  return undefined;
}

/**
 * Fills a template: what it is filled with keeps apart what differs, in the characters that may stand there.
 * @param charsMax of the result
 */
function fill(message: Message, template: string, charsMax: number): string {
  const room = Math.max(24, charsMax - template.replace(/\{[^{}]*\}/g, '').length);
  return template.replace(/\{(topic|\d+|json:[^{}]+)\}/g, (_, name: string, at: number) => {
    const options = { charsMax: room, isInside: at > 0 };
    if (!name.startsWith('json:'))
      return escapeName(name === 'topic' ? message.topic : (message.matched[Number(name) - 1] ?? ''), {
        ...options,
        keepsSlashes: true,
      });
    return escapeName(memberText(message, name.slice(5)), options);
  });
}

function memberText({ topic, json }: Message, path: string): string {
  const found = memberAt(json, path);
  if (typeof found === 'string' && trimmed(found) !== '') return trimmed(found);
  if (typeof found === 'number') return String(found);
  throw new BridgeError(`Topic ${topic}: its member ${path}, which names something, is no text and no number.`);
}

function subjectOf(message: Message): string {
  const subject = fill(message, message.rule.subject, limits.subjectCharsMax);
  if (isSubject(subject)) return subject;
  throw new BridgeError(`Topic ${message.topic}: the rule's subject "${subject}" cannot be used.`);
}

function jsonOf(topic: string, text: string): unknown {
  try {
    return parseJson(trimmed(text));
  } catch {
    throw new BridgeError(`Topic ${topic}: the payload is not JSON.`);
  }
}

function readPlain(message: Message, quantity: string, text: string, nowMs: number): MappedMessage {
  const mapping = new Mapped(message, nowMs);
  const field = { ...message.rule, quantity, path: '' };
  mapping.take(field, (expected) => readText(text, expected));
  return mapping.done(subjectOf(message));
}

function readJson(message: Message, nowMs: number): MappedMessage {
  const { topic, rule, json } = message;
  const time = rule.time === undefined ? undefined : timeOf(rule)(memberAt(json, rule.time), nowMs);
  const mapping = new Mapped(message, time?.kind === 'time' ? time.ms : nowMs);
  let isThere = false;
  for (const field of rule.fields) {
    const value = memberAt(json, field.path);
    if (value === undefined) continue;
    isThere = true;
    mapping.take(field, (expected) => readMember(value, expected));
  }
  if (!isThere)
    throw new BridgeError(
      `Topic ${topic}: none of the fields ${rule.fields.map(({ path }) => path).join(', ')} is in the payload.`,
    );
  const dated = time?.kind === 'time' ? { isDated: true as const } : time && { arrival: `Topic ${topic}: ${time.why}` };
  return { ...mapping.done(subjectOf(message)), ...dated };
}

/** What a broker had kept is of some time before: without a time of its own its values are no readings. */
function withoutUndated(topic: string, { arrival, ...mapped }: MappedMessage): MappedMessage {
  if (mapped.isDated || mapped.readings.length === 0) return mapped;
  const why = arrival ?? `Topic ${topic}: it has no time of its own`;
  const undated = `${why}: a broker had kept the message, so nobody knows when it was said.`;
  return { ...mapped, readings: [], undated };
}

type Read = (expected: Parameters<typeof readText>[1]) => Said;

/** The readings of one message, as they come together. */
class Mapped {
  readonly #message: Message;
  readonly #timeMs: number;
  readonly #readings: Reading[] = [];
  readonly #refused: string[] = [];
  #noValue = 0;

  constructor(message: Message, timeMs: number) {
    this.#message = message;
    this.#timeMs = timeMs;
  }

  /** Reads one value; what is wrong with it is kept in words, and costs the others nothing. */
  take(field: BridgeField, read: Read): void {
    const why = this.#problemOf(field, read);
    const name = field.path === '' ? 'the payload' : field.path;
    if (why !== undefined) this.#refused.push(`Topic ${this.#message.topic}: ${name}: ${why}.`);
  }

  #problemOf(field: BridgeField, read: Read): string | undefined {
    const unit = unitOf(this.#message, field);
    if (typeof unit === 'string') return unit;
    const said = read({
      expects: unit.unit === '' ? 'any' : 'number',
      ...(field.missing && { missing: new Set(field.missing) }),
      ...(field.decimal && { signs: { decimal: field.decimal } }),
    });
    if (said.is === 'refused') return said.why;
    if (said.is === 'value') return this.#keep(field, unit, said);
    this.#noValue++;
    return undefined;
  }

  #keep(field: BridgeField, unit: WrittenUnit, said: Said & { is: 'value' }): string | undefined {
    const beside = said.unit === undefined ? unit : writtenUnit(said.unit, field.quantity);
    if (beside === undefined || beside.unit !== unit.unit)
      return `it is in ${said.unit}, and the rule says ${unit.written}`;
    const value = typeof said.value === 'number' && unit.unit !== '' ? toSenml(said.value, beside) : said.value;
    const quantity = this.#quantityOf(field);
    if (quantity === undefined) return `${field.quantity} names no quantity with what the message says`;
    if (this.#readings.some((other) => other.quantity === quantity)) return `there is a ${quantity} of it already`;
    this.#readings.push({ quantity, unit: unit.unit, timeMs: this.#timeMs, value });
    return undefined;
  }

  #quantityOf(field: BridgeField): string | undefined {
    try {
      const quantity = fill(this.#message, field.quantity, limits.quantityCharsMax);
      return isSubject(quantity) && quantity.length <= limits.quantityCharsMax ? quantity : undefined;
    } catch (error) {
      if (error instanceof BridgeError) return undefined;
      throw error;
    }
  }

  done(subject: string): MappedMessage {
    return { subject, readings: this.#readings, noValue: this.#noValue, refused: this.#refused };
  }
}

/** Members in which firmware says the unit of its other members (Tasmota's SENSOR messages), and SenML units of those. */
const sayUnits: Readonly<Record<string, readonly string[]>> = {
  TempUnit: ['Cel', 'K'],
  PressureUnit: ['Pa', 'hPa'],
  SpeedUnit: ['m/s', 'km/h'],
};

/** The unit that a value of this message is written in, or in words why it cannot be told. */
function unitOf(message: Message, { unit, quantity, path }: BridgeField): WrittenUnit | string {
  const named = /^\{json:([^{}]+)\}$/.exec(unit)?.[1];
  if (named !== undefined) {
    const text = memberAt(message.json, named);
    const said = typeof text === 'string' ? writtenUnit(text, quantity) : undefined;
    return said ?? `its unit, ${JSON.stringify(text) ?? 'which is not there'}, is none known here`;
  }
  const ruled = ruleUnit(unit, quantity);
  if (ruled === undefined) return `${unit} is no unit known here`;
  const said = saidUnit(message.json, path, ruled.unit);
  if (said === undefined) return ruled;
  const own = writtenUnit(said, quantity);
  if (own !== undefined && own.unit === ruled.unit) return own;
  return `the message says that it is in ${said}, and the rule says ${unit}`;
}

function saidUnit(json: unknown, path: string, unit: string): string | undefined {
  const [name] = Object.entries(sayUnits).find(([, measured]) => measured.includes(unit)) ?? [];
  if (name === undefined || path === '') return undefined;
  // Beside the member, or further out.
  const names = path.split('.');
  for (let depth = names.length - 1; depth >= 0; depth--) {
    const found = memberAt(json, [...names.slice(0, depth), name].join('.'));
    if (typeof found === 'string') return found;
  }
  return undefined;
}

type ReadTime = (value: unknown, arrivalMs: number) => EventTime;
const readers = new WeakMap<BridgeRule, ReadTime>();

/** How a rule reads times: made once. */
function timeOf(rule: BridgeRule): ReadTime {
  let reader = readers.get(rule);
  if (reader === undefined) {
    const { timeFormat, timezone } = rule;
    const format = timeFormat === undefined ? {} : { format: formatNamed(timeFormat) };
    reader = eventTimeReader(
      { ...format, ...(timezone !== undefined && { zone: timezone }), outside: 'arrival' },
      zones,
    );
    readers.set(rule, reader);
  }
  return reader;
}
