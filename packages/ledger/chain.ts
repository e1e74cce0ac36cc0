// What the rest of the node knows of a chain: an EIP-1193 request function and three facts a JSON-RPC does not give.
import { createPublicClient, custom, defineChain, type PublicClient } from 'viem';
import type { Clock, Timers } from './time.ts';

/** A JSON-RPC method and its parameters, as EIP-1193 has them. */
export type ChainRequest = (call: { method: string; params?: unknown }) => Promise<unknown>;

export interface Chain {
  /** EIP-155 */
  readonly chainId: bigint;
  /** `embedded` is a practice chain: one process, no independent validators. */
  readonly kind: 'embedded' | 'external';
  /** Who can reach the embedded chain's administrative calls: its own network namespace, or local processes. */
  readonly isolation: 'namespace' | 'loopback' | 'external';
  /** For this node's own code: everything the chain offers. Others get {@link publicRpc}. */
  readonly request: ChainRequest;
  /** Number of the newest block that a crash or a reorganisation will not take back; -1 before there is one. */
  finalBlock(): Promise<bigint>;
  /** Makes the newest block's time current where blocks are made on demand; elsewhere blocks come by themselves. */
  refresh(): Promise<void>;
  /** What keeps the chain from going on, and what to do about it, in words; undefined while all is well. */
  problem(): string | undefined;
  /** The time by which this chain lives, and whatever works on it. */
  readonly clock: Clock;
  readonly timers: Timers;
  /** Rejects as soon as the chain has ended by itself; never resolves. */
  readonly ended: Promise<never>;
  stop(): Promise<void>;
}

/**
 * A viem client for reading.
 *
 * @example const block = await publicClient(chain).getBlockNumber();
 */
export function publicClient(chain: Chain): PublicClient {
  return createPublicClient({
    chain: defineChain({
      id: Number(chain.chainId),
      name: chain.kind,
      nativeCurrency: { name: 'Ether', symbol: 'ETH', decimals: 18 },
      rpcUrls: { default: { http: [] } },
    }),
    transport: custom({ request: chain.request }, { retryCount: 0 }),
    cacheTime: 0,
    pollingInterval: 200,
  });
}
