// Everything that the node's account sends: the kinds of items of its outbox.
import type { Chain } from '@trine/ledger/chain.ts';
import { endContestKind } from '@trine/ledger/contests.ts';
import type { Contracts } from '@trine/ledger/contracts.ts';
import { publishKind, refuteKind } from '@trine/ledger/outbox-batches.ts';
import {
  actKind,
  anchorKind,
  announceKind,
  callKind,
  endHoldKind,
  expireKind,
  type OutboxKind,
  type ProveLeaf,
  settleKind,
} from '@trine/ledger/outbox-kinds.ts';
import type { Log } from '@trine/log/types.ts';
import { hexOf } from '@trine/protocol';

/** @param prove a leaf under an anchored root */
export function outboxKinds(
  chain: Chain,
  contracts: Contracts,
  log: Pick<Log, 'consistencyProof'>,
  prove: ProveLeaf,
  // biome-ignore lint/suspicious/noExplicitAny: each kind has a payload of its own
): Readonly<Record<string, OutboxKind<any>>> {
  return {
    anchor: anchorKind(chain, contracts, async (_origin, from, to) =>
      (await log.consistencyProof(Number(from), Number(to))).map(hexOf),
    ),
    // One lane for each key: it is entered before it is ended.
    register: { ...callKind(['KeyExists']), lane: ({ key }) => `key:${key}` },
    revoke: { ...callKind(['KeyNotActive']), lane: ({ key }) => `key:${key}` },
    // One after the other: an approval is for the deposit that follows it, a deposit for the lock.
    approve: { ...callKind([]), lane: () => 'open' },
    open: { ...callKind(['AgreementExists']), lane: () => 'open' },
    deposit: { ...callKind(['NonceUsed']), lane: () => 'open' },
    authorize: { ...callKind(['NonceUsed']), lane: () => 'open' },
    announce: announceKind(chain, contracts, prove),
    publish: publishKind(chain, contracts),
    settle: settleKind(chain, contracts, prove),
    endHold: endHoldKind,
    expire: expireKind,
    endContest: endContestKind(contracts),
    refute: refuteKind,
    act: actKind,
  };
}
