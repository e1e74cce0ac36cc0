// The few primitives every format rests on. This file runs in Node, in a browser and on a device: it reaches Node's
// OpenSSL through `process.getBuiltinModule` where there is one (five to ten times faster) and falls back to @noble.
import { ed25519 } from '@noble/curves/ed25519.js';
import { p256 } from '@noble/curves/nist.js';
import { sha256 as nobleSha256, sha512 } from '@noble/hashes/sha2.js';
import { concatBytes } from './bytes.ts';

type NodeCrypto = typeof import('node:crypto');
const node: NodeCrypto | undefined = (
  globalThis as { process?: { getBuiltinModule?: (id: string) => unknown } }
).process?.getBuiltinModule?.('node:crypto') as NodeCrypto | undefined;

/**
 * SHA-256 (FIPS 180-4).
 *
 * @param data any number of bytes
 * @returns 32 bytes
 * @example sha256(new Uint8Array()) // e3b0c442…
 */
export const sha256: (data: Uint8Array) => Uint8Array = node
  ? (data) => node.hash('sha256', data, 'buffer')
  : (data) => nobleSha256(data);

/** Keys that were looked at: each comes again with every enrolment, recovery and document that names it. Bounded. */
const safe = new Map<string, boolean>();
const SAFE_MAX = 4_096;

const ED25519_ORDER = 2n ** 252n + 27742317777372353535851937790883648493n;

/**
 * Is this a public key that may be enrolled: a canonical encoding of a point of prime order (RFC 8032 §5.1.3, with the
 * small-order and mixed-order points refused, so that every conforming verifier gives the same verdict)?
 *
 * @param publicKey 32 bytes
 */
export function isSafeEd25519Key(publicKey: Uint8Array): boolean {
  if (publicKey.length !== 32) return false;
  const name = publicKey.join();
  const known = safe.get(name) ?? isPrimeOrder(publicKey);
  if (safe.size >= SAFE_MAX) safe.clear();
  safe.set(name, known);
  return known;
}

function isPrimeOrder(publicKey: Uint8Array): boolean {
  try {
    const point = ed25519.Point.fromBytes(publicKey, false);
    return !point.is0() && point.isTorsionFree();
  } catch {
    return false;
  }
}

function littleEndian(bytes: Uint8Array): bigint {
  let value = 0n;
  for (let i = bytes.length - 1; i >= 0; i--) value = (value << 8n) | BigInt(bytes[i] as number);
  return value;
}

type EdwardsPoint = InstanceType<typeof ed25519.Point>;
/** Decoded keys: those of a file come again and again. Bounded. */
const points = new Map<string, EdwardsPoint>();
const POINTS_MAX = 1_024;

/** @throws Error when the bytes are no canonical point */
function pointOf(publicKey: Uint8Array): EdwardsPoint {
  const name = publicKey.join();
  let point = points.get(name);
  if (point === undefined) {
    if (points.size >= POINTS_MAX) points.clear();
    point = ed25519.Point.fromBytes(publicKey, false).precompute(5);
    points.set(name, point);
  }
  return point;
}

/** Node key objects by the hex of the raw key: building one costs a third of a verification. Bounded. */
const keyObjects = new Map<string, import('node:crypto').KeyObject>();
const KEY_OBJECTS_MAX = 65_536;

function nodeKey(kind: 'ed25519' | 'p256', publicKey: Uint8Array): import('node:crypto').KeyObject {
  const name = Buffer.from(publicKey.buffer, publicKey.byteOffset, publicKey.length).toString('latin1');
  let key = keyObjects.get(name);
  if (key === undefined) {
    if (keyObjects.size >= KEY_OBJECTS_MAX) keyObjects.clear();
    const b64 = (b: Uint8Array) => Buffer.from(b).toString('base64url');
    const jwk =
      kind === 'ed25519'
        ? { kty: 'OKP', crv: 'Ed25519', x: b64(publicKey) }
        : { kty: 'EC', crv: 'P-256', ...affine(publicKey, b64) };
    key = (node as NodeCrypto).createPublicKey({ key: jwk, format: 'jwk' });
    keyObjects.set(name, key);
  }
  return key;
}

function affine(publicKey: Uint8Array, b64: (b: Uint8Array) => string): { x: string; y: string } {
  const raw = p256.Point.fromBytes(publicKey).toBytes(false);
  return { x: b64(raw.subarray(1, 33)), y: b64(raw.subarray(33)) };
}

/**
 * Verifies an Ed25519 signature strictly (RFC 8032 §5.1.7 without the cofactor): `S` below the group order, `R`
 * compared byte for byte. With keys accepted by {@link isSafeEd25519Key}, Node and the browser agree on every input.
 *
 * @param publicKey 32 bytes; malformed keys verify nothing
 * @param message any bytes
 * @param signature 64 bytes
 */
export function verifyEd25519(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  if (publicKey.length !== 32 || signature.length !== 64) return false;
  try {
    return node
      ? node.verify(null, message, nodeKey('ed25519', publicKey), signature)
      : verifyEd25519Portable(publicKey, message, signature);
  } catch {
    return false;
  }
}

/**
 * The same without Node: computes `S·B − h·A` and compares its encoding with `R`. (noble's own check multiplies by the
 * cofactor and lets a torsion component in `R` pass, which OpenSSL does not.)
 *
 * @throws Error when the key is no canonical point
 */
export function verifyEd25519Portable(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  const s = littleEndian(signature.subarray(32));
  if (s >= ED25519_ORDER) return false;
  const r = signature.subarray(0, 32);
  const h = littleEndian(sha512(concatBytes(r, publicKey, message))) % ED25519_ORDER;
  const expected = ed25519.Point.BASE.multiplyUnsafe(s).subtract(pointOf(publicKey).multiplyUnsafe(h));
  return expected.toBytes().every((byte, i) => byte === r[i]);
}

const P256_ORDER = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;

/** Is `S` of a 64-byte P-256 signature in the lower half of the group order? (Each signature has one such form.) */
export function isLowS(signature: Uint8Array): boolean {
  let s = 0n;
  for (let i = 32; i < 64; i++) s = (s << 8n) | BigInt(signature[i] as number);
  return s <= P256_ORDER / 2n;
}

/**
 * Verifies an ECDSA P-256 signature over SHA-256 (FIPS 186-5), `r ‖ s` as in RFC 9053 §2.1; high `S` is refused, so
 * that a third party cannot make a second valid signature out of the first.
 *
 * @param publicKey 33 bytes, the compressed point (SEC 1 §2.3.3)
 * @param message any bytes; hashed here
 * @param signature 64 bytes
 */
export function verifyP256(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  if (publicKey.length !== 33 || signature.length !== 64 || !isLowS(signature)) return false;
  try {
    if (node)
      return node.verify('sha256', message, { key: nodeKey('p256', publicKey), dsaEncoding: 'ieee-p1363' }, signature);
    return p256.verify(signature, message, publicKey, { prehash: true, lowS: true });
  } catch {
    return false;
  }
}

/** Is this a compressed P-256 point on the curve (33 bytes)? */
export function isSafeP256Key(publicKey: Uint8Array): boolean {
  if (publicKey.length !== 33) return false;
  try {
    p256.Point.fromBytes(publicKey).assertValidity();
    return true;
  } catch {
    return false;
  }
}
