// Settling and all of deciding for unit tests, on a chain in memory with the real contracts.
import type { Chain } from '@trine/ledger/chain.ts';
import type { Decision } from '@trine/protocol';
import { didKey } from '@trine/protocol';
import { Decisions } from '../decide/decisions.ts';
import { buildEvidence, buildLines } from '../evidence/build.ts';
import type { Node } from '../node.ts';
import type { LoggedPolicy } from '../projections/policies.ts';
import { Settler, type SettlerOptions } from '../settle/settler.ts';
import { foundOn } from './genesis.ts';
import { Parts, type PartsOptions } from './parts.ts';
import { HOME, World } from './world.ts';

export interface Settling {
  readonly parts: Parts;
  readonly chain: Chain;
  readonly settler: Settler;
  readonly decisions: Decisions;
  /** What was said of each round: undefined where nothing went wrong. */
  readonly troubles: (string | undefined)[];
  /** Takes every payment as far as it goes. */
  settle(): Promise<void>;
  close(): Promise<void>;
}

/** @param change of what the settler works with */
export async function openSettling(
  options: Omit<PartsOptions, 'genesis' | 'onDecision'> = {},
  change: (options: SettlerOptions) => Partial<SettlerOptions> = () => ({}),
): Promise<Settling> {
  const world = options.world ?? (await World.make());
  let settler: Settler | undefined;
  const onDecision = async (_: LoggedPolicy, decision: Decision) => settler?.decided(decision);
  const parts = await Parts.open({ ...options, world, genesis: foundOn(world), onDecision });
  return join(parts, change, (made) => {
    settler = made;
  });
}

function join(
  parts: Parts,
  change: (options: SettlerOptions) => Partial<SettlerOptions>,
  made: (settler: Settler) => void,
): Settling {
  const { world, log, store, ingest, bodies, projections, domains, genesis, decider, lifecycle, sources } = parts;
  const { runner, policies, scheduler } = projections;
  const { chain, contracts, network, origin, keys } = genesis;
  const { member: issuer } = parts.identities;
  const options: SettlerOptions = {
    ...{
      chain,
      contracts,
      log,
      store,
      bodies,
      runner,
      ingest,
      issuer,
      origin,
      network,
      domains,
      policies,
      now: world.now,
    },
    ...{ decider: didKey(keys.member.publicKey), account: keys.account, practice: keys, disk: world.disk },
    folder: `${HOME}/ledger`,
    timers: { elapsed: () => world.time.elapsedMs },
    evidence: (id) => buildEvidence({ ...sources, log, settler, policies, bodies }, id),
    lines: (id, keys) => buildLines({ ...sources, log, settler, policies, bodies }, id, keys),
  };
  const settler: Settler = new Settler({ ...options, ...change(options) });
  made(settler);
  const troubles: (string | undefined)[] = [];
  const onTrouble = (message: string | undefined) => void troubles.push(message);
  const decisions = new Decisions({
    ...{ sources, policies, scheduler, decider, lifecycle, settler, runner, issuer, log, network, onTrouble },
  });
  return {
    ...{ parts, chain, settler, decisions, troubles },
    async settle() {
      settler.round();
      // Anchored, paid, proven and vouched for: each step follows from the one before, by the chain's own time.
      for (let step = 0; step < 20; step++) {
        await world.reaches(world.time.elapsedMs + 1_000);
        await world.does(runner.flush());
      }
    },
    async close() {
      await world.does(decisions.stop());
      await parts.close();
    },
  };
}

/** What routes and views ask of a node about policies and models; the rest of one is not there. */
export function nodeOf({ parts, decisions, settler }: Settling): Node {
  const { store, log, domains, genesis, lifecycle, projections, world } = parts;
  const { policies, models, runner, keyDirectory, sequences } = projections;
  const node = { store, log, domains, genesis, lifecycle, policies, models, runner, keyDirectory, sequences };
  return { ...node, decisions, settler, clock: world.now } satisfies Partial<Node> as unknown as Node;
}
