import assert from 'node:assert/strict';
import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { describe, test } from 'node:test';
import { LogDamagedError } from './errors.ts';
import { FRAME_HEADER_SIZE, SEGMENT_HEADER_SIZE } from './frame.ts';
import { fsck } from './fsck/fsck.ts';
import { leafOf, manual, temporaryFolder, VKEY } from './log.fixture.ts';
import { openLog } from './log.ts';

const WAL = 'wal/0000000000000000.wal';
/** Leaves in each frame; the first frame is published, the others only acknowledged. */
const FRAMES = [2, 1, 3];
const LENGTH_MAX = 6;

/** A folder as a crash leaves it, and where each frame ends. */
async function crashed(t: TestContext): Promise<{ folder: string; wal: Buffer; ends: number[] }> {
  const live = temporaryFolder(t);
  const folder = join(temporaryFolder(t), 'crashed');
  const log = await openLog(manual(live));
  const ends: number[] = [];
  for (const count of FRAMES) {
    const leaves = Array.from({ length: count }, (_, i) => leafOf(log.size + i, 1, LENGTH_MAX));
    await log.append(leaves).durable;
    if (ends.length === 0) await log.publish();
    ends.push(readFileSync(join(live, WAL)).length);
  }
  cpSync(live, folder, { recursive: true });
  await log.close();
  return { folder, wal: readFileSync(join(folder, WAL)), ends };
}

/** Opens a copy of the folder with another write-ahead file. Returns the size, or undefined when it is refused. */
async function openWith(t: TestContext, folder: string, wal: Buffer): Promise<number | undefined> {
  const copy = temporaryFolder(t);
  cpSync(folder, copy, { recursive: true });
  writeFileSync(join(copy, WAL), wal);
  try {
    const log = await openLog(manual(copy));
    const { size } = log;
    for (let i = 0; i < size; i++) assert.deepEqual(log.read(i), leafOf(i, 1, LENGTH_MAX));
    await log.append([leafOf(size, 1, LENGTH_MAX)]).durable;
    await log.close();
    const report = await fsck(join(copy, 'public'), VKEY);
    assert.deepEqual(report.problems, []);
    assert.equal(report.leaves, size + 1);
    return size;
  } catch (error) {
    assert.ok(error instanceof LogDamagedError, String(error));
    return undefined;
  } finally {
    rmSync(copy, { recursive: true });
  }
}

describe('the tail of the write-ahead file', () => {
  test('cut at any byte: whole frames stay, the rest goes; what a checkpoint covers is never cut', async (t) => {
    const { folder, wal, ends } = await crashed(t);
    for (let length = 0; length <= wal.length; length++) {
      const whole = ends.filter((end) => end <= length).length;
      const expected = whole === 0 ? undefined : FRAMES.slice(0, whole).reduce((a, b) => a + b);
      assert.equal(await openWith(t, folder, wal.subarray(0, length)), expected, `cut at byte ${length}`);
    }
  });

  test('any byte changed: refused where it was durable, cut where it may be an unfinished write', async (t) => {
    const { folder, wal, ends } = await crashed(t);
    for (let at = 0; at < wal.length; at++) {
      const changed = Buffer.from(wal);
      changed[at]! ^= 0x10;
      const expected = at < ends.at(-2)! ? undefined : FRAMES[0]! + FRAMES[1]!;
      assert.equal(await openWith(t, folder, changed), expected, `byte ${at}`);
    }
  });

  test('anything after the last frame: zeros as some file systems leave, noise, half a header', async (t) => {
    const { folder, wal, ends } = await crashed(t);
    const size = FRAMES.reduce((a, b) => a + b);
    const noise = Buffer.from(Array.from({ length: 500 }, (_, i) => (i * 197 + 31) & 255));
    const header = wal.subarray(ends[1]!, ends[1]! + FRAME_HEADER_SIZE - 1);
    for (const tail of [Buffer.alloc(1), Buffer.alloc(4096), noise, header]) {
      assert.equal(await openWith(t, folder, Buffer.concat([wal, tail])), size);
    }
  });

  test('a frame missing between others, or twice, is refused', async (t) => {
    const { folder, wal, ends } = await crashed(t);
    const [first, second] = ends as [number, number];
    assert.equal(await openWith(t, folder, Buffer.concat([wal.subarray(0, first), wal.subarray(second)])), undefined);
    assert.equal(await openWith(t, folder, Buffer.concat([wal, wal.subarray(second)])), undefined);
  });

  test('a leaf that looks like a frame does not turn a torn tail into damage', async (t) => {
    const live = temporaryFolder(t);
    const folder = join(temporaryFolder(t), 'crashed');
    const other = await crashed(t);
    const log = await openLog(manual(live));
    // A frame of another log, whole and correct there, carried as a leaf.
    const leaf = other.wal.subarray(SEGMENT_HEADER_SIZE, other.ends[0]);
    await log.append([leafOf(0, 1, LENGTH_MAX)]).durable;
    await log.append([new Uint8Array(leaf)]).durable;
    cpSync(live, folder, { recursive: true });
    await log.close();
    assert.equal(await openWith(t, folder, readFileSync(join(folder, WAL)).subarray(0, -1)), 1);
  });
});
