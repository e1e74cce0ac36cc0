// Makes batches.json with viem and the contracts' reference tree, which share no code with the formats under test. Needs
// no chain. Run only to add cases: published vectors do not change.
import { writeFileSync } from 'node:fs';
import { chunksOf, encodeRows, PositionTree, type Row } from '@trine/contracts/test/positions.ts';

const LARGEST = 2n ** 63n - 1n;
/** They add up to zero: the last takes what the others leave. */
const balanced = (count: number): Row[] => {
  const amount = (i: number) => (i < count - 1 ? BigInt((i % 5) - 7) : -others);
  const others = Array.from({ length: count - 1 }, (_, i) => BigInt((i % 5) - 7)).reduce((sum, one) => sum + one, 0n);
  return Array.from({ length: count }, (_, i) => [3 * i + 1, amount(i)]);
};
const cases: { name: string; before: Row[]; rows: Row[] }[] = [
  { name: 'two members', before: [], rows: [[1, -300n], [2, 300n]] },
  { name: 'back to nothing', before: [[1, -300n], [2, 300n]], rows: [[1, 300n], [2, -300n]] },
  {
    name: 'largest and smallest amounts and numbers',
    before: [[2 ** 20 - 1, 2n ** 100n], [5, -(2n ** 127n) + 2n ** 64n]],
    rows: [[1, 1n], [5, -LARGEST - 1n], [2 ** 20 - 1, LARGEST]],
  },
  { name: 'one whole chunk', before: [[1, 10n]], rows: balanced(1024) },
  { name: 'one row more than a chunk', before: [[3, -10n], [4, 10n]], rows: balanced(1025) },
];
const batches = cases.map(({ name, before, rows }) => {
  const [tree, { bytes, hashes, rowsHash }] = [new PositionTree().apply(before), chunksOf(rows)];
  const after = tree.clone().apply(rows);
  const [first, last] = [rows[0]![0], rows.at(-1)![0]];
  const proofs = [first, last, last === 2 ** 20 - 1 ? 0 : last + 1].map((number) => after.prove(number));
  return {
    ...{ name, before, rows, chunks: rows.length < 10 ? bytes : undefined, hashes, rowsHash, rowCount: rows.length },
    ...{ positionsBefore: tree.root(), positionsAfter: after.root(), proofs },
  };
});

const full = balanced(1024);
const refused = [
  { name: 'not ascending', chunks: [encodeRows([[2, 1n], [1, -1n]])] },
  { name: 'a number twice', chunks: [encodeRows([[1, 1n], [1, -1n]])] },
  { name: 'number zero', chunks: [encodeRows([[0, 1n], [1, -1n]])] },
  { name: 'an amount of zero', chunks: [encodeRows([[1, 0n]])] },
  { name: 'a sum other than zero', chunks: [encodeRows([[1, -1n], [2, 2n]])] },
  { name: 'half a row', chunks: [encodeRows([[1, -1n], [2, 1n]]).slice(0, -2)] },
  { name: 'no rows', chunks: [] },
  { name: 'an empty chunk', chunks: ['0x'] },
  { name: 'a short chunk before another', chunks: [encodeRows([[1, -1n]]), encodeRows([[2, 1n]])] },
  { name: 'a chunk that does not ascend from the one before', chunks: [encodeRows(full), encodeRows([[5, 1n], [6, -1n]])] },
  { name: 'more rows than a chunk has', chunks: [encodeRows(balanced(1025))] },
];

const text = (value: unknown) => JSON.stringify(value, (_, v) => (typeof v === 'bigint' ? String(v) : v));
const lines = (values: readonly unknown[]) => values.map((value) => `    ${text(value)}`).join(',\n');
writeFileSync(
  new URL('batches.json', import.meta.url),
  `{\n  "empty": "${new PositionTree().root()}",\n  "batches": [\n${lines(batches)}\n  ],\n  "refused": [\n${lines(refused)}\n  ]\n}\n`,
);
