import { dirname, join } from 'node:path';
import {
  countOf,
  equalBytes,
  type SignedCheckpoint,
  TILE_WIDTH,
  treeRoot,
  type VerifierKey,
  verifyCheckpoint,
} from '@trine/protocol';
import type { Disk } from '@trine/system/disk.ts';
import type { System } from '@trine/system/system.ts';
import { readBundle } from './bundle.ts';
import { LogDamagedError } from './errors.ts';
import { Integrator } from './integrator.ts';
import { TileWriter } from './tile-writer.ts';
import type { Segment } from './wal.ts';
import { createSegment, WriteAheadLog } from './wal.ts';
import { cutTail, listSegments, readSegment } from './wal-read.ts';

/** Folders of a log. */
export interface Folders {
  /** What is served. */
  readonly public: string;
  /** The write-ahead file. */
  readonly wal: string;
  /** Files being prepared; emptied at opening. */
  readonly temporary: string;
}

/** What opening finds. */
export interface Recovered {
  readonly integrator: Integrator;
  readonly writer: TileWriter;
  readonly wal: WriteAheadLog;
  readonly checkpoint: SignedCheckpoint | undefined;
  /** First leaf of the write-ahead file. */
  readonly first: number;
  /** Bytes of unfinished writes cut from the write-ahead file. */
  readonly cutBytes: number;
}

/** Creates the folders of a log, durable. */
export async function makeFolders(disk: Disk, directory: string): Promise<Folders> {
  const folders = { public: join(directory, 'public'), wal: join(directory, 'wal'), temporary: join(directory, 'tmp') };
  for (const folder of Object.values(folders)) disk.makeFolder(folder);
  await disk.syncFolder(directory);
  await disk.syncFolder(dirname(directory));
  return folders;
}

/**
 * Brings a log back: the tree from its full tiles, the newest leaves from the write-ahead file, and all of it compared
 * with the checkpoint that was signed.
 *
 * @param system its disk, workers, random bytes
 * @param folders where; the caller holds the lock
 * @param logKey the log's key
 * @throws LogDamagedError when anything durable is missing or changed; no leaf, tile or checkpoint was changed then
 */
export async function recover(
  system: Pick<System, 'disk' | 'random' | 'workers'>,
  folders: Folders,
  logKey: VerifierKey,
): Promise<Recovered> {
  const { disk } = system;
  disk.remove(folders.temporary);
  disk.makeFolder(folders.temporary);
  const checkpoint = readCheckpoint(disk, folders, logKey);
  const segments = listSegments(disk, folders.wal);
  if (segments.length === 0 && (checkpoint !== undefined || disk.has(join(folders.public, 'tile')))) {
    throw new LogDamagedError(folders.wal, 'the write-ahead file is missing, but there are public files');
  }
  const first = segments[0]?.first ?? 0;
  if (first > 0 && (checkpoint === undefined || checkpoint.size < first)) {
    throw new LogDamagedError(
      folders.public,
      `no checkpoint covers what lies before the write-ahead file (${countOf(first, 'leaf', 'leaves')})`,
    );
  }
  const writer = new TileWriter(system.workers, folders.public, folders.temporary);
  // The write-ahead file may begin within a bundle; that bundle is then full and in a file.
  const start = first - (first % TILE_WIDTH);
  const integrator = new Integrator(disk, folders.public, writer, start);
  if (start < first) {
    const bundle = readBundle(disk, folders.public, start / TILE_WIDTH);
    for (let i = 0; i < first - start; i++) integrator.bundles.push(bundle.entry(i));
    integrator.integrate(first);
  }

  const torn = replay(disk, segments, integrator, checkpoint);
  const last = segments.at(-1);
  if (last !== undefined && torn > 0) cutTail(disk, last);
  integrator.flush();
  if (segments.length === 0) segments.push(await createSegment(system, folders.wal, folders.temporary, 0));
  const wal = new WriteAheadLog(system, folders.wal, folders.temporary, segments);
  return { integrator, writer, wal, checkpoint, first, cutBytes: torn };
}

function readCheckpoint(disk: Disk, folders: Folders, logKey: VerifierKey): SignedCheckpoint | undefined {
  const path = join(folders.public, 'checkpoint');
  if (!disk.has(path)) return undefined;
  try {
    return verifyCheckpoint(disk.read(path).toString('utf8'), logKey);
  } catch (error) {
    throw new LogDamagedError(path, (error as Error).message);
  }
}

/** Integrates the leaves of the write-ahead file. Nothing is written before the signed root is reproduced. */
function replay(
  disk: Disk,
  segments: readonly Segment[],
  integrator: Integrator,
  checkpoint: SignedCheckpoint | undefined,
): number {
  const { tree, bundles } = integrator;
  let torn = 0;
  let end = segments[0]?.first ?? 0;
  for (const [i, segment] of segments.entries()) {
    if (segment.first !== end) throw new LogDamagedError(segment.path, `expected to start with leaf ${end}`);
    const read = readSegment(disk, segment, { last: i === segments.length - 1 }, ({ first, leaves }) => {
      for (const leaf of leaves) bundles.push(leaf);
      integrator.integrate(first + leaves.length);
    });
    ({ end, torn } = read);
    if (checkpoint === undefined || tree.size >= checkpoint.size) {
      assertRoot(integrator, checkpoint);
      integrator.flush();
    }
  }
  if (checkpoint !== undefined && tree.size < checkpoint.size) {
    const path = segments.at(-1)?.path ?? '';
    throw new LogDamagedError(path, `ends at leaf ${tree.size}, but a checkpoint of ${checkpoint.size} was signed`);
  }
  return torn;
}

function assertRoot(integrator: Integrator, checkpoint: SignedCheckpoint | undefined): void {
  if (checkpoint === undefined) return;
  if (!equalBytes(treeRoot(checkpoint.size, integrator.tree.read), checkpoint.root)) {
    throw new LogDamagedError(
      'tiles and write-ahead file',
      `do not give the signed root of ${countOf(checkpoint.size, 'leaf', 'leaves')}`,
    );
  }
}
