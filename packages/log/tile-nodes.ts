import { HASH_SIZE, nodeHash, TILE_HEIGHT, TILE_WIDTH } from '@trine/protocol';

/** Offset, in hashes, of each height inside a tile: 256 at the bottom, then 128, 64, … 1. */
const OFFSETS = Array.from({ length: TILE_HEIGHT + 1 }, (_, height) => 2 * TILE_WIDTH - (2 * TILE_WIDTH) / 2 ** height);

/**
 * A tile with its inner nodes, filled from the left. The 256 hashes at the bottom, which are the tile's file, come
 * first in memory; the nodes above follow, so that any complete subtree is read without hashing.
 */
export class TileNodes {
  readonly level: number;
  readonly index: number;
  width = 0;
  readonly #nodes = new Uint8Array((2 * TILE_WIDTH - 1) * HASH_SIZE);

  constructor(level: number, index: number) {
    this.level = level;
    this.index = index;
  }

  /** A tile from its file. */
  static fromBytes(level: number, index: number, bytes: Uint8Array): TileNodes {
    const tile = new TileNodes(level, index);
    for (let i = 0; i < bytes.length; i += HASH_SIZE) tile.push(bytes.subarray(i, i + HASH_SIZE));
    return tile;
  }

  /** Adds the next hash at the bottom and the inner nodes it completes. */
  push(hash: Uint8Array): void {
    this.#nodes.set(hash, this.width * HASH_SIZE);
    let position = this.width++;
    for (let height = 0; position % 2 === 1; height++) {
      const parent = nodeHash(this.node(height, position - 1), this.node(height, position));
      position = (position - 1) / 2;
      this.#nodes.set(parent, (OFFSETS[height + 1]! + position) * HASH_SIZE);
    }
  }

  get full(): boolean {
    return this.width === TILE_WIDTH;
  }

  /** Hash of a complete subtree inside the tile: `position`-th of 2^height hashes. A view. */
  node(height: number, position: number): Uint8Array {
    const start = (OFFSETS[height]! + position) * HASH_SIZE;
    return this.#nodes.subarray(start, start + HASH_SIZE);
  }

  /** Root of a full tile, which is a hash of the tile above. */
  get root(): Uint8Array {
    return this.node(TILE_HEIGHT, 0);
  }

  /** Content of the tile's file with this many hashes. A copy. */
  bytes(width: number): Uint8Array<ArrayBuffer> {
    return this.#nodes.slice(0, width * HASH_SIZE);
  }
}
