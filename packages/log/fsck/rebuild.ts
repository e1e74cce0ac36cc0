// Rebuilds the tree from the entry bundles and compares every tile with what is served.
import {
  decodeBundle,
  equalBytes,
  HASH_SIZE,
  leafHash,
  TILE_HEIGHT,
  TILE_WIDTH,
  type TileId,
  tilePath,
} from '@trine/protocol';
import { CompactRange, rootOfHashes } from './compact-range.ts';
import type { Findings } from './report.ts';
import type { Source } from './source.ts';

/** Files read ahead while leaves are hashed. */
const READ_AHEAD = 8;

/** A bundle and its tile, as served. */
interface Pair {
  readonly bundle: Uint8Array | undefined;
  readonly tile: Uint8Array | undefined;
}

export class Rebuild {
  /** The tree so far. */
  readonly range: CompactRange = new CompactRange();
  readonly #source: Source;
  readonly #findings: Findings;
  readonly #size: number;
  /** Hashes of the unfinished tile of each level from 1 up. */
  readonly #levels: Uint8Array[][] = [];

  constructor(source: Source, findings: Findings, size: number) {
    this.#source = source;
    this.#findings = findings;
    this.#size = size;
  }

  /**
   * Goes through all bundles.
   *
   * @param take called with each bundle's leaves and their hashes, before these enter `range`
   */
  async run(take: (first: number, leaves: readonly Uint8Array[], hashes: readonly Uint8Array[]) => Promise<void>) {
    const count = Math.ceil(this.#size / TILE_WIDTH);
    const ahead: Promise<Pair>[] = [];
    for (let index = 0; index < count; index++) {
      for (let next = index + ahead.length; next < Math.min(count, index + READ_AHEAD); next++) {
        ahead.push(this.#pair(next));
      }
      const pair = await ahead.shift()!;
      const { leaves, hashes } = await this.#bundle(index, pair);
      await take(index * TILE_WIDTH, leaves, hashes);
      if (hashes.length === TILE_WIDTH) {
        const root = rootOfHashes(hashes);
        this.range.push(TILE_HEIGHT, root);
        await this.#push(1, index, root);
      } else {
        for (const hash of hashes) this.range.push(0, hash);
      }
    }
    for (const [level, hashes] of this.#levels.entries()) {
      if (level > 0 && hashes.length > 0) {
        const index = Math.floor(this.#size / TILE_WIDTH ** (level + 1));
        await this.#compare({ level, index, width: hashes.length }, hashes);
      }
    }
  }

  async #pair(index: number): Promise<Pair> {
    const width = Math.min(TILE_WIDTH, this.#size - index * TILE_WIDTH);
    const [bundle, tile] = await Promise.all([
      this.#read({ level: 'entries', index, width }),
      this.#read({ level: 0, index, width }),
    ]);
    return { bundle, tile };
  }

  /** A file; where a partial tile was replaced by the full one meanwhile, its beginning. */
  async #read(id: TileId): Promise<Uint8Array | undefined> {
    const path = tilePath(id);
    try {
      const bytes = await this.#source.read(path);
      if (bytes !== undefined || id.width === TILE_WIDTH) return bytes;
      const full = await this.#source.read(tilePath({ ...id, width: TILE_WIDTH }));
      return full && prefix(id, full);
    } catch (error) {
      this.#findings.add(path, (error as Error).message);
      return undefined;
    }
  }

  /** Leaves and hashes of a bundle; where bundle and tile disagree, those that the tree above confirms. */
  async #bundle(index: number, pair: Pair): Promise<{ leaves: Uint8Array[]; hashes: Uint8Array[] }> {
    const findings = this.#findings;
    const width = Math.min(TILE_WIDTH, this.#size - index * TILE_WIDTH);
    const bundlePath = tilePath({ level: 'entries', index, width });
    const tilePathHere = tilePath({ level: 0, index, width });
    const served = splitHashes(pair.tile, width);
    if (served === undefined) findings.add(tilePathHere, wrongLength(pair.tile, width));
    let leaves: Uint8Array[] = [];
    if (pair.bundle === undefined) findings.add(bundlePath, 'missing');
    else {
      try {
        leaves = decodeBundle(pair.bundle, width);
      } catch (error) {
        findings.add(bundlePath, (error as Error).message);
      }
    }
    findings.files += 2;
    findings.bytes += pair.bundle?.length ?? 0;
    findings.leaves += leaves.length;
    const hashes = leaves.map(leafHash);
    if (leaves.length === 0 || served === undefined)
      return { leaves, hashes: leaves.length > 0 ? hashes : (served ?? []) };
    const differs = hashes.findIndex((hash, i) => !equalBytes(hash, served[i]!));
    if (differs < 0) return { leaves, hashes };

    const leaf = index * TILE_WIDTH + differs;
    const above = width === TILE_WIDTH ? await this.#hashAbove(index) : undefined;
    if (above !== undefined && equalBytes(rootOfHashes(served), above)) {
      findings.add(bundlePath, `leaf ${leaf} is not the one in the tree`);
      return { leaves, hashes: served };
    }
    if (above !== undefined && equalBytes(rootOfHashes(hashes), above)) {
      findings.add(tilePathHere, `hash ${differs} is not that of leaf ${leaf}`);
      return { leaves, hashes };
    }
    findings.add(bundlePath, `leaf ${leaf} and its hash in ${tilePathHere} disagree; one of the two files is wrong`);
    findings.add(
      tilePathHere,
      `hash ${differs} and leaf ${leaf} in ${bundlePath} disagree; one of the two files is wrong`,
    );
    return { leaves, hashes };
  }

  /** What the tile above says is the root of a level 0 tile. */
  async #hashAbove(index: number): Promise<Uint8Array | undefined> {
    const tile = Math.floor(index / TILE_WIDTH);
    const count = Math.floor(this.#size / TILE_WIDTH);
    const id: TileId = { level: 1, index: tile, width: Math.min(TILE_WIDTH, count - tile * TILE_WIDTH) };
    return splitHashes(await this.#read(id), id.width)?.[index % TILE_WIDTH];
  }

  /** Adds a hash to a level; compares the tile it completes, and goes on above. */
  async #push(level: number, position: number, hash: Uint8Array): Promise<void> {
    const hashes = this.#levels[level] ?? [];
    this.#levels[level] = hashes;
    hashes.push(hash);
    if (hashes.length < TILE_WIDTH) return;
    this.#levels[level] = [];
    const index = Math.floor(position / TILE_WIDTH);
    await this.#compare({ level, index, width: TILE_WIDTH }, hashes);
    await this.#push(level + 1, index, rootOfHashes(hashes));
  }

  async #compare(id: TileId, hashes: readonly Uint8Array[]): Promise<void> {
    const path = tilePath(id);
    const bytes = await this.#read(id);
    const served = splitHashes(bytes, id.width);
    this.#findings.files++;
    if (served === undefined) return this.#findings.add(path, wrongLength(bytes, id.width));
    const differs = hashes.findIndex((hash, i) => !equalBytes(hash, served[i]!));
    if (differs >= 0) this.#findings.add(path, `hash ${differs} is not that of the tiles below`);
  }
}

/** The part of a full file that a partial one must be; undefined when the full one is malformed. */
export function prefix(id: TileId, full: Uint8Array): Uint8Array | undefined {
  if (id.level !== 'entries') return full.subarray(0, id.width * HASH_SIZE);
  let end = 0;
  for (let i = 0; i < id.width; i++) end += 2 + (full[end] ?? 0) * 256 + (full[end + 1] ?? 0);
  return end <= full.length ? full.subarray(0, end) : undefined;
}

function splitHashes(bytes: Uint8Array | undefined, width: number): Uint8Array[] | undefined {
  if (bytes?.length !== width * HASH_SIZE) return undefined;
  return Array.from({ length: width }, (_, i) => bytes.subarray(i * HASH_SIZE, (i + 1) * HASH_SIZE));
}

const wrongLength = (bytes: Uint8Array | undefined, width: number): string =>
  bytes === undefined ? 'missing' : `expected ${width * HASH_SIZE} bytes, got ${bytes.length}`;
