// Whole nodes on virtual time: crash between any two operations of the disk, lost and doubled messages, clocks that are set, a
// chain that forgets. SEEDS=100-200 runs others, or one: SEEDS=7; LENGTH_S=300 makes each longer.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

/** Seeds that found something, and what it was: they fail without the mend, which has tests of its own in its part, too. */
const NOTABLE: Readonly<Record<number, string>> = {
  3: 'bodies that were acknowledged lost at a power failure, with the name of their file or their place in the index',
  7: 'a leaf durable before its body: tables without its readings after the restart',
  12: 'the disk full for a moment: a snapshot of leaves that were never durable, taken up when the log had grown past it',
  507: 'a crash with the very last step of a start: the machine was down and had a node, and no time passed any more',
};
const { SEEDS, LENGTH_S = '60' } = process.env;

function seeds(): number[] {
  if (SEEDS === undefined) return Object.keys(NOTABLE).map(Number);
  return SEEDS.split(',').flatMap((part) => {
    const [from, to = from] = part.split('-').map(Number) as [number, number?];
    return Array.from({ length: to - from + 1 }, (_, i) => from + i);
  });
}

/** A process of its own: nothing of one run reaches another. */
function run(seed: number): Promise<string> {
  const program = fileURLToPath(new URL('./run.ts', import.meta.url));
  return new Promise((resolve, reject) => {
    execFile(process.execPath, [program, String(seed), `--length=${LENGTH_S}`], (error, stdout, stderr) => {
      if (error) reject(new Error(stderr || error.message));
      else resolve(stdout.trim());
    });
  });
}

for (const seed of seeds())
  test(`seed ${seed}: what was promised is kept; again, it is the same run to the last leaf`, async (t) => {
    const [first, again] = await Promise.all([run(seed), run(seed)]);
    t.diagnostic(first as string);
    assert.equal(again, first);
  });
