// Many rounds: nothing is found, and every fault befell every step that it can.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runRounds } from '../seeded/rounds.ts';
import { added, emptyCells, type Tally } from '../seeded/table.ts';

/** Seeds in a row go through the table; so many do it more than twice. */
const ROUNDS = 300;

test(`${ROUNDS} rounds find nothing, and leave no cell of the table empty`, async (t) => {
  const all = await runRounds({ seed: 1_000, rounds: ROUNDS });
  assert.deepEqual(
    all.filter((became) => 'problem' in became),
    [],
  );
  const tally = all.reduce<Tally>((sum, became) => ('run' in became ? added(sum, became.run.faults) : sum), {});
  t.diagnostic(JSON.stringify(tally));
  assert.deepEqual(emptyCells(tally), []);
});
