// What others may ask the chain through this node: read, and send transactions they signed themselves. Whoever asks is
// nobody known, so that everything is bounded: what may be asked, how much at once, how long, and how large the answer.
import type { Chain } from './chain.ts';
import { RpcError } from './errors.ts';

/** How much a method makes the chain work: one look-up, or a search or run of somebody's code. */
type Weight = 'light' | 'heavy';

/** Everything else, the administrative calls of a practice chain above all, is refused. */
export const PUBLIC_METHODS: ReadonlyMap<string, Weight> = new Map([
  ['eth_blockNumber', 'light'],
  ['eth_call', 'heavy'],
  ['eth_chainId', 'light'],
  ['eth_estimateGas', 'heavy'],
  ['eth_feeHistory', 'light'],
  ['eth_gasPrice', 'light'],
  ['eth_getBalance', 'light'],
  ['eth_getBlockByHash', 'light'],
  ['eth_getBlockByNumber', 'light'],
  ['eth_getBlockReceipts', 'light'],
  ['eth_getCode', 'light'],
  ['eth_getLogs', 'heavy'],
  ['eth_getStorageAt', 'light'],
  ['eth_getTransactionByHash', 'light'],
  ['eth_getTransactionCount', 'light'],
  ['eth_getTransactionReceipt', 'light'],
  ['eth_maxPriorityFeePerGas', 'light'],
  ['eth_sendRawTransaction', 'heavy'],
  ['net_version', 'light'],
  ['web3_clientVersion', 'light'],
]);

export type PublicRpcLimits = {
  /** requests in one body */
  readonly batchMax: number;
  /** bodies under way with heavy requests and with light ones only: in all, and of one client; more are told to come later */
  readonly bodiesMax: Readonly<Record<Weight, number>>;
  readonly bodiesOfClientMax: Readonly<Record<Weight, number>>;
  /** requests that the chain works on at once, whoever asks */
  readonly atChainMax: Readonly<Record<Weight, number>>;
  /** what a body has not had done by then is refused */
  readonly bodyMs: number;
  readonly answerBytesMax: number;
};

/** A practice chain tries a call of 2^24 gas in 10 to 200 ms, on one core. */
export const PUBLIC_RPC_LIMITS: PublicRpcLimits = {
  batchMax: 50,
  bodiesMax: { light: 64, heavy: 32 },
  bodiesOfClientMax: { light: 16, heavy: 6 },
  atChainMax: { light: 4, heavy: 1 },
  bodyMs: 5_000,
  answerBytesMax: 4 * 1024 * 1024,
};

/** What one transaction may use since Osaka (EIP-7825): more is never needed to try one. It bounds the time, too. */
const CALL_GAS_MAX = 2n ** 24n;
/** The rest of a call's fields (fees, access lists, overrides of the state in further parameters) changes no answer that is needed here. */
const CALL_FIELDS = ['from', 'to', 'data', 'input', 'value'] as const;
/** What a transaction costs that runs no code. */
const TRANSFER_GAS = 21_000n;
const PARAMS_MAX: Readonly<Record<string, number>> = { eth_call: 2, eth_estimateGas: 2 };
const RETRY_AFTER_S = 1;

export type PublicRpcRequest = {
  /** who asks, such as an address: what is counted for each */
  readonly client: string;
  /** of the HTTP request */
  readonly contentType: string | undefined;
  readonly body: string;
};

export type PublicRpcReply = {
  readonly status: 200 | 400 | 415 | 503;
  /** JSON */
  readonly body: string;
  /** with 503: when to come again, seconds */
  readonly retryAfterS?: number;
};

type Problem = { readonly code: number; readonly message: string; readonly data?: unknown };
type Call = { readonly id: string | number | null; readonly method: string; readonly params: unknown[] };

/**
 * Answers JSON-RPC requests of strangers.
 *
 * Only `application/json` is taken: a page of another site may not send that without being allowed to (CORS).
 *
 * @param limits those not named are {@link PUBLIC_RPC_LIMITS}
 * @example
 * const rpc = publicRpc(chain);
 * const { status, body } = await rpc({ client: remoteAddress, contentType: 'application/json', body: text });
 */
export function publicRpc(
  chain: Chain,
  limits: Partial<PublicRpcLimits> = {},
): (request: PublicRpcRequest) => Promise<PublicRpcReply> {
  const all = { ...PUBLIC_RPC_LIMITS, ...limits };
  const doors = { light: new Door('light', all), heavy: new Door('heavy', all) };
  const lanes = { light: new Lane(all.atChainMax.light), heavy: new Lane(all.atChainMax.heavy) };
  return async ({ client, contentType, body }) => {
    if (!/^application\/json *(?:;|$)/i.test(contentType ?? ''))
      return { status: 415, body: problem(null, -32600, 'Send JSON-RPC with content-type application/json.') };
    const parsed = parse(body, all.batchMax);
    if ('message' in parsed) return { status: 400, body: problem(null, parsed.code, parsed.message) };
    const { calls, isBatch } = parsed;
    const weight = calls.some((one) => weightOf(one) === 'heavy') ? 'heavy' : 'light';
    if (!doors[weight].enter(client)) {
      const message = `Too much is asked at once: come again in ${RETRY_AFTER_S} s.`;
      return { status: 503, body: problem(null, -32005, message), retryAfterS: RETRY_AFTER_S };
    }
    try {
      const answers = await answerAll(chain, calls, { client, lanes }, all);
      return { status: 200, body: isBatch ? `[${answers.join(',')}]` : (answers[0] as string) };
    } finally {
      doors[weight].leave(client);
    }
  };
}

function parse(
  body: string,
  batchMax: number,
): { readonly calls: readonly (Call | Problem)[]; readonly isBatch: boolean } | Problem {
  let json: unknown;
  try {
    json = JSON.parse(body);
  } catch {
    return { code: -32700, message: 'The body is not JSON.' };
  }
  const list: unknown[] = Array.isArray(json) ? json : [json];
  if (list.length === 0 || list.length > batchMax)
    return { code: -32600, message: `A batch holds 1 to ${batchMax} requests.` };
  return { calls: list.map(callOf), isBatch: Array.isArray(json) };
}

/** One request, checked, or what is wrong with it. */
function callOf(one: unknown): Call | (Problem & { id: Call['id'] }) {
  const { id: given, method, params = [] } = (one ?? {}) as Record<string, unknown>;
  const id = typeof given === 'string' || typeof given === 'number' ? given : null;
  if (typeof method !== 'string' || !Array.isArray(params))
    return { id, code: -32600, message: 'Not a JSON-RPC 2.0 request.' };
  if (!PUBLIC_METHODS.has(method)) return { id, code: -32601, message: 'This method is not offered here.' };
  if (params.length > (PARAMS_MAX[method] ?? 4)) return { id, code: -32602, message: 'Too many parameters.' };
  // A block that does not exist yet would be made up for each request.
  if (params.includes('pending') && method !== 'eth_getTransactionCount')
    return { id, code: -32602, message: 'Ask of the block "latest": pending ones are not offered here.' };
  return { id, method, params: bounded(method, params) };
}

function bounded(method: string, params: unknown[]): unknown[] {
  if (method !== 'eth_call' && method !== 'eth_estimateGas') return params;
  const [given, ...rest] = params as [Record<string, unknown> | undefined, ...unknown[]];
  const call = Object.fromEntries(CALL_FIELDS.flatMap((name) => (given?.[name] ? [[name, given[name]]] : [])));
  return [{ ...call, gas: `0x${CALL_GAS_MAX.toString(16)}` }, ...rest];
}

function weightOf(call: Call | Problem): Weight {
  return 'method' in call ? (PUBLIC_METHODS.get(call.method) as Weight) : 'light';
}

/** Asks the chain once, when it is this body's turn. */
type Ask = (method: string, params: unknown[]) => Promise<unknown>;

/** One after the other, so that each body has one request at the chain at most. */
async function answerAll(
  chain: Chain,
  calls: readonly (Call | (Problem & { id?: Call['id'] }))[],
  { client, lanes }: { readonly client: string; readonly lanes: Readonly<Record<Weight, Lane>> },
  { bodyMs, answerBytesMax }: PublicRpcLimits,
): Promise<string[]> {
  const answers: string[] = [];
  const until = chain.clock.now() + bodyMs;
  const ask: Ask = (method, params) => {
    if (chain.clock.now() >= until) throw new RpcError(-32005, 'This took too long together: ask for less.', undefined);
    return lanes[PUBLIC_METHODS.get(method) as Weight].run(client, () => chain.request({ method, params }));
  };
  let bytes = 0;
  for (const call of calls) {
    const { id = null } = call;
    let answer = 'method' in call ? await answerOne(ask, call) : problem(id, call.code, call.message);
    bytes += answer.length;
    if (bytes > answerBytesMax) {
      bytes -= answer.length;
      answer = problem(id, -32005, `The answers have more than ${answerBytesMax} bytes together: ask for less.`);
    }
    answers.push(answer);
  }
  return answers;
}

async function answerOne(ask: Ask, { id, method, params }: Call): Promise<string> {
  try {
    const result = method === 'eth_estimateGas' ? await estimate(ask, params) : await ask(method, params);
    return JSON.stringify({ jsonrpc: '2.0', id, result: result ?? null });
  } catch (error) {
    const { code, message, data } = error as { code?: unknown; message?: unknown; data?: unknown };
    // Answers of the chain pass on; anything else (a lost connection) says nothing of how it is reached.
    if (typeof code !== 'number' || typeof message !== 'string')
      return problem(id, -32603, 'The chain does not answer: try again later.');
    return problem(id, code, message, data);
  }
}

/**
 * The least gas with which a call succeeds, up to 2 % more. The chain's own search tries it up to twenty times without
 * a pause (3 s of hostile code, in which no block is made); here each try is a turn of its own.
 */
async function estimate(ask: Ask, [call, block = 'latest']: unknown[]): Promise<string> {
  const attempt = (gas: bigint) => ask('eth_call', [{ ...(call as object), gas: `0x${gas.toString(16)}` }, block]);
  const succeeds = (gas: bigint) =>
    attempt(gas).then(
      () => true,
      (error: unknown) => {
        const isAnswer = typeof (error as { code?: unknown }).code === 'number';
        if (isAnswer && (error as { code: number }).code !== -32005) return false;
        throw error;
      },
    );
  await attempt(CALL_GAS_MAX); // where this fails, its error is the answer
  if (await succeeds(TRANSFER_GAS)) return `0x${TRANSFER_GAS.toString(16)}`;
  let [low, high] = [TRANSFER_GAS, CALL_GAS_MAX];
  while (high * 100n > low * 102n) {
    const middle = BigInt(Math.round(Math.sqrt(Number(low) * Number(high))));
    if (await succeeds(middle)) high = middle;
    else low = middle;
  }
  return `0x${high.toString(16)}`;
}

function problem(id: Call['id'], code: number, message: string, data?: unknown): string {
  return JSON.stringify({ jsonrpc: '2.0', id, error: { code, message, data } });
}

/** Counts the bodies under way, in all and by client. */
class Door {
  #max: number;
  #ofClientMax: number;
  #inside = 0;
  #byClient = new Map<string, number>();

  constructor(weight: Weight, limits: PublicRpcLimits) {
    this.#max = limits.bodiesMax[weight];
    this.#ofClientMax = limits.bodiesOfClientMax[weight];
  }

  enter(client: string): boolean {
    const ofClient = this.#byClient.get(client) ?? 0;
    if (this.#inside >= this.#max || ofClient >= this.#ofClientMax) return false;
    this.#inside++;
    this.#byClient.set(client, ofClient + 1);
    return true;
  }

  leave(client: string): void {
    this.#inside--;
    const left = (this.#byClient.get(client) ?? 1) - 1;
    if (left === 0) this.#byClient.delete(client);
    else this.#byClient.set(client, left);
  }
}

type Queue = { readonly calls: (() => void)[]; servedAt: number };

/** So many at once; then clients take turns, however many requests each has waiting. The doors bound what waits. */
class Lane {
  #free: number;
  #served = 0;
  #waiting = new Map<string, Queue>();

  constructor(width: number) {
    this.#free = width;
  }

  async run<T>(client: string, work: () => Promise<T>): Promise<T> {
    if (this.#free > 0) this.#free--;
    else
      await new Promise<void>((resolve) => {
        const queue = this.#waiting.get(client) ?? { calls: [], servedAt: 0 };
        queue.calls.push(resolve);
        this.#waiting.set(client, queue);
      });
    try {
      return await work();
    } finally {
      const next = this.#next();
      if (next) next();
      else this.#free++;
    }
  }

  /** Of the client that was served longest ago; one that had nothing waiting since counts as not served. */
  #next(): (() => void) | undefined {
    let chosen: [string, Queue] | undefined;
    for (const entry of this.#waiting)
      if (chosen === undefined || entry[1].servedAt < chosen[1].servedAt) chosen = entry;
    if (chosen === undefined) return undefined;
    const [client, queue] = chosen;
    const next = queue.calls.shift();
    queue.servedAt = ++this.#served;
    if (queue.calls.length === 0) this.#waiting.delete(client);
    return next;
  }
}
