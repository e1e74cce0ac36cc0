// Plain messages of devices that sign nothing: mapped to readings by the rules of the settings, and said by this gateway.

import { refusals, TrineError } from '@trine/protocol';
import type { Clock } from '@trine/system/time.ts';
import type { BridgeRule } from '../bridge-rule.ts';
import { BridgeError, bridge } from './bridge.ts';
import type { Issuer } from './issuer.ts';
import type { PlainMessage } from './transport.ts';

const WAITING_MAX = 10_000;

export class PlainMessages {
  /** Messages that no rule could read, members of others, and what was refused; and why the last one was. */
  refused = 0;
  /** Values that say that there is none: a dead sensor is no reading. */
  noValue = 0;
  last: string | undefined;
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
  async take({ topic, payload }: PlainMessage): Promise<void> {
    const { rules, gateway, now } = this.#options;
    try {
      const mapped = bridge(rules, topic, payload, now());
      if (mapped === undefined) return;
      this.noValue += mapped.noValue;
      for (const why of mapped.refused) this.#refuse(why);
      if (mapped.readings.length === 0) return;
      if (this.#waiting >= WAITING_MAX)
        throw new BridgeError(`Topic ${topic}: too much waits to be signed.`, 'overloaded');
      this.#waiting++;
      try {
        await gateway.measure(mapped.subject, mapped.readings, 'gateway', false);
      } finally {
        this.#waiting--;
      }
    } catch (error) {
      this.#refuse((error as Error).message);
      const isRefused = error instanceof TrineError && error.retry === 'never' && error.code in refusals;
      if (!isRefused) throw error;
    }
  }

  #refuse(message: string): void {
    this.refused++;
    this.last = message;
  }
}
