// One proof for many leaves: the subtrees that hold none of them, from left to right. Shorter than a path for each,
// and with exactly one valid form.
import { leafHash, nodeHash } from './merkle.ts';

/** The largest power of two below `n` (RFC 6962 §2.1), for n > 1. */
function split(n: number): number {
  let k = 1;
  while (k * 2 < n) k *= 2;
  return k;
}

/**
 * The ranges whose roots make up the proof.
 *
 * @param indexes ascending, each once, below `size`
 * @param size leaves in the tree
 * @returns `[from, to)` ranges, left to right; each is a subtree of the RFC 6962 tree
 */
export function proofRanges(indexes: readonly number[], size: number): [number, number][] {
  const ranges: [number, number][] = [];
  const walk = (from: number, to: number, first: number, last: number): void => {
    if (first === last) {
      ranges.push([from, to]);
      return;
    }
    if (to - from === 1) return;
    const middle = from + split(to - from);
    let at = first;
    while (at < last && (indexes[at] as number) < middle) at++;
    walk(from, middle, first, at);
    walk(middle, to, at, last);
  };
  if (size > 0) walk(0, size, 0, indexes.length);
  return ranges;
}

/**
 * The root that leaves and proof lead to.
 *
 * @param leaves ascending by index, at least one, all indexes below `size`
 * @param size leaves in the tree
 * @param proof one hash for each range of {@link proofRanges}
 * @returns 32 bytes, or undefined when the proof has a hash too many or too few, or the leaves are out of order
 */
export function rootFromMultiproof(
  leaves: readonly { readonly index: number; readonly leaf: Uint8Array }[],
  size: number,
  proof: readonly Uint8Array[],
): Uint8Array | undefined {
  if (leaves.length === 0) return undefined;
  for (let i = 0; i < leaves.length; i++) {
    const { index } = leaves[i] as { index: number };
    if (index >= size || (i > 0 && index <= (leaves[i - 1] as { index: number }).index)) return undefined;
  }
  let used = 0;
  const walk = (from: number, to: number, first: number, last: number): Uint8Array | undefined => {
    if (first === last) return proof[used++];
    if (to - from === 1) return leafHash((leaves[first] as { leaf: Uint8Array }).leaf);
    const middle = from + split(to - from);
    let at = first;
    while (at < last && (leaves[at] as { index: number }).index < middle) at++;
    const left = walk(from, middle, first, at);
    const right = left && walk(middle, to, at, last);
    return left && right && nodeHash(left, right);
  };
  const root = walk(0, size, 0, leaves.length);
  return used === proof.length ? root : undefined;
}
