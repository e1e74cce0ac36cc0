import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type BatchAct, EMPTY_POSITIONS, type Hex, signDigest } from '@trine/protocol';
import { decodeFunctionData, toHex } from 'viem';
import { actCall } from './acts.ts';
import { readBalance } from './agreements.ts';
import { BatchHistory, rowsOf } from './batch-history.ts';
import {
  admissionDigest,
  claimCall,
  endContestCall,
  expireCall,
  joinCall,
  leaveCall,
  publishCalls,
  readBatch,
  readBatchObligation,
  readMember,
  readNumber,
  readRoot,
  refuteLockCall,
  refutePositionCall,
  refuteRowCall,
  settleBatchCall,
} from './batches.ts';
import { batchSettlementAbi, type Call } from './contracts.ts';
import { type Circle, forwarderOf, rows, settled, startCircle, underWay, WINDOW_S } from './testing/circle.ts';
import { type Account, accountOf } from './testing/network.ts';

const refused = (name: string) => (error: { revert?: { name: string } }) => error.revert?.name === name;

async function history({ chain, contracts, agreement }: Circle): Promise<BatchHistory> {
  const read = new BatchHistory(chain, contracts, agreement);
  await read.follow(await chain.finalBlock());
  return read;
}

test('a batch from joining to the claim; who only reads the chain knows as much', async (t) => {
  const circle = await startCircle(t, { members: 3 });
  const { chain, contracts, agreement, people, send, tree } = circle;
  const [first, second] = people as [(typeof people)[0], (typeof people)[0]];
  assert.equal(await readRoot(chain, contracts, agreement), EMPTY_POSITIONS);
  assert.equal(await readNumber(chain, contracts, agreement, second.address), 2);
  assert.equal(await readNumber(chain, contracts, agreement, circle.network.operator.address), undefined);
  const member = await readMember(chain, contracts, agreement, 2);
  assert.deepEqual([member.account, member.stake, member.perObligation], [second.address, 1_000n, 400n]);
  await assert.rejects(readMember(chain, contracts, agreement, 4), /Nobody has the number 4/);

  const batch = await circle.batchOf(tree, rows([1, -300n], [2, 100n], [3, 200n]));
  await circle.announce(batch);
  const announced = await history(circle);
  assert.deepEqual(announced.underWay?.intent, batch.intent);
  assert.equal(announced.underWay?.isComplete, false);
  assert.deepEqual((await readBatch(chain, contracts, agreement))?.hashes, batch.hashes);
  await circle.publish(batch);
  await announced.follow(await chain.finalBlock());
  assert.ok(announced.underWay?.isComplete);
  assert.deepEqual(rowsOf(announced.underWay!), batch.rows);
  assert.ok(((await readBatch(chain, contracts, agreement))?.completeAt as bigint) > 0n);
  await circle.pass(WINDOW_S);
  await send(settleBatchCall(batch.intent));
  tree.apply(batch.rows);
  assert.equal(await readBatch(chain, contracts, agreement), undefined);
  const { obligation } = batch.intent;
  assert.equal((await readBatchObligation(chain, contracts, agreement, obligation)).phase, 'settled');
  await settled(circle, rows([1, -50n], [3, 50n]));

  const read = await history(circle);
  await announced.follow(await chain.finalBlock());
  for (const known of [read, announced]) {
    assert.equal(known.positions.root(), await readRoot(chain, contracts, agreement));
    assert.deepEqual(new Map(known.positions.entries()), new Map([[1, -350n], [2, 100n], [3, 250n]])); // biome-ignore format: one line
    assert.deepEqual(
      [...known.members.values()],
      people.map(({ address }) => address),
    );
    assert.equal(known.underWay, undefined);
    assert.equal(known.problem, undefined);
  }
  const claim = { agreement, account: second.address, amount: 100n, ...circle.once() };
  const proof = circle.sign({ kind: 'claim', ...claim }, second);
  await assert.rejects(send(claimCall(contracts, claim, tree.prove(3), proof)), refused('NotAllowed'));
  await assert.rejects(send(claimCall(contracts, claim, read.positions.prove(2))), refused('BadSignature'));
  await send(claimCall(contracts, claim, read.positions.prove(2), proof));
  assert.equal(await readBalance(chain, contracts, second.address), 100n);
  await assert.rejects(send(claimCall(contracts, claim, read.positions.prove(2), proof)), refused('NonceUsed'));
  // Who leaves sends its word itself here: it signs nothing.
  const leave = { agreement, account: first.address, ...circle.once() };
  await send(leaveCall(contracts, leave), first);
  assert.ok((await readMember(chain, contracts, agreement, 1)).cover.revokedAt > 0n);
});

test('who is not listed joins with the registrar’s word', async (t) => {
  const registrar = accountOf('circle', 'registrar');
  const circle = await startCircle(t, { members: 1, terms: { registrar: registrar.address } });
  const { chain, contracts, agreement } = circle;
  const late = accountOf('circle', 'payer');
  await circle.fund(late, 500n);
  const limits = { amount: 500n, perObligation: 500n };
  await assert.rejects(circle.enter(late, limits), refused('BadSignature'));
  const digest = admissionDigest(chain.chainId, contracts, { agreement, account: late.address });
  await circle.enter(late, limits, { signer: '0x', signature: signDigest(digest, registrar.bytes) });
  assert.equal(await readNumber(chain, contracts, agreement, late.address), 2);
  const more = {
    agreement,
    account: late.address,
    ...limits,
    amount: 1n,
    from: 0n,
    until: 2n ** 40n,
    ...circle.once(),
  };
  await circle.fund(late, 1n);
  await circle.send(joinCall(contracts, more), late);
  assert.equal((await readMember(chain, contracts, agreement, 2)).stake, 501n);
});

test('what is published fits into transactions: bytes, gas, chunks', async (t) => {
  const circle = await startCircle(t, { members: 1 });
  // The dearest rows there are, as many as one transaction takes, and some: no byte of them is zero.
  const count = 10 * 1024 + 2;
  const [large, start] = [0x3f_ff_ff_ff_ff_ff_ff_ffn, 2 ** 31];
  const many = Array.from({ length: count }, (_, i) => ({
    ...{ number: start + 257 * i + (i % 2), amount: i % 2 === 0 ? large : -large },
  }));
  const batch = await circle.batchOf(circle.tree, many, { after: circle.tree });
  const calls = publishCalls(batch.intent, batch);
  assert.deepEqual(calls.length, 2);
  for (const { data } of calls) assert.ok(data.length / 2 < 128_000 - 500);
  await circle.announce(batch);
  const gas: bigint[] = [];
  for (const call of calls) gas.push((await circle.send(call)).gasUsed);
  t.diagnostic(`${gas.join(' and ')} gas`);
  assert.ok(gas.every((one) => one < 2n ** 24n));
  const read = await history(circle);
  assert.deepEqual(rowsOf(read.underWay!), many);
  await circle.send(refuteRowCall(batch.intent, many.at(-1)!.number, { index: 10, rows: batch.chunks[10]! }));
  await read.follow(await circle.chain.finalBlock());
  assert.equal(read.underWay, undefined);
});

test('each refutation is taken where there is that fault, and refused where there is none', async (t) => {
  const circle = await startCircle(t, { members: 2 });
  const { tree, send } = circle;
  const good = rows([1, -400n], [2, 400n]);
  await settled(circle, good);
  await settled(circle, good);
  const short = await underWay(circle, tree, rows([1, -201n], [2, 201n]));
  const shown = { index: 0, rows: short.chunks[0]! };
  await assert.rejects(send(refuteRowCall(short.intent, 1, shown)), refused('NotRefuted'));
  const positions = [tree.prove(1), short.after.prove(1)] as const;
  await assert.rejects(send(refutePositionCall(short.intent, shown, ...positions)), refused('NotRefuted'));
  await send(refuteLockCall(short.intent, shown, tree.prove(1)));
  const wrong = await underWay(circle, tree, rows([1, -1n], [2, 1n]), {
    after: tree.clone().apply(rows([1, -1n], [2, 2n])),
  });
  const part = { index: 0, rows: wrong.chunks[0]! };
  await assert.rejects(send(refuteLockCall(wrong.intent, part, tree.prove(1))), refused('NotRefuted'));
  await send(refutePositionCall(wrong.intent, part, tree.prove(2), wrong.after.prove(2)));
});

test('a contest takes the bond until the arbiter, or time, gives it back', async (t) => {
  const circle = await startCircle(t, { members: 3 });
  const { contracts, agreement, people, send, chain, network } = circle;
  const { intent } = await settled(circle, rows([1, -10n], [2, 10n]));
  const about = { agreement, obligation: intent.obligation };
  const balance = (account: Hex) => readBalance(chain, contracts, account);
  const submit = (act: BatchAct, by: Account) =>
    send(actCall(contracts, act, { settler: contracts.batch, signature: circle.sign(act, by).signature }));
  const contests = people.map((who) => ({
    ...{ ...about, account: who.address, statement: network.word('wrong'), ...circle.once() },
  }));
  for (const [i, who] of people.entries()) {
    await circle.fund(who, 50n);
    await submit({ kind: 'contest', ...contests[i]! }, who);
    assert.equal(await balance(who.address), 0n);
  }
  for (const [i, justified] of [true, false].entries()) {
    const ruling = { ...about, account: people[i]!.address, justified, ...circle.once() };
    await submit({ kind: 'rule-contest', ...ruling }, network.arbiter);
  }
  const end = endContestCall(contracts, contests[2]!);
  await assert.rejects(send(end), refused('TooEarly'));
  await circle.pass(3_601n);
  await send(end);
  assert.deepEqual(await Promise.all(people.map(({ address }) => balance(address))), [50n, 0n, 50n]);
});

test('batches that are replaced, held and dropped, or expire leave no rows behind', async (t) => {
  const circle = await startCircle(t, { members: 2 });
  const { tree, send, chain } = circle;
  const read = await history(circle);
  const first = await underWay(circle, tree, rows([1, -10n], [2, 10n]));
  const supersedes = (await readBatchObligation(chain, circle.contracts, circle.agreement, first.intent.obligation))
    .intent;
  const over = { obligation: first.intent.obligation, supersedes };
  const second = await underWay(circle, tree, rows([1, -20n], [2, 20n]), { over });
  await read.follow(await chain.finalBlock());
  assert.deepEqual(rowsOf(read.underWay!), second.rows);
  await circle.arbiter('hold', second.intent);
  await circle.arbiter('drop', second.intent);
  await read.follow(await chain.finalBlock());
  assert.equal(read.underWay, undefined);
  const late = await circle.batchOf(tree, rows([1, -2n], [2, 2n]));
  await circle.announce(late);
  await circle.pass(31n * 86_400n);
  await send(expireCall(late.intent));
  await read.follow(await chain.finalBlock());
  assert.equal(read.underWay, undefined);
  await settled(circle, rows([1, -1n], [2, 1n]));
  await read.follow(await chain.finalBlock());
  assert.equal(read.positions.root(), tree.root());
  assert.equal(read.problem, undefined);
});

test('wherever the chain fails while it is read, reading goes on from there, and takes nothing twice', async (t) => {
  const circle = await startCircle(t, { members: 2 });
  await settled(circle, rows([1, -10n], [2, 10n]));
  const { chain, contracts, agreement, tree } = circle;
  // Chunk by chunk; rows of nobody count, too, where nobody refutes them.
  const many = Array.from({ length: 1_030 }, (_, i) => ({ number: i + 1, amount: i % 2 === 0 ? -1n : 1n }));
  const batch = await circle.batchOf(tree, many);
  await circle.announce(batch);
  for (const chunk of batch.chunks) {
    const [call] = publishCalls(batch.intent, { chunks: [chunk] });
    await circle.send(call!);
  }
  await circle.pass(WINDOW_S);
  await circle.settle(batch);
  tree.apply(many);
  const to = await chain.finalBlock();
  let failed = 0;
  for (let which = 1; ; which++) {
    let asked = 0;
    const request: typeof chain.request = (call) => {
      if (++asked === which) chain.failNext(call.method);
      return chain.request(call);
    };
    const read = new BatchHistory({ ...chain, request }, contracts, agreement);
    const error = await read.follow(to).catch((one: { problem?: string }) => one);
    if (error === undefined) break;
    assert.equal(error.problem, 'chain-lost');
    failed++;
    await read.follow(to);
    assert.equal(read.positions.root(), circle.tree.root());
    assert.equal(read.problem, undefined);
  }
  assert.equal(failed, 6, 'events, and of each batch what announced it and what published its chunks');
});

test('rows are taken only where everybody reads them: from a transaction that comes straight to the contract', async (t) => {
  const circle = await startCircle(t, { members: 2 });
  const { chain, contracts, agreement, tree } = circle;
  const forwarder = await forwarderOf(circle);
  const batch = await circle.batchOf(tree, rows([1, -10n], [2, 10n]));
  await circle.announce(batch, forwarder);
  const [call] = publishCalls(batch.intent, batch) as [Call];
  await assert.rejects(circle.send({ ...call, to: forwarder }), refused('NotAllowed'));
  assert.equal((await readBatch(chain, contracts, agreement))?.rows, 0);
  const read = await history(circle);
  assert.equal(read.underWay?.intent, undefined);
  await circle.send(call);
  await read.follow(await chain.finalBlock());
  assert.deepEqual(rowsOf(read.underWay!), batch.rows);
  assert.deepEqual(read.underWay?.intent, batch.intent);
});

test('calldata that is encoded oddly is read as the contract reads it', async (t) => {
  const circle = await startCircle(t, { members: 2 });
  const { chain, tree } = circle;
  const batch = await circle.batchOf(tree, rows([1, -10n], [2, 10n]));
  await circle.announce(batch);
  const [{ to, data }] = publishCalls(batch.intent, batch) as [Call];
  // Words after the selector: 0 where the intent begins, 1 where the rows do; of the intent word 8 says where entries are.
  const words = (data.slice(10).match(/.{64}/g) as string[]).slice();
  const [intent, bytes] = [words.slice(2, 20), words.slice(21)];
  assert.equal(BigInt(`0x${bytes[0]}`), 24n);
  const word = (value: bigint) => toHex(BigInt.asUintN(256, value), { size: 32 }).slice(2);
  // The rows first, then a word of zero, then the intent, whose empty entries are that word before it.
  intent[8] = word(-32n);
  const odd = [word(32n * 5n), word(64n), ...bytes, word(0n), ...intent];
  const input: Hex = `0x${data.slice(2, 10)}${odd.join('')}`;
  assert.throws(() => decodeFunctionData({ abi: batchSettlementAbi, data: input }), 'strict readers do not take it');
  await circle.send({ to, data: input });
  const read = await history(circle);
  assert.equal(read.underWay?.isComplete, true);
  assert.deepEqual(rowsOf(read.underWay!), batch.rows);
  assert.deepEqual(read.underWay?.intent, batch.intent);
  await circle.pass(WINDOW_S);
  await circle.settle(batch);
  await read.follow(await chain.finalBlock());
  assert.equal(read.problem, undefined);
  assert.equal(read.positions.root(), batch.after.root());
});
