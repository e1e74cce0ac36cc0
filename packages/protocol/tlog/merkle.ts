// The Merkle tree of RFC 6962 §2.1 over SHA-256: hashes, roots and the making of proofs. Verification is in verify.ts.
import { sha256 } from '../crypto.ts';
import { assertIndex, TlogError } from './errors.ts';

/** Length of a hash in bytes. */
export const HASH_SIZE = 32;

/**
 * Gives the hash of a complete subtree: the `index`-th subtree of 2^level leaves, so the leaves
 * `index * 2^level` up to (not including) `(index + 1) * 2^level`. Level 0 are leaf hashes.
 */
export type SubtreeReader = (level: number, index: number) => Uint8Array;

/** Root of the tree without leaves: SHA-256 of nothing (RFC 6962 §2.1). A new array each time. */
export const emptyRoot = (): Uint8Array => sha256(new Uint8Array(0));

let leafScratch: Uint8Array = new Uint8Array(65_536);
const nodeScratch: Uint8Array = new Uint8Array(1 + 2 * HASH_SIZE);
nodeScratch[0] = 1;

/**
 * Hash of a leaf: SHA-256(0x00 ‖ leaf), RFC 6962 §2.1.
 *
 * @param leaf the bytes of the leaf
 * @returns 32 bytes
 */
export function leafHash(leaf: Uint8Array): Uint8Array {
  const length = leaf.length + 1;
  if (leafScratch.length < length) leafScratch = new Uint8Array(length);
  leafScratch[0] = 0;
  leafScratch.set(leaf, 1);
  return sha256(leafScratch.subarray(0, length));
}

/**
 * Hash of an inner node: SHA-256(0x01 ‖ left ‖ right), RFC 6962 §2.1.
 *
 * @param left 32 bytes
 * @param right 32 bytes
 * @returns 32 bytes
 */
export function nodeHash(left: Uint8Array, right: Uint8Array): Uint8Array {
  nodeScratch.set(left, 1);
  nodeScratch.set(right, 1 + HASH_SIZE);
  return sha256(nodeScratch);
}

/** Largest power of two smaller than `n` (n ≥ 2), as its exponent: the split of RFC 6962 §2.1. */
function splitLevel(n: number): number {
  let level = 0;
  for (let size = 2; size < n; size *= 2) level++;
  return level;
}

/** MTH(D[start : start + count]) where `start` is a multiple of the smallest power of two that is at least `count`. */
function rangeRoot(start: number, count: number, read: SubtreeReader): Uint8Array {
  if (count === 1) return read(0, start);
  const level = splitLevel(count);
  const left = 2 ** level;
  if (left * 2 === count) return read(level + 1, start / count);
  return nodeHash(read(level, start / left), rangeRoot(start + left, count - left, read));
}

/**
 * Root of the first `size` leaves, MTH of RFC 6962 §2.1.
 *
 * @param size number of leaves
 * @param read gives complete subtrees within `size`
 * @returns 32 bytes
 * @throws TlogError when `size` is not a safe integer
 */
export function treeRoot(size: number, read: SubtreeReader): Uint8Array {
  assertIndex(size, 'size');
  return size === 0 ? emptyRoot() : rangeRoot(0, size, read);
}

/**
 * Inclusion proof of a leaf, PATH of RFC 6962 §2.1.1, from the leaf's sibling up to the root's child.
 *
 * @param index the leaf, below `size`
 * @param size number of leaves of the tree the proof is for
 * @param read gives complete subtrees within `size`
 * @returns hashes of 32 bytes, at most 53
 * @throws TlogError when the leaf is not in the tree
 * @example verifyInclusion(3, 8, leafHash(leaf), inclusionProof(3, 8, read), root) // true
 */
export function inclusionProof(index: number, size: number, read: SubtreeReader): Uint8Array[] {
  assertIndex(index, 'index');
  assertIndex(size, 'size');
  if (index >= size) throw new TlogError(`Index: expected less than the size ${size}, got ${index}.`);
  const proof: Uint8Array[] = [];
  let start = 0;
  let count = size;
  while (count > 1) {
    const left = 2 ** splitLevel(count);
    if (index < start + left) {
      proof.push(rangeRoot(start + left, count - left, read));
      count = left;
    } else {
      proof.push(rangeRoot(start, left, read));
      start += left;
      count -= left;
    }
  }
  return proof.reverse();
}

/**
 * Proof that the tree of `from` leaves is a prefix of the tree of `to` leaves, PROOF of RFC 6962 §2.1.2.
 *
 * @param from the smaller size
 * @param to the larger size
 * @param read gives complete subtrees within `to`
 * @returns hashes of 32 bytes; none when `from` is 0 or equals `to`
 * @throws TlogError when `from` exceeds `to`
 */
export function consistencyProof(from: number, to: number, read: SubtreeReader): Uint8Array[] {
  assertIndex(from, 'from');
  assertIndex(to, 'to');
  if (from > to) throw new TlogError(`From: expected at most the size ${to}, got ${from}.`);
  if (from === 0 || from === to) return [];
  const proof: Uint8Array[] = [];
  let start = 0;
  let count = to;
  // Descend to the subtree that ends at `from`; `start === 0` there means the verifier already knows its root.
  while (start + count !== from) {
    const left = 2 ** splitLevel(count);
    if (from <= start + left) {
      proof.push(rangeRoot(start + left, count - left, read));
      count = left;
    } else {
      proof.push(rangeRoot(start, left, read));
      start += left;
      count -= left;
    }
  }
  if (start !== 0) proof.push(rangeRoot(start, count, read));
  return proof.reverse();
}

/**
 * A reader over leaves held in memory, for small trees (a range of readings, a test). Hashes each subtree once.
 *
 * @param leafHashes hashes of the leaves, in order
 * @example treeRoot(2, memoryTree([leafHash(a), leafHash(b)]))
 */
export function memoryTree(leafHashes: readonly Uint8Array[]): SubtreeReader {
  const levels: Uint8Array[][] = [[...leafHashes]];
  for (let below = levels[0]!; below.length > 1; below = levels.at(-1)!) {
    const level: Uint8Array[] = [];
    for (let i = 0; i + 1 < below.length; i += 2) level.push(nodeHash(below[i]!, below[i + 1]!));
    levels.push(level);
  }
  return (level, index) => {
    const hash = levels[level]?.[index];
    if (hash === undefined) throw new TlogError(`Subtree ${index} of level ${level} is not in this tree.`);
    return hash;
  };
}
