// A network for the parts of a node in tests: founded as a node does on a chain in memory, or without a chain, where
// nothing is settled.
import {
  addressOfPrivateKey,
  didKey,
  formatVerifierKey,
  type NetworkDocument,
  networkId,
  parseNetwork,
  verifierKey,
} from '@trine/protocol';
import { replaceNow } from '@trine/system/disk.ts';
import type { System } from '@trine/system/system.ts';
import type { Life } from '@trine/system/testing/virtual-time.ts';
import { found, type Genesis, openKeys } from '../genesis/genesis.ts';
import { HOME, settingsOf, type World } from './world.ts';

const address = (digit: string) => `0x${digit.repeat(40)}` as const;
const CONTRACTS = {
  ...{ registry: address('1'), checkpoints: address('2'), direct: address('3'), token: address('4') },
  ...{ accounts: address('5'), terms: address('6'), batch: address('7'), fromBlock: 0n },
};
const FOUNDED = '2026-01-01T00:00:00.000Z';

/** A network whose chain is never asked. */
export async function foundBare(system: Pick<System, 'disk' | 'random'>): Promise<Genesis> {
  const keys = openKeys(HOME, system);
  const key = didKey(keys.member.publicKey);
  const id = networkId({ name: 'Test', founded: FOUNDED, keys: [key] });
  const origin = `${id.slice(6)}.trine.example/log/1`;
  const vkey = formatVerifierKey(verifierKey(origin, keys.log.publicKey.raw));
  const { token, fromBlock: _, ...chain } = CONTRACTS;
  const network: NetworkDocument = {
    trine: 'network/1',
    ...{ id, name: 'Test', founded: FOUNDED, quorum: 1 },
    members: [{ name: 'Member', key, address: addressOfPrivateKey(keys.account), logs: [{ origin, vkey }] }],
    chain: { id: 1, kind: 'practice', ...chain, tokens: [{ address: token, currency: 'EUR', decimals: 2 }] },
  };
  const path = `${HOME}/network.json`;
  if (!system.disk.has(path)) replaceNow(system.disk, path, JSON.stringify(network));
  const pinned = parseNetwork(system.disk.read(path).toString('utf8'));
  return { keys, chain: undefined as never, contracts: CONTRACTS, network: pinned, origin };
}

/** A network founded on the chain of a world, or found there again. */
export function foundOn(world: World): (life: Life) => Promise<Genesis> {
  return (life) => found(settingsOf(), (_, keys) => world.reach(keys, life), world.system(life));
}
