// A reference of RFC 6962 for the tests: trees and proofs straight from the recursive definitions of §2.1, which is not
// how the contract verifies them.
import { createHash } from 'node:crypto';
import type { Hex } from 'viem';

const hash = (...parts: Uint8Array[]) => createHash('sha256').update(Buffer.concat(parts)).digest();
const hex = (bytes: Uint8Array): Hex => `0x${Buffer.from(bytes).toString('hex')}`;
const split = (n: number) => 2 ** Math.floor(Math.log2(n - 1));

function head(leaves: Uint8Array[]): Buffer {
  if (leaves.length === 0) return hash();
  if (leaves.length === 1) return hash(Uint8Array.of(0), leaves[0]!);
  const k = split(leaves.length);
  return hash(Uint8Array.of(1), head(leaves.slice(0, k)), head(leaves.slice(k)));
}

function path(m: number, leaves: Uint8Array[]): Buffer[] {
  if (leaves.length === 1) return [];
  const k = split(leaves.length);
  return m < k
    ? [...path(m, leaves.slice(0, k)), head(leaves.slice(k))]
    : [...path(m - k, leaves.slice(k)), head(leaves.slice(0, k))];
}

function subproof(m: number, leaves: Uint8Array[], whole: boolean): Buffer[] {
  if (m === leaves.length) return whole ? [] : [head(leaves)];
  const k = split(leaves.length);
  return m <= k
    ? [...subproof(m, leaves.slice(0, k), whole), head(leaves.slice(k))]
    : [...subproof(m - k, leaves.slice(k), false), head(leaves.slice(0, k))];
}

/** A log in memory. Sizes are numbers of leaves. */
export class ReferenceLog {
  readonly leaves: Uint8Array[] = [];

  append(...leaves: Uint8Array[]): this {
    this.leaves.push(...leaves);
    return this;
  }

  get size(): number {
    return this.leaves.length;
  }

  root(size: number = this.size): Hex {
    return hex(head(this.leaves.slice(0, size)));
  }

  inclusion(index: number, size: number = this.size): Hex[] {
    return path(index, this.leaves.slice(0, size)).map(hex);
  }

  consistency(size1: number, size2: number = this.size): Hex[] {
    return subproof(size1, this.leaves.slice(0, size2), true).map(hex);
  }

  leafHash(index: number): Hex {
    return hex(hash(Uint8Array.of(0), this.leaves[index]!));
  }
}
