// The formats of batches and the contracts' tests know rows and positions from the documents alone: both are the same.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type BatchRow, commitRows, Positions, readRows } from '@trine/protocol';
import fc from 'fast-check';
import { hexToBytes, toHex } from 'viem';
import { chunksOf, PositionTree, type Row } from './positions.ts';

const pairs = fc.uniqueArray(
  fc.tuple(
    fc.oneof(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 2 ** 20 - 1 })),
    fc.bigInt(-(2n ** 62n), 2n ** 62n).filter((amount) => amount !== 0n),
  ),
  { selector: ([number]) => number, minLength: 1, maxLength: 25 },
);
const rowsOf = (list: readonly Row[]): BatchRow[] => list.map(([number, amount]) => ({ number, amount }));

test('property: chunks and hashes are those of the reference', () => {
  fc.assert(
    fc.property(pairs, (list) => {
      const ascending = list.sort(([a], [b]) => a - b);
      const sum = ascending.reduce((all, [, amount]) => all + amount, 0n);
      const rows: Row[] = [...ascending, ...(sum === 0n ? [] : ([[2 ** 20, -sum]] as const))];
      fc.pre(sum >= -(2n ** 63n) + 1n && sum < 2n ** 63n);
      const { bytes, hashes, rowsHash } = chunksOf(rows);
      const made = commitRows(rowsOf(rows));
      assert.deepEqual(
        made.chunks.map((chunk) => toHex(chunk)),
        bytes,
      );
      assert.deepEqual(made.hashes, hashes);
      assert.equal(made.rowsHash, rowsHash);
      assert.deepEqual(readRows(bytes.map((chunk) => hexToBytes(chunk))), rowsOf(rows));
    }),
  );
});

test('property: roots, proofs and paths are those of the naive tree, over many batches', () => {
  fc.assert(
    fc.property(fc.array(pairs, { maxLength: 4 }), fc.nat(2 ** 20 - 1), (batches, other) => {
      const [tree, naive] = [new Positions(), new PositionTree()];
      for (const batch of batches) {
        tree.apply(rowsOf(batch));
        naive.apply(batch);
        assert.equal(tree.root(), naive.root());
      }
      for (const number of [other, ...batches.flatMap(([first]) => (first ? [first[0]] : []))])
        assert.deepEqual(tree.prove(number), naive.prove(number));
      const beside = [...new Set([other, ...batches.flat().map(([number]) => number)])].sort((a, b) => a - b);
      assert.deepEqual(tree.pathBeside(beside), naive.pathBeside(beside));
    }),
    { numRuns: 25 },
  );
});
