import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ed25519 } from '@noble/curves/ed25519.js';
import { p256 } from '@noble/curves/nist.js';
import fc from 'fast-check';
import { assuranceClasses, clockQualities } from '../assurance.ts';
import { toHex } from '../bytes.ts';
import { FormatError } from '../errors.ts';
import { algorithms, didKey, keyThumbprint, parseDidKey } from '../keys.ts';
import { kindNames } from '../kinds.ts';
import type { Reading } from '../senml/reading.ts';
import { contentTypes, decodePack, encodePack } from '../senml/senml.ts';
import { detachBody, openBody } from './body.ts';
import { encodeDeliveries, splitDeliveries } from './delivery.ts';
import { decodeLeaf, encodeStatementLeaf } from './leaf.ts';
import { parseStatement, type Signer, type StatementContent, signStatement, verifyStatement } from './statement.ts';

const secret = new Uint8Array(32).fill(7);
const ed: Signer = {
  publicKey: { algorithm: algorithms.Ed25519, raw: ed25519.getPublicKey(secret) },
  sign: (m) => ed25519.sign(m, secret),
};
const es: Signer = {
  publicKey: { algorithm: algorithms.ESP256, raw: p256.getPublicKey(secret) },
  sign: (m) => p256.sign(m, secret, { lowS: true, prehash: true }),
};

const readings: Reading[] = [{ quantity: 'temperature', unit: 'Cel', timeMs: 1_763_884_800_000, value: 21.5 }];
const content: StatementContent = {
  kind: 'pack',
  subject: 'urn:dev:test',
  network: 'trine:test',
  epoch: 0,
  seq: 0,
  clock: 'synchronised',
  class: 'software',
  contentType: contentTypes.senmlCbor,
  payload: encodePack(readings),
};

for (const [name, signer] of [
  ['EdDSA', ed],
  ['ES256', es],
] as const) {
  test(`${name}: signed, parsed and verified; every byte flipped is refused`, async () => {
    const statement = await signStatement(signer, content);
    assert.ok(verifyStatement(statement, signer.publicKey));
    assert.equal(statement.header.issuer, didKey(signer.publicKey));
    assert.deepEqual(parseDidKey(statement.header.issuer), signer.publicKey);
    assert.deepEqual(decodePack(statement.payload, statement.header.contentType, statement.header.subject), readings);
    for (let i = 0; i < statement.bytes.length; i++) {
      const flipped = statement.bytes.slice();
      flipped[i]! ^= 1 << (i % 8);
      let accepted = false;
      try {
        accepted = verifyStatement(parseStatement(flipped), signer.publicKey);
      } catch (error) {
        assert.ok(error instanceof FormatError, String(error));
      }
      assert.equal(accepted, false, `flip at byte ${i}`);
    }
  });
}

test('the id does not depend on the signature: a re-signed retry is a duplicate', async () => {
  const first = await signStatement(es, content);
  const again = await signStatement(
    { ...es, sign: (m) => p256.sign(m, secret, { lowS: true, prehash: true, extraEntropy: true }) },
    content,
  );
  assert.notDeepEqual(first.signature, again.signature);
  assert.deepEqual(first.id, again.id);
});

test('a high-S signature is refused', async () => {
  const statement = await signStatement(es, content);
  const n = p256.Point.Fn.ORDER;
  const s = BigInt(`0x${toHex(statement.signature.subarray(32))}`);
  const high = statement.bytes.slice();
  high.set(
    Uint8Array.from(
      (n - s)
        .toString(16)
        .padStart(64, '0')
        .match(/../g)!
        .map((h) => Number.parseInt(h, 16)),
    ),
    high.length - 32,
  );
  assert.equal(verifyStatement(parseStatement(high), es.publicKey), false);
});

const subjects = fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9:._~/-]{0,60}$/);
const hash = fc.uint8Array({ minLength: 32, maxLength: 32 });
const contents = fc.record(
  {
    kind: fc.constantFrom(...kindNames),
    subject: subjects,
    network: fc.string({ maxLength: 60 }),
    epoch: fc.nat(),
    seq: fc.nat(),
    prev: hash,
    clock: fc.constantFrom(...(Object.keys(clockQualities) as (keyof typeof clockQualities)[])),
    class: fc.constantFrom(...(Object.keys(assuranceClasses) as (keyof typeof assuranceClasses)[])),
    seen: fc.record({ size: fc.nat(), root: hash }, { noNullPrototype: true }),
    supersedes: hash,
    contentType: fc.oneof(fc.nat(70_000), fc.string({ maxLength: 40 })),
    payload: fc.uint8Array({ maxLength: 400 }),
    sealed: fc.boolean(),
  },
  {
    requiredKeys: ['kind', 'subject', 'network', 'epoch', 'seq', 'clock', 'class', 'contentType', 'payload', 'prev'],
    noNullPrototype: true,
  },
);

test('property: every header survives the round trip', async () => {
  await fc.assert(
    fc.asyncProperty(contents, async (given) => {
      const sealed = given.sealed ?? false;
      const body = sealed ? detachBody(given.payload) : undefined;
      const statement = await signStatement(ed, {
        ...given,
        sealed,
        payload: body?.commitment ?? given.payload,
      } as StatementContent);
      const { payload, sealed: _, ...rest } = given;
      const { algorithm: _a, keyId: _k, issuer: _i, sealed: isSealed, kindCode: _c, ...header } = statement.header;
      assert.deepEqual({ ...header }, { ...rest });
      assert.equal(isSealed, sealed);
      assert.deepEqual(Uint8Array.from(openBody(statement, body?.disclosure)), payload);
    }),
    { numRuns: 200 },
  );
});

test('property: no bytes make the parser throw anything but FormatError', async () => {
  const valid = (await signStatement(ed, content)).bytes;
  fc.assert(
    fc.property(
      fc.nat(valid.length - 1),
      fc.uint8Array({ minLength: 1, maxLength: 12 }),
      fc.boolean(),
      (at, noise, cut) => {
        const bytes = valid.slice(0, cut ? at : valid.length);
        bytes.set(noise.subarray(0, Math.max(0, bytes.length - at)), Math.min(at, bytes.length));
        try {
          parseStatement(bytes);
        } catch (error) {
          assert.ok(error instanceof FormatError);
        }
      },
    ),
    { numRuns: 2000 },
  );
});

test('a sealed body opens only with its own disclosure', async () => {
  const body = detachBody(content.payload);
  const statement = await signStatement(ed, { ...content, sealed: true, payload: body.commitment });
  assert.deepEqual(Uint8Array.from(openBody(statement, body.disclosure)), content.payload);
  assert.throws(() => openBody(statement), { refusal: 'missing-body' });
  assert.throws(() => openBody(statement, detachBody(content.payload).disclosure), { refusal: 'bad-commitment' });
});

test('deliveries travel together, open and sealed', async () => {
  const body = detachBody(content.payload);
  const open = await signStatement(ed, content);
  const sealed = await signStatement(ed, { ...content, seq: 1, prev: open.id, sealed: true, payload: body.commitment });
  const message = encodeDeliveries([
    { statement: open.bytes },
    { statement: sealed.bytes, disclosure: body.disclosure },
  ]);
  const split = splitDeliveries(message);
  assert.deepEqual(
    split.map((d) => toHex(d.statement)),
    [toHex(open.bytes), toHex(sealed.bytes)],
  );
  assert.deepEqual(Uint8Array.from(split[1]!.disclosure!), body.disclosure);
});

test('leaves keep the arrival time', () => {
  const leaf = encodeStatementLeaf(1_763_884_800_123, Uint8Array.of(1, 2, 3));
  assert.deepEqual(decodeLeaf(leaf), {
    kind: 'statement',
    arrivalMs: 1_763_884_800_123,
    statement: Uint8Array.of(1, 2, 3),
  });
  assert.throws(() => decodeLeaf(Uint8Array.of(2, 1)), FormatError);
});

test('RFC 9679 §6: thumbprint of the published example key', () => {
  // The example of RFC 9679 is a P-256 key.
  const x = '65eda5a12577c2bae829437fe338701a10aaa375e1bb5b5de108de439c08551d';
  const y = '1e52ed75701163f7f9e40ddf9f341b3dc9ba860af7e0ca7ca7e9eecd0084d19c';
  const raw = p256.Point.fromHex(`04${x}${y}`).toBytes(true);
  assert.equal(
    toHex(keyThumbprint({ algorithm: algorithms.ESP256, raw })),
    '496bd8afadf307e5b08c64b0421bf9dc01528a344a43bda88fadd1669da253ec',
  );
});
