// A signer for tests and short-lived tools: its key lives in memory only.
import { ed25519 } from '@noble/curves/ed25519.js';
import { p256 } from '@noble/curves/nist.js';
import { algorithms } from '../keys.ts';
import type { Signer } from '../statement/statement.ts';

/** A signer that answers at once. */
export interface TemporarySigner extends Signer {
  sign(message: Uint8Array): Uint8Array;
}

/** @param seed 32 bytes, for a key that is the same in every run @example const signer = temporarySigner(); */
export function temporarySigner(algorithm: keyof typeof algorithms = 'Ed25519', seed?: Uint8Array): TemporarySigner {
  if (algorithm === 'Ed25519') {
    const secret = seed ?? ed25519.utils.randomSecretKey();
    return {
      publicKey: { algorithm: algorithms.Ed25519, raw: ed25519.getPublicKey(secret) },
      sign: (message) => ed25519.sign(message, secret),
    };
  }
  const secret = p256.utils.randomSecretKey();
  return {
    publicKey: { algorithm: algorithms.ESP256, raw: p256.getPublicKey(secret, true) },
    sign: (message) => p256.sign(message, secret, { lowS: true }),
  };
}
