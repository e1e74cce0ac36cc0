// How many connections a port takes, in all and from one address. What is too many is closed at once and counted.
import type { Counters } from '../counters.ts';

export interface ConnectionLimits {
  /** In all. */
  readonly connectionsMax: number;
  /** From one address; this machine's own is not limited, for a proxy in front of the node has it too. */
  readonly connectionsPerAddressMax: number;
}

/** A stream that says when it is over. */
interface Closing {
  once(event: 'close', listener: () => void): unknown;
  destroy(): unknown;
}

export class ConnectionGate {
  readonly #limits: ConnectionLimits;
  readonly #counters: Counters;
  readonly #byAddress = new Map<string, number>();
  #open = 0;

  constructor(limits: ConnectionLimits, counters: Counters) {
    this.#limits = limits;
    this.#counters = counters;
  }

  get open(): number {
    return this.#open;
  }

  /** @returns false where there are too many already: the connection is closed then */
  enter(connection: Closing, remoteAddress: string | undefined): boolean {
    const address = plainAddress(remoteAddress);
    const ofAddress = this.#byAddress.get(address) ?? 0;
    const tooMany =
      this.#open >= this.#limits.connectionsMax
        ? 'too-many-connections'
        : !isThisMachine(address) && ofAddress >= this.#limits.connectionsPerAddressMax
          ? 'too-many-connections-of-one-address'
          : undefined;
    if (tooMany) {
      this.#counters.count(tooMany);
      connection.destroy();
      return false;
    }
    this.#open++;
    this.#byAddress.set(address, ofAddress + 1);
    connection.once('close', () => {
      this.#open--;
      const left = (this.#byAddress.get(address) ?? 1) - 1;
      if (left > 0) this.#byAddress.set(address, left);
      else this.#byAddress.delete(address);
    });
    return true;
  }
}

/** An IPv4 address is the same one where it arrives over IPv6. */
export function plainAddress(address: string | undefined): string {
  return (address ?? 'unknown').replace(/^::ffff:/i, '');
}

export function isThisMachine(plain: string): boolean {
  return plain === '::1' || plain.startsWith('127.');
}
