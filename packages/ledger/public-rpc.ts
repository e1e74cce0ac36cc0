// What others may ask the chain through this node: read, and send transactions they signed themselves.
import type { Chain } from './chain.ts';

type JsonRpcAnswer = {
  jsonrpc: '2.0';
  id: unknown;
  result?: unknown;
  error?: { code: number; message: string; data?: unknown };
};

/** Everything else, the administrative calls of a practice chain above all, is refused. */
export const PUBLIC_METHODS: ReadonlySet<string> = new Set([
  'eth_blockNumber',
  'eth_call',
  'eth_chainId',
  'eth_estimateGas',
  'eth_feeHistory',
  'eth_gasPrice',
  'eth_getBalance',
  'eth_getBlockByHash',
  'eth_getBlockByNumber',
  'eth_getBlockReceipts',
  'eth_getCode',
  'eth_getLogs',
  'eth_getStorageAt',
  'eth_getTransactionByHash',
  'eth_getTransactionCount',
  'eth_getTransactionReceipt',
  'eth_maxPriorityFeePerGas',
  'eth_sendRawTransaction',
  'net_version',
  'web3_clientVersion',
]);

const BATCH_MAX = 50;
/** What one transaction may use since Osaka (EIP-7825): more is never needed to try one. */
const CALL_GAS_MAX = 2n ** 24n;
/** Parameters that change the state a call sees could make a practice chain work without bound. */
const PARAMS_MAX: Readonly<Record<string, number>> = { eth_call: 2, eth_estimateGas: 2 };

/**
 * Answers JSON-RPC 2.0 requests of strangers.
 *
 * @param chain whose calls are offered
 * @returns a function from a parsed request, or a batch of at most 50, to the answer to serialise
 * @example app.post('/chain', async (c) => c.json(await answer(await c.req.json())));
 */
export function publicRpc(chain: Chain): (body: unknown) => Promise<JsonRpcAnswer | JsonRpcAnswer[]> {
  return async (body) => {
    if (!Array.isArray(body)) return answer(chain, body);
    if (body.length === 0 || body.length > BATCH_MAX)
      return refusal(null, -32600, `A batch holds 1 to ${BATCH_MAX} requests.`);
    return Promise.all(body.map((one) => answer(chain, one)));
  };
}

async function answer(chain: Chain, body: unknown): Promise<JsonRpcAnswer> {
  const { id = null, method, params = [] } = (body ?? {}) as { id?: unknown; method?: unknown; params?: unknown };
  if (typeof method !== 'string' || !Array.isArray(params)) return refusal(id, -32600, 'Not a JSON-RPC 2.0 request.');
  if (!PUBLIC_METHODS.has(method)) return refusal(id, -32601, 'This method is not offered here.');
  if (params.length > (PARAMS_MAX[method] ?? 4)) return refusal(id, -32602, 'Too many parameters.');
  try {
    return { jsonrpc: '2.0', id, result: await chain.request({ method, params: limitGas(method, params) }) };
  } catch (error) {
    const { code, message, data } = error as { code?: number; message?: string; data?: unknown };
    // Answers of the chain pass on; anything else (a lost connection) says nothing of how it is reached.
    if (typeof code !== 'number' || typeof message !== 'string')
      return refusal(id, -32603, 'The chain does not answer.');
    return { jsonrpc: '2.0', id, error: data === undefined ? { code, message } : { code, message, data } };
  }
}

function limitGas(method: string, params: unknown[]): unknown[] {
  if (method !== 'eth_call' && method !== 'eth_estimateGas') return params;
  const [call, ...rest] = params;
  return [{ ...(call as object), gas: `0x${CALL_GAS_MAX.toString(16)}` }, ...rest];
}

function refusal(id: unknown, code: number, message: string): JsonRpcAnswer {
  return { jsonrpc: '2.0', id, error: { code, message } };
}
