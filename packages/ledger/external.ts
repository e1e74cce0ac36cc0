import { http, webSocket } from 'viem';
import type { Chain, ChainRequest } from './chain.ts';
import { LedgerError } from './errors.ts';

export type ExternalOptions = {
  /** JSON-RPC endpoint: http, https, ws or wss */
  readonly url: string;
  /** refuse to work on any other chain */
  readonly chainId?: bigint;
  /** blocks after which one counts as final; where omitted, the chain's own finality is asked */
  readonly confirmations?: number;
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
    throw new LedgerError('The chain’s URL must start with http, https, ws or wss.', 'never');
  const transport = (scheme.startsWith('ws') ? webSocket(options.url) : http(options.url))({});
  const request: ChainRequest = (call) => transport.request(call as never);
  let chainId: bigint;
  try {
    chainId = BigInt((await request({ method: 'eth_chainId' })) as string);
  } catch {
    throw new LedgerError('The chain does not answer: check its URL and that it runs.', 'later');
  }
  if (options.chainId !== undefined && chainId !== options.chainId)
    throw new LedgerError(`The URL leads to chain ${chainId}, expected ${options.chainId}.`, 'never');

  const number = async (tag: string): Promise<bigint> => {
    const block = (await request({ method: 'eth_getBlockByNumber', params: [tag, false] })) as {
      number: string;
    } | null;
    return block === null ? -1n : BigInt(block.number);
  };
  return {
    ...{ chainId, kind: 'external', isolation: 'external', request },
    async finalBlock() {
      if (options.confirmations === undefined) return number('finalized');
      const confirmed = (await number('latest')) - BigInt(options.confirmations) + 1n;
      return confirmed < -1n ? -1n : confirmed;
    },
    refresh: () => Promise.resolve(),
    ended: new Promise<never>(() => {}),
    async stop() {
      const value = transport.value;
      if (value !== undefined && 'getRpcClient' in value) (await value.getRpcClient()).close();
    },
  };
}
