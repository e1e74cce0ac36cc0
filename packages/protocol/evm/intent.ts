// An intent: what must be paid, as deciders sign it (EIP-712) and as it stands in the log (0x02 ‖ abi.encode).
import { keccak_256 } from '@noble/hashes/sha3.js';
import { concatBytes, toUtf8 } from '../bytes.ts';
import { FormatError } from '../errors.ts';
import { typedDataDigest } from './eip712.ts';
import { addressWord, bytesOf, type Hex, hexOf, readAddress, readUint, uintWord } from './words.ts';

/** The order of the fields is frozen. Addresses and 32-byte values are lower-case hex; times are seconds. */
export type Intent = {
  /** the network the agreement belongs to */
  readonly network: Hex;
  /** EIP-155 */
  readonly chainId: bigint;
  /** the contract that pays */
  readonly agreements: Hex;
  /** id of the agreement */
  readonly agreement: Hex;
  /** SHA-256 of the agreement's terms */
  readonly termsHash: Hex;
  /** what is paid for; paid once per agreement */
  readonly occasion: Hex;
  readonly recipient: Hex;
  /** ERC-20 */
  readonly token: Hex;
  /** minor units */
  readonly amount: bigint;
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
  ['agreements', 'address'],
  ['agreement', 'bytes32'],
  ['termsHash', 'bytes32'],
  ['occasion', 'bytes32'],
  ['recipient', 'address'],
  ['token', 'address'],
  ['amount', 'uint256'],
  ['validAfter', 'uint64'],
  ['deadline', 'uint64'],
  ['decision', 'bytes32'],
  ['supersedes', 'bytes32'],
] as const satisfies readonly (readonly [keyof Intent, string])[];

/** EIP-712 encodeType. */
export const INTENT_TYPE: string = `Intent(${FIELDS.map(([name, type]) => `${type} ${name}`).join(',')})`;
const TYPEHASH = keccak_256(toUtf8(INTENT_TYPE));

/** Bytes of an encoded intent: 13 words. */
export const INTENT_BYTES = 416;
/** First byte of an intent's leaf; statements of devices start with 0x01. */
export const INTENT_LEAF_PREFIX = 0x02;
export const ZERO_HASH: Hex = `0x${'00'.repeat(32)}`;

/**
 * `abi.encode(Intent)` of Solidity: 13 static words.
 *
 * @returns 416 bytes
 * @throws FormatError `malformed` naming the field that is not of its type
 */
export function encodeIntent(intent: Intent): Uint8Array {
  const words = FIELDS.map(([name, type]) => {
    const value = intent[name];
    if (type === 'bytes32') return bytesOf(name, value as Hex, 32);
    if (type === 'address') return addressWord(name, value as Hex);
    return uintWord(name, value as bigint, type === 'uint64' ? 64 : 256);
  });
  return concatBytes(...words);
}

/**
 * Reads `abi.encode(Intent)`, strictly: exactly 416 bytes, addresses and 64-bit numbers with zero high bytes.
 * What it accepts encodes to the same bytes again.
 *
 * @throws FormatError `malformed` naming what is wrong
 */
export function decodeIntent(bytes: Uint8Array): Intent {
  if (bytes.length !== INTENT_BYTES)
    throw new FormatError('malformed', `Intent: expected ${INTENT_BYTES} bytes, got ${bytes.length}.`);
  const entries = FIELDS.map(([name, type], i) => {
    const word = bytes.subarray(32 * i, 32 * i + 32);
    if (type === 'bytes32') return [name, hexOf(word)];
    if (type === 'address') return [name, readAddress(name, word)];
    return [name, readUint(name, word, type === 'uint64' ? 64 : 256)];
  });
  return Object.fromEntries(entries) as Intent;
}

/** The intent's leaf in the log: 0x02 ‖ 416 bytes. */
export function intentLeaf(intent: Intent): Uint8Array {
  return concatBytes(Uint8Array.of(INTENT_LEAF_PREFIX), encodeIntent(intent));
}

/**
 * What deciders sign, and the intent's name in events and in `supersedes` (EIP-712).
 *
 * @returns 32 bytes as hex
 */
export function intentDigest(intent: Intent): Hex {
  const domain = { chainId: intent.chainId, verifyingContract: intent.agreements };
  return typedDataDigest(domain, keccak_256(concatBytes(TYPEHASH, encodeIntent(intent))));
}
