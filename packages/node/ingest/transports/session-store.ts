// What the broker keeps of its sessions. A session lasts as long as its connection: nothing is kept for who is away,
// and of a message of QoS 2 that is not released yet only its number, never its payload. Beside them what is retained.
import { Readable } from 'node:stream';
import type { RetainedMessage, RetainedMessages } from './retained.ts';

interface Session {
  readonly id: string;
}

interface Numbered {
  readonly messageId?: number | undefined;
}

/** In the form that the broker asks for. */
export class SessionStore {
  readonly #unreleased = new Map<string, Set<number>>();
  readonly #retained: RetainedMessages;

  readonly #onFull: () => void;

  /** @param onFull told of a message that is not retained, for want of room */
  constructor(retained: RetainedMessages, onFull: () => void) {
    this.#retained = retained;
    this.#onFull = onFull;
  }

  async setup(): Promise<void> {}

  async storeRetained({ topic, payload, qos }: RetainedMessage): Promise<void> {
    if (!this.#retained.keep({ topic, payload, qos })) this.#onFull();
  }
  createRetainedStreamCombi(filters: readonly string[]): Readable {
    return Readable.from(published(this.#retained.matching(filters)));
  }

  async subscriptionsByTopic(): Promise<never[]> {
    return [];
  }
  async subscriptionsByClient(): Promise<never[]> {
    return [];
  }
  async cleanSubscriptions(): Promise<void> {}

  async outgoingEnqueueCombi(): Promise<void> {}
  async outgoingClearMessageId(): Promise<void> {}
  outgoingStream(): Readable {
    return Readable.from([]);
  }

  async incomingStorePacket({ id }: Session, { messageId }: Numbered): Promise<void> {
    const numbers = this.#unreleased.get(id) ?? new Set();
    this.#unreleased.set(id, numbers.add(messageId as number));
  }
  /** @throws Error where the message is not there, as the broker wants it */
  async incomingGetPacket({ id }: Session, { messageId }: Numbered): Promise<Numbered> {
    if (!this.#unreleased.get(id)?.has(messageId as number)) throw new Error('no such packet');
    return { messageId };
  }
  async incomingDelPacket({ id }: Session, { messageId }: Numbered): Promise<void> {
    if (!this.#unreleased.get(id)?.delete(messageId as number)) throw new Error('no such packet');
  }
  async cleanIncoming({ id }: Session): Promise<void> {
    this.#unreleased.delete(id);
  }

  // A will lies with its connection: after a crash of the node there is nobody left to send it for.
  async putWill(): Promise<void> {}
  async delWill(): Promise<void> {}
  streamWill(): Readable {
    return Readable.from([]);
  }
}

function* published(messages: Iterable<RetainedMessage>) {
  for (const message of messages) yield { cmd: 'publish', ...message };
}
