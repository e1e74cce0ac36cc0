// Many rounds: nothing is found, and faults befall the steps that they can. 200 leave no cell of the table empty; fewer leave some.
// `ROUNDS=10000 SEED=50000` does as many from that seed.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runRounds } from '../seeded/rounds.ts';
import { added, emptyCells, type Tally } from '../seeded/table.ts';

const SEED = Number(process.env.SEED ?? 30_000);
const ROUNDS = Number(process.env.ROUNDS ?? 200);
/** Seeds in a row go through the table, and foundings through theirs; so many do both about three times. */
const WHOLE = 200;

test(`${ROUNDS} rounds find nothing; ${WHOLE} leave no cell of the table empty`, async (t) => {
  const all = await runRounds({ seed: SEED, rounds: ROUNDS });
  assert.deepEqual(
    all.filter((became) => 'problem' in became),
    [],
  );
  const tally = all.reduce<Tally>((sum, became) => ('run' in became ? added(sum, became.run.faults) : sum), {});
  t.diagnostic(JSON.stringify(tally));
  const empty = emptyCells(tally);
  t.diagnostic(`empty: ${JSON.stringify(empty)}`);
  if (ROUNDS >= WHOLE) assert.deepEqual(empty, []);
});
