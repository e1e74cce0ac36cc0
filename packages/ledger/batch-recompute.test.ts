import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type BatchRow, intentDigest, type Positions } from '@trine/protocol';
import { RootSteps } from './batch-recompute.ts';
import { readBatchObligation, readRecomputed } from './batches.ts';
import type { Call } from './contracts.ts';
import { type Batch, type Circle, rows, settled, startCircle, underWay } from './testing/circle.ts';

/** Numbers as far from one another as so many can be, from the end of the tree; amounts of which no byte is zero. */
function scattered(count: number): BatchRow[] {
  const every = Math.floor(2 ** 20 / count);
  const large = 0x3f_ff_ff_ff_ff_ff_ff_ffn;
  return Array.from({ length: count }, (_, i) => ({ number: (i + 1) * every - 1, amount: i % 2 ? large : -large }));
}
/** Under a root that is another by a leaf of which nobody knows. */
const hidden = (circle: Circle, made: readonly BatchRow[]): Promise<Batch> => {
  const after: Positions = circle.tree.clone().apply(made);
  return underWay(circle, circle.tree, made, { after: after.apply(rows([777_777, 5n])) });
};
const account = ({ network }: Circle) => network.operator.address;
async function phaseOf({ chain, contracts, agreement }: Circle, { intent }: Batch) {
  return (await readBatchObligation(chain, contracts, agreement, intent.obligation)).phase;
}

/** Refutes, with a reader of the chain that is new before every step. @returns what each took */
async function refute(circle: Circle, batch: Batch) {
  const { chain, contracts, agreement, tree, send } = circle;
  const { intent, chunks } = batch;
  const took: { readonly bytes: number; readonly gas: bigint }[] = [];
  while ((await phaseOf(circle, batch)) === 'announced') {
    const about = { intent: intentDigest(intent), account: account(circle) };
    const done = await readRecomputed(chain, contracts, agreement, about);
    const { data, to } = new RootSteps({ intent, chunks, positions: tree }).after(done) as Call;
    took.push({ bytes: data.length / 2 - 1, gas: (await send({ to, data })).gasUsed });
  }
  return took;
}

test('steps fit into transactions, as full as they may be: bytes and gas, also where every node is needed', async (t) => {
  const circle = await startCircle(t, { members: 1 });
  const made = scattered(1_100);
  // Positions before that have no zero byte either: nobody looked.
  await settled(circle, made);
  const steps = await refute(circle, await hidden(circle, made));
  t.diagnostic(`${steps.map(({ bytes, gas }) => `${bytes} bytes ${gas} gas`).join(', ')}`);
  // Sent with a quarter more than it is estimated to take.
  for (const { bytes, gas } of steps) assert.ok(bytes < 128_000 - 500 && gas < (2n ** 24n * 4n) / 5n);
  assert.ok(steps.length > 2);
  for (const { bytes } of steps.slice(0, -2)) assert.ok(bytes > 125_000, String(bytes));
});

test('numbers that lie together take a step for each chunk', async (t) => {
  const circle = await startCircle(t, { members: 1 });
  const made = Array.from({ length: 1_500 }, (_, i) => ({ number: i + 1, amount: i % 2 ? 3n : -3n }));
  const steps = await refute(circle, await hidden(circle, made));
  t.diagnostic(`${steps.map(({ bytes, gas }) => `${bytes} bytes ${gas} gas`).join(', ')}`);
  assert.equal(steps.length, 2);
});

test('one reader goes on, goes back, and is at its end; what another account did is not counted', async (t) => {
  const circle = await startCircle(t, { members: 3 });
  const { chain, contracts, agreement, people } = circle;
  const made = rows([1, -9n], [2, 4n], [3, 5n]);
  const batch = await underWay(circle, circle.tree, made);
  const steps = new RootSteps({ ...batch, positions: circle.tree, bytesMax: 0 });
  assert.equal(steps.count, 3);
  const about = (by: typeof account) => ({ intent: intentDigest(batch.intent), account: by(circle) });
  const done = () => readRecomputed(chain, contracts, agreement, about(account));
  const first = steps.after(await done()) as Call;
  await circle.send(first, people[0]!);
  assert.deepEqual(await done(), { chunks: 0, rows: 0 });
  await circle.send(first);
  assert.deepEqual(await done(), { chunks: 0, rows: 1 });
  const second = steps.after(await done()) as Call;
  // As after blocks that were taken back, and again.
  assert.deepEqual(steps.after({ chunks: 0, rows: 0 }), first);
  assert.deepEqual(steps.after({ chunks: 0, rows: 1 }), second);
  await circle.send(second);
  await circle.send(steps.after(await done()) as Call);
  assert.deepEqual(await done(), { chunks: 1, rows: 0 });
  assert.equal(steps.after(await done()), undefined);
  assert.equal(await phaseOf(circle, batch), 'announced', 'a true root stands');
});
