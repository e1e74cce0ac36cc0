// A chain in memory for unit tests and seeded simulation: the real contracts' bytecode in an EVM in JavaScript, real
// headers and receipts, so that whatever works on a chain works on it and its proofs verify. It is deterministic: the
// clock is given, it has no timers, and blocks are made when they are asked for. Faults are by hand.
import { createTxFromRLP } from '@ethereumjs/tx';
import { bytesToHex, hexToBytes } from '@ethereumjs/util';
import { addressOfPrivateKey } from '@trine/protocol';
import type { Chain, ChainRequest } from '../chain.ts';
import { LedgerError, RpcError } from '../errors.ts';
import { type Clock, systemClock, systemTimers, type Timers } from '../time.ts';
import { Evm, type Hex } from './memory/evm.ts';
import { METHODS, type World } from './memory/methods.ts';
import { Pool } from './memory/pool.ts';

export type MemoryOptions = {
  readonly chainId: bigint;
  /** secp256k1 private keys, 32 bytes each: their accounts hold ether from the beginning */
  readonly keys: readonly Uint8Array[];
  /** `each`: a block for every transaction that is sent, at once (default). `called`: only {@link MemoryChain.mine} makes them. */
  readonly blocks?: 'each' | 'called';
  /** blocks after which one counts as final, itself included; default 1 */
  readonly confirmations?: number;
  readonly clock?: Clock;
  /** for whatever works on this chain; it has none itself */
  readonly timers?: Timers;
};

export type MemoryChain = Chain & {
  /** Makes a block of what waits. @returns its number */
  mine(): Promise<bigint>;
  /** The next transactions that are sent are answered as taken, and forgotten. */
  dropNext(count?: number): void;
  /** The next blocks that a transaction would make are not made: it waits for a later one. */
  holdNext(count?: number): void;
  /** The next request, of this method if named, fails: with this error, or as if the connection were lost. */
  failNext(method?: string, error?: Error): void;
  /**
   * Takes the newest blocks back. Their transactions wait again, or are lost, with all that waits. Blocks made
   * afterwards have other hashes.
   * @throws RangeError where one of them was final
   */
  reorg(count: number, transactions?: 'wait' | 'lost'): Promise<void>;
  /** Another chain that begins where this one stands, with the same accounts and contracts; nothing may be under way. */
  copy(options: Pick<MemoryOptions, 'clock' | 'timers'>): Promise<MemoryChain>;
};

/**
 * Starts a chain in memory.
 *
 * @example
 * const chain = await startMemory({ chainId: 31_999n, keys: [key] });
 * await sendCall(chain, hexOf(key), call);
 * await chain.reorg(1);
 */
export async function startMemory(options: MemoryOptions): Promise<MemoryChain> {
  const { chainId, keys, clock = systemClock } = options;
  const evm = await Evm.start(chainId, keys.map(addressOfPrivateKey), Math.floor(clock.now() / 1000) - 1);
  return chainOn(evm, options);
}

function chainOn(evm: Evm, options: Omit<MemoryOptions, 'keys'>): MemoryChain {
  const { chainId, confirmations = 1, clock = systemClock, timers = systemTimers, blocks = 'each' } = options;
  const seconds = () => Math.floor(clock.now() / 1000);
  const state = new State({ evm, pool: new Pool() }, { blocks, confirmations, seconds });
  return {
    ...{ chainId, kind: 'embedded' as const, isolation: 'namespace' as const, clock, timers },
    request: (call) => state.request(call),
    finalBlock: () => Promise.resolve(BigInt(state.final)),
    refresh: () => state.inTurn(async () => (state.isOld ? state.mine() : undefined)).then(() => undefined),
    problem: () => undefined,
    ended: new Promise<never>(() => {}),
    stop: () => Promise.resolve(),
    mine: () => state.inTurn(() => state.mine()),
    reorg: (count, transactions = 'wait') => state.inTurn(() => state.reorg(count, transactions === 'wait')),
    dropNext(count = 1) {
      state.drop += count;
    },
    holdNext(count = 1) {
      state.hold += count;
    },
    failNext(method, error) {
      state.failures.push({ method, error });
    },
    copy: (given) => state.inTurn(async () => chainOn(await evm.copy(), { ...options, ...given })),
  };
}

/** One request, block or fault at a time, in the order in which they came. */
class State {
  #world: World;
  #blocks: 'each' | 'called';
  #confirmations: number;
  #seconds: () => number;
  #turn: Promise<unknown> = Promise.resolve();
  #branch = 0;
  /** number of the newest final block */
  final = -1;
  drop = 0;
  hold = 0;
  readonly failures: { readonly method: string | undefined; readonly error: Error | undefined }[] = [];

  constructor(
    world: World,
    options: { readonly blocks: 'each' | 'called'; readonly confirmations: number; readonly seconds: () => number },
  ) {
    this.#world = world;
    this.#blocks = options.blocks;
    this.#confirmations = options.confirmations;
    this.#seconds = options.seconds;
    this.#count();
  }

  /** What is final stays so, however few blocks there are above it for a while. */
  #count(): void {
    this.final = Math.max(this.final, this.#world.evm.mined.length - this.#confirmations);
  }

  inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#turn.then(work);
    this.#turn = done.catch(() => undefined);
    return done;
  }

  readonly request: ChainRequest = ({ method, params }) =>
    this.inTurn(async () => {
      const failure = this.failures.findIndex((one) => one.method === undefined || one.method === method);
      if (failure >= 0) {
        const [{ error } = {}] = this.failures.splice(failure, 1);
        throw error ?? new LedgerError('chain-lost', 'The connection to the chain is lost: try again.', 'later');
      }
      const given = (params ?? []) as readonly unknown[];
      if (method === 'eth_sendRawTransaction') return this.#send(given[0] as Hex);
      const answer = METHODS[method];
      if (answer === undefined) throw new RpcError(-32601, `The method ${method} is not known.`, undefined);
      return answer(this.#world, given);
    });

  get isOld(): boolean {
    return this.#seconds() > Number(this.#world.evm.newest.block.header.timestamp);
  }

  async mine(): Promise<bigint> {
    const { evm, pool } = this.#world;
    // Several blocks a second have one time, as on rollups: a chain that is busy does not run ahead of the clock.
    const time = Math.max(this.#seconds(), Number(evm.newest.block.header.timestamp));
    const nonceOf = async (sender: Hex) => (await evm.account(sender, evm.newest)).nonce;
    const extra = this.#branch === 0 ? new Uint8Array() : Uint8Array.of(this.#branch & 0xff);
    const { block } = await evm.mine(await pool.ready(nonceOf), time, extra);
    await pool.clear(nonceOf);
    this.#count();
    return block.header.number;
  }

  async reorg(count: number, restore: boolean): Promise<void> {
    const { evm, pool } = this.#world;
    const kept = evm.mined.length - 1 - count;
    if (kept < this.final) throw new RangeError(`Block ${this.final} is final: take back ${count} blocks later.`);
    const taken = await evm.takeBack(count);
    this.#branch++;
    if (restore) pool.restore(taken.flatMap(({ included }) => included.map(({ tx }) => tx)));
    else pool.drop();
  }

  async #send(raw: Hex): Promise<Hex> {
    const { evm, pool } = this.#world;
    const tx = decoded(raw, evm);
    const hash = bytesToHex(tx.hash());
    if (this.drop > 0) {
      this.drop--;
      return hash;
    }
    pool.add(tx, await evm.account(tx.getSenderAddress().toString(), evm.newest));
    if (this.#blocks === 'each') {
      if (this.hold > 0) this.hold--;
      else await this.mine();
    }
    return hash;
  }
}

function decoded(raw: Hex, evm: Evm) {
  try {
    const tx = createTxFromRLP(hexToBytes(raw), { common: evm.common });
    if (!tx.isValid()) throw new RangeError('invalid signature');
    return tx;
  } catch (error) {
    throw new RpcError(-32000, `failed to decode signed transaction: ${(error as Error).message}`, undefined);
  }
}
