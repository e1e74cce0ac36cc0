// A batch on its way by the outbox: announced, its rows published one transaction after the other, settled; over a chain that
// fails, forgets and takes blocks back, and restarts in between.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { encodeIntent, hexOf, intentDigest, intentLeaf, signDigest } from '@trine/protocol';
import { BatchHistory, rowsOf } from './batch-history.ts';
import { readBatch, readBatchObligation, refuteRowCall } from './batches.ts';
import { Outbox } from './outbox.ts';
import { publishKind, publishPayloads, refuteKind, refutePayload } from './outbox-batches.ts';
import { settlePayload } from './outbox-kinds.ts';
import { startCircle, WINDOW_S } from './testing/circle.ts';
import type { MemoryOptions } from './testing/memory-chain.ts';
import { ORIGIN } from './testing/network.ts';

/** Two transactions of rows. */
const ROWS = 10_300;
const made = Array.from({ length: ROWS }, (_, i) => ({ number: i + 1, amount: i % 2 === 0 ? -5n : 5n }));

async function scene(t: TestContext, chainOptions: Partial<MemoryOptions> = {}) {
  const circle = await startCircle(t, { members: 2, chain: chainOptions });
  const { chain, contracts, network, agreement, time } = circle;
  const folder = mkdtempSync(join(tmpdir(), 'trine-test-'));
  const kinds = { ...network.kinds, publish: publishKind(chain, contracts), refute: refuteKind };
  const opened: Outbox[] = [];
  const open = () => {
    const file = join(folder, 'outbox.sqlite');
    const outbox = new Outbox({ chain, senderKey: network.operator.key, kinds, file });
    opened.push(outbox);
    return outbox;
  };
  t.after(async () => {
    for (const outbox of opened) await outbox.stop();
    rmSync(folder, { recursive: true, force: true });
  });
  const batch = await circle.batchOf(circle.tree, made);
  const { intent, hashes, chunks } = batch;
  network.log.append(intentLeaf(intent));
  await circle.send(await network.kinds.anchor.call(network.checkpoint()));
  const signatures = [signDigest(intentDigest(intent), network.decider.bytes)];
  const payload = settlePayload(intent, signatures, ORIGIN, BigInt(network.log.size - 1), { hashes });
  const rows = publishPayloads(hexOf(encodeIntent(intent)), chunks);
  const phase = async () => (await readBatchObligation(chain, contracts, agreement, intent.obligation)).phase;
  return { ...circle, open, batch, payload, rows, phase, time };
}

test('rows go out in two transactions, in their order, however they are queued; settled after the window, once', async (t) => {
  const { open, payload, rows, phase, time, pass, chain, contracts, agreement } = await scene(t);
  const outbox = open();
  assert.deepEqual(
    rows.map(({ from, to }) => [from, to]),
    [
      ['0', '10240'],
      ['10240', '10300'],
    ],
  );
  // Before it is announced nothing is published, and it waits.
  const published = rows.map((one) => outbox.enqueue('publish', one).id);
  const settle = outbox.enqueue('settle', payload).id;
  await time.pass(5_000);
  assert.equal(outbox.get(published[0] as string)?.state, 'queued');
  const announce = outbox.enqueue('announce', payload).id;
  const done = (id: string | undefined) => outbox.get(id as string)?.state === 'confirmed';
  await time.until('announced and published', () => done(announce) && published.every(done));
  assert.equal((await readBatch(chain, contracts, agreement))?.rows, ROWS);
  assert.equal(await phase(), 'announced');
  assert.notEqual(outbox.get(settle)?.state, 'refused');
  await pass(WINDOW_S);
  outbox.retry(settle);
  await time.until('settled', () => done(settle));
  assert.equal(await phase(), 'settled');
});

/** Blocks that are final are not taken back. */
function isFinal(error: unknown): void {
  if (!(error instanceof RangeError)) throw error;
}

for (const confirmations of [1, 3])
  test(`faults of every kind, and restarts, ${confirmations} confirmations: every row once, in order, and settled once`, async (t) => {
    const { open, payload, rows, phase, time, pass, chain, contracts, agreement } = await scene(t, { confirmations });
    let outbox = open();
    let seed = 11 + confirmations;
    const random = (n: number) => {
      seed = (seed * 48_271) % 2_147_483_647;
      return seed % n;
    };
    const wanted: [string, unknown][] = [
      ['announce', payload],
      ...rows.map((one): [string, unknown] => ['publish', one]),
    ];
    const isDone = () => wanted.every(([kind, one]) => outbox.enqueue(kind, one).state === 'confirmed');
    for (let step = 0; step < 400 && !isDone(); step++) {
      const what = random(8);
      if (what === 0) chain.failNext();
      else if (what === 1) chain.dropNext(1);
      else if (what === 2 && confirmations > 1)
        await chain.reorg(1 + random(confirmations - 1), random(2) ? 'lost' : 'wait').catch(isFinal);
      else if (what === 3) {
        await outbox.stop();
        outbox = open();
      }
      await time.pass(500 + random(1_500));
      await chain.mine();
    }
    assert.ok(isDone());
    const history = new BatchHistory(chain, contracts, agreement);
    await history.follow(await chain.finalBlock());
    assert.ok(history.underWay?.isComplete);
    assert.deepEqual(rowsOf(history.underWay), made);
    await pass(WINDOW_S);
    const { id } = outbox.enqueue('settle', payload);
    for (let step = 0; step < 60 && outbox.get(id)?.state !== 'confirmed'; step++) {
      if (step === 3 && confirmations > 1) await chain.reorg(2, 'lost');
      await time.pass(1_000);
      await chain.mine();
    }
    assert.equal(await phase(), 'settled');
    assert.equal(outbox.get(id)?.state, 'confirmed');
  });

test('rows of a batch that is gone are not published any more; what refutes is handed in once', async (t) => {
  const { open, payload, rows, phase, time, batch } = await scene(t);
  const outbox = open();
  const announce = outbox.enqueue('announce', payload).id;
  const [first, second] = rows.map((one) => outbox.enqueue('publish', one).id) as [string, string];
  await time.until('published', () => outbox.get(second)?.state === 'confirmed');
  assert.equal(outbox.get(announce)?.state, 'confirmed');
  // Number 3 is nobody's.
  const call = refuteRowCall(batch.intent, 3, { index: 0, rows: batch.chunks[0] as Uint8Array });
  const refute = outbox.enqueue('refute', refutePayload(call));
  assert.equal(outbox.enqueue('refute', refutePayload(call)).id, refute.id);
  await time.until('refuted', () => outbox.get(refute.id)?.state === 'confirmed');
  assert.equal(await phase(), 'none');
  assert.equal(outbox.get(first)?.state, 'confirmed');
  const again = refuteRowCall(batch.intent, 4, { index: 0, rows: batch.chunks[0] as Uint8Array });
  const late = outbox.enqueue('refute', refutePayload(again));
  await time.until(
    'that somebody did it',
    () => outbox.get(late.id)?.state !== 'queued' && outbox.get(late.id)?.state !== 'submitted',
  );
  assert.equal(outbox.get(late.id)?.state, 'confirmed');
});
