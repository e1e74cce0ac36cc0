// Strict verification of one value in a Merkle-Patricia trie (Ethereum Yellow Paper, appendices C and D), for tries
// whose nodes are all larger than 31 bytes, as those of receipts are: references are hashes, never embedded nodes.
import { keccak_256 } from '@noble/hashes/sha3.js';
import { equalBytes } from '../bytes.ts';
import { FormatError } from '../errors.ts';
import { decodeRlp, type RlpItem } from './rlp.ts';

/** The byte string at a place in a decoded list. @throws FormatError `malformed` when there is a list or nothing */
export function bytesAt(list: readonly RlpItem[], at: number, what: string, length?: number): Uint8Array {
  const item = list[at];
  if (!(item instanceof Uint8Array) || (length !== undefined && item.length !== length))
    throw new FormatError('malformed', `${what}: expected ${length ?? 'some'} bytes.`);
  return item;
}

function nibblesOf(bytes: Uint8Array): number[] {
  return Array.from(bytes).flatMap((byte) => [byte >> 4, byte & 15]);
}

/** Hex-prefix encoding (appendix C), canonical only. */
function readPath(encoded: Uint8Array): { leaf: boolean; path: number[] } {
  const [flag, padding, ...rest] = nibblesOf(encoded);
  if (flag === undefined || padding === undefined || flag > 3)
    throw new FormatError('malformed', 'Trie node: bad path.');
  const odd = (flag & 1) === 1;
  if (!odd && padding !== 0) throw new FormatError('malformed', 'Trie node: bad path padding.');
  return { leaf: flag >= 2, path: odd ? [padding, ...rest] : rest };
}

/**
 * The value that a trie holds under a key, proven by the nodes on the way to it.
 *
 * @param root 32 bytes, the trie's root hash
 * @param key the key itself (not hashed, as in the receipts trie)
 * @param nodes RLP of the nodes from the root to the value: all of them, in order, and no other
 * @returns the value
 * @throws FormatError `malformed` when the proof does not show that value
 */
export function readTrieProof(root: Uint8Array, key: Uint8Array, nodes: readonly Uint8Array[]): Uint8Array {
  let expected = root;
  let left = nibblesOf(key);
  for (const [i, bytes] of nodes.entries()) {
    const last = i === nodes.length - 1;
    if (!equalBytes(keccak_256(bytes), expected))
      throw new FormatError('malformed', 'Trie node: not the one referred to.');
    const node = decodeRlp(bytes, 'Trie node');
    if (node instanceof Uint8Array) throw new FormatError('malformed', 'Trie node: expected a list.');
    if (node.length === 17) {
      const next = left[0];
      if (next === undefined) {
        const value = bytesAt(node, 16, 'Trie value');
        if (!last || value.length === 0) throw new FormatError('malformed', 'Trie proof: does not end at a value.');
        return value;
      }
      expected = bytesAt(node, next, 'Trie reference', 32);
      left = left.slice(1);
    } else if (node.length === 2) {
      const { leaf, path } = readPath(bytesAt(node, 0, 'Trie path'));
      if (path.length > left.length || path.some((nibble, j) => nibble !== left[j]))
        throw new FormatError('malformed', 'Trie proof: leads to another key.');
      left = left.slice(path.length);
      if (leaf) {
        if (!last || left.length > 0) throw new FormatError('malformed', 'Trie proof: does not end at the key.');
        return bytesAt(node, 1, 'Trie value');
      }
      expected = bytesAt(node, 1, 'Trie reference', 32);
    } else throw new FormatError('malformed', 'Trie node: expected 2 or 17 items.');
  }
  throw new FormatError('malformed', 'Trie proof: ends before the value.');
}
