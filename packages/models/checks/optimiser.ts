// The suite every optimiser passes: textbook problems with known optima, and problems that have none.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { LinearProblem, LinearSolution, OptimiserModel } from '../model.ts';
import { uniform } from '../random.ts';

type Solve = (problem: LinearProblem) => LinearSolution;

/** Registers the checks of the family with `node:test`. */
export function checkOptimiser(model: OptimiserModel): void {
  const opened = model.open();
  const check = (what: string, checks: (solve: Solve) => void) =>
    test(`${model.name}: ${what}`, async () => {
      const optimiser = await opened;
      checks((problem) => optimiser.solve(problem));
    });
  check('finds known optima', checkOptima);
  check('assigns as well as trying every permutation', checkAssignment);
  check('tells infeasible from unbounded', checkNone);
  check('refuses malformed problems by name', checkMalformed);
  check('the same bits again, the problem untouched, also after other problems', checkRepeats);
}

/** Wyndor Glass (Hillier and Lieberman, Introduction to Operations Research): 36 at (2, 6). */
const wyndor: LinearProblem = {
  sense: 'maximise',
  variables: [
    { name: 'doors', cost: 3 },
    { name: 'windows', cost: 5 },
  ],
  constraints: [
    { name: 'plant 1', terms: [[0, 1]], high: 4 },
    { name: 'plant 2', terms: [[1, 2]], high: 12 },
    {
      name: 'plant 3',
      terms: [
        [0, 3],
        [1, 2],
      ],
      high: 18,
    },
  ],
};

/** Stigler's kind of diet with free and negative variables: least cost 7 at (−2, 9 free). */
const free: LinearProblem = {
  sense: 'minimise',
  variables: [
    { name: 'x', cost: 1, low: -2, high: 5 },
    { name: 'y', cost: 1, low: Number.NEGATIVE_INFINITY },
  ],
  constraints: [
    {
      name: 'enough',
      terms: [
        [0, 1],
        [1, 1],
      ],
      low: 7,
    },
    { name: 'apart', terms: [[1, 1]], low: 9, high: 20 },
  ],
};

/** 0/1 knapsack of Martello and Toth's kind: weights 12, 2, 1, 1, 4, values 4, 2, 1, 2, 10, capacity 15: 15 without the first. */
const knapsack: LinearProblem = {
  sense: 'maximise',
  variables: [4, 2, 1, 2, 10].map((cost, i) => ({ name: `item ${i}`, cost, high: 1, integer: true })),
  constraints: [{ name: 'capacity', terms: [12, 2, 1, 1, 4].map((weight, i) => [i, weight] as const), high: 15 }],
};

function near(found: number, expected: number): void {
  assert.ok(Math.abs(found - expected) <= 1e-6 * Math.max(1, Math.abs(expected)), `${found} is not ${expected}`);
}

function checkOptima(solve: Solve): void {
  const glass = solve(wyndor);
  assert.equal(glass.status, 'optimal');
  near(glass.objective, 36);
  near(glass.values[0]!, 2);
  near(glass.values[1]!, 6);
  const least = solve(free);
  near(least.objective, 7);
  near(least.values[0]!, -2);
  near(least.values[1]!, 9);
  const packed = solve(knapsack);
  near(packed.objective, 15);
  assert.deepEqual([...packed.values].map(Math.round), [0, 1, 1, 1, 1]);
  const relaxed = solve({ ...knapsack, variables: knapsack.variables.map((v) => ({ ...v, integer: false })) });
  near(relaxed.objective, 15 + (7 / 12) * 4);
}

/** Six workers, six jobs, seeded costs: the least of all 720 assignments is the optimum. */
function checkAssignment(solve: Solve): void {
  const size = 6;
  const next = uniform(5);
  const costs = Array.from({ length: size }, () => Array.from({ length: size }, () => Math.floor(next() * 100)));
  const line = (at: (k: number) => number) =>
    Array.from({ length: size }, (_, k) => [at(k), 1] as readonly [number, number]);
  const found = solve({
    sense: 'minimise',
    variables: costs.flatMap((row, i) =>
      row.map((cost, j) => ({ name: `${i} to ${j}`, cost, high: 1, integer: true })),
    ),
    constraints: [
      ...costs.map((_, i) => ({ name: `worker ${i}`, terms: line((k) => i * size + k), low: 1, high: 1 })),
      ...costs.map((_, j) => ({ name: `job ${j}`, terms: line((k) => k * size + j), low: 1, high: 1 })),
    ],
  });
  const least = (worker: number, jobs: readonly number[]): number =>
    worker === size
      ? 0
      : Math.min(
          ...jobs.map(
            (job) =>
              costs[worker]![job]! +
              least(
                worker + 1,
                jobs.filter((j) => j !== job),
              ),
          ),
        );
  near(found.objective, least(0, [0, 1, 2, 3, 4, 5]));
}

function checkNone(solve: Solve): void {
  const impossible = { ...wyndor, constraints: [...wyndor.constraints, { name: 'most', terms: [[1, 1]], low: 7 }] };
  const infeasible = solve(impossible as LinearProblem);
  assert.equal(infeasible.status, 'infeasible');
  assert.equal(infeasible.values.length, 0);
  assert.ok(Number.isNaN(infeasible.objective));
  const parity: LinearProblem = {
    sense: 'minimise',
    variables: [{ name: 'x', cost: 1, integer: true, high: 10 }],
    constraints: [{ name: 'odd', terms: [[0, 2]], low: 5, high: 5 }],
  };
  assert.equal(solve(parity).status, 'infeasible');
  const unbounded = solve({ ...wyndor, constraints: wyndor.constraints.slice(0, 1) });
  assert.equal(unbounded.status, 'unbounded');
  assert.equal(unbounded.values.length, 0);
}

function checkMalformed(solve: Solve): void {
  const [doors, windows] = wyndor.variables as [LinearProblem['variables'][0], LinearProblem['variables'][0]];
  const refused = (change: Partial<LinearProblem>, words: RegExp) =>
    assert.throws(
      () => solve({ ...wyndor, ...change }),
      (error) => error instanceof RangeError && words.test(error.message),
    );
  refused({ sense: 'least' as 'minimise' }, /least/);
  refused({ variables: [] }, /variable/);
  refused({ variables: [{ ...doors, cost: Number.NaN }, windows] }, /doors.*cost.*NaN/);
  refused({ variables: [{ ...doors, cost: Number.POSITIVE_INFINITY }, windows] }, /doors.*Infinity/);
  refused({ variables: [{ ...doors, low: 3, high: 2 }, windows] }, /doors.*3.*2/);
  refused({ variables: [doors, doors] }, /doors/);
  const constraint = (terms: [number, number][], low?: number, high?: number): Partial<LinearProblem> => ({
    constraints: [{ name: 'row', terms, ...(low !== undefined && { low }), ...(high !== undefined && { high }) }],
  });
  refused(constraint([[2, 1]], 0), /row.*0 to 1.*2/);
  refused(constraint([[0.5, 1]], 0), /row.*0\.5/);
  refused(constraint([[0, Number.NaN]], 0), /row.*doors.*NaN/);
  refused(
    constraint(
      [
        [0, 1],
        [0, 1],
      ],
      0,
    ),
    /row.*doors.*two/,
  );
  refused(constraint([[0, 1]]), /row.*bound/);
  refused(constraint([[0, 1]], 2, 1), /row.*2.*1/);
  refused(constraint([[0, 1]], Number.NaN), /row.*NaN/);
}

function checkRepeats(solve: Solve): void {
  const next = uniform(9);
  const items = Array.from({ length: 30 }, (_, i) => ({
    name: `item ${i}`,
    cost: 1 + Math.floor(next() * 50),
    high: 1,
    integer: true,
  }));
  const problem: LinearProblem = {
    sense: 'maximise',
    variables: items,
    constraints: ['weight', 'volume'].map((name) => ({
      name,
      terms: items.map((_, i) => [i, 1 + Math.floor(next() * 40)] as const),
      high: 250,
    })),
  };
  const copy = structuredClone(problem);
  const first = solve(problem);
  assert.equal(first.status, 'optimal');
  assert.deepEqual(problem, copy);
  solve(wyndor);
  solve({ ...wyndor, constraints: wyndor.constraints.slice(0, 1) });
  assert.deepEqual(solve(problem), first);
}
