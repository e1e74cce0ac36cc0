// An intent: what must be paid, as deciders sign it (EIP-712) and as it stands in the log (0x02 ‖ abi.encode).
import { keccak_256 } from '@noble/hashes/sha3.js';
import { concatBytes, equalBytes, toUtf8 } from '../bytes.ts';
import { FormatError } from '../errors.ts';
import { typedDataDigest } from './eip712.ts';
import { addressWord, bytesOf, type Hex, hexOf, readAddress, readUint, uintWord } from './words.ts';

/** One movement of money between two accounts of an agreement; {@link ESCROW} stands for the agreement's own. */
export type IntentEntry = {
  readonly from: Hex;
  readonly to: Hex;
  /** minor units, more than zero */
  readonly amount: bigint;
};

/** The order of the fields is frozen. Addresses and 32-byte values are lower-case hex; times are seconds. */
export type Intent = {
  /** the network the agreement belongs to */
  readonly network: Hex;
  /** EIP-155 */
  readonly chainId: bigint;
  /** the contract that settles */
  readonly settler: Hex;
  /** id of the agreement */
  readonly agreement: Hex;
  /** SHA-256 of the agreement's terms */
  readonly termsHash: Hex;
  /** what is paid for; settled once per agreement */
  readonly obligation: Hex;
  /** the time the obligation is about */
  readonly begin: bigint;
  readonly end: bigint;
  /** who pays whom (direct), ascending by `from`, then `to`; empty for a batch */
  readonly entries: readonly IntentEntry[];
  /** keccak256 over the hashes of the chunks of rows, their number, and the roots of all positions before and after
   * (batch); zero for a direct one */
  readonly rowsHash: Hex;
  readonly rowCount: bigint;
  readonly positionsBefore: Hex;
  readonly positionsAfter: Hex;
  /** ERC-20 */
  readonly token: Hex;
  readonly validAfter: bigint;
  readonly deadline: bigint;
  /** SHA-256 of the decision's payload */
  readonly decision: Hex;
  /** digest of the intent this one replaces, or 32 zero bytes */
  readonly supersedes: Hex;
};

const FIELDS = [
  ['network', 'bytes32'],
  ['chainId', 'uint256'],
  ['settler', 'address'],
  ['agreement', 'bytes32'],
  ['termsHash', 'bytes32'],
  ['obligation', 'bytes32'],
  ['begin', 'uint64'],
  ['end', 'uint64'],
  ['entries', 'Entry[]'],
  ['rowsHash', 'bytes32'],
  ['rowCount', 'uint32'],
  ['positionsBefore', 'bytes32'],
  ['positionsAfter', 'bytes32'],
  ['token', 'address'],
  ['validAfter', 'uint64'],
  ['deadline', 'uint64'],
  ['decision', 'bytes32'],
  ['supersedes', 'bytes32'],
] as const satisfies readonly (readonly [keyof Intent, string])[];

const ENTRY_TYPE = 'Entry(address from,address to,uint256 amount)';
/** EIP-712 encodeType. */
export const INTENT_TYPE: string = `Intent(${FIELDS.map(([name, type]) => `${type} ${name}`).join(',')})${ENTRY_TYPE}`;
const TYPEHASH = keccak_256(toUtf8(INTENT_TYPE));
const ENTRY_TYPEHASH = keccak_256(toUtf8(ENTRY_TYPE));

/** Entries an intent may have. */
export const ENTRIES_MAX = 16;
/** First byte of an intent's leaf; statements of devices start with 0x01. */
export const INTENT_LEAF_PREFIX = 0x02;
export const ZERO_HASH: Hex = `0x${'00'.repeat(32)}`;
/** In an entry: what the agreement itself holds. */
export const ESCROW: Hex = `0x${'00'.repeat(20)}`;

const WORD = 32;
const HEAD_BYTES = FIELDS.length * WORD;
const ENTRY_BYTES = 3 * WORD;

/** A word of each field; the caller says what stands for the entries. */
function fieldWords(intent: Intent, entries: Uint8Array): Uint8Array[] {
  return FIELDS.map(([name, type]) => {
    if (type === 'Entry[]') return entries;
    const value = intent[name];
    if (type === 'bytes32') return bytesOf(name, value as Hex, 32);
    if (type === 'address') return addressWord(name, value as Hex);
    return uintWord(name, value as bigint, Number(type.slice(4)));
  });
}

function entryWords({ from, to, amount }: IntentEntry): Uint8Array {
  return concatBytes(addressWord('from', from), addressWord('to', to), uintWord('amount', amount, 256));
}

/**
 * `abi.encode(Intent)` of Solidity: the offset of the struct, its 18 words (of the entries, their offset), the number of
 * entries, and three words each.
 *
 * @returns 640 bytes and 96 for each entry
 * @throws FormatError `malformed` naming the field that is not of its type
 */
export function encodeIntent(intent: Intent): Uint8Array {
  return concatBytes(
    uintWord('offset', BigInt(WORD), 256),
    ...fieldWords(intent, uintWord('entries', BigInt(HEAD_BYTES), 256)),
    uintWord('entries', BigInt(intent.entries.length), 256),
    ...intent.entries.map(entryWords),
  );
}

/**
 * Reads `abi.encode(Intent)`, strictly: addresses and small numbers with zero high bytes, at most 16 entries, nothing
 * behind them. What it accepts encodes to the same bytes again.
 *
 * @throws FormatError `malformed` naming what is wrong
 */
export function decodeIntent(bytes: Uint8Array): Intent {
  const least = WORD + HEAD_BYTES + WORD;
  if (bytes.length < least || bytes.length > least + ENTRIES_MAX * ENTRY_BYTES)
    throw new FormatError('malformed', `Intent: ${bytes.length} bytes are none.`);
  const head = bytes.subarray(WORD);
  const count = (bytes.length - least) / ENTRY_BYTES;
  const read = FIELDS.map(([name, type], i) => {
    const word = head.subarray(WORD * i, WORD * (i + 1));
    if (type === 'Entry[]') return [name, readEntries(head.subarray(HEAD_BYTES + WORD), count)];
    if (type === 'bytes32') return [name, hexOf(word)];
    if (type === 'address') return [name, readAddress(name, word)];
    return [name, readUint(name, word, Number(type.slice(4)))];
  });
  const intent = Object.fromEntries(read) as Intent;
  // Offsets and the number of entries have one right value each.
  if (!Number.isInteger(count) || !equalBytes(encodeIntent(intent), bytes))
    throw new FormatError('malformed', `Intent: not the canonical encoding.`);
  return intent;
}

function readEntries(bytes: Uint8Array, count: number): IntentEntry[] {
  return Array.from({ length: Math.floor(count) }, (_, i) => {
    const [from, to, amount] = [0, 1, 2].map((at) => bytes.subarray(i * ENTRY_BYTES + at * WORD).subarray(0, WORD)) as [
      Uint8Array,
      Uint8Array,
      Uint8Array,
    ];
    return { from: readAddress('from', from), to: readAddress('to', to), amount: readUint('amount', amount, 256) };
  });
}

/** The intent's leaf in the log: 0x02 ‖ its encoding. */
export function intentLeaf(intent: Intent): Uint8Array {
  return concatBytes(Uint8Array.of(INTENT_LEAF_PREFIX), encodeIntent(intent));
}

/**
 * What deciders sign, and the intent's name in events and in `supersedes` (EIP-712).
 *
 * @returns 32 bytes as hex
 */
export function intentDigest(intent: Intent): Hex {
  const domain = { chainId: intent.chainId, verifyingContract: intent.settler };
  const entries = intent.entries.map((entry) => keccak_256(concatBytes(ENTRY_TYPEHASH, entryWords(entry))));
  const words = fieldWords(intent, keccak_256(concatBytes(...entries)));
  return typedDataDigest(domain, keccak_256(concatBytes(TYPEHASH, ...words)));
}
