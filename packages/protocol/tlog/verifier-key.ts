// Verifier keys of signed notes: `name+hash+base64(type ‖ key)` (https://c2sp.org/signed-note).
import { concatBytes, toUtf8 } from '../bytes.ts';
import { sha256 } from '../crypto.ts';
import { fromBase64, toBase64 } from './base64.ts';
import { TlogError } from './errors.ts';

/** Signature type of a plain Ed25519 note signature. */
export const SIGNATURE_ED25519 = 0x01;
/** Signature type of a timestamped Ed25519 cosignature (tlog-cosignature v1). */
export const SIGNATURE_COSIGNATURE_V1 = 0x04;

/** A named public key. */
export interface VerifierKey {
  readonly name: string;
  /** First four bytes of SHA-256(name ‖ 0x0A ‖ type ‖ key), big-endian. */
  readonly keyId: number;
  /** {@link SIGNATURE_ED25519} or {@link SIGNATURE_COSIGNATURE_V1}. */
  readonly type: number;
  /** 32 bytes, Ed25519. */
  readonly publicKey: Uint8Array;
}

/**
 * Refuses a key name that cannot stand in a note: empty, or with a Unicode space, a control character or a plus sign.
 *
 * @throws TlogError
 */
export function assertKeyName(name: string): void {
  if (name === '' || !name.isWellFormed() || /[\p{White_Space}\p{Cc}+]/u.test(name)) {
    throw new TlogError('Key name: expected at least one character, no space, no plus sign.');
  }
}

/**
 * Key id of a named key.
 *
 * @param name the key's name
 * @param type signature type, one byte
 * @param publicKey 32 bytes
 * @returns an unsigned 32-bit number
 */
export function keyId(name: string, type: number, publicKey: Uint8Array): number {
  assertKeyName(name);
  const hash = sha256(concatBytes(toUtf8(`${name}\n`), new Uint8Array([type]), publicKey));
  return new DataView(hash.buffer, hash.byteOffset).getUint32(0);
}

/**
 * A verifier key from its parts.
 *
 * @throws TlogError for a malformed name or a key that is not 32 bytes
 */
export function verifierKey(name: string, publicKey: Uint8Array, type: number = SIGNATURE_ED25519): VerifierKey {
  if (publicKey.length !== 32) throw new TlogError(`Verifier key: expected 32 bytes, got ${publicKey.length}.`);
  return { name, keyId: keyId(name, type, publicKey), type, publicKey };
}

/** Writes a verifier key in its one-line form. */
export function formatVerifierKey(key: VerifierKey): string {
  const id = key.keyId.toString(16).padStart(8, '0');
  return `${key.name}+${id}+${toBase64(concatBytes(new Uint8Array([key.type]), key.publicKey))}`;
}

/**
 * Reads a verifier key strictly; the hash in it must be that of its name and key.
 *
 * @param text for example `PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW`
 * @throws TlogError
 */
export function parseVerifierKey(text: string): VerifierKey {
  // The base64 may contain plus signs, the name and the hash may not.
  const [, name, id, encoded] = /^([^+]+)\+([0-9a-f]{8})\+(.+)$/u.exec(text) ?? [];
  if (name === undefined || id === undefined || encoded === undefined) {
    throw new TlogError('Verifier key: expected name+hash+base64.');
  }
  const bytes = fromBase64(encoded, 'verifier key');
  const type = bytes[0];
  if (type !== SIGNATURE_ED25519 && type !== SIGNATURE_COSIGNATURE_V1) {
    throw new TlogError(`Verifier key: expected type 1 (Ed25519) or 4 (cosignature), got ${type}.`);
  }
  const key = verifierKey(name, bytes.subarray(1), type);
  if (key.keyId !== Number.parseInt(id, 16)) throw new TlogError('Verifier key: the hash is not that of name and key.');
  return key;
}
