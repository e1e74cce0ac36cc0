// Ethereum's signatures: secp256k1 over a 32-byte digest, 65 bytes r ‖ s ‖ v with v 27 or 28 and s in the lower half.
import { secp256k1 } from '@noble/curves/secp256k1.js';
import { keccak_256 } from '@noble/hashes/sha3.js';
import { FormatError } from '../errors.ts';
import { bytesOf, type Hex, hexOf } from './words.ts';

/** Signatures that were looked at: consents come again with every reader of an agreement. Bounded. */
const recovered = new Map<string, Hex>();
const RECOVERED_MAX = 1_024;

/**
 * The address of a key: the last 20 bytes of keccak256 of the uncompressed public key.
 *
 * @param publicKey 33 bytes (compressed) or 65 (uncompressed), SEC 1
 * @throws FormatError `malformed` when it is not a point on the curve
 */
export function addressOfPublicKey(publicKey: Uint8Array): Hex {
  let point: Uint8Array;
  try {
    point = secp256k1.Point.fromBytes(publicKey).toBytes(false);
  } catch {
    throw new FormatError('malformed', 'The key is no point of secp256k1.');
  }
  return hexOf(keccak_256(point.subarray(1)).subarray(12));
}

/** The address of a private key of 32 bytes. */
export function addressOfPrivateKey(privateKey: Uint8Array): Hex {
  return addressOfPublicKey(secp256k1.getPublicKey(privateKey, false));
}

/**
 * Signs a digest; deterministic (RFC 6979), low s.
 *
 * @param digest 32 bytes as hex
 * @param privateKey 32 bytes
 * @returns 65 bytes as hex, r ‖ s ‖ v
 */
export function signDigest(digest: Hex, privateKey: Uint8Array): Hex {
  const recovered = secp256k1.sign(bytesOf('digest', digest, 32), privateKey, {
    prehash: false,
    lowS: true,
    format: 'recovered',
  });
  const signature = new Uint8Array(65);
  signature.set(recovered.subarray(1), 0);
  signature[64] = 27 + (recovered[0] as number);
  return hexOf(signature);
}

/**
 * Who signed? Strict, as the contracts are: 65 bytes, v 27 or 28, s in the lower half of the group order, so that each
 * signature has one form.
 *
 * @param digest 32 bytes as hex
 * @param signature 65 bytes as hex
 * @returns the signer's address
 * @throws FormatError `malformed` when the signature is malformed, not canonical, or of no key
 */
export function recoverAddress(digest: Hex, signature: Hex): Hex {
  const name = `${digest}${signature}`;
  const known = recovered.get(name) ?? recover(digest, signature);
  if (recovered.size >= RECOVERED_MAX) recovered.clear();
  recovered.set(name, known);
  return known;
}

function recover(digest: Hex, signature: Hex): Hex {
  const bytes = bytesOf('signature', signature, 65);
  const v = bytes[64] as number;
  if (v !== 27 && v !== 28) throw new FormatError('malformed', 'signature: expected v 27 or 28.');
  const message = bytesOf('digest', digest, 32);
  let publicKey: Uint8Array;
  try {
    const parsed = secp256k1.Signature.fromBytes(bytes.subarray(0, 64)).addRecoveryBit(v - 27);
    if (parsed.hasHighS()) throw new Error('high s');
    publicKey = parsed.recoverPublicKey(message).toBytes(false);
  } catch {
    throw new FormatError('malformed', 'signature: not a canonical secp256k1 signature.');
  }
  return addressOfPublicKey(publicKey);
}
