// C2SP tlog-tiles: paths of tiles and entry bundles, and the encoding of bundles (https://c2sp.org/tlog-tiles).
import { assertIndex, TlogError } from './errors.ts';

/** Hashes in a full tile, entries in a full bundle. */
export const TILE_WIDTH = 256;
/** Subtree levels in a tile: 2^8 = 256. */
export const TILE_HEIGHT = 8;
/** Longest entry, because its length is written in two bytes. */
export const ENTRY_LENGTH_MAX = 65_535;

/** A tile of hashes at a level, or a bundle of entries. */
export interface TileId {
  readonly level: number | 'entries';
  /** Number of the tile within its level. */
  readonly index: number;
  /** Hashes or entries in it, 1 to 256; less than 256 is a partial tile. */
  readonly width: number;
}

/**
 * Path of a tile below the log's prefix.
 *
 * @throws TlogError when level, index or width is out of range
 * @example tilePath({ level: 0, index: 1234067, width: 5 }) // 'tile/0/x001/x234/067.p/5'
 */
export function tilePath({ level, index, width }: TileId): string {
  if (level !== 'entries' && (!Number.isInteger(level) || level < 0 || level > 63)) {
    throw new TlogError(`Tile level: expected 0 to 63, got ${level}.`);
  }
  assertIndex(index, 'tile index');
  if (!Number.isInteger(width) || width < 1 || width > TILE_WIDTH) {
    throw new TlogError(`Tile width: expected 1 to 256, got ${width}.`);
  }
  let digits = String(index % 1000).padStart(3, '0');
  for (let rest = Math.floor(index / 1000); rest > 0; rest = Math.floor(rest / 1000)) {
    digits = `x${String(rest % 1000).padStart(3, '0')}/${digits}`;
  }
  return `tile/${level}/${digits}${width === TILE_WIDTH ? '' : `.p/${width}`}`;
}

const PATH = /^tile\/(entries|[0-9]{1,2})\/((?:x[0-9]{3}\/){0,5}[0-9]{3})(?:\.p\/([0-9]{1,3}))?$/;

/**
 * Reads a path strictly: only what {@link tilePath} writes is accepted, so a path is also safe to use as a file name.
 *
 * @param path for example `tile/entries/x001/000.p/12`
 * @returns undefined when it is not the canonical path of a tile
 */
export function parseTilePath(path: string): TileId | undefined {
  const [, level, digits, width] = PATH.exec(path) ?? [];
  if (level === undefined || digits === undefined) return undefined;
  const tile: TileId = {
    level: level === 'entries' ? level : Number(level),
    index: Number(digits.replaceAll(/[x/]/g, '')),
    width: width === undefined ? TILE_WIDTH : Number(width),
  };
  try {
    return tilePath(tile) === path ? tile : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Width of the last, partial tile of a level in a tree: ⌊size / 256^level⌋ mod 256; 0 when there is none.
 *
 * @param size leaves in the tree
 * @param level 0 also for entry bundles
 */
export const partialWidth = (size: number, level: number): number =>
  Math.floor(size / TILE_WIDTH ** level) % TILE_WIDTH;

/** Number of full tiles of a level in a tree of `size` leaves. */
export const fullTiles = (size: number, level: number): number => Math.floor(size / TILE_WIDTH ** (level + 1));

/**
 * Encodes entries as a bundle: each with its length before it, two bytes, big-endian.
 *
 * @param entries 1 to 256 entries of at most 65,535 bytes
 * @throws TlogError
 */
export function encodeBundle(entries: readonly Uint8Array[]): Uint8Array {
  if (entries.length < 1 || entries.length > TILE_WIDTH) {
    throw new TlogError(`Bundle: expected 1 to 256 entries, got ${entries.length}.`);
  }
  let length = 0;
  for (const entry of entries) length += 2 + entry.length;
  const bundle = new Uint8Array(length);
  let offset = 0;
  for (const entry of entries) {
    if (entry.length > ENTRY_LENGTH_MAX) throw new TlogError(`Entry: longer than ${ENTRY_LENGTH_MAX} bytes.`);
    bundle[offset] = entry.length >> 8;
    bundle[offset + 1] = entry.length & 255;
    bundle.set(entry, offset + 2);
    offset += 2 + entry.length;
  }
  return bundle;
}

/**
 * Decodes a bundle strictly.
 *
 * @param bundle the bytes of the bundle
 * @param width how many entries it must hold
 * @returns views into `bundle`, not copies
 * @throws TlogError when it holds another number of entries, or ends within one
 */
export function decodeBundle(bundle: Uint8Array, width: number): Uint8Array[] {
  const entries: Uint8Array[] = [];
  let offset = 0;
  while (offset < bundle.length && entries.length < width) {
    const length = offset + 2 <= bundle.length ? bundle[offset]! * 256 + bundle[offset + 1]! : 0;
    const end = offset + 2 + length;
    if (end > bundle.length) throw new TlogError(`Bundle: ends within entry ${entries.length}.`);
    entries.push(bundle.subarray(offset + 2, end));
    offset = end;
  }
  if (entries.length !== width || offset !== bundle.length) {
    throw new TlogError(`Bundle: expected exactly ${width} entries in ${bundle.length} bytes.`);
  }
  return entries;
}
