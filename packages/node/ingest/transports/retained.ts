// Messages that the embedded broker retains: one of each topic, on disk, within bounds. Whoever subscribes gets them first.
import { matchTopic } from '@trine/protocol';
import type { Database } from '@trine/system/disk.ts';

export interface RetainedMessage {
  readonly topic: string;
  readonly payload: Buffer;
  readonly qos: 0 | 1 | 2;
}

export interface RetainedLimits {
  readonly retainedMessagesMax: number;
  /** Topics and payloads together. */
  readonly retainedBytesMax: number;
}

const bytesOf = ({ topic, payload }: RetainedMessage): number => Buffer.byteLength(topic) + payload.length;

export class RetainedMessages {
  readonly #db: Database;
  readonly #limits: RetainedLimits;
  readonly #messages = new Map<string, RetainedMessage>();
  #bytes = 0;

  constructor(db: Database, limits: RetainedLimits) {
    this.#db = db;
    this.#limits = limits;
    db.exec(
      'CREATE TABLE IF NOT EXISTS retained (topic TEXT PRIMARY KEY, payload BLOB NOT NULL, qos INTEGER NOT NULL)',
    );
    for (const row of db.prepare('SELECT topic, payload, qos FROM retained ORDER BY rowid').all()) {
      const { topic, payload, qos } = row as { topic: string; payload: Uint8Array; qos: 0 | 1 | 2 };
      this.#add({ topic, payload: Buffer.from(payload), qos });
    }
  }

  get size(): number {
    return this.#messages.size;
  }

  /**
   * Keeps the newest message of a topic; one without a payload clears it (MQTT 3.1.1 §3.3.1.3).
   * @returns false where there is no room for it: the one before is gone all the same, for it is no longer true
   */
  keep(message: RetainedMessage): boolean {
    const before = this.#messages.get(message.topic);
    const hasRoom = this.#hasRoom(message, before);
    if (message.payload.length === 0 || !hasRoom) {
      if (before) this.#remove(before);
      return hasRoom;
    }
    if (before?.payload.equals(message.payload) && before.qos === message.qos) return true;
    const { topic, payload, qos } = message;
    this.#db
      .prepare(
        `INSERT INTO retained (topic, payload, qos) VALUES (?, ?, ?)
          ON CONFLICT (topic) DO UPDATE SET payload = excluded.payload, qos = excluded.qos`,
      )
      .run(topic, payload, qos);
    if (before) this.#bytes -= bytesOf(before);
    this.#add({ topic, payload: Buffer.from(payload), qos });
    return true;
  }

  #hasRoom(message: RetainedMessage, before: RetainedMessage | undefined): boolean {
    const { retainedMessagesMax, retainedBytesMax } = this.#limits;
    if (message.payload.length === 0) return true;
    const bytes = this.#bytes - (before ? bytesOf(before) : 0) + bytesOf(message);
    return bytes <= retainedBytesMax && (before !== undefined || this.#messages.size < retainedMessagesMax);
  }

  #add(message: RetainedMessage): void {
    this.#messages.set(message.topic, message);
    this.#bytes += bytesOf(message);
  }

  #remove(message: RetainedMessage): void {
    this.#db.prepare('DELETE FROM retained WHERE topic = ?').run(message.topic);
    this.#messages.delete(message.topic);
    this.#bytes -= bytesOf(message);
  }

  /** Those that any of these filters matches, each once. */
  *matching(filters: readonly string[]): Generator<RetainedMessage> {
    const exact = filters.filter((filter) => !/[+#]/.test(filter));
    const open = filters.filter((filter) => /[+#]/.test(filter));
    const given = new Set<string>();
    for (const topic of exact) {
      const found = this.#messages.get(topic);
      if (found === undefined || given.has(topic)) continue;
      given.add(topic);
      yield found;
    }
    if (open.length === 0) return;
    for (const message of this.#messages.values())
      if (!given.has(message.topic) && open.some((filter) => matchTopic(filter, message.topic) !== undefined))
        yield message;
  }
}
