// Makes the proofs that evidence carries: a mined transaction's receipt in the receipts trie of its block's header.
import { createMerkleProof, createMPT } from '@ethereumjs/mpt';
import { encodeRlp, fromHex, type Hex, hexOf, type ReceiptProof, rlpInteger } from '@trine/protocol';
import { keccak256 } from 'viem';
import type { Chain } from './chain.ts';
import { LedgerError } from './errors.ts';

type RpcReceipt = {
  type?: Hex;
  status: Hex;
  cumulativeGasUsed: Hex;
  logsBloom: Hex;
  logs: { address: Hex; topics: Hex[]; data: Hex }[];
  transactionIndex: Hex;
  blockHash: Hex;
};
type RpcHeader = Readonly<Record<string, Hex | undefined>> & { hash: Hex; receiptsRoot: Hex };

/** The header's fields in order (Yellow Paper §4.3), each with whether it is a number; later forks append. */
const HEADER = [
  ...(['parentHash', 'sha3Uncles', 'miner', 'stateRoot', 'transactionsRoot', 'receiptsRoot', 'logsBloom'] as const).map(
    (name) => [name, false] as const,
  ),
  ...(['difficulty', 'number', 'gasLimit', 'gasUsed', 'timestamp'] as const).map((name) => [name, true] as const),
  ...(['extraData', 'mixHash', 'nonce'] as const).map((name) => [name, false] as const),
  ['baseFeePerGas', true], // London
  ['withdrawalsRoot', false], // Shanghai
  ['blobGasUsed', true], // Cancun
  ['excessBlobGas', true],
  ['parentBeaconBlockRoot', false],
  ['requestsHash', false], // Prague
] as const;

/**
 * A block header's RLP from what JSON-RPC tells of the block.
 * @throws LedgerError when it does not hash to the block's hash: the chain has fields this version does not know
 */
export function encodeHeader(header: RpcHeader): Uint8Array {
  const fields: Uint8Array[] = [];
  for (const [name, isNumber] of HEADER) {
    const value = header[name];
    if (value === undefined || value === null) break;
    fields.push(isNumber ? rlpInteger(BigInt(value)) : fromHex(value));
  }
  const rlp = encodeRlp(fields);
  if (keccak256(rlp) !== header.hash)
    throw new LedgerError(
      'proof-failed',
      'The header of this chain has fields not known here: this version makes no proofs on it.',
      'never',
    );
  return rlp;
}

/** A receipt as it stands in the trie: EIP-2718 type byte, then RLP. */
export function encodeReceipt(receipt: RpcReceipt): Uint8Array {
  const logs = receipt.logs.map((log) => [
    fromHex(log.address),
    log.topics.map((topic) => fromHex(topic)),
    fromHex(log.data),
  ]);
  const rlp = encodeRlp([
    rlpInteger(BigInt(receipt.status)),
    rlpInteger(BigInt(receipt.cumulativeGasUsed)),
    fromHex(receipt.logsBloom),
    logs,
  ]);
  const type = Number(receipt.type ?? '0x0');
  return type === 0 ? rlp : Uint8Array.from([type, ...rlp]);
}

/**
 * The proof that a transaction had its result, for `verifyReceipt`.
 *
 * @param txHash of a transaction in a block
 * @returns header, position and trie nodes
 * @throws LedgerError when no block holds it, or the chain's answers do not add up to its own roots
 * @example verifyReceipt(await proveReceipt(chain, txHash)).receipt.status // 1
 */
export async function proveReceipt(chain: Chain, txHash: Hex): Promise<ReceiptProof & { readonly blockHash: Hex }> {
  const receipt = (await chain.request({ method: 'eth_getTransactionReceipt', params: [txHash] })) as RpcReceipt | null;
  if (!receipt)
    throw new LedgerError('not-included', `No block holds the transaction ${txHash} yet: ask again later.`, 'later');
  const { blockHash } = receipt;
  const header = (await chain.request({ method: 'eth_getBlockByHash', params: [blockHash, false] })) as RpcHeader;
  const receipts = (await chain.request({ method: 'eth_getBlockReceipts', params: [blockHash] })) as RpcReceipt[];
  const trie = await createMPT();
  for (const [i, one] of receipts.entries()) await trie.put(encodeRlp(rlpInteger(i)), encodeReceipt(one));
  if (hexOf(trie.root()) !== header.receiptsRoot)
    throw new LedgerError(
      'proof-failed',
      'The receipts of the block do not add up to its receipts root: ask another node of this chain.',
      'never',
    );
  const txIndex = Number(receipt.transactionIndex);
  const proofNodes = await createMerkleProof(trie, encodeRlp(rlpInteger(txIndex)));
  return { blockHash, headerRlp: encodeHeader(header), txIndex, proofNodes };
}
