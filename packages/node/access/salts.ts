// Salts: the bodies that deciders compute (states, rows) are salted from one secret of the installation, so that whoever
// has it commits to the same bodies alike.
import { createHmac } from 'node:crypto';
import { join } from 'node:path';
import { machine } from '@trine/system/system.ts';
import { type KeySystem, openSecret } from './keystore.ts';

/** HMAC-SHA-256 under the secret of a policy, by its hash. */
export type PolicyHmac = (policy: string, message: Uint8Array) => Uint8Array;

/** @param secret of the installation: each policy has its own from it */
export function policyHmac(secret: Uint8Array): PolicyHmac {
  return (policy, message) => hmac(policySecret(secret, policy), message);
}

/** What the deciders of a policy share. @param secret of the installation @param policy hash, hex @returns 32 bytes */
export function policySecret(secret: Uint8Array, policy: string): Uint8Array {
  return hmac(secret, Buffer.from(policy));
}

/** For whoever has the secret of one policy alone. */
export function policySecretHmac(secret: Uint8Array): PolicyHmac {
  return (_, message) => hmac(secret, message);
}

/** That of the data folder of a node; undefined where it has none. */
export function policyHmacOf(home: string, system: KeySystem = machine): PolicyHmac | undefined {
  const directory = join(home, 'keys');
  return system.disk.has(join(directory, 'salts.secret'))
    ? policyHmac(openSecret(directory, 'salts', system))
    : undefined;
}

function hmac(key: Uint8Array, message: Uint8Array): Uint8Array {
  return Uint8Array.from(createHmac('sha256', key).update(message).digest());
}
