import { leafHash, TILE_WIDTH, tilePath } from '@trine/protocol';
import type { Disk } from '@trine/system/disk.ts';
import { Bundles } from './bundle.ts';
import type { TileNodes } from './tile-nodes.ts';
import type { PublicFile, TileWriter } from './tile-writer.ts';
import { Tree } from './tree.ts';

/** Hashes durable leaves into the tree and hands full tiles and bundles to the writer. */
export class Integrator {
  readonly tree: Tree;
  readonly bundles: Bundles;
  readonly #writer: TileWriter;
  /** Full tiles not yet handed to the writer. */
  #completed: TileNodes[] = [];
  #handed: Promise<void> = Promise.resolve();
  /** Encoded bytes integrated since the start. */
  integratedBytes = 0;
  /** Bytes handed to the writer and not yet in files. */
  queuedBytes = 0;

  /**
   * @param directory the public directory
   * @param writer writes below it
   * @param size start from the full tiles of a tree of this size, a multiple of 256
   */
  constructor(disk: Disk, directory: string, writer: TileWriter, size: number) {
    this.#writer = writer;
    this.tree = new Tree(disk, directory);
    this.tree.restore(size);
    this.bundles = new Bundles(disk, directory, size / TILE_WIDTH);
  }

  /** Integrates the leaves up to, not including, `end`; they are in `bundles` and durable. */
  integrate(end: number): void {
    while (this.tree.size < end) {
      const index = this.tree.size;
      const bundle = this.bundles.get(Math.floor(index / TILE_WIDTH));
      const stop = Math.min(end, (bundle.index + 1) * TILE_WIDTH) % TILE_WIDTH || TILE_WIDTH;
      for (let i = index % TILE_WIDTH; i < stop; i++) {
        const leaf = bundle.entry(i);
        this.integratedBytes += 2 + leaf.length;
        this.#completed.push(...this.tree.push(leafHash(leaf)));
      }
    }
  }

  /** Hands the tiles completed so far to the writer. */
  flush(): void {
    const tiles = this.#completed;
    if (tiles.length === 0) return;
    this.#completed = [];
    const files = tiles.flatMap((tile) => this.#files(tile));
    const bytes = files.reduce((sum, file) => sum + file.bytes.length, 0);
    this.queuedBytes += bytes;
    this.#handed = this.#writer.write(files).then(() => {
      this.queuedBytes -= bytes;
      for (const tile of tiles) {
        this.tree.written(tile);
        if (tile.level === 0) this.bundles.written(tile.index);
      }
    });
    // Whoever waits for `written` is told; until then the rejection must not count as unhandled.
    this.#handed.catch(() => {});
  }

  /** Resolves when all that was flushed so far is in files. */
  written(): Promise<void> {
    return this.#handed;
  }

  #files(tile: TileNodes): PublicFile[] {
    const { level, index } = tile;
    const file = { path: tilePath({ level, index, width: TILE_WIDTH }), bytes: tile.bytes(TILE_WIDTH) };
    if (level > 0) return [file];
    const bundle = tilePath({ level: 'entries', index, width: TILE_WIDTH });
    return [file, { path: bundle, bytes: this.bundles.get(index).encoded(0, TILE_WIDTH).slice() }];
  }
}
