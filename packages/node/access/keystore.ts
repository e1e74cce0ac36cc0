// Private keys of this installation: one file each, readable by its user alone. Nothing here logs or returns a
// private key in text, except `secretBytes` for the chain's library, which signs with bytes only.
import { createPrivateKey, type KeyObject, sign } from 'node:crypto';
import { join } from 'node:path';
import { p256 } from '@noble/curves/nist.js';
import { secp256k1 } from '@noble/curves/secp256k1.js';
import { algorithms, isLowS, type PublicKey, type Signer } from '@trine/protocol';
import { isMissing, makeFolderNow, writeNow } from '@trine/system/disk.ts';
import { machine, type System } from '@trine/system/system.ts';

/** What keys are made of, and where they are kept. */
export type KeySystem = Pick<System, 'disk' | 'random'>;

/** A signer that answers at once (in memory), as the log's checkpoints and acknowledgements need. */
export interface LocalSigner extends Signer {
  sign(message: Uint8Array): Uint8Array;
}

/**
 * Opens the signing key `name`, making it on first use.
 *
 * @param directory the key folder; created with mode 0700
 * @param name file name without ending
 * @param algorithm `Ed25519` or `ESP256`
 * @param system by default the machine's own
 * @example const device = openSigner(`${home}/keys`, 'device');
 */
export function openSigner(
  directory: string,
  name: string,
  algorithm: keyof typeof algorithms = 'Ed25519',
  system: KeySystem = machine,
): LocalSigner {
  const path = join(directory, `${name}.pem`);
  const pem = readOrCreate(system, directory, path, () => {
    const key = algorithm === 'Ed25519' ? ed25519Key(system.random(32)) : p256Key(system);
    return key.export({ type: 'pkcs8', format: 'pem' }) as string;
  });
  return signerOf(createPrivateKey(pem));
}

/** PKCS #8 around the seed (RFC 8410). */
function ed25519Key(seed: Uint8Array): KeyObject {
  const key = Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), seed]);
  return createPrivateKey({ key, format: 'der', type: 'pkcs8' });
}

function p256Key({ random }: KeySystem): KeyObject {
  let secret: Uint8Array = random(32);
  while (!p256.utils.isValidSecretKey(secret)) secret = random(32);
  const point = Buffer.from(p256.getPublicKey(secret, false));
  const part = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64url');
  const key = { kty: 'EC', crv: 'P-256', d: part(secret), x: part(point.subarray(1, 33)), y: part(point.subarray(33)) };
  return createPrivateKey({ key, format: 'jwk' });
}

function signerOf(privateKey: KeyObject): LocalSigner {
  const jwk = privateKey.export({ format: 'jwk' });
  if (jwk.kty === 'OKP') {
    const publicKey: PublicKey = {
      algorithm: algorithms.Ed25519,
      raw: Uint8Array.from(Buffer.from(jwk.x as string, 'base64url')),
    };
    return { publicKey, sign: (message) => sign(null, message, privateKey) };
  }
  const point = Buffer.concat([
    Buffer.of(4),
    Buffer.from(jwk.x as string, 'base64url'),
    Buffer.from(jwk.y as string, 'base64url'),
  ]);
  const publicKey: PublicKey = { algorithm: algorithms.ESP256, raw: p256.Point.fromBytes(point).toBytes(true) };
  return {
    publicKey,
    sign: (message) => lowS(sign('sha256', message, { key: privateKey, dsaEncoding: 'ieee-p1363' })),
  };
}

function lowS(signature: Uint8Array): Uint8Array {
  if (isLowS(signature)) return signature;
  const order = p256.Point.Fn.ORDER;
  const s = order - BigInt(`0x${Buffer.from(signature.subarray(32)).toString('hex')}`);
  return Buffer.concat([signature.subarray(0, 32), Buffer.from(s.toString(16).padStart(64, '0'), 'hex')]);
}

/**
 * Opens a secret of 32 random bytes, made on first use: a valid secp256k1 key, a content key, a token.
 * @returns 32 bytes
 */
export function openSecret(directory: string, name: string, system: KeySystem = machine): Uint8Array {
  const path = join(directory, `${name}.secret`);
  const hex = readOrCreate(system, directory, path, () => {
    let secret = system.random(32);
    while (!secp256k1.utils.isValidSecretKey(secret)) secret = system.random(32);
    return secret.toString('hex');
  });
  return Uint8Array.from(Buffer.from(hex.trim(), 'hex'));
}

/** Reads the file, or writes it whole and durably under a second name first: a crash leaves no half key behind. */
function readOrCreate({ disk }: KeySystem, directory: string, path: string, create: () => string): string {
  makeFolderNow(disk, directory, 0o700);
  try {
    return disk.read(path).toString('utf8');
  } catch (error) {
    if (!isMissing(error)) throw error;
  }
  const temporary = `${path}.${process.pid}.new`;
  // One that a crash left may be readable by others: a mode is given to a new file only.
  disk.remove(temporary);
  writeNow(disk, temporary, create(), 0o600);
  try {
    disk.link(temporary, path);
  } catch (error) {
    // Another process made the key first: that one counts.
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    disk.remove(temporary);
  }
  // What is signed with a key must not outlive it.
  disk.syncFolderNow(directory);
  return disk.read(path).toString('utf8');
}
