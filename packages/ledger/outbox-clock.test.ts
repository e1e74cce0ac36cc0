// The outbox under clocks that are set: nothing waits for it, and nothing seems to stand still.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LedgerError } from './errors.ts';
import type { OutboxKind } from './outbox-kinds.ts';
import { scene } from './testing/outbox-scene.ts';

for (const isStopped of [false, true])
  test(`a clock set back by an hour${isStopped ? ' while it was stopped' : ''} makes nothing wait for an hour`, async (t) => {
    const { chain, network, open, time } = await scene(t);
    const first = open();
    for (let i = 0; i < 6; i++) chain.failNext('eth_estimateGas');
    network.decide('set back', 5n);
    const { id } = first.enqueue('anchor', network.checkpoint());
    await time.until('it was tried', () => (first.get(id)?.attempts ?? 0) > 3);
    if (isStopped) await first.stop();
    time.set(time.now() - 3_600_000);
    const outbox = isStopped ? open() : first;
    await time.until('it is done', () => outbox.get(id)?.state === 'confirmed', 200_000);
  });

for (const hours of [1, -1])
  test(`a clock that is set by ${hours} h for a moment, in the midst of a try, makes nothing wait for it`, async (t) => {
    const { open, time } = await scene(t);
    const setBy = (by: number) => time.set(time.now() + by * 3_600_000);
    const untimely: OutboxKind<{ key: string }> = {
      ...{ key: ({ key }) => key, lane: () => null, findDone: () => Promise.resolve(undefined) },
      call: () => {
        setBy(hours);
        return Promise.reject(new LedgerError('not-included', 'Not yet.', 'later'));
      },
    };
    let tries = 0;
    const onChange = () => {
      if (++tries > 1) setBy(-hours);
    };
    open({ kinds: { untimely }, onChange }).enqueue('untimely', { key: '1' });
    const sinceMs = time.elapsed();
    await time.until('it is tried again', () => tries > 4, 20_000);
    assert.ok(time.elapsed() - sinceMs >= 3_000, 'It is tried less and less often.');
  });

/** Its try is refused over and over: as the contract says, or by a name that means nothing here. */
function refused(name: string, dueAt: number, tried: () => void): OutboxKind<{ key: string }> {
  return {
    ...{ key: ({ key }) => key, lane: () => null, findDone: () => Promise.resolve(undefined) },
    call: () => {
      tried();
      return Promise.reject(
        new LedgerError('call-refused', `It says ${name}.`, 'later', { revert: { name, args: [], data: '0x' } }),
      );
    },
    retryAt: (revert) => (revert.name === 'TooEarly' ? dueAt : undefined),
  };
}

test('a clock that was an hour ahead while nothing was made, and set back while it was stopped, makes nothing wait', async (t) => {
  const { open, time } = await scene(t);
  let tries = 0;
  const kinds = { untimely: refused('NotConsistent', 0, () => tries++) };
  const first = open({ kinds });
  first.enqueue('untimely', { key: '1' });
  time.set(time.now() + 3_600_000);
  await time.until('it was tried under it', () => tries > 4);
  await first.stop();
  time.set(time.now() - 3_600_000);
  const before = tries;
  open({ kinds });
  await time.pass(120_000);
  assert.ok(tries > before, 'It is not tried again.');
});

test('what was tried a few times under a clock that was ahead is tried as soon again after it was set back', async (t) => {
  const { open, time } = await scene(t);
  let tries = 0;
  const kinds = { untimely: refused('NotConsistent', 0, () => tries++) };
  const first = open({ kinds });
  first.enqueue('untimely', { key: '1' });
  await time.until('it was tried', () => tries === 1);
  // It was made before: nothing shows at the start that the clock was ahead.
  time.set(time.now() + 240_000);
  await time.until('it was tried under it', () => tries === 3);
  await first.stop();
  time.set(time.now() - 240_000);
  open({ kinds });
  await time.pass(5_000);
  assert.ok(tries > 3, 'It waits for a minute.');
});

test('what waits for a time that its contract named does so after a restart, too', async (t) => {
  const { open, time } = await scene(t);
  const dueAt = time.now() + 1_800_000;
  const times: number[] = [];
  const kinds = { due: refused('TooEarly', dueAt, () => times.push(time.now())) };
  const first = open({ kinds });
  first.enqueue('due', { key: '1' });
  await time.until('it was tried', () => times.length > 0);
  await first.stop();
  open({ kinds });
  await time.until('it was tried again', () => times.length > 1, 2_000_000);
  assert.ok((times[1] as number) >= dueAt, 'It is tried too early.');
});

for (const isStopped of [false, true])
  test(`a clock set forward by an hour${isStopped ? ', or an hour in which it was off,' : ''} is no stall; standing still after it is`, async (t) => {
    const { network, chain, open, time } = await scene(t);
    const standing = { ...chain, finalBlock: async () => -1n };
    const over = { chain: standing, stallMs: 300_000 };
    const first = open(over);
    network.decide('set forward', 1n);
    const { id } = first.enqueue('anchor', network.checkpoint());
    await time.until('it is sent', () => first.get(id)?.state === 'submitted');
    if (isStopped) await first.stop();
    time.set(time.now() + 3_600_000);
    const outbox = isStopped ? open(over) : first;
    assert.equal(outbox.problem, undefined, 'before it looked at the clock again');
    await time.pass(280_000);
    assert.equal(outbox.problem, undefined);
    assert.equal(outbox.get(id)?.attempts, 0, 'A block holds it: it is not sent anew.');
    await time.pass(30_000);
    assert.match(outbox.problem ?? '', /has not got further for \d+ min: No final block holds it/);
  });

test('a clock set forward does not make a transaction look stuck', async (t) => {
  const { network, chain, open, time } = await scene(t);
  const outbox = open();
  network.decide('held', 1n);
  chain.holdNext(1);
  const { id } = outbox.enqueue('anchor', network.checkpoint());
  await time.until('it is sent', () => outbox.get(id)?.state === 'submitted');
  time.set(time.now() + 3_600_000);
  await time.pass(2_000);
  assert.equal(outbox.get(id)?.state, 'submitted');
  assert.equal(outbox.get(id)?.attempts, 0);
});
