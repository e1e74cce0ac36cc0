// What a decider asks a node for, signed by the account that the terms name: so that a node knows whom it hands bodies to.
import { keccak_256 } from '@noble/hashes/sha3.js';
import { concatBytes, toUtf8 } from '../bytes.ts';
import { type TypedDataDomain, typedDataDigest } from './eip712.ts';
import { bytesOf, type Hex, uintWord } from './words.ts';

/** One request. */
export interface DeciderRequest {
  /** Of the node's log: whom it is for. */
  readonly origin: string;
  readonly method: string;
  /** With its leading slash, as it is asked for. */
  readonly path: string;
  /** SHA-256 of the body, 32 bytes as 0x-hex. */
  readonly body: Hex;
  /** Seconds since 1970. */
  readonly time: bigint;
  /** 32 bytes as 0x-hex: each counts once. */
  readonly nonce: Hex;
}

/** EIP-712 encodeType. */
export const DECIDER_REQUEST_TYPE =
  'DeciderRequest(string origin,string method,string path,bytes32 body,uint64 time,bytes32 nonce)';
const TYPEHASH = keccak_256(toUtf8(DECIDER_REQUEST_TYPE));

/**
 * What the decider signs (EIP-712).
 * @param domain the network's chain, and its contract of terms
 * @returns 32 bytes as hex
 */
export function deciderRequestDigest(
  { origin, method, path, body, time, nonce }: DeciderRequest,
  domain: TypedDataDomain,
): Hex {
  const text = (value: string) => keccak_256(toUtf8(value));
  const words = [text(origin), text(method), text(path), bytesOf('body', body, 32)];
  const structHash = keccak_256(
    concatBytes(TYPEHASH, ...words, uintWord('time', time, 64), bytesOf('nonce', nonce, 32)),
  );
  return typedDataDigest(domain, structHash);
}
