// What the rest of the node knows of a chain: an EIP-1193 request function and three facts a JSON-RPC does not give.
import { TrineError } from '@trine/protocol';
import { createPublicClient, custom, defineChain, type PublicClient } from 'viem';
import { refusalOf, revertOf } from './contracts.ts';
import { LedgerError, RpcError } from './errors.ts';
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
 * A viem client for reading. Its calls reject with errors of this package's family alone: the library wraps what the chain's
 * request function said, and has errors of its own for an answer that it cannot read, which only whoever serves the chain
 * can bring about.
 *
 * @throws LedgerError where the chain does not answer, answers what cannot be read, or a contract refuses
 * @example const block = await publicClient(chain).getBlockNumber();
 */
export function publicClient(chain: Chain): PublicClient {
  const client = createPublicClient({
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
  return new Proxy(client, {
    get(target, name) {
      const member: unknown = Reflect.get(target, name);
      if (typeof member !== 'function') return member;
      return (...given: unknown[]) => {
        const result: unknown = member.apply(target, given);
        return result instanceof Promise ? result.catch((error) => Promise.reject(asLedgerError(error))) : result;
      };
    },
  });
}

const CAUSES_MAX = 10;

/** What the chain said under whatever the library made of it. */
export function asLedgerError(error: unknown): TrineError {
  let at = error;
  for (let depth = 0; at instanceof Error && depth < CAUSES_MAX; depth++, at = at.cause) {
    if (at instanceof TrineError) return at;
    if (!(at instanceof RpcError)) continue;
    const revert = revertOf(at);
    if (revert) return refusalOf(revert);
    const words = `The chain does not do what it is asked: ${at.message.slice(0, 200)}`;
    return new LedgerError('chain-lost', words, 'later', { cause: error });
  }
  const words = 'The chain’s answer is none that can be read: check that its URL is that of an EVM JSON-RPC.';
  return new LedgerError('chain-wrong', words, 'later', { cause: error });
}
