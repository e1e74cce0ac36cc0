// Plain messages of devices that sign nothing: mapped to readings by the rules of the settings, and said by this gateway.

import type { Clock } from '@trine/system/time.ts';
import type { BridgeRule } from '../settings.ts';
import { BridgeError, bridge } from './bridge.ts';
import type { Issuer } from './issuer.ts';

const WAITING_MAX = 10_000;

export class PlainMessages {
  /** Messages that no rule could read, or that were refused; and why the last one was. */
  refused = 0;
  last: string | undefined;
  readonly #options: { readonly rules: readonly BridgeRule[]; readonly gateway: Issuer; readonly now: Clock };
  #waiting = 0;

  constructor(options: { readonly rules: readonly BridgeRule[]; readonly gateway: Issuer; readonly now: Clock }) {
    this.#options = options;
  }

  take(topic: string, payload: Uint8Array): void {
    const { rules, gateway, now } = this.#options;
    try {
      const mapped = bridge(rules, topic, payload, now());
      if (mapped === undefined) return;
      if (this.#waiting >= WAITING_MAX)
        throw new BridgeError(`Topic ${topic}: too much waits to be signed.`, 'overloaded');
      this.#waiting++;
      gateway
        .measure(mapped.subject, mapped.readings, 'gateway', false)
        .catch((error: Error) => this.#refuse(error.message))
        .finally(() => {
          this.#waiting--;
        });
    } catch (error) {
      if (!(error instanceof BridgeError)) throw error;
      this.#refuse(error.message);
    }
  }

  #refuse(message: string): void {
    this.refused++;
    this.last = message;
  }
}
