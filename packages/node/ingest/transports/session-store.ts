// What the broker keeps of its sessions. A session lasts as long as its connection: nothing is kept for who is away,
// nothing is retained, and of a message of QoS 2 that is not released yet only its number, never its payload.
import { Readable } from 'node:stream';

interface Session {
  readonly id: string;
}

interface Numbered {
  readonly messageId?: number | undefined;
}

/** In the form that the broker asks for. */
export class SessionStore {
  readonly #unreleased = new Map<string, Set<number>>();

  async setup(): Promise<void> {}

  async storeRetained(): Promise<void> {}
  createRetainedStreamCombi(): Readable {
    return Readable.from([]);
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
