import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import fc from 'fast-check';
import { fromHex } from '../bytes.ts';
import { FormatError } from '../errors.ts';
import { EMPTY_POSITIONS, NUMBERS_END, Positions, verifyPosition } from './positions.ts';
import { type BatchRow, CHUNK_ROWS, chunkHash, commitRows, readChunk, readRows, rowsHash, splitRows } from './rows.ts';
import { type Hex, hexOf } from './words.ts';

type Pair = readonly [number: number, amount: string];
type Vector = {
  readonly name: string;
  readonly before: readonly Pair[];
  readonly rows: readonly Pair[];
  readonly chunks?: readonly Hex[];
  readonly hashes: readonly Hex[];
  readonly rowsHash: Hex;
  readonly rowCount: number;
  readonly positionsBefore: Hex;
  readonly positionsAfter: Hex;
  readonly proofs: readonly { readonly number: number; readonly position: string; readonly path: readonly Hex[] }[];
};
const vectors = JSON.parse(readFileSync(new URL('../../../vectors/evm/batches.json', import.meta.url), 'utf8')) as {
  readonly empty: Hex;
  readonly batches: readonly Vector[];
  readonly refused: readonly { readonly name: string; readonly chunks: readonly Hex[] }[];
};
/** As they stand in the vectors; the amounts of `before` may be wider than a row's. */
const rowsOf = (pairs: readonly Pair[]): BatchRow[] =>
  pairs.map(([number, amount]) => ({ number, amount: BigInt(amount) }));

test('batches: golden chunks, hashes, roots and proofs', () => {
  assert.equal(new Positions().root(), vectors.empty);
  assert.equal(EMPTY_POSITIONS, vectors.empty);
  for (const vector of vectors.batches) {
    const rows = rowsOf(vector.rows);
    const made = commitRows(rows);
    if (vector.chunks) assert.deepEqual(made.chunks.map(hexOf), vector.chunks, vector.name);
    assert.deepEqual(made.hashes, vector.hashes);
    assert.equal(made.rowsHash, vector.rowsHash);
    assert.equal(made.rowCount, BigInt(vector.rowCount));
    assert.deepEqual(readRows(made.chunks), rows);
    const before = new Positions().apply(rowsOf(vector.before));
    const after = before.clone().apply(rows);
    assert.equal(before.root(), vector.positionsBefore, vector.name);
    assert.equal(after.root(), vector.positionsAfter, vector.name);
    for (const proof of vector.proofs) {
      const made = after.prove(proof.number);
      assert.deepEqual(made, { ...proof, position: BigInt(proof.position) });
      assert.ok(verifyPosition(vector.positionsAfter, made));
      assert.ok(!verifyPosition(vector.positionsAfter, { ...made, position: made.position + 1n }));
    }
  }
});

test('batches: golden refusals', () => {
  assert.ok(vectors.refused.length > 0);
  for (const { name, chunks } of vectors.refused) assert.throws(() => readRows(chunks.map(fromHex)), FormatError, name);
});

const amounts = fc.oneof(fc.bigInt(-(2n ** 63n), 2n ** 63n - 1n), fc.bigInt(-9n, 9n)).filter((amount) => amount !== 0n);
const anyRows = fc
  .uniqueArray(fc.tuple(fc.integer({ min: 1, max: NUMBERS_END - 2 }), amounts), { selector: ([n]) => n, maxLength: 40 })
  .map((pairs) => pairs.sort(([a], [b]) => a - b).map(([number, amount]): BatchRow => ({ number, amount })));
/** Each amount and its opposite, so that they add up to zero. */
const anyBatch = anyRows
  .filter((rows) => rows.length > 0 && rows.every(({ amount }) => amount !== -(2n ** 63n)))
  .map((rows) =>
    rows.flatMap(({ number, amount }, i) => [
      { number: number + i, amount },
      { number: number + i + 1, amount: -amount },
    ]),
  );

test('property: what is written is read, and what is read is written to the same bytes', () => {
  fc.assert(
    fc.property(anyBatch, (rows) => {
      const { chunks, hashes, rowsHash: hash } = commitRows(rows);
      assert.deepEqual(readRows(chunks), rows);
      assert.equal(rowsHash(hashes), hash);
      assert.deepEqual(chunks.map(chunkHash), hashes);
    }),
  );
  fc.assert(
    // Any bytes: they are refused, or the one encoding of what is read.
    fc.property(fc.uint8Array({ minLength: 24, maxLength: 60 }), (bytes) => {
      let rows: BatchRow[];
      try {
        rows = readChunk(bytes, 0);
      } catch (error) {
        assert.ok(error instanceof FormatError);
        return;
      }
      const sum = rows.reduce((all, { amount }) => all + amount, 0n);
      if (sum === 0n) assert.deepEqual(commitRows(rows).chunks, [bytes]);
      else assert.throws(() => commitRows(rows), /add up/);
    }),
  );
});

test('rows that the contract would refuse are not written', () => {
  const bad: [RegExp, BatchRow[]][] = [
    [
      /ascend/,
      [
        { number: 2, amount: 1n },
        { number: 2, amount: -1n },
      ],
    ],
    [/from 1/, [{ number: 0, amount: 1n }]],
    [/whole/, [{ number: 1.5, amount: 1n }]],
    [/ascend/, [{ number: 2 ** 32, amount: 1n }]],
    [/zero/, [{ number: 1, amount: 0n }]],
    [/63 bits/, [{ number: 1, amount: 2n ** 63n }]],
    [/63 bits/, [{ number: 1, amount: -(2n ** 63n) - 1n }]],
    [/add up/, [{ number: 1, amount: 1n }]],
    [/1 to 262144/, []],
  ];
  for (const [why, rows] of bad) assert.throws(() => commitRows(rows), why);
});

test('a chunk alone may be short, follows the one before, and is cut where the contract cuts', () => {
  const rows = Array.from({ length: 2500 }, (_, i) => ({ number: i + 1, amount: i % 2 === 0 ? 5n : -5n }));
  const { chunks } = commitRows(rows);
  assert.deepEqual(
    chunks.map(({ length }) => length / 12),
    [CHUNK_ROWS, CHUNK_ROWS, 452],
  );
  const whole = Uint8Array.from(chunks.flatMap((chunk) => [...chunk]));
  assert.deepEqual(splitRows(whole), chunks);
  const [first, second] = chunks as [Uint8Array, Uint8Array];
  assert.deepEqual(readChunk(second, CHUNK_ROWS), rows.slice(CHUNK_ROWS, 2 * CHUNK_ROWS));
  assert.throws(() => readChunk(second, CHUNK_ROWS + 1), /ascend/);
  assert.equal(readChunk(first.subarray(0, 24), 0).length, 2);
});

test('property: positions in whatever cuts and order give one root; each proof holds for its position alone', () => {
  fc.assert(
    fc.property(anyRows, fc.integer({ min: 0, max: 40 }), fc.nat(NUMBERS_END - 1), (rows, cut, other) => {
      const atOnce = new Positions().apply(rows);
      const before = new Positions().apply(rows.slice(0, cut));
      const root = before.root();
      const cutUp = before.clone().apply([...rows.slice(cut)].reverse());
      assert.equal(cutUp.root(), atOnce.root());
      assert.equal(before.root(), root, 'a copy changes nothing of what it was made from');
      assert.deepEqual(new Map(cutUp.entries()), new Map(rows.map(({ number, amount }) => [number, amount])));
      for (const number of [other, ...rows.slice(0, 3).map((row) => row.number)]) {
        const proof = cutUp.prove(number);
        assert.ok(verifyPosition(cutUp.root(), proof));
        assert.ok(!verifyPosition(cutUp.root(), { ...proof, position: proof.position - 1n }));
        assert.ok(!verifyPosition(cutUp.root(), { ...proof, path: proof.path.slice(1) }));
        const elsewhere = number ^ 1;
        if (proof.position !== 0n || cutUp.of(elsewhere) !== 0n)
          assert.ok(!verifyPosition(cutUp.root(), { ...proof, number: elsewhere }));
      }
      // What is taken back leaves nothing.
      const back = rows.map(({ number, amount }) => ({ number, amount: -amount }));
      assert.equal(cutUp.apply(back).root(), EMPTY_POSITIONS);
      assert.deepEqual([...cutUp.entries()], []);
    }),
    { numRuns: 15 },
  );
});

test('positions out of range change nothing', () => {
  const tree = new Positions().apply([{ number: 3, amount: 2n ** 127n - 1n }]);
  const root = tree.root();
  for (const row of [
    { number: 3, amount: 1n },
    { number: NUMBERS_END, amount: 1n },
    { number: -1, amount: 1n },
    { number: 0.5, amount: 1n },
  ])
    assert.throws(() => tree.apply([{ number: 1, amount: 1n }, row]), RangeError);
  assert.equal(tree.root(), root);
  assert.equal(tree.of(1), 0n);
  assert.throws(() => tree.prove(NUMBERS_END), RangeError);
  assert.ok(!verifyPosition(root, { ...tree.prove(1), number: NUMBERS_END + 1 }));
  assert.throws(() => verifyPosition('0x00', tree.prove(1)), FormatError);
});

test('10,000 rows at once give what they give one after the other', (t) => {
  const rows = Array.from({ length: 10_000 }, (_, i) => ({ number: i + 1, amount: i % 2 === 0 ? 5n : -5n }));
  const tree = new Positions();
  const start = performance.now();
  tree.apply(rows);
  t.diagnostic(`${(performance.now() - start).toFixed(0)} ms for 10,000 rows`);
  const slowly = new Positions();
  for (let at = 0; at < rows.length; at += 100) slowly.apply(rows.slice(at, at + 100));
  assert.equal(slowly.root(), tree.root());
  for (const number of [1, 1024, 10_000]) assert.ok(verifyPosition(tree.root(), tree.prove(number)));
});
