// The two events that evidence rests on: an obligation was settled, a checkpoint was anchored.
import { keccak_256 } from '@noble/hashes/sha3.js';
import { concatBytes, equalBytes, fromHex, fromUtf8, toUtf8 } from '../bytes.ts';
import { FormatError } from '../errors.ts';
import { originHash } from './anchor.ts';
import type { EvmLog } from './receipt-proof.ts';
import { bytesOf, type Hex, hexOf, readUint, uintWord } from './words.ts';

export type SettledEvent = {
  /** the contract that settled */
  readonly contract: Hex;
  readonly agreement: Hex;
  readonly obligation: Hex;
  /** its digest: what was paid is what it says */
  readonly intent: Hex;
  readonly decision: Hex;
};

export type AnchoredEvent = {
  /** the contract that recorded it */
  readonly contract: Hex;
  readonly origin: string;
  readonly size: bigint;
  readonly root: Hex;
};

const topicOf = (signature: string): Hex => hexOf(keccak_256(toUtf8(signature)));
/** First topic of `Settled`. */
export const SETTLED_TOPIC: Hex = topicOf('Settled(bytes32,bytes32,bytes32,bytes32)');
/** First topic of `Announced`. */
export const ANNOUNCED_TOPIC: Hex = topicOf('Announced(bytes32,bytes32,bytes32,uint64)');
/** First topic of `Anchored`. */
export const ANCHORED_TOPIC: Hex = topicOf('Anchored(bytes32,string,uint64,bytes32)');

/**
 * Reads a `Settled` event of a contract that settles.
 *
 * @returns undefined when the log is of another event
 * @throws FormatError `malformed` when it has this event's name and is malformed
 */
export function decodeSettled(log: EvmLog): SettledEvent | undefined {
  if (log.topics[0] !== SETTLED_TOPIC) return undefined;
  const [, agreement, obligation, intent] = log.topics;
  if (!agreement || !obligation || !intent) throw new FormatError('malformed', 'Settled: expected 4 topics.');
  const decision = hexOf(bytesOf('Settled', log.data, 32));
  return { contract: log.address, agreement, obligation, intent, decision };
}

/**
 * Reads an `Anchored` event of the contract `Checkpoints`, canonical ABI encoding only.
 *
 * @returns undefined when the log is of another event
 * @throws FormatError `malformed` when it has this event's name and is malformed
 */
export function decodeAnchored(log: EvmLog): AnchoredEvent | undefined {
  if (log.topics[0] !== ANCHORED_TOPIC) return undefined;
  const data = fromHex(log.data);
  if (log.topics.length !== 2 || data.length < 128) throw new FormatError('malformed', 'Anchored: malformed.');
  const size = readUint('size', data.subarray(32, 64), 64);
  const root = hexOf(data.subarray(64, 96));
  const length = Number(readUint('origin', data.subarray(96, 128), 64));
  if (length > data.length - 128) throw new FormatError('malformed', 'Anchored: origin longer than the data.');
  const origin = fromUtf8(data.subarray(128, 128 + length));
  if (!equalBytes(encodeAnchored(origin, size, root), data) || log.topics[1] !== originHash(origin))
    throw new FormatError('malformed', 'Anchored: not the canonical encoding.');
  return { contract: log.address, origin, size, root };
}

function encodeAnchored(origin: string, size: bigint, root: Hex): Uint8Array {
  const text = toUtf8(origin);
  const padding = new Uint8Array((32 - (text.length % 32)) % 32);
  return concatBytes(
    uintWord('offset', 96n, 256),
    uintWord('size', size, 64),
    bytesOf('root', root, 32),
    uintWord('length', BigInt(text.length), 256),
    text,
    padding,
  );
}
