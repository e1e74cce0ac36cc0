// Pseudonyms: a key and a subject for one session, from one secret that never leaves the person's device. Two of them have
// nothing in common that can be told without the secret.
import { ed25519 } from '@noble/curves/ed25519.js';
import { hkdf } from '@noble/hashes/hkdf.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { algorithms, type Signer, toHex, toUtf8 } from '@trine/protocol';

export interface Pseudonym {
  /** The prefix that the terms let in, and 32 hex digits. */
  readonly subject: string;
  readonly signer: Signer;
  /** Private key, 32 bytes: for a program that keeps keys in files. */
  readonly seed: Uint8Array;
}

const SECRET_BYTES_MIN = 32;

/**
 * Derives the pseudonym of one session (HKDF-SHA-256, RFC 5869): the same again for the same arguments.
 *
 * @param secret at least 32 random bytes of the person's, kept as a key is kept
 * @param of network id, what it is used for (the hash of a policy, say), and the number of the session, used once
 * @param prefix of the subject, as the terms name who may speak: `person/` for `person/*`
 * @throws RangeError for a secret that is too short
 * @example const { subject, signer } = pseudonymOf(secret, { network, purpose: policy, session: 7 }, 'person/')
 */
export function pseudonymOf(
  secret: Uint8Array,
  of: { readonly network: string; readonly purpose: string; readonly session: number },
  prefix: string,
): Pseudonym {
  if (secret.length < SECRET_BYTES_MIN)
    throw new RangeError(`A secret has at least ${SECRET_BYTES_MIN} random bytes; got ${secret.length}.`);
  const derive = (what: string, length: number) =>
    hkdf(sha256, secret, toUtf8(of.network), toUtf8(`trine ${what}\n${of.purpose}\n${of.session}`), length);
  const seed = derive('pseudonym key', 32);
  const publicKey = { algorithm: algorithms.Ed25519, raw: ed25519.getPublicKey(seed) };
  return {
    subject: prefix + toHex(derive('pseudonym subject', 16)),
    signer: { publicKey, sign: (message) => ed25519.sign(message, seed) },
    seed,
  };
}
