// A second decider that crashes, whose disk is full, or that is answered nothing of use.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { keptIn, peerOf, secondDecider } from '../testing/co-deciding.ts';
import { Scene, words } from '../testing/ordering.ts';
import type { DeciderPeer } from './co-decider.ts';

test('what it could not keep because its disk was full it judges again, and then says so', async (t) => {
  const scene = await Scene.open(t);
  await scene.owes();
  const { disk } = scene.served.parts.world;
  const now = () => scene.served.node.clock() - 50 * 60_000;
  const { round } = secondDecider(scene.served, keptIn(scene.served), { now });
  const { watch } = disk;
  disk.watch = (operation) => (/INTO closed/.test(operation.sql ?? '') ? 'full' : watch?.(operation));
  const full = await round();
  assert.match(words(full).join(), /^waits: something that nobody expected: ENOSPC/);
  disk.watch = watch;
  const [said, ...more] = await round();
  assert.deepEqual([said?.state, more], ['refused', []]);
  assert.deepEqual(await round(), []);
});

test('a crash between what is remembered and the signature, or before the node has it, loses and doubles nothing', async (t) => {
  const scene = await Scene.open(t);
  const kept = keptIn(scene.served);
  await scene.owes();
  const crash = () => {
    throw new RangeError('The process ended.');
  };
  await assert.rejects(secondDecider(scene.served, kept, { onPromise: crash }).round(), /The process ended/);
  assert.deepEqual(await scene.signatures(), [1]);
  const peer: DeciderPeer = { ...peerOf(scene.served), handIn: crash };
  assert.deepEqual(
    (await secondDecider(scene.served, kept, { peer }).round()).map(({ state }) => state),
    ['waits'],
  );
  assert.deepEqual(
    (await secondDecider(scene.served, kept).round()).map(({ state }) => state),
    ['signed'],
  );
  await scene.served.settling.settle();
  assert.equal((await scene.served.does(scene.served.parts.store.query('SELECT * FROM settlements'))).length, 1);
  assert.deepEqual(await secondDecider(scene.served, kept).round(), []);
});

test('whatever node and chain answer, nothing is signed on it, and it goes on: once they speak again it signs', async (t) => {
  const scene = await Scene.open(t);
  const { served } = scene;
  await scene.owes();
  const { chain } = served.node.genesis;
  const answers: (() => unknown)[] = [
    () => null,
    () => undefined,
    () => '0x',
    () => 'junk',
    () => ({}),
    () => [],
    () => assert.fail('a fault that nobody thought of'),
  ];
  let answer = answers[0];
  const kept = keptIn(served);
  const own = peerOf(served);
  const isLying = () => answer !== undefined;
  const { round } = secondDecider(served, kept, {
    chain: { ...chain, request: async (call) => (answer ? answer() : chain.request(call)) },
    peer: { ...own, bodies: async (...asked) => (isLying() ? (answer?.() as never) : own.bodies(...asked)) },
  });
  for (answer of answers) {
    const said = await round();
    assert.deepEqual(
      said.map(({ state }) => state),
      ['waits'],
      said[0]?.words,
    );
  }
  answer = undefined;
  assert.deepEqual(
    (await round()).map(({ state }) => state),
    ['signed'],
  );
});
