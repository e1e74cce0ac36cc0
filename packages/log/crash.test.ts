import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { leafHash, memoryTree, parseVerifierKey, treeRoot, verifyCheckpoint, verifyConsistency } from '@trine/protocol';
import { fsck } from './fsck/fsck.ts';
import { leafOf, manual, temporaryFolder, VKEY } from './log.fixture.ts';
import { openLog } from './log.ts';

const CHILD = fileURLToPath(new URL('./crash.child.ts', import.meta.url));
/** Greatest length of a leaf: long enough that segments of the write-ahead file come and go. */
const LENGTH_MAX = 1500;
const SEED = Number(process.env.SEED ?? 20_261_123);

interface Said {
  acknowledged: number;
  notes: string[];
}

/** Runs the child and kills it with SIGKILL once it has said so many lines. */
async function runAndKill(directory: string, seed: number, lines: number): Promise<Said> {
  const child = spawn(process.execPath, [CHILD, directory, String(seed), String(LENGTH_MAX)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exit = once(child, 'exit');
  const said: Said = { acknowledged: 0, notes: [] };
  let count = 0;
  for await (const line of createInterface({ input: child.stdout })) {
    // Killed in the middle of a line, the child did not say it.
    if (!line.endsWith('}')) continue;
    const { acknowledged, note } = JSON.parse(line);
    if (note !== undefined) said.notes.push(note);
    else said.acknowledged = Math.max(said.acknowledged, acknowledged);
    if (++count === lines) child.kill('SIGKILL');
  }
  const [, signal] = await exit;
  assert.equal(signal, 'SIGKILL');
  return said;
}

test(`kill -9 at any moment (SEED=${SEED}): nothing acknowledged is lost, nothing signed is contradicted`, async (t) => {
  const directory = temporaryFolder(t);
  const logKey = parseVerifierKey(VKEY);
  const notes: string[] = [];
  const hashes: Uint8Array[] = [];
  let state = SEED >>> 0;
  for (let round = 0; round < 8; round++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    const said = await runAndKill(directory, state % 1000, 10 + ((state >>> 10) % 150));
    notes.push(...said.notes);

    const log = await openLog(manual(directory));
    assert.ok(log.size >= said.acknowledged, `acknowledged ${said.acknowledged}, found ${log.size}`);
    // Leaves of earlier rounds were compared then; that they are still the same is in the root.
    for await (const { index, leaf } of log.range(hashes.length, log.size)) {
      assert.ok(Buffer.from(leaf).equals(leafOf(index, 1, LENGTH_MAX)), `leaf ${index}`);
      hashes.push(leafHash(leaf));
    }
    assert.equal(hashes.length, log.size);
    assert.deepEqual(Buffer.from(log.checkpoint.root), Buffer.from(treeRoot(log.size, memoryTree(hashes))));
    for (const note of new Set(notes)) {
      const { size, root } = verifyCheckpoint(note, logKey);
      const proof = await log.consistencyProof(size, log.size);
      assert.ok(verifyConsistency(size, log.size, root, log.checkpoint.root, proof), `checkpoint of ${size}`);
    }
    await log.close();
    const report = await fsck(join(directory, 'public'), VKEY, { previous: notes[0]! });
    assert.deepEqual(report.problems, []);
    t.diagnostic(`round ${round}: ${log.size} leaves, ${said.notes.length} checkpoints seen`);
  }
  assert.ok(notes.length > 8 && hashes.length > 1000);
});
