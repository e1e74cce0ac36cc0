// A slice of the simulation: whole nodes on virtual time, with what befalls them. `npm run sim` runs more.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cellsFor, FOUNDS, foundingCellsFor, ROUNDS_OF_TABLE } from './faults.ts';
import { runRounds } from './rounds.ts';
import { CELLS, emptyCells, isReachable, LATE, NETTED, SHARED, tableOf } from './table.ts';
import { traitsOf } from './traits.ts';

const ROUNDS = 6;

test(`${ROUNDS} rounds: what was promised is kept; one of them again is the same run to the last leaf`, async () => {
  const all = await runRounds({ seed: 1, rounds: ROUNDS, againEvery: ROUNDS, thoroughEvery: ROUNDS });
  assert.deepEqual(
    all.filter((became) => 'problem' in became),
    [],
  );
  const runs = all.flatMap((became) => ('run' in became ? [became.run] : []));
  assert.equal(runs.length, ROUNDS);
  assert.ok(runs.some(({ crashes }) => crashes > 1));
  assert.ok(runs.some(({ paid }) => paid > 0));
  assert.ok(runs.some(({ signed }) => signed > 0));
  assert.ok(runs.some(({ batches }) => batches > 0));
  assert.ok(runs.some(({ decisions }) => Object.keys(decisions).some((name) => /^correction .*pay$/.test(name))));
  for (const { faults } of runs) assert.ok(Object.keys(faults).length > 0);
});

test('where a fault waits for a step that only some rounds have, the round has it; so many in a row go through all of them', () => {
  const seen = new Set<string>();
  const aimed = Math.ceil((ROUNDS_OF_TABLE * FOUNDS) / (FOUNDS - 1)) + 1;
  for (let seed = 1; seed <= aimed; seed++) {
    const { isShared, isLate, isNetted } = traitsOf(seed);
    for (const { fault, step } of [...cellsFor(seed), ...(seed % FOUNDS === 0 ? foundingCellsFor(seed) : [])]) {
      seen.add(`${fault} ${step}`);
      const has = { shared: isShared, late: isLate, netted: isNetted };
      for (const [kind, some] of Object.entries({ shared: SHARED, late: LATE, netted: NETTED }))
        if (some.includes(step)) assert.ok(has[kind as 'late'], `${seed}: ${fault} ${step}`);
    }
  }
  const isKnown = ({ fault, step }: (typeof CELLS)[number]) => step === 'found' || seen.has(`${fault} ${step}`);
  assert.deepEqual(
    CELLS.filter((cell) => !isKnown(cell)),
    [],
  );
});

test('the table says where nothing befell what could, and what cannot be', () => {
  const all = Object.fromEntries(CELLS.map(({ fault, step }) => [`${fault} ${step}`, 1]));
  assert.deepEqual(emptyCells(all), []);
  const { 'crash sync': _, ...others } = all;
  assert.deepEqual(emptyCells(others), ['crash sync']);
  assert.equal(isReachable('lost', 'sync'), false);
  const [line] = tableOf(others)
    .split('\n')
    .filter((row) => row.startsWith('| sync'));
  assert.deepEqual(
    line
      ?.split('|')
      .map((cell) => cell.trim())
      .slice(2, 6),
    ['0', '—', '1', '1'],
  );
});
