import { existsSync } from 'node:fs';
import { mkdir, readFile, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import {
  equalBytes,
  type SignedCheckpoint,
  TILE_WIDTH,
  treeRoot,
  type VerifierKey,
  verifyCheckpoint,
} from '@trine/protocol';
import { readBundle } from './bundle.ts';
import { LogDamagedError } from './errors.ts';
import { syncDirectory } from './files.ts';
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
  /** Bytes of unfinished writes cut from the write-ahead file. */
  readonly cutBytes: number;
}

/** Creates the folders of a log, durable. */
export async function makeFolders(directory: string): Promise<Folders> {
  const folders = { public: join(directory, 'public'), wal: join(directory, 'wal'), temporary: join(directory, 'tmp') };
  for (const folder of Object.values(folders)) await mkdir(folder, { recursive: true });
  await syncDirectory(directory);
  await syncDirectory(dirname(directory));
  return folders;
}

/**
 * Brings a log back: the tree from its full tiles, the newest leaves from the write-ahead file, and all of it compared
 * with the checkpoint that was signed.
 *
 * @param folders where; the caller holds the lock
 * @param logKey the log's key
 * @throws LogDamagedError when anything durable is missing or changed; no leaf, tile or checkpoint was changed then
 */
export async function recover(folders: Folders, logKey: VerifierKey): Promise<Recovered> {
  await rm(folders.temporary, { recursive: true });
  await mkdir(folders.temporary);
  const checkpoint = await readCheckpoint(folders, logKey);
  const segments = await listSegments(folders.wal);
  if (segments.length === 0 && (checkpoint !== undefined || existsSync(join(folders.public, 'tile')))) {
    throw new LogDamagedError(folders.wal, 'the write-ahead file is missing, but there are public files');
  }
  const first = segments[0]?.first ?? 0;
  if (first > 0 && (checkpoint === undefined || checkpoint.size < first)) {
    throw new LogDamagedError(folders.public, `no checkpoint covers the ${first} leaves before the write-ahead file`);
  }
  const writer = new TileWriter(folders.public, folders.temporary);
  // The write-ahead file may begin within a bundle; that bundle is then full and in a file.
  const start = first - (first % TILE_WIDTH);
  const integrator = new Integrator(folders.public, writer, start);
  if (start < first) {
    const bundle = readBundle(folders.public, start / TILE_WIDTH);
    for (let i = 0; i < first - start; i++) integrator.bundles.push(bundle.entry(i));
    integrator.integrate(first);
  }

  const torn = await replay(segments, integrator, checkpoint);
  const last = segments.at(-1);
  if (last !== undefined && torn > 0) await cutTail(last);
  integrator.flush();
  if (segments.length === 0) segments.push(await createSegment(folders.wal, folders.temporary, 0));
  const wal = new WriteAheadLog(folders.wal, folders.temporary, segments);
  return { integrator, writer, wal, checkpoint, cutBytes: torn };
}

async function readCheckpoint(folders: Folders, logKey: VerifierKey): Promise<SignedCheckpoint | undefined> {
  const path = join(folders.public, 'checkpoint');
  if (!existsSync(path)) return undefined;
  try {
    return verifyCheckpoint(await readFile(path, 'utf8'), logKey);
  } catch (error) {
    throw new LogDamagedError(path, (error as Error).message);
  }
}

/** Integrates the leaves of the write-ahead file. Nothing is written before the signed root is reproduced. */
async function replay(
  segments: readonly Segment[],
  integrator: Integrator,
  checkpoint: SignedCheckpoint | undefined,
): Promise<number> {
  const { tree, bundles } = integrator;
  let torn = 0;
  let end = segments[0]?.first ?? 0;
  for (const [i, segment] of segments.entries()) {
    if (segment.first !== end) throw new LogDamagedError(segment.path, `expected to start with leaf ${end}`);
    const read = await readSegment(segment, { last: i === segments.length - 1 }, ({ first, leaves }) => {
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
    throw new LogDamagedError('tiles and write-ahead file', `do not give the signed root of ${checkpoint.size} leaves`);
  }
}
