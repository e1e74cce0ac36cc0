// Offline proof that a transaction had a result: its receipt in the receipts trie of a block header.
import { keccak_256 } from '@noble/hashes/sha3.js';
import { FormatError } from '../errors.ts';
import { decodeRlp, encodeRlp, type RlpItem, rlpInteger } from './rlp.ts';
import { bytesAt, readTrieProof } from './trie.ts';
import { type Hex, hexOf } from './words.ts';

/** What a proof consists of; its trust rests on the block hash, which the reader compares with a chain it trusts. */
export type ReceiptProof = {
  /** RLP of the block header */
  readonly headerRlp: Uint8Array;
  /** position of the transaction in the block */
  readonly txIndex: number;
  /** RLP of the trie nodes from the root to the receipt */
  readonly proofNodes: readonly Uint8Array[];
};

/** An event that a contract emitted. */
export type EvmLog = { readonly address: Hex; readonly topics: readonly Hex[]; readonly data: Hex };

export type VerifiedReceipt = {
  readonly blockHash: Hex;
  readonly blockNumber: bigint;
  /** seconds */
  readonly timestamp: bigint;
  readonly receiptsRoot: Hex;
  /** `status` 1 succeeded, 0 reverted (then there are no logs) */
  readonly receipt: { readonly status: 0 | 1; readonly logs: readonly EvmLog[] };
};

const RECEIPTS_ROOT = 5;
const NUMBER = 8;
const TIMESTAMP = 11;
/** A header has 15 fields since the beginning; later forks append (21 in Osaka). */
const HEADER_FIELDS_MIN = 15;
const HEADER_FIELDS_MAX = 32;
/** Known EIP-2718 types: access list, fee market, blob, set code. */
const TYPES_MAX = 4;
const BLOOM_BYTES = 256;

/**
 * Verifies that a block's receipts trie holds a receipt, and reads it. Everything is strict: canonical RLP, canonical
 * paths, exactly the nodes needed.
 *
 * @param proof header, position, nodes
 * @returns the header's hash and times and the receipt's status and logs
 * @throws FormatError `malformed` saying which part does not hold
 * @see Ethereum Yellow Paper §4.3; EIP-2718 for typed receipts
 */
export function verifyReceipt(proof: ReceiptProof): VerifiedReceipt {
  const header = listOf(decodeRlp(proof.headerRlp, 'Header'), 'Header');
  if (header.length < HEADER_FIELDS_MIN || header.length > HEADER_FIELDS_MAX)
    throw new FormatError('malformed', `Header: ${header.length} fields.`);
  if (!Number.isSafeInteger(proof.txIndex) || proof.txIndex < 0)
    throw new FormatError('malformed', 'txIndex: expected 0 or more.');
  const receiptsRoot = bytesAt(header, RECEIPTS_ROOT, 'receiptsRoot', 32);
  const encoded = readTrieProof(receiptsRoot, encodeRlp(rlpInteger(proof.txIndex)), proof.proofNodes);
  return {
    blockHash: hexOf(keccak_256(proof.headerRlp)),
    blockNumber: integer(bytesAt(header, NUMBER, 'number'), 'number'),
    timestamp: integer(bytesAt(header, TIMESTAMP, 'timestamp'), 'timestamp'),
    receiptsRoot: hexOf(receiptsRoot),
    receipt: decodeReceipt(encoded),
  };
}

function decodeReceipt(encoded: Uint8Array): VerifiedReceipt['receipt'] {
  const type = encoded[0] ?? 0;
  if (type > TYPES_MAX && type < 0xc0) throw new FormatError('malformed', `Receipt: unknown type ${type}.`);
  const fields = listOf(decodeRlp(type < 0xc0 ? encoded.subarray(1) : encoded, 'Receipt'), 'Receipt');
  if (fields.length !== 4) throw new FormatError('malformed', 'Receipt: expected 4 fields.');
  const status = integer(bytesAt(fields, 0, 'status'), 'status');
  if (status > 1n) throw new FormatError('malformed', 'Receipt: status is neither 0 nor 1.');
  integer(bytesAt(fields, 1, 'cumulativeGasUsed'), 'cumulativeGasUsed');
  bytesAt(fields, 2, 'logsBloom', BLOOM_BYTES);
  const logs = listOf(fields[3], 'Logs').map((item): EvmLog => {
    const log = listOf(item, 'Log');
    if (log.length !== 3) throw new FormatError('malformed', 'Log: expected 3 fields.');
    const topics = listOf(log[1], 'Topics');
    if (topics.length > 4) throw new FormatError('malformed', 'Log: more than 4 topics.');
    return {
      address: hexOf(bytesAt(log, 0, 'address', 20)),
      topics: topics.map((_, i) => hexOf(bytesAt(topics, i, 'topic', 32))),
      data: hexOf(bytesAt(log, 2, 'data')),
    };
  });
  return { status: Number(status) as 0 | 1, logs };
}

function listOf(item: RlpItem | undefined, what: string): readonly RlpItem[] {
  if (item === undefined || item instanceof Uint8Array) throw new FormatError('malformed', `${what}: expected a list.`);
  return item;
}

function integer(bytes: Uint8Array, what: string): bigint {
  if (bytes[0] === 0 || bytes.length > 32) throw new FormatError('malformed', `${what}: not a canonical integer.`);
  return bytes.length === 0 ? 0n : BigInt(hexOf(bytes));
}
