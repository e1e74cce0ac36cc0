import { emptyRoot, nodeHash } from '@trine/protocol';

/** Roots of the complete subtrees of a growing tree, largest first: all that its root needs. */
export class CompactRange {
  readonly #subtrees: { level: number; hash: Uint8Array }[];

  constructor(subtrees: readonly { level: number; hash: Uint8Array }[] = []) {
    this.#subtrees = [...subtrees];
  }

  /** Adds the next subtree of 2^level leaves; the size so far is a multiple of that. */
  push(level: number, hash: Uint8Array): void {
    let joined = { level, hash };
    for (let last = this.#subtrees.at(-1); last?.level === joined.level; last = this.#subtrees.at(-1)) {
      this.#subtrees.pop();
      joined = { level: joined.level + 1, hash: nodeHash(last.hash, joined.hash) };
    }
    this.#subtrees.push(joined);
  }

  /** Root of the tree so far. */
  root(): Uint8Array {
    const hashes = this.#subtrees.map(({ hash }) => hash);
    return hashes.length === 0 ? emptyRoot() : hashes.reduceRight((right, left) => nodeHash(left, right));
  }

  clone(): CompactRange {
    return new CompactRange(this.#subtrees);
  }
}

/** Root of some hashes of one level. */
export function rootOfHashes(hashes: readonly Uint8Array[]): Uint8Array {
  const range = new CompactRange();
  for (const hash of hashes) range.push(0, hash);
  return range.root();
}
