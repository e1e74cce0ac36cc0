// EIP-712 typed data under Trine's domain: name "Trine", version "1", the chain and the verifying contract.
import { keccak_256 } from '@noble/hashes/sha3.js';
import { concatBytes, toUtf8 } from '../bytes.ts';
import { addressWord, type Hex, hexOf, uintWord } from './words.ts';

/** Where a signature counts: on one chain, for one contract. Its name is `Trine`, but of tokens. */
export type TypedDataDomain = { readonly chainId: bigint; readonly verifyingContract: Hex; readonly name?: string };

const DOMAIN_TYPEHASH = keccak_256(
  toUtf8('EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)'),
);
const VERSION = keccak_256(toUtf8('1'));

/**
 * What is signed: keccak256(0x1901 ‖ domain separator ‖ hashStruct), EIP-712 "Specification".
 *
 * @param domain chain and contract
 * @param structHash 32 bytes, keccak256(typeHash ‖ encodeData)
 * @returns 32 bytes as hex
 */
export function typedDataDigest(domain: TypedDataDomain, structHash: Uint8Array): Hex {
  const separator = keccak_256(
    concatBytes(
      DOMAIN_TYPEHASH,
      keccak_256(toUtf8(domain.name ?? 'Trine')),
      VERSION,
      uintWord('chainId', domain.chainId, 256),
      addressWord('verifyingContract', domain.verifyingContract),
    ),
  );
  return hexOf(keccak_256(concatBytes(Uint8Array.of(0x19, 0x01), separator, structHash)));
}
