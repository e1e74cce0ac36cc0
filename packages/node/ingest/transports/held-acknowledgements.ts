// Acknowledgements of messages that came over one connection, held until each message is sealed and let go in the order in
// which the messages came (MQTT 3.1.1 §4.6). Meanwhile others are taken, up to a bound: to wait for each seal in turn would
// take one message at a time.

export interface HeldLimits {
  readonly messagesMax: number;
  readonly bytesMax: number;
}

interface Held {
  readonly bytes: number;
  readonly acknowledge: () => void;
  isDone: boolean;
}

export class HeldAcknowledgements {
  readonly #limits: HeldLimits;
  readonly #onFailure: (error: Error) => void;
  readonly #held: Held[] = [];
  #bytes = 0;
  #isOver = false;
  #changed = Promise.withResolvers<void>();

  /** @param onFailure a message could not be sealed: it, and those after it, are not acknowledged on this connection */
  constructor(limits: HeldLimits, onFailure: (error: Error) => void) {
    this.#limits = limits;
    this.#onFailure = onFailure;
  }

  get size(): number {
    return this.#held.length;
  }

  /** @param done resolves when the message may be acknowledged */
  hold(bytes: number, done: Promise<void>, acknowledge: () => void): void {
    const held: Held = { bytes, acknowledge, isDone: false };
    this.#held.push(held);
    this.#bytes += bytes;
    done.then(
      () => {
        held.isDone = true;
        this.#release();
      },
      (error: Error) => {
        if (this.#isOver) return;
        this.end();
        this.#onFailure(error);
      },
    );
  }

  #release(): void {
    while (!this.#isOver && this.#held[0]?.isDone) {
      const { bytes, acknowledge } = this.#held.shift() as Held;
      this.#bytes -= bytes;
      acknowledge();
    }
    this.#tell();
  }

  #tell(): void {
    const { resolve } = this.#changed;
    this.#changed = Promise.withResolvers<void>();
    resolve();
  }

  /** Resolves when another message may be taken. */
  async room(): Promise<void> {
    const { messagesMax, bytesMax } = this.#limits;
    while (!this.#isOver && (this.#held.length >= messagesMax || this.#bytes >= bytesMax)) await this.#changed.promise;
  }

  /** Resolves when nothing is held any more. */
  async drained(): Promise<void> {
    while (!this.#isOver && this.#held.length > 0) await this.#changed.promise;
  }

  /** The connection is gone: what is held is acknowledged when it comes again. */
  end(): void {
    this.#isOver = true;
    this.#held.length = 0;
    this.#tell();
  }
}
