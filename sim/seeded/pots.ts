// What homes, and whoever they pay, have in the agreement whose bills are netted, and what they stake on contests of them.
import { readMember, readNumber, readPot } from '@trine/ledger/batches.ts';
import type { Chain } from '@trine/ledger/chain.ts';
import { type ContestEvent, readContests } from '@trine/ledger/contests.ts';
import type { Node } from '@trine/node/node.ts';
import { type Hex, hexOf } from '@trine/protocol';
import { ADDRESSES, billed } from './homes.ts';

/** Accounts of homes; none where nothing is netted. */
export function accountsOf(node: Node): readonly Hex[] {
  return billed(node) ? [...ADDRESSES.values()] : [];
}

export interface Pot {
  /** What all have in it together, minor units. */
  readonly pot: bigint;
  /** What waits for a word on a contest. */
  readonly bonds: bigint;
  /** What an account put in, without what batches gave and took. */
  readonly stakeOf: (account: Hex) => Promise<bigint>;
}

export async function potOf(node: Node, chain: Chain): Promise<Pot> {
  const logged = billed(node);
  if (logged === undefined) return { pot: 0n, bonds: 0n, stakeOf: async () => 0n };
  const { contracts } = node.genesis;
  const agreement = hexOf(logged.id);
  const open = await openContests(node, chain);
  return {
    pot: await readPot(chain, contracts, agreement),
    bonds: BigInt(open.length * (logged.policy.money.contestBond ?? 0)),
    stakeOf: async (account) => {
      const number = await readNumber(chain, contracts, agreement, account);
      return number === undefined ? 0n : (await readMember(chain, contracts, agreement, number)).stake;
    },
  };
}

/** Contests on which nobody has ruled, and that are not over. */
export async function openContests(node: Node, chain: Chain): Promise<ContestEvent[]> {
  const logged = billed(node);
  if (logged === undefined) return [];
  const newest = BigInt((await chain.request({ method: 'eth_blockNumber' })) as string);
  const events = await readContests(chain, node.genesis.contracts, [hexOf(logged.id)], 0n, newest);
  const nameOf = ({ obligation, account }: ContestEvent) => `${obligation} ${account}`;
  const ended = new Set(events.filter(({ event }) => event === 'ended').map(nameOf));
  return events.filter((one) => one.event === 'contested' && !ended.has(nameOf(one)));
}
