// Plain messages of devices that sign nothing: mapped to readings by the rules of the settings, and said by this gateway.

import { refusals, TrineError } from '@trine/protocol';
import type { Clock } from '@trine/system/time.ts';
import type { BridgeRule } from '../settings.ts';
import { BridgeError, bridge, type MappedMessage } from './bridge.ts';
import type { Issuer } from './issuer.ts';

const WAITING_MAX = 10_000;

export class PlainMessages {
  /** Messages that no rule could read, or that were refused; and why the last one was. */
  refused = 0;
  last: string | undefined;
  /** Messages dated by their arrival, because their time was missing or none; and why the last one was. */
  datedByArrival = 0;
  lastDated: string | undefined;
  readonly #options: { readonly rules: readonly BridgeRule[]; readonly gateway: Issuer; readonly now: Clock };
  #waiting = 0;

  constructor(options: { readonly rules: readonly BridgeRule[]; readonly gateway: Issuer; readonly now: Clock }) {
    this.#options = options;
  }

  /**
   * Takes a message. Resolves when it is sealed, or counted because it can be no reading: its sender may forget it then.
   *
   * @throws TrineError where the same message may be taken later
   */
  async take(topic: string, payload: Uint8Array): Promise<void> {
    const { rules, now } = this.#options;
    try {
      const mapped = bridge(rules, topic, payload, now());
      if (mapped === undefined) return;
      if (this.#waiting >= WAITING_MAX)
        throw new BridgeError(`Topic ${topic}: too much waits to be signed.`, 'overloaded');
      this.#waiting++;
      try {
        await this.#say(mapped);
      } finally {
        this.#waiting--;
      }
    } catch (error) {
      this.#refuse((error as Error).message);
      const isRefused = error instanceof TrineError && error.retry === 'never' && error.code in refusals;
      if (!isRefused) throw error;
    }
  }

  /** What has no clock of its own is dated by its arrival, and its statement says so. */
  async #say({ subject, readings, arrival }: MappedMessage): Promise<void> {
    const { gateway } = this.#options;
    if (arrival === undefined) {
      await gateway.measure(subject, readings, 'gateway', false);
      return;
    }
    const undated = readings.map((reading) => ({ ...reading, timeMs: 0 }));
    await gateway.measure(subject, undated, 'gateway', false, 'none');
    this.datedByArrival++;
    this.lastDated = arrival;
  }

  #refuse(message: string): void {
    this.refused++;
    this.last = message;
  }
}
