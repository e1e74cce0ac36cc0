import { join } from 'node:path';
import { decodeBundle, equalBytes, HASH_SIZE, leafHash, TILE_WIDTH, tilePath } from '@trine/protocol';
import type { Disk } from '@trine/system/disk.ts';
import { LogDamagedError } from './errors.ts';

/** Bytes of written bundles kept in memory for reading. */
const CACHE_SIZE = 16 * 1024 * 1024;

/** Up to 256 entries in the encoding of an entry bundle, growing at the end; what is written in it never changes. */
export class Bundle {
  readonly index: number;
  width = 0;
  #bytes: Uint8Array;
  /** Where each entry starts, and where the last one ends. */
  readonly #offsets = new Uint32Array(TILE_WIDTH + 1);

  constructor(index: number, capacity: number) {
    this.index = index;
    this.#bytes = new Uint8Array(capacity);
  }

  get length(): number {
    return this.#offsets[this.width]!;
  }

  push(leaf: Uint8Array): void {
    const start = this.length;
    const end = start + 2 + leaf.length;
    if (end > this.#bytes.length) {
      const larger = new Uint8Array(Math.max(end, this.#bytes.length * 2));
      larger.set(this.#bytes.subarray(0, start));
      this.#bytes = larger;
    }
    this.#bytes[start] = leaf.length >> 8;
    this.#bytes[start + 1] = leaf.length & 255;
    this.#bytes.set(leaf, start + 2);
    this.#offsets[++this.width] = end;
  }

  /** One entry. A view. */
  entry(i: number): Uint8Array {
    return this.#bytes.subarray(this.#offsets[i]! + 2, this.#offsets[i + 1]);
  }

  /** Encoded entries from `from` up to, not including, `to`. A view. */
  encoded(from: number, to: number): Uint8Array {
    return this.#bytes.subarray(this.#offsets[from], this.#offsets[to]);
  }
}

/** All entries: the newest in memory, older ones read from the public files and checked against their tile. */
export class Bundles {
  readonly #disk: Disk;
  readonly #directory: string;
  /** Bundles not yet in a file, by index. */
  readonly #unwritten = new Map<number, Bundle>();
  /** Bundles in a file, least recently used first. */
  readonly #cached = new Map<number, Bundle>();
  #cachedBytes = 0;
  #current: Bundle;

  /**
   * @param directory the public directory
   * @param first index of the bundle that appending starts with, at its first entry
   */
  constructor(disk: Disk, directory: string, first: number) {
    this.#disk = disk;
    this.#directory = directory;
    this.#current = new Bundle(first, 16_384);
    this.#unwritten.set(first, this.#current);
  }

  push(leaf: Uint8Array): void {
    if (this.#current.width === TILE_WIDTH) {
      // As large as the last one: leaves of a log are alike, and growing copies.
      this.#current = new Bundle(this.#current.index + 1, Math.max(16_384, this.#current.length + 1024));
      this.#unwritten.set(this.#current.index, this.#current);
    }
    this.#current.push(leaf);
  }

  /** The bundle is in a file now and may leave memory. */
  written(index: number): void {
    const bundle = this.#unwritten.get(index);
    if (bundle === undefined) return;
    this.#unwritten.delete(index);
    this.#keep(bundle);
  }

  /**
   * A bundle.
   *
   * @throws LogDamagedError when its file is missing or an entry is not the one in the tree
   */
  get(index: number): Bundle {
    const unwritten = this.#unwritten.get(index);
    if (unwritten !== undefined) return unwritten;
    const cached = this.#cached.get(index);
    if (cached !== undefined) this.#forget(cached);
    const bundle = cached ?? readBundle(this.#disk, this.#directory, index);
    this.#keep(bundle);
    return bundle;
  }

  /** Encoded leaves from `from` up to, not including, `to`, in parts. */
  encoded(from: number, to: number): Uint8Array[] {
    const parts: Uint8Array[] = [];
    for (let at = from; at < to; ) {
      const index = Math.floor(at / TILE_WIDTH);
      const end = Math.min(to, (index + 1) * TILE_WIDTH);
      parts.push(this.get(index).encoded(at % TILE_WIDTH, end - index * TILE_WIDTH));
      at = end;
    }
    return parts;
  }

  #keep(bundle: Bundle): void {
    this.#cached.set(bundle.index, bundle);
    this.#cachedBytes += bundle.length;
    for (const oldest of this.#cached.values()) {
      if (this.#cachedBytes <= CACHE_SIZE || oldest === bundle) break;
      this.#forget(oldest);
    }
  }

  #forget(bundle: Bundle): void {
    this.#cached.delete(bundle.index);
    this.#cachedBytes -= bundle.length;
  }
}

/**
 * Reads a full bundle and compares every entry with the tile beside it.
 *
 * @throws LogDamagedError when a file is missing or they differ
 */
export function readBundle(disk: Disk, directory: string, index: number): Bundle {
  const path = tilePath({ level: 'entries', index, width: TILE_WIDTH });
  const tile = readPublic(disk, directory, tilePath({ level: 0, index, width: TILE_WIDTH }));
  const encoded = readPublic(disk, directory, path);
  const bundle = new Bundle(index, encoded.length);
  try {
    for (const entry of decodeBundle(encoded, TILE_WIDTH)) bundle.push(entry);
  } catch (error) {
    throw new LogDamagedError(join(directory, path), (error as Error).message);
  }
  for (let i = 0; i < TILE_WIDTH; i++) {
    if (!equalBytes(leafHash(bundle.entry(i)), tile.subarray(i * HASH_SIZE, (i + 1) * HASH_SIZE))) {
      throw new LogDamagedError(join(directory, path), `entry ${i} is not the one in the tree`);
    }
  }
  return bundle;
}

/** Reads a public file that must be there. */
export function readPublic(disk: Disk, directory: string, path: string): Uint8Array {
  try {
    return disk.read(join(directory, path));
  } catch (error) {
    throw new LogDamagedError(join(directory, path), `cannot be read (${(error as NodeJS.ErrnoException).code})`);
  }
}
