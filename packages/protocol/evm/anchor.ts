// What members sign for a checkpoint that goes to the chain.
import { keccak_256 } from '@noble/hashes/sha3.js';
import { concatBytes, toUtf8 } from '../bytes.ts';
import { type TypedDataDomain, typedDataDigest } from './eip712.ts';
import { bytesOf, type Hex, hexOf, uintWord } from './words.ts';

/** A checkpoint of the log with this origin line (C2SP tlog-checkpoint); `root` is 32 bytes as hex. */
export type Anchor = { readonly origin: string; readonly size: bigint; readonly root: Hex };

/** EIP-712 encodeType. */
export const ANCHOR_TYPE = 'Anchor(string origin,uint64 size,bytes32 root)';
const TYPEHASH = keccak_256(toUtf8(ANCHOR_TYPE));

/** How contracts name a log: keccak256 of its origin line. */
export function originHash(origin: string): Hex {
  return hexOf(keccak_256(toUtf8(origin)));
}

/**
 * What members sign (EIP-712).
 *
 * @param domain chain and the contract `Checkpoints`
 * @returns 32 bytes as hex
 */
export function anchorDigest(anchor: Anchor, domain: TypedDataDomain): Hex {
  const structHash = keccak_256(
    concatBytes(
      TYPEHASH,
      keccak_256(toUtf8(anchor.origin)),
      uintWord('size', anchor.size, 64),
      bytesOf('root', anchor.root, 32),
    ),
  );
  return typedDataDigest(domain, structHash);
}
