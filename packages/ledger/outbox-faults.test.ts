// The outbox over a chain in memory that forgets, delays, fails and reorganises; time is virtual.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findSettlement } from './agreements.ts';
import { latestAnchor } from './checkpoints.ts';
import { LedgerError } from './errors.ts';
import { callKind, type OutboxKind } from './outbox-kinds.ts';
import { ORIGIN } from './testing/network.ts';
import { scene } from './testing/outbox-scene.ts';
import { minedNonce } from './transactions.ts';

test('a payment whose block is taken back is sent again, and paid once', async (t) => {
  const { chain, network, open, paid, time } = await scene(t, { confirmations: 3 });
  const outbox = open();
  const payload = network.decide('taken back', 5n);
  const anchor = outbox.enqueue('anchor', network.checkpoint());
  await time.pass(1_000);
  await chain.mine();
  await chain.mine();
  await time.pass(1_000);
  assert.equal(outbox.get(anchor.id)?.state, 'confirmed');
  const { id } = outbox.enqueue('settle', payload);
  await time.pass(1_000);
  const first = await findSettlement(
    chain,
    network.contracts,
    network.agreement,
    network.intentFor('taken back', 5n).obligation,
  );
  assert.ok(first);
  assert.equal(outbox.get(id)?.state, 'submitted'); // in a block, not in a final one
  await chain.reorg(1, 'lost');
  assert.deepEqual(await paid(), []);
  await time.until('paid again', async () => (await paid()).length === 1);
  await chain.mine();
  await chain.mine();
  await time.until('confirmed', () => outbox.get(id)?.state === 'confirmed');
  assert.equal((await paid()).length, 1);
});

test('what another intent paid is not said to be paid by this one', async (t) => {
  const { network, open, paid, time } = await scene(t);
  const outbox = open();
  const mine = network.decide('one of two', 5n);
  const other = network.decide('one of two', 6n);
  outbox.enqueue('anchor', network.checkpoint());
  const theirs = open({ file: ':memory:' });
  const first = theirs.enqueue('settle', other);
  await time.until('the other is paid', () => theirs.get(first.id)?.state === 'confirmed');
  const { id } = outbox.enqueue('settle', mine);
  await time.until('refused', () => outbox.get(id)?.state === 'refused');
  assert.equal((await paid()).length, 1);
});

test('a transaction that the chain took and forgot is sent again', async (t) => {
  const { chain, network, open, paid, time } = await scene(t);
  const outbox = open();
  const payload = network.decide('forgotten', 5n);
  chain.dropNext(2);
  outbox.enqueue('anchor', network.checkpoint());
  const { id } = outbox.enqueue('settle', payload);
  await time.until('paid', () => outbox.get(id)?.state === 'confirmed');
  assert.equal((await paid()).length, 1);
});

test('a transaction that no block takes is signed again after a while, and paid once', async (t) => {
  const { chain, network, open, paid, time } = await scene(t);
  const outbox = open();
  const payload = network.decide('held', 5n);
  outbox.enqueue('anchor', network.checkpoint());
  await time.pass(2_000);
  chain.holdNext(1);
  const { id } = outbox.enqueue('settle', payload);
  await time.pass(100_000);
  assert.equal(outbox.get(id)?.state, 'submitted');
  assert.deepEqual(await paid(), []);
  await time.pass(30_000);
  assert.equal(outbox.get(id)?.attempts, 1);
  await time.until('paid', () => outbox.get(id)?.state === 'confirmed');
  assert.equal((await paid()).length, 1);
});

test('whichever request fails, as if the connection were lost, everything is done once', async (t) => {
  const { chain, network, open, paid, time } = await scene(t);
  const outbox = open();
  let failed = 0;
  for (let at = 0; at < 24; at++) {
    const payload = network.decide(`failing ${at}`, 1n);
    outbox.enqueue('anchor', network.checkpoint());
    const { id } = outbox.enqueue('settle', payload);
    let left = at;
    const { request } = chain;
    Object.assign(chain, {
      request: (call: { method: string }) => {
        if (left-- === 0) {
          failed++;
          chain.failNext(call.method);
        }
        return request(call);
      },
    });
    await time.until('paid', () => outbox.get(id)?.state === 'confirmed');
    Object.assign(chain, { request });
    assert.equal((await paid()).length, at + 1);
  }
  assert.ok(failed >= 15, `${failed} requests failed`);
  await time.pass(10_000);
  assert.equal(outbox.problem, undefined);
});

test('one item that cannot be made a call of does not hold up the others', async (t) => {
  const { network, open, time } = await scene(t);
  const broken: OutboxKind<{ key: string }> = {
    ...callKind([]),
    lane: () => null,
    key: ({ key }) => key,
    findDone: () => Promise.resolve(undefined),
    call: () => Promise.reject(new TypeError('This has no such size.')),
  };
  const outbox = open({ kinds: { ...network.kinds, broken }, stallMs: 60_000 });
  const { id } = outbox.enqueue('broken', { key: '1' });
  const anchor = outbox.enqueue('anchor', { ...network.checkpoint(), size: 'x' as never, origin: 'elsewhere' });
  network.decide('behind', 5n);
  const behind = outbox.enqueue('anchor', network.checkpoint());
  await time.until('sent', () => outbox.get(behind.id)?.state === 'confirmed', 5_000);
  for (const one of [id, anchor.id]) assert.equal(outbox.get(one)?.state, 'queued');
  assert.match(outbox.get(id)?.error ?? '', /no such size/);
  assert.equal(outbox.problem, undefined);
  await time.pass(70_000);
  assert.match(outbox.problem ?? '', /broken:1 has not got further for 1 min: This has no such size/);
});

test('anchors that wait give way to the newest, in their place; what is sent stays', async (t) => {
  const { network, open, time, until, chain } = await scene(t, { blocks: 'each' });
  chain.holdNext(1);
  const outbox = open();
  const payloads = Array.from({ length: 40 }, (_, i) => network.decide(`anchored ${i}`, 1n));
  const sent = outbox.enqueue('anchor', network.checkpoint(1));
  await time.pass(100);
  assert.equal(outbox.get(sent.id)?.state, 'submitted');
  for (const payload of payloads.slice(0, 3)) outbox.enqueue('settle', payload);
  const places: number[] = [];
  for (let size = 2; size <= 40; size++) {
    const { id } = outbox.enqueue('anchor', network.checkpoint(size));
    outbox.enqueue('settle', payloads[size - 1]);
    assert.equal(id, `anchor:${ORIGIN}:${size}`);
    places.push(outbox.list('queued', 1_000).findIndex((item) => item.id === id));
  }
  const anchors = () =>
    [...outbox.list('queued', 1_000), ...outbox.list('submitted', 1_000)].filter(({ kind }) => kind === 'anchor');
  assert.deepEqual(
    anchors().map(({ id }) => id),
    [`anchor:${ORIGIN}:40`, sent.id],
  );
  // Behind the three payments before it, however many came after: a place that others cannot keep taking away.
  assert.equal(outbox.list('queued', 1_000).length - 1 - (places.at(-1) as number), 3);
  // One that is covered is not queued at all.
  assert.equal(outbox.enqueue('anchor', network.checkpoint(30)).id, `anchor:${ORIGIN}:40`);
  await chain.mine();
  await until('all paid', () => outbox.counts().queued + outbox.counts().submitted === 0);
  assert.equal(outbox.counts().confirmed, 40 + 2);
  assert.equal(outbox.counts().refused, 0);
  assert.equal((await latestAnchor(chain, network.contracts, ORIGIN))?.size, 40n);
  assert.equal(outbox.enqueue('anchor', network.checkpoint(30)).state, 'confirmed');
});

test('what stands still is a problem after a stated time, and none once it moves', async (t) => {
  const { network, chain, open, time } = await scene(t);
  let final = -1n;
  const standing = { ...chain, finalBlock: async () => (final < 0n ? final : chain.finalBlock()) };
  const outbox = open({ chain: standing, stallMs: 60_000 });
  network.decide('standing', 1n);
  const { id } = outbox.enqueue('anchor', network.checkpoint());
  await time.pass(50_000);
  assert.equal(outbox.get(id)?.state, 'submitted');
  assert.equal(outbox.problem, undefined);
  await time.pass(30_000);
  assert.match(outbox.problem ?? '', /has not got further for 1 min: No final block holds it/);
  final = 0n;
  await time.pass(1_000);
  assert.equal(outbox.get(id)?.state, 'confirmed');
  assert.equal(outbox.problem, undefined);
});

test('what a contract says is not due yet, or is held by people, is no problem', async (t) => {
  const { open, time } = await scene(t);
  const dueAt = time.now() + 1_800_000;
  const refused = (name: string): OutboxKind<{ key: string }> => ({
    ...{ key: ({ key }) => key, lane: () => null, findDone: () => Promise.resolve(undefined) },
    call: () =>
      Promise.reject(
        new LedgerError('call-refused', `It says ${name}.`, 'later', { revert: { name, args: [], data: '0x' } }),
      ),
    retryAt: (revert) => (revert.name === 'TooEarly' ? dueAt : undefined),
    waitsFor: ['OnHold'],
  });
  const kinds = { due: refused('TooEarly'), held: refused('OnHold'), poor: refused('Underfunded') };
  const outbox = open({ kinds, stallMs: 60_000 });
  const due = outbox.enqueue('due', { key: '1' });
  outbox.enqueue('held', { key: '1' });
  await time.pass(1_200_000);
  assert.equal(outbox.problem, undefined);
  assert.equal(outbox.get(due.id)?.nextAttemptAt, dueAt);
  const { id } = outbox.enqueue('poor', { key: '1' });
  await time.pass(120_000);
  assert.match(outbox.problem ?? '', /poor:1 has not got further for 2 min: It says Underfunded/);
  assert.equal(outbox.get(id)?.state, 'queued');
});

test('a listener that throws stops nothing, and is named', async (t) => {
  const { network, open, time } = await scene(t);
  const outbox = open({
    onChange: () => {
      throw new Error('The disk of the listener is full.');
    },
  });
  network.decide('heard', 1n);
  const { id } = outbox.enqueue('anchor', network.checkpoint());
  await time.until('sent', () => outbox.get(id)?.state === 'confirmed', 5_000);
  assert.match(outbox.problem ?? '', /listener is full/);
});

test('a chain that does not answer is the problem, not the items; with nothing to do nothing is asked', async (t) => {
  const { network, chain, open, time } = await scene(t);
  const outbox = open();
  await time.pass(1_000);
  let asked = 0;
  const { request } = chain;
  Object.assign(chain, {
    request: () => {
      asked++;
      return Promise.reject(new Error('The connection is lost.'));
    },
  });
  await time.pass(600_000);
  assert.equal(asked, 0);
  network.decide('unanswered', 1n);
  const { id } = outbox.enqueue('anchor', network.checkpoint());
  await time.pass(60_000);
  assert.equal(outbox.problem, 'The connection is lost.');
  assert.equal(outbox.get(id)?.attempts, 0);
  Object.assign(chain, { request });
  await time.until('sent', () => outbox.get(id)?.state === 'confirmed', 5_000);
  assert.equal(outbox.problem, undefined);
});

/** Small seeded generator (mulberry32). */
function random(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

for (const seed of [1, 2, 3, 4].map((n) => n + Number(process.env.SEED ?? 0)))
  test(`faults of every kind, restarts included: every obligation is paid once (seed ${seed})`, async (t) => {
    const { network, chain, open, paid, time } = await scene(t, { blocks: 'called', confirmations: 4 });
    const next = random(seed);
    const OBLIGATIONS = 12;
    let outbox = open();
    const ids: string[] = [];
    for (let step = 0; step < 600; step++) {
      const what = next();
      if (ids.length < OBLIGATIONS && what < 0.2) {
        const payload = network.decide(`obligation ${ids.length}`, 1n);
        outbox.enqueue('anchor', network.checkpoint());
        ids.push(outbox.enqueue('settle', payload).id);
      } else if (what < 0.25) chain.dropNext();
      else if (what < 0.3) chain.failNext();
      else if (what < 0.33) {
        const newest = BigInt((await chain.request({ method: 'eth_blockNumber' }).catch(() => '0x0')) as string);
        const above = Number(newest - (await chain.finalBlock()));
        if (above > 0) await chain.reorg(1 + Math.floor(next() * above), next() < 0.5 ? 'wait' : 'lost');
      } else if (what < 0.39) {
        await outbox.stop();
        outbox = open();
      } else if (what < 0.7) await chain.mine();
      await time.pass(next() * 2_000);
      if (ids.length === OBLIGATIONS && ids.every((id) => outbox.get(id)?.state === 'confirmed')) break;
    }
    await time.until('all confirmed', async () => {
      await chain.mine();
      return ids.every((id) => outbox.get(id)?.state === 'confirmed');
    });
    const standing = await paid();
    assert.equal(standing.length, OBLIGATIONS);
    assert.equal(new Set(standing).size, OBLIGATIONS);
    assert.equal(outbox.counts().refused, 0);
    assert.ok((await minedNonce(chain, network.operator.address)) > OBLIGATIONS);
  });
