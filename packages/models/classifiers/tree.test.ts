import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { readTrees, writeTrees } from './artefact.ts';
import { bin } from './binning.ts';
import { exp } from './exponential.ts';
import { gini } from './gini.ts';
import { Memory } from './memory.ts';
import { grow, LEAF, leafOf, leftChildren } from './tree.ts';

const growth = { tried: 2, rowsMin: 1, nodesMax: 255, depthMax: 20, gainMin: 1e-9 };

test('codes: edges halfway between values where they are few, at quantiles where they are many', () => {
  const few = bin([[1], [3], [3], [10], [Number.NaN]], 1, 8);
  assert.deepEqual([...few.edges[0]!.slice(1)], [2, 6.5]);
  assert.deepEqual([...few.codes[0]!], [1, 2, 2, 3, 0]);
  const many = bin(
    Array.from({ length: 1000 }, (_, i) => [i]),
    1,
    4,
  );
  assert.deepEqual([...many.edges[0]!], [249.5, 499.5, 749.5]);
  assert.equal(bin([[7], [7]], 1, 4).edges[0]!.length, 0, 'one value needs no edge');
  assert.ok(bin([[-1e308], [1e308]], 1, 4).edges[0]!.every(Number.isFinite));
});

test('a tree finds the one split there is, and stops', () => {
  const rows = [1, 2, 3, 4, 5, 6].map((x) => [x % 2, x]);
  const data = bin(rows, 2, 64);
  const statistics = Float64Array.of(1, 0, 1, 0, 1, 0, 1, 0, 0, 1, 0, 1);
  const tree = grow(data, Uint32Array.from(rows.keys()), statistics, gini(2), growth, () => 0);
  assert.deepEqual([...tree.feature], [1, LEAF, LEAF]);
  assert.equal(tree.threshold[0], 4.5);
  assert.deepEqual([...tree.values.subarray(2)], [1, 0, 0, 1]);
  assert.equal(leafOf(tree, [0, 4.5]), 1);
  assert.equal(leafOf(tree, [0, 4.6]), 2);
  assert.equal(leafOf(tree, [0, Number.NaN]), 1, 'a missing value is the lowest');
});

test('limits hold: nodes, depth, rows in a leaf', () => {
  const rows = Array.from({ length: 64 }, (_, i) => [i]);
  const data = bin(rows, 1, 64);
  const statistics = Float64Array.from({ length: 128 }, (_, i) => ((i >> 1) % 2 === i % 2 ? 1 : 0));
  const limited = (limits: Partial<typeof growth>) =>
    grow(data, Uint32Array.from(rows.keys()), statistics, gini(2), { ...growth, tried: 1, ...limits }, () => 0);
  assert.equal(limited({ depthMax: 64 }).feature.length, 127);
  assert.ok(limited({ nodesMax: 20 }).feature.length <= 20);
  assert.ok(limited({ depthMax: 2 }).feature.length <= 7);
  const coarse = limited({ rowsMin: 10 });
  const reached = new Map<number, number>();
  for (const row of rows) reached.set(leafOf(coarse, row), (reached.get(leafOf(coarse, row)) ?? 0) + 1);
  assert.ok([...reached.values()].every((count) => count >= 10));
});

test('which nodes are leaves says whether it is a tree, and where the children are', () => {
  const left = (...feature: number[]) => leftChildren(Uint16Array.from(feature));
  assert.deepEqual([...left(3, LEAF, 4, LEAF, LEAF)!], [1, 0, 3, 0, 0]);
  for (const broken of [[], [3], [LEAF, LEAF], [3, LEAF], [3, LEAF, LEAF, LEAF], [LEAF, 3, LEAF]])
    assert.equal(left(...broken), undefined, String(broken));
});

test('trees survive being written and read', () => {
  const rows = Array.from({ length: 50 }, (_, i) => [i % 7, i % 11]);
  const statistics = Float64Array.from({ length: 100 }, (_, i) => (((i >> 1) % 3 === 0) === (i % 2 === 0) ? 1 : 0));
  const tree = grow(bin(rows, 2, 64), Uint32Array.from(rows.keys()), statistics, gini(2), growth, () => 0.5);
  const header = { features: ['a', 'b'], classes: ['no', 'yes'], outputs: 2 };
  const read = readTrees('TEST', 3, writeTrees('TEST', 3, header, [tree, tree]));
  assert.deepEqual(read.header, { ...header, trees: 2 });
  assert.deepEqual(read.trees[1]?.feature, tree.feature);
  assert.deepEqual(read.trees[1]?.threshold, tree.threshold);
  for (const row of rows) assert.equal(leafOf(read.trees[0]!, row), leafOf(tree, row));
});

test('the exponential is right to 2e-15 of itself, and bounded', () => {
  fc.assert(
    fc.property(fc.double({ min: -690, max: 690, noNaN: true }), (x) => {
      assert.ok(Math.abs(exp(x) / Math.exp(x) - 1) < 2e-15, `${x}: ${exp(x)} is not ${Math.exp(x)}`);
    }),
    { numRuns: 5000, seed: 7 },
  );
  assert.equal(exp(0), 1);
  assert.ok(exp(1e308) < Number.POSITIVE_INFINITY && exp(Number.NEGATIVE_INFINITY) > 0);
});

test('memory forgets the oldest of the commonest class', () => {
  const memory = new Memory(4, 1, 2);
  for (const [serial, label] of [0, 1, 0, 0, 0, 0].entries()) memory.add(Float64Array.of(serial), label, serial + 1);
  const { rows, labels } = memory.contents();
  assert.deepEqual(
    rows.map(([x]) => x),
    [1, 3, 4, 5],
  );
  assert.deepEqual([...labels], [1, 0, 0, 0]);
});
