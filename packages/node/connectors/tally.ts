// What became of messages that were not sealed, for whoever has to mend it: by reason, by topic, and the last ones with what
// they said. All of it bounded.
import { matchTopic } from '@trine/protocol';

/** A message that gave no reading, or not all: shown to the operator. */
export interface RefusedMessage {
  readonly ms: number;
  readonly topic: string;
  /** Who reads the topic: a connector, or `settings`. */
  readonly by: string;
  readonly why: string;
  /** The beginning of the payload. */
  readonly payload: string;
}

/** A topic that nothing reads. */
export interface UnreadTopic {
  readonly topic: string;
  readonly messages: number;
  readonly lastMs: number;
  /** The beginning of the last payload. */
  readonly payload: string;
}

const REFUSED_MAX = 100;
const TOPICS_MAX = 1_000;
const PAYLOAD_BYTES_MAX = 400;

/** The beginning of a payload as text; what is none as hexadecimal. */
export function beginningOf(payload: Uint8Array): string {
  const head = payload.subarray(0, PAYLOAD_BYTES_MAX);
  const text = new TextDecoder('utf-8').decode(head, { stream: true });
  return /[\ufffd\0]/.test(text) ? `0x${Buffer.from(head.subarray(0, PAYLOAD_BYTES_MAX / 2)).toString('hex')}` : text;
}

export class Tally {
  readonly #refused: RefusedMessage[] = [];
  readonly #topics = new Map<string, UnreadTopic>();
  /** Messages that gave no reading, or not all, since the start. */
  refusedInAll = 0;
  /** Messages on topics that nothing reads, those not listed included. */
  unread = 0;

  refuse(message: Omit<RefusedMessage, 'payload'>, payload: Uint8Array): void {
    this.refusedInAll++;
    this.#refused.push({ ...message, payload: beginningOf(payload) });
    if (this.#refused.length > REFUSED_MAX) this.#refused.shift();
  }

  /** Newest first. */
  get refused(): readonly RefusedMessage[] {
    return this.#refused.toReversed();
  }

  /** Counts by topic; beyond so many topics, the one not heard for longest is dropped from the list. */
  pass(topic: string, payload: Uint8Array, nowMs: number): void {
    this.unread++;
    const before = this.#topics.get(topic);
    this.#topics.delete(topic);
    if (before === undefined && this.#topics.size >= TOPICS_MAX)
      this.#topics.delete(this.#topics.keys().next().value as string);
    const messages = (before?.messages ?? 0) + 1;
    this.#topics.set(topic, { topic, messages, lastMs: nowMs, payload: beginningOf(payload) });
  }

  /** Heard last first. */
  get topics(): UnreadTopic[] {
    return [...this.#topics.values()].toReversed();
  }

  /** Something reads it now. @param filter topic filter of what does */
  read(filter: string): void {
    for (const topic of [...this.#topics.keys()])
      if (matchTopic(filter, topic) !== undefined) this.#topics.delete(topic);
  }
}
