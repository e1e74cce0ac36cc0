// What JSON-RPC tells of blocks, transactions and receipts.
import type { TypedTransaction } from '@ethereumjs/tx';
import { bigIntToHex, bytesToHex, createAddressFromString } from '@ethereumjs/util';
import { getContractAddress } from 'viem';
import { type Hex, type Included, type Mined, senderOf } from './evm.ts';

export const quantity = (value: bigint | number): Hex => bigIntToHex(BigInt(value));

type Place = { readonly mined: Mined; readonly index: number };

export function blockJson(mined: Mined, whole: boolean): Record<string, unknown> {
  const { header } = mined.block;
  return {
    hash: mined.hash,
    parentHash: bytesToHex(header.parentHash),
    sha3Uncles: bytesToHex(header.uncleHash),
    miner: header.coinbase.toString(),
    stateRoot: bytesToHex(header.stateRoot),
    transactionsRoot: bytesToHex(header.transactionsTrie),
    receiptsRoot: bytesToHex(header.receiptTrie),
    logsBloom: bytesToHex(header.logsBloom),
    difficulty: quantity(header.difficulty),
    number: quantity(header.number),
    gasLimit: quantity(header.gasLimit),
    gasUsed: quantity(header.gasUsed),
    timestamp: quantity(header.timestamp),
    extraData: bytesToHex(header.extraData),
    mixHash: bytesToHex(header.mixHash),
    nonce: bytesToHex(header.nonce),
    baseFeePerGas: quantity(header.baseFeePerGas ?? 0n),
    withdrawalsRoot: bytesToHex(header.withdrawalsRoot as Uint8Array),
    blobGasUsed: quantity(header.blobGasUsed ?? 0n),
    excessBlobGas: quantity(header.excessBlobGas ?? 0n),
    parentBeaconBlockRoot: bytesToHex(header.parentBeaconBlockRoot as Uint8Array),
    requestsHash: bytesToHex(header.requestsHash as Uint8Array),
    size: quantity(mined.block.serialize().length),
    uncles: [],
    withdrawals: [],
    transactions: mined.included.map(({ tx, hash }, index) => (whole ? transactionJson(tx, { mined, index }) : hash)),
  };
}

/** @param place in a block, or undefined while it waits */
export function transactionJson(tx: TypedTransaction, place: Place | undefined): Record<string, unknown> {
  const { gasPrice, maxFeePerGas, maxPriorityFeePerGas, accessList } = tx.toJSON();
  const { v, r, s } = tx as { v?: bigint; r?: bigint; s?: bigint };
  return {
    ...{ hash: bytesToHex(tx.hash()), type: quantity(tx.type), nonce: quantity(tx.nonce), from: senderOf(tx) },
    ...{ to: tx.to?.toString() ?? null, value: quantity(tx.value), input: bytesToHex(tx.data) },
    ...{ gas: quantity(tx.gasLimit), gasPrice: gasPrice ?? maxFeePerGas, chainId: quantity(tx.common.chainId()) },
    ...(maxFeePerGas === undefined ? {} : { maxFeePerGas, maxPriorityFeePerGas, accessList: accessList ?? [] }),
    ...{ v: quantity(v ?? 0n), r: quantity(r ?? 0n), s: quantity(s ?? 0n) },
    blockHash: place?.mined.hash ?? null,
    blockNumber: place === undefined ? null : quantity(place.mined.block.header.number),
    transactionIndex: place === undefined ? null : quantity(place.index),
  };
}

export function receiptJson(mined: Mined, index: number): Record<string, unknown> {
  const { tx, hash, from, result } = mined.included[index] as Included;
  const { receipt } = result;
  const created = tx.to === undefined ? getContractAddress({ from, nonce: tx.nonce }).toLowerCase() : null;
  return {
    ...{ transactionHash: hash, type: quantity(tx.type), from, to: tx.to?.toString() ?? null },
    ...{ transactionIndex: quantity(index), blockHash: mined.hash, blockNumber: quantity(mined.block.header.number) },
    status: quantity('status' in receipt ? receipt.status : 0),
    cumulativeGasUsed: quantity(receipt.cumulativeBlockGasUsed),
    gasUsed: quantity(result.totalGasSpent),
    effectiveGasPrice: quantity(result.amountSpent / result.totalGasSpent),
    contractAddress: created && createAddressFromString(created).toString(),
    logsBloom: bytesToHex(receipt.bitvector),
    logs: logsOf(mined).filter(({ transactionIndex }) => transactionIndex === quantity(index)),
  };
}

export type LogJson = {
  readonly address: Hex;
  readonly topics: readonly Hex[];
  readonly data: Hex;
  readonly blockNumber: Hex;
  readonly blockHash: Hex;
  readonly transactionHash: Hex;
  readonly transactionIndex: Hex;
  readonly logIndex: Hex;
  readonly removed: false;
};

/** All logs of a block, in order. */
export function logsOf(mined: Mined): LogJson[] {
  const all = mined.included.flatMap(({ hash, result }, index) =>
    result.receipt.logs.map((log) => ({ log, hash, index })),
  );
  return all.map(({ log: [address, topics, data], hash, index }, logIndex) => ({
    ...{ address: bytesToHex(address), topics: topics.map((topic) => bytesToHex(topic)), data: bytesToHex(data) },
    ...{ blockNumber: quantity(mined.block.header.number), blockHash: mined.hash, transactionHash: hash },
    ...{ transactionIndex: quantity(index), logIndex: quantity(logIndex), removed: false as const },
  }));
}
