import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { RLP } from '@ethereumjs/rlp';
import { keccak_256 } from '@noble/hashes/sha3.js';
import fc from 'fast-check';
import { encodeAbiParameters, hashTypedData, recoverAddress as viemRecover } from 'viem';
import { fromHex, toHex } from '../bytes.ts';
import { sha256 } from '../crypto.ts';
import { FormatError } from '../errors.ts';
import { type Anchor, anchorDigest } from './anchor.ts';
import { decodeAnchored, decodeSettled } from './events.ts';
import { decodeIntent, encodeIntent, INTENT_TYPE, type Intent, intentDigest, intentLeaf } from './intent.ts';
import { type EvmLog, verifyReceipt } from './receipt-proof.ts';
import { addressOfPrivateKey, recoverAddress, signDigest } from './secp256k1.ts';
import { readTrieProof } from './trie.ts';
import { type Hex, hexOf } from './words.ts';

// biome-ignore lint/suspicious/noExplicitAny: JSON of the shape that make.ts writes
const vectors = (name: string): any[] =>
  JSON.parse(readFileSync(new URL(`../../../vectors/evm/${name}.json`, import.meta.url), 'utf8'));

const numbers = ['chainId', 'begin', 'end', 'rowCount', 'validAfter', 'deadline'];
const intentOf = ({ entries, ...text }: { entries: { amount: string }[] }): Intent =>
  ({
    ...Object.fromEntries(Object.entries(text).map(([k, v]) => [k, numbers.includes(k) ? BigInt(v as string) : v])),
    entries: entries.map((entry) => ({ ...entry, amount: BigInt(entry.amount) })),
  }) as unknown as Intent;
const componentsOf = (type: string) =>
  [...type.matchAll(/([\w[\]]+) (\w+)[,)]/g)].map(([, kind, name]) => ({ type: kind!, name: name! }));
const [intentType, entryType] = INTENT_TYPE.split(/(?<=\))/) as [string, string];
const types = { Intent: componentsOf(intentType), Entry: componentsOf(entryType) };
const components = types.Intent.map((field) =>
  field.type === 'Entry[]' ? { ...field, type: 'tuple[]', components: types.Entry } : field,
);

const hex = (bytes: number) => fc.uint8Array({ minLength: bytes, maxLength: bytes }).map(hexOf);
const uint = (bits: number) => fc.bigInt(0n, 2n ** BigInt(bits) - 1n);
const anyIntent: fc.Arbitrary<Intent> = fc.record(
  {
    ...{ network: hex(32), chainId: fc.bigInt(1n, 2n ** 53n - 1n), settler: hex(20), agreement: hex(32) },
    ...{ termsHash: hex(32), obligation: hex(32), begin: uint(64), end: uint(64) },
    entries: fc.array(fc.record({ from: hex(20), to: hex(20), amount: uint(256) }, { noNullPrototype: true }), {
      maxLength: 16,
    }),
    ...{ rowsHash: hex(32), rowCount: uint(32), positionsBefore: hex(32), positionsAfter: hex(32) },
    ...{ token: hex(20), validAfter: uint(64), deadline: uint(64), decision: hex(32), supersedes: hex(32) },
  },
  { noNullPrototype: true },
);

test('intents: golden bytes, leaf hashes, digests and signatures', () => {
  for (const vector of vectors('intents')) {
    const intent = intentOf(vector.intent);
    assert.equal(hexOf(encodeIntent(intent)), vector.encoded, vector.name);
    assert.deepEqual(decodeIntent(fromHex(vector.encoded)), intent);
    const leaf = intentLeaf(intent);
    assert.equal(leaf.length, 1 + 640 + 96 * intent.entries.length);
    assert.equal(hexOf(sha256(Uint8Array.from([0, ...leaf]))), vector.leafHash);
    assert.equal(intentDigest(intent), vector.digest);
    assert.equal(recoverAddress(vector.digest, vector.signature), vector.signer);
  }
});

test('intents: viem encodes, hashes and recovers the same', async () => {
  const key = Uint8Array.from({ length: 32 }, (_, i) => i + 1);
  await fc.assert(
    fc.asyncProperty(anyIntent, async (intent) => {
      const encoded = encodeIntent(intent);
      assert.equal(encodeAbiParameters([{ type: 'tuple', components }], [intent as never]), hexOf(encoded));
      assert.deepEqual(decodeIntent(encoded), intent);
      const digest = intentDigest(intent);
      const domain = {
        name: 'Trine',
        version: '1',
        chainId: Number(intent.chainId),
        verifyingContract: intent.settler,
      };
      assert.equal(hashTypedData({ domain, types, primaryType: 'Intent', message: intent as never }), digest);
      const signature = signDigest(digest, key);
      assert.equal(recoverAddress(digest, signature), addressOfPrivateKey(key));
      assert.equal((await viemRecover({ hash: digest, signature })).toLowerCase(), addressOfPrivateKey(key));
    }),
    { numRuns: 60 },
  );
});

test('intents: only the canonical encoding is read', () => {
  const encoded = fromHex(vectors('intents')[0].encoded);
  // Offsets and the number of entries; high bytes of addresses, of 64-bit numbers and of the number of rows.
  for (const [word, bytes] of [
    [0, 31],
    [3, 12],
    [7, 24],
    [8, 24],
    [9, 32],
    [11, 28],
    [14, 12],
    [15, 24],
    [16, 24],
    [19, 32],
    [20, 12],
    [21, 12],
  ] as const) {
    for (let i = 0; i < bytes; i++) {
      const changed = Uint8Array.from(encoded);
      changed[32 * word + i]! ^= 1;
      assert.throws(() => decodeIntent(changed), FormatError);
    }
  }
  for (const other of [encoded.subarray(1), encoded.subarray(0, 639), new Uint8Array(640 + 17 * 96)])
    assert.throws(() => decodeIntent(other), FormatError);
  const intent = decodeIntent(encoded);
  assert.throws(() => encodeIntent({ ...intent, deadline: 2n ** 64n }), /deadline/);
  const [entry] = intent.entries as [Intent['entries'][number]];
  assert.throws(() => encodeIntent({ ...intent, entries: [{ ...entry, amount: -1n }] }), /amount/);
  assert.throws(() => encodeIntent({ ...intent, entries: [{ ...entry, to: '0xAB' }] }), /to/);
  assert.throws(() => encodeIntent({ ...intent, rowCount: 2n ** 32n }), /rowCount/);
  assert.throws(() => encodeIntent({ ...intent, token: intent.token.toUpperCase().replace('X', 'x') as Hex }), /token/);
});

test('signatures: malformed, high-s and other forms are refused', () => {
  const [{ digest, signature }] = vectors('intents') as [{ digest: Hex; signature: Hex }];
  const bytes = fromHex(signature);
  const order = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;
  const s = BigInt(hexOf(bytes.subarray(32, 64)));
  const v = bytes[64] === 27 ? '1c' : '1b';
  const high = `0x${toHex(bytes.subarray(0, 32))}${(order - s).toString(16).padStart(64, '0')}${v}` as Hex;
  assert.throws(() => recoverAddress(digest, high), FormatError);
  for (const last of ['00', '01', '1d', 'ff']) {
    assert.throws(() => recoverAddress(digest, `${signature.slice(0, -2)}${last}` as Hex), /v 27 or 28/);
  }
  assert.throws(() => recoverAddress(digest, signature.slice(0, -2) as Hex), FormatError);
  assert.throws(() => recoverAddress(digest, `0x${'00'.repeat(64)}1b`), FormatError);
});

test('anchors: golden digests and signatures', () => {
  for (const { anchor, domain, digest, signature, signer } of vectors('anchors')) {
    const read: Anchor = { ...anchor, size: BigInt(anchor.size) };
    assert.equal(anchorDigest(read, { ...domain, chainId: BigInt(domain.chainId) }), digest);
    assert.equal(recoverAddress(digest, signature), signer);
  }
});

const proofOf = (vector: { headerRlp: Hex; txIndex: number; proofNodes: Hex[] }) => ({
  headerRlp: fromHex(vector.headerRlp),
  txIndex: vector.txIndex,
  proofNodes: vector.proofNodes.map((node) => fromHex(node)),
});

test('receipts: golden proofs give block, status and events', () => {
  for (const vector of vectors('receipts')) {
    const verified = verifyReceipt(proofOf(vector));
    assert.equal(verified.blockHash, vector.blockHash);
    assert.equal(verified.blockNumber, BigInt(vector.blockNumber));
    assert.equal(verified.receipt.status, 1);
    const decode = (log: EvmLog) => (vector.event === 'Settled' ? decodeSettled(log) : decodeAnchored(log));
    const events = verified.receipt.logs.map(decode).filter((event) => event !== undefined);
    assert.equal(events.length, 1);
    assert.equal(events[0]?.contract, vector.contract);
  }
});

test('receipts: no proof with any byte changed shows the same', () => {
  for (const vector of vectors('receipts')) {
    const { blockHash } = verifyReceipt(proofOf(vector));
    const parts = [vector.headerRlp, ...vector.proofNodes].map((part: Hex) => fromHex(part));
    for (const [p, part] of parts.entries()) {
      for (let i = 0; i < part.length; i++) {
        const changed = parts.map((bytes) => Uint8Array.from(bytes));
        changed[p]![i]! ^= 1 << (i % 8);
        const [headerRlp, ...proofNodes] = changed as [Uint8Array, ...Uint8Array[]];
        try {
          // A changed header that still parses is another block: the reader compares its hash with the chain's.
          assert.notEqual(verifyReceipt({ headerRlp, txIndex: vector.txIndex, proofNodes }).blockHash, blockHash);
          assert.equal(p, 0, 'a changed node passed');
        } catch (error) {
          assert.ok(error instanceof FormatError, String(error));
        }
      }
    }
  }
});

test('receipts: nodes too many, too few, and other positions are refused', () => {
  const proof = proofOf(vectors('receipts')[1]);
  assert.throws(
    () => verifyReceipt({ ...proof, proofNodes: [...proof.proofNodes, proof.proofNodes[0]!] }),
    FormatError,
  );
  assert.throws(() => verifyReceipt({ ...proof, proofNodes: [] }), FormatError);
  for (const txIndex of [1, 128, -1, 0.5]) assert.throws(() => verifyReceipt({ ...proof, txIndex }), FormatError);
  const longer = Uint8Array.from([...proof.headerRlp, 0]);
  assert.throws(() => verifyReceipt({ ...proof, headerRlp: longer }), FormatError);
});

test('tries: values of any trie of receipts’ size are proven, and under no other key', async () => {
  const { createMPT, createMerkleProof } = await import('@ethereumjs/mpt');
  for (const count of [1, 2, 16, 17, 129, 300]) {
    const trie = await createMPT();
    const value = (i: number) => Uint8Array.from({ length: 300 }, (_, j) => (i * 31 + j * 7) & 255);
    for (let i = 0; i < count; i++) await trie.put(RLP.encode(i), value(i));
    for (const i of [0, 1, 15, 16, 127, 128, 255, 299].filter((at) => at < count)) {
      const nodes = await createMerkleProof(trie, RLP.encode(i));
      assert.deepEqual(readTrieProof(trie.root(), RLP.encode(i), nodes), value(i));
      assert.throws(() => readTrieProof(trie.root(), RLP.encode(i + 1), nodes), FormatError);
      if (nodes.length > 1)
        assert.throws(() => readTrieProof(trie.root(), RLP.encode(i), nodes.slice(0, -1)), FormatError);
      assert.throws(() => readTrieProof(keccak_256(trie.root()), RLP.encode(i), nodes), FormatError);
    }
  }
});
