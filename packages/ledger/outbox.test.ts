import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { findSettlement } from './agreements.ts';
import type { Chain } from './chain.ts';
import { startEmbedded } from './embedded.ts';
import { Outbox } from './outbox.ts';
import { actKind, type OutboxKind } from './outbox-kinds.ts';
import { OutboxStore } from './outbox-store.ts';
import { fundedKeys, setUp } from './testing/network.ts';
import { until } from './testing/until.ts';
import { VirtualTime } from './testing/virtual-time.ts';
import { sendCall } from './transactions.ts';

const SEED = 'outbox tests';
const newFolder = (t: { after(f: () => void): void }) => {
  const folder = mkdtempSync(join(tmpdir(), 'trine-test-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
};
const start = (folder: string) =>
  startEmbedded({ folder: join(folder, 'chain'), chainId: 31_998n, keys: fundedKeys(SEED), blockIntervalMs: 40 });

test('what a chain loses with its last blocks is sent again, and paid once', async (t) => {
  const folder = newFolder(t);
  let chain = await start(folder);
  let network = await setUp(chain, SEED, folder);
  await chain.stop(); // a whole copy with everything set up
  chain = await start(folder);
  const copies = new Set(readdirSync(join(folder, 'chain', 'state')));
  network = await setUp(chain, SEED, folder);
  const options = (on: Chain) => ({
    ...{ chain: on, senderKey: network.operator.key, kinds: network.kinds },
    ...{ file: join(folder, 'outbox.sqlite'), pollMs: 20 },
  });
  // A chain on which nothing is final yet: the payment is in a block, the outbox still holds it.
  const outbox = new Outbox(options({ ...chain, finalBlock: () => Promise.resolve(-1n) }));
  const payload = network.decide('lost', 42n);
  const anchor = network.kinds.anchor;
  const item = outbox.enqueue('settle', payload);
  await sendCall(chain, network.operator.key, await anchor.call(network.checkpoint()));
  outbox.retry(item.id);
  const paid = () =>
    findSettlement(network.chain, network.contracts, network.agreement, network.intentFor('lost', 42n).obligation);
  await until('in a block', async () => (await paid()) !== undefined);
  assert.equal(outbox.get(item.id)?.state, 'submitted');
  await outbox.stop();
  await chain.stop();

  // The copies written since are lost, and with them the anchor and the payment.
  for (const name of readdirSync(join(folder, 'chain', 'state')))
    if (!copies.has(name)) rmSync(join(folder, 'chain', 'state', name));
  chain = await start(folder);
  t.after(() => chain.stop());
  const log = network.log;
  network = await setUp(chain, SEED, folder);
  network.log.append(...log.leaves);
  assert.equal(await paid(), undefined);
  const again = new Outbox(options(chain));
  again.enqueue('anchor', network.checkpoint());
  again.retry(item.id);
  await until('paid again', () => again.get(item.id)?.state === 'confirmed');
  assert.equal(again.get(item.id)?.txHash, (await paid())?.txHash);
  await again.stop();
});

test('items, their states and their order survive a restart', (t) => {
  const file = join(newFolder(t), 'outbox.sqlite');
  let store = new OutboxStore(file);
  assert.ok(store.add({ id: 'a:1', kind: 'a', lane: 'x', payload: { n: 1 } }, 5));
  assert.ok(store.add({ id: 'a:2', kind: 'a', lane: 'x', payload: { n: 2 } }, 5));
  assert.ok(store.add({ id: 'b:1', kind: 'b', lane: null, payload: {} }, 6));
  assert.equal(store.add({ id: 'a:1', kind: 'a', lane: 'x', payload: { n: 3 } }, 7), false);
  store.update('b:1', { state: 'submitted', nonce: 4, raw: '0x01', txHash: '0x02' });
  store.close();
  store = new OutboxStore(file);
  assert.deepEqual(store.get('a:1')?.payload, { n: 1 });
  assert.deepEqual(
    store.due(10, 10).map(({ id }) => id),
    ['a:1'], // the second of the lane waits for the first
  );
  store.update('a:1', { state: 'confirmed' });
  assert.deepEqual(
    store.due(10, 10).map(({ id }) => id),
    ['a:2'],
  );
  assert.equal(store.submitted()[0]?.nonce, 4);
  assert.equal(store.nextDueAt(), 5);
  assert.deepEqual(store.counts(), { queued: 1, submitted: 1, confirmed: 1, refused: 0 });
  store.close();
});

test('what anybody hands in fills an outbox no further than its kind says: there is room for everything else', async () => {
  const time = new VirtualTime();
  const request = () => Promise.reject(new Error('nothing is answered'));
  const chain = { clock: time, timers: time, kind: 'embedded', problem: () => undefined, request } as unknown as Chain;
  const own: OutboxKind<string> = {
    ...{ key: (text) => text, lane: () => null, findDone: async () => undefined },
    call: () => Promise.reject(new Error('nothing is to be sent')),
  };
  const { queuedMax = 0 } = actKind;
  assert.ok(queuedMax > 0);
  const kinds = { own, act: { ...own, queuedMax } };
  const outbox = new Outbox({ chain, senderKey: `0x${'11'.repeat(32)}`, file: ':memory:', kinds });
  for (let i = 0; i < queuedMax; i++) outbox.enqueue('act', `${i}`);
  assert.throws(() => outbox.enqueue('act', 'one more'), { name: 'OutboxFullError', code: 'overloaded' });
  assert.equal(outbox.enqueue('act', '7').state, 'queued', 'the same again is no more');
  for (let i = 0; i < queuedMax; i++) outbox.enqueue('own', `${i}`);
  assert.throws(() => outbox.enqueue('own', 'one more'), { name: 'OutboxFullError' });
  await outbox.stop();
});

test('at whichever turn something is enqueued, it is done at once, and nothing is asked when all is done', async () => {
  for (let at = 0; at < 80; at++) {
    const time = new VirtualTime();
    let asked = 0;
    const chain = {
      ...{ clock: time, timers: time, kind: 'embedded', problem: () => undefined },
      request: async () => {
        asked++;
        return '0x0';
      },
      finalBlock: async () => 9n,
      refresh: async () => undefined,
    } as unknown as Chain;
    const done: OutboxKind<string> = {
      ...{ key: (text) => text, lane: () => null },
      findDone: async () => ({ txHash: '0x01', blockNumber: 1n }),
      call: () => Promise.reject(new Error('nothing is to be sent')),
    };
    const outbox = new Outbox({ chain, senderKey: `0x${'11'.repeat(32)}`, file: ':memory:', kinds: { done } });
    outbox.enqueue('done', 'first');
    for (let turn = 0; turn < at; turn++) await undefined;
    outbox.enqueue('done', 'second');
    await time.pass(0);
    assert.deepEqual(outbox.counts(), { queued: 0, submitted: 0, confirmed: 2, refused: 0 }, `at ${at}`);
    const before = asked;
    await time.pass(3_600_000);
    assert.equal(asked, before);
    assert.equal(time.waiting, 0);
    await outbox.stop();
  }
});
