// Verification of Merkle proofs with the algorithms of RFC 9162 §2.1.3.2 and §2.1.4.2, which are those of RFC 6962
// written out. Numbers reach 2^53 - 1, so halves are taken by division and not by 32-bit shifts.
import { equalBytes } from '../bytes.ts';
import { assertIndex } from './errors.ts';
import { emptyRoot, HASH_SIZE, nodeHash } from './merkle.ts';

const half = (n: number): number => Math.floor(n / 2);
const isOdd = (n: number): boolean => n % 2 === 1;
const wellFormed = (hashes: readonly Uint8Array[]): boolean => hashes.every((hash) => hash.length === HASH_SIZE);

/**
 * Root that an inclusion proof leads to.
 *
 * @param index index of the leaf
 * @param size size of the tree
 * @param leafHash 32 bytes
 * @param proof hashes from the leaf's sibling up
 * @returns 32 bytes, or undefined when the proof has the wrong form: a hash too many or too few, an index outside
 * @throws TlogError when index or size is no safe integer
 */
export function rootFromInclusionProof(
  index: number,
  size: number,
  leafHash: Uint8Array,
  proof: readonly Uint8Array[],
): Uint8Array | undefined {
  assertIndex(index, 'index');
  assertIndex(size, 'size');
  if (index >= size || leafHash.length !== HASH_SIZE || !wellFormed(proof)) return undefined;
  let node = index;
  let last = size - 1;
  let root = leafHash;
  for (const sibling of proof) {
    if (last === 0) return undefined;
    if (isOdd(node) || node === last) {
      root = nodeHash(sibling, root);
      while (!isOdd(node) && node !== 0) {
        node = half(node);
        last = half(last);
      }
    } else {
      root = nodeHash(root, sibling);
    }
    node = half(node);
    last = half(last);
  }
  return last === 0 ? root : undefined;
}

/**
 * Is the leaf at `index` of the tree with this size and root (RFC 9162 §2.1.3.2)?
 *
 * @param index index of the leaf
 * @param size size of the tree
 * @param leafHash 32 bytes, see `leafHash` of merkle.ts
 * @param proof hashes from the leaf's sibling up
 * @param root 32 bytes, from a checkpoint that was verified
 * @throws TlogError when index or size is no safe integer
 */
export function verifyInclusion(
  index: number,
  size: number,
  leafHash: Uint8Array,
  proof: readonly Uint8Array[],
  root: Uint8Array,
): boolean {
  const computed = rootFromInclusionProof(index, size, leafHash, proof);
  return computed !== undefined && equalBytes(computed, root);
}

/**
 * Is the tree (`from`, `fromRoot`) a prefix of the tree (`to`, `toRoot`) (RFC 9162 §2.1.4.2)? The empty tree is a
 * prefix of every tree; a tree is a prefix of itself; both take an empty proof.
 *
 * @param from size of the older tree
 * @param to size of the newer tree
 * @param fromRoot 32 bytes
 * @param toRoot 32 bytes
 * @param proof hashes as `consistencyProof` gives them
 * @throws TlogError when a size is no safe integer
 */
export function verifyConsistency(
  from: number,
  to: number,
  fromRoot: Uint8Array,
  toRoot: Uint8Array,
  proof: readonly Uint8Array[],
): boolean {
  assertIndex(from, 'from');
  assertIndex(to, 'to');
  if (from > to || fromRoot.length !== HASH_SIZE || toRoot.length !== HASH_SIZE || !wellFormed(proof)) return false;
  if (to === 0 && !equalBytes(toRoot, emptyRoot())) return false;
  if (from === 0) return proof.length === 0 && equalBytes(fromRoot, emptyRoot());
  if (from === to) return proof.length === 0 && equalBytes(fromRoot, toRoot);

  let node = from - 1;
  let last = to - 1;
  while (isOdd(node)) {
    node = half(node);
    last = half(last);
  }
  // A `from` that is a power of two is a complete subtree of the newer tree: its root starts the proof unsaid.
  const path = node === 0 ? [fromRoot, ...proof] : proof;
  const first = path[0];
  if (first === undefined) return false;
  let oldRoot = first;
  let newRoot = first;
  for (const sibling of path.slice(1)) {
    if (last === 0) return false;
    if (isOdd(node) || node === last) {
      oldRoot = nodeHash(sibling, oldRoot);
      newRoot = nodeHash(sibling, newRoot);
      while (!isOdd(node) && node !== 0) {
        node = half(node);
        last = half(last);
      }
    } else {
      newRoot = nodeHash(newRoot, sibling);
    }
    node = half(node);
    last = half(last);
  }
  return last === 0 && equalBytes(oldRoot, fromRoot) && equalBytes(newRoot, toRoot);
}
