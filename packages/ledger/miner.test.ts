import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Miner, STALL_MS } from './miner.ts';
import { VirtualTime } from './testing/virtual-time.ts';

/** The side of the chain that the miner sees: a pool, blocks, copies. Answers take a few turns, or time. */
class FakeChain {
  readonly time = new VirtualTime();
  readonly blocks: { time: number; transactions: string[] }[] = [{ time: 0, transactions: [] }];
  pool: string[] = [];
  saved = -1n;
  /** most transactions a block has room for */
  room = Number.POSITIVE_INFINITY;
  failing: string | undefined;
  copies = 0;
  latencyMs = 0;

  request = async ({ method, params }: { method: string; params?: unknown }): Promise<unknown> => {
    if (this.latencyMs > 0) await new Promise<void>((resolve) => this.time.setTimeout(resolve, this.latencyMs));
    if (this.failing === method) throw new Error(`${method} failed`);
    const number = this.blocks.length - 1;
    const { time, transactions } = this.blocks[number] as (typeof this.blocks)[number];
    switch (method) {
      case 'eth_getBlockByNumber':
        return { number: `0x${number.toString(16)}`, timestamp: `0x${time.toString(16)}`, transactions };
      case 'eth_blockNumber':
        return `0x${number.toString(16)}`;
      case 'txpool_status':
        return { pending: `0x${this.pool.length.toString(16)}`, queued: '0x0' };
      case 'anvil_dumpState':
        this.copies++;
        return '0x00';
      case 'evm_mine': {
        const [{ timestamp }] = params as [{ timestamp: number }];
        if (timestamp <= time) throw new Error('a block is not older than the one before');
        this.blocks.push({ time: timestamp, transactions: this.pool.splice(0, this.room) });
        return '0x0';
      }
      default:
        throw new Error(`unexpected ${method}`);
    }
  };

  get newest(): bigint {
    return BigInt(this.blocks.length - 1);
  }

  start(intervalMs: number): Promise<Miner> {
    const save = (block: bigint) => {
      if (this.failing === 'save') throw new Error('no space left on device');
      this.saved = block;
    };
    return Miner.start({ request: this.request, save, intervalMs, clock: this.time, timers: this.time });
  }
}

type Deed = 'send' | 'refresh';

/** Lets one micro-turn pass at a time and time only where nothing else is left to do; does each deed at its turn. */
async function play(chain: FakeChain, miner: Miner, deeds: ReadonlyMap<number, readonly Deed[]>, turns: number) {
  let refreshed = 0;
  let asked = 0;
  for (let turn = 0; turn < turns; turn++) {
    for (const deed of deeds.get(turn) ?? []) {
      if (deed === 'send') {
        chain.pool.push(`transaction ${turn}`);
        miner.wanted();
      } else {
        asked++;
        void miner.refresh().then(() => refreshed++);
      }
    }
    await undefined;
    if (turn % 16 === 15) chain.time.fire();
  }
  while (chain.time.fire()) for (let i = 0; i < 32; i++) await undefined;
  for (let i = 0; i < 32; i++) await undefined;
  return asked - refreshed;
}

test('whatever is wanted at whichever turn is in a block, and the newest block is durable in the end', async () => {
  const TURNS = 112;
  let runs = 0;
  for (const [second, third] of [
    ['send', 'send'],
    ['send', 'refresh'],
    ['refresh', 'send'],
    ['refresh', 'refresh'],
  ] as const)
    for (let at = 0; at < TURNS; at++)
      for (let then = at; then < Math.min(TURNS, at + 24); then++) {
        const chain = new FakeChain();
        const miner = await chain.start(0);
        chain.time.set(chain.time.now() + 5_000);
        const deeds = new Map<number, Deed[]>([[0, ['send']]]);
        for (const [turn, deed] of [
          [at, second],
          [then, third],
        ] as const)
          deeds.set(turn, [...(deeds.get(turn) ?? []), deed]);
        const unanswered = await play(chain, miner, deeds, TURNS);
        const what = `send at 0, ${second} at ${at}, ${third} at ${then}`;
        assert.equal(chain.pool.length, 0, `in a block: ${what}`);
        assert.equal(miner.durableBlock, chain.newest, `durable: ${what}`);
        assert.equal(unanswered, 0, `refreshed: ${what}`);
        runs++;
      }
  assert.ok(runs > 9_000);
});

test('a block that was made for a refresh alone becomes durable without another transaction', async () => {
  const chain = new FakeChain();
  const miner = await chain.start(1_000);
  await miner.refresh();
  await chain.time.pass(5_000);
  assert.equal(chain.newest, 1n);
  assert.equal(miner.durableBlock, 1n);
});

test('who asks for a fresh block while it is being made gets that one', async () => {
  const chain = new FakeChain();
  const miner = await chain.start(1_000);
  chain.latencyMs = 20;
  const both = [miner.refresh(), miner.refresh()];
  await chain.time.pass(500);
  await Promise.all(both);
  assert.equal(chain.newest, 1n);
});

test('what finds no room in a block gets another; what never comes in gets no blocks without end', async () => {
  const chain = new FakeChain();
  const miner = await chain.start(1_000);
  chain.room = 2;
  chain.pool = ['a', 'b', 'c', 'd', 'e'];
  miner.wanted();
  await chain.time.pass(60_000);
  assert.deepEqual(
    chain.blocks.slice(1).map(({ transactions }) => transactions.length),
    [2, 2, 1],
  );
  chain.room = 0;
  chain.pool = ['f'];
  miner.wanted();
  await chain.time.pass(60_000);
  assert.equal(chain.newest, 4n);
});

test('at most one block an interval, and a clock set back does not stop them', async () => {
  const chain = new FakeChain();
  const miner = await chain.start(1_000);
  const send = async (times: number) => {
    for (let i = 0; i < times; i++) {
      chain.pool.push('x');
      miner.wanted();
      await chain.time.pass(100);
    }
  };
  await send(100);
  assert.ok(chain.newest >= 9n && chain.newest <= 11n, `${chain.newest} blocks in 10 s`);
  const before = chain.newest;
  chain.time.set(chain.time.now() - 3_600_000);
  await send(100);
  assert.ok(chain.newest >= before + 9n, `${chain.newest - before} blocks in 10 s`);
  await chain.time.pass(5_000);
  assert.equal(miner.durableBlock, chain.newest);
});

test('a clock set forward while a block is under way is no stall, and makes no block and no copy slow', async () => {
  const chain = new FakeChain();
  const miner = await chain.start(1_000);
  chain.latencyMs = 200;
  const set = (byMs: number) => chain.time.set(chain.time.now() + byMs);
  for (const byMs of [3_600_000, -3_600_000, 3_600_000]) {
    chain.pool.push('x');
    miner.wanted();
    await chain.time.pass(1_100);
    set(byMs);
    assert.equal(miner.problem(), undefined);
    await chain.time.pass(5_000);
    assert.equal(miner.problem(), undefined);
    assert.equal(miner.figures().outgrown, false);
    assert.ok(miner.figures().blockMs >= 0);
  }
  assert.equal(miner.durableBlock, chain.newest);
});

for (const failing of ['evm_mine', 'eth_getBlockByNumber', 'anvil_dumpState', 'save'])
  test(`after a failure of ${failing} it is tried again; one that lasts is a problem, until it passes`, async () => {
    const chain = new FakeChain();
    const miner = await chain.start(1_000);
    chain.failing = failing;
    chain.pool = ['a'];
    miner.wanted();
    await chain.time.pass(STALL_MS / 2);
    assert.equal(miner.problem(), undefined);
    await chain.time.pass(STALL_MS);
    assert.match(
      miner.problem() ?? '',
      failing === 'save' ? /not saved.*no space left/ : new RegExp(`${failing} failed`),
    );
    chain.failing = undefined;
    await chain.time.pass(5_000);
    assert.equal(miner.problem(), undefined);
    assert.equal(chain.pool.length, 0);
    assert.equal(miner.durableBlock, chain.newest);
    await miner.stop();
    assert.equal(chain.time.waiting, 0);
  });

test('a refresh that fails says so to whoever asked, and the next one works', async () => {
  const chain = new FakeChain();
  const miner = await chain.start(1_000);
  chain.failing = 'evm_mine';
  await assert.rejects(miner.refresh(), /evm_mine failed/);
  chain.failing = undefined;
  const refreshed = miner.refresh();
  await chain.time.pass(1_000);
  await refreshed;
  assert.equal(miner.durableBlock, 1n);
});

test('stopping makes the last block and copy, and nothing after it', async () => {
  const chain = new FakeChain();
  const miner = await chain.start(1_000);
  chain.pool = ['a'];
  miner.wanted();
  await chain.time.pass(0);
  chain.pool.push('b');
  miner.wanted();
  await miner.stop();
  assert.equal(chain.pool.length, 0);
  assert.equal(chain.saved, chain.newest);
  miner.wanted();
  chain.time.set(chain.time.now() + 10_000);
  await assert.rejects(miner.refresh(), { problem: 'chain-stopped' });
  assert.equal(chain.time.waiting, 0);
});
