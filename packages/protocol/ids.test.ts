import assert from 'node:assert/strict';
import { test } from 'node:test';
import { toHex } from './bytes.ts';
import { DecisionId, EpochMs, LeafIndex, MinorUnits, ModelHash, Ppm, StatementId } from './ids.ts';

const bytes = new Uint8Array(32).fill(0xab);

test('ids are made of 32 bytes or 64 lower-case digits, and of nothing else', () => {
  const id = StatementId.fromBytes(bytes);
  assert.equal(id, toHex(bytes));
  assert.equal(StatementId.fromHex(id), id);
  assert.deepEqual(StatementId.toBytes(id), bytes);
  for (const hex of [
    '',
    'AB'.repeat(32),
    `0x${'ab'.repeat(32)}`,
    'ab'.repeat(31),
    `${'ab'.repeat(32)}\n`,
    'zz'.repeat(32),
  ])
    assert.throws(() => DecisionId.fromHex(hex), { refusal: 'malformed' }, hex);
  for (const length of [0, 31, 33])
    assert.throws(() => ModelHash.fromBytes(new Uint8Array(length)), { code: 'malformed' });
  // @ts-expect-error a statement's id is no decision's
  const wrong: DecisionId = id;
  assert.equal(typeof wrong, 'string');
});

test('numbers are whole and in range', () => {
  assert.deepEqual(
    [LeafIndex(0), MinorUnits(-5), Ppm(1_000_000), EpochMs(1_763_884_800_000)],
    [0, -5, 1_000_000, 1_763_884_800_000],
  );
  for (const n of [-1, 0.5, Number.NaN, 2 ** 53]) assert.throws(() => LeafIndex(n), { code: 'malformed' });
  for (const n of [1_000_001, -1]) assert.throws(() => Ppm(n), { code: 'malformed' });
  assert.throws(() => MinorUnits(0.01), { code: 'malformed' });
  // @ts-expect-error cents are no share
  const wrong: Ppm = MinorUnits(1);
  assert.equal(wrong, 1);
});
