import {
  countOf,
  equalBytes,
  parseTilePath,
  parseVerifierKey,
  type SignedCheckpoint,
  TILE_WIDTH,
  type TileId,
  tilePath,
  type VerifierKey,
  verifyCheckpoint,
} from '@trine/protocol';
import { prefix, Rebuild } from './rebuild.ts';
import type { FsckReport } from './report.ts';
import { Findings } from './report.ts';
import type { Source } from './source.ts';
import { openSource } from './source.ts';

export interface FsckOptions {
  /** Told now and then how far it is. */
  readonly progress?: (state: { readonly leaves: number; readonly size: number }) => void;
  /** Called with every leaf in order, for checks of what is in it. The bytes are only valid during the call. */
  readonly onLeaf?: (index: number, leaf: Uint8Array) => void | Promise<void>;
  /** An older checkpoint of the log, as a note: the log must be its continuation. */
  readonly previous?: string;
}

/** Leaves between two calls of `progress`. */
const PROGRESS_EVERY = 64 * TILE_WIDTH;

/**
 * Checks a log from its public files alone: every bundle is hashed, every tile of every level and every partial one is
 * compared, the root is rebuilt and compared with the signed checkpoint. Memory stays bounded whatever the size.
 *
 * @param source folder of the public files, or the URL under which they are served
 * @param vkey the log's verifier key, from somewhere other than the source
 * @param options progress, a check for each leaf, an older checkpoint
 * @returns what was found; `ok` says whether everything is as it must be
 * @throws TlogError when `vkey` or `previous` is malformed
 * @example (await fsck('data/log/public', vkey)).problems // [] or [{ file: 'tile/0/000', problem: '…' }]
 */
export async function fsck(source: string, vkey: string, options: FsckOptions = {}): Promise<FsckReport> {
  const began = performance.now();
  const logKey = parseVerifierKey(vkey);
  const previous = options.previous === undefined ? undefined : verifyCheckpoint(options.previous, logKey);
  const findings = new Findings();
  const files = openSource(source);
  const checkpoint = await readCheckpoint(files, logKey, findings);
  const root = checkpoint && (await checkTree(files, checkpoint, previous, findings, options));
  if (checkpoint && files.list) await checkListed(files, files.list(), checkpoint.size, findings);
  const seconds = (performance.now() - began) / 1000;
  return {
    ok: findings.problemCount === 0,
    origin: logKey.name,
    size: checkpoint?.size ?? 0,
    root: root ? Buffer.from(root).toString('hex') : '',
    leaves: findings.leaves,
    files: findings.files,
    bytes: findings.bytes,
    ahead: findings.ahead,
    problems: findings.problems,
    problemCount: findings.problemCount,
    seconds,
    leavesPerSecond: Math.round(findings.leaves / Math.max(seconds, 1e-9)),
  };
}

async function readCheckpoint(
  files: Source,
  logKey: VerifierKey,
  findings: Findings,
): Promise<SignedCheckpoint | undefined> {
  findings.files++;
  try {
    const bytes = await files.read('checkpoint');
    if (bytes === undefined) throw new Error('missing');
    return verifyCheckpoint(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes), logKey);
  } catch (error) {
    findings.add('checkpoint', (error as Error).message);
    return undefined;
  }
}

async function checkTree(
  files: Source,
  checkpoint: SignedCheckpoint,
  previous: SignedCheckpoint | undefined,
  findings: Findings,
  options: FsckOptions,
): Promise<Uint8Array> {
  const { size } = checkpoint;
  if (previous !== undefined && previous.size > size) {
    findings.add('checkpoint', `has ${countOf(size, 'leaf', 'leaves')}, but one of ${previous.size} was signed before`);
  }
  const rebuild = new Rebuild(files, findings, size);
  const checkPrevious = (end: number, first: number, hashes: readonly Uint8Array[]): void => {
    if (previous === undefined || previous.size < first || previous.size >= end) return;
    const range = rebuild.range.clone();
    for (const hash of hashes.slice(0, previous.size - first)) range.push(0, hash);
    if (!equalBytes(range.root(), previous.root)) {
      findings.add(
        'checkpoint',
        `does not continue the older checkpoint of ${countOf(previous.size, 'leaf', 'leaves')}: history was changed`,
      );
    }
  };
  await rebuild.run(async (first, leaves, hashes) => {
    checkPrevious(first + hashes.length, first, hashes);
    if (options.onLeaf) {
      for (const [i, leaf] of leaves.entries()) {
        const checked = options.onLeaf(first + i, leaf);
        if (checked !== undefined) await checked;
      }
    }
    if (first % PROGRESS_EVERY === 0) options.progress?.({ leaves: first, size });
  });
  checkPrevious(size + 1, size, []);
  options.progress?.({ leaves: findings.leaves, size });
  const root = rebuild.range.root();
  if (!equalBytes(root, checkpoint.root)) {
    findings.add('checkpoint', `the root of what is served (${countOf(size, 'leaf', 'leaves')}) is not the one signed`);
  }
  return root;
}

/** Every file there is must belong to the log; older partial tiles must be the beginnings of what replaced them. */
async function checkListed(
  files: Source,
  paths: AsyncIterable<string>,
  size: number,
  findings: Findings,
): Promise<void> {
  for await (const path of paths) {
    if (path === 'checkpoint') continue;
    const id = parseTilePath(path);
    if (id === undefined) {
      findings.add(path, 'is not a file of a log');
      continue;
    }
    const covers = TILE_WIDTH ** (id.level === 'entries' ? 0 : id.level);
    const available = Math.min(TILE_WIDTH, Math.floor(size / covers) - id.index * TILE_WIDTH);
    if (id.width > available) findings.ahead++;
    else if (id.width < available) await comparePartial(files, id, available, findings);
  }
}

async function comparePartial(files: Source, id: TileId, available: number, findings: Findings): Promise<void> {
  const path = tilePath(id);
  findings.files++;
  try {
    const partial = await files.read(path);
    const whole = await files.read(tilePath({ ...id, width: available }));
    // Gone since it was listed, or the newer one is missing, which is a problem of that file and reported there.
    if (partial === undefined || whole === undefined) return;
    const expected = prefix(id, whole);
    if (expected === undefined || !equalBytes(partial, expected)) {
      findings.add(path, `is not the beginning of ${tilePath({ ...id, width: available })}`);
    }
  } catch (error) {
    findings.add(path, (error as Error).message);
  }
}
