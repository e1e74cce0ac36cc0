import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { equalBytes, toUtf8 as utf8 } from '../bytes.ts';
import { TlogError } from './errors.ts';
import { consistencyProof, emptyRoot, inclusionProof, leafHash, memoryTree, nodeHash, treeRoot } from './merkle.ts';
import { verifyConsistency, verifyInclusion } from './verify.ts';

const vectors = JSON.parse(readFileSync(new URL('../../../vectors/log/merkle.json', import.meta.url), 'utf8'));
const bytes = (hex: string) => new Uint8Array(Buffer.from(hex, 'hex'));
const hex = (hash: Uint8Array) => Buffer.from(hash).toString('hex');

const SIZE_MAX = 600;
const hashes = Array.from({ length: SIZE_MAX }, (_, i) => leafHash(utf8(`leaf ${i}`)));
const read = memoryTree(hashes);

/** MTH of RFC 6962 §2.1, as its definition says. */
function mth(leaves: readonly Uint8Array[]): Uint8Array {
  if (leaves.length === 0) return emptyRoot();
  if (leaves.length === 1) return leaves[0]!;
  let split = 1;
  while (split * 2 < leaves.length) split *= 2;
  return nodeHash(mth(leaves.slice(0, split)), mth(leaves.slice(split)));
}
const roots = Array.from({ length: SIZE_MAX + 1 }, (_, size) => treeRoot(size, read));

/** Every way to break a proof slightly: a bit flipped, a hash dropped, doubled, added, two swapped. */
function spoiled(proof: readonly Uint8Array[]): Uint8Array[][] {
  const wrong: Uint8Array[][] = [
    [...proof, leafHash(utf8('surplus'))],
    [leafHash(utf8('surplus')), ...proof],
  ];
  for (let i = 0; i < proof.length; i++) {
    wrong.push(proof.map((hash, j) => (i === j ? hash.map((byte, k) => (k === i % 32 ? byte ^ 1 : byte)) : hash)));
    wrong.push(proof.filter((_, j) => j !== i));
    wrong.push([...proof.slice(0, i + 1), ...proof.slice(i)]);
    wrong.push(proof.map((hash, j) => (i === j ? hash.subarray(0, 31) : hash)));
    if (i > 0) wrong.push(proof.map((hash, j) => (j === i ? proof[i - 1]! : j === i - 1 ? proof[i]! : hash)));
  }
  return wrong;
}

describe('RFC 6962 vectors', () => {
  const leaves = vectors.leaves.map((leaf: string) => leafHash(bytes(leaf)));
  const reader = memoryTree(leaves);

  test('roots', () => {
    assert.equal(hex(emptyRoot()), vectors.emptyRoot);
    for (const [i, root] of vectors.roots.entries()) assert.equal(hex(treeRoot(i + 1, reader)), root);
  });

  test('inclusion proofs', () => {
    for (const { index, size, proof } of vectors.inclusion) {
      assert.deepEqual(inclusionProof(index, size, reader).map(hex), proof);
      assert.ok(verifyInclusion(index, size, leaves[index], proof.map(bytes), bytes(vectors.roots[size - 1])));
    }
  });

  test('consistency proofs', () => {
    for (const { from, to, proof } of vectors.consistency) {
      assert.deepEqual(consistencyProof(from, to, reader).map(hex), proof);
      const [older, newer] = [bytes(vectors.roots[from - 1]), bytes(vectors.roots[to - 1])];
      assert.ok(verifyConsistency(from, to, older, newer, proof.map(bytes)));
    }
  });
});

describe('all sizes to 600', () => {
  test('roots are those of the definition', () => {
    for (let size = 0; size <= SIZE_MAX; size += size < 70 ? 1 : 7) {
      assert.ok(equalBytes(roots[size]!, mth(hashes.slice(0, size))), `size ${size}`);
    }
  });

  test('inclusion: every leaf of sampled sizes, first, middle and last of all', () => {
    for (let size = 1; size <= SIZE_MAX; size++) {
      const every = size < 20 || size % 64 < 2 || size === 255;
      const indexes = every ? [...Array(size).keys()] : [0, Math.floor(size / 2), size - 1];
      for (const index of indexes) {
        const proof = inclusionProof(index, size, read);
        assert.ok(verifyInclusion(index, size, hashes[index]!, proof, roots[size]!), `${index} of ${size}`);
      }
    }
  });

  test('consistency: sampled pairs', () => {
    for (let to = 0; to <= SIZE_MAX; to++) {
      for (let from = 0; from <= to; from += to < 40 ? 1 : 1 + ((from * 7 + to) % 23)) {
        const proof = consistencyProof(from, to, read);
        assert.ok(verifyConsistency(from, to, roots[from]!, roots[to]!, proof), `${from} to ${to}`);
      }
    }
  });
});

describe('what is wrong is refused', () => {
  const sizes = fc.integer({ min: 1, max: SIZE_MAX });

  test('inclusion', () => {
    fc.assert(
      fc.property(sizes, fc.nat(), fc.nat(), (size, a, b) => {
        const index = a % size;
        const proof = inclusionProof(index, size, read);
        const root = roots[size]!;
        for (const wrong of spoiled(proof)) assert.ok(!verifyInclusion(index, size, hashes[index]!, wrong, root));
        const other = b % SIZE_MAX;
        if (other !== index) {
          assert.ok(!verifyInclusion(index, size, hashes[other]!, proof, root));
          assert.ok(!verifyInclusion(other, size, hashes[index]!, proof, root));
        }
        assert.ok(!verifyInclusion(size, size, hashes[index]!, proof, root));
        assert.ok(!verifyInclusion(index, size, hashes[index]!, proof, roots[size - 1]!));
      }),
      { numRuns: 200 },
    );
  });

  test('consistency', () => {
    fc.assert(
      fc.property(sizes, fc.nat(), (to, a) => {
        const from = a % (to + 1);
        const proof = consistencyProof(from, to, read);
        const [older, newer] = [roots[from]!, roots[to]!];
        for (const wrong of spoiled(proof)) assert.ok(!verifyConsistency(from, to, older, newer, wrong));
        const another = leafHash(utf8('another'));
        assert.ok(!verifyConsistency(from, to, another, newer, proof));
        if (from > 0) assert.ok(!verifyConsistency(from, to, older, another, proof));
        if (from < to) assert.ok(!verifyConsistency(to, from, newer, older, proof));
      }),
      { numRuns: 200 },
    );
  });

  test('a proof does not pass for another size, but where both trees give it the same path', () => {
    // With the same path the verifier computes the same root; only the checkpoint, which signs the size, tells them apart.
    for (let size = 1; size < 200; size++) {
      const proof = inclusionProof(0, size, read);
      const other = inclusionProof(0, size + 1, read);
      if (proof.length !== other.length) assert.ok(!verifyInclusion(0, size + 1, hashes[0]!, proof, roots[size]!));
    }
  });

  test('numbers that are no index', () => {
    for (const index of [-1, 0.5, Number.NaN, 2 ** 53]) {
      assert.throws(() => inclusionProof(index, 10, read), TlogError);
      assert.throws(() => verifyInclusion(index, 10, hashes[0]!, [], roots[1]!), TlogError);
      assert.throws(() => consistencyProof(index, 10, read), TlogError);
      assert.throws(() => treeRoot(index, read), TlogError);
    }
    assert.throws(() => inclusionProof(10, 10, read), TlogError);
    assert.throws(() => consistencyProof(11, 10, read), TlogError);
  });
});

test('sizes beyond 32 bits: a tree whose complete subtrees are known by height', () => {
  // All leaves alike: the subtree of a height is the same everywhere, so a tree of 2^40 + 5 leaves needs 41 hashes.
  const byLevel = [leafHash(utf8('same'))];
  for (let level = 1; level <= 41; level++) byLevel.push(nodeHash(byLevel[level - 1]!, byLevel[level - 1]!));
  const same = (level: number): Uint8Array => byLevel[level]!;
  const size = 2 ** 40 + 5;
  const root = treeRoot(size, same);
  for (const index of [0, 2 ** 32, 2 ** 40 - 1, 2 ** 40, size - 1]) {
    assert.ok(verifyInclusion(index, size, byLevel[0]!, inclusionProof(index, size, same), root), String(index));
  }
  for (const from of [1, 2 ** 31 + 3, 2 ** 40, 2 ** 40 + 4]) {
    const proof = consistencyProof(from, size, same);
    assert.ok(verifyConsistency(from, size, treeRoot(from, same), root, proof), String(from));
    assert.ok(!verifyConsistency(from, size, treeRoot(from, same), root, proof.slice(1)), String(from));
  }
});
