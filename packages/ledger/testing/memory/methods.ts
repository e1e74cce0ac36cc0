// JSON-RPC over the chain in memory: what the ledger and viem ask.
import { bytesToHex, hexToBytes, setLengthLeft } from '@ethereumjs/util';
import type { RunTxResult } from '@ethereumjs/vm';
import { RpcError } from '../../errors.ts';
import { type CallRequest, type Evm, type Hex, type Mined, TX_GAS_MAX } from './evm.ts';
import { blockJson, type LogJson, logsOf, quantity, receiptJson, transactionJson } from './json.ts';
import type { Pool } from './pool.ts';

export type World = { readonly evm: Evm; readonly pool: Pool };
type Method = (world: World, params: readonly unknown[]) => unknown;
type LogFilter = {
  readonly address?: Hex | readonly Hex[];
  readonly topics?: readonly (Hex | readonly Hex[] | null)[];
  readonly fromBlock?: Hex | string;
  readonly toBlock?: Hex | string;
  readonly blockHash?: Hex;
};

const notFound = () => new RpcError(-32001, 'block not found', undefined);

/** @throws RpcError where there is no such block */
function blockAt({ evm }: World, tag: unknown = 'latest'): Mined {
  const { blockHash, blockNumber } = (tag ?? {}) as { blockHash?: Hex; blockNumber?: Hex };
  const found =
    blockHash !== undefined
      ? evm.mined.find(({ hash }) => hash === blockHash)
      : tag === 'earliest'
        ? evm.mined[0]
        : /^0x/.test(String(blockNumber ?? tag))
          ? evm.mined[Number(blockNumber ?? tag)]
          : evm.newest;
  if (found === undefined) throw notFound();
  return found;
}

function findTransaction({ evm }: World, hash: unknown): { mined: Mined; index: number } | undefined {
  for (const mined of evm.mined) {
    const index = mined.included.findIndex((one) => one.hash === hash);
    if (index >= 0) return { mined, index };
  }
  return undefined;
}

/** @throws RpcError as the chains in use word it, with what the contract answered */
function returned({ execResult }: RunTxResult): Hex {
  const { exceptionError, returnValue } = execResult;
  if (exceptionError === undefined) return bytesToHex(returnValue);
  if (exceptionError.error === 'revert') throw new RpcError(3, 'execution reverted', bytesToHex(returnValue));
  throw new RpcError(-32003, `EVM error ${exceptionError.error}`, undefined);
}

async function run({ evm }: World, call: CallRequest, at: Mined, gas: bigint): Promise<RunTxResult> {
  try {
    return await evm.call(call, at, gas);
  } catch (error) {
    throw new RpcError(-32000, (error as Error).message, undefined); // it does not even pay for its data, say
  }
}

async function estimate(world: World, [call, tag]: readonly unknown[]): Promise<Hex> {
  const result = await run(world, call as CallRequest, blockAt(world, tag), TX_GAS_MAX);
  returned(result);
  // Refunds come at the end, and of what is left a call passes on 63 of 64 parts: this is enough for four calls deep.
  const used = result.totalGasSpent + result.gasRefund;
  return quantity(used === 21_000n ? used : used + used / 16n + 2_300n);
}

function logs(world: World, filter: LogFilter): LogJson[] {
  const { evm } = world;
  const only = filter.blockHash === undefined ? undefined : blockAt(world, { blockHash: filter.blockHash });
  const from = only ?? blockAt(world, filter.fromBlock);
  const beyond = /^0x/.test(filter.toBlock ?? '') && Number(filter.toBlock) >= evm.mined.length;
  const to = only ?? blockAt(world, beyond ? 'latest' : filter.toBlock);
  const isOneOf = (value: Hex | undefined, wanted: Hex | readonly Hex[] | null | undefined) =>
    wanted === undefined || wanted === null || [wanted].flat().some((one) => one.toLowerCase() === value);
  return evm.mined
    .slice(Number(from.block.header.number), Number(to.block.header.number) + 1)
    .flatMap((mined) => (mined.included.length === 0 ? [] : logsOf(mined)))
    .filter(({ address, topics }) => {
      if (!isOneOf(address, filter.address)) return false;
      return (filter.topics ?? []).every((wanted, i) => isOneOf(topics[i], wanted));
    });
}

function feeHistory(world: World, [count, tag]: readonly unknown[]): unknown {
  const newest = blockAt(world, tag);
  const end = Number(newest.block.header.number) + 1;
  const blocks = world.evm.mined.slice(Math.max(0, end - Number(count)), end);
  const next = newest.block.header.calcNextBaseFee();
  return {
    oldestBlock: quantity((blocks[0] as Mined).block.header.number),
    baseFeePerGas: [...blocks.map(({ block }) => block.header.baseFeePerGas ?? 0n), next].map(quantity),
    gasUsedRatio: blocks.map(({ block }) => Number(block.header.gasUsed) / Number(block.header.gasLimit)),
    reward: blocks.map(() => ['0x1']),
  };
}

const orNull = <T>(look: () => T): T | null => {
  try {
    return look();
  } catch {
    return null;
  }
};

/** Everything that only reads. */
export const METHODS: Readonly<Record<string, Method>> = {
  eth_chainId: ({ evm }) => quantity(evm.common.chainId()),
  net_version: ({ evm }) => String(evm.common.chainId()),
  web3_clientVersion: () => 'memory',
  eth_accounts: () => [],
  eth_blockNumber: ({ evm }) => quantity(evm.newest.block.header.number),
  eth_gasPrice: ({ evm }) => quantity(evm.newest.block.header.calcNextBaseFee() + 1n),
  eth_maxPriorityFeePerGas: () => '0x1',
  eth_feeHistory: feeHistory,
  eth_getBlockByNumber: (world, [tag, whole]) => orNull(() => blockJson(blockAt(world, tag), whole === true)),
  eth_getBlockByHash: (world, [blockHash, whole]) =>
    orNull(() => blockJson(blockAt(world, { blockHash }), whole === true)),
  eth_getBlockReceipts: (world, [tag]) => {
    const mined = blockAt(world, /^0x[0-9a-f]{64}$/.test(String(tag)) ? { blockHash: tag } : tag);
    return mined.included.map((_, index) => receiptJson(mined, index));
  },
  eth_getTransactionReceipt: (world, [hash]) => {
    const place = findTransaction(world, hash);
    return place === undefined ? null : receiptJson(place.mined, place.index);
  },
  eth_getTransactionByHash: (world, [hash]) => {
    const place = findTransaction(world, hash);
    const tx = place?.mined.included[place.index]?.tx ?? world.pool.find(hash as Hex);
    return tx === undefined ? null : transactionJson(tx, place);
  },
  eth_getTransactionCount: async (world, [address, tag]) =>
    quantity((await world.evm.account(address as Hex, blockAt(world, tag))).nonce),
  eth_getBalance: async (world, [address, tag]) =>
    quantity((await world.evm.account(address as Hex, blockAt(world, tag))).balance),
  eth_getCode: (world, [address, tag]) => world.evm.code(address as Hex, blockAt(world, tag)),
  eth_getStorageAt: async (world, [address, slot, tag]) => {
    const key = setLengthLeft(hexToBytes(quantity(BigInt(slot as Hex))), 32);
    return bytesToHex(setLengthLeft(await world.evm.storage(address as Hex, key, blockAt(world, tag)), 32));
  },
  eth_getLogs: (world, [filter]) => logs(world, filter as LogFilter),
  eth_call: async (world, [call, tag]) => {
    const given = (call as CallRequest).gas;
    const gas = given === undefined || BigInt(given) > TX_GAS_MAX ? TX_GAS_MAX : BigInt(given);
    return returned(await run(world, call as CallRequest, blockAt(world, tag), gas));
  },
  eth_estimateGas: estimate,
  txpool_status: ({ pool }) => ({ pending: quantity(pool.size), queued: '0x0' }),
};
