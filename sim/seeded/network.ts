// A network that loses, doubles, delays and reorders what is sent over it.
import type { VirtualTime } from '@trine/system/testing/virtual-time.ts';
import type { Chance } from './chance.ts';

const DELAY_MS_MAX = 400;

export class Network {
  /** How often a message is lost, and how often it comes twice. 0: a good network. */
  lost = 0.15;
  doubled = 0.1;
  readonly #time: VirtualTime;
  readonly #chance: Chance;

  constructor(time: VirtualTime, chance: Chance) {
    this.#time = time;
    this.#chance = chance;
  }

  /** Carries a message: it arrives once, several times, later than others sent after it, or never. */
  carry(arrives: () => void): void {
    const once = () => this.#time.after(1 + this.#chance.below(DELAY_MS_MAX), arrives);
    if (!this.#chance.happens(this.lost)) once();
    if (this.#chance.happens(this.doubled)) once();
  }
}
