// Bridge: plain MQTT messages from devices as people have them become signed statements of class `gateway`. The
// bridge signs as itself about the device: nobody signs in a device's name.

import { type EventTime, eventTimeReader } from '@trine/mapping/times/event.ts';
import { formatNamed } from '@trine/mapping/times/format.ts';
import { isSubject, isUnit, limits, matchTopic, type Reading, TrineError } from '@trine/protocol';
import { zones } from '@trine/protocol/calendar/zones.ts';
import type { BridgeRule } from '../settings.ts';

export interface MappedMessage {
  readonly subject: string;
  readonly readings: readonly Reading[];
  /** Why they are dated by their arrival, although the rule names a member with the time. */
  readonly arrival?: string;
}

/** A message that no rule could read, and why. */
export class BridgeError extends TrineError {
  override readonly name = 'BridgeError';
  constructor(message: string, code: 'malformed' | 'overloaded' = 'malformed') {
    super(code, message);
  }
}

/**
 * Turns a plain message into readings.
 *
 * @param rules in order: the first whose topic matches is used
 * @param nowMs event time where the message has none
 * @returns undefined when no rule is for this topic, and where there is no payload: so a retained message is cleared
 * @throws BridgeError when the payload is not what the rule says
 * @example bridge([{ topic: 'home/+/temp', subject: 'home/{1}', quantity: 'temperature', unit: 'Cel', fields: [] }],
 *   'home/kitchen/temp', utf8('21.5'), Date.now())
 */
export function bridge(
  rules: readonly BridgeRule[],
  topic: string,
  payload: Uint8Array,
  nowMs: number,
): MappedMessage | undefined {
  for (const rule of rules) {
    const matched = matchTopic(rule.topic, topic);
    if (matched === undefined) continue;
    if (payload.length === 0) return undefined;
    const fill = (template: string) =>
      template.replace(/\{(topic|\d+)\}/g, (_, name: string) =>
        safe(name === 'topic' ? topic : (matched[Number(name) - 1] ?? '')),
      );
    const subject = fill(rule.subject);
    if (!isSubject(subject)) throw new BridgeError(`Topic ${topic}: the rule's subject "${subject}" cannot be used.`);
    return { subject, ...read(rule, topic, payload, nowMs, fill) };
  }
  return undefined;
}

function safe(text: string): string {
  return text.replace(/[^A-Za-z0-9:._~/-]/g, '_');
}

function read(
  rule: BridgeRule,
  topic: string,
  payload: Uint8Array,
  nowMs: number,
  fill: (t: string) => string,
): Omit<MappedMessage, 'subject'> {
  const text = new TextDecoder().decode(payload.subarray(0, limits.bodyBytesMax)).trim();
  if (text === '') throw new BridgeError(`Topic ${topic}: the payload is blank.`);
  if (rule.quantity !== undefined && rule.fields.length === 0)
    return { readings: [reading(topic, fill(rule.quantity), rule.unit, nowMs, plainValue(text))] };
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw new BridgeError(`Topic ${topic}: the payload is not JSON.`);
  }
  const time = rule.time === undefined ? undefined : timeOf(rule)(member(json, rule.time), nowMs);
  const timeMs = time?.kind === 'time' ? time.ms : nowMs;
  const readings = rule.fields.flatMap(({ path, quantity, unit }) => {
    const value = member(json, path);
    return value === undefined || value === null ? [] : [reading(topic, fill(quantity), unit, timeMs, value)];
  });
  if (readings.length === 0)
    throw new BridgeError(
      `Topic ${topic}: none of the fields ${rule.fields.map((f) => f.path).join(', ')} is in the payload.`,
    );
  return { readings, ...(time && time.kind !== 'time' && { arrival: `Topic ${topic}: ${time.why}` }) };
}

function plainValue(text: string): unknown {
  const number = Number(text);
  if (text !== '' && Number.isFinite(number)) return number;
  return /^(true|on)$/i.test(text) ? true : /^(false|off)$/i.test(text) ? false : text;
}

function reading(topic: string, quantity: string, unit: string, timeMs: number, value: unknown): Reading {
  if (!isUnit(unit)) throw new BridgeError(`Topic ${topic}: ${unit} is not a SenML unit symbol.`);
  if (typeof value === 'number' && Number.isFinite(value)) return { quantity, unit, timeMs, value };
  if (typeof value === 'boolean' || (typeof value === 'string' && value.length <= limits.textValueCharsMax))
    return { quantity, unit, timeMs, value };
  throw new BridgeError(`Topic ${topic}: the value of ${quantity} is no number, text or boolean.`);
}

function member(json: unknown, path: string): unknown {
  return path.split('.').reduce<unknown>((at, name) => {
    if (typeof at !== 'object' || at === null || !Object.hasOwn(at, name)) return undefined;
    return (at as Record<string, unknown>)[name];
  }, json);
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
