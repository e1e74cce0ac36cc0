import assert from 'node:assert/strict';
import { test } from 'node:test';
import { commitRows, type Intent, Positions, ZERO_HASH } from '@trine/protocol';
import { decodeFunctionData } from 'viem';
import { findFault } from './batch-faults.ts';
import type { Member } from './batches.ts';
import { batchSettlementAbi } from './contracts.ts';
import { rows } from './testing/circle.ts';

const INTENT: Intent = {
  ...{ network: ZERO_HASH, chainId: 1n, settler: `0x${'22'.repeat(20)}`, agreement: ZERO_HASH, termsHash: ZERO_HASH },
  ...{ obligation: ZERO_HASH, begin: 5n, end: 6n, entries: [], rowsHash: ZERO_HASH, rowCount: 10_000n },
  ...{ positionsBefore: ZERO_HASH, positionsAfter: ZERO_HASH, token: `0x${'33'.repeat(20)}`, validAfter: 0n },
  ...{ deadline: 7n, decision: ZERO_HASH, supersedes: ZERO_HASH },
};

test('an authorization covers what ends when it begins and begins when it ends, if it was ever given', () => {
  const cover = { since: 1n, from: 10n, until: 20n, revokedAt: 0n };
  const member = (over: Partial<Member['cover']>): Member => ({
    ...{ account: `0x${'11'.repeat(20)}`, perObligation: 5n, limit: 5n, stake: 5n, cover: { ...cover, ...over } },
  });
  const made = rows([1, -5n], [2, 5n]);
  const positions = new Positions();
  const after = positions.clone().apply(made);
  const covered = (begin: bigint, end: bigint, over: Partial<Member['cover']> = {}) => {
    const intent = { ...INTENT, begin, end, positionsAfter: after.root() };
    const memberOf = () => member(over);
    return (
      findFault({ intent, chunks: commitRows(made).chunks, positions, isMember: () => true, memberOf }) === undefined
    );
  };
  assert.deepEqual(
    [covered(5n, 9n), covered(5n, 10n), covered(20n, 25n), covered(21n, 25n), covered(12n, 13n, { since: 0n })],
    [false, true, true, false, false],
  );
  // Revoked before its end it ends then; a revocation after its end changes nothing.
  assert.deepEqual(
    [
      covered(15n, 16n, { revokedAt: 15n }),
      covered(16n, 16n, { revokedAt: 15n }),
      covered(21n, 21n, { revokedAt: 30n }),
    ],
    [true, false, false],
  );
});

test('10,000 rows are recomputed, and the one that is false is found', (t) => {
  const person: Member = {
    ...{ account: `0x${'11'.repeat(20)}`, perObligation: 10n, limit: 10n, stake: 10n },
    cover: { since: 1n, from: 0n, until: 10n, revokedAt: 0n },
  };
  const made = Array.from({ length: 10_000 }, (_, i) => ({ number: i + 1, amount: i % 2 === 0 ? 10n : -10n }));
  const { chunks } = commitRows(made);
  const positions = new Positions();
  const isMember = () => true;
  const after = positions.clone().apply(made);
  const intent = { ...INTENT, positionsBefore: positions.root(), positionsAfter: after.root() };
  const start = performance.now();
  assert.equal(findFault({ intent, chunks, positions, isMember, memberOf: () => person }), undefined);
  t.diagnostic(`${(performance.now() - start).toFixed(0)} ms for 10,000 rows`);
  const memberOf = (number: number) => (number === 9_998 ? { ...person, perObligation: 9n } : person);
  const found = findFault({ intent, chunks, positions, isMember, memberOf });
  assert.deepEqual([found?.kind, found?.kind !== 'root' && found?.number], ['above limit', 9_998]);
  const wrong = after.clone().apply(rows([7, 1n]));
  const given = {
    intent: { ...intent, positionsAfter: wrong.root() },
    chunks,
    positions,
    isMember,
    memberOf: () => person,
  };
  assert.deepEqual(findFault(given), { kind: 'root' });
  const shown = findFault({ ...given, disclosed: wrong.entries() });
  assert.deepEqual([shown?.kind, shown?.kind !== 'root' && shown?.number], ['position', 7]);
  // In the rows, between chunks, and beside all rows: shown with the chunk where it would stand.
  for (const [number, index] of [
    [0, 0n],
    [1_024, 0n],
    [1_025, 1n],
    [10_001, 9n],
  ] as const) {
    // biome-ignore format: pairs
    const tree = after.clone().apply(rows([number, 1n]));
    const fault = findFault({
      ...given,
      intent: { ...intent, positionsAfter: tree.root() },
      disclosed: tree.entries(),
    });
    assert.ok(fault?.kind === 'position');
    assert.equal(fault.number, number);
    assert.equal(decodeFunctionData({ abi: batchSettlementAbi, data: fault.call.data }).args?.[1], index);
  }
});
