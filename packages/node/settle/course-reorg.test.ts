// What is pending, on a chain that takes blocks back.
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { actCall, NEVER } from '@trine/ledger/acts.ts';
import { type SettlePayload, settlePayload } from '@trine/ledger/outbox-kinds.ts';
import type { OutboxItem } from '@trine/ledger/outbox-store.ts';
import { ORIGIN } from '@trine/ledger/testing/network.ts';
import { scene as founded } from '@trine/ledger/testing/outbox-scene.ts';
import { sendCall } from '@trine/ledger/transactions.ts';
import { type Agreement, hexOf, type Intent, intentDigest, intentLeaf, signDigest, ZERO_HASH } from '@trine/protocol';
import { MemoryDisk } from '@trine/system/testing/memory-disk.ts';
import { Courses } from './course.ts';
import { SettleStore } from './settle-store.ts';

const WINDOW_S = 3_600;

/** An agreement with time to object on a chain whose blocks are final once two more stand on them, and what follows its orders. */
async function scene(t: TestContext) {
  const { time, chain, network } = await founded(t, { confirmations: 3 }, BigInt(WINDOW_S));
  const does = async <T>(work: Promise<T>): Promise<T> => {
    let isDone = false;
    const done = work.finally(() => {
      isDone = true;
    });
    while (!isDone) await time.pass(100);
    return done;
  };
  const { contracts, operator, decider, log, kinds, intentFor } = network;
  const intents: Intent[] = [];
  /** @param replaces the order whose place it takes */
  const orders = (amount: bigint, replaces?: Intent): { intent: Intent; payload: SettlePayload } => {
    const intent = { ...intentFor('held', amount), supersedes: replaces ? intentDigest(replaces) : ZERO_HASH };
    intents.push(intent);
    log.append(intentLeaf(intent));
    const signatures = [signDigest(intentDigest(intent), decider.bytes)];
    return { intent, payload: settlePayload(intent, signatures, ORIGIN, BigInt(log.size - 1), { replaces }) };
  };
  const announces = async ({ payload }: { payload: SettlePayload }) => {
    await does(sendCall(chain, operator.key, await kinds.anchor.call(network.checkpoint())));
    await does(sendCall(chain, operator.key, await kinds.announce.call(payload)));
  };
  const final = async () => {
    for (let i = 0; i < 3; i++) await chain.mine();
  };
  const money = { disputeWindowS: WINDOW_S, holdMaxS: 3_600, afterHold: 'pay' } as Agreement['money'];
  const nothing = () => ({ id: '', state: 'queued' }) as OutboxItem;
  const courses = new Courses({
    ...{ chain, contracts, now: () => time.now(), timers: time, policyOf: () => ({ money }) },
    kept: new SettleStore('/ledger/settle.sqlite', new MemoryDisk()),
    outbox: () => ({ enqueue: nothing, retry: nothing }),
    intentOf: async (digest) => intents.find((intent) => intentDigest(intent) === hexOf(digest)),
  });
  const stateOf = async (intent: Intent) => {
    await courses.round(async () => undefined);
    return courses.of(intentDigest(intent).slice(2))?.state;
  };
  return { chain, network, does, orders, announces, final, courses, stateOf };
}

test('a hold that is taken back with its block is gone, though the chain is as high again', async (t) => {
  const { chain, network, does, orders, announces, final, courses, stateOf } = await scene(t);
  const { contracts, payer } = network;
  const order = orders(10n);
  const { intent } = order;
  await announces(order);
  await final();
  courses.follow(intentDigest(intent).slice(2), intent, order.payload);
  assert.equal(await stateOf(intent), 'announced');
  const { agreement, obligation } = intent;
  const about = { agreement, obligation, intent: intentDigest(intent) };
  const act = { kind: 'hold', ...about, account: payer.address, deadline: NEVER, nonce: 1n } as const;
  await does(sendCall(chain, payer.key, actCall(contracts, act, { intent })));
  assert.equal(await stateOf(intent), 'held');
  await chain.reorg(1, 'lost');
  await chain.mine();
  assert.equal(await stateOf(intent), 'announced');
});

test('what is to take the place of an order that takes one itself waits for it, though that is not final', async (t) => {
  const { orders, announces, final, courses, stateOf } = await scene(t);
  const first = orders(10n);
  await announces(first);
  await final();
  const second = orders(5n, first.intent);
  await announces(second);
  const third = orders(7n, second.intent);
  const other = orders(8n, first.intent);
  const lapse = ({ intent }: { intent: Intent }) => courses.lapse(intentDigest(intent).slice(2), intent);
  for (const one of [third, other]) await lapse(one);
  assert.deepEqual([await stateOf(third.intent), await stateOf(other.intent)], [undefined, undefined]);
  await final();
  for (const one of [first, third, other]) await lapse(one);
  assert.deepEqual([await stateOf(third.intent), await stateOf(other.intent)], [undefined, 'replaced']);
  await announces(third);
  await final();
  await lapse(third);
  assert.equal(await stateOf(third.intent), undefined);
});
