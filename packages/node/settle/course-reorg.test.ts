// What is pending, on a chain that takes blocks back.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { actCall, NEVER } from '@trine/ledger/acts.ts';
import type { OutboxItem } from '@trine/ledger/outbox-store.ts';
import { startMemory } from '@trine/ledger/testing/memory-chain.ts';
import { fundedKeys, setUp } from '@trine/ledger/testing/network.ts';
import { VirtualTime } from '@trine/ledger/testing/virtual-time.ts';
import { sendCall } from '@trine/ledger/transactions.ts';
import { type Agreement, intentDigest } from '@trine/protocol';
import { MemoryDisk } from '@trine/system/testing/memory-disk.ts';
import { Courses } from './course.ts';
import { SettleStore } from './settle-store.ts';

const SEED = 'course reorg';
const WINDOW_S = 3_600;

test('a hold that is taken back with its block is gone, though the chain is as high again', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'trine-test-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const time = new VirtualTime();
  const chain = await startMemory({
    ...{ chainId: 31_996n, keys: fundedKeys(SEED), clock: time, timers: time, confirmations: 3 },
  });
  let isSetUp = false;
  const setting = setUp(chain, SEED, folder, 1_000n, BigInt(WINDOW_S)).finally(() => {
    isSetUp = true;
  });
  while (!isSetUp) await time.pass(100);
  const network = await setting;
  const { contracts, payer, operator, kinds } = network;
  const does = async (work: Promise<unknown>) => {
    let isDone = false;
    const done = work.finally(() => {
      isDone = true;
    });
    while (!isDone) await time.pass(100);
    await done;
  };
  const payload = network.decide('held', 10n);
  const intent = network.intentFor('held', 10n);
  const digest = intentDigest(intent);
  await does(sendCall(chain, operator.key, await kinds.anchor.call(network.checkpoint())));
  await does(sendCall(chain, operator.key, await kinds.announce.call(payload)));
  for (let i = 0; i < 3; i++) await chain.mine();

  const money = { disputeWindowS: WINDOW_S, holdMaxS: 3_600, afterHold: 'pay' } as Agreement['money'];
  const nothing = () => ({ id: '', state: 'queued' }) as OutboxItem;
  const courses = new Courses({
    ...{ chain, contracts, now: () => time.now(), timers: time, policyOf: () => ({ money }) },
    kept: new SettleStore('/ledger/settle.sqlite', new MemoryDisk()),
    outbox: () => ({ enqueue: nothing, retry: nothing }),
  });
  const state = async () => {
    await courses.round(async () => undefined);
    return courses.of(digest.slice(2))?.state;
  };
  courses.follow(digest.slice(2), intent, payload);
  assert.equal(await state(), 'announced');
  const { agreement, obligation } = intent;
  const act = { agreement, obligation, intent: digest, account: payer.address, deadline: NEVER, nonce: 1n };
  await does(sendCall(chain, payer.key, actCall(contracts, { kind: 'hold', ...act }, { intent })));
  assert.equal(await state(), 'held');
  await chain.reorg(1, 'lost');
  await chain.mine();
  assert.equal(await state(), 'announced');
});
