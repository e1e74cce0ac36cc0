// Public keys as the formats name them: did:key texts, COSE key thumbprints and short key ids.

import { p256 } from '@noble/curves/nist.js';
import { base58 } from '@scure/base';
import { concatBytes } from './bytes.ts';
import { encodeCbor } from './cbor/cbor.ts';
import { isSafeEd25519Key, isSafeP256Key, sha256, verifyEd25519, verifyP256 } from './crypto.ts';
import { FormatError } from './errors.ts';

/** Fully specified COSE algorithm identifiers (RFC 9864): Ed25519 and ECDSA on P-256 with SHA-256. */
export const algorithms = { Ed25519: -19, ESP256: -9 } as const;
export type Algorithm = (typeof algorithms)[keyof typeof algorithms];

/** A public key and the one algorithm it signs with. `raw`: 32 bytes for Ed25519, 33 (compressed point) for P-256. */
export interface PublicKey {
  readonly algorithm: Algorithm;
  readonly raw: Uint8Array;
}

// Multicodec prefixes as unsigned varints: ed25519-pub 0xed, p256-pub 0x1200.
const prefixes: readonly [Algorithm, Uint8Array][] = [
  [algorithms.Ed25519, Uint8Array.of(0xed, 0x01)],
  [algorithms.ESP256, Uint8Array.of(0x80, 0x24)],
];

/**
 * The did:key of a public key (W3C CCG did:key method).
 * @example didKey({ algorithm: -19, raw }) // 'did:key:z6Mk…'
 */
export function didKey(key: PublicKey): string {
  const prefix = prefixes.find(([algorithm]) => algorithm === key.algorithm)?.[1] as Uint8Array;
  return `did:key:z${base58.encode(concatBytes(prefix, key.raw))}`;
}

/**
 * Reads a did:key; refuses keys that may not be enrolled (off the curve, small or mixed order).
 * @throws FormatError `malformed`
 */
export function parseDidKey(did: string): PublicKey {
  if (!did.startsWith('did:key:z') || did.length > 80)
    throw new FormatError('malformed', 'Expected a did:key (did:key:z6Mk… for Ed25519, did:key:zDn… for P-256).');
  let decoded: Uint8Array;
  try {
    decoded = base58.decode(did.slice(9));
  } catch {
    throw new FormatError('malformed', 'The did:key is not base58btc.');
  }
  for (const [algorithm, prefix] of prefixes) {
    if (decoded[0] !== prefix[0] || decoded[1] !== prefix[1]) continue;
    const key = { algorithm, raw: decoded.subarray(2) };
    if (!isSafeKey(key)) break;
    return key;
  }
  throw new FormatError('malformed', 'The did:key holds no Ed25519 or P-256 key that may be enrolled.');
}

export function isSafeKey(key: PublicKey): boolean {
  return key.algorithm === algorithms.Ed25519 ? isSafeEd25519Key(key.raw) : isSafeP256Key(key.raw);
}

/**
 * COSE Key Thumbprint with SHA-256 (RFC 9679): the full identifier of a key, also on the chain.
 * @returns 32 bytes
 * @throws FormatError `malformed` for a P-256 key that is not on the curve
 */
export function keyThumbprint(key: PublicKey): Uint8Array {
  if (key.algorithm === algorithms.Ed25519) {
    return sha256(
      encodeCbor(
        new Map<number, unknown>([
          [1, 1],
          [-1, 6],
          [-2, key.raw],
        ]),
      ),
    );
  }
  if (!isSafeP256Key(key.raw)) throw new FormatError('malformed', 'The key is no point of P-256.');
  const point = p256.Point.fromBytes(key.raw).toBytes(false);
  return sha256(
    encodeCbor(
      new Map<number, unknown>([
        [1, 2],
        [-1, 1],
        [-2, point.slice(1, 33)],
        [-3, point.slice(33)],
      ]),
    ),
  );
}

/** The short key id in a statement's header: the first 8 bytes of the thumbprint. A look-up aid, not an identity. */
export function keyId(key: PublicKey): Uint8Array {
  return keyThumbprint(key).slice(0, 8);
}

export function verifySignature(key: PublicKey, message: Uint8Array, signature: Uint8Array): boolean {
  return key.algorithm === algorithms.Ed25519
    ? verifyEd25519(key.raw, message, signature)
    : verifyP256(key.raw, message, signature);
}
