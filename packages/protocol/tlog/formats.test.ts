import assert from 'node:assert/strict';
import type { KeyObject } from 'node:crypto';
import { createPrivateKey, createPublicKey, sign } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { toUtf8 as utf8 } from '../bytes.ts';
import { fromBase64, toBase64 } from './base64.ts';
import { formatCheckpoint, parseCheckpoint, signCheckpoint, verifyCheckpoint } from './checkpoint.ts';
import { cosign, verifyCosignatures } from './cosignature.ts';
import { TlogError } from './errors.ts';
import { inclusionProof, leafHash, memoryTree, treeRoot } from './merkle.ts';
import { addSignature, formatNote, parseNote, signNote, verifyNote } from './note.ts';
import { formatProof, parseProof, verifyProof } from './proof.ts';
import { formatVerifierKey, parseVerifierKey, SIGNATURE_COSIGNATURE_V1, verifierKey } from './verifier-key.ts';

const readVectors = (name: string) =>
  JSON.parse(readFileSync(new URL(`../../../vectors/log/${name}.json`, import.meta.url), 'utf8'));
const bytes = (hex: string) => new Uint8Array(Buffer.from(hex, 'hex'));

/** An Ed25519 key pair from its seed of 32 bytes (RFC 8410 wraps it so). */
function keyPair(seed: Uint8Array): { publicKey: Uint8Array; sign: (data: Uint8Array) => Uint8Array } {
  const der = Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), seed]);
  const key: KeyObject = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
  const { x } = createPublicKey(key).export({ format: 'jwk' });
  return { publicKey: new Uint8Array(Buffer.from(x!, 'base64url')), sign: (data) => sign(null, data, key) };
}

const log = { name: 'example.com/log', ...keyPair(new Uint8Array(32).fill(1)) };
const witness = { name: 'witness.example', ...keyPair(new Uint8Array(32).fill(2)) };
const logKey = verifierKey(log.name, log.publicKey);
const witnessKey = verifierKey(witness.name, witness.publicKey, SIGNATURE_COSIGNATURE_V1);

describe('signed notes', () => {
  test('published keys and notes', () => {
    for (const { vkey, name, keyId, text, note, seed } of readVectors('note').notes) {
      const key = parseVerifierKey(vkey);
      assert.equal(key.name, name);
      assert.equal(key.keyId.toString(16), keyId);
      assert.equal(formatVerifierKey(key), vkey);
      assert.equal(verifyNote(note, [key]).text, text);
      assert.equal(formatNote(parseNote(note)), note);
      assert.throws(() => verifyNote(note.replace(text[0], 'X'), [key]), /signature of .* is wrong/);
      // Ed25519 is deterministic: the same key must give the same note.
      if (seed !== undefined) assert.equal(signNote(text, { name, ...keyPair(bytes(seed)) }), note);
    }
  });

  test('verifier keys in any other form are refused', () => {
    const vkey = 'PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW';
    for (const wrong of [
      '',
      vkey.replace('c74f', 'C74F'),
      vkey.replace('c74f20a3', 'c74f20a4'),
      vkey.replace('Peter', 'Pet er'),
      vkey.replace('PeterNeumann', ''),
      vkey.replace('Neumann', '+Neumann'),
      vkey.replace('ARpc', 'Arpc'),
      vkey.slice(0, -4),
      `${vkey}=`,
      `${vkey}\n`,
      vkey.replace('10TW', '10TX'),
    ]) {
      assert.throws(() => parseVerifierKey(wrong), TlogError, wrong);
    }
  });

  test('notes in any other form are refused', () => {
    const note = signNote('text\n', log);
    for (const wrong of [
      '',
      'text\n',
      'text\n\n',
      note.slice(0, -1),
      note.replace('text\n\n', 'text\n'),
      note.replace('— ', '- '),
      note.replace('— ', '—  '),
      note.replace('text', 'te\u0001xt'),
      note.replace('text', 'te\rxt'),
      note.replace('text', 'te\ud800xt'),
      note.replace('=\n', '\n'),
      note.replace('=\n', '= x\n'),
      `${note}\n`,
      `${note}no signature\n`,
      note.replace('example.com/log', 'example.com+log'),
      note.replace('example.com/log', 'example\u00a0com'),
      note + note.slice(note.indexOf('—')).repeat(100),
    ]) {
      assert.throws(() => parseNote(wrong), TlogError, JSON.stringify(wrong));
    }
  });

  test('several signatures: unknown ones are ignored, a wrong one of a known key refuses the note', () => {
    const other = { name: 'other', ...keyPair(new Uint8Array(32).fill(3)) };
    const otherKey = verifierKey(other.name, other.publicKey);
    const [otherLine] = parseNote(signNote('text\n', other)).signatures;
    const both = addSignature(signNote('text\n', log), otherLine!);
    assert.deepEqual(verifyNote(both, [logKey, otherKey]).signers, [logKey, otherKey]);
    assert.deepEqual(verifyNote(both, [otherKey]).signers, [otherKey]);
    assert.throws(() => verifyNote(signNote('text\n', log), [otherKey]), /not signed by a trusted key/);
    const [forged] = parseNote(signNote('other text\n', other)).signatures;
    assert.throws(() => verifyNote(addSignature(both, forged!), [logKey, otherKey]), /signature of other is wrong/);
    assert.equal(addSignature(both, otherLine!), both);
  });

  test('any text and any number of signers come back as they went in', () => {
    const text = fc.string({ unit: 'grapheme' }).map((s) => `${s.replaceAll(/\p{Cc}/gu, '')}\n`);
    fc.assert(
      fc.property(text, fc.uint8Array({ minLength: 32, maxLength: 32 }), (line, seed) => {
        const signer = { name: 'n', ...keyPair(seed) };
        const note = signNote(line, signer);
        assert.equal(verifyNote(note, [verifierKey('n', signer.publicKey)]).text, line);
        assert.equal(formatNote(parseNote(note)), note);
      }),
      { numRuns: 50 },
    );
  });

  test('base64 has one spelling', () => {
    assert.throws(() => fromBase64('AB==', 'x'), TlogError);
    assert.throws(() => fromBase64('AA', 'x'), TlogError);
    assert.throws(() => fromBase64('A A=', 'x'), TlogError);
    fc.assert(fc.property(fc.uint8Array(), (data) => assert.deepEqual(fromBase64(toBase64(data), 'x'), data)));
  });
});

describe('checkpoints', () => {
  const root = Uint8Array.from(leafHash(utf8('root')));
  const signed = signCheckpoint({ origin: log.name, size: 12, root }, log.publicKey, log.sign);

  test('round trip, and the key must be that of the origin', () => {
    assert.deepEqual(verifyCheckpoint(signed.note, logKey), signed);
    const elsewhere = signNote(formatCheckpoint({ origin: 'example.com/other', size: 12, root }), log);
    assert.throws(() => verifyCheckpoint(elsewhere, logKey), /of the origin example.com\/other/);
  });

  test('texts in any other form are refused', () => {
    const text = formatCheckpoint({ origin: 'o', size: 12, root });
    for (const wrong of [
      text.replace('12', '012'),
      text.replace('12', '-1'),
      text.replace('12', '1e1'),
      text.replace('12', '9007199254740992'),
      text.replace('o\n', '\n'),
      text.slice(0, -1),
      `${text}extension\n`,
      text.replace('=\n', '\n'),
      text.slice(0, 10) + text.slice(14),
    ]) {
      assert.throws(() => parseCheckpoint(wrong), TlogError, JSON.stringify(wrong));
    }
  });

  test('cosignatures: verified, counted once a witness, never taken from a wrong text or time', () => {
    const line = cosign(signed.note, { ...witness, timestamp: 1_700_000_000 });
    const note = addSignature(signed.note, line);
    assert.deepEqual(verifyCosignatures(note, [witnessKey]), [{ witness: witnessKey, timestamp: 1_700_000_000 }]);
    assert.deepEqual(verifyCosignatures(signed.note, [witnessKey]), []);
    assert.equal(verifyCheckpoint(note, logKey).size, 12);
    const later = { ...line, signature: line.signature.map((byte, i) => (i === 7 ? byte ^ 1 : byte)) };
    assert.throws(() => verifyCosignatures(addSignature(signed.note, later), [witnessKey]), /cosignature .* is wrong/);
    const short = { ...line, signature: line.signature.subarray(0, 71) };
    assert.throws(() => verifyCosignatures(addSignature(signed.note, short), [witnessKey]), /cosignature .* is wrong/);
  });
});

describe('proofs', () => {
  const leaves = Array.from({ length: 11 }, (_, i) => utf8(`leaf ${i}`));
  const read = memoryTree(leaves.map(leafHash));
  const root = Uint8Array.from(treeRoot(leaves.length, read));
  const signed = signCheckpoint({ origin: log.name, size: leaves.length, root }, log.publicKey, log.sign);
  const note = addSignature(signed.note, cosign(signed.note, { ...witness, timestamp: 1_700_000_000 }));
  const proof = {
    index: 6,
    hashes: inclusionProof(6, leaves.length, read).map((hash) => Uint8Array.from(hash)),
    checkpoint: { ...signed, note },
  };

  test('golden bytes', () => {
    const golden = readVectors('proof');
    assert.equal(formatVerifierKey(logKey), golden.logKey);
    assert.equal(formatVerifierKey(witnessKey), golden.witnessKey);
    assert.deepEqual(
      leaves.map((leaf) => Buffer.from(leaf).toString('hex')),
      golden.leaves,
    );
    assert.equal(formatProof(proof), golden.proof);
    assert.equal(formatProof({ ...proof, extra: utf8('context') }), golden.proofWithExtra);
    const trust = {
      logKey: parseVerifierKey(golden.logKey),
      witnesses: [parseVerifierKey(golden.witnessKey)],
      quorum: 1,
    };
    assert.equal(verifyProof(golden.proof, leaves[6]!, trust).cosignatures.length, 1);
    assert.deepEqual(verifyProof(golden.proofWithExtra, leaves[6]!, trust).extra, utf8('context'));
  });

  test('parse is the inverse of format', () => {
    assert.deepEqual(parseProof(formatProof(proof)), proof);
  });

  test('another leaf, index, quorum or key is refused', () => {
    const text = formatProof(proof);
    const trust = { logKey, witnesses: [witnessKey], quorum: 1 };
    assert.throws(() => verifyProof(text, leaves[5]!, trust), /not at index 6/);
    assert.throws(() => verifyProof(text.replace('index 6', 'index 7'), leaves[6]!, trust), /not at index 7/);
    assert.throws(() => verifyProof(text, leaves[6]!, { ...trust, quorum: 2 }), /expected 2/);
    assert.throws(() => verifyProof(text, leaves[6]!, { logKey: verifierKey(log.name, witness.publicKey) }), TlogError);
  });

  test('no single character can be changed in what is authenticated', () => {
    const text = formatProof(proof);
    const trust = { logKey, witnesses: [witnessKey], quorum: 1 };
    for (let i = 0; i < text.length; i++) {
      for (const other of ['A', '0', '\n', ' ']) {
        if (text[i] === other) continue;
        const changed = text.slice(0, i) + other + text.slice(i + 1);
        assert.throws(() => verifyProof(changed, leaves[6]!, trust), TlogError, `character ${i}`);
      }
      assert.throws(() => verifyProof(text.slice(0, i), leaves[6]!, trust), TlogError, `cut at ${i}`);
    }
  });
});
