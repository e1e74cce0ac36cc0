// A message as it is looked at: what came, the mapping for it, and the part of it that one thing says at one time.
import { limits } from '@trine/protocol';
import { textOf } from '../bytes.ts';
import { escapeName } from '../names.ts';
import { parseJson } from '../values/json.ts';
import { trimmed } from '../values/values.ts';
import { MappingError } from './error.ts';
import { memberOf } from './parts.ts';
import type { Mapping } from './shape.ts';

/** As it came: a plain message of MQTT, or what was pushed by HTTP. */
export interface RawMessage {
  readonly topic: string;
  readonly payload: Uint8Array;
  /** A broker had kept it: its arrival says nothing of when it was said. */
  readonly isRetained?: boolean;
}

/** The text of a message. @throws MappingError where its bytes are none */
export function textMessage({ topic, payload }: RawMessage): string {
  const text = textOf(payload);
  if (text !== undefined) return text;
  throw new MappingError(`Topic ${topic}: the payload is no text (UTF-8): its bytes mean nothing to the rule.`);
}

/** Of messages that are looked at now: many mappings may read one. Nobody changes what they hold. */
const parsed = new WeakMap<RawMessage, { readonly json: unknown }>();

/** The JSON of a message. @throws MappingError where it is none */
export function jsonMessage(message: RawMessage): unknown {
  const known = parsed.get(message);
  if (known !== undefined) return known.json;
  const json = parse(message);
  parsed.set(message, { json });
  return json;
}

function parse(message: RawMessage): unknown {
  const text = trimmed(textMessage(message));
  try {
    return parseJson(text);
  } catch {
    throw new MappingError(`Topic ${message.topic}: the payload is not JSON.`);
  }
}

/** What one thing says at one time. */
export interface MessagePart {
  readonly topic: string;
  readonly mapping: Mapping;
  /** What the wildcards of the topic filter matched. */
  readonly matched: readonly string[];
  /** The whole message. */
  readonly root?: unknown;
  readonly json?: unknown;
  /** What each `*` stood for. */
  readonly keys: readonly string[];
  readonly bytes?: Uint8Array | undefined;
}

export function memberIn({ root, json }: MessagePart, path: string): unknown {
  return memberOf(root, json, path);
}

const PLACE = /\{(topic|\d+|each:\d+|json:[^{}]+)\}/g;

/** What a place of a template stands for. @throws MappingError where that is no name */
function placeOf(part: MessagePart, name: string): string {
  if (name === 'topic') return part.topic;
  if (name.startsWith('each:')) return part.keys[Number(name.slice(5)) - 1] ?? '';
  if (!name.startsWith('json:')) return part.matched[Number(name) - 1] ?? '';
  const path = name.slice(5);
  const found = memberIn(part, path);
  if (typeof found === 'string' && trimmed(found) !== '') return trimmed(found);
  if (typeof found === 'number') return String(found);
  throw new MappingError(`Topic ${part.topic}: its member ${path}, which names something, is no text and no number.`);
}

/**
 * Fills a template: what it is filled with keeps apart what differs, in the characters that may stand there.
 * @param charsMax of the result
 * @throws MappingError where a member that names something does not
 */
export function fill(part: MessagePart, template: string, charsMax: number): string {
  const room = Math.max(24, charsMax - template.replace(/\{[^{}]*\}/g, '').length);
  return template.replace(PLACE, (_, name: string, at: number) =>
    escapeName(placeOf(part, name), {
      charsMax: room,
      isInside: at > 0,
      keepsSlashes: !name.startsWith('json:') && !name.startsWith('each:'),
    }),
  );
}

/** Fills a template as people read it. */
export function written(part: MessagePart, template: string): string {
  return template.replace(PLACE, (_, name: string) => placeOf(part, name)).slice(0, limits.textValueCharsMax);
}
