// Private keys of this installation: one file each, readable by its user alone. Nothing here logs or returns a
// private key in text, except `secretBytes` for the chain's library, which signs with bytes only.
import { createPrivateKey, generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';
import {
  chmodSync,
  closeSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  readFileSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { p256 } from '@noble/curves/nist.js';
import { secp256k1 } from '@noble/curves/secp256k1.js';
import { algorithms, isLowS, type PublicKey, type Signer } from '@trine/protocol';

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
 * @example const device = openSigner(`${home}/keys`, 'device');
 */
export function openSigner(
  directory: string,
  name: string,
  algorithm: keyof typeof algorithms = 'Ed25519',
): LocalSigner {
  const path = join(directory, `${name}.pem`);
  const pem = readOrCreate(directory, path, () => {
    const pair =
      algorithm === 'Ed25519' ? generateKeyPairSync('ed25519') : generateKeyPairSync('ec', { namedCurve: 'P-256' });
    return pair.privateKey.export({ type: 'pkcs8', format: 'pem' }) as string;
  });
  return signerOf(createPrivateKey(pem));
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
export function openSecret(directory: string, name: string): Uint8Array {
  const path = join(directory, `${name}.secret`);
  const hex = readOrCreate(directory, path, () => {
    let secret = randomBytes(32);
    while (!secp256k1.utils.isValidSecretKey(secret)) secret = randomBytes(32);
    return secret.toString('hex');
  });
  return Uint8Array.from(Buffer.from(hex.trim(), 'hex'));
}

/** Reads the file, or writes it whole and durably under a second name first: a crash leaves no half key behind. */
function readOrCreate(directory: string, path: string, create: () => string): string {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
  const temporary = `${path}.${process.pid}.new`;
  const file = openSync(temporary, 'w', 0o600);
  try {
    writeSync(file, create());
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  chmodSync(temporary, 0o600);
  try {
    linkSync(temporary, path);
  } catch (error) {
    // Another process made the key first: that one counts.
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    rmSync(temporary, { force: true });
  }
  return readFileSync(path, 'utf8');
}
