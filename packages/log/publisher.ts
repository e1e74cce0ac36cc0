import { dirname, join } from 'node:path';
import {
  consistencyProof,
  countOf,
  fullTiles,
  partialWidth,
  type NoteSign as Sign,
  type SignedCheckpoint,
  signCheckpoint,
  TILE_WIDTH,
  type TileId,
  tilePath,
  treeRoot,
  type VerifierKey,
  verifyCheckpoint,
  verifyConsistency,
} from '@trine/protocol';
import type { Disk } from '@trine/system/disk.ts';
import { LogDamagedError } from './errors.ts';
import { replaceFile } from './files.ts';
import type { Integrator } from './integrator.ts';

/** What the publisher needs. */
export interface PublisherParts {
  readonly disk: Disk;
  /** The public directory. */
  readonly directory: string;
  readonly temporary: string;
  readonly logKey: VerifierKey;
  readonly sign: Sign;
  readonly integrator: Integrator;
}

/** Partial tiles of a tree, bundle first. */
function partialTiles(size: number): TileId[] {
  const tiles: TileId[] = [];
  for (let level = 0; Math.floor(size / TILE_WIDTH ** level) > 0; level++) {
    const width = partialWidth(size, level);
    if (width === 0) continue;
    const index = fullTiles(size, level);
    if (level === 0) tiles.push({ level: 'entries', index, width });
    tiles.push({ level, index, width });
  }
  return tiles;
}

/**
 * Publishes the tree of `size` leaves: its partial tiles, then the checkpoint in one step.
 *
 * @param parts where and with what
 * @param size leaves, all integrated and durable; their full tiles are in files
 * @param last the checkpoint before, if there is one
 * @returns the checkpoint, on disk and fsynced; `last` when there is nothing new
 * @throws LogDamagedError when the new tree does not continue the last one: nothing is signed
 */
export async function publishTree(
  parts: PublisherParts,
  size: number,
  last: SignedCheckpoint | undefined,
): Promise<SignedCheckpoint> {
  const { disk, directory, temporary, logKey, integrator } = parts;
  const { tree } = integrator;
  if (last !== undefined && size === last.size) return last;

  const root = treeRoot(size, tree.read);
  if (last !== undefined) {
    const proof = size < last.size ? [] : consistencyProof(last.size, size, tree.read);
    if (!verifyConsistency(last.size, size, last.root, root, proof)) {
      throw new LogDamagedError(
        directory,
        `the tree of ${countOf(size, 'leaf', 'leaves')} does not continue the signed one of ${last.size}`,
      );
    }
  }
  await writePartials(parts, size);
  const checkpoint = signCheckpoint({ origin: logKey.name, size, root }, logKey.publicKey, parts.sign);
  verifyCheckpoint(checkpoint.note, logKey);
  await replaceFile(disk, join(directory, 'checkpoint'), checkpoint.note, { temporary, durable: true });
  return checkpoint;
}

async function writePartials({ disk, directory, temporary, integrator }: PublisherParts, size: number): Promise<void> {
  const { tree, bundles } = integrator;
  for (const { level, index, width } of partialTiles(size)) {
    const bytes = level === 'entries' ? bundles.get(index).encoded(0, width) : tree.bytes(level, index, width);
    await replaceFile(disk, join(directory, tilePath({ level, index, width })), bytes, { temporary, durable: false });
  }
}

/**
 * Makes the partial tiles of a tree again, and removes others: they are not synced, so a power failure may have left any of
 * them empty or cut.
 *
 * @param from first leaf of the write-ahead file: what lies before is full, and was seen to when it became so
 * @param size leaves of the tree
 */
export async function repairPartials(parts: PublisherParts, from: number, size: number): Promise<void> {
  const { disk, directory } = parts;
  for (let level = 0; Math.floor(size / TILE_WIDTH ** level) > 0; level++)
    for (let index = fullTiles(from, level); index <= fullTiles(size, level); index++) {
      disk.remove(join(directory, partialsOf(level, index)));
      if (level === 0) disk.remove(join(directory, partialsOf('entries', index)));
    }
  await writePartials(parts, size);
}

const partialsOf = (level: TileId['level'], index: number): string =>
  `${tilePath({ level, index, width: TILE_WIDTH })}.p`;

/** Removes the partial tiles of an older checkpoint whose tiles are full in a newer one. @param folders gets those they were in */
export function removePartials(
  disk: Disk,
  directory: string,
  older: number,
  newer: number,
  folders: Set<string>,
): void {
  for (const { level, index } of partialTiles(older)) {
    if (fullTiles(newer, level === 'entries' ? 0 : level) <= index) continue;
    const partials = join(directory, partialsOf(level, index));
    disk.remove(partials);
    folders.add(dirname(partials));
  }
}
