// Who signs as a decider and means ill, or sees a payment coming, against batches: what each attack gains.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  concatHex,
  encodeFunctionData,
  type Hex,
  keccak256,
  type PrivateKeyAccount,
  size,
  toFunctionSelector,
  toHex,
  zeroAddress,
  zeroHash,
} from 'viem';
import { batchSettlementAbi } from '../artifacts/BatchSettlement.ts';
import { account } from './chain.ts';
import { startCircles } from './circle.ts';
import { CHUNK_ROWS, type PositionTree, type Row } from './positions.ts';
import { reverts } from './scene.ts';
import { DAY, PAY, WINDOW } from './settlement-scene.ts';

const { scene, circle, batchOf, announce, publish, settle, under, settled, claim, refuteRow, refutePosition } =
  await startCircles();

type Batch = Awaited<ReturnType<typeof batchOf>>;
/** Recomputes some rows from the positions before them and the rows alone. */
async function recompute(
  { what, bytes, rows }: Batch,
  tree: PositionTree,
  at: number,
  count: number,
  by = scene.anyone as PrivateKeyAccount,
) {
  const numbers = rows.slice(at, at + count).map(([number]) => number);
  const before = numbers.map((number) => tree.of(number));
  const chunk = bytes[Math.floor(at / CHUNK_ROWS)];
  return scene.send(scene.batch, 'recompute', [what, chunk, before, tree.pathBeside(numbers)], by);
}

test('a root whose tree nobody shows is refuted by those who know the positions before and the rows', async () => {
  const c = await circle(3);
  const rows: readonly Row[] = [
    [1, -10n],
    [3, 10n],
  ];
  await settled(c, [
    [2, -5n],
    [3, 5n],
  ]);
  // The third member is to get everything. A leaf of noise elsewhere keeps everybody else from making the tree.
  const secret = c.tree
    .clone()
    .apply(rows)
    .set(3, 2015n)
    .set(777_777, BigInt(keccak256('0x07')) >> 140n);
  const theft = await under(c, rows, {}, secret);
  // What everybody knows is no proof under that root.
  const known = c.tree.clone().apply(rows);
  for (const number of [1, 2, 3]) {
    const shown = [theft.what, 0n, theft.bytes[0], c.tree.prove(number), { ...known.prove(number), position: 2015n }];
    await reverts(scene.send(scene.batch, 'refutePosition', shown), 'NotProven');
  }
  await reverts(recompute(theft, c.tree.clone().set(1, 1n), 0, 2), 'NotProven');
  // Who means to keep it makes a step of its own before each of another's: that one's does not fail by it.
  await recompute(theft, c.tree, 0, 1, account('thief'));
  await recompute(theft, c.tree, 0, 2);
  assert.equal(await scene.phaseOf(theft.what), 'none');
  await scene.chain.advance(Number(WINDOW));
  await reverts(settle(theft), 'BadRows');
  // The same, true, stands whoever recomputes it, in however many steps.
  const honest = await under(c, rows);
  await recompute(honest, c.tree, 0, 1);
  await recompute(honest, c.tree.clone().apply(rows.slice(0, 1)), 1, 1);
  await reverts(recompute(honest, c.tree, 0, 2), 'BadRows');
  await scene.chain.advance(Number(WINDOW));
  await settle(honest);
});

test('a root over many chunks is recomputed chunk by chunk, in their order, for less than a transaction may cost', async () => {
  const c = await circle(1);
  const rows: Row[] = Array.from({ length: 1_500 }, (_, i) => [7 * i + 1, i % 2 === 0 ? -3n : 3n]);
  const batch = await under(c, rows, {}, c.tree.clone().apply(rows).set(7_001, 5n));
  await reverts(recompute(batch, c.tree, 1_024, 476), 'BadRows');
  const first = await recompute(batch, c.tree, 0, 1_000);
  assert.ok(first.gasUsed < 2n ** 24n, String(first.gasUsed));
  // Whoever goes on reads how far it came, each for itself.
  const recomputed = async (who: Hex) =>
    (await scene.read(scene.batch, 'recomputedBy', [c.id, who])) as { intent: Hex; rows: number };
  const own = await recomputed(scene.anyone.address);
  assert.deepEqual([own.intent, own.rows], [await scene.digestOf(batch.what), 1_000]);
  assert.equal((await recomputed(scene.payer.address)).rows, 0);
  const at = (count: number) => c.tree.clone().apply(rows.slice(0, count));
  await recompute(batch, at(1_000), 1_000, 24);
  await recompute(batch, at(1_024), 1_024, 476);
  assert.equal(await scene.phaseOf(batch.what), 'none');
  // The true root of numbers that lie anyhow, over positions that are there already, stands.
  await settled(c, rows);
  const anyhow = [...new Set(Array.from({ length: 400 }, (_, i) => Number(BigInt(keccak256(toHex(i))) % 3_000n) + 1))];
  const mixed: Row[] = anyhow.sort((one, other) => one - other).map((number, i) => [number, i % 2 === 0 ? -2n : 2n]);
  const even = mixed.slice(0, mixed.length - (mixed.length % 2));
  const honest = await under(c, even);
  await recompute(honest, c.tree, 0, 150);
  await recompute(honest, c.tree.clone().apply(even.slice(0, 150)), 150, even.length - 150);
  await reverts(recompute(honest, c.tree, 0, 1), 'BadRows');
  assert.equal(await scene.phaseOf(honest.what), 'announced');
});

test('rows come in the calldata of a transaction to the contract, or not at all', async () => {
  const c = await circle(2);
  const batch = await batchOf(c, [
    [1, -10n],
    [2, 10n],
  ]);
  await announce(batch);
  const args = [batch.what, batch.bytes[0]];
  // A contract passes on what it is called with; it could as well have it in its code.
  const runtime = `365f5f375f5f365f5f73${scene.batch.slice(2)}5af13d5f5f3e602a573d5ffd5b3d5ff3`;
  const thief = account('thief');
  const wallet = await scene.chain.wallet(thief);
  const { chain, reader } = { chain: wallet.chain, reader: scene.chain.reader };
  const mined = async (hash: Hex) => reader.waitForTransactionReceipt({ hash });
  const deployed = await mined(await wallet.sendTransaction({ chain, data: `0x602e8060095f395ff3${runtime}` }));
  const forwarder = deployed.contractAddress as Hex;
  await reverts(scene.send(forwarder, 'publish', args, thief), 'NotAllowed');
  // One that is being made has no code yet: what it calls with stands in what makes it.
  const input = encodeFunctionData({ abi: batchSettlementAbi, functionName: 'publish', args: args as never });
  const length = toHex(size(input), { size: 2 }).slice(2);
  const calls = `61${length}60335f395f5f61${length}5f5f73${scene.batch.slice(2)}5af13d5f5f3e602f573d5ffd5b5f5ff3`;
  const making = scene.chain.request('eth_call', [{ from: thief.address, data: `0x${calls}${input.slice(2)}` }]);
  const notAllowed = toFunctionSelector('NotAllowed(address)');
  await assert.rejects(making, ({ data }: { data?: string }) => data?.slice(0, 10) === notAllowed);
  // An account that lends itself a contract's code (EIP-7702) is called by itself, and calls as itself.
  const lend = async (contractAddress: Hex) => {
    const authorizationList = [await wallet.signAuthorization({ contractAddress, executor: 'self' })];
    await mined(await wallet.sendTransaction({ chain, to: zeroAddress, authorizationList, gas: 200_000n }));
  };
  await lend(forwarder);
  assert.equal(await reader.getCode({ address: thief.address }), `0xef0100${forwarder.slice(2)}`);
  await reverts(scene.send(thief.address, 'publish', args, thief), 'NotAllowed');
  await reverts(scene.send(scene.batch, 'publish', args, thief), 'NotAllowed');
  await lend(zeroAddress);
  await scene.send(scene.batch, 'publish', args, thief);
  await scene.chain.advance(Number(WINDOW));
  await settle(batch);
});

test('what was refuted or replaced is not announced again by whoever kept it', async () => {
  const c = await circle(2);
  const above = await under(c, [
    [1, -401n],
    [2, 401n],
  ]);
  await refuteRow(above, 1);
  await reverts(announce(above), 'Discarded');
  const { obligation } = above.what;
  const rows: readonly Row[] = [
    [1, -10n],
    [2, 10n],
  ];
  const first = await batchOf(c, rows, { obligation });
  await announce(first);
  const second = await batchOf(
    c,
    [
      [1, -5n],
      [2, 5n],
    ],
    { obligation, supersedes: await scene.digestOf(first.what), deadline: (await scene.chain.now()) + WINDOW + 60n },
  );
  await announce(second);
  await scene.chain.advance(Number(WINDOW) + 120);
  await scene.send(scene.batch, 'expire', [second.what]);
  await reverts(announce(first), 'Discarded');
});

test('an obligation without a name is none: it would leave the place of the batch under way free', async () => {
  const c = await circle(2);
  const rows: readonly Row[] = [
    [1, -10n],
    [2, 10n],
  ];
  await reverts(announce(await batchOf(c, rows, { obligation: zeroHash })), 'NotAgreed');
});

test('an arbiter holds while the window is open, and not what may be settled', async () => {
  const c = await circle(2);
  const batch = await under(c, [
    [1, -10n],
    [2, 10n],
  ]);
  await scene.chain.advance(Number(WINDOW));
  await reverts(scene.hold(batch.what, scene.arbiter), 'TooLate');
  await settle(batch);
});

test('numbers at the ends of the tree: none at 0, none beyond, and no inner node poses as a position', async () => {
  const c = await circle(2);
  const rows: readonly Row[] = [
    [1, -10n],
    [2, 10n],
  ];
  // A position for the number that nobody has is refuted like any other.
  await refutePosition(await under(c, rows, {}, c.tree.clone().apply(rows).set(0, 900n)), c.tree, 0);
  const batch = await settled(c, rows);
  await reverts(claim(c, c.people[1]!, 1n, 0), 'NotAllowed');
  const prove = (number: number, over: object) => ({ ...c.tree.prove(number), ...over });
  const claimWith = async (shown: unknown) => {
    const message = { agreement: c.id, account: c.people[1]!.address, amount: 10n };
    const { act, proof } = await scene.sign(scene.batch, 'Claim', c.people[1]!, message);
    return scene.send(scene.batch, 'claim', [act, shown, proof]);
  };
  // The same place modulo the depth, a path with a node too few, too many, another's path.
  await reverts(claimWith(prove(2, { number: 2 + 2 ** 20 })), 'NotAllowed');
  await reverts(claimWith(prove(2, { path: c.tree.prove(2).path.slice(1) })), 'NotProven');
  await reverts(claimWith(prove(2, { path: [zeroHash, ...c.tree.prove(2).path] })), 'NotProven');
  await reverts(claimWith(prove(1, { number: 2 })), 'NotProven');
  await reverts(claimWith({ ...batch.after.prove(2), position: 11n }), 'NotProven');
  await claimWith(prove(2, {}));
  const beyond = await under(c, [
    [1, -10n],
    [2 ** 20 + 2, 10n],
  ]);
  await refuteRow(beyond, 2 ** 20 + 2);
});

test('chunks: none, an empty one, a short one before the last, one too long', async () => {
  const c = await circle(2);
  const rows: readonly Row[] = [
    [1, -10n],
    [2, 10n],
  ];
  const good = await batchOf(c, rows);
  const hashesTo = (hashes: Hex[]) => keccak256(concatHex(hashes));
  const none = { ...good, hashes: [], what: { ...good.what, rowsHash: keccak256('0x') as Hex } };
  await reverts(announce(none), 'Mismatch');
  const empty = [keccak256('0x')];
  const nothing = { ...good, hashes: empty, what: { ...good.what, rowsHash: hashesTo(empty) } };
  await announce(nothing);
  await reverts(publish({ ...nothing, bytes: ['0x'] }), 'BadRows');
  await reverts(publish({ ...nothing, bytes: [toHex(new Uint8Array(11))] }), 'BadRows');
  // Its rows never come: it is replaced or runs out.
  const supersedes = await scene.digestOf(nothing.what);
  const next = await batchOf(c, rows, { obligation: nothing.what.obligation, supersedes });
  await announce(next);
  await publish(next);
  await scene.chain.advance(Number(WINDOW));
  await settle(next);
});

test('a batch that the arbiter releases before its rows are there is not paid, and frees its place', async () => {
  const c = await circle(2);
  const batch = await batchOf(c, [
    [1, -10n],
    [2, 10n],
  ]);
  await announce(batch);
  await scene.hold(batch.what, scene.arbiter);
  await scene.rule(batch.what, PAY, scene.arbiter);
  await reverts(publish(batch), 'WrongPhase');
  await scene.chain.advance(Number(30n * DAY) + 5);
  await scene.send(scene.batch, 'expire', [batch.what]);
  assert.equal(await scene.phaseOf(batch.what), 'dropped');
});

test('a batch of as many chunks as there may be is announced and freed for less than a transaction may cost', async () => {
  const c = await circle(1);
  const hashes = Array.from({ length: 256 }, (_, i) => keccak256(toHex(i)));
  const empty = await batchOf(c, [[1, 1n]]);
  const what = { ...empty.what, rowCount: 256 * CHUNK_ROWS, rowsHash: keccak256(concatHex(hashes)) };
  const announced = await announce({ ...empty, what, hashes });
  assert.ok(announced.gasUsed < 2n ** 23n, String(announced.gasUsed));
  await scene.chain.advance(Number(2n * DAY) + 5);
  const freed = await scene.send(scene.batch, 'expire', [what]);
  assert.ok(freed.gasUsed < 2n ** 22n, String(freed.gasUsed));
  const more = [...hashes, hashes[0] as Hex];
  const tooMany = { ...what, rowCount: 257 * CHUNK_ROWS, rowsHash: keccak256(concatHex(more)) };
  const now = await scene.chain.now();
  await reverts(
    announce({ ...empty, what: { ...tooMany, begin: now, end: now, deadline: now + DAY }, hashes: more }),
    'Mismatch',
  );
});
