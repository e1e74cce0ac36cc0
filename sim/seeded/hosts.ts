// Who speaks in a simulation: the node's own machine, a meter, somebody who books and what is booked; and the counters of homes.
import type { Genesis } from '@trine/node/genesis/genesis.ts';
import type { Signer } from '@trine/protocol';
import type { VirtualTime } from '@trine/system/testing/virtual-time.ts';
import { chanceOf } from './chance.ts';
import { Device, type DeviceOptions } from './device.ts';
import { keyOf, PERSON, RESOURCE } from './founded.ts';
import { COUNTERS, countsOf } from './homes.ts';
import type { Network } from './network.ts';
import { METER } from './terms.ts';
import type { Traits } from './traits.ts';

export interface HostsOptions extends Pick<DeviceOptions, 'hand'> {
  readonly seed: number;
  readonly traits: Traits;
  readonly genesis: Genesis;
  readonly time: VirtualTime;
  readonly way: Network;
}

export interface Hosts {
  readonly own: Device;
  readonly meter: Device;
  readonly person: Device;
  readonly thing: Device;
  /** Of homes, where their bills are netted. */
  readonly counters: readonly Device[];
}

export function hostsOf({ seed, traits, genesis, time, way, hand }: HostsOptions): Hosts {
  const { network, keys } = genesis;
  const shared = { network: network.id, gateway: keys.gateway.publicKey, time, way, hand };
  const device = (
    subject: string,
    stream: number,
    more: Partial<DeviceOptions> = {},
    signer: Signer = keyOf(subject),
  ) => new Device({ ...shared, subject, signer, chance: chanceOf(seed, stream), ...more });
  const counters = traits.isNetted
    ? COUNTERS.map((subject, i) => device(subject, 20 + 2 * i, { readings: countsOf(chanceOf(seed, 21 + 2 * i)) }))
    : [];
  return {
    own: device('machine/simulated', 3, {}, keys.device),
    meter: device(METER, 4),
    person: device(PERSON, 6),
    thing: device(RESOURCE, 7),
    counters,
  };
}
