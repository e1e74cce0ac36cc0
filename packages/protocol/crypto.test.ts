import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { ed25519 } from '@noble/curves/ed25519.js';
import { sha512 } from '@noble/hashes/sha2.js';
import fc from 'fast-check';
import { concatBytes, fromHex, toHex } from './bytes.ts';
import { isSafeEd25519Key, sha256, verifyEd25519, verifyEd25519Portable } from './crypto.ts';

const ORDER = 2n ** 252n + 27742317777372353535851937790883648493n;

function both(key: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  const inNode = verifyEd25519(key, message, signature);
  let portable = false;
  try {
    portable = verifyEd25519Portable(key, message, signature);
  } catch {
    // A key that is no point verifies nothing.
  }
  assert.equal(portable, inNode, 'Node and the portable form must agree');
  return inNode;
}

test('RFC 8032 §7.1: test vectors', () => {
  const vectors: [string, string, string][] = [
    [
      'd75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a',
      '',
      'e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b',
    ],
    [
      '3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c',
      '72',
      '92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00',
    ],
  ];
  for (const [key, message, signature] of vectors) assert.ok(both(fromHex(key), fromHex(message), fromHex(signature)));
});

test('FIPS 180-4: SHA-256 of "abc"', () => {
  assert.equal(
    toHex(sha256(new TextEncoder().encode('abc'))),
    'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
  );
});

test('property: Node and the portable form agree on good and on damaged signatures', () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ minLength: 32, maxLength: 32 }),
      fc.uint8Array({ maxLength: 80 }),
      fc.nat(63),
      fc.nat(7),
      (secret, message, at, bit) => {
        const key = ed25519.getPublicKey(secret);
        const signature = ed25519.sign(message, secret);
        assert.ok(both(key, message, signature));
        signature[at] = (signature[at] as number) ^ (1 << bit);
        assert.equal(both(key, message, signature), false);
      },
    ),
    { numRuns: 60 },
  );
});

/** A point of order 8 (RFC 8032 lists none; this is the well-known encoding). */
const torsion = ed25519.Point.fromBytes(
  fromHex('26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05'),
  true,
);

test('a torsion component in R, which only a check with the cofactor lets pass, is refused by both', () => {
  const { scalar, pointBytes } = ed25519.utils.getExtendedPublicKey(randomBytes(32));
  const message = randomBytes(40);
  const nonce = 123_456_789n;
  const r = ed25519.Point.BASE.multiply(nonce).add(torsion).toBytes();
  const h = littleEndian(sha512(concatBytes(r, pointBytes, message))) % ORDER;
  const s = (nonce + h * scalar) % ORDER;
  const signature = concatBytes(r, bytesOf(s));
  assert.equal(
    ed25519.verify(signature, message, pointBytes, { zip215: true }),
    true,
    'the cofactored check lets it pass',
  );
  assert.equal(both(pointBytes, message, signature), false);
});

test('S plus the group order is refused', () => {
  const secret = randomBytes(32);
  const signature = ed25519.sign(Uint8Array.of(1), secret);
  const s = littleEndian(signature.subarray(32)) + ORDER;
  assert.equal(
    both(ed25519.getPublicKey(secret), Uint8Array.of(1), concatBytes(signature.subarray(0, 32), bytesOf(s))),
    false,
  );
});

test('small and mixed order keys may not be enrolled', () => {
  assert.equal(isSafeEd25519Key(torsion.toBytes()), false);
  assert.equal(isSafeEd25519Key(new Uint8Array(32)), false);
  const mixed = ed25519.Point.BASE.multiply(5n).add(torsion).toBytes();
  assert.equal(isSafeEd25519Key(mixed), false);
  assert.equal(isSafeEd25519Key(ed25519.Point.BASE.multiply(5n).toBytes()), true);
  assert.equal(isSafeEd25519Key(new Uint8Array(32).fill(0xff)), false);
});

function littleEndian(bytes: Uint8Array): bigint {
  return BigInt(`0x${toHex(bytes.slice().reverse())}`);
}

function bytesOf(value: bigint): Uint8Array {
  return fromHex(value.toString(16).padStart(64, '0')).reverse();
}
