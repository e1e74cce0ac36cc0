import assert from 'node:assert/strict';
import { test } from 'node:test';
import { zeroHash } from 'viem';
import { account } from './chain.ts';
import { startCircles } from './circle.ts';
import { encodeRows, PositionTree, type Row } from './positions.ts';
import { reverts } from './scene.ts';
import { DAY, HOUR, type Intent, WINDOW } from './settlement-scene.ts';

const {
  scene,
  circle,
  batchOf,
  announce,
  publish,
  settle,
  under,
  settled,
  claim,
  refuteRow,
  refuteLock,
  refutePosition,
  expectNoFault,
} = await startCircles();

test('the empty tree is the contract’s', async () => {
  assert.equal(await scene.read(scene.batch, 'emptyRoot'), new PositionTree().root());
});

test('a batch nets its members; who gained claims, the last one as well as the first', async () => {
  const c = await circle(3);
  await settled(c, [
    [1, -300n],
    [2, 100n],
    [3, 200n],
  ]);
  await settled(c, [
    [1, -50n],
    [3, 50n],
  ]);
  await claim(c, c.people[1]!, 100n);
  await claim(c, c.people[2]!, 250n);
  assert.equal(await scene.balance(c.people[2]!.address), 250n);
  await reverts(claim(c, c.people[1]!, 1n), 'NothingToClaim');
  await reverts(claim(c, c.people[0]!, 1n), 'NothingToClaim');
  await reverts(claim(c, c.people[0]!, 1n, 3), 'NotAllowed');
  assert.equal(await scene.read(scene.batch, 'potOf', [c.id]), 2650n);
  // After the notice everybody takes all it has: nothing is left, nobody lacks.
  for (const person of c.people) await scene.revoke(person, c.id, scene.batch);
  await scene.chain.advance(Number(2n * DAY) + 60);
  await claim(c, c.people[0]!, 650n);
  await claim(c, c.people[1]!, 1000n);
  await claim(c, c.people[2]!, 1000n);
  assert.equal(await scene.read(scene.batch, 'potOf', [c.id]), 0n);
});

test('rows are those that were signed, ascend, and add up to nothing', async () => {
  const c = await circle(3);
  const good = await batchOf(c, [
    [1, -10n],
    [2, 10n],
  ]);
  await announce(good);
  const other = encodeRows([
    [1, -10n],
    [3, 10n],
  ]);
  await reverts(scene.send(scene.batch, 'publish', [good.what, other]), 'BadRows');
  await reverts(scene.send(scene.batch, 'publish', [good.what, '0x']), 'BadRows');
  await reverts(settle(good), 'BadRows');
  await reverts(refuteRow(good, 1), 'BadRows');
  const deciders: [readonly Row[], Partial<Intent>, string][] = [
    [
      [
        [2, 10n],
        [1, -10n],
      ],
      {},
      'BadRow',
    ],
    [
      [
        [1, 10n],
        [1, -10n],
      ],
      {},
      'BadRow',
    ],
    [
      [
        [0, 10n],
        [1, -10n],
      ],
      {},
      'BadRow',
    ],
    [[[1, 0n]], {}, 'BadRow'],
    [
      [
        [1, -10n],
        [2, 11n],
      ],
      {},
      'BadRows',
    ],
    [
      [
        [1, -10n],
        [2, 10n],
      ],
      { rowCount: 3 },
      'BadRows',
    ],
  ];
  let last = good;
  for (const [rows, over, error] of deciders) {
    const supersedes = await scene.digestOf(last.what);
    const bad = await batchOf(c, rows, { obligation: good.what.obligation, supersedes, ...over });
    await announce(bad);
    await reverts(publish(bad), error);
    last = bad;
  }
  const elsewhere = await batchOf(c, good.rows);
  await reverts(announce(elsewhere), 'BatchUnderWay');
});

test('what is announced starts from what is settled, and names its chunks', async () => {
  const c = await circle(2);
  const rows: readonly Row[] = [
    [1, -10n],
    [2, 10n],
  ];
  await reverts(announce(await batchOf(c, rows, { positionsBefore: zeroHash })), 'Mismatch');
  await reverts(announce(await batchOf(c, rows, { rowsHash: zeroHash })), 'Mismatch');
  await reverts(announce(await batchOf(c, rows, { rowCount: 1025 })), 'Mismatch');
  await reverts(announce(await batchOf(c, [], { rowCount: 0 })), 'Mismatch');
  const { payer, recipient } = scene;
  const entries = [{ from: payer.address, to: recipient.address, amount: 1n }];
  await reverts(announce(await batchOf(c, rows, { entries })), 'Mismatch');
});

test('nobody is credited what the rows do not say', async () => {
  const c = await circle(3);
  await settled(c, [
    [1, -10n],
    [2, 10n],
  ]);
  const rows: readonly Row[] = [
    [1, -10n],
    [3, 10n],
  ];
  // Over-credited: in the rows, and beside them; in both cases the pot would not last for the last claimant.
  for (const [number, position] of [
    [3, 900n],
    [2, 900n],
    [1, 0n],
  ] as const) {
    const wrong = await under(c, rows, {}, c.tree.clone().apply(rows).set(number, position));
    await refutePosition(wrong, c.tree, number);
    assert.equal(await scene.phaseOf(wrong.what), 'none');
    await scene.chain.advance(Number(WINDOW));
    await reverts(settle(wrong), 'BadRows');
  }
  assert.equal(await scene.read(scene.batch, 'rootOf', [c.id]), c.tree.root());
  // A member that nobody has is nobody's either.
  const ghost = await under(c, rows, {}, c.tree.clone().apply(rows).set(77, 5n));
  await refutePosition(ghost, c.tree, 77);
});

test('nobody loses more than it has or allowed, nor what it did not allow', async () => {
  const c = await circle(3);
  const above = await under(c, [
    [1, -401n],
    [2, 401n],
  ]);
  await refuteRow(above, 1);
  const nobody = await under(c, [
    [1, -5n],
    [9, 5n],
  ]);
  await refuteRow(nobody, 9);
  for (const amount of [400n, 400n])
    await settled(c, [
      [1, -amount],
      [2, amount],
    ]);
  const short = await under(c, [
    [1, -201n],
    [2, 201n],
  ]);
  await refuteLock(short, c.tree, 1);
  const whole = await under(c, [
    [1, -200n],
    [2, 200n],
  ]);
  await expectNoFault(whole, c.tree, 1);
  await scene.chain.advance(Number(WINDOW));
  await settle(whole);
});

test('a revocation counts for what begins after it', async () => {
  const c = await circle(2);
  const now = await scene.chain.now();
  await scene.chain.advance(60);
  await scene.revoke(c.people[0]!, c.id, scene.batch);
  await scene.chain.advance(60);
  const rows: readonly Row[] = [
    [1, -10n],
    [2, 10n],
  ];
  const after = await under(c, rows);
  await refuteRow(after, 1);
  const during = await under(c, rows, { begin: now, end: now });
  await expectNoFault(during, c.tree, 1);
  const unborn = { begin: now - HOUR, end: now - HOUR };
  await scene.chain.advance(Number(WINDOW));
  await settle(during);
  c.tree.apply(rows);
  await refuteRow(await under(c, rows, unborn), 1);
});

test('no claim makes a true row false, and none is kept waiting by batches that do not concern it', async () => {
  const c = await circle(3);
  await settled(c, [
    [1, 300n],
    [2, -300n],
  ]);
  const begun = await scene.chain.now();
  await scene.chain.advance(10);
  await scene.revoke(c.people[0]!, c.id, scene.batch);
  await scene.chain.advance(Number(2n * DAY) - 120);
  const rows: readonly Row[] = [
    [1, -400n],
    [2, 400n],
  ];
  const under1 = await under(c, rows, { begin: begun, end: begun + DAY });
  await scene.chain.advance(130);
  // The notice is over, but a batch that its authorization covers is under way: what exceeds the limit leaves, no more.
  await reverts(claim(c, c.people[0]!, 301n), 'NothingToClaim');
  await claim(c, c.people[0]!, 300n);
  await expectNoFault(under1, c.tree, 1);
  await reverts(
    scene.authorize(c.people[0]!, c.id, { perObligation: 0n, amount: 0n }, undefined, scene.batch),
    'BatchUnderWay',
  );
  await scene.chain.advance(Number(WINDOW));
  await settle(under1);
  c.tree.apply(rows);
  const later = await under(c, [
    [2, -1n],
    [3, 1n],
  ]);
  await claim(c, c.people[0]!, 600n);
  await expectNoFault(later, c.tree, 2);
});

test('who joins late, or raises its limits, disturbs no batch under way', async () => {
  const registrar = account('registrar');
  const c = await circle(2, { registrar: registrar.address });
  const batch = await under(c, [
    [1, -10n],
    [2, 10n],
  ]);
  const late = account('late');
  await scene.fund(late, 50n);
  const { proof } = await scene.sign(scene.terms_, 'Admission', registrar, { agreement: c.id, account: late.address });
  await scene.authorize(late, c.id, { amount: 50n, perObligation: 50n }, proof, scene.batch);
  await scene.fund(c.people[0]!, 50n);
  await scene.authorize(
    c.people[0]!,
    c.id,
    { amount: 50n, perObligation: 500n, until: (await scene.chain.now()) + 400n * DAY },
    undefined,
    scene.batch,
  );
  await reverts(
    scene.authorize(
      c.people[0]!,
      c.id,
      { amount: 0n, perObligation: 5_000n, until: (await scene.chain.now()) + 400n * DAY },
      undefined,
      scene.batch,
    ),
    'BadAuthorization',
  );
  await scene.chain.advance(Number(WINDOW));
  await settle(batch);
});

test('rows in many chunks: each is published and refuted by itself', async () => {
  const c = await circle(1);
  const rows: Row[] = Array.from({ length: 2_500 }, (_, i) => [i + 1, i % 2 === 0 ? -3n : 3n]);
  const batch = await under(c, rows);
  await reverts(refuteRow(batch, 1500, 0), 'BadRows');
  await reverts(refuteRow(batch, 1500, 2), 'BadRows');
  await reverts(scene.send(scene.batch, 'refuteRow', [batch.what, 1500, 1n, batch.bytes[0]]), 'BadRows');
  await refuteRow(batch, 2400, 2);
});

test('a member stands in one row of a batch, also where its chunks are published one by one', async () => {
  const c = await circle(1);
  const first: Row[] = Array.from({ length: 1024 }, (_, i) => [i + 1, i % 2 === 0 ? -3n : 3n]);
  for (const again of [1n, 1023n, 1024n]) {
    const batch = await batchOf(c, [...first, [Number(again), -3n], [1025, 3n]]);
    await announce(batch);
    await reverts(publish(batch), 'BadRow');
    const { completeAt, lastNumber } = (await scene.read(scene.batch, 'getBatch', [c.id])) as Record<string, unknown>;
    assert.deepEqual([completeAt, lastNumber], [0n, 1024]);
    await scene.chain.advance(Number(2n * DAY) + 5);
    await scene.send(scene.batch, 'expire', [batch.what]);
  }
});

test('a batch whose rows never come is freed', async () => {
  const c = await circle(2);
  const batch = await batchOf(c, [
    [1, -10n],
    [2, 10n],
  ]);
  await announce(batch);
  await scene.chain.advance(Number(2n * DAY) + 5);
  await scene.send(scene.batch, 'expire', [batch.what]);
  await settled(c, batch.rows);
});
