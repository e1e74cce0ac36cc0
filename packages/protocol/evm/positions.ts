// All members' positions under an agreement as one root: a binary Merkle tree of fixed depth over the members' numbers
// (library Positions of the contracts). A leaf is zero for a position of zero, else keccak256(number ‖ position), 4 and
// 16 bytes; a node is keccak256(left ‖ right).
import { keccak_256 } from '@noble/hashes/sha3.js';
import { equalBytes } from '../bytes.ts';
import type { BatchRow } from './rows.ts';
import { bytesOf, type Hex, hexOf } from './words.ts';

/** What shows a member's position under a root. */
export type PositionProof = {
  readonly number: number;
  /** minor units: the sum of its rows so far */
  readonly position: bigint;
  /** siblings from the leaf upwards, as many as the tree is deep */
  readonly path: readonly Hex[];
};

const DEPTH = 20;
const HASH = 32;
/** Numbers are below it. */
export const NUMBERS_END: number = 2 ** DEPTH;
const POSITION_LIMIT = 2n ** 127n;

/** Roots of trees of every height in which nobody has a position. */
const EMPTY: readonly Uint8Array[] = (() => {
  const nodes: Uint8Array[] = [new Uint8Array(HASH)];
  for (let level = 0; level < DEPTH; level++)
    nodes.push(hashPair(nodes[level] as Uint8Array, nodes[level] as Uint8Array));
  return nodes;
})();

/** The root of an agreement that has settled nothing. */
export const EMPTY_POSITIONS: Hex = hexOf(EMPTY[DEPTH] as Uint8Array);

function hashPair(left: Uint8Array, right: Uint8Array): Uint8Array {
  const both = new Uint8Array(2 * HASH);
  both.set(left, 0);
  both.set(right, HASH);
  return keccak_256(both);
}

function leafOf(number: number, position: bigint): Uint8Array {
  if (position === 0n) return EMPTY[0] as Uint8Array;
  const bytes = new Uint8Array(20);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, number);
  view.setBigInt64(4, position >> 64n);
  view.setBigUint64(12, BigInt.asUintN(64, position));
  return keccak_256(bytes);
}

function checkNumber(number: number): void {
  if (!Number.isInteger(number) || number < 0 || number >= NUMBERS_END)
    throw new RangeError(`number: expected a whole number below ${NUMBERS_END}, got ${number}.`);
}

/**
 * The positions of an agreement's members, and their tree. Memory: 100 bytes or so for each number up to the largest.
 *
 * @example
 * const after = before.clone().apply(rows);
 * after.root() // an intent's positionsAfter
 */
export class Positions {
  readonly #positions: Map<number, bigint>;
  /** Nodes of each level one after the other, as far as there are any; beyond them trees are empty. */
  readonly #levels: Uint8Array[];

  constructor() {
    this.#positions = new Map();
    this.#levels = EMPTY.map((node) => Uint8Array.from(node));
  }

  /** The same positions, to be changed without changing these. */
  clone(): Positions {
    const copy = new Positions();
    for (const [number, position] of this.#positions) copy.#positions.set(number, position);
    for (const [level, nodes] of this.#levels.entries()) copy.#levels[level] = Uint8Array.from(nodes);
    return copy;
  }

  /** A member's position in minor units, zero where it never had one. */
  of(number: number): bigint {
    return this.#positions.get(number) ?? 0n;
  }

  /** Positions other than zero, by number, in no order. */
  entries(): IterableIterator<[number: number, position: bigint]> {
    return this.#positions.entries();
  }

  /**
   * Adds rows to the positions. Each node above them is hashed once: 10,000 rows take a fraction of a second.
   *
   * @param rows numbers below 2^20, in any order
   * @throws RangeError where a number or a position is out of range; nothing is changed then
   */
  apply(rows: Iterable<BatchRow>): this {
    const changed = new Map<number, bigint>();
    for (const { number, amount } of rows) {
      checkNumber(number);
      const position = (changed.get(number) ?? this.of(number)) + amount;
      if (position >= POSITION_LIMIT || position < -POSITION_LIMIT)
        throw new RangeError(`position: expected at most 127 bits, got ${position} for number ${number}.`);
      changed.set(number, position);
    }
    const numbers = [...changed.keys()].sort((a, b) => a - b);
    for (const number of numbers) {
      const position = changed.get(number) as bigint;
      if (position === 0n) this.#positions.delete(number);
      else this.#positions.set(number, position);
      this.#set(0, number, leafOf(number, position));
    }
    this.#rehash(numbers);
    return this;
  }

  root(): Hex {
    return hexOf(this.#node(DEPTH, 0));
  }

  /** What shows a member's position under {@link root}. @throws RangeError where no tree has that number */
  prove(number: number): PositionProof {
    checkNumber(number);
    const path = Array.from({ length: DEPTH }, (_, level) => hexOf(this.#node(level, (number >>> level) ^ 1)));
    return { number, position: this.of(number), path };
  }

  /**
   * The nodes beside those of some numbers, level by level from the leaves upwards, ascending: with the numbers' positions
   * they make up the root, and with other positions the root that those would have.
   *
   * @param numbers ascending, none twice
   * @throws RangeError where no tree has one of them, or they do not ascend
   */
  pathBeside(numbers: readonly number[]): Hex[] {
    for (const [i, number] of numbers.entries()) {
      checkNumber(number);
      if (i > 0 && number <= (numbers[i - 1] as number)) throw new RangeError(`number: ${number} does not ascend.`);
    }
    const path: Hex[] = [];
    let places = numbers;
    for (let level = 0; level < DEPTH; level++) {
      const above: number[] = [];
      for (const [i, place] of places.entries()) {
        if (above.at(-1) === place >>> 1) continue; // its node is beside the one before, and known
        above.push(place >>> 1);
        if (place % 2 === 1 || places[i + 1] !== place + 1) path.push(hexOf(this.#node(level, place ^ 1)));
      }
      places = above;
    }
    return path;
  }

  /** @param touched places at the level of the leaves, ascending */
  #rehash(touched: readonly number[]): void {
    let below = touched;
    for (let level = 0; level < DEPTH; level++) {
      const above: number[] = [];
      for (const at of below) {
        const parent = at >>> 1;
        if (above.at(-1) === parent) continue;
        above.push(parent);
        this.#set(level + 1, parent, hashPair(this.#node(level, 2 * parent), this.#node(level, 2 * parent + 1)));
      }
      below = above;
    }
  }

  #node(level: number, at: number): Uint8Array {
    const nodes = this.#levels[level] as Uint8Array;
    return (at + 1) * HASH <= nodes.length ? nodes.subarray(at * HASH, (at + 1) * HASH) : (EMPTY[level] as Uint8Array);
  }

  #set(level: number, at: number, node: Uint8Array): void {
    let nodes = this.#levels[level] as Uint8Array;
    if ((at + 1) * HASH > nodes.length) {
      const places = Math.min(NUMBERS_END >>> level, Math.max(at + 1, (2 * nodes.length) / HASH));
      const larger = new Uint8Array(places * HASH);
      larger.set(nodes);
      for (let place = nodes.length / HASH; place < places; place++)
        larger.set(EMPTY[level] as Uint8Array, place * HASH);
      this.#levels[level] = larger;
      nodes = larger;
    }
    nodes.set(node, at * HASH);
  }
}

/**
 * Is this the member's position under the root?
 *
 * @param root 32 bytes as hex
 * @throws FormatError `malformed` where the root or a sibling has not 32 bytes
 */
export function verifyPosition(root: Hex, { number, position, path }: PositionProof): boolean {
  const wanted = bytesOf('root', root, HASH);
  if (!Number.isInteger(number) || number < 0 || number >= NUMBERS_END) return false;
  if (path.length !== DEPTH || position >= POSITION_LIMIT || position < -POSITION_LIMIT) return false;
  let node = leafOf(number, position);
  for (const [level, sibling] of path.entries()) {
    const other = bytesOf('sibling', sibling, HASH);
    node = (number >>> level) & 1 ? hashPair(other, node) : hashPair(node, other);
  }
  return equalBytes(node, wanted);
}
