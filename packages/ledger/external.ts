import { http, webSocket } from 'viem';
import { asLedgerError, type Chain, type ChainRequest } from './chain.ts';
import { LedgerError, RpcError } from './errors.ts';
import { type Clock, systemClock, systemTimers, type Timers } from './time.ts';

export type ExternalOptions = {
  /** JSON-RPC endpoint: http, https, ws or wss */
  readonly url: string;
  /** refuse to work on any other chain */
  readonly chainId?: bigint;
  /** blocks after which one counts as final; where omitted, the chain's own finality is asked */
  readonly confirmations?: number;
  readonly clock?: Clock;
  readonly timers?: Timers;
};

/**
 * Connects to any EVM chain.
 *
 * @throws LedgerError when it does not answer, or is another chain than expected; the URL, which may hold a token, is
 * never repeated
 * @example const chain = await connectExternal({ url: 'http://127.0.0.1:8545', confirmations: 1 });
 */
export async function connectExternal(options: ExternalOptions): Promise<Chain> {
  const scheme = URL.parse(options.url)?.protocol;
  if (!scheme || !['http:', 'https:', 'ws:', 'wss:'].includes(scheme))
    throw new LedgerError('chain-wrong', 'The chain’s URL must start with http, https, ws or wss.', 'never');
  const transport = (scheme.startsWith('ws') ? webSocket(options.url) : http(options.url))({});
  const request: ChainRequest = async (call) => {
    try {
      return await transport.request(call as never);
    } catch (error) {
      throw withoutUrl(error);
    }
  };
  let chainId: bigint;
  try {
    chainId = BigInt((await request({ method: 'eth_chainId' })) as string);
  } catch {
    throw lost();
  }
  if (options.chainId !== undefined && chainId !== options.chainId)
    throw new LedgerError(
      'chain-wrong',
      `The URL leads to chain ${chainId}, expected ${options.chainId}: name the URL of that chain.`,
      'never',
    );

  const number = async (tag: string): Promise<bigint> => {
    const block = (await request({ method: 'eth_getBlockByNumber', params: [tag, false] })) as {
      number: string;
    } | null;
    try {
      return block === null ? -1n : BigInt(block.number);
    } catch (error) {
      throw asLedgerError(error);
    }
  };
  return {
    ...{ chainId, kind: 'external', isolation: 'external', request },
    async finalBlock() {
      if (options.confirmations === undefined) return number('finalized');
      const confirmed = (await number('latest')) - BigInt(options.confirmations) + 1n;
      return confirmed < -1n ? -1n : confirmed;
    },
    refresh: () => Promise.resolve(),
    problem: () => undefined, // whether it goes on is seen by what waits for its blocks
    clock: options.clock ?? systemClock,
    timers: options.timers ?? systemTimers,
    ended: new Promise<never>(() => {}),
    async stop() {
      const value = transport.value;
      if (value !== undefined && 'getRpcClient' in value) (await value.getRpcClient()).close();
    },
  };
}

const lost = () => new LedgerError('chain-lost', 'The chain does not answer: check its URL and that it runs.', 'later');

/** The library's messages repeat the URL and the whole request; what the chain itself said is what others may read. */
function withoutUrl(error: unknown): Error {
  const { code, details, shortMessage, data, cause } = error as {
    code?: unknown;
    details?: string;
    shortMessage?: string;
    data?: unknown;
    cause?: { data?: unknown };
  };
  if (typeof code !== 'number') return lost();
  return new RpcError(code, details ?? shortMessage ?? 'The chain refused the request.', data ?? cause?.data);
}
