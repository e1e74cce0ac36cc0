// A line from a device to the real way in, for tests.
import type { IngestHarness } from '@trine/node/ingest/testing/harness.ts';
import type { Transport } from '../transport.ts';

/** A line to the real way in, which can be cut, and on which messages can be changed. */
export class Line implements Transport {
  readonly #harness: IngestHarness;
  up = true;
  sent: Uint8Array[] = [];
  onTheWay: (message: Uint8Array) => Uint8Array = (message) => message;
  onTheWayBack: (message: Uint8Array) => Uint8Array | undefined = (message) => message;
  #listener: (message: Uint8Array) => void = () => undefined;
  #connected: () => void = () => undefined;

  constructor(harness: IngestHarness) {
    this.#harness = harness;
  }

  async send(message: Uint8Array): Promise<void> {
    if (!this.up) throw new Error('Not connected.');
    this.sent.push(message);
    const { acknowledgement } = await this.#harness.ingest.take(this.onTheWay(message), 'line');
    const back = this.onTheWayBack(acknowledgement);
    if (back) this.#listener(back);
  }
  onAcknowledgement(listener: (message: Uint8Array) => void): void {
    this.#listener = listener;
  }
  onConnected(listener: () => void): void {
    this.#connected = listener;
  }
  reconnect(): void {
    this.up = true;
    this.#connected();
  }
  hear(message: Uint8Array): void {
    this.#listener(message);
  }
  async close(): Promise<void> {
    this.up = false;
  }
}
