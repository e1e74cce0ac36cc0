// The bugs that reviews found, put back one by one into a copy of the tree: the simulation finds each, and says how to see it.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { BUGS, treeWith } from '../bugs/bugs.ts';
import { runRounds } from '../seeded/rounds.ts';

/** No more is needed for any. */
const ROUNDS_MAX = 60;

for (const bug of BUGS)
  test(`${bug.name}: found within ${ROUNDS_MAX} rounds (${bug.says})`, async (t) => {
    const folder = mkdtempSync(join(tmpdir(), 'trine-bug-'));
    t.after(() => rmSync(folder, { recursive: true, force: true }));
    const program = treeWith(bug, folder);
    const all = await runRounds({
      seed: 1,
      rounds: ROUNDS_MAX,
      program,
      failuresMax: 1,
      againEvery: 0,
      thoroughEvery: 0,
    });
    const found = all.find((became) => 'problem' in became);
    assert.ok(found && 'problem' in found, `Not found in ${all.length} rounds.`);
    t.diagnostic(`round ${all.length}, seed ${found.seed}: ${found.problem.split('\n')[0]}`);
    assert.ok(found.events.length > 0, found.problem);
  });
