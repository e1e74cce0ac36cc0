import { join } from 'node:path';
import { fullTiles, HASH_SIZE, partialWidth, TILE_HEIGHT, TILE_WIDTH, tilePath } from '@trine/protocol';
import type { Disk } from '@trine/system/disk.ts';
import { readPublic } from './bundle.ts';
import { LogDamagedError } from './errors.ts';
import { TileNodes } from './tile-nodes.ts';

/** Tiles read from files that are kept in memory: 16 KB each. */
const CACHED_TILES_MAX = 512;

const keyOf = (level: number, index: number): string => `${level}/${index}`;

/** The integrated tree: the growing tile of each level in memory, full tiles in files. */
export class Tree {
  size = 0;
  readonly #disk: Disk;
  readonly #directory: string;
  readonly #growing: TileNodes[] = [];
  /** Full tiles not yet in a file. */
  readonly #unwritten = new Map<string, TileNodes>();
  /** Full tiles in a file, least recently used first. */
  readonly #cached = new Map<string, TileNodes>();

  /** @param directory the public directory */
  constructor(disk: Disk, directory: string) {
    this.#disk = disk;
    this.#directory = directory;
  }

  /**
   * Starts from full tiles in files.
   *
   * @param size a multiple of 256; all full tiles of a tree of this size are in files
   */
  restore(size: number): void {
    this.size = size;
    for (let level = 1; fullTiles(size, level - 1) > 0; level++) {
      const index = fullTiles(size, level);
      const tile = new TileNodes(level, index);
      for (let i = 0; i < partialWidth(size, level); i++) tile.push(this.#tile(level - 1, index * TILE_WIDTH + i).root);
      this.#growing[level] = tile;
    }
    this.#growing[0] = new TileNodes(0, fullTiles(size, 0));
  }

  /**
   * Adds a leaf.
   *
   * @param hash its leaf hash
   * @returns the tiles it completed, lowest level first; give each to {@link written} when it is in a file
   */
  push(hash: Uint8Array): readonly TileNodes[] {
    this.size++;
    let tile = this.#growing[0]!;
    tile.push(hash);
    if (!tile.full) return NONE;
    const completed: TileNodes[] = [];
    for (let level = 0; tile.full; level++) {
      completed.push(tile);
      this.#unwritten.set(keyOf(level, tile.index), tile);
      this.#growing[level] = new TileNodes(level, tile.index + 1);
      const above = this.#growing[level + 1] ?? new TileNodes(level + 1, 0);
      this.#growing[level + 1] = above;
      above.push(tile.root);
      tile = above;
    }
    return completed;
  }

  written(tile: TileNodes): void {
    const key = keyOf(tile.level, tile.index);
    this.#unwritten.delete(key);
    this.#keep(key, tile);
  }

  /** Hash of a complete subtree: the reader that proofs and roots are made with. */
  readonly read = (level: number, index: number): Uint8Array => {
    // The root of a full tile is also a hash of the tile above, which is more likely in memory.
    const tileLevel = Math.floor(level / TILE_HEIGHT);
    const height = level % TILE_HEIGHT;
    const width = TILE_WIDTH / 2 ** height;
    return this.#tile(tileLevel, Math.floor(index / width)).node(height, index % width);
  };

  /** Content of a tile's file with this many hashes. */
  bytes(level: number, index: number, width: number): Uint8Array<ArrayBuffer> {
    return this.#tile(level, index).bytes(width);
  }

  #tile(level: number, index: number): TileNodes {
    const growing = this.#growing[level];
    if (growing?.index === index) return growing;
    const key = keyOf(level, index);
    const unwritten = this.#unwritten.get(key);
    if (unwritten !== undefined) return unwritten;
    const cached = this.#cached.get(key);
    if (cached !== undefined) this.#cached.delete(key);
    const tile = cached ?? this.#readTile(level, index);
    this.#keep(key, tile);
    return tile;
  }

  #readTile(level: number, index: number): TileNodes {
    const path = tilePath({ level, index, width: TILE_WIDTH });
    const bytes = readPublic(this.#disk, this.#directory, path);
    if (bytes.length !== TILE_WIDTH * HASH_SIZE) {
      throw new LogDamagedError(join(this.#directory, path), `expected 8192 bytes, got ${bytes.length}`);
    }
    return TileNodes.fromBytes(level, index, bytes);
  }

  #keep(key: string, tile: TileNodes): void {
    this.#cached.set(key, tile);
    if (this.#cached.size <= CACHED_TILES_MAX) return;
    for (const oldest of this.#cached.keys()) {
      this.#cached.delete(oldest);
      break;
    }
  }
}

const NONE: readonly TileNodes[] = [];
