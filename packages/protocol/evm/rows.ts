// The rows of a batch: who gains or loses how much, by number. 12 bytes each, as they stand in calldata (library Rows
// of the contracts): number (4), zigzag of the amount (8), both big-endian.
import { keccak_256 } from '@noble/hashes/sha3.js';
import { concatBytes } from '../bytes.ts';
import { FormatError } from '../errors.ts';
import { bytesOf, type Hex, hexOf } from './words.ts';

/** What an obligation adds to one member's position. */
export type BatchRow = {
  /** the member's in its agreement, from 1 */
  readonly number: number;
  /** minor units, more or less than zero, at most 63 bits */
  readonly amount: bigint;
};

/** The rows of a batch as an intent names them and the contract takes them. */
export type RowsCommitment = {
  readonly chunks: readonly Uint8Array[];
  /** keccak256 of each chunk */
  readonly hashes: readonly Hex[];
  readonly rowsHash: Hex;
  readonly rowCount: bigint;
};

const ROW_BYTES = 12;
/** Rows of every chunk but the last. */
export const CHUNK_ROWS = 1024;
/** Chunks a batch may have: 262,144 rows. */
const CHUNKS_MAX = 256;
/** What a number of four bytes reaches; the contract gives out no more than 2^20 − 1. */
const NUMBER_MAX = 2 ** 32 - 1;
const AMOUNT_LIMIT = 2n ** 63n;

const malformed = (message: string) => new FormatError('malformed', `Rows: ${message}`);

function zigzag(amount: bigint): bigint {
  return amount >= 0n ? 2n * amount : -2n * amount - 1n;
}

function unzigzag(code: bigint): bigint {
  return code & 1n ? -((code + 1n) >> 1n) : code >> 1n;
}

/** The rows' bytes. @throws FormatError `malformed` where one is not what {@link readChunk} reads */
function encodeRows(rows: readonly BatchRow[]): Uint8Array {
  const bytes = new Uint8Array(rows.length * ROW_BYTES);
  const view = new DataView(bytes.buffer);
  let last = 0;
  for (const [i, { number, amount }] of rows.entries()) {
    if (!Number.isInteger(number) || number <= last || number > NUMBER_MAX)
      throw malformed(`${number} after ${last}: numbers are whole, from 1, and ascend.`);
    if (amount === 0n || amount < -AMOUNT_LIMIT || amount >= AMOUNT_LIMIT)
      throw malformed(`${amount} of number ${number}: an amount is not zero and has at most 63 bits.`);
    view.setUint32(i * ROW_BYTES, number);
    view.setBigUint64(i * ROW_BYTES + 4, zigzag(amount));
    last = number;
  }
  return bytes;
}

/**
 * Cuts rows into chunks of 1,024 and hashes them: what an intent names (`rowsHash`, `rowCount`), what is announced
 * (`hashes`) and published (`chunks`).
 *
 * @param rows ascending by number, adding up to zero
 * @throws FormatError `malformed` where the contract would refuse them
 */
export function commitRows(rows: readonly BatchRow[]): RowsCommitment {
  const bytes = encodeRows(rows);
  checkSum(rows);
  const chunks = splitRows(bytes);
  if (chunks.length === 0 || chunks.length > CHUNKS_MAX)
    throw malformed(`a batch of ${rows.length}: it has 1 to ${CHUNKS_MAX * CHUNK_ROWS}.`);
  const hashes = chunks.map(chunkHash);
  return { chunks, hashes, rowsHash: rowsHash(hashes), rowCount: BigInt(rows.length) };
}

/** Rows as one piece, cut into chunks as the contract cuts what is published. */
export function splitRows(bytes: Uint8Array): Uint8Array[] {
  const size = CHUNK_ROWS * ROW_BYTES;
  return Array.from({ length: Math.ceil(bytes.length / size) }, (_, i) => bytes.subarray(i * size, (i + 1) * size));
}

/** keccak256 of a chunk, by which it is announced. */
export function chunkHash(chunk: Uint8Array): Hex {
  return hexOf(keccak_256(chunk));
}

/** What an intent names: keccak256 over the hashes of the chunks. @throws FormatError where one has not 32 bytes */
export function rowsHash(hashes: readonly Hex[]): Hex {
  return hexOf(keccak_256(concatBytes(...hashes.map((hash) => bytesOf('chunk', hash, 32)))));
}

/**
 * Reads one chunk as the contract does: whole rows, at most 1,024, ascending, none of zero. The contract also takes a
 * shorter chunk before others, if the deciders signed it so.
 *
 * @param previous the last number of the chunk before, 0 for the first
 * @throws FormatError `malformed` naming the row that is not acceptable
 */
export function readChunk(chunk: Uint8Array, previous: number): BatchRow[] {
  const count = chunk.length / ROW_BYTES;
  if (!Number.isInteger(count) || count === 0 || count > CHUNK_ROWS)
    throw malformed(`${chunk.length} bytes are no chunk: it has 1 to ${CHUNK_ROWS} rows of ${ROW_BYTES}.`);
  const view = new DataView(chunk.buffer, chunk.byteOffset, chunk.byteLength);
  let last = previous;
  return Array.from({ length: count }, (_, i) => {
    const number = view.getUint32(i * ROW_BYTES);
    const amount = unzigzag(view.getBigUint64(i * ROW_BYTES + 4));
    if (number <= last) throw malformed(`${number} after ${last}: numbers ascend.`);
    if (amount === 0n) throw malformed(`number ${number} has an amount of zero.`);
    last = number;
    return { number, amount };
  });
}

/**
 * Reads all rows of a batch, strictly: every chunk but the last is full, numbers ascend, no amount is zero, all add up
 * to zero. What it accepts {@link commitRows} makes into the same chunks again.
 *
 * @throws FormatError `malformed` naming what is wrong
 */
export function readRows(chunks: readonly Uint8Array[]): BatchRow[] {
  if (chunks.length === 0 || chunks.length > CHUNKS_MAX)
    throw malformed(`${chunks.length} chunks: a batch has 1 to ${CHUNKS_MAX}.`);
  const rows: BatchRow[] = [];
  for (const [i, chunk] of chunks.entries()) {
    const isLast = i === chunks.length - 1;
    const read = readChunk(chunk, rows.at(-1)?.number ?? 0);
    if (!isLast && read.length !== CHUNK_ROWS)
      throw malformed(`chunk ${i} has ${read.length} of ${CHUNK_ROWS} rows: only the last may be shorter.`);
    for (const row of read) rows.push(row);
  }
  checkSum(rows);
  return rows;
}

function checkSum(rows: readonly BatchRow[]): void {
  const sum = rows.reduce((all, { amount }) => all + amount, 0n);
  if (sum !== 0n) throw malformed(`they add up to ${sum}, not to zero.`);
}
